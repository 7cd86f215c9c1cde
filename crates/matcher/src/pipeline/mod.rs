//! The one way through the house: ledger, network, components, solution, certificate,
//! reasons, plan.
//!
//! In: a valid ledger and options. Out: a certified plan. The only module, with the
//! session, that calls every stage, in order. Nothing leaves it unchecked: a plan that
//! fails its own certificate is an error, never a result.

mod claims;
mod engine;
mod verify;

pub use engine::{Classification, Engine};
pub use verify::{Verdict, verify};

use crate::certify::{
    Evidence, Incidence, LevelProof, Part, Situation, Violation, feasible, infeasible,
    level_values, prove, recheck_idle, recheck_need,
};
use crate::control::{Control, Limit, Options, Reason as StopReason, Termination, Watch};
use crate::decompose::{Component, components};
use crate::error::{Error, IntegerFeature};
use crate::explain::{explain_needs, idle_reason};
use crate::network::{Network, build};
use crate::plan::{
    Big, Certificate, ComponentKind, ComponentRecord, LevelWitness, PLAN_FORMAT, Plan, ProofName,
    Totals, assignments, idle, levels, outcomes, part_proof, sums,
};
use crate::solve::{Solution, solve};
use crate::validate::ValidLedger;

/// Name and version written into every plan.
pub const ENGINE: &str = concat!("concentric ", env!("CARGO_PKG_VERSION"));

/// Relative gap up to which a plan counts as `within_gap`, in parts per million.
const GAP_PPM: i128 = 100;

/// Makes a plan.
///
/// # Errors
/// [`Error::NeedsInteger`] with every feature that no network can hold;
/// [`Error::Invalid`] for too many arcs or coefficients out of range;
/// [`Error::Uncertified`] if the engine's own plan fails its certificate (a defect).
///
/// Complexity: that of the network simplex, once a level, plus O(levels * arcs).
pub fn match_ledger(
    valid: &ValidLedger,
    options: &Options,
    control: &Control,
) -> Result<Plan, Error> {
    let watch = Watch::start(options, control);
    control.report("build", None, 0, 0);
    let network = build(valid, options.max_arcs)?;
    if !network.features.is_empty() {
        let mut features: Vec<IntegerFeature> =
            network.features.iter().map(|f| f.feature.clone()).collect();
        features.sort();
        features.dedup();
        return Err(Error::NeedsInteger(features));
    }
    let parts = components(&network);
    let solution = solve(&network, &parts, options, control, &watch)?;
    control.report("certify", None, 0, 0);
    finish(valid, &network, &parts, &solution, options, control)
        .map_err(|violation| Error::Uncertified(violation.to_string()))
}

fn finish(
    valid: &ValidLedger,
    network: &Network,
    parts: &[Component],
    solution: &Solution,
    options: &Options,
    control: &Control,
) -> Result<Plan, Violation> {
    let mut plan = head(valid, options, solution.limit);
    let Some(flows) = &solution.flows else {
        return nothing(network, parts, solution, plan);
    };
    let service = network.service(flows);
    feasible(valid, network, &service)?;
    let values = level_values(valid, network, &service);
    let edges: Vec<Part> = parts.iter().map(|part| part.edges.clone()).collect();
    let evidence = Evidence { flows, potentials: &solution.potentials, cuts: &solution.cuts };
    let proofs = prove(network, &evidence, &edges)?;
    for ((level, value), proof) in network.levels.iter().zip(&values).zip(&proofs) {
        if value.value != proof.value {
            let detail = format!("adds up to {} on arcs and {} on edges", value.value, proof.value);
            return Err(Violation::new(format!("level {}", level.label), detail));
        }
    }
    let termination = termination(&proofs, solution.limit);
    if termination.limit.is_none() && termination.reason != StopReason::Optimal {
        return Err(Violation::new(
            "termination",
            "the solve ended by itself without a proof of every level",
        ));
    }
    plan.termination = Some((&termination).into());
    plan.levels = levels(network, &values, Some(&proofs), &solution.work);
    plan.assignments = assignments(valid, network, &service);
    let totals = Totals::new(network, &service);
    control.report("explain", None, 0, 0);
    explain_into(valid, network, &service, flows, &totals, options, solution.limit, &mut plan)?;
    plan.coverage = sums(valid, network, &service, &totals);
    plan.components = component_records(parts, |k| part_proof(&proofs, k));
    plan.certificate = certificate(solution);
    Ok(plan)
}

fn head(valid: &ValidLedger, options: &Options, limit: Option<Limit>) -> Plan {
    let by_clock = matches!(limit, Some(Limit::Time | Limit::Interrupted | Limit::Memory));
    Plan {
        format: PLAN_FORMAT.to_owned(),
        ledger_digest: Some(valid.digest()),
        policy_digest: Some(valid.policy_digest()),
        scenario: None,
        engine: Some(ENGINE.to_owned()),
        seed: options.seed,
        deterministic: !by_clock,
        termination: None,
        levels: Vec::new(),
        assignments: Vec::new(),
        outcomes: Vec::new(),
        idle: Vec::new(),
        coverage: crate::plan::Coverage::default(),
        conflict: Vec::new(),
        components: Vec::new(),
        certificate: Certificate::default(),
    }
}

