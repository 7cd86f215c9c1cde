//! Limits: hours of a unit, partners, posts, floors, caps, agreements, contradictions.

use concentric_matcher::certify::ReasonCode;
use concentric_matcher::plan::TerminationReason;

use super::{all_covered, codes, covered, given, level, plan};

/// Three communities under a street, the third weak.
const PLACES: &str = r#""places": [
  {"id": "s", "level": "street"},
  {"id": "c1", "level": "community", "parent": "s"},
  {"id": "c2", "level": "community", "parent": "s"},
  {"id": "c3", "level": "community", "parent": "s", "tags": ["weak"]}]"#;

#[test]
fn members_at_work_and_at_home_share_one_limit_of_hours() {
    // A double check-in: eight hours in the community of the workplace, eight at home,
    // ten in all. The weak community at home is a hot spot.
    let plan = plan(&format!(
        r#"{PLACES}, "units": [{{"id": "bank"}}],
        "offers": [{{"id": "work", "unit": "bank", "quantity": 8, "area": "c1"}},
                   {{"id": "home", "unit": "bank", "quantity": 8, "area": "c3"}}],
        "needs": [{{"id": "n1", "place": "c1", "quantity": 8}},
                  {{"id": "n3", "place": "c3", "quantity": 8, "kind": "hot_spot"}}],
        "limits": [{{"id": "hours", "counts": "amount", "supply": {{"unit": "bank"}}, "upper": 10}}]"#
    ));
    assert_eq!(all_covered(&plan, ["n3", "n1"]), [8, 2]);
    assert!(codes(&plan, "n1").contains(&ReasonCode::Limit), "{:?}", codes(&plan, "n1"));
}

#[test]
fn a_unit_has_at_most_so_many_partners() {
    // Two communities at most: the two that count most.
    let body = |partners: u32| {
        format!(
            r#"{PLACES}, "units": [{{"id": "u", "kind": "resident_unit"}}],
            "offers": [{{"id": "o", "unit": "u", "quantity": 30}}],
            "needs": [{{"id": "n1", "place": "c1", "quantity": 5, "priority": 2}},
                      {{"id": "n2", "place": "c2", "quantity": 5, "priority": 1}},
                      {{"id": "n3", "place": "c3", "quantity": 5, "priority": 3}}],
            "limits": [{{"id": "partners", "counts": "pairs", "supply": {{"unit_kind": "resident_unit"}},
                        "per": "unit", "pair_level": "community", "upper": {partners}}}]"#
        )
    };
    let two = plan(&body(2));
    assert_eq!(all_covered(&two, ["n1", "n2", "n3"]), [5, 0, 5]);
    assert!(codes(&two, "n2").contains(&ReasonCode::PartnerCap), "{:?}", codes(&two, "n2"));
    assert_eq!(all_covered(&plan(&body(3)), ["n1", "n2", "n3"]), [5, 5, 5]);
}

#[test]
fn every_community_has_a_partner() {
    // One unit with four hours: covering n1 would be enough for the goal, but each
    // community must see somebody.
    let plan = plan(&format!(
        r#"{PLACES}, "units": [{{"id": "u"}}],
        "offers": [{{"id": "o", "unit": "u", "quantity": 4}}],
        "needs": [{{"id": "n1", "place": "c1", "quantity": 4, "priority": 5}},
                  {{"id": "n2", "place": "c2", "quantity": 4}}, {{"id": "n3", "place": "c3", "quantity": 4}}],
        "limits": [{{"id": "all", "counts": "pairs", "per": "place:community", "pair_level": "community", "lower": 1}}]"#
    ));
    assert_eq!(all_covered(&plan, ["n1", "n2", "n3"]), [2, 1, 1]);
}

#[test]
fn a_place_has_one_partner_or_up_to_n() {
    // 1+N with N = 1: three units could serve c1, two may.
    let plan = plan(&format!(
        r#"{PLACES}, "units": [{{"id": "u"}}, {{"id": "v"}}, {{"id": "w"}}],
        "offers": [{{"id": "o1", "unit": "u", "quantity": 1}}, {{"id": "o2", "unit": "v", "quantity": 2}},
                   {{"id": "o3", "unit": "w", "quantity": 3}}],
        "needs": [{{"id": "n1", "place": "c1", "quantity": 9}}],
        "limits": [{{"id": "group", "counts": "pairs", "per": "place:community",
                    "pair_level": "community", "lower": 1, "upper": 2}}]"#
    ));
    assert_eq!((given(&plan, "v", "n1"), given(&plan, "w", "n1")), (2, 3));
    assert_eq!(covered(&plan, "n1"), 5);
}

