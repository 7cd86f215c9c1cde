//! Which offer may serve which need: measures, trees, windows, people addressed, skill,
//! ownership, distance, and how a dead end is told.

use concentric_matcher::certify::ReasonCode;

use super::{all_covered, codes, covered, given, plan, reasons};

/// Two communities under a street, a grid under the first.
const PLACES: &str = r#""places": [
  {"id": "street", "level": "street"},
  {"id": "c1", "level": "community", "parent": "street"},
  {"id": "c2", "level": "community", "parent": "street", "x_m": 700, "y_m": 200},
  {"id": "g1", "level": "grid", "parent": "c1"}]"#;

#[test]
fn a_line_is_served_in_its_own_measure_only() {
    // Posts are no hours, however well all else fits.
    let plan = plan(
        r#""measures": [{"id": "hour"}, {"id": "post"}], "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "u", "measure": "hour", "quantity": 9}],
        "needs": [{"id": "hours", "measure": "hour", "quantity": 4},
                  {"id": "posts", "measure": "post", "quantity": 1}]"#,
    );
    assert_eq!(all_covered(&plan, ["hours", "posts"]), [4, 0]);
    assert_eq!(codes(&plan, "posts"), [ReasonCode::NoMeasure]);
}

#[test]
fn a_generalist_serves_special_needs_and_a_specialist_broad_ones() {
    // Root over two leaves: comparable is up or down the tree, never sideways.
    let plan = plan(
        r#""categories": [{"id": "any"}, {"id": "law", "parent": "any"}, {"id": "art", "parent": "any"}],
        "units": [{"id": "desk"}, {"id": "lawyers"}],
        "offers": [{"id": "o1", "unit": "desk", "category": "any", "quantity": 3},
                   {"id": "o2", "unit": "lawyers", "category": "law", "quantity": 5}],
        "needs": [{"id": "broad", "category": "any", "quantity": 5},
                  {"id": "dance", "category": "art", "quantity": 4}]"#,
    );
    assert_eq!(given(&plan, "lawyers", "broad"), 5);
    assert_eq!((given(&plan, "desk", "dance"), covered(&plan, "dance")), (3, 3));
    assert_eq!(given(&plan, "lawyers", "dance"), 0);
}

#[test]
fn proficiency_is_a_threshold_and_never_a_multiplier() {
    let plan = plan(
        r#""units": [{"id": "new"}, {"id": "able"}],
        "offers": [{"id": "o1", "unit": "new", "quantity": 10, "proficiency": 59},
                   {"id": "o2", "unit": "able", "quantity": 4, "proficiency": 60}],
        "needs": [{"id": "tour", "quantity": 9, "min_proficiency": 60},
                  {"id": "walk", "quantity": 9}]"#,
    );
    // Four hours of proficiency 60 count as four; the beginners serve where nobody asks.
    assert_eq!(all_covered(&plan, ["tour", "walk"]), [4, 9]);
    assert_eq!(given(&plan, "new", "tour"), 0);
}

#[test]
fn members_are_a_headcount_and_give_nothing_by_themselves() {
    // Five thousand volunteers who offer three hours are three hours.
    let plan = plan(
        r#""units": [{"id": "pool", "kind": "volunteer_pool", "group": "patrol", "members": 5000}],
        "offers": [{"id": "o", "unit": "pool", "quantity": 3}],
        "needs": [{"id": "n", "quantity": 10}]"#,
    );
    assert_eq!(covered(&plan, "n"), 3);
}

#[test]
fn an_offer_reaches_the_subtree_of_its_area() {
    let plan = plan(&format!(
        r#"{PLACES}, "units": [{{"id": "team"}}],
        "offers": [{{"id": "o", "unit": "team", "quantity": 9, "area": "c1"}}],
        "needs": [{{"id": "in_grid", "place": "g1", "quantity": 2}},
                  {{"id": "here", "place": "c1", "quantity": 3}},
                  {{"id": "above", "place": "street", "quantity": 1}},
                  {{"id": "beside", "place": "c2", "quantity": 1}}]"#
    ));
    assert_eq!(all_covered(&plan, ["in_grid", "here", "above", "beside"]), [2, 3, 0, 0]);
    assert_eq!(codes(&plan, "beside")[0], ReasonCode::OutOfArea);
}

