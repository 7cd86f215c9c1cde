//! One delta after the other on a working copy.
//!
//! In: a copy of the ledger and lists of deltas. Out: the changed copy, or all
//! issues. Must not know what an operation does, only which fields it reads.

use std::collections::BTreeSet;

use super::list::{List, on_list};
use super::{commit, edit, goals, insert, remove, select};
use crate::error::{Code, Issue};
use crate::ledger::{Delta, DeltaOp, Goal, Ledger};

/// A ledger under change, and what went wrong so far.
pub(super) struct Workbench {
    ledger: Ledger,
    issues: Vec<Issue>,
    /// Ids whose insertion failed: later deltas that name them are not to blame.
    missing: BTreeSet<String>,
}

impl Workbench {
    /// Starts from a copy that may be changed freely.
    pub(super) fn new(ledger: Ledger) -> Self {
        Workbench { ledger, issues: Vec::new(), missing: BTreeSet::new() }
    }

    /// Applies `deltas` in order; those that fail leave issues below `path`.
    pub(super) fn run(&mut self, deltas: &[Delta], path: &str) {
        let mut said = commit::Said::new();
        for (k, delta) in deltas.iter().enumerate() {
            let at = format!("{path}[{k}]");
            let Err(issues) = step(&mut self.ledger, &mut said, delta, &at) else {
                continue;
            };
            let excused = self.names_missing(delta);
            self.issues.extend(
                issues
                    .into_iter()
                    .filter(|issue| !(excused && issue.code == Code::UnknownReference)),
            );
            if delta.op == DeltaOp::Insert
                && let Some(id) = delta.value.as_ref().and_then(|v| v.get("id")?.as_str())
            {
                self.missing.insert(id.to_owned());
            }
        }
    }

    /// The result: the ledger if nothing went wrong, else everything that did.
    pub(super) fn finish(self) -> Result<Ledger, Vec<Issue>> {
        if self.issues.is_empty() { Ok(self.ledger) } else { Err(self.issues) }
    }

    fn names_missing(&self, delta: &Delta) -> bool {
        [&delta.id, &delta.offer, &delta.need, &delta.unit, &delta.place]
            .into_iter()
            .flatten()
            .any(|id| self.missing.contains(id))
    }
}

fn step(
    ledger: &mut Ledger,
    said: &mut commit::Said,
    delta: &Delta,
    at: &str,
) -> Result<(), Vec<Issue>> {
    let stray = stray_fields(delta, at);
    if !stray.is_empty() {
        return Err(stray);
    }
    match delta.op {
        DeltaOp::Pin | DeltaOp::Forbid | DeltaOp::Clear => {
            return commit::decide(ledger, said, delta, at);
        }
        DeltaOp::AcceptClaim => return commit::accept(ledger, delta, at),
        _ => {}
    }
    let reorder_alone = delta.op == DeltaOp::Reorder && delta.list.is_none();
    let list = if reorder_alone {
        List::Goals
    } else {
        List::of(delta.list.as_deref(), at).map_err(|issue| vec![issue])?
    };
    if list == List::Goals && ledger.goals.is_empty() {
        // No goals means the default order; a change of the goals is a change of it.
        ledger.goals = Goal::default_order();
    }
    match delta.op {
        DeltaOp::Insert => {
            on_list!(ledger, list, records => insert::insert(records, list, delta, at))?;
            if list == List::Pairs
                && let Some(issue) = insert::repeated_pair(&ledger.pairs, at)
            {
                ledger.pairs.pop();
                return Err(vec![issue]);
            }
            Ok(())
        }
        DeltaOp::Reorder => goals::reorder(&mut ledger.goals, delta, at),
        DeltaOp::Remove => {
            let hits = on_list!(ledger, list, records => select::hits(records, list, delta, at))?;
            remove::remove(ledger, list, &hits, at)
        }
        _ => on_list!(ledger, list, records => {
            let hits = select::hits(records, list, delta, at)?;
            edit::edit(records, &hits, list, delta, at)
        }),
    }
}

/// Fields that the operation does not read: they would be ignored in silence.
fn stray_fields(delta: &Delta, at: &str) -> Vec<Issue> {
    let read: &[&str] = match delta.op {
        DeltaOp::Set | DeltaOp::Add | DeltaOp::ScalePct => {
            &["list", "id", "where", "field", "value"]
        }
        DeltaOp::Remove => &["list", "id", "where"],
        DeltaOp::Insert | DeltaOp::Reorder => &["list", "value"],
        DeltaOp::Pin => &["offer", "need", "unit", "place", "value"],
        DeltaOp::Forbid | DeltaOp::Clear => &["offer", "need", "unit", "place"],
        DeltaOp::AcceptClaim => &["id"],
    };
    [
        ("list", delta.list.is_some()),
        ("id", delta.id.is_some()),
        ("where", delta.filter.is_some()),
        ("field", delta.field.is_some()),
        ("value", delta.value.is_some()),
        ("offer", delta.offer.is_some()),
        ("need", delta.need.is_some()),
        ("unit", delta.unit.is_some()),
        ("place", delta.place.is_some()),
    ]
    .into_iter()
    .filter(|(name, present)| *present && !read.contains(name))
    .map(|(name, _)| {
        Issue::new(
            Code::FieldInvalid,
            format!("{at}.{name}"),
            format!("`{name}` means nothing to this operation; it reads {}", read.join(", ")),
        )
    })
    .collect()
}