#[test]
fn posts_are_filled_by_leaders_with_several_places() {
    // Stationed leaders: one each for three places; one leader takes two, one takes one.
    let plan = plan(&format!(
        r#"{PLACES}, "units": [{{"id": "l1"}}, {{"id": "l2"}}],
        "offers": [{{"id": "o1", "unit": "l1", "quantity": 2}}, {{"id": "o2", "unit": "l2", "quantity": 1, "area": "c2"}}],
        "needs": [{{"id": "n1", "place": "c1", "quantity": 1}}, {{"id": "n2", "place": "c2", "quantity": 1}},
                  {{"id": "n3", "place": "c3", "quantity": 1}}]"#
    ));
    assert_eq!(all_covered(&plan, ["n1", "n2", "n3"]), [1, 1, 1]);
    assert_eq!((given(&plan, "l2", "n2"), plan.assignments.len()), (1, 3));
}

#[test]
fn a_chair_rotates() {
    // One post a month, each unit once at most: three months take three units.
    let month =
        |k: u32| format!(r#"{{"id": "m{k}", "start": "2026-0{k}-01", "end": "2026-0{k}-28"}}"#);
    let chair =
        |k: u32| format!(r#"{{"id": "n{k}", "quantity": 1, "from": "m{k}", "to": "m{k}"}}"#);
    let plan = plan(&format!(
        r#""measures": [{{"id": "post"}}], "periods": [{}, {}, {}],
        "units": [{{"id": "u"}}, {{"id": "v"}}, {{"id": "w"}}],
        "offers": [{{"id": "o1", "unit": "u", "quantity": 3}}, {{"id": "o2", "unit": "v", "quantity": 3}},
                   {{"id": "o3", "unit": "w", "quantity": 3, "from": "m2", "to": "m2"}}],
        "needs": [{}, {}, {}],
        "limits": [{{"id": "once", "counts": "amount", "per": "unit", "upper": 1}}]"#,
        month(1),
        month(2),
        month(3),
        chair(1),
        chair(2),
        chair(3),
    ));
    assert_eq!(all_covered(&plan, ["n1", "n2", "n3"]), [1, 1, 1]);
    assert_eq!(given(&plan, "w", "n2"), 1);
}

#[test]
fn kinds_groups_and_tags_of_units_are_ways_to_select_them() {
    // Six hours each; the school gives one, the patrols two together, the pilots three.
    let plan = plan(
        r#""units": [{"id": "a", "kind": "school"}, {"id": "b", "group": "patrol"}, {"id": "c", "group": "patrol"},
                     {"id": "d", "tags": ["pilot"]}],
        "offers": [{"id": "o1", "unit": "a", "quantity": 6}, {"id": "o2", "unit": "b", "quantity": 6},
                   {"id": "o3", "unit": "c", "quantity": 6}, {"id": "o4", "unit": "d", "quantity": 6}],
        "needs": [{"id": "n", "quantity": 24}],
        "limits": [{"id": "kind", "counts": "amount", "supply": {"unit_kind": "school"}, "upper": 1},
                   {"id": "group", "counts": "amount", "supply": {"unit_group": "patrol"}, "upper": 2},
                   {"id": "tag", "counts": "amount", "supply": {"unit_tag": "pilot"}, "upper": 3}]"#,
    );
    let by = |unit: &str| given(&plan, unit, "n");
    assert_eq!((by("a"), by("b") + by("c"), by("d")), (1, 2, 3));
}

#[test]
fn a_weak_place_has_a_floor() {
    // The floor in amount, and as a share of what is asked (half of eight).
    for floor in [
        r#""counts": "amount", "demand": {"place_tag": "weak"}, "lower": 4"#,
        r#""counts": "share_ppm", "demand": {"place_tag": "weak"}, "per": "place:community", "lower": 500000"#,
    ] {
        let plan = plan(&format!(
            r#"{PLACES}, "units": [{{"id": "u"}}],
            "offers": [{{"id": "o", "unit": "u", "quantity": 6}}],
            "needs": [{{"id": "n1", "place": "c1", "quantity": 6, "kind": "hot_spot"}},
                      {{"id": "n3", "place": "c3", "quantity": 8}}],
            "limits": [{{"id": "floor", {floor}}}]"#
        ));
        assert_eq!(all_covered(&plan, ["n1", "n3"]), [2, 4], "{floor}");
    }
}

#[test]
fn a_safety_net_is_a_floor_on_its_categories() {
    let plan = plan(
        r#""categories": [{"id": "net"}, {"id": "aid", "parent": "net"}, {"id": "art"}],
        "units": [{"id": "u"}], "offers": [{"id": "o1", "unit": "u", "category": "net", "quantity": 2},
                                           {"id": "o2", "unit": "u", "category": "art", "quantity": 9}],
        "needs": [{"id": "school", "category": "aid", "quantity": 5}, {"id": "dance", "category": "art", "quantity": 9}],
        "limits": [{"id": "hours", "counts": "amount", "supply": {"unit": "u"}, "upper": 9},
                   {"id": "net", "counts": "amount", "demand": {"category": "net"}, "lower": 2}],
        "goals": [{"what": "cover", "by": "amount"}, {"what": "spend"}]"#,
    );
    // Nine hours in all, two of them for the net.
    assert_eq!(all_covered(&plan, ["school", "dance"]), [2, 7]);
}

#[test]
fn a_level_does_not_touch_what_is_not_its_own() {
    // Access to the grid's list: hard matters are no task of grids, however idle.
    let plan = plan(
        r#""categories": [{"id": "any"}, {"id": "small", "parent": "any"}, {"id": "hard", "parent": "any"}],
        "units": [{"id": "grid", "tags": ["grid"]}, {"id": "team"}],
        "offers": [{"id": "o1", "unit": "grid", "category": "any", "quantity": 9},
                   {"id": "o2", "unit": "team", "category": "any", "quantity": 2}],
        "needs": [{"id": "noise", "category": "small", "quantity": 3},
                  {"id": "demolition", "category": "hard", "quantity": 4}],
        "limits": [{"id": "list", "counts": "amount", "supply": {"unit_tag": "grid"}, "demand": {"category": "hard"}, "upper": 0}]"#,
    );
    assert_eq!(all_covered(&plan, ["noise", "demolition"]), [3, 2]);
    assert_eq!(given(&plan, "grid", "demolition"), 0);
}

#[test]
fn community_staff_do_not_do_everything_themselves() {
    // A cap on the staff; the rest falls to the residents' own group.
    let plan = plan(
        r#""units": [{"id": "staff", "kind": "community"}, {"id": "choir", "kind": "self_organisation"}],
        "offers": [{"id": "o1", "unit": "staff", "quantity": 10}, {"id": "o2", "unit": "choir", "quantity": 10, "proficiency": 60}],
        "needs": [{"id": "n", "quantity": 10}],
        "limits": [{"id": "load", "counts": "amount", "supply": {"unit_kind": "community"}, "per": "unit", "upper": 4}]"#,
    );
    assert_eq!((given(&plan, "staff", "n"), given(&plan, "choir", "n")), (4, 6));
}

#[test]
fn so_many_projects_must_reach_their_minimum() {
    // Twelve for two projects of ten: one in full and a fifth, or both at their minimum.
    let body = |limits: &str| {
        format!(
            r#""units": [{{"id": "fund"}}], "offers": [{{"id": "o", "unit": "fund", "quantity": 12}}],
            "needs": [{{"id": "a", "quantity": 10, "min_useful": 6, "priority": 2}},
                      {{"id": "b", "quantity": 10, "min_useful": 6}}], "limits": [{limits}]"#
        )
    };
    assert_eq!(all_covered(&plan(&body("")), ["a", "b"]), [10, 0]);
    let both = plan(&body(r#"{"id": "both", "counts": "served", "lower": 2}"#));
    assert_eq!(all_covered(&both, ["a", "b"]), [6, 6]);
}

#[test]
fn a_soft_floor_is_missed_as_little_as_possible() {
    let plan = plan(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 3}],
        "needs": [{"id": "hot", "quantity": 9, "kind": "hot_spot"}, {"id": "mild", "quantity": 9}],
        "limits": [{"id": "wish", "counts": "amount", "demand": {"kind": "general"}, "lower": 4, "hard": false}]"#,
    );
    // Four were wished, three are there; the level says a quarter is missed.
    assert_eq!(all_covered(&plan, ["mild", "hot"]), [3, 0]);
    let soft = level(&plan, "soft");
    assert_eq!(soft.value.0 * 4, i128::from(soft.scale));
}

#[test]
fn a_unit_and_a_place_have_a_cap_together() {
    // Of six hours in two categories at most four go to c1; the hot spot takes its part first.
    let plan = plan(&format!(
        r#"{PLACES}, "categories": [{{"id": "law"}}, {{"id": "art"}}], "units": [{{"id": "u"}}],
        "offers": [{{"id": "o1", "unit": "u", "category": "law", "quantity": 3}},
                   {{"id": "o2", "unit": "u", "category": "art", "quantity": 3}}],
        "needs": [{{"id": "n1", "place": "c1", "category": "law", "quantity": 3, "kind": "hot_spot"}},
                  {{"id": "n2", "place": "c1", "category": "art", "quantity": 3}},
                  {{"id": "n3", "place": "c2", "category": "art", "quantity": 3, "priority": 2}}],
        "pairs": [{{"unit": "u", "place": "c1", "capacity": 4}}]"#
    ));
    assert_eq!(all_covered(&plan, ["n1", "n2", "n3"]), [3, 0, 3]);
}

#[test]
fn an_agreement_binds_its_unit_and_place_while_it_holds() {
    // At least two and at most three hours of law a month, in the first month only.
    let plan = plan(&format!(
        r#"{PLACES}, "periods": [{{"id": "m1", "start": "2026-01-01", "end": "2026-01-31"}},
                                 {{"id": "m2", "start": "2026-02-01", "end": "2026-02-28"}}],
        "units": [{{"id": "u"}}], "offers": [{{"id": "o1", "unit": "u", "quantity": 9, "from": "m1", "to": "m1"}},
                                             {{"id": "o2", "unit": "u", "quantity": 9, "from": "m2", "to": "m2"}}],
        "needs": [{{"id": "n1", "place": "c1", "quantity": 9, "from": "m1", "to": "m1"}},
                  {{"id": "n2", "place": "c1", "quantity": 9, "from": "m2", "to": "m2"}},
                  {{"id": "hot", "place": "c2", "quantity": 8, "kind": "hot_spot", "from": "m1", "to": "m1"}}],
        "agreements": [{{"id": "a1", "unit": "u", "place": "c1", "lower": 2, "upper": 3, "from": "m1", "to": "m1"}},
                       {{"id": "a2", "unit": "u", "place": "c1", "upper": 0, "status": "ended"}},
                       {{"id": "a3", "unit": "u", "place": "c3", "direction": "both"}}]"#
    ));
    // Two of the nine are owed to c1, so the hot spot gets seven; what has ended and what
    // has no bounds asks for nothing.
    assert_eq!(all_covered(&plan, ["hot", "n1", "n2"]), [7, 2, 9]);
}

