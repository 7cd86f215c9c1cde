//! What a plan claims of itself beyond its assignments: levels, proofs, components, end.
//!
//! In: the plan and what its evidence proves. Out: nothing, or the first claim that says
//! more than that. Must not know how proofs are made. Rejected: taking the proved value
//! silently instead of the claimed one (a reader believes what is written).

use crate::certify::{LevelProof, Violation};
use crate::control::{Limit, Reason as StopReason};
use crate::decompose::Component;
use crate::plan::{
    LevelRecord, LimitName, Plan, ProofName, SenseName, TerminationReason, level_proof, part_proof,
};

use super::{component_records, termination};

/// What the clock cut off may come out otherwise the next time.
pub(super) fn by_clock(plan: &Plan, limit: Option<LimitName>) -> Result<(), Violation> {
    let by_clock =
        matches!(limit, Some(LimitName::Time | LimitName::Interrupted | LimitName::Memory));
    if plan.deterministic && by_clock {
        let detail = "is true although the clock cut the solve off";
        return Err(Violation::new("deterministic", detail));
    }
    Ok(())
}

pub(super) fn check_levels(
    plan: &Plan,
    own: &[LevelRecord],
    ours: bool,
    pure: bool,
) -> Result<(), Violation> {
    if plan.levels.is_empty() && !ours {
        return Ok(());
    }
    if plan.levels.len() != own.len() {
        let detail = format!("{} given, the ledger has {}", plan.levels.len(), own.len());
        return Err(Violation::new("levels", detail));
    }
    for (given, own) in plan.levels.iter().zip(own) {
        let wrong = |detail: String| Violation::new(format!("level {}", own.goal), detail);
        if (&given.goal, given.sense, given.scale, given.of)
            != (&own.goal, own.sense, own.scale, own.of)
        {
            return Err(wrong("goal, sense, scale or `of` differ from the ledger's".to_owned()));
        }
        if given.value != own.value {
            return Err(wrong(format!(
                "value is {}, the assignments give {}",
                given.value, own.value
            )));
        }
        if given.vector != own.vector {
            return Err(wrong("the vector differs from what the assignments give".to_owned()));
        }
        match (given.proof, given.bound, own.bound) {
            (ProofName::ProvedExact, bound, _) => {
                if own.proof != ProofName::ProvedExact {
                    return Err(wrong("is not proved optimal by the certificate".to_owned()));
                }
                if bound != own.bound {
                    return Err(wrong(format!("bound {bound:?} is not its value")));
                }
            }
            (ProofName::ProvedBound, Some(bound), Some(safe)) => {
                let too_good = match given.sense {
                    SenseName::Maximize => bound < safe,
                    SenseName::Minimize => bound > safe,
                };
                if too_good {
                    return Err(wrong(format!("bound {bound} is better than the proved {safe}")));
                }
            }
            (ProofName::ProvedBound, ..) => return Err(wrong("has no proved bound".to_owned())),
            (ProofName::Feasible, Some(_), _) => {
                return Err(wrong("gives a bound without a proof".to_owned()));
            }
            // On a network nobody's word is needed, so none of ours rests on one.
            (ProofName::Claimed, ..) if ours && pure => {
                return Err(wrong("rests on a solver's word although it is a network".to_owned()));
            }
            (ProofName::Claimed | ProofName::Feasible, ..) => {}
        }
    }
    Ok(())
}

pub(super) fn check_components(
    plan: &Plan,
    parts: &[Component],
    proofs: Option<&[LevelProof]>,
    ours: bool,
) -> Result<(), Violation> {
    if plan.components.is_empty() && !ours {
        return Ok(());
    }
    let own =
        component_records(parts, |k| proofs.map_or(ProofName::Feasible, |p| part_proof(p, k)));
    if plan.components.len() != own.len() {
        let detail = format!("{} given, the ledger has {}", plan.components.len(), own.len());
        return Err(Violation::new("components", detail));
    }
    for (k, (given, own)) in plan.components.iter().zip(&own).enumerate() {
        if (given.kind, given.arcs, given.needs) != (own.kind, own.arcs, own.needs)
            || given.proof < own.proof
        {
            return Err(Violation::new(
                format!("component {k}"),
                "differs from the ledger's or claims too much",
            ));
        }
    }
    Ok(())
}

pub(super) fn check_termination(
    plan: &Plan,
    proofs: Option<&[LevelProof]>,
    ours: bool,
) -> Result<StopReason, Violation> {
    let limit = plan.termination.as_ref().and_then(|t| t.limit).map(|limit| match limit {
        LimitName::Time => Limit::Time,
        LimitName::Work => Limit::Work,
        LimitName::Memory => Limit::Memory,
        LimitName::Interrupted => Limit::Interrupted,
    });
    let proved = proofs.map_or(StopReason::Feasible, |p| termination(p, limit).reason);
    let Some(given) = &plan.termination else {
        return if ours { Err(Violation::new("termination", "is missing")) } else { Ok(proved) };
    };
    let claimed = plan.levels.iter().any(|l| l.proof == ProofName::Claimed);
    let rank = |reason: StopReason| match reason {
        StopReason::Optimal => 0,
        StopReason::WithinGap => 1,
        _ => 2,
    };
    let given_rank = match given.reason {
        TerminationReason::Optimal => 0,
        TerminationReason::WithinGap => 1,
        _ => 2,
    };
    if given_rank < rank(proved) && !claimed {
        return Err(Violation::new(
            "termination",
            format!("says {:?}, which is not proved", given.reason),
        ));
    }
    if given_rank == 0 && limit.is_some() {
        return Err(Violation::new("termination", "is optimal and names a limit"));
    }
    by_clock(plan, plan.termination.as_ref().and_then(|t| t.limit))?;
    if ours && level_proofs_differ(plan, proofs) {
        return Err(Violation::new("levels", "claim another proof than the certificate gives"));
    }
    Ok(proved)
}

/// Whether a plan of ours understates or overstates a level's proof.
fn level_proofs_differ(plan: &Plan, proofs: Option<&[LevelProof]>) -> bool {
    let Some(proofs) = proofs else { return false };
    plan.levels.iter().zip(proofs).any(|(given, proof)| given.proof != level_proof(proof))
}
