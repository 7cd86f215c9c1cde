//! Goals, each where it alone decides.

use super::{all_covered, covered, given, level, plan};

#[test]
fn the_order_of_goals_is_the_planners() {
    let body = |goals: &str| {
        format!(
            r#""units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 3}}],
            "needs": [{{"id": "hot", "quantity": 3, "kind": "hot_spot"}}, {{"id": "mild", "quantity": 3}}],
            "goals": [{goals}]"#
        )
    };
    let hot = r#"{"what": "cover", "where": {"kind": "hot_spot"}}"#;
    let mild = r#"{"what": "cover", "where": {"kind": "general"}}"#;
    let first = plan(&body(&format!("{hot}, {mild}")));
    assert_eq!(all_covered(&first, ["hot", "mild"]), [3, 0]);
    let second = plan(&body(&format!("{mild}, {hot}")));
    assert_eq!(all_covered(&second, ["hot", "mild"]), [0, 3]);
}

#[test]
fn tagged_places_have_a_goal_and_a_figure_of_their_own() {
    // The demonstration compound first, wherever it lies; its level tells its progress.
    let plan = plan(
        r#""places": [{"id": "d", "level": "district"}, {"id": "x", "level": "compound", "parent": "d", "tags": ["demo"]},
                      {"id": "k", "level": "key_site", "parent": "d"}],
        "units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 3}],
        "needs": [{"id": "nx", "place": "x", "quantity": 4}, {"id": "nk", "place": "k", "quantity": 2, "kind": "hot_spot"}],
        "goals": [{"what": "cover", "where": {"place_tag": "demo"}}, {"what": "cover"}]"#,
    );
    assert_eq!(all_covered(&plan, ["nx", "nk"]), [3, 0]);
    // Three quarters.
    assert_eq!(plan.levels[0].value.0 * 4, plan.levels[0].of.unwrap().0 * 3);
}

#[test]
fn a_basic_share_for_all_comes_before_more_for_some() {
    // Cover alone would give the priority need all six; the tier gives each its half first.
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 6}],
        "needs": [{"id": "a", "quantity": 6, "priority": 5}, {"id": "b", "quantity": 6}],
        "goals": [{"what": "tier", "at_ppm": 500000}]"#,
    );
    assert_eq!(all_covered(&plan, ["a", "b"]), [3, 3]);
}

#[test]
fn the_whole_vector_is_raised_from_its_worst_end() {
    // Three units cannot give `a` its least and leave any for others: 0, then two halves
    // (2 of 4, 1 of 2), which is better than a quarter and a whole.
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 3}],
        "needs": [{"id": "a", "quantity": 4, "min_useful": 3}, {"id": "b", "quantity": 4}, {"id": "c", "quantity": 2}],
        "goals": [{"what": "fair", "per": "need", "by": "amount"}]"#,
    );
    assert_eq!(all_covered(&plan, ["a", "b", "c"]), [0, 2, 1]);
}

#[test]
fn the_worst_off_community_comes_first() {
    // Six hours for twelve asked: by shares each community is at a half; by amount too.
    for by in ["share", "amount"] {
        let plan = plan(&format!(
            r#""places": [{{"id": "s", "level": "street"}}, {{"id": "c1", "level": "community", "parent": "s"}},
                          {{"id": "c2", "level": "community", "parent": "s"}}],
            "units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 6}}],
            "needs": [{{"id": "n1", "place": "c1", "quantity": 4, "priority": 5}},
                      {{"id": "n2", "place": "c2", "quantity": 8}}],
            "goals": [{{"what": "fair", "per": "place:community", "by": "{by}"}}, {{"what": "cover"}}]"#
        ));
        assert_eq!(all_covered(&plan, ["n1", "n2"]), [2, 4], "{by}");
        let fair = &plan.levels[0];
        assert_eq!(fair.value.0 * 2, i128::from(fair.scale), "{by}");
    }
}

#[test]
fn fairness_goes_on_after_the_worst_if_asked_to() {
    // c1 can have one of four at most; the sorted vector shares the rest between c2 and
    // c3, the worst alone leaves it to the goal after.
    let body = |by: &str, form: &str| {
        format!(
            r#""places": [{{"id": "s", "level": "street"}}, {{"id": "c1", "level": "community", "parent": "s"}},
                          {{"id": "c2", "level": "community", "parent": "s"}}, {{"id": "c3", "level": "community", "parent": "s"}}],
            "units": [{{"id": "u"}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 1, "area": "c1"}}, {{"id": "o2", "unit": "v", "quantity": 6}}],
            "needs": [{{"id": "n1", "place": "c1", "quantity": 4, "min_proficiency": 100}},
                      {{"id": "n2", "place": "c2", "quantity": 6, "priority": 5}}, {{"id": "n3", "place": "c3", "quantity": 6}}],
            "pairs": [{{"offer": "o2", "need": "n1", "forbidden": true}}],
            "goals": [{{"what": "fair", "per": "place:community", "by": "{by}", "form": "{form}"}}, {{"what": "cover"}}]"#
        )
    };
    for by in ["amount", "share"] {
        let covered = |form: &str| all_covered(&plan(&body(by, form)), ["n1", "n2", "n3"]);
        assert_eq!(covered("leximin"), [1, 3, 3], "{by}");
        // A quarter for the worst: two of six, as one is less than a quarter.
        assert_eq!(covered("maximin"), [1, 4, 2], "{by}");
    }
}

