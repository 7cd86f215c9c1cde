//! Pairs of a unit and a place: new ones, standing ones, and those that end.
//!
//! In: ledger and plan. Out: one row a pair. Must not know the goal that kept them. A
//! pair is standing when the ledger's baseline (its projects agreed, in progress or done,
//! or the previous plan) has work between the two.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::amounts::{Amount, Amounts};
use super::given;
use crate::ledger::AgreementStatus;
use crate::network::Commitments;
use crate::plan::Plan;
use crate::validate::ValidLedger;

/// What becomes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In the plan, not before.
    New,
    /// In the plan and before.
    Kept,
    /// Before, no longer in the plan.
    Ended,
}

/// A unit and a place that work together, or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pairing {
    /// The unit.
    pub unit: String,
    /// Place of the needs, at their own level.
    pub place: String,
    /// Needs served between the two.
    pub needs: u64,
    /// What is given; empty for a pair that ends.
    pub amounts: Vec<Amount>,
    /// New, kept or ended.
    pub standing: Standing,
    /// Active agreements that cover the pair: the unit's, at the place or above it.
    pub agreements: Vec<String>,
}

/// All pairs of the plan and of the baseline, ascending by unit and place.
///
/// O((assignments + projects) log records + pairs * agreements of the unit).
pub fn pairings(valid: &ValidLedger, plan: &Plan) -> Vec<Pairing> {
    #[derive(Default)]
    struct Pair<'a> {
        needs: u64,
        amounts: Amounts<'a>,
    }
    let ledger = valid.ledger();
    let key = |o: u32, n: u32| (valid.offers()[o as usize].unit, valid.needs()[n as usize].place);
    let before: BTreeSet<(u32, u32)> =
        Commitments::new(valid).baseline.iter().map(|&((o, n), _)| key(o, n)).collect();
    let mut found: BTreeMap<(u32, u32), Pair<'_>> = BTreeMap::new();
    let mut seen: BTreeSet<((u32, u32), u32)> = BTreeSet::new();
    for g in &given(valid, plan) {
        let at = key(g.o, g.n);
        let pair = found.entry(at).or_default();
        pair.needs += u64::from(seen.insert((at, g.n)));
        pair.amounts.add(&g.need.measure, g.quantity);
    }
    for &at in &before {
        found.entry(at).or_default();
    }
    let mut of_unit: BTreeMap<u32, Vec<(&str, u32)>> = BTreeMap::new();
    for (record, row) in ledger.agreements.iter().zip(valid.agreements()) {
        if record.status == AgreementStatus::Active {
            of_unit.entry(row.unit).or_default().push((&record.id, row.place));
        }
    }
    let agreements = |(unit, place): (u32, u32)| -> Vec<String> {
        let there = valid.places()[place as usize];
        let own = of_unit.get(&unit).into_iter().flatten();
        own.filter(|&&(_, at)| valid.places()[at as usize].covers(&there))
            .map(|(id, _)| (*id).to_owned())
            .collect()
    };
    let each = found.into_iter();
    each.map(|(at, pair)| Pairing {
        unit: ledger.units[at.0 as usize].id.clone(),
        place: ledger.places[at.1 as usize].id.clone(),
        needs: pair.needs,
        amounts: pair.amounts.finish(),
        standing: match (pair.needs > 0, before.contains(&at)) {
            (true, true) => Standing::Kept,
            (true, false) => Standing::New,
            (false, _) => Standing::Ended,
        },
        agreements: agreements(at),
    })
    .collect()
}
