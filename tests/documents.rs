//! What the documents show must be what the code does.
//!
//! In: the documents, the examples and the library. Out: every difference. Must not
//! judge style. Rejected: trusting that somebody will remember the README.

use std::path::Path;

use concentric_matcher::io::load;
use concentric_matcher::{Control, Engine};
use serde_json::Value;

use crate::tidy::source::{File, files, root};

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Fenced blocks of a language.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    markdown
        .split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block.to_owned()))
        .collect()
}

/// Where `part` says something that `whole` does not say; lists must have one length.
fn difference(part: &Value, whole: &Value) -> Option<String> {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part.iter().find_map(|(key, value)| {
            let found = difference(value, whole.get(key).unwrap_or(&Value::Null));
            found.map(|path| format!(".{key}{path}"))
        }),
        (Value::Array(part), Value::Array(whole)) if part.len() == whole.len() => {
            part.iter().zip(whole).enumerate().find_map(|(k, (part, whole))| {
                difference(part, whole).map(|path| format!("[{k}]{path}"))
            })
        }
        (part, whole) => (part != whole).then(|| format!(": {part} is shown, {whole} is true")),
    }
}

#[test]
fn the_library_example_is_the_one_that_is_compiled() {
    let front = text("crates/matcher/src/lib.rs");
    let lines = front.lines().filter_map(|line| line.strip_prefix("//!"));
    let front: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let compiled = front.join("\n");
    let compiled = compiled.split("```").nth(1).expect("an example on the front page");
    let shown = |line: &&str| !line.starts_with("# ");
    let compiled = compiled.trim().lines().filter(shown).collect::<Vec<_>>().join("\n");
    for document in ["README.md", "crates/matcher/README.md"] {
        assert_eq!(blocks(&text(document), "rust"), *std::slice::from_ref(&compiled), "{document}");
    }
}

#[test]
fn the_first_ledger_and_its_plan_are_true() {
    let readme = text("README.md");
    let [ledger, plan] = &blocks(&readme, "json")[..] else { panic!("two blocks of JSON") };
    let file = text("examples/ledgers/first.json");
    assert_eq!(ledger.trim(), file.trim(), "README.md shows another ledger than the file");
    let valid = load(file.as_bytes()).unwrap();
    let made = Engine::default().match_valid(&valid, &Control::default()).unwrap();
    let shown: Value = serde_json::from_str(plan).unwrap();
    assert_eq!(difference(&shown, &serde_json::to_value(&made).unwrap()), None);
}

/// The README says which examples are networks and which need integers.
#[test]
fn the_examples_are_of_the_kind_the_readme_says() {
    let engine = Engine::default();
    for file in files(".json").iter().filter(|file| file.path.starts_with("examples/ledgers/")) {
        let valid = load(file.text.as_bytes()).unwrap();
        let networks = ["examples/ledgers/first.json", "examples/ledgers/luotang.json"];
        let pure = engine.classify(&valid).unwrap().features.is_empty();
        assert_eq!(pure, networks.contains(&file.path.as_str()), "{}", file.path);
    }
}

/// Targets of links in a Markdown text that point into the repository.
fn links(markdown: &str) -> impl Iterator<Item = &str> {
    let targets = markdown.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let own = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    own.map(|target| target.split('#').next().unwrap_or(target))
}

fn dead_links(file: &File) -> Vec<String> {
    let folder = root().join(Path::new(&file.path).parent().unwrap_or(Path::new("")));
    let dead = links(&file.text).filter(|target| !folder.join(target).exists());
    dead.map(|target| format!("{} -> {target}", file.path)).collect()
}

/// Markdown files that a source names and that are nowhere in the repository.
fn unknown_documents(file: &File, known: &[File]) -> Vec<String> {
    let part = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let words = file.text.split(|c| !part(c)).map(|word| word.trim_end_matches('.'));
    let named = words.filter(|word| word.len() > 3 && word.ends_with(".md"));
    let unknown = named.filter(|word| !known.iter().any(|k| k.path.ends_with(word)));
    unknown.map(|word| format!("{} names {word}", file.path)).collect()
}

#[test]
fn links_lead_somewhere() {
    let dead: Vec<String> = files(".md").iter().flat_map(dead_links).collect();
    assert!(dead.is_empty(), "{dead:#?}");
    let planted = File::new("docs/x.md", "[a](../README.md) [b](no.md) [c](https://x.org/y.md)");
    assert_eq!(dead_links(&planted), ["docs/x.md -> no.md"]);
}

#[test]
fn sources_name_only_documents_that_exist() {
    let known = files(".md");
    let sources = files(".rs").into_iter().filter(|file| !file.path.starts_with("tests/"));
    let unknown: Vec<String> = sources.flat_map(|file| unknown_documents(&file, &known)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    let planted = File::new("src/x.rs", "// See docs/model.md and NOWHERE.md.");
    assert_eq!(unknown_documents(&planted, &known), ["src/x.rs names NOWHERE.md"]);
}

/// Sources that a document names by path and that do not exist.
fn unknown_sources(file: &File, known: &[File]) -> Vec<String> {
    let words = file.text.split(|c: char| !(c.is_alphanumeric() || "_-./".contains(c)));
    let named =
        words.filter(|word| word.contains('/') && word.ends_with(".rs") && !word.contains("//"));
    let unknown = named.filter(|word| !known.iter().any(|k| k.path.ends_with(word)));
    unknown.map(|word| format!("{} names {word}", file.path)).collect()
}

#[test]
fn documents_name_only_sources_that_exist() {
    let known = files(".rs");
    let unknown: Vec<String> =
        files(".md").iter().flat_map(|file| unknown_sources(file, &known)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    let planted =
        File::new("x.md", "See `network/arcs.rs` and `network/no.rs`, https://sh.rustup.rs.");
    assert_eq!(unknown_sources(&planted, &known), ["x.md names network/no.rs"]);
}

#[test]
fn the_schema_package_shows_every_file_it_has() {
    let shown: Vec<String> =
        concentric_proto::FILES.iter().map(|f| format!("proto/{}", f.0)).collect();
    let there: Vec<String> = files(".proto").into_iter().map(|file| file.path).collect();
    assert_eq!(shown, there);
}
