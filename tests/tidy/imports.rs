//! The import table of `crates/matcher`: what each stage may know of the others.
//!
//! In: the sources. Out: every path into a module that the table does not allow. The
//! module of a file is the first segment of its path below `src`; tests may use anything.
//! `ARCHITECTURE.md` shows the same table. Rejected: a crate for each stage (thirteen
//! manifests for one library).

use super::source::{File, code};

/// Module, and the modules it may use beside itself.
const TABLE: [(&str, &[&str]); 17] = [
    ("error", &["ids", "quantity"]),
    ("ids", &["error", "quantity"]),
    ("quantity", &["error", "ids"]),
    ("control", &["error"]),
    ("ledger", &["error", "ids", "quantity"]),
    ("scenario", &["ledger", "error", "ids", "quantity"]),
    ("validate", &["ledger", "scenario", "error", "ids", "quantity"]),
    ("network", &["ledger", "validate", "control", "error", "ids", "quantity"]),
    ("decompose", &["network", "error", "ids", "quantity"]),
    ("flow", &[]),
    ("milp", &[]),
    ("solve", &["network", "decompose", "flow", "milp", "control", "error", "ids", "quantity"]),
    ("certify", &["ledger", "validate", "network", "control", "error", "ids", "quantity"]),
    ("explain", &["ledger", "validate", "network", "certify", "error", "ids", "quantity"]),
    (
        "plan",
        &[
            "ledger", "validate", "network", "certify", "explain", "control", "error", "ids",
            "quantity",
        ],
    ),
    (
        "pipeline",
        &[
            "error",
            "ids",
            "quantity",
            "control",
            "ledger",
            "scenario",
            "validate",
            "network",
            "decompose",
            "flow",
            "milp",
            "solve",
            "certify",
            "explain",
            "plan",
        ],
    ),
    ("io", &["ledger", "scenario", "plan", "validate", "error", "ids", "quantity"]),
];

const SOURCES: &str = "crates/matcher/src/";

/// One line for each (file, module) that the table does not allow.
pub fn breaches(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        let Some(path) = file.path.strip_prefix(SOURCES) else {
            continue;
        };
        let place = place(path);
        // lib.rs is the crate's front page and re-exports what it likes.
        let Some(&own) = place.first() else { continue };
        let allowed = TABLE.iter().find(|(name, _)| *name == own).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            found.push(format!("{}: module {own} is not in the import table", file.path));
            continue;
        };
        let mut used = used(&place, &file.text);
        used.retain(|name| name != own && !allowed.contains(&name.as_str()));
        found.extend(
            used.into_iter().map(|name| format!("{}: {own} may not use {name}", file.path)),
        );
    }
    found
}

/// Module path of a file below `src`: `network/arcs.rs` is `[network, arcs]`.
fn place(path: &str) -> Vec<&str> {
    let mut place: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if matches!(place.last(), Some(&"mod" | &"lib")) {
        place.pop();
    }
    place
}

/// Names that the text takes from the root of the crate, each once, ascending.
fn used(place: &[&str], text: &str) -> Vec<String> {
    let code = code(without_inline_tests(text));
    let up = "super::".repeat(place.len());
    let mut names = Vec::new();
    for from_root in ["crate::", up.as_str()] {
        for (at, _) in code.match_indices(from_root) {
            let longer =
                code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !longer {
                heads(&code[at + from_root.len()..], &mut names);
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

/// First segments of a path or of a braced list of paths.
fn heads(rest: &str, names: &mut Vec<String>) {
    let Some(list) = rest.strip_prefix('{') else {
        names.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        return;
    };
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let item = list[start..at].trim();
                if !item.is_empty() {
                    heads(item, names);
                }
                start = at + 1;
                if c == '}' {
                    return;
                }
            }
            _ => {}
        }
    }
}

/// Inline test modules stand at the end of a file.
fn without_inline_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}

/// What a row of the table in `ARCHITECTURE.md` lets a module use.
fn documented(document: &str, module: &str) -> Vec<String> {
    let start = format!("| `{module}` | ");
    let row = document.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default();
    let mut names: Vec<String> = row.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    names.retain(|name| name != module);
    names.sort();
    names
}

#[test]
fn the_document_shows_the_same_table() {
    let document = std::fs::read_to_string(super::source::root().join("ARCHITECTURE.md")).unwrap();
    let (_, document) = document.split_once("**Imports.**").expect("the table of imports");
    for (module, allowed) in TABLE {
        // Rows of several modules, or in words, are left to the reader.
        if ["error", "ids", "quantity", "control", "ledger", "pipeline"].contains(&module) {
            continue;
        }
        let common = ["error", "ids", "quantity"];
        let mut allowed: Vec<&str> =
            allowed.iter().copied().filter(|n| !common.contains(n)).collect();
        allowed.sort_unstable();
        assert_eq!(documented(document, module), allowed, "{module}");
    }
}

#[test]
fn forbidden_paths_are_seen_in_every_spelling() {
    let spelled =
        |path: &str, text: &str| breaches(&[File::new(&format!("{SOURCES}{path}"), text)]);
    assert_eq!(spelled("flow/tree.rs", "use crate::ledger::Need;").len(), 1);
    assert_eq!(spelled("flow/tree.rs", "fn f(n: crate::ledger::Need) {}").len(), 1);
    assert_eq!(spelled("flow/tree.rs", "use super::super::ledger::Need;").len(), 1);
    assert_eq!(spelled("flow/mod.rs", "use super::ledger::Need;").len(), 1);
    assert_eq!(
        spelled("certify/a.rs", "use crate::{ledger::{Need, Unit}, flow, solve::X};").len(),
        2
    );
    assert_eq!(spelled("certify/a.rs", "use crate::Options;").len(), 1, "by way of a re-export");
    assert_eq!(spelled("magic.rs", "").len(), 1, "a module that nobody has placed");
}

#[test]
fn allowed_paths_comments_and_tests_are_not_breaches() {
    let spelled =
        |path: &str, text: &str| breaches(&[File::new(&format!("{SOURCES}{path}"), text)]);
    assert!(spelled("flow/tree.rs", "use super::ledger::Need; use crate::flow::Tree;").is_empty());
    assert!(
        spelled("flow/tree.rs", "/// See crate::ledger.\nfn f() { g(\"crate::ledger\") }")
            .is_empty()
    );
    assert!(
        spelled("flow/a.rs", "#[cfg(test)]\nmod tests {\n use crate::ledger::X;\n}").is_empty()
    );
    assert!(spelled("flow/tests/a.rs", "use crate::ledger::X;").is_empty());
    assert!(spelled("lib.rs", "pub use crate::ledger::Ledger;").is_empty());
    assert!(spelled("plan/a.rs", "use crate::certify::Reason;").is_empty());
}