#[test]
fn a_contradiction_is_told_by_the_rules_that_make_it() {
    let conflict = |touch: &str| {
        let plan = plan(&format!(
            r#""units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 9}}],
            "needs": [{{"id": "n", "quantity": 9}}],
            "limits": [{{"id": "floor", "counts": "amount", "lower": 5}},
                       {{"id": "ceiling", "counts": "amount", "upper": 3{touch}}},
                       {{"id": "roof", "counts": "amount", "upper": 8}}]"#
        ));
        assert_eq!(plan.termination.unwrap().reason, TerminationReason::Infeasible);
        plan.conflict
    };
    assert_eq!(conflict(""), ["ceiling", "floor"]);
    // What nobody may touch is never blamed.
    assert_eq!(conflict(r#", "untouchable": true"#), ["floor"]);
}

/// The detail of an infeasible plan that blames nothing.
fn told(body: &str) -> String {
    let plan = plan(body);
    let termination = plan.termination.unwrap();
    assert_eq!(termination.reason, TerminationReason::Infeasible);
    assert!(plan.conflict.is_empty(), "{:?}", plan.conflict);
    termination.detail
}

#[test]
fn limits_that_nobody_may_touch_are_told_and_not_blamed() {
    let body = |least: &str| {
        format!(
            r#""units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 9}}],
            "needs": [{{"id": "n", "quantity": 9{least}}}],
            "limits": [{{"id": "floor", "counts": "amount", "lower": 5, "untouchable": true}},
                       {{"id": "ceiling", "counts": "amount", "upper": 3, "untouchable": true}},
                       {{"id": "roof", "counts": "amount", "upper": 8, "untouchable": true}},
                       {{"id": "free", "counts": "amount", "upper": 7}}]"#
        )
    };
    let why = "only untouchable limits clash, and none of them is to blame: ceiling, floor";
    assert_eq!(told(&body("")), why, "in a network");
    // 3 to 5 of 9 are below the least that is of use, but the limits clash without it.
    let program = told(&body(r#", "min_useful": 2"#));
    assert!(program.starts_with(why), "in a program: {program}");
}

#[test]
fn a_contradiction_says_what_it_takes_to_see_it() {
    let seen = |body: &str| {
        let plan = plan(body);
        let termination = plan.termination.unwrap();
        assert_eq!(termination.reason, TerminationReason::Infeasible);
        (plan.conflict, termination.detail)
    };
    // Two of three needs are out of reach, so that a third is the most there can be.
    let (names, detail) = seen(
        r#""categories": [{"id": "a"}, {"id": "b"}], "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "u", "category": "a", "quantity": 9}],
        "needs": [{"id": "n1", "category": "a", "quantity": 3, "min_useful": 2},
                  {"id": "n2", "category": "b", "quantity": 3}, {"id": "n3", "category": "b", "quantity": 3}],
        "limits": [{"id": "share", "counts": "share_ppm", "lower": 400000}]"#,
    );
    assert_eq!(names, ["share"]);
    assert!(detail.ends_with("(adding up shows it)"), "{detail}");
    // Five cost fifteen at least, whether they come whole or in parts.
    let priced = |floor: i64, least: i64| {
        seen(&format!(
            r#""units": [{{"id": "u"}}],
            "offers": [{{"id": "o1", "unit": "u", "quantity": 9, "unit_cost": 3}},
                       {{"id": "o2", "unit": "u", "quantity": 9, "unit_cost": 4}}],
            "needs": [{{"id": "n1", "quantity": 9, "min_useful": {least}}}, {{"id": "n2", "quantity": 9}}],
            "limits": [{{"id": "floor", "counts": "amount", "lower": {floor}}},
                       {{"id": "money", "counts": "yuan", "upper": 10}}]"#
        ))
    };
    let (names, detail) = priced(5, 2);
    assert_eq!(names, ["floor", "money"]);
    assert!(detail.contains("even with fractions allowed"), "{detail}");
    // Four of each of two needs or nothing, of six: five in all would be four and one.
    let (names, detail) = seen(
        r#""units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 6}],
        "needs": [{"id": "n1", "quantity": 4, "min_useful": 4}, {"id": "n2", "quantity": 4, "min_useful": 4}],
        "limits": [{"id": "floor", "counts": "amount", "lower": 5}]"#,
    );
    assert_eq!(names, ["floor"]);
    assert!(detail.contains("it takes integers to see"), "{detail}");
}

#[test]
fn a_share_that_meets_its_bound_exactly_is_within_it() {
    // A third has no whole number of 10^12 parts; three of them are the whole all the same.
    let with = |rule: &str| {
        plan(&format!(
            r#""units": [{{"id": "u"}}], "offers": [{{"id": "o", "unit": "u", "quantity": 9}}],
            "needs": [{{"id": "a", "quantity": 3}}, {{"id": "b", "quantity": 6}}],
            "limits": [{{"id": "share", "counts": "share_ppm", {rule}}}]"#
        ))
    };
    assert_eq!(all_covered(&with(r#""lower": 1000000"#), ["a", "b"]), [3, 6]);
    let soft = with(r#""lower": 1000000, "hard": false"#);
    assert_eq!(level(&soft, "soft").value.0, 0);
    // (a/3 + b/6) / 2 = 1/2, met in thirds and sixths.
    let half = with(r#""lower": 500000, "upper": 500000"#);
    let [a, b] = all_covered(&half, ["a", "b"]);
    assert_eq!(2 * a + b, 6);
}