#[test]
fn standing_partners_are_kept_where_coverage_does_not_care() {
    let projects = |on: &str, state: &str| {
        format!(
            r#""units": [{{"id": "u"}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 4}}, {{"id": "o2", "unit": "v", "quantity": 4}}],
            "needs": [{{"id": "n1", "quantity": 4}}, {{"id": "n2", "quantity": 4}}],
            "projects": [{{"id": "j", "offer": "o1", "need": "{on}", "quantity": 4, "state": "{state}"}}],
            "goals": [{{"what": "cover"}}, {{"what": "keep"}}]"#
        )
    };
    for on in ["n1", "n2"] {
        let plan = plan(&projects(on, "agreed"));
        assert_eq!((given(&plan, "u", on), level(&plan, "keep").value.0), (4, 1_000_000_000_000));
    }
}

#[test]
fn a_budget_of_changes_holds_more_than_coverage_asks() {
    // Both standing pairs sit on general needs; each hot spot would take one away.
    let body = |budget: &str| {
        format!(
            r#""units": [{{"id": "u"}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 1}}, {{"id": "o2", "unit": "v", "quantity": 1}}],
            "needs": [{{"id": "h1", "quantity": 1, "kind": "hot_spot"}}, {{"id": "h2", "quantity": 1, "kind": "hot_spot"}},
                      {{"id": "n1", "quantity": 1}}, {{"id": "n2", "quantity": 1}}],
            "projects": [{{"id": "j1", "offer": "o1", "need": "n1", "quantity": 1, "state": "agreed"}},
                         {{"id": "j2", "offer": "o2", "need": "n2", "quantity": 1, "state": "agreed"}}],
            "goals": [{{"what": "cover", "where": {{"kind": "hot_spot"}}}}, {{"what": "keep"{budget}}}]"#
        )
    };
    let hot = |budget: &str| {
        let plan = plan(&body(budget));
        covered(&plan, "h1") + covered(&plan, "h2")
    };
    assert_eq!(
        (hot(""), hot(r#", "change_budget": 1"#), hot(r#", "change_budget": 0"#)),
        (2, 1, 0)
    );
}

#[test]
fn the_able_serve_where_coverage_does_not_care() {
    let plan = plan(
        r#""categories": [{"id": "any"}, {"id": "law", "parent": "any"}, {"id": "art", "parent": "any"}],
        "units": [{"id": "lawyers"}, {"id": "helpers"}],
        "offers": [{"id": "o1", "unit": "lawyers", "category": "any", "quantity": 4, "proficiency": 95},
                   {"id": "o2", "unit": "helpers", "category": "any", "quantity": 9, "proficiency": 40}],
        "needs": [{"id": "n", "category": "law", "quantity": 5}],
        "goals": [{"what": "cover"}, {"what": "fit"}]"#,
    );
    assert_eq!((given(&plan, "lawyers", "n"), given(&plan, "helpers", "n")), (4, 1));
    // (5 x 4 + 60 x 1) / 5 = 16 points of proficiency missing
    let fit = level(&plan, "fit");
    assert_eq!(fit.value.0, 16 * i128::from(fit.scale));
}

#[test]
fn the_near_serve_where_coverage_does_not_care() {
    let plan = plan(
        r#""places": [{"id": "s", "level": "street"},
                      {"id": "a", "level": "compound", "parent": "s", "x_m": 0}, {"id": "b", "level": "compound", "parent": "s", "x_m": 1000}],
        "units": [{"id": "u", "home": "a"}, {"id": "v", "home": "b"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 1}, {"id": "o2", "unit": "v", "quantity": 1}],
        "needs": [{"id": "na", "place": "a", "quantity": 1}, {"id": "nb", "place": "b", "quantity": 1}],
        "goals": [{"what": "cover"}, {"what": "near"}]"#,
    );
    assert_eq!(
        (given(&plan, "u", "na"), given(&plan, "v", "nb"), level(&plan, "near").value.0),
        (1, 1, 0)
    );
}

#[test]
fn small_matters_stay_in_the_grid_and_the_rest_climbs() {
    // Ten small matters: six hours in the grid, three in the community, the rest above.
    let plan = plan(
        r#""places": [{"id": "d", "level": "district"}, {"id": "s", "level": "street", "parent": "d"},
                      {"id": "c", "level": "community", "parent": "s"}, {"id": "g", "level": "grid", "parent": "c"}],
        "units": [{"id": "ug"}, {"id": "uc"}, {"id": "us"}, {"id": "ud"}],
        "offers": [{"id": "o1", "unit": "ug", "quantity": 6, "area": "g"}, {"id": "o2", "unit": "uc", "quantity": 3, "area": "c"},
                   {"id": "o3", "unit": "us", "quantity": 9, "area": "s"}, {"id": "o4", "unit": "ud", "quantity": 9, "area": "d"}],
        "needs": [{"id": "n", "place": "g", "quantity": 10}],
        "goals": [{"what": "cover"}, {"what": "escalate"}]"#,
    );
    assert_eq!(["ug", "uc", "us", "ud"].map(|unit| given(&plan, unit, "n")), [6, 3, 1, 0]);
    // Ranks 0, 1, 2, 3: (3 + 2) / 10.
    let escalate = level(&plan, "escalate");
    assert_eq!(escalate.value.0 * 2, i128::from(escalate.scale));
}

