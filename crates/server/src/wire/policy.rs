//! Limits, goals and scenarios on the wire.
//!
//! In: records of one side. Out: those of the other. Must not know their rules.

use concentric_matcher::ledger::{
    Delta, DemandSelector, Goal, Limit, OneOrMany, Scenario, SupplySelector, Term,
};
use concentric_proto::v1;

use super::reader::Reader;
use super::traits::{Wire, part, record};

/// One word and a list of one word mean the same and are still told apart.
impl Wire<v1::Words> for OneOrMany {
    fn into_wire(self) -> v1::Words {
        match self {
            OneOrMany::One(word) => v1::Words { any: vec![word], list: false },
            OneOrMany::Many(any) => v1::Words { list: any.len() == 1, any },
        }
    }

    fn from_wire(mut wire: v1::Words, _: &mut Reader) -> Self {
        match wire.any.pop() {
            Some(word) if wire.any.is_empty() && !wire.list => OneOrMany::One(word),
            last => {
                wire.any.extend(last);
                OneOrMany::Many(wire.any)
            }
        }
    }
}

record! { SupplySelector, v1::SupplySelector { unit, unit_kind, unit_group, unit_tag, offer } }
part! { SupplySelector, v1::SupplySelector }

record! { DemandSelector, v1::DemandSelector {
    need, kind, category, place, place_tag, measure, audience, period
} }
part! { DemandSelector, v1::DemandSelector }

record! { Limit, v1::Limit {
    id, name, counts, supply, demand, per, pair_level, lower, upper, untouchable
} or { hard = true } }

record! { Term, v1::Term { what, weight } }

record! { Goal, v1::Goal {
    what, per, by, form, of, at_ppm, terms, change_budget, tolerance_ppm
} named { filter as r#where "where" } }

record! { Delta, v1::Delta {
    op, list, id, field, value, offer, need, unit, place
} named { filter as r#where "where" } }

record! { Scenario, v1::Scenario { id, name, question, parent, deltas } }
