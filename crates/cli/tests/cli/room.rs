//! Reasons tell what is used up from what never had room, and claims what has no place.

use crate::support::Desk;

/// Two units with two hours and one, and a need of four, under `rules`.
fn told(need: &str, rules: &str) -> (String, String) {
    let desk = Desk::new();
    let text = format!(
        r#"{{"format": "concentric.ledger/v1", "units": [{{"id": "u1"}}, {{"id": "u2"}}],
        "offers": [{{"id": "o1", "unit": "u1", "quantity": 2, "unit_cost": 9}},
                   {{"id": "o2", "unit": "u2", "quantity": 3, "unit_cost": 7}}],
        "needs": [{{"id": "n1", "quantity": 4{need}}}], {rules}}}"#
    );
    desk.write("l.json", &text);
    let run = |lang: &str| {
        let run = desk.run(&["match", "l.json", "-o", "p.json", "--lang", lang]).ends(0);
        desk.run(&["verify", "l.json", "p.json"]).ends(0);
        run.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    (run("en"), run("zh"))
}

#[test]
fn caps_of_nothing_are_not_called_used_up() {
    let cap = |counts: &str, upper: i64| {
        told("", &format!(r#""limits": [{{"id": "cap", "counts": "{counts}", "upper": {upper}}}]"#))
    };
    let (en, zh) = cap("amount", 0);
    assert!(en.contains("Limit cap admits nothing.") && !en.contains("used up"), "{en}");
    assert!(zh.contains("约束cap不允许任何服务。"), "{zh}");
    let (en, zh) = cap("pairs", 0);
    assert!(
        en.contains("The cap on partners admits none (cap).") && !en.contains("reached"),
        "{en}"
    );
    assert!(zh.contains("结对数上限为零（cap）。"), "{zh}");
    // Nothing is bought for five where the cheapest costs seven.
    let (en, zh) = cap("yuan", 5);
    assert!(en.contains("The money that is left, 5, is less than it would take (cap)."), "{en}");
    assert!(zh.contains("所余资金5不够所需（cap）。"), "{zh}");
    // What was used is used up, as ever.
    let (en, _) = cap("amount", 3);
    assert!(en.contains("Limit cap is used up."), "{en}");
    let (en, _) = cap("pairs", 1);
    assert!(en.contains("The cap on partners is reached (cap)."), "{en}");
}

#[test]
fn what_is_too_much_at_once_is_told_from_what_is_used_up() {
    let cap = r#""limits": [{"id": "cap", "counts": "amount", "upper": 3}]"#;
    let (en, zh) = told(r#", "min_useful": 4"#, cap);
    assert!(en.contains("Limit cap leaves 3, less than it would take."), "{en}");
    assert!(zh.contains("约束cap只余3，不够所需。"), "{zh}");
    // A lot of five of an offer of three, and one of two that there is.
    let lots = r#""pairs": [{"offer": "o2", "need": "n1", "min_lot": 5},
                            {"offer": "o1", "need": "n1", "min_lot": 2}]"#;
    let (en, zh) = told("", lots);
    let why = "Only whole lots are given, and there is no room for one: o2/n1, 5 a lot.";
    assert!(en.contains(why) && !en.contains("pair lot"), "{en}");
    assert!(zh.contains("须成批提供，而所余不足一批：o2/n1（每批5）。"), "{zh}");
}

/// The desk is taken by the first claim; the second finds room for three at the stall, two
/// at the booth, and none for the rest.
#[test]
fn a_claim_that_is_redirected_in_part_says_what_has_no_place() {
    let desk = Desk::new();
    let text = |stall: i64| {
        format!(
            r#"{{"format": "concentric.ledger/v1", "units": [{{"id": "a"}}, {{"id": "b"}}],
            "offers": [{{"id": "oa", "unit": "a", "quantity": 10}}, {{"id": "ob", "unit": "b", "quantity": 10}}],
            "needs": [{{"id": "desk", "quantity": 10}}, {{"id": "stall", "quantity": {stall}}},
                      {{"id": "booth", "quantity": 2}}],
            "claims": [{{"id": "c1", "offer": "oa", "need": "desk", "quantity": 8}},
                       {{"id": "c2", "offer": "ob", "need": "desk", "quantity": 8}}]}}"#
        )
    };
    desk.write("l.json", &text(3));
    let run = desk.run(&["claims", "l.json"]).ends(0);
    let why = "Redirect 5 of 8: 3 to stall, 2 to booth; covered is no less then. For the other 3 \
               there is no place at another need.";
    assert!(run.out.contains(why), "{}", run.out);
    let run = desk.run(&["claims", "l.json", "--lang", "zh"]).ends(0);
    let why = "建议转介8中的5：将3用于stall、将2用于booth，覆盖不减少；其余3在其他需求中没有去处。";
    assert!(run.out.contains(why), "{}", run.out);
    let json = desk.run(&["claims", "l.json", "--format", "json"]).ends(0).json();
    let claim = &json["claims"][1];
    assert_eq!(
        (&claim["answer"]["need"], &claim["answer"]["quantity"]),
        (&"stall".into(), &3.into())
    );
    assert_eq!(claim["further"], serde_json::json!([{"need": "booth", "quantity": 2}]));
    // What fits as a whole is told as before.
    desk.write("l.json", &text(6));
    let run = desk.run(&["claims", "l.json"]).ends(0);
    assert!(
        run.out.contains("Redirect 6 to stall, 2 to booth: covered is no less then."),
        "{}",
        run.out
    );
}

#[test]
fn one_thing_is_not_called_several() {
    let desk = Desk::new();
    desk.write(
        "l.json",
        r#"{"format": "concentric.ledger/v1", "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "u", "quantity": 1}], "needs": [{"id": "n", "quantity": 1}]}"#,
    );
    desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    let run = desk.run(&["verify", "l.json", "p.json"]).ends(0);
    assert!(run.out.contains("Checked: 1 assignment, 1 outcome, every"), "{}", run.out);
    let run = desk.run(&["classify", "l.json"]).ends(0);
    assert!(run.out.contains("1 (1 network, 0 that need integers)"), "{}", run.out);
}
