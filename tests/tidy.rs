//! House rules as tests: who may import whom, heads, sizes, words, documents.
//!
//! In: the sources as they stand. Out: every breach by file. Each rule is a function
//! from files to breaches, so that it can be shown a planted breach too. Rejected: rules
//! that only live in a document (they are broken unseen).

#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/source.rs"]
pub mod source;

use source::{File, code, files, has_word};

const MOST_LINES: usize = 400;
/// The one file that may be unsafe: callbacks of a solver written in C++.
const FOREIGN: &str = "crates/matcher/src/milp/ffi.rs";

fn none(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{} breach(es):\n  {}", breaches.len(), breaches.join("\n  "));
}

/// Rust files without a module head: two lines, one in tests.
fn heads(files: &[File]) -> Vec<String> {
    let short = |file: &&File| {
        let lines = file.text.lines().take_while(|line| line.starts_with("//!")).count();
        lines < if file.is_test() { 1 } else { 2 }
    };
    let say = |file: &File| format!("{}: the head (//!) is missing or too short", file.path);
    files.iter().filter(short).map(say).collect()
}

/// Files too long to be one thing.
fn sizes(files: &[File]) -> Vec<String> {
    let sized = files.iter().map(|file| (file, file.text.lines().count()));
    let long = sized.filter(|&(_, lines)| lines > MOST_LINES);
    long.map(|(file, lines)| format!("{}: {lines} lines, at most {MOST_LINES}", file.path))
        .collect()
}

/// Words that must not stand in code.
fn words(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in code(&file.text).lines().enumerate() {
            let macros = ["todo!", "dbg!"].into_iter().find(|word| line.contains(word));
            let bad = (file.path != FOREIGN && has_word(line, "unsafe"))
                .then_some("unsafe")
                .or(macros)
                .or(line.contains("#[ignore").then_some("#[ignore]"));
            found.extend(bad.map(|word| format!("{}:{}: {word}", file.path, number + 1)));
        }
    }
    found
}

/// Ledger types that call a unit a party, which is another thing in the sources of the field.
fn parties(files: &[File]) -> Vec<String> {
    let types = files.iter().filter(|file| file.path.starts_with("crates/matcher/src/ledger/"));
    let called = types.filter(|file| {
        let text = file.text.to_lowercase();
        has_word(&text, "party") || has_word(&text, "parties")
    });
    called.map(|file| format!("{}: calls something a party", file.path)).collect()
}

/// The README must name the two commands everybody needs.
fn readme(text: &str) -> Vec<String> {
    let missing = ["make demo", "make test"].into_iter().filter(|command| !text.contains(command));
    missing.map(|command| format!("README.md does not name `{command}`")).collect()
}

/// Decision files without one of the four sections, in this order.
fn decisions(files: &[File]) -> Vec<String> {
    const SECTIONS: [&str; 4] = ["## Context", "## Decision", "## Rejected", "## Consequences"];
    let decisions = files.iter().filter(|file| file.path.starts_with("docs/decisions/"));
    let wrong = decisions.filter(|file| {
        let sections: Vec<&str> =
            file.text.lines().filter(|line| line.starts_with("## ")).collect();
        sections != SECTIONS
    });
    wrong.map(|file| format!("{}: sections must be {}", file.path, SECTIONS.join(", "))).collect()
}

#[test]
fn stages_import_only_what_the_table_allows() {
    none(imports::breaches(&files(".rs")));
}

#[test]
fn every_file_has_a_head() {
    none(heads(&files(".rs")));
}

#[test]
fn no_file_is_too_long() {
    none(sizes(&files(".rs")));
}

#[test]
fn forbidden_words_do_not_occur() {
    none(words(&files(".rs")));
}

#[test]
fn units_are_units() {
    none(parties(&files(".rs")));
}

#[test]
fn the_readme_names_the_first_commands() {
    none(readme(&std::fs::read_to_string(source::root().join("README.md")).unwrap()));
}

#[test]
fn decisions_have_their_four_sections() {
    let files = files(".md");
    assert!(files.iter().any(|file| file.path.starts_with("docs/decisions/")));
    none(decisions(&files));
}

#[test]
fn a_planted_breach_is_found_by_each_rule() {
    let one = |path: &str, text: &str| vec![File::new(path, text)];
    assert_eq!(heads(&one("src/a.rs", "//! One line.\nfn a() {}\n")).len(), 1);
    assert_eq!(heads(&one("src/a.rs", "//! Two\n//! lines.\n")).len(), 0);
    assert_eq!(heads(&one("tests/a.rs", "//! One line.\n")).len(), 0);
    assert_eq!(heads(&one("tests/a.rs", "fn a() {}\n")).len(), 1);
    assert_eq!(sizes(&one("a.rs", &"\n".repeat(MOST_LINES))).len(), 0);
    assert_eq!(sizes(&one("a.rs", &"\n".repeat(MOST_LINES + 1))).len(), 1);
    let bad =
        "unsafe {}\n// unsafe\ntodo!()\nlet s = \"dbg!(1)\";\ndbg!(1);\n#[ignore = \"slow\"]\n";
    assert_eq!(words(&one(FOREIGN, "unsafe {}\n")).len(), 0);
    let found = words(&one("a.rs", bad));
    assert_eq!(found, ["a.rs:1: unsafe", "a.rs:3: todo!", "a.rs:5: dbg!", "a.rs:6: #[ignore]"]);
    assert_eq!(parties(&one("crates/matcher/src/ledger/a.rs", "/// A Party.\n")).len(), 1);
    assert_eq!(parties(&one("crates/matcher/src/plan/a.rs", "/// A third party.\n")).len(), 0);
    assert_eq!(readme("run make demo").len(), 1);
    let good = "# T\n## Context\n## Decision\n## Rejected\n## Consequences\n";
    assert_eq!(decisions(&one("docs/decisions/1.md", good)).len(), 0);
    assert_eq!(decisions(&one("docs/decisions/1.md", &good.replace("## Rejected\n", ""))).len(), 1);
}
