//! The one way through the house: ledger, network, components, solution, certificate,
//! reasons, plan.
//!
//! In: a valid ledger and options. Out: a certified plan. The only module, with the
//! session, that calls every stage, in order. Nothing leaves it unchecked: a plan that
//! fails its own certificate is an error, never a result.

mod claims;
mod engine;
mod lowered;
mod totals;
mod verify;

pub use engine::{Classification, Engine};
pub use verify::{Verdict, verify};

pub(crate) use lowered::{Lowered, Marks, component_records};

use crate::certify::{
    Evidence, Incidence, LevelProof, Multipliers, Situation, Violation, feasible, infeasible,
    level_values, prove, recheck_idle, recheck_need,
};
use crate::control::{Control, Limit, Options, Reason as StopReason, Termination, Watch};
use crate::decompose::{clusters, components};
use crate::error::Error;
use crate::explain::{explain_needs, idle_reason};
use crate::milp::MilpBackend;
use crate::network::{Network, build};
use crate::plan::{
    Big, Certificate, LevelRecord, LevelWitness, PLAN_FORMAT, PartMultipliers, Plan, ProofName,
    Totals, assignments, claimed_value, idle, levels, outcomes, part_proof, sums, within,
};
use crate::solve::{Contradiction, Seen, Solution, solve};
use crate::validate::ValidLedger;

/// Name and version written into every plan.
pub const ENGINE: &str = concat!("concentric ", env!("CARGO_PKG_VERSION"));

/// Makes a plan; `backend` solves what needs integers. Without one such a ledger still
/// gets the plan of a heuristic, with a bound.
///
/// # Errors
/// [`Error::Invalid`] for too many arcs or coefficients out of range;
/// [`Error::Uncertified`] if the engine's own plan fails its certificate (a defect);
/// [`Error::Lost`] if the back end was lost before any plan was found;
/// [`Error::Abandoned`] if the caller's token says that nobody waits.
///
/// Complexity: that of the network simplex, once a level, plus O(levels * arcs); where
/// integers are needed, what the limits allow.
pub fn match_ledger(
    valid: &ValidLedger,
    options: &Options,
    backend: Option<&dyn MilpBackend>,
    control: &Control,
) -> Result<Plan, Error> {
    let watch = Watch::start(options, control);
    control.wanted()?;
    control.report("build");
    let network = build(valid, options.max_arcs)?;
    control.wanted()?;
    let components = components(&network);
    let clusters = clusters(&network, &components);
    let solution = solve(&network, &clusters, backend, options, control, &watch)?;
    control.wanted()?;
    control.report("certify");
    let lowered =
        Lowered { valid, network: &network, components: &components, clusters: &clusters };
    finish(&lowered, &solution, backend, options, control)
}

/// The engine's own plan breaks a rule.
fn uncertified(violation: Violation) -> Error {
    Error::Uncertified(violation.to_string())
}

fn finish(
    lowered: &Lowered<'_>,
    solution: &Solution,
    backend: Option<&dyn MilpBackend>,
    options: &Options,
    control: &Control,
) -> Result<Plan, Error> {
    let (valid, network) = (lowered.valid, lowered.network);
    let mut plan = head(valid, options, solution);
    let Some(service) = &solution.service else {
        // With a limit of the caller's or of memory, that is why there is no plan.
        if let (None, None, Some(trouble)) = (&solution.conflict, solution.limit, &solution.trouble)
        {
            return Err(Error::Lost(trouble.clone()));
        }
        return nothing(lowered, solution, backend, plan).map_err(uncertified);
    };
    feasible(valid, network, service).map_err(uncertified)?;
    let values = level_values(valid, network, service);
    let multipliers = witnesses(solution);
    let evidence = Evidence {
        service,
        flows: &solution.flows,
        potentials: &solution.potentials,
        cuts: &solution.cuts,
        multipliers: &multipliers,
    };
    control.wanted()?;
    let proofs = prove(network, &evidence, &lowered.parts()).map_err(uncertified)?;
    control.wanted()?;
    for ((level, value), proof) in network.levels.iter().zip(&values).zip(&proofs) {
        if value.value != proof.value {
            let detail = format!("adds up to {} on arcs and {} on edges", value.value, proof.value);
            return Err(uncertified(Violation::new(format!("level {}", level.label), detail)));
        }
    }
    let gap = i128::from(options.gap_ppm);
    plan.levels = levels(network, &values, Some(&proofs), &solution.claims, gap, &solution.work);
    let termination = termination(network, &plan.levels, &proofs, solution, backend, gap);
    if lowered.is_network()
        && termination.limit.is_none()
        && termination.reason != StopReason::Optimal
    {
        let detail = "the solve ended by itself without a proof of every level";
        return Err(uncertified(Violation::new("termination", detail)));
    }
    plan.termination = Some((&termination).into());
    plan.assignments = assignments(valid, network, service);
    let totals = Totals::new(network, service);
    control.report("explain");
    let marks = Marks::new(lowered, &proofs, solution.limit.is_some());
    let asked = Asked { options, control };
    explain_into(lowered, solution, service, &totals, asked, &marks, &mut plan)
        .map_err(uncertified)?;
    control.wanted()?;
    plan.coverage = sums(valid, network, service, &totals);
    plan.components = lowered.records(|k| part_proof(&proofs, &solution.claims, k));
    plan.certificate = certificate(solution);
    Ok(plan)
}