/// A plan without assignments: a proved contradiction, or nothing found in time.
fn nothing(
    network: &Network,
    parts: &[Component],
    solution: &Solution,
    mut plan: Plan,
) -> Result<Plan, Violation> {
    let termination = match &solution.conflict {
        Some(names) => {
            infeasible(network, &solution.infeasible_cut, names, solution.limit.is_none())?;
            plan.conflict.clone_from(names);
            plan.certificate.infeasible_cut.clone_from(&solution.infeasible_cut);
            Termination {
                reason: StopReason::Infeasible,
                limit: solution.limit,
                detail: format!("no plan can obey all of: {}", names.join(", ")),
            }
        }
        None => Termination {
            reason: StopReason::NoSolution,
            limit: solution.limit,
            detail: "stopped before any plan was found".to_owned(),
        },
    };
    plan.termination = Some((&termination).into());
    plan.components = component_records(parts, |_| ProofName::Feasible);
    Ok(plan)
}

pub(crate) fn component_records(
    parts: &[Component],
    proof: impl Fn(usize) -> ProofName,
) -> Vec<ComponentRecord> {
    let each = parts.iter().enumerate();
    each.map(|(k, part)| ComponentRecord {
        kind: if part.is_network() { ComponentKind::Network } else { ComponentKind::Integer },
        arcs: part.arcs as u64,
        needs: part.needs as u64,
        proof: proof(k),
    })
    .collect()
}

/// Why a solve ended, from what is proved.
pub(crate) fn termination(proofs: &[LevelProof], limit: Option<Limit>) -> Termination {
    if proofs.iter().all(LevelProof::is_exact) {
        return Termination {
            reason: StopReason::Optimal,
            limit: None,
            detail: "every level is proved optimal".to_owned(),
        };
    }
    let within = proofs.iter().all(|proof| {
        proof.bound.is_some_and(|bound| {
            (bound - proof.value).abs() * 1_000_000 <= proof.value.abs() * GAP_PPM
        })
    });
    Termination {
        reason: if within { StopReason::WithinGap } else { StopReason::Feasible },
        limit,
        detail: "a verified plan; see the bound of each level".to_owned(),
    }
}

fn certificate(solution: &Solution) -> Certificate {
    let levels = solution.potentials.iter().zip(&solution.cuts);
    Certificate {
        levels: levels
            .map(|(potentials, cut)| LevelWitness {
                potentials: potentials.iter().copied().map(Big).collect(),
                cut: cut.clone(),
            })
            .collect(),
        infeasible_cut: Vec::new(),
    }
}

#[allow(clippy::too_many_arguments)]
fn explain_into(
    valid: &ValidLedger,
    network: &Network,
    service: &[i64],
    flows: &[i64],
    totals: &Totals,
    options: &Options,
    limit: Option<Limit>,
    plan: &mut Plan,
) -> Result<(), Violation> {
    let incidence = Incidence::new(network);
    let limits = Situation::labels(network);
    let situation = Situation {
        valid,
        network,
        service,
        flows,
        covered: &totals.covered,
        drawn: &totals.drawn,
        cut_off: limit.is_some(),
        incidence: &incidence,
        limits: &limits,
    };
    let reasons = if options.explain { explain_needs(&situation) } else { Vec::new() };
    plan.outcomes = outcomes(valid, totals, reasons);
    plan.idle = idle(valid, totals, |offer| {
        options.explain.then(|| idle_reason(&situation, offer)).flatten()
    });
    check_reasons(&situation, plan, options.explain)
}

/// Re-proves every reason of a plan; with `complete` a short need must have one.
pub(crate) fn check_reasons(
    situation: &Situation<'_>,
    plan: &Plan,
    complete: bool,
) -> Result<(), Violation> {
    let written_at = |id: &str, code| {
        let at = plan.outcomes.binary_search_by(|o| o.need.as_str().cmp(id)).ok()?;
        plan.outcomes[at].reasons.iter().find(|r| r.code == code)
    };
    for (need, outcome) in plan.outcomes.iter().enumerate() {
        let short = outcome.covered < outcome.asked;
        if short == outcome.reasons.is_empty() && (complete || !short) {
            let detail = if short { "is short without a reason" } else { "is met and has reasons" };
            return Err(Violation::new(format!("need {}", outcome.need), detail));
        }
        for reason in &outcome.reasons {
            recheck_need(situation, need as u32, reason, &written_at)?;
        }
    }
    let offers = &situation.valid.ledger().offers;
    for idle in &plan.idle {
        let at = offers.binary_search_by(|o| o.id.cmp(&idle.offer));
        match (&idle.reason, at) {
            (Some(reason), Ok(offer)) => recheck_idle(situation, offer as u32, reason)?,
            (None, Ok(_)) if !complete => {}
            _ => return Err(Violation::new(format!("idle offer {}", idle.offer), "has no reason")),
        }
    }
    Ok(())
}
