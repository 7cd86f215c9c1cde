//! Judging a plan from ledger and plan alone, whoever made it.
//!
//! In: a valid ledger and a plan. Out: what is proved, or the first broken row with the
//! number that fails. Everything that follows from the assignments is made again and
//! compared; nothing of a solver is asked.

use crate::certify::{
    Evidence, Incidence, LevelProof, Multipliers, Situation, Violation, feasible, infeasible,
    level_values, prove, said, word,
};
use crate::control::Reason as StopReason;
use crate::decompose::{clusters, components};
use crate::error::Error;
use crate::network::{Network, build};
use crate::plan::{
    LevelRecord, PLAN_FORMAT, PartMultipliers, Plan, TerminationReason, Totals, assignment, levels,
};
use crate::validate::ValidLedger;

use super::claims::{by_clock, check_components, check_levels, check_termination};
use super::totals::check_sums;
use super::{Lowered, Marks, check_reasons};

/// What a checked plan is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Why its solve could have ended, as far as its evidence proves.
    pub reason: StopReason,
    /// Value of each level, recomputed, with what the evidence proves.
    pub levels: Vec<LevelRecord>,
}

/// Checks a plan against a ledger.
///
/// A plan of this engine (its `engine` starts with `concentric`) must be complete; in a
/// plan of others, sections may be missing, and what is there must be true.
///
/// # Errors
/// `Err(Ok(violation))`: the first broken row. `Err(Err(error))`: the ledger has too many
/// admissible pairs to judge.
///
/// Complexity: O(levels * arcs), the network's build included.
pub fn verify(
    valid: &ValidLedger,
    plan: &Plan,
    max_arcs: u64,
) -> Result<Result<Verdict, Violation>, Error> {
    let network = build(valid, max_arcs)?;
    let components = components(&network);
    let clusters = clusters(&network, &components);
    let lowered =
        Lowered { valid, network: &network, components: &components, clusters: &clusters };
    Ok(judge(&lowered, plan))
}

fn judge(lowered: &Lowered<'_>, plan: &Plan) -> Result<Verdict, Violation> {
    let (valid, network) = (lowered.valid, lowered.network);
    let ours = plan.engine.as_deref().is_some_and(|engine| engine.starts_with("concentric"));
    identity(valid, plan, ours)?;
    let reason = plan.termination.as_ref().map(|t| t.reason);
    if matches!(reason, Some(TerminationReason::Infeasible | TerminationReason::NoSolution)) {
        return empty(lowered, plan, ours);
    }
    if !plan.conflict.is_empty() {
        return Err(Violation::new("conflict", "is given although the plan is not infeasible"));
    }
    let service = service(valid, network, plan, ours)?;
    feasible(valid, network, &service)?;
    let values = level_values(valid, network, &service);
    let flows = network.edge_flows(&service);
    let pure = lowered.is_network();
    let proofs = proofs(lowered, plan, &service, &flows)?;
    for ((level, value), proof) in network.levels.iter().zip(&values).zip(proofs.iter().flatten()) {
        if value.value != proof.value {
            let detail = format!("adds up to {} on arcs and {} on edges", value.value, proof.value);
            return Err(Violation::new(format!("level {}", level.label), detail));
        }
    }
    let records = levels(network, &values, proofs.as_deref(), &[], 0, &[]);
    check_levels(plan, &records, ours, pure)?;
    let totals = Totals::new(network, &service);
    check_outcomes(valid, plan, &totals, ours)?;
    check_sums(valid, network, plan, &service, &totals, ours)?;
    let incidence = Incidence::new(network);
    let limits = Situation::labels(network);
    let cut_off = plan.termination.as_ref().is_some_and(|t| t.limit.is_some());
    let marks = Marks::new(lowered, proofs.as_deref().unwrap_or_default(), cut_off);
    let situation = Situation {
        valid,
        network,
        service: &service,
        flows: &flows,
        covered: &totals.covered,
        drawn: &totals.drawn,
        open: &marks.open,
        integer: &marks.integer,
        incidence: &incidence,
        limits: &limits,
    };
    // Either nothing is explained, or everything is.
    let explained = plan.outcomes.iter().any(|o| !o.reasons.is_empty())
        || plan.idle.iter().any(|i| i.reason.is_some());
    check_reasons(&situation, plan, ours && explained, &|| false)?;
    check_components(plan, lowered, proofs.as_deref(), ours)?;
    let reason = check_termination(plan, &records, proofs.as_deref(), ours, pure)?;
    Ok(Verdict { reason, levels: records })
}