#[test]
fn a_month_is_served_in_its_own_window() {
    // One talk a month: an offer for January only serves January; one for all serves any.
    let plan = plan(
        r#""periods": [{"id": "m1", "start": "2026-01-01", "end": "2026-01-31"},
                       {"id": "m2", "start": "2026-02-01", "end": "2026-02-28"}],
        "units": [{"id": "u"}, {"id": "v"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 5, "from": "m1", "to": "m1"},
                   {"id": "o2", "unit": "v", "quantity": 1, "from": "m1", "to": "m2"}],
        "needs": [{"id": "talk1", "quantity": 1, "from": "m1", "to": "m1"},
                  {"id": "talk2", "quantity": 2, "from": "m2", "to": "m2"}]"#,
    );
    assert_eq!((given(&plan, "u", "talk1"), given(&plan, "v", "talk2")), (1, 1));
    assert_eq!(covered(&plan, "talk2"), 1);
    let talk = plan.assignments.iter().find(|a| a.need == "talk2").unwrap();
    assert_eq!((talk.from.as_deref(), talk.to.as_deref()), (Some("m2"), Some("m2")));
}

#[test]
fn audiences_and_shifts_are_accepted_or_not() {
    let plan = plan(
        r#""units": [{"id": "day"}, {"id": "night"}],
        "offers": [{"id": "o1", "unit": "day", "quantity": 9, "audiences": ["tourist"], "shifts": ["day"]},
                   {"id": "o2", "unit": "night", "quantity": 3, "shifts": ["evening", "night"]}],
        "needs": [{"id": "guide", "quantity": 4, "audience": "tourist", "shift": "day"},
                  {"id": "watch", "quantity": 5, "shift": "night"},
                  {"id": "elders", "quantity": 1, "audience": "elder", "shift": "day"}]"#,
    );
    assert_eq!(all_covered(&plan, ["guide", "watch", "elders"]), [4, 3, 0]);
    assert_eq!(codes(&plan, "elders")[0], ReasonCode::AudienceOrShift);
}

#[test]
fn a_unit_gives_and_asks_but_never_serves_itself() {
    // A shop that teaches bookkeeping and asks for legal advice, and the other way round.
    let plan = plan(
        r#""categories": [{"id": "books"}, {"id": "law"}],
        "units": [{"id": "shop"}, {"id": "court"}],
        "offers": [{"id": "o1", "unit": "shop", "category": "books", "quantity": 4},
                   {"id": "o2", "unit": "court", "category": "law", "quantity": 4}],
        "needs": [{"id": "n1", "owner": "shop", "category": "law", "quantity": 2, "audience": "merchant"},
                  {"id": "n2", "owner": "court", "category": "books", "quantity": 3},
                  {"id": "n3", "owner": "shop", "category": "books", "quantity": 1}]"#,
    );
    assert_eq!((given(&plan, "court", "n1"), given(&plan, "shop", "n2")), (2, 3));
    assert_eq!(codes(&plan, "n3"), [ReasonCode::OwnNeed]);
}

#[test]
fn ten_minutes_on_foot_are_eight_hundred_metres() {
    // c2 lies 700 + 200 = 900 m from the hall in c1.
    let body = |radius: u32| {
        format!(
            r#"{PLACES}, "units": [{{"id": "hall", "home": "c1"}}],
            "offers": [{{"id": "o", "unit": "hall", "quantity": 5, "radius_m": {radius}}}],
            "needs": [{{"id": "near", "place": "c1", "quantity": 1}},
                      {{"id": "far", "place": "c2", "quantity": 1}}]"#
        )
    };
    let walk = plan(&body(800));
    assert_eq!(all_covered(&walk, ["near", "far"]), [1, 0]);
    assert_eq!(codes(&walk, "far")[0], ReasonCode::Radius);
    assert_eq!(covered(&plan(&body(900)), "far"), 1);
}

