//! Every row of docs/mechanisms.md points to something that exists.
//!
//! In: the document and the sources. Out: rows without a pointer, and pointers that lead
//! nowhere. Must not run anything. A pointer is `module::test` below
//! tests/engine/mechanisms, `path.rs::test`, or a command with its kind of report.

use super::source::{File, files};

const COMMANDS: [&str; 8] =
    ["match", "check", "verify", "report", "diff", "claims", "reconcile", "classify"];
const KINDS: [&str; 12] = [
    "services",
    "communities",
    "pairings",
    "funding",
    "receipts",
    "meeting",
    "idle",
    "levels",
    "coverage",
    "places",
    "points",
    "load",
];

/// Rows of tables: first cell and the pointers of the last.
fn rows(document: &str) -> Vec<(String, Vec<String>)> {
    let tables = document.lines().filter(|line| line.starts_with("| "));
    let cells = tables.map(|line| line.trim_matches('|').split('|').map(str::trim));
    cells
        .map(Iterator::collect::<Vec<&str>>)
        .filter(|cells| cells[0] != "row")
        .map(|cells| {
            let last = cells.last().copied().unwrap_or_default();
            let quoted = last.split('`').skip(1).step_by(2).map(str::to_owned);
            (cells[0].to_owned(), quoted.collect())
        })
        .collect()
}

fn leads_somewhere(pointer: &str, sources: &[File]) -> bool {
    if let Some(command) = pointer.strip_prefix("concentric ") {
        let words: Vec<&str> = command.split(' ').collect();
        return match words[..] {
            ["report", kind] => KINDS.contains(&kind),
            [name] => COMMANDS.contains(&name),
            _ => false,
        };
    }
    let Some((place, test)) = pointer.rsplit_once("::") else { return false };
    let path = if place.ends_with(".rs") {
        place.to_owned()
    } else {
        format!("tests/engine/mechanisms/{place}.rs")
    };
    let named = format!("#[test]\nfn {test}() {{");
    // Tests in a module of their own are indented.
    let inner = format!("#[test]\n    fn {test}() {{");
    let file = sources.iter().find(|file| file.path == path);
    file.is_some_and(|file| file.text.contains(&named) || file.text.contains(&inner))
}

fn breaches(document: &str, sources: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for (row, pointers) in rows(document) {
        if pointers.is_empty() {
            found.push(format!("{row} points nowhere"));
        }
        let dead = pointers.iter().filter(|pointer| !leads_somewhere(pointer, sources));
        found.extend(dead.map(|pointer| format!("{row}: there is no {pointer}")));
    }
    found
}

fn document() -> String {
    let path = super::source::root().join("docs/mechanisms.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_row_is_shown_by_something_that_exists() {
    super::none(breaches(&document(), &files(".rs")));
}

/// Rows of the five accounts, less the three that are out of scope.
#[test]
fn no_row_is_missing() {
    let all = rows(&document());
    for (account, count, left_out) in [
        ("1.1", 43, &[][..]),
        ("1.2", 33, &[33]),
        ("1.3", 31, &[2]),
        ("1.4", 15, &[14]),
        ("1.5", 14, &[]),
    ] {
        for row in (1..=count).filter(|row| !left_out.contains(row)) {
            let id = format!("{account}.{row:02}");
            assert_eq!(all.iter().filter(|(own, _)| *own == id).count(), 1, "{id}");
        }
    }
}

/// Every test of a mechanism is in the document: what is not pointed to is not found.
#[test]
fn no_mechanism_is_forgotten() {
    let document = document();
    let sources = files(".rs");
    let own = sources.iter().filter(|file| file.path.starts_with("tests/engine/mechanisms/"));
    for file in own {
        let module = file.path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        for test in file.text.split("#[test]\nfn ").skip(1) {
            let pointer = format!("`{module}::{}`", test.split('(').next().unwrap());
            assert!(document.contains(&pointer), "{pointer} is in no row");
        }
    }
}

#[test]
fn a_planted_breach_is_found() {
    let source = [File::new("tests/engine/mechanisms/a.rs", "#[test]\nfn b() {\n}\nfn c() {}")];
    let told = |cell: &str| {
        breaches(&format!("| row | x | y |\n|---|---|---|\n| 1 | m | {cell} |"), &source)
    };
    for good in [
        "`a::b`",
        "`tests/engine/mechanisms/a.rs::b`",
        "`concentric match`",
        "`a::b`, `concentric report idle`",
    ] {
        assert!(told(good).is_empty(), "{good}");
    }
    for bad in [
        "",
        "words",
        "`a::c`",
        "`a::d`",
        "`b`",
        "`concentric report gossip`",
        "`concentric nonsense`",
        "`a::b`, `x::b`",
    ] {
        assert_eq!(told(bad).len(), 1, "{bad}");
    }
}
