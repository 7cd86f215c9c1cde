//! Lines and columns for issues that were found apart from the reading of the file.
//!
//! In: the text of a ledger and issues with paths into it. Out: the same issues with
//! their places. Must not know rules: a path is enough.

use super::text::{Lines, decode};
use super::{locate, tree};
use crate::error::Issue;

/// Gives line and column to every issue whose path leads into `text` and that has none:
/// notices of a ledger, or issues of its scenarios. Where the path ends early, the place
/// of its last part that exists. Nothing is done when `text` is not JSON.
///
/// ```
/// use concentric_matcher::io::place_issues;
/// use concentric_matcher::{Code, Issue};
/// let text = b"{\"needs\": [\n  {\"id\": \"n1\", \"quantity\": 3}]}";
/// let mut issues = [Issue::new(Code::FieldInvalid, "needs[0].quantity", "too small")];
/// place_issues(text, &mut issues);
/// assert_eq!(issues[0].position.unwrap().0, 2);
/// ```
///
/// Complexity: one parse, then the length of each path.
pub fn place_issues(text: &[u8], issues: &mut [Issue]) {
    if let Ok(text) = decode(text) {
        place(text, issues);
    }
}

/// As [`place_issues`], on decoded text.
pub(super) fn place(text: &str, issues: &mut [Issue]) {
    if issues.iter().all(|issue| issue.position.is_some()) {
        return;
    }
    let Some(root) = tree(text) else { return };
    let lines = Lines::new(text);
    for issue in issues.iter_mut().filter(|issue| issue.position.is_none()) {
        let offset = locate::locate(&root, &issue.path);
        issue.position = Some(lines.position(offset));
    }
}
