//! Reports keep to one language, apart from the names that the ledger itself gives.

use serde_json::Value;

use crate::support::{Desk, sample};

/// Every string of the ledger, longest first, so that names go before parts of them.
fn own_texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| own_texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| own_texts(item, found)),
        _ => {}
    }
}

/// The report without anything that comes from the ledger. Line breaks go first: a name
/// may be broken by them.
fn without_names(report: &str, ledger: &str) -> String {
    let mut names = Vec::new();
    own_texts(&serde_json::from_str(ledger).unwrap(), &mut names);
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    let mut text: String = report.split('\n').map(str::trim).collect();
    text.retain(|c| !c.is_whitespace());
    for name in names {
        let bare: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        // Words such as "all" or "x" are in every text; real names are longer.
        if bare.len() > 3 {
            text = text.replace(&bare, " ");
        }
    }
    text
}

fn is_cjk(c: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

#[test]
fn chinese_reports_have_no_english_in_them() {
    for scenario in [None, Some("no_street_team")] {
        let path = sample("luotang");
        let mut args = vec!["match", &path, "--lang", "zh", "--top", "200"];
        args.extend(scenario.iter().flat_map(|id| ["--scenario", id]));
        let run = Desk::new().run(&args).ends(0);
        let text = without_names(&run.out, &std::fs::read_to_string(&path).unwrap());
        let text = text.replace("--top", "");
        assert!(text.contains("最优"));
        let words: Vec<&str> =
            text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 1).collect();
        assert!(words.is_empty(), "{words:?}");
    }
}

#[test]
fn english_reports_have_no_chinese_but_names() {
    let path = sample("luotang");
    let run = Desk::new().run(&["match", &path, "--lang", "en", "--top", "200"]).ends(0);
    let text = without_names(&run.out, &std::fs::read_to_string(&path).unwrap());
    let strange: String = text.chars().filter(|&c| is_cjk(c)).collect();
    assert_eq!(strange, "");
    assert!(run.out.contains("Short: 117 needs"));
}

#[test]
fn an_infeasible_ledger_is_told_in_chinese_too() {
    let desk = Desk::new();
    let limits = r#""limits": [{"id": "floor", "counts": "amount", "lower": 9}], "units""#;
    desk.write("l.json", &crate::support::SMALL.replace(r#""units""#, limits));
    let run = desk.run(&["match", "l.json", "--lang", "zh"]).ends(3);
    let text = run.out.replace("floor", "");
    assert!(text.contains("无可行方案"), "{text}");
    assert!(!text.contains(|c: char| c.is_ascii_alphabetic()), "{text}");
}