#[test]
fn a_pair_may_be_pinned_and_another_forbidden() {
    let plan = plan(
        r#""units": [{"id": "u"}, {"id": "v"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 3}, {"id": "o2", "unit": "v", "quantity": 3}],
        "needs": [{"id": "hot", "quantity": 3, "kind": "hot_spot"}, {"id": "mild", "quantity": 3}],
        "pairs": [{"offer": "o1", "need": "mild", "locked": 2},
                  {"offer": "o2", "need": "mild", "forbidden": true}]"#,
    );
    // The pin costs nothing here: o2 serves the hot spot, where alone it may.
    assert_eq!(all_covered(&plan, ["hot", "mild"]), [3, 3]);
    assert_eq!((given(&plan, "u", "mild"), given(&plan, "v", "hot")), (3, 3));
}

#[test]
fn explicit_lists_are_the_only_pairs() {
    let plan = plan(
        r#""arcs": "explicit", "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "u", "quantity": 9}],
        "needs": [{"id": "listed", "quantity": 2}, {"id": "other", "quantity": 2}],
        "pairs": [{"offer": "o", "need": "listed"}]"#,
    );
    assert_eq!(all_covered(&plan, ["listed", "other"]), [2, 0]);
    assert_eq!(codes(&plan, "other")[0], ReasonCode::Forbidden);
}

#[test]
fn a_dead_end_is_told_as_a_funnel() {
    // Of four offers one is of another category, one elsewhere, two not able enough.
    let plan = plan(&format!(
        r#"{PLACES}, "categories": [{{"id": "law"}}, {{"id": "art"}}], "units": [{{"id": "u"}}],
        "offers": [{{"id": "o1", "unit": "u", "category": "art", "quantity": 1}},
                   {{"id": "o2", "unit": "u", "category": "law", "quantity": 1, "area": "c2"}},
                   {{"id": "o3", "unit": "u", "category": "law", "quantity": 1, "proficiency": 50}},
                   {{"id": "o4", "unit": "u", "category": "law", "quantity": 1, "proficiency": 70}}],
        "needs": [{{"id": "n", "place": "c1", "category": "law", "quantity": 1, "min_proficiency": 90}}]"#
    ));
    let reason = &reasons(&plan, "n")[0];
    assert_eq!(reason.code, ReasonCode::BelowProficiency);
    let thrown: Vec<(&str, u64)> =
        reason.funnel.iter().map(|(test, n)| (test.as_str(), *n)).filter(|x| x.1 > 0).collect();
    assert_eq!(thrown, [("no_category", 1), ("out_of_area", 1), ("below_proficiency", 2)]);
}

#[test]
fn who_sees_but_may_not_act_learns_who_may() {
    // Demolition in c1: the grid's own people have no such power, the street's team has,
    // but works in c2 only.
    let plan = plan(&format!(
        r#"{PLACES}, "categories": [{{"id": "tidy"}}, {{"id": "demolish"}}],
        "units": [{{"id": "grid"}}, {{"id": "team"}}],
        "offers": [{{"id": "o1", "unit": "grid", "category": "tidy", "quantity": 5, "area": "g1"}},
                   {{"id": "o2", "unit": "team", "category": "demolish", "quantity": 5, "area": "c2", "level": "street"}}],
        "needs": [{{"id": "n", "place": "g1", "category": "demolish", "quantity": 2}}]"#
    ));
    assert_eq!(codes(&plan, "n"), [ReasonCode::OutOfArea, ReasonCode::BeyondLevel]);
    let beyond = &reasons(&plan, "n")[1];
    assert_eq!(
        (beyond.level.as_deref(), &beyond.offers[..]),
        (Some("street"), &["o2".to_owned()][..])
    );
}