fn witnesses(solution: &Solution) -> Vec<Vec<Multipliers>> {
    let of_level = |level: &Vec<(u32, Vec<(u32, i128)>)>| {
        let parts = level.iter().filter(|(_, rows)| !rows.is_empty());
        parts.map(|(part, rows)| Multipliers { part: *part, rows: rows.clone() }).collect()
    };
    solution.multipliers.iter().map(of_level).collect()
}

fn head(valid: &ValidLedger, options: &Options, solution: &Solution) -> Plan {
    let by_clock = solution.by_clock
        || matches!(solution.limit, Some(Limit::Time | Limit::Interrupted | Limit::Memory));
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

/// A plan without assignments: a contradiction, proved by a cut or claimed by a back
/// end, or nothing found.
fn nothing(
    lowered: &Lowered<'_>,
    solution: &Solution,
    backend: Option<&dyn MilpBackend>,
    mut plan: Plan,
) -> Result<Plan, Violation> {
    let termination = match &solution.conflict {
        Some(found) => {
            let mut detail = told(found);
            if found.cut.is_empty() && !lowered.is_network() {
                let who = backend.map_or_else(String::new, |b| b.name());
                detail.push_str(&match found.seen {
                    Seen::Sum => " (adding up shows it)".to_owned(),
                    Seen::Relaxation => format!(" (claimed by {who}, even with fractions allowed)"),
                    Seen::Integers => format!(" (claimed by {who}: it takes integers to see)"),
                    Seen::Somehow => format!(" (claimed by {who})"),
                });
            } else {
                let minimal = solution.limit.is_none();
                infeasible(lowered.network, &found.cut, &found.names, minimal)?;
            }
            plan.conflict.clone_from(&found.names);
            plan.certificate.infeasible_cut.clone_from(&found.cut);
            Termination { reason: StopReason::Infeasible, limit: solution.limit, detail }
        }
        None => Termination {
            reason: StopReason::NoSolution,
            limit: solution.limit.or(Some(Limit::Work)),
            detail: match (&solution.trouble, backend) {
                (Some(trouble), _) => format!("no plan was found: {trouble}"),
                (None, None) => "no plan was found without a solver for integers".to_owned(),
                _ => "stopped before any plan was found".to_owned(),
            },
        },
    };
    plan.termination = Some((&termination).into());
    plan.components = lowered.records(|_| ProofName::Feasible);
    Ok(plan)
}

/// What clashes, in a sentence. Untouchable limits stand nowhere else: what a plan lists as
/// its conflict may be blamed.
fn told(found: &Contradiction) -> String {
    if found.names.is_empty() && !found.untouchable.is_empty() {
        let names = found.untouchable.join(", ");
        return format!("only untouchable limits clash, and none of them is to blame: {names}");
    }
    format!("no plan can obey all of: {}", found.names.join(", "))
}

/// Why a solve ended, from what its levels prove or claim.
fn termination(
    network: &Network,
    records: &[LevelRecord],
    proofs: &[LevelProof],
    solution: &Solution,
    backend: Option<&dyn MilpBackend>,
    gap_ppm: i128,
) -> Termination {
    let reason = ended(records, proofs, gap_ppm);
    let mut detail = match reason {
        StopReason::Optimal => "every level is proved optimal".to_owned(),
        _ => "a verified plan; see the bound of each level".to_owned(),
    };
    let claimed: Vec<&str> =
        records.iter().filter(|r| r.proof == ProofName::Claimed).map(|r| r.goal.as_str()).collect();
    if let (Some(backend), false) = (backend, claimed.is_empty()) {
        detail = match reason {
            StopReason::Optimal => "every level is optimal".to_owned(),
            _ => detail,
        };
        detail.push_str(&format!("; by the word of {}: {}", backend.name(), claimed.join(", ")));
    }
    for (l, record) in records.iter().enumerate() {
        // What a back end claims beyond what is proved.
        let claim = claimed_value(network, l, proofs, &solution.claims);
        if let (ProofName::ProvedBound, Some(claim), Some(backend)) = (record.proof, claim, backend)
        {
            detail.push_str(&format!("; {} claims {claim} for {}", backend.name(), record.goal));
        }
    }
    if let Some(trouble) = &solution.trouble {
        detail.push_str(&format!("; {trouble}"));
    }
    let limit = solution.limit.filter(|_| reason != StopReason::Optimal);
    Termination { reason, limit, detail }
}

/// Optimal where value and bound meet on every level (within the level's own tolerance),
/// within the gap where they nearly do.
pub(crate) fn ended(records: &[LevelRecord], proofs: &[LevelProof], gap_ppm: i128) -> StopReason {
    let exact = |(record, proof): (&LevelRecord, &LevelProof)| {
        proof.is_exact()
            || (record.proof == ProofName::Claimed && record.bound == Some(record.value))
    };
    let near = |(record, proof): (&LevelRecord, &LevelProof)| {
        exact((record, proof))
            || record.bound.is_some_and(|bound| within(record.value.0, bound.0, gap_ppm))
    };
    if records.iter().zip(proofs).all(exact) {
        StopReason::Optimal
    } else if records.iter().zip(proofs).all(near) {
        StopReason::WithinGap
    } else {
        StopReason::Feasible
    }
}

fn certificate(solution: &Solution) -> Certificate {
    let levels = solution.potentials.iter().zip(&solution.cuts).zip(&solution.multipliers);
    let rows = |rows: &[(u32, i128)]| rows.iter().map(|&(row, y)| (row, Big(y))).collect();
    Certificate {
        levels: levels
            .map(|((potentials, cut), parts)| LevelWitness {
                potentials: potentials.iter().copied().map(Big).collect(),
                cut: cut.clone(),
                multipliers: parts
                    .iter()
                    .filter(|(_, given)| !given.is_empty())
                    .map(|(part, given)| PartMultipliers { part: *part, rows: rows(given) })
                    .collect(),
            })
            .collect(),
        infeasible_cut: Vec::new(),
    }
}

/// What the caller wants to know, and how long he waits.
#[derive(Clone, Copy)]
struct Asked<'a> {
    options: &'a Options,
    control: &'a Control,
}

