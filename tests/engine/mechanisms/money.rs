//! Money: funds with their own eligibility, paid services, budgets, fixed costs, lots.

use concentric_matcher::certify::ReasonCode;

use super::{all_covered, codes, covered, given, level, plan, reasons};

#[test]
fn funds_pay_for_what_their_category_and_area_allow() {
    // The fiscal fund pays for anything anywhere, the party fund for culture only.
    let plan = plan(
        r#""measures": [{"id": "yuan"}],
        "categories": [{"id": "any"}, {"id": "culture", "parent": "any"}, {"id": "works", "parent": "any"}],
        "units": [{"id": "fiscal", "kind": "fund"}, {"id": "dues", "kind": "fund"}],
        "offers": [{"id": "o1", "unit": "fiscal", "category": "any", "quantity": 500},
                   {"id": "o2", "unit": "dues", "category": "culture", "quantity": 300}],
        "needs": [{"id": "stage", "category": "culture", "quantity": 300},
                  {"id": "drain", "category": "works", "quantity": 600}]"#,
    );
    assert_eq!((given(&plan, "dues", "stage"), given(&plan, "fiscal", "drain")), (300, 500));
}

#[test]
fn a_micro_grant_is_paid_in_full_or_not() {
    let plan = plan(
        r#""measures": [{"id": "yuan"}], "units": [{"id": "fund", "kind": "fund"}],
        "offers": [{"id": "o", "unit": "fund", "quantity": 5000}],
        "needs": [{"id": "a", "quantity": 3000, "min_useful": 3000},
                  {"id": "b", "quantity": 3000, "min_useful": 3000, "priority": 2}]"#,
    );
    assert_eq!(all_covered(&plan, ["a", "b"]), [0, 3000]);
}

#[test]
fn the_provider_of_last_resort_comes_last() {
    let plan = plan(
        r#""units": [{"id": "firm", "tags": ["last_resort"]}, {"id": "friends"}],
        "offers": [{"id": "o1", "unit": "firm", "quantity": 9, "unit_cost": 50},
                   {"id": "o2", "unit": "friends", "quantity": 4}],
        "needs": [{"id": "n", "quantity": 6}]"#,
    );
    assert_eq!((given(&plan, "friends", "n"), given(&plan, "firm", "n")), (4, 2));
    assert_eq!(level(&plan, "spend").value.0, 100);
}

#[test]
fn a_community_buys_within_its_fund() {
    // 100 yuan a community: two hours at 40, or three at 30.
    let plan = plan(
        r#""places": [{"id": "s", "level": "street"}, {"id": "c1", "level": "community", "parent": "s"},
                      {"id": "c2", "level": "community", "parent": "s"}],
        "units": [{"id": "care"}, {"id": "cheap"}],
        "offers": [{"id": "o1", "unit": "care", "quantity": 99, "unit_cost": 40, "area": "c1"},
                   {"id": "o2", "unit": "cheap", "quantity": 99, "unit_cost": 30, "area": "c2"}],
        "needs": [{"id": "n1", "place": "c1", "quantity": 9}, {"id": "n2", "place": "c2", "quantity": 9}],
        "limits": [{"id": "fund", "counts": "yuan", "per": "place:community", "upper": 100}]"#,
    );
    assert_eq!(all_covered(&plan, ["n1", "n2"]), [2, 3]);
    assert_eq!(reasons(&plan, "n1")[0].limits, ["fund[c1]"]);
}

#[test]
fn a_budget_is_spent_where_it_serves_most() {
    // 100 yuan for both: an hour at 30 serves as much as one at 70.
    let plan = plan(
        r#""units": [{"id": "u"}, {"id": "v"}],
        "offers": [{"id": "o1", "unit": "u", "quantity": 1, "unit_cost": 70},
                   {"id": "o2", "unit": "v", "quantity": 9, "unit_cost": 30}],
        "needs": [{"id": "n", "quantity": 9}],
        "limits": [{"id": "fund", "counts": "yuan", "upper": 100}]"#,
    );
    assert_eq!(covered(&plan, "n"), 3);
    assert_eq!(level(&plan, "spend").value.0, 90);
    assert!(codes(&plan, "n").contains(&ReasonCode::Budget), "{:?}", codes(&plan, "n"));
}

#[test]
fn opening_a_pair_an_offer_or_a_unit_costs_once() {
    // Either u for 10 + 5 + 2 once, or v for 4 an hour: four hours cost 17 or 16,
    // five hours 17 or 20.
    let body = |hours: u32| {
        format!(
            r#""places": [{{"id": "s", "level": "street"}}, {{"id": "c", "level": "community", "parent": "s"}}],
            "units": [{{"id": "u", "fixed_cost": 10}}, {{"id": "v"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 9, "fixed_cost": 5}},
                       {{"id": "o2", "unit": "v", "quantity": 9, "unit_cost": 4}}],
            "needs": [{{"id": "n", "place": "c", "quantity": {hours}}}],
            "pairs": [{{"unit": "u", "place": "c", "fixed_cost": 2}}],
            "goals": [{{"what": "cover"}}, {{"what": "spend"}}]"#
        )
    };
    let four = plan(&body(4));
    assert_eq!((given(&four, "v", "n"), level(&four, "spend").value.0), (4, 16));
    let five = plan(&body(5));
    assert_eq!((given(&five, "u", "n"), level(&five, "spend").value.0), (5, 17));
}

#[test]
fn a_lot_is_delivered_in_its_least_size_and_consumption_draws_more() {
    // A bus needs 10 at least for c; a trained hour draws two of the offer.
    let plan = plan(
        r#""units": [{"id": "bus"}, {"id": "school"}],
        "offers": [{"id": "o1", "unit": "bus", "quantity": 20}, {"id": "o2", "unit": "school", "quantity": 7}],
        "needs": [{"id": "small", "quantity": 9}, {"id": "large", "quantity": 12}, {"id": "course", "quantity": 9}],
        "arcs": "explicit",
        "pairs": [{"offer": "o1", "need": "small", "min_lot": 10}, {"offer": "o1", "need": "large", "min_lot": 10},
                  {"offer": "o2", "need": "course", "consumption": 2}]"#,
    );
    assert_eq!(all_covered(&plan, ["small", "large", "course"]), [0, 12, 3]);
}
