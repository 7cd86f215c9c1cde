//! `concentric report` and `diff`: lists add up, formats hold, and nothing false is told.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Desk, SMALL, sample};

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

/// A desk with the ledger of a sample as `l.json` and its plan as `p.json`.
fn planned(name: &str) -> (Desk, Value) {
    let desk = Desk::new();
    std::fs::copy(sample(name), desk.path("l.json")).unwrap();
    desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    let plan = serde_json::from_str(&desk.read("p.json")).unwrap();
    (desk, plan)
}

/// Rows of a report as CSV, by English column.
fn rows(desk: &Desk, kind: &str) -> Vec<BTreeMap<String, String>> {
    let run = desk.run(&["report", kind, "l.json", "p.json", "--format", "csv"]).ends(0);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let header = reader.headers().unwrap().clone();
    let each = reader.records().map(Result::unwrap);
    each.map(|row| header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect())
        .collect()
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> i64 {
    rows.iter().map(|row| row[column].parse::<i64>().unwrap_or(0)).sum()
}

#[test]
fn every_list_of_luotang_adds_up_to_its_plan() {
    let (desk, plan) = planned("luotang");
    let assignments = plan["assignments"].as_array().unwrap();
    let total: i64 = assignments.iter().map(|a| a["quantity"].as_i64().unwrap()).sum();
    let services = rows(&desk, "services");
    assert_eq!((services.len(), sum(&services, "quantity")), (assignments.len(), total));
    let given: Vec<_> =
        rows(&desk, "communities").into_iter().filter(|r| r["direction"] == "gives").collect();
    assert_eq!(sum(&given, "quantity"), total);
    assert_eq!(sum(&rows(&desk, "pairings"), "quantity"), total);
    let receipts = rows(&desk, "receipts");
    assert_eq!((receipts.len(), sum(&receipts, "covered")), (946, total));
    for receipt in &receipts {
        let short = receipt["asked"] != receipt["covered"];
        assert_eq!(short, !receipt["reasons"].is_empty(), "{receipt:?}");
    }
    let idle = rows(&desk, "idle");
    let left: i64 =
        plan["idle"].as_array().unwrap().iter().map(|i| i["left"].as_i64().unwrap()).sum();
    assert_eq!(sum(&idle, "left"), left);
    assert!(idle.iter().all(|row| !row["reasons"].is_empty()));
    assert_eq!(sum(&rows(&desk, "coverage"), "covered"), total);
    // The street and all its places: every level of the tree holds the whole but for what
    // lies above it.
    let places = rows(&desk, "places");
    let street: Vec<_> = places.iter().filter(|r| r["level"] == "street").cloned().collect();
    assert_eq!(sum(&street, "covered"), total);
    assert_eq!(sum(&rows(&desk, "load"), "planned"), total);
    let meeting = rows(&desk, "meeting");
    let section = |title: &str| -> Vec<_> {
        meeting.iter().filter(|r| r["section"] == title).cloned().collect()
    };
    assert_eq!(sum(&section("proposals"), "quantity"), total, "nothing stands yet");
    assert_eq!(section("unmet needs").len(), 117);
}

#[test]
fn the_levels_of_luotang_are_those_of_its_article() {
    let (desk, _) = planned("luotang");
    let rows = rows(&desk, "levels");
    let row = |category: &str, level: &str| {
        rows.iter().find(|r| r["category"] == category && r["level"] == level).unwrap()
    };
    assert_eq!(row("small", "grid")["quantity"], "3174");
    assert_eq!(row("small", "grid")["asked"], "3675");
    assert!(row("small", "grid")["of asked"].starts_with("0.863"));
    let run = desk.run(&["report", "levels", "l.json", "p.json", "--lang", "zh"]).ends(0);
    assert!(run.out.starts_with("# 各层级解决情况\n"), "{}", run.out);
    assert!(run.out.contains("| 网格 | 3,174 |"), "{}", run.out);
}

#[test]
fn every_kind_speaks_both_languages_in_both_formats() {
    let (desk, _) = planned("first");
    for kind in KINDS {
        for (lang, strange) in [("zh", 'a'..='z'), ("en", '\u{3000}'..='\u{9fff}')] {
            let args = ["report", kind, "l.json", "p.json", "--lang", lang];
            let run = desk.run(&args).ends(0);
            let title = run.out.lines().next().unwrap();
            assert!(title.starts_with("# "), "{kind}: {title}");
            assert!(!title.chars().any(|c| strange.contains(&c)), "{kind}: {title}");
            let header = desk.run(&[&args[..], &["--format", "csv"]].concat()).ends(0).out;
            let header = header.lines().next().unwrap().to_owned();
            assert!(!header.chars().any(|c| strange.contains(&c)), "{kind}: {header}");
        }
    }
}

#[test]
fn a_report_goes_whole_into_its_file() {
    let (desk, _) = planned("first");
    let run = desk.run(&["report", "receipts", "l.json", "p.json", "-o", "r.txt"]).ends(0);
    assert_eq!(run.out, "");
    let text = desk.read("r.txt");
    assert!(text.contains("| west_checks |") && text.contains("ask for 55 together"), "{text}");
    desk.run(&["report", "receipts", "l.json", "p.json", "-o", "no/r.txt"]).ends(1);
}

#[test]
fn a_plan_that_does_not_hold_is_not_reported() {
    let desk = Desk::new();
    desk.write("l.json", SMALL);
    desk.write(
        "p.json",
        r#"{"format": "concentric.plan/v1", "assignments": [{"offer": "o1", "need": "n2", "quantity": 3}]}"#,
    );
    for kind in KINDS {
        let run = desk.run(&["report", kind, "l.json", "p.json", "-o", "r.txt"]).ends(4);
        assert!(run.err.contains("o1") && run.out.is_empty(), "{run:?}");
    }
    assert_eq!(desk.files(), ["l.json", "p.json"]);
}

#[test]
fn a_contradiction_is_no_plan_to_report() {
    let desk = Desk::new();
    let limits = r#""limits": [{"id": "floor", "counts": "amount", "lower": 3},
        {"id": "ceiling", "counts": "amount", "upper": 2}], "units""#;
    desk.write("l.json", &SMALL.replace(r#""units""#, limits));
    desk.run(&["match", "l.json", "-o", "p.json"]).ends(3);
    let run = desk.run(&["report", "receipts", "l.json", "p.json"]).ends(3);
    assert!(run.out.is_empty() && run.err.contains("ceiling, floor"), "{run:?}");
}

#[test]
fn soft_limits_that_are_missed_are_named_with_what_is_missing() {
    let desk = Desk::new();
    let limits = r#""limits": [
        {"id": "cap", "name": "封顶", "counts": "amount", "hard": false, "supply": {"unit": "u1"}, "upper": 1},
        {"id": "floor", "counts": "amount", "hard": false, "demand": {"need": "n2"}, "lower": 4},
        {"id": "fine", "counts": "amount", "hard": false, "lower": 1}],
        "pairs": [{"offer": "o1", "need": "n1", "locked": 2}], "units""#;
    desk.write("l.json", &SMALL.replace(r#""units""#, limits));
    let run = desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    assert!(run.out.contains("Soft limits missed: 2 limits"), "{}", run.out);
    assert!(
        run.out.contains("  - cap (封顶): comes to 2, at most 1 is wanted: 1 too much"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("  - floor: comes to 1, at least 4 is wanted: 3 short"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("fine"), "{}", run.out);
    let run = desk.run(&["match", "l.json", "--lang", "zh", "--top", "1"]).ends(0);
    assert!(run.out.contains("未达到的软约束：2条"), "{}", run.out);
    assert!(run.out.contains("cap（封顶）：实为2，应不超过1，超出1"), "{}", run.out);
    assert!(run.out.contains("另有1条软约束未达到"), "{}", run.out);
    let run = desk.run(&["report", "meeting", "l.json", "p.json", "--format", "csv"]).ends(0);
    let row = "soft limits missed,floor,,,,,,,3,,,,,\"comes to 1, at least 4 is wanted: 3 short\"";
    assert!(run.out.contains(row), "{}", run.out);
    let run = desk.run(&["report", "meeting", "l.json", "p.json", "--lang", "zh"]).ends(0);
    assert!(run.out.contains("## 未达到的软约束"), "{}", run.out);
    // Without soft limits nothing is said of them.
    desk.write("l.json", SMALL);
    let run = desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    assert!(!run.out.contains("oft limits"), "{}", run.out);
    let run = desk.run(&["report", "meeting", "l.json", "p.json"]).ends(0);
    assert!(!run.out.contains("oft limits"), "{}", run.out);
}

#[test]
fn limits_that_may_not_be_touched_are_told_where_they_clash() {
    let desk = Desk::new();
    let limits = r#""limits": [
        {"id": "floor", "counts": "amount", "lower": 3, "untouchable": true},
        {"id": "ceiling", "counts": "amount", "upper": 2, "untouchable": true}], "units""#;
    desk.write("l.json", &SMALL.replace(r#""units""#, limits));
    let run = desk.run(&["match", "l.json", "-o", "p.json"]).ends(3);
    let text = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("No rule that a person could give up is to blame"), "{text}");
    assert!(
        text.contains("only untouchable limits clash") && text.contains("ceiling, floor"),
        "{text}"
    );
    let run = desk.run(&["match", "l.json", "--lang", "zh"]).ends(3);
    assert!(
        run.out.contains("并非任何可以放弃的约束所致") && run.out.contains("ceiling, floor"),
        "{run:?}"
    );
    let run = desk.run(&["match", "l.json", "--format", "json"]).ends(3);
    assert!(run.err.contains("ceiling, floor"), "{run:?}");
    let run = desk.run(&["report", "receipts", "l.json", "p.json"]).ends(3);
    assert!(run.out.is_empty() && run.err.contains("ceiling, floor"), "{run:?}");
    let run = desk.run(&["claims", "l.json"]).ends(3);
    assert!(run.err.contains("ceiling, floor"), "{run:?}");
}

/// `| head` is no failure.
#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let (desk, _) = planned("luotang");
    let command = env!("CARGO_BIN_EXE_concentric");
    for format in ["csv", "markdown"] {
        let line = format!(
            "{command} report receipts l.json p.json --format {format} 2>err.txt | head -1; cat err.txt"
        );
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-c", &line]).current_dir(desk.path("."));
        let out = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        assert_eq!(out.lines().count(), 1, "{out}");
    }
}

#[test]
fn names_start_no_formula_and_break_no_table() {
    let desk = Desk::new();
    let evil =
        SMALL.replace("诊所", "=cmd|x").replace(r#""id": "u2""#, r#""id": "u2", "name": "-1""#);
    desk.write("l.json", &evil);
    desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    let run = desk.run(&["report", "services", "l.json", "p.json", "--format", "csv"]).ends(0);
    assert!(run.out.contains(",'=cmd|x,") && run.out.contains(",'-1,"), "{}", run.out);
    let run = desk.run(&["report", "load", "l.json", "p.json"]).ends(0);
    assert!(run.out.contains("| =cmd\\|x (u1) |"), "{}", run.out);
}

#[test]
fn periods_and_rates_must_be_of_the_ledger() {
    let (desk, _) = planned("luotang");
    let run = desk.run(&["report", "meeting", "l.json", "p.json", "--period", "p99"]).ends(1);
    assert!(run.err.contains("no period p99"), "{}", run.err);
    let run = desk.run(&["report", "points", "l.json", "p.json", "--rate", "mile=2"]).ends(1);
    assert!(run.err.contains("no measure mile"), "{}", run.err);
    desk.run(&["report", "points", "l.json", "p.json", "--rate", "post"]).ends(2);
    desk.run(&["report", "gossip", "l.json", "p.json"]).ends(2);
}

#[test]
fn a_scenario_is_reported_under_its_own_ledger() {
    let desk = Desk::new();
    std::fs::copy(sample("luotang"), desk.path("l.json")).unwrap();
    desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    let args = ["match", "l.json", "--scenario", "no_street_team", "-o", "s.json"];
    desk.run(&args).ends(0);
    let run = desk.run(&["report", "levels", "l.json", "s.json", "--format", "csv"]).ends(0);
    // 1,200 hours of the district, 368 unmet, none of the street.
    assert!(run.out.contains("district,1200,") && run.out.contains("nobody,368,"), "{}", run.out);
    assert!(!run.out.contains("street,"), "{}", run.out);
    let diff = desk.run(&["diff", "p.json", "s.json", "--ledger", "l.json"]).ends(0);
    assert!(diff.out.contains("cover: general needs"), "{}", diff.out);
    assert!(diff.out.contains("worse"), "{}", diff.out);
    let json = desk.run(&["diff", "p.json", "s.json", "--format", "json"]).ends(0).json();
    let lost: i64 = json["lost"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["before"].as_i64().unwrap() - n["after"].as_i64().unwrap())
        .sum();
    let won: i64 = json["won"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["after"].as_i64().unwrap() - n["before"].as_i64().unwrap())
        .sum();
    assert_eq!(lost - won, 368);
    let same = desk.run(&["diff", "p.json", "p.json", "--lang", "zh"]).ends(0);
    assert!(same.out.starts_with("匹配：新增0条"), "{}", same.out);
    desk.run(&["diff", "-", "-"]).ends(1);
}
