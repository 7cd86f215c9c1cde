//! Kinds of needs: hot spots, priorities, wishes, minima, projects of several lines.

use concentric_matcher::certify::ReasonCode;

use super::{all_covered, codes, covered, plan, reasons};

#[test]
fn hot_spots_come_before_general_needs() {
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 5}],
        "needs": [{"id": "usual", "quantity": 5, "priority": 5},
                  {"id": "urgent", "quantity": 4, "kind": "hot_spot"}]"#,
    );
    assert_eq!(all_covered(&plan, ["urgent", "usual"]), [4, 1]);
}

#[test]
fn priority_weighs_inside_a_level() {
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 4}],
        "needs": [{"id": "calm", "quantity": 4, "priority": 1},
                  {"id": "weak", "quantity": 4, "priority": 3}]"#,
    );
    assert_eq!(all_covered(&plan, ["weak", "calm"]), [4, 0]);
}

#[test]
fn shares_count_not_sizes() {
    // One hour is a third of the small need and a thirtieth of the large one.
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 3}],
        "needs": [{"id": "large", "quantity": 30}, {"id": "small", "quantity": 3}],
        "goals": [{"what": "cover"}]"#,
    );
    assert_eq!(all_covered(&plan, ["small", "large"]), [3, 0]);
}

#[test]
fn a_wish_is_met_whole_by_one_unit() {
    let wish = |providers: &str| {
        plan(&format!(
            r#""units": [{{"id": "u"}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 2}}, {{"id": "o2", "unit": "v", "quantity": 2}}],
            "needs": [{{"id": "wish", "quantity": 3, "min_useful": 3{providers}}}]"#
        ))
    };
    // Three of two and two: only jointly.
    let alone = wish(r#", "max_providers": 1"#);
    assert_eq!(covered(&alone, "wish"), 0);
    assert!(!codes(&alone, "wish").is_empty());
    assert_eq!(covered(&wish(r#", "max_providers": 2"#), "wish"), 3);
    assert_eq!(covered(&wish(""), "wish"), 3);
}

#[test]
fn a_need_takes_so_many_units_and_offers_of_one_unit_count_once() {
    let plan = plan(
        r#""units": [{"id": "u"}, {"id": "v"}, {"id": "w"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 2}, {"id": "o2", "unit": "u", "quantity": 3},
                   {"id": "o3", "unit": "v", "quantity": 4}, {"id": "o4", "unit": "w", "quantity": 1}],
        "needs": [{"id": "n", "quantity": 10, "max_providers": 2}]"#,
    );
    // u with both offers and v: nine of ten.
    assert_eq!(covered(&plan, "n"), 9);
}

#[test]
fn less_than_the_useful_minimum_is_not_given() {
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 7}],
        "needs": [{"id": "grant", "quantity": 10, "min_useful": 8, "priority": 5},
                  {"id": "small", "quantity": 5, "min_useful": 2}]"#,
    );
    assert_eq!(all_covered(&plan, ["grant", "small"]), [0, 5]);
    let mut codes = codes(&plan, "grant");
    codes.retain(|code| matches!(code, ReasonCode::BelowMinimum | ReasonCode::Capacity));
    assert!(!codes.is_empty(), "{:?}", reasons(&plan, "grant"));
}

#[test]
fn a_project_of_several_lines_is_served_whole_or_not_at_all() {
    // Money and hours for a stage; the money is short by one, so the hours go elsewhere, or
    // nowhere.
    let body = |money: i64, visit: &str| {
        format!(
            r#""measures": [{{"id": "hour"}}, {{"id": "yuan"}}],
            "units": [{{"id": "fund"}}, {{"id": "team"}}],
            "offers": [{{"id": "o1", "unit": "fund", "measure": "yuan", "quantity": {money}}},
                       {{"id": "o2", "unit": "team", "measure": "hour", "quantity": 6}}],
            "bundles": [{{"id": "stage"}}],
            "needs": [{{"id": "pay", "measure": "yuan", "quantity": 900, "min_useful": 500, "bundle": "stage"}},
                      {{"id": "build", "measure": "hour", "quantity": 6, "min_useful": 6, "bundle": "stage"}}{visit}]"#
        )
    };
    let visit = r#", {"id": "visit", "measure": "hour", "quantity": 6}"#;
    let poor = plan(&body(499, visit));
    assert_eq!(all_covered(&poor, ["pay", "build", "visit"]), [0, 0, 6]);
    let alone = plan(&body(499, ""));
    assert_eq!(all_covered(&alone, ["pay", "build"]), [0, 0]);
    assert!(codes(&alone, "build").contains(&ReasonCode::Bundle), "{:?}", codes(&alone, "build"));
    let rich = plan(&body(900, visit));
    assert_eq!(all_covered(&rich, ["pay", "build", "visit"]), [900, 6, 0]);
}

#[test]
fn needs_are_counted_by_place_kind_audience_and_category() {
    let plan = plan(
        r#""places": [{"id": "s", "level": "street"}, {"id": "c1", "level": "community", "parent": "s"},
                      {"id": "g1", "level": "grid", "parent": "c1"}],
        "categories": [{"id": "law"}, {"id": "art"}],
        "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "u", "category": "law", "quantity": 5}],
        "needs": [{"id": "n1", "place": "g1", "category": "law", "quantity": 4, "audience": "elder"},
                  {"id": "n2", "place": "c1", "category": "law", "quantity": 1, "kind": "hot_spot"},
                  {"id": "n3", "place": "c1", "category": "art", "quantity": 2, "audience": "child"}]"#,
    );
    let row = |rows: &[concentric_matcher::plan::CoverageRow], id: &str| {
        let row = rows.iter().find(|row| row.id == id).unwrap();
        (row.needs, row.met, row.unmet, row.amounts[0].1, row.amounts[0].2)
    };
    let coverage = &plan.coverage;
    // Places take in what lies below them.
    assert_eq!(row(&coverage.places, "c1"), (3, 2, 1, 7, 5));
    assert_eq!(row(&coverage.places, "g1"), (1, 1, 0, 4, 4));
    assert_eq!(row(&coverage.categories, "art"), (1, 0, 1, 2, 0));
    assert_eq!(row(&coverage.kinds, "hot_spot"), (1, 1, 0, 1, 1));
    assert_eq!(row(&coverage.audiences, "elder"), (1, 1, 0, 4, 4));
    assert_eq!(row(&coverage.audiences, "child"), (1, 0, 1, 2, 0));
}
