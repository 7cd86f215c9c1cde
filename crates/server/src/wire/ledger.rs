//! The records of a ledger on the wire.
//!
//! In: records of one side. Out: those of the other. Must not know their rules.

use concentric_matcher::ledger::{
    Agreement, Bundle, Category, Claim, Evaluation, LEDGER_FORMAT, Ledger, Measure, Need, Offer,
    Pair, Period, Place, Project, Unit,
};
use concentric_proto::v1;

use super::free::{text_of, value_of};
use super::reader::Reader;
use super::traits::{Wire, read, record};

record! { Measure, v1::Measure { id, name, name_en } }
record! { Period, v1::Period { id, name, start, end } }
record! { Place, v1::Place {
    id, name, level, parent, x_m, y_m, population, floating_population, tags
} }
record! { Category, v1::Category { id, name, name_en, parent, tags } }
record! { Unit, v1::Unit { id, name, group, home, members, tags, fixed_cost } or {
    kind = "unit".to_owned(),
} }
record! { Offer, v1::Offer {
    id, unit, category, measure, quantity, area, level, unit_cost, fixed_cost, audiences, shifts,
    from, to, radius_m, tags
} or { proficiency = 100 } }
record! { Need, v1::Need {
    id, place, owner, category, measure, quantity, kind, min_useful, max_providers,
    min_proficiency, shift, from, to, bundle, tags
} or { priority = 1, audience = "resident".to_owned() } }
record! { Bundle, v1::Bundle { id, name, place } }
record! { Pair, v1::Pair {
    offer, need, unit, place, value, cost, capacity, consumption, fixed_cost, min_lot, locked,
    forbidden
} }
record! { Agreement, v1::Agreement {
    id, unit, place, category, direction, status, lower, upper, from, to, tags
} }
record! { Claim, v1::Claim { id, offer, need, quantity, state, period, tags } }
record! { Project, v1::Project {
    id, name, offer, need, quantity, period, state, form, beneficiaries, tags
} }
record! { Evaluation, v1::Evaluation { id, project, by, score, period, tags } }

impl Wire<v1::Ledger> for Ledger {
    fn into_wire(self) -> v1::Ledger {
        v1::Ledger {
            format: self.format,
            id: self.id,
            title: self.title,
            title_en: self.title_en,
            source: self.source,
            note: self.note,
            currency: Some(self.currency),
            arcs: self.arcs.into_wire(),
            facts_json: text_of(&self.facts),
            measures: self.measures.into_wire(),
            periods: self.periods.into_wire(),
            places: self.places.into_wire(),
            categories: self.categories.into_wire(),
            units: self.units.into_wire(),
            offers: self.offers.into_wire(),
            needs: self.needs.into_wire(),
            bundles: self.bundles.into_wire(),
            pairs: self.pairs.into_wire(),
            limits: self.limits.into_wire(),
            goals: self.goals.into_wire(),
            agreements: self.agreements.into_wire(),
            claims: self.claims.into_wire(),
            projects: self.projects.into_wire(),
            evaluations: self.evaluations.into_wire(),
            scenarios: self.scenarios.into_wire(),
            expected_json: text_of(&self.expected),
        }
    }

    fn from_wire(wire: v1::Ledger, at: &mut Reader) -> Self {
        macro_rules! list {
            ($name:ident) => {
                read(stringify!($name), wire.$name, at)
            };
        }
        let format = if wire.format.is_empty() { LEDGER_FORMAT.to_owned() } else { wire.format };
        Ledger {
            format,
            id: wire.id,
            title: wire.title,
            title_en: wire.title_en,
            source: wire.source,
            note: wire.note,
            currency: wire.currency.unwrap_or_else(|| "CNY".to_owned()),
            arcs: list!(arcs),
            facts: at.field("facts", |at| value_of(wire.facts_json, at)),
            measures: list!(measures),
            periods: list!(periods),
            places: list!(places),
            categories: list!(categories),
            units: list!(units),
            offers: list!(offers),
            needs: list!(needs),
            bundles: list!(bundles),
            pairs: list!(pairs),
            limits: list!(limits),
            goals: list!(goals),
            agreements: list!(agreements),
            claims: list!(claims),
            projects: list!(projects),
            evaluations: list!(evaluations),
            scenarios: list!(scenarios),
            expected: at.field("expected", |at| value_of(wire.expected_json, at)),
        }
    }
}
