//! Scenarios: a base ledger plus typed deltas gives another ledger.
//!
//! In: an unchecked ledger and the id of a scenario, or a bare list of deltas. Out:
//! a new unchecked ledger, or every issue of every delta. Must not know validation:
//! a delta answers for itself (its fields, the records it names, the type of what
//! it writes), and what it leaves dangling is found by the validation that every
//! ledger passes anyway. Rejected: JSON Patch (positions instead of ids, and it
//! would need the whole ledger as a JSON tree: a million records for one change).

mod commit;
mod edit;
mod fields;
mod goals;
mod insert;
mod list;
mod remove;
mod select;
mod step;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_edit;
#[cfg(test)]
mod tests_examples;

use crate::error::{Code, Issue};
use crate::ledger::{Delta, Ledger};

/// Longest chain of scenarios, the asked one and all its ancestors counted.
pub const MAX_DEPTH: usize = 32;

/// The ledger that scenario `scenario_id` describes: the base, then the deltas of
/// the topmost ancestor, and so on down to the scenario itself.
///
/// The base is not changed; the result keeps the base's list of scenarios.
///
/// ```
/// use concentric_matcher::ledger::Ledger;
/// use concentric_matcher::scenario::apply;
/// let text = r#"{"format": "concentric.ledger/v1",
///   "units": [{"id": "u"}],
///   "offers": [{"id": "o", "unit": "u", "quantity": 7}],
///   "scenarios": [{"id": "half", "deltas": [
///     {"op": "scale_pct", "list": "offers", "id": "o", "field": "quantity", "value": 50}]}]}"#;
/// let ledger: Ledger = serde_json::from_str(text).unwrap();
/// assert_eq!(apply(&ledger, "half").unwrap().offers[0].quantity, 3);
/// ```
///
/// # Errors
/// Unknown scenario or parent (`UNKNOWN_REFERENCE`), a scenario that is its own
/// ancestor (`TREE_CYCLE`), more than [`MAX_DEPTH`] ancestors (`TOO_MANY_ITEMS`),
/// and every issue of every delta on the way.
///
/// # Complexity
/// One copy of the ledger, then for each delta one pass over the lists it touches;
/// only records that change are converted.
pub fn apply(ledger: &Ledger, scenario_id: &str) -> Result<Ledger, Vec<Issue>> {
    let chain = ancestry(ledger, scenario_id).map_err(|issue| vec![issue])?;
    let mut work = step::Workbench::new(ledger.clone());
    for at in chain {
        work.run(&ledger.scenarios[at].deltas, &format!("scenarios[{at}].deltas"));
    }
    work.finish()
}

/// The ledger after `deltas`, applied in order, all or none.
///
/// `path` is the path of the list of deltas in the caller's input, e.g.
/// `scenarios[2].deltas`; an issue of the second delta then reads
/// `scenarios[2].deltas[1].field`.
///
/// ```
/// use concentric_matcher::ledger::{Delta, Ledger, Need};
/// use concentric_matcher::scenario::apply_deltas;
/// let base = Ledger::builder("b").need(Need::new("n", 4)).build();
/// let deltas: Vec<Delta> = serde_json::from_str(
///     r#"[{"op": "add", "list": "needs", "id": "n", "field": "quantity", "value": -5}]"#,
/// ).unwrap();
/// let issues = apply_deltas(&base, &deltas, "deltas").unwrap_err();
/// assert_eq!(issues[0].code.as_str(), "DELTA_RESULT_NEGATIVE");
/// assert_eq!(issues[0].path, "deltas[0].value");
/// ```
///
/// # Errors
/// The issues of all deltas: a delta that fails is left out and the next ones are
/// still tried, so that one run tells as much as can be told.
pub fn apply_deltas(ledger: &Ledger, deltas: &[Delta], path: &str) -> Result<Ledger, Vec<Issue>> {
    let mut work = step::Workbench::new(ledger.clone());
    work.run(deltas, path);
    work.finish()
}

/// Positions of the scenario and its ancestors, the topmost first.
fn ancestry(ledger: &Ledger, scenario_id: &str) -> Result<Vec<usize>, Issue> {
    let find = |id: &str| ledger.scenarios.iter().position(|s| s.id == id);
    let unknown = |id: &str, path: String| {
        let known = ledger.scenarios.iter().map(|s| s.id.as_str());
        let hint = list::suggestion(id, known);
        Issue::new(Code::UnknownReference, path, format!("no scenario `{id}`{hint}"))
    };
    let mut at = find(scenario_id).ok_or_else(|| unknown(scenario_id, "scenarios".to_owned()))?;
    let mut chain = vec![at];
    while let Some(parent) = &ledger.scenarios[at].parent {
        let path = format!("scenarios[{at}].parent");
        at = find(parent).ok_or_else(|| unknown(parent, path.clone()))?;
        if let Some(start) = chain.iter().position(|&seen| seen == at) {
            let mut issue = Issue::new(
                Code::TreeCycle,
                path,
                format!("scenario `{parent}` is its own ancestor"),
            );
            for &member in &chain[start..] {
                issue = issue.with_related(format!("scenarios[{member}]"));
            }
            return Err(issue);
        }
        if chain.len() == MAX_DEPTH {
            return Err(Issue::new(
                Code::TooManyItems,
                path,
                format!(
                    "scenario `{scenario_id}` has more than {MAX_DEPTH} scenarios in its chain of parents"
                ),
            ));
        }
        chain.push(at);
    }
    chain.reverse();
    Ok(chain)
}
