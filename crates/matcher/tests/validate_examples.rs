//! The published example ledgers pass every rule.

use concentric_matcher::ledger::Ledger;
use concentric_matcher::validate::validate;

#[test]
fn every_example_is_valid() {
    for name in ["yixin", "lizhou", "luotang", "checkin", "xijindu"] {
        let path = format!(
            "{}/../../examples/ledgers/{name}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).unwrap();
        let ledger: Ledger = serde_json::from_str(&text).unwrap();
        match validate(ledger) {
            Ok(valid) => println!(
                "{name}: {} notices {}",
                valid.notices().len(),
                valid.digest()
            ),
            Err(issues) => {
                for i in &issues {
                    println!("{i}");
                }
                panic!("{name}: {} issues", issues.len());
            }
        }
    }
}