fn identity(valid: &ValidLedger, plan: &Plan, ours: bool) -> Result<(), Violation> {
    if plan.format != PLAN_FORMAT {
        return Err(Violation::new("format", format!("is {}, not {PLAN_FORMAT}", plan.format)));
    }
    for (name, given, own) in [
        ("ledger_digest", &plan.ledger_digest, valid.digest()),
        ("policy_digest", &plan.policy_digest, valid.policy_digest()),
    ] {
        match given {
            Some(digest) if *digest != own => {
                return Err(Violation::new(name, format!("is {digest}, the ledger's is {own}")));
            }
            None if ours => return Err(Violation::new(name, "is missing")),
            _ => {}
        }
    }
    Ok(())
}

/// A plan without assignments: a contradiction that its cut proves, or an early end.
fn empty(lowered: &Lowered<'_>, plan: &Plan, ours: bool) -> Result<Verdict, Violation> {
    let sections = [
        plan.assignments.is_empty(),
        plan.levels.is_empty(),
        plan.outcomes.is_empty(),
        plan.idle.is_empty(),
        plan.coverage == crate::plan::Coverage::default(),
        plan.certificate.levels.is_empty(),
    ];
    if sections.contains(&false) {
        return Err(Violation::new("termination", "says there is no plan, but there is one"));
    }
    check_components(plan, lowered, None, ours)?;
    let limit = plan.termination.as_ref().and_then(|t| t.limit);
    by_clock(plan, limit)?;
    if plan.termination.as_ref().is_some_and(|t| t.reason == TerminationReason::Infeasible) {
        let cut = &plan.certificate.infeasible_cut;
        if cut.is_empty() && !lowered.is_network() {
            // A back end's word, and told as such: nothing here is proved.
            return Ok(Verdict { reason: StopReason::NoSolution, levels: Vec::new() });
        }
        // A search for names that was cut off, or none of ours, need not be minimal.
        infeasible(lowered.network, cut, &plan.conflict, ours && limit.is_none())?;
        return Ok(Verdict { reason: StopReason::Infeasible, levels: Vec::new() });
    }
    if !plan.conflict.is_empty() {
        return Err(Violation::new("conflict", "is given although nothing is proved"));
    }
    if limit.is_none() {
        return Err(Violation::new("termination", "no_solution names no limit"));
    }
    Ok(Verdict { reason: StopReason::NoSolution, levels: Vec::new() })
}

