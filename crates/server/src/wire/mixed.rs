//! Faults of structure and of rules in one list, as the reader of ledger files gives them.
//!
//! In: what the reading of a message found, and what the rules found in what could be read.
//! Out: both, in the order of the format, without what only an unreadable value can have
//! caused. Must err on the side of silence: what is held back comes with the next try.

use concentric_matcher::Issue;
use concentric_matcher::error::Code;
use concentric_matcher::io::MAX_ISSUES;

use super::shapes::{Kind, Shape};
use super::weight::SHAPES;

/// Adds to `faults` what the rules found for certain; in order, at most [`MAX_ISSUES`].
pub fn merge(mut faults: Vec<Issue>, more: Vec<Issue>) -> Vec<Issue> {
    let unreadable: Vec<String> = faults.iter().map(|fault| fault.path.clone()).collect();
    faults.extend(more.into_iter().filter(|issue| certain(issue, &unreadable)));
    faults.sort_by_cached_key(|issue| place(&issue.path));
    capped(faults)
}

/// At most [`MAX_ISSUES`]; the last one then says how many there are.
pub fn capped(mut issues: Vec<Issue>) -> Vec<Issue> {
    let all = issues.len();
    if all > MAX_ISSUES {
        issues.truncate(MAX_ISSUES - 1);
        let message = format!("{all} violations in all; the first {} are shown", issues.len());
        issues.push(Issue::new(Code::TooManyItems, "$", message));
    }
    issues
}

/// Whether an issue holds whatever the unreadable values would have been.
fn certain(issue: &Issue, unreadable: &[String]) -> bool {
    let meets = |path: &String| unreadable.iter().any(|at| inside(at, path) || inside(path, at));
    if meets(&issue.path) || issue.related.iter().any(meets) {
        return false;
    }
    match issue.code {
        // A level that could not be read may be what makes a root, and a root is a default.
        Code::FieldRequired => !unreadable.iter().any(|at| at.starts_with("places[")),
        // The other record may be what could not be read.
        Code::ContradictoryPolicy => {
            issue.related.iter().all(|path| record(path) == record(&issue.path))
        }
        Code::NumericOverflow => false,
        _ => true,
    }
}

/// Whether `path` is `outer` or lies in it.
fn inside(path: &str, outer: &str) -> bool {
    let rest = path.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `needs[3]` of `needs[3].kind`; the field itself at the top.
fn record(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Where a path stands in the format: list, record, field, then the indices inside the field.
fn place(path: &str) -> (u32, usize, u32, Vec<usize>) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, index) = match head.split_once('[') {
        Some((name, tail)) => (name, number(tail).map_or(0, |k| k + 1)),
        None => (head, 0),
    };
    let ledger = SHAPES.ledger().and_then(|ledger| SHAPES.at(ledger));
    let Some(list) = ledger.and_then(|ledger| ledger.named(name)) else {
        // Free fields and the whole stand after the head and before the lists.
        return (ledger.and_then(|l| l.named("facts_json")).map_or(0, |f| f.number), 0, 0, vec![]);
    };
    let shape: Option<&Shape> = match list.kind {
        Kind::Message(child) => SHAPES.at(child),
        _ => None,
    };
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (field, inner) = rest.split_at(end);
    let field = shape.and_then(|shape| shape.named(field)).map_or(0, |field| field.number);
    (list.number, index, field, inner.split('[').skip(1).filter_map(number).collect())
}

/// The number at the beginning of a text.
fn number(text: &str) -> Option<usize> {
    text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
