//! Ledgers of the store that were checked already, for those who ask of them again.
//!
//! In: a version's content, a scenario, the checked ledger. Out: the same, while there is
//! room. Versions never change, and the content's sum is the key, so nothing here can be
//! old; whether the version still exists, and whose it is, the store says at each call
//! before. Must not know calls. Rejected: keeping plans too (an answer depends on options
//! and on the clock), and keeping what callers send (whoever asks twice stores it).

use std::sync::Arc;

use concentric_matcher::ValidLedger;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Ledgers that are expected at a time.
const EXPECTED: usize = 64;

/// Tenant, sum of the content, scenario or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub tenant: String,
    pub blob: String,
    pub scenario: String,
}

/// A checked ledger and the bytes it was read from.
type Held = (Arc<ValidLedger>, u64);

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Held> for Bytes {
    fn weight(&self, _: &Key, held: &Held) -> u64 {
        held.1.max(1)
    }
}

/// The ledgers.
pub(super) struct Kept(Cache<Key, Held, Bytes>);

impl Kept {
    /// Room for ledgers that are stored in so many bytes together; 0: none.
    pub(super) fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Kept(Cache::with_weighter(EXPECTED, bytes, Bytes)))
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<ValidLedger>> {
        self.0.get(key).map(|(valid, _)| valid)
    }

    pub(super) fn put(&self, key: Key, valid: Arc<ValidLedger>, bytes: usize) {
        self.0.insert(key, (valid, bytes as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Key};
    use concentric_matcher::validate::validate;
    use std::sync::Arc;

    fn key(k: usize) -> Key {
        Key { tenant: "t".into(), blob: k.to_string(), scenario: String::new() }
    }

    #[test]
    fn what_has_no_room_is_not_kept() {
        let ledger = concentric_testkit::domain::ledger(50, 1);
        let Ok(valid) = validate(ledger).map(Arc::new) else {
            panic!("generated ledgers are valid")
        };
        let (none, some) = (Kept::new(0), Kept::new(10_000));
        for k in 0..100 {
            none.put(key(k), valid.clone(), 1_000);
            some.put(key(k), valid.clone(), 1_000);
        }
        let count = |kept: &Kept| (0..100).filter(|&k| kept.get(&key(k)).is_some()).count();
        assert_eq!(count(&none), 0);
        assert!((1..=10).contains(&count(&some)), "{}", count(&some));
        let other = Key { tenant: "u".into(), ..key(99) };
        assert!(some.get(&other).is_none(), "of another tenant");
    }
}
