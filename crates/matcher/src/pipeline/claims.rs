//! What a plan claims of itself beyond its assignments: levels, proofs, components, end.
//!
//! In: the plan and what its evidence proves. Out: nothing, or the first claim that says
//! more than that. Must not know how proofs are made. Rejected: taking the proved value
//! silently instead of the claimed one (a reader believes what is written).

use crate::certify::{LevelProof, Violation, said, word};
use crate::control::{Limit, Reason as StopReason};
use crate::plan::{
    LevelRecord, LimitName, Plan, ProofName, SenseName, TerminationReason, level_proof, part_proof,
};

use super::{Lowered, ended};

/// Relative gap up to which a plan may call itself `within_gap`, in parts per million:
/// the largest that a caller may ask for.
const GAP_PPM: i128 = 10_000;

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
        for (field, given, own) in [
            ("goal", given.goal.clone(), own.goal.clone()),
            ("sense", word(&given.sense), word(&own.sense)),
            ("scale", given.scale.to_string(), own.scale.to_string()),
            ("of", said(given.of), said(own.of)),
        ] {
            if given != own {
                return Err(wrong(format!("{field} is {given}, not {own}")));
            }
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
                    return Err(wrong(format!(
                        "bound is {}, its value is {}",
                        said(bound),
                        given.value
                    )));
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
            (ProofName::Claimed, Some(bound), _) => {
                let beaten = match given.sense {
                    SenseName::Maximize => bound < given.value,
                    SenseName::Minimize => bound > given.value,
                };
                if beaten {
                    return Err(wrong(format!("bound {bound} is worse than its own value")));
                }
            }
            (ProofName::Claimed | ProofName::Feasible, ..) => {}
        }
    }
    Ok(())
}

pub(super) fn check_components(
    plan: &Plan,
    lowered: &Lowered<'_>,
    proofs: Option<&[LevelProof]>,
    ours: bool,
) -> Result<(), Violation> {
    if plan.components.is_empty() && !ours {
        return Ok(());
    }
    let own = lowered.records(|k| proofs.map_or(ProofName::Feasible, |p| part_proof(p, &[], k)));
    if plan.components.len() != own.len() {
        let detail = format!("{} given, the ledger has {}", plan.components.len(), own.len());
        return Err(Violation::new("components", detail));
    }
    for (k, (given, own)) in plan.components.iter().zip(&own).enumerate() {
        // A claim is nobody's proof, and stands as such.
        let claims = given.proof == ProofName::Claimed && !lowered.is_network();
        if (given.kind, given.arcs, given.needs) != (own.kind, own.arcs, own.needs)
            || given.proof < own.proof && !claims
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
    own: &[LevelRecord],
    proofs: Option<&[LevelProof]>,
    ours: bool,
    pure: bool,
) -> Result<StopReason, Violation> {
    let limit = plan.termination.as_ref().and_then(|t| t.limit).map(|limit| match limit {
        LimitName::Time => Limit::Time,
        LimitName::Work => Limit::Work,
        LimitName::Memory => Limit::Memory,
        LimitName::Interrupted => Limit::Interrupted,
    });
    let proved = proofs.map_or(StopReason::Feasible, |p| ended(own, p, GAP_PPM));
    let Some(given) = &plan.termination else {
        return if ours { Err(Violation::new("termination", "is missing")) } else { Ok(proved) };
    };
    // Claims count for what they claim, once all else is proved.
    let claimed = !pure
        && proofs.is_some_and(|p| {
            let rank = ended(&plan.levels, p, GAP_PPM);
            match given.reason {
                TerminationReason::Optimal => rank == StopReason::Optimal,
                _ => rank != StopReason::Feasible,
            }
        });
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
            format!("says {}, which is not proved", word(&given.reason)),
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
    plan.levels.iter().zip(proofs).any(|(given, proof)| {
        let own = level_proof(proof);
        given.proof != own && !(given.proof == ProofName::Claimed && own != ProofName::ProvedExact)
    })
}
