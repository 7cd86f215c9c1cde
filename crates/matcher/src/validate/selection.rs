//! Whether a limit speaks of one (offer, need).
//!
//! In: one arc and the words of a limit. Out: yes or no. Must not be used for whole
//! ledgers: it compares words arc by arc, which is right for the few locks that
//! validation asks about and far too slow for all arcs.

use super::tables::{NONE, TreeNode, ValidLedger};
use crate::ledger::{DemandSelector, Limit, OneOrMany, SupplySelector};

/// Whether `limit` selects the arc of `offer` and `need`. Keys are ANDed, words ORed.
pub(super) fn selects(valid: &ValidLedger, limit: &Limit, offer: u32, need: u32) -> bool {
    supplies(valid, &limit.supply, offer) && demands(valid, &limit.demand, need)
}

fn allows(words: Option<&OneOrMany>, test: impl Fn(&str) -> bool) -> bool {
    words.is_none_or(|words| words.words().iter().any(|word| test(word)))
}

fn supplies(valid: &ValidLedger, keys: &SupplySelector, offer: u32) -> bool {
    let record = &valid.ledger().offers[offer as usize];
    let Some(unit) = valid.ledger().units.get(valid.offers()[offer as usize].unit as usize) else {
        return false;
    };
    allows(keys.offer.as_ref(), |word| word == record.id)
        && allows(keys.unit.as_ref(), |word| word == unit.id)
        && allows(keys.unit_kind.as_ref(), |word| word == unit.kind)
        && allows(keys.unit_group.as_ref(), |word| Some(word) == unit.group.as_deref())
        && allows(keys.unit_tag.as_ref(), |word| unit.tags.iter().any(|tag| tag == word))
}

/// Whether the words about needs select `need`.
pub(super) fn demands(valid: &ValidLedger, keys: &DemandSelector, need: u32) -> bool {
    let ledger = valid.ledger();
    let record = &ledger.needs[need as usize];
    let row = &valid.needs()[need as usize];
    let periods = ledger.periods.get(row.from as usize..=row.to as usize).unwrap_or(&[]);
    allows(keys.need.as_ref(), |word| word == record.id)
        && allows(keys.kind.as_ref(), |word| word == record.kind.as_str())
        && allows(keys.measure.as_ref(), |word| Some(word) == record.measure.as_deref())
        && allows(keys.audience.as_ref(), |word| word == record.audience)
        && allows(keys.period.as_ref(), |word| periods.iter().any(|p| p.id == word))
        && allows(keys.category.as_ref(), |word| {
            any_above(valid.categories(), row.category, |at| ledger.categories[at].id == word)
        })
        && allows(keys.place.as_ref(), |word| {
            any_above(valid.places(), row.place, |at| ledger.places[at].id == word)
        })
        && allows(keys.place_tag.as_ref(), |word| {
            let tagged = |at: usize| ledger.places[at].tags.iter().any(|tag| tag == word);
            any_above(valid.places(), row.place, tagged)
        })
}

/// Whether `test` holds for the node or one of its ancestors.
fn any_above(nodes: &[TreeNode], start: u32, test: impl Fn(usize) -> bool) -> bool {
    let mut at = start;
    while at != NONE {
        if test(at as usize) {
            return true;
        }
        at = nodes[at as usize].parent;
    }
    false
}