/// Service on each arc, from the assignments.
fn service(
    valid: &ValidLedger,
    network: &Network,
    plan: &Plan,
    ours: bool,
) -> Result<Vec<i64>, Violation> {
    let ledger = valid.ledger();
    let mut service = vec![0i64; network.arcs.len()];
    for given in &plan.assignments {
        let name = || format!("assignment {}/{}", given.offer, given.need);
        let wrong = |detail: String| Violation::new(name(), detail);
        let offer = ledger.offers.binary_search_by(|o| o.id.cmp(&given.offer));
        let need = ledger.needs.binary_search_by(|n| n.id.cmp(&given.need));
        let (Ok(offer), Ok(need)) = (offer, need) else {
            return Err(wrong("names an offer or need that does not exist".to_owned()));
        };
        let Some(arc) = network.arcs.find(offer as u32, need as u32) else {
            return Err(wrong("is not admissible".to_owned()));
        };
        if given.quantity < 1 {
            return Err(wrong(format!("quantity {} is below 1", given.quantity)));
        }
        if std::mem::replace(&mut service[arc as usize], given.quantity) != 0 {
            return Err(wrong("stands twice".to_owned()));
        }
        let own = assignment(valid, network, arc, given.quantity);
        for (field, given, own) in [
            ("unit", &given.unit, &own.unit),
            ("place", &given.place, &own.place),
            ("category", &given.category, &own.category),
            ("from", &given.from, &own.from),
            ("to", &given.to, &own.to),
        ] {
            if (ours || given.is_some()) && given != own {
                return Err(wrong(format!(
                    "{field} is {}, not {}",
                    said(given.as_ref()),
                    said(own.as_ref())
                )));
            }
        }
        if given.kept != 0 && given.kept != own.kept {
            return Err(wrong(format!("kept is {}, not {}", given.kept, own.kept)));
        }
        if given.unit.is_some() && given.kept != own.kept {
            return Err(wrong(format!("kept is {}, not {}", given.kept, own.kept)));
        }
    }
    Ok(service)
}

fn proofs(
    lowered: &Lowered<'_>,
    plan: &Plan,
    service: &[i64],
    flows: &[i64],
) -> Result<Option<Vec<LevelProof>>, Violation> {
    let network = lowered.network;
    let witnesses = &plan.certificate.levels;
    if witnesses.is_empty() && !network.levels.is_empty() {
        return Ok(None);
    }
    if witnesses.len() != network.levels.len() {
        let detail = format!("{} levels, the ledger has {}", witnesses.len(), network.levels.len());
        return Err(Violation::new("certificate", detail));
    }
    let potentials: Vec<Vec<i128>> =
        witnesses.iter().map(|w| w.potentials.iter().map(|p| p.0).collect()).collect();
    if potentials.iter().flatten().any(|p| p.unsigned_abs() > 1 << 100) {
        return Err(Violation::new("certificate", "a potential is beyond 2^100"));
    }
    let cuts: Vec<Vec<u32>> = witnesses.iter().map(|w| w.cut.clone()).collect();
    let multipliers: Vec<Vec<Multipliers>> = witnesses
        .iter()
        .map(|w| {
            let parts = w.multipliers.iter();
            let rows =
                |given: &PartMultipliers| given.rows.iter().map(|&(row, y)| (row, y.0)).collect();
            parts.map(|given| Multipliers { part: given.part, rows: rows(given) }).collect()
        })
        .collect();
    let evidence = Evidence {
        service,
        flows,
        potentials: &potentials,
        cuts: &cuts,
        multipliers: &multipliers,
    };
    prove(network, &evidence, &lowered.parts()).map(Some)
}

fn check_outcomes(
    valid: &ValidLedger,
    plan: &Plan,
    totals: &Totals,
    ours: bool,
) -> Result<(), Violation> {
    if plan.outcomes.is_empty() && !ours {
        return Ok(());
    }
    let own = crate::plan::outcomes(valid, totals, Vec::new());
    if plan.outcomes.len() != own.len() {
        let detail = format!("{} given for {} needs", plan.outcomes.len(), own.len());
        return Err(Violation::new("outcomes", detail));
    }
    for (given, own) in plan.outcomes.iter().zip(&own) {
        if given.need != own.need {
            let detail = format!("{} stands where {} belongs", given.need, own.need);
            return Err(Violation::new("outcomes", detail));
        }
        let wrong = |detail| Violation::new(format!("outcome {}", own.need), detail);
        if (given.asked, given.covered) != (own.asked, own.covered) {
            return Err(wrong(format!(
                "says {} of {}, the assignments give {} of {}",
                given.covered, given.asked, own.covered, own.asked
            )));
        }
        if given.status != own.status {
            let detail = format!("status is {}, not {}", word(&given.status), word(&own.status));
            return Err(wrong(detail));
        }
    }
    Ok(())
}