fn explain_into(
    lowered: &Lowered<'_>,
    solution: &Solution,
    service: &[i64],
    totals: &Totals,
    asked: Asked<'_>,
    marks: &Marks,
    plan: &mut Plan,
) -> Result<(), Violation> {
    let (valid, network) = (lowered.valid, lowered.network);
    let incidence = Incidence::new(network);
    let limits = Situation::labels(network);
    let situation = Situation {
        valid,
        network,
        service,
        flows: &solution.flows,
        covered: &totals.covered,
        drawn: &totals.drawn,
        open: &marks.open,
        integer: &marks.integer,
        incidence: &incidence,
        limits: &limits,
    };
    let stop = || asked.control.is_hurried();
    let reasons = asked.options.explain.then(|| explain_needs(&situation, &stop)).flatten();
    let mut explained = reasons.is_some();
    plan.outcomes = outcomes(valid, totals, reasons.unwrap_or_default());
    plan.idle = idle(valid, totals, |offer| {
        explained &= !stop();
        explained.then(|| idle_reason(&situation, offer)).flatten()
    });
    // What was found but could not be proved again in time is not given.
    if explained && check_reasons(&situation, plan, true, &stop)? {
        return Ok(());
    }
    if asked.options.explain {
        plan.outcomes.iter_mut().for_each(|outcome| outcome.reasons.clear());
        plan.idle.iter_mut().for_each(|idle| idle.reason = None);
        plan.deterministic = false;
        if let Some(end) = &mut plan.termination {
            end.detail.push_str("; there was no time for reasons");
        }
    }
    check_reasons(&situation, plan, false, &|| false).map(|_| ())
}

/// Re-proves every reason of a plan; with `complete` a short need must have one. False if
/// `stop` said so before the last was proved.
pub(crate) fn check_reasons(
    situation: &Situation<'_>,
    plan: &Plan,
    complete: bool,
    stop: &dyn Fn() -> bool,
) -> Result<bool, Violation> {
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
            if stop() {
                return Ok(false);
            }
            recheck_need(situation, need as u32, reason, &written_at)?;
        }
    }
    let offers = &situation.valid.ledger().offers;
    for idle in &plan.idle {
        if stop() {
            return Ok(false);
        }
        let at = offers.binary_search_by(|o| o.id.cmp(&idle.offer));
        match (&idle.reason, at) {
            (Some(reason), Ok(offer)) => recheck_idle(situation, offer as u32, reason)?,
            (None, Ok(_)) if !complete => {}
            _ => return Err(Violation::new(format!("idle offer {}", idle.offer), "has no reason")),
        }
    }
    Ok(true)
}
