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
            status: status(need.quantity, covered),
            reasons: reasons.next().unwrap_or_default(),
        })
        .collect()
}

fn status(asked: i64, covered: i64) -> Status {
    if covered >= asked {
        Status::Met
    } else if covered > 0 {
        Status::Partial
    } else {
        Status::Unmet
    }
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

/// Records of the levels; without proofs they are `feasible`. `claims[l][k]`: what a back
/// end says the least cost of part `k` at level `l` is.
pub fn levels(
    network: &Network,
    values: &[LevelValue],
    proofs: Option<&[LevelProof]>,
    claims: &[Vec<Option<i128>>],
    gap_ppm: i128,
    work: &[u64],
) -> Vec<LevelRecord> {
    let each = network.levels.iter().zip(values).enumerate();
    each.map(|(l, (level, value))| {
        let proof = proofs.and_then(|p| p.get(l));
        let mut bound = proof.and_then(|p| p.bound);
        let mut name = proof.map_or(ProofName::Feasible, level_proof);
        if let (Some(all), Some(claim)) =
            (proofs, proofs.and_then(|p| claimed_value(network, l, p, claims)))
        {
            let near = |b: i128| within(value.value, b, gap_ppm);
            // A claim stands where it closes the level and nothing of ours does.
            let closes = claim == value.value || near(claim) && !bound.is_some_and(near);
            if !all[l].is_exact() && closes {
                (bound, name) = (Some(claim), ProofName::Claimed);
            }
        }
        LevelRecord {
            goal: level.label.clone(),
            sense: match level.sense {
                Sense::Maximize => SenseName::Maximize,
                Sense::Minimize => SenseName::Minimize,
            },
            value: Big(value.value),
            bound: bound.map(Big),
            of: level.of.map(Big),
            scale: level.scale,
            proof: name,
            work: work.get(l).copied().unwrap_or(0),
            vector: value.vector.as_ref().map(|v| v.iter().map(fair_row).collect()),
        }
    })
    .collect()
}

/// Whether value and bound are within a relative gap.
pub(crate) fn within(value: i128, bound: i128, gap_ppm: i128) -> bool {
    (bound - value).abs() * 1_000_000 <= value.abs() * gap_ppm
}

/// The value of a level as back ends claim it to be bounded, with our own bounds where
/// these are better; `None` where some open part has neither claim nor bound.
pub(crate) fn claimed_value(
    network: &Network,
    level: usize,
    proofs: &[LevelProof],
    claims: &[Vec<Option<i128>>],
) -> Option<i128> {
    let proof = proofs.get(level)?;
    let claims = claims.get(level)?;
    if proof.parts.is_empty() || claims.iter().all(Option::is_none) {
        return None;
    }
    let costs = proof.parts.iter().zip(claims).zip(&proof.exact);
    let best: Option<i128> = costs
        .map(|((part, claim), exact)| match exact {
            true => Some(part.cost),
            // A claim of more than the plan costs would be nonsense.
            false => part.bound.max(*claim).map(|bound| bound.min(part.cost)),
        })
        .sum();
    // Costs and values differ by a sign and by what no part can change.
    let cost: i128 = proof.parts.iter().map(|part| part.cost).sum();
    best.map(|best| match network.levels[level].sense {
        Sense::Maximize => proof.value + (cost - best),
        Sense::Minimize => proof.value - (cost - best),
    })
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
pub(crate) fn part_proof(
    proofs: &[LevelProof],
    claims: &[Vec<Option<i128>>],
    part: usize,
) -> ProofName {
    let name = |(l, proof): (usize, &LevelProof)| {
        if proof.exact.get(part) == Some(&true) {
            return ProofName::ProvedExact;
        }
        let claim = claims.get(l).and_then(|of| of.get(part)).copied().flatten();
        match proof.parts.get(part) {
            Some(own) if claim == Some(own.cost) => ProofName::Claimed,
            Some(own) if own.bound.is_some() => ProofName::ProvedBound,
            None if proof.bound.is_some() => ProofName::ProvedBound,
            _ => ProofName::Feasible,
        }
    };
    proofs.iter().enumerate().map(name).max().unwrap_or(ProofName::ProvedExact)
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
