//! A ledger and a plan that holds for it.
//!
//! In: two files, a scenario, perhaps the plan before. Out: both read, the plan verified,
//! or a failure with the first broken row. Must not solve. Every command that tells
//! something of a plan comes through here, so none tells of a plan that does not hold.

use std::path::Path;

use concentric_matcher::pipeline::Verdict;
use concentric_matcher::{Engine, Plan, ValidLedger};

use crate::failure::{Exit, Failure};
use crate::input::Source;

/// A ledger with a plan that holds for it.
pub struct Held {
    /// The ledger, after its scenario and with the previous plan as its baseline.
    pub valid: ValidLedger,
    /// The plan.
    pub plan: Plan,
    /// What its evidence proves.
    pub verdict: Verdict,
}

/// The ledger with what a previous plan assigns as the baseline of `keep`.
///
/// # Errors
/// A plan that cannot be read.
pub fn with_previous(valid: ValidLedger, previous: Option<&Path>) -> Result<ValidLedger, Failure> {
    let Some(path) = previous else { return Ok(valid) };
    let plan = Source::read(path)?.plan()?;
    let lines = plan.assignments.iter().map(|a| (a.offer.as_str(), a.need.as_str(), a.quantity));
    Ok(valid.with_baseline(lines))
}

impl Held {
    /// Reads and verifies. Without `scenario`, the one the plan names is taken.
    ///
    /// # Errors
    /// Files that cannot be read; a plan that does not hold, with exit code 4.
    pub fn read(
        ledger: &Path,
        plan: &Path,
        scenario: Option<&str>,
        previous: Option<&Path>,
    ) -> Result<Held, Failure> {
        let stdin = Path::new("-");
        if ledger == stdin && plan == stdin {
            return Err(Failure::input("error: ledger and plan cannot both come from stdin"));
        }
        let source = Source::read(ledger)?;
        let plan_source = Source::read(plan)?;
        let plan = plan_source.plan()?;
        let scenario = scenario.or(plan.scenario.as_deref());
        let valid = with_previous(source.ledger(scenario)?, previous)?;
        let judged = Engine::default()
            .verify(&valid, &plan)
            .map_err(|error| Failure::engine(&source.name, error))?;
        let verdict = judged.map_err(|violation| {
            let mut message = format!("{}: does not hold: {violation}", plan_source.name);
            if violation.row.ends_with("_digest") {
                message.push_str(
                    "\nThe plan was made for another version of the ledger, for another scenario, \
                     or with another plan before it (--previous).",
                );
            }
            Failure { exit: Exit::Unverified, message }
        })?;
        Ok(Held { valid, plan, verdict })
    }
}