#[test]
fn worth_of_pairs_may_be_the_goal() {
    let plan = plan(
        r#""arcs": "explicit", "units": [{"id": "u"}, {"id": "v"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 1}, {"id": "o2", "unit": "v", "quantity": 1}],
        "needs": [{"id": "a", "quantity": 1}, {"id": "b", "quantity": 1}],
        "pairs": [{"offer": "o1", "need": "a", "value": 9}, {"offer": "o1", "need": "b", "value": 8},
                  {"offer": "o2", "need": "a", "value": 7}, {"offer": "o2", "need": "b", "value": 1}],
        "goals": [{"what": "value"}]"#,
    );
    // 8 + 7 against 9 + 1.
    assert_eq!(
        (given(&plan, "u", "b"), given(&plan, "v", "a"), plan.levels[0].value.0),
        (1, 1, 15)
    );
}

#[test]
fn few_partners_and_even_loads_may_be_goals() {
    let body = |goal: &str| {
        format!(
            r#""places": [{{"id": "s", "level": "street"}}, {{"id": "c1", "level": "community", "parent": "s"}},
                          {{"id": "c2", "level": "community", "parent": "s"}}],
            "units": [{{"id": "u"}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 8}}, {{"id": "o2", "unit": "v", "quantity": 8}}],
            "needs": [{{"id": "n1", "place": "c1", "quantity": 4}}, {{"id": "n2", "place": "c2", "quantity": 4}}],
            "goals": [{{"what": "cover"}}, {{"what": "{goal}"}}]"#
        )
    };
    let few = plan(&body("partners"));
    assert_eq!((few.levels[1].value.0, few.assignments.len()), (2, 2));
    // Eight of sixteen: nobody more than a half.
    let even = plan(&body("balance"));
    let load = |unit: &str| given(&even, unit, "n1") + given(&even, unit, "n2");
    assert_eq!((load("u"), load("v")), (4, 4));
    assert_eq!(even.levels[1].value.0 * 2, i128::from(even.levels[1].scale));
}

#[test]
fn a_partner_in_two_trades_counts_once() {
    // No flow joins legal advice and sports; who does both for a community is one partner.
    let plan = plan(
        r#""categories": [{"id": "law"}, {"id": "sport"}],
        "units": [{"id": "a"}, {"id": "b"}, {"id": "both"}],
        "offers": [{"id": "al", "unit": "a", "category": "law", "quantity": 4},
                   {"id": "bs", "unit": "b", "category": "sport", "quantity": 4},
                   {"id": "cl", "unit": "both", "category": "law", "quantity": 4},
                   {"id": "cs", "unit": "both", "category": "sport", "quantity": 4}],
        "needs": [{"id": "n1", "category": "law", "quantity": 3}, {"id": "n2", "category": "sport", "quantity": 3}],
        "goals": [{"what": "cover"}, {"what": "partners"}]"#,
    );
    assert_eq!(plan.levels[1].value.0, 1);
    assert_eq!((given(&plan, "both", "n1"), given(&plan, "both", "n2")), (3, 3));
}

#[test]
fn weights_trade_within_one_level() {
    // An hour is worth 3; u costs 2, v costs 4: only u serves.
    let plan = plan(
        r#""units": [{"id": "u"}, {"id": "v"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 2, "unit_cost": 2}, {"id": "o2", "unit": "v", "quantity": 9, "unit_cost": 4}],
        "needs": [{"id": "n", "quantity": 5}],
        "goals": [{"what": "weighted", "terms": [{"what": "cover", "weight": 3}, {"what": "spend", "weight": -1}]}]"#,
    );
    assert_eq!((given(&plan, "u", "n"), given(&plan, "v", "n"), plan.levels[0].value.0), (2, 0, 2));
}

#[test]
fn a_tolerance_gives_a_later_goal_room() {
    // A tenth of the coverage may go: nine of ten by u for nothing, the tenth by v for 50.
    let body = |ppm: u32| {
        format!(
            r#""units": [{{"id": "u"}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 9}}, {{"id": "o2", "unit": "v", "quantity": 9, "unit_cost": 50}}],
            "needs": [{{"id": "n", "quantity": 10}}],
            "goals": [{{"what": "cover", "tolerance_ppm": {ppm}}}, {{"what": "spend"}}]"#
        )
    };
    let strict = plan(&body(0));
    assert_eq!((covered(&strict, "n"), level(&strict, "spend").value.0), (10, 50));
    let loose = plan(&body(100_000));
    assert_eq!((covered(&loose, "n"), level(&loose, "spend").value.0), (9, 0));
}
