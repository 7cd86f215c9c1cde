//! `reorder`: another lexicographic order.
//!
//! In: the goals and a list of keys. Out: the goals named, in the order named; the
//! others are dropped. Must not know what a level means.

use serde_json::Value;

use crate::error::{Code, Issue};
use crate::ledger::{Delta, Goal};

/// Puts `goals` into the order of the keys in `delta.value`.
///
/// A key is `what` or `what:kind`. It means the goal whose label it is or, when
/// there is none, the only goal of that `what`.
///
/// # Errors
/// A list other than goals, no or an empty list of keys, a key that names no goal
/// or more than one, a goal named twice.
pub(super) fn reorder(goals: &mut Vec<Goal>, delta: &Delta, at: &str) -> Result<(), Vec<Issue>> {
    let path = format!("{at}.value");
    if delta.list.as_deref().is_some_and(|list| list != "goals") {
        return Err(vec![Issue::new(
            Code::FieldInvalid,
            format!("{at}.list"),
            "only `goals` have an order",
        )]);
    }
    let keys = match &delta.value {
        Some(Value::Array(keys)) if !keys.is_empty() => keys,
        _ => {
            return Err(vec![Issue::new(
                Code::FieldInvalid,
                path,
                "`reorder` takes a list of at least one goal, e.g. [\"cover:hot_spot\", \"near\"]",
            )]);
        }
    };
    let mut order: Vec<usize> = Vec::with_capacity(keys.len());
    let mut issues = Vec::new();
    for (k, key) in keys.iter().enumerate() {
        let problem = match key.as_str() {
            None => "a goal is named by a word".to_owned(),
            Some(word) => match find(goals, word) {
                Ok(p) if order.contains(&p) => format!("goal `{word}` is listed twice"),
                Ok(p) => {
                    order.push(p);
                    continue;
                }
                Err(problem) => problem,
            },
        };
        issues.push(Issue::new(Code::FieldInvalid, format!("{path}[{k}]"), problem));
    }
    if issues.is_empty() {
        *goals = order.into_iter().map(|p| goals[p].clone()).collect();
        Ok(())
    } else {
        Err(issues)
    }
}

fn find(goals: &[Goal], key: &str) -> Result<usize, String> {
    let labelled: Vec<usize> = (0..goals.len()).filter(|&p| goals[p].label() == key).collect();
    let found = if labelled.is_empty() {
        (0..goals.len()).filter(|&p| goals[p].what.as_str() == key).collect()
    } else {
        labelled
    };
    match found[..] {
        [p] => Ok(p),
        [] => {
            let known: Vec<String> = goals.iter().map(Goal::label).collect();
            Err(format!("no goal `{key}`; there are {}", known.join(", ")))
        }
        _ => Err(format!("`{key}` names {} goals", found.len())),
    }
}
