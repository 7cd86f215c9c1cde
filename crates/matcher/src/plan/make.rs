//! From service on arcs to the records other programs read.
//!
//! In: the ledger, its network and the service on each arc. Out: assignments, outcomes,
//! idle offers, coverage, level records. Must not know the solver: everything here is a
//! function of ledger and service, so that a checker can make it again and compare.

use crate::certify::{FairValue, LevelProof, LevelValue, Reason};
use crate::control::{Limit, Proof, Reason as StopReason, Termination};
use crate::network::{Network, Sense};
use crate::validate::ValidLedger;

use super::big::Big;
use super::coverage::coverage;
use super::types::{
    Assignment, Coverage, Idle, LevelRecord, LimitName, Outcome, ProofName, SenseName, Status,
    TerminationReason, TerminationRecord,
};

/// What follows from the service on each arc by addition.
pub struct Totals {
    /// Coverage of each need.
    pub covered: Vec<i64>,
    /// What is drawn from each offer.
    pub drawn: Vec<i64>,
}

impl Totals {
    /// Adds up. O(arcs).
    pub fn new(network: &Network, service: &[i64]) -> Self {
        let mut covered = vec![0; network.need_count()];
        let mut drawn = vec![0; network.offer_count()];
        for (arc, &x) in service.iter().enumerate().filter(|&(_, &x)| x != 0) {
            covered[network.arcs.need[arc] as usize] += x;
            drawn[network.arcs.offer[arc] as usize] += x * network.arcs.consumption_of(arc as u32);
        }
        Totals { covered, drawn }
    }
}

/// Assignments, ascending by offer and need.
pub fn assignments(valid: &ValidLedger, network: &Network, service: &[i64]) -> Vec<Assignment> {
    let used = service.iter().enumerate().filter(|&(_, &x)| x > 0);
    used.map(|(arc, &x)| assignment(valid, network, arc as u32, x)).collect()
}

/// The record of one arc's service.
pub(crate) fn assignment(
    valid: &ValidLedger,
    network: &Network,
    arc: u32,
    quantity: i64,
) -> Assignment {
    let ledger = valid.ledger();
    let (o, n) =
        (network.arcs.offer[arc as usize] as usize, network.arcs.need[arc as usize] as usize);
    let (offer, need) = (&valid.offers()[o], &valid.needs()[n]);
    // With explicit arcs the windows need not meet; then the need's own is shown.
    let (mut from, mut to) = (offer.from.max(need.from), offer.to.min(need.to));
    if from > to {
        (from, to) = (need.from, need.to);
    }
    Assignment {
        offer: ledger.offers[o].id.clone(),
        unit: Some(ledger.units[offer.unit as usize].id.clone()),
        need: ledger.needs[n].id.clone(),
        place: Some(ledger.places[need.place as usize].id.clone()),
        category: Some(ledger.categories[need.category as usize].id.clone()),
        quantity,
        from: Some(ledger.periods[from as usize].id.clone()),
        to: Some(ledger.periods[to as usize].id.clone()),
        kept: quantity.min(network.arcs.baseline_of(arc)),
    }
}

/// One outcome for each need; `reasons` may be empty (nothing explained).
pub fn outcomes(valid: &ValidLedger, totals: &Totals, reasons: Vec<Vec<Reason>>) -> Vec<Outcome> {
    let mut reasons = reasons.into_iter();
    valid
        .ledger()
        .needs
        .iter()
        .zip(&totals.covered)
        .map(|(need, &covered)| Outcome {
            need: need.id.clone(),
            asked: need.quantity,
            covered,
            status: Status::of(need.quantity, covered),
            reasons: reasons.next().unwrap_or_default(),
        })
        .collect()
}

/// Offers with something left; `reason` explains each.
pub fn idle(
    valid: &ValidLedger,
    totals: &Totals,
    mut reason: impl FnMut(u32) -> Option<Reason>,
) -> Vec<Idle> {
    let offers = valid.ledger().offers.iter().zip(&totals.drawn).enumerate();
    offers
        .filter(|(_, (offer, drawn))| offer.quantity > **drawn)
        .map(|(o, (offer, drawn))| Idle {
            offer: offer.id.clone(),
            left: offer.quantity - drawn,
            reason: reason(o as u32),
        })
        .collect()
}

/// Sums over the plan.
pub fn sums(valid: &ValidLedger, network: &Network, service: &[i64], totals: &Totals) -> Coverage {
    coverage(valid, network, service, &totals.covered, &totals.drawn)
}

/// Records of the levels; without proofs they are `feasible`.
pub fn levels(
    network: &Network,
    values: &[LevelValue],
    proofs: Option<&[LevelProof]>,
    work: &[u64],
) -> Vec<LevelRecord> {
    let each = network.levels.iter().zip(values).enumerate();
    each.map(|(l, (level, value))| {
        let proof = proofs.and_then(|p| p.get(l));
        LevelRecord {
            goal: level.label.clone(),
            sense: match level.sense {
                Sense::Maximize => SenseName::Maximize,
                Sense::Minimize => SenseName::Minimize,
            },
            value: Big(value.value),
            bound: proof.and_then(|p| p.bound).map(Big),
            of: level.of.map(Big),
            scale: level.scale,
            proof: proof.map_or(ProofName::Feasible, level_proof),
            work: work.get(l).copied().unwrap_or(0),
            vector: value.vector.as_ref().map(|v| v.iter().map(fair_row).collect()),
        }
    })
    .collect()
}

fn fair_row(value: &FairValue) -> (String, Big, Big) {
    (value.group.clone(), Big(value.numerator), Big(value.denominator))
}

/// How a level is proved.
pub(crate) fn level_proof(proof: &LevelProof) -> ProofName {
    if proof.is_exact() {
        ProofName::ProvedExact
    } else if proof.bound.is_some() {
        ProofName::ProvedBound
    } else {
        ProofName::Feasible
    }
}

/// Weakest proof of one part over all levels.
pub(crate) fn part_proof(proofs: &[LevelProof], part: usize) -> ProofName {
    proofs
        .iter()
        .map(|proof| match proof.exact.get(part) {
            Some(true) => ProofName::ProvedExact,
            _ if proof.bound.is_some() => ProofName::ProvedBound,
            _ => ProofName::Feasible,
        })
        .max()
        .unwrap_or(ProofName::ProvedExact)
}

impl From<&Termination> for TerminationRecord {
    fn from(termination: &Termination) -> Self {
        TerminationRecord {
            reason: match termination.reason {
                StopReason::Optimal => TerminationReason::Optimal,
                StopReason::WithinGap => TerminationReason::WithinGap,
                StopReason::Feasible => TerminationReason::Feasible,
                StopReason::Infeasible => TerminationReason::Infeasible,
                StopReason::NoSolution => TerminationReason::NoSolution,
            },
            limit: termination.limit.map(|limit| match limit {
                Limit::Time => LimitName::Time,
                Limit::Work => LimitName::Work,
                Limit::Memory => LimitName::Memory,
                Limit::Interrupted => LimitName::Interrupted,
            }),
            detail: termination.detail.clone(),
        }
    }
}

impl From<Proof> for ProofName {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::ProvedExact => ProofName::ProvedExact,
            Proof::ProvedBound => ProofName::ProvedBound,
            Proof::Claimed => ProofName::Claimed,
            Proof::Feasible => ProofName::Feasible,
        }
    }
}
