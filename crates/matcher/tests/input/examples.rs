//! The published example ledgers pass every rule, and survive being written.

use concentric_matcher::io::{load, read_ledger, write_ledger};

const NAMES: [&str; 5] = ["yixin", "lizhou", "luotang", "checkin", "xijindu"];

pub fn text(name: &str) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read(format!("{root}/../../examples/ledgers/{name}.json")).unwrap()
}

#[test]
fn every_example_loads_without_issues() {
    for name in NAMES {
        let valid = load(&text(name)).unwrap_or_else(|issues| panic!("{name}: {}", issues[0]));
        assert_eq!(valid.ledger().id.as_deref(), Some(name));
        assert_eq!(valid.offers().len(), valid.ledger().offers.len());
        for notice in valid.notices() {
            assert!(notice.path.starts_with("projects["), "{name}: {notice}");
        }
    }
}

#[test]
fn what_is_written_is_read_back() {
    for name in NAMES {
        let ledger = read_ledger(&text(name)).unwrap();
        let written = write_ledger(&ledger);
        assert_eq!(read_ledger(written.as_bytes()).unwrap(), ledger, "{name}");
        assert_eq!(write_ledger(&ledger), written);
    }
}

/// The canonical ledger is itself a ledger, equal to its own canonical form.
#[test]
fn the_canonical_form_is_a_fixed_point() {
    for name in NAMES {
        let valid = load(&text(name)).unwrap();
        let written = write_ledger(valid.ledger());
        let again = load(written.as_bytes()).unwrap();
        assert_eq!(again.ledger(), valid.ledger(), "{name}");
        assert_eq!(again.digest(), valid.digest(), "{name}");
        assert_eq!(again.offers(), valid.offers());
        assert_eq!(again.needs(), valid.needs());
    }
}
