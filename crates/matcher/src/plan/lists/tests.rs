//! Every list adds up to the plan, on all samples, and says what a hand can check.

use std::collections::BTreeMap;

use super::*;
use crate::io;
use crate::ledger::{NeedKind, PlaceLevel};
use crate::network::build;
use crate::plan::{Assignment, Plan, Status};
use crate::validate::ValidLedger;

const SAMPLES: [&str; 6] = ["first", "luotang", "yixin", "lizhou", "xijindu", "checkin"];

fn sample(name: &str) -> ValidLedger {
    let path = format!("{}/../../examples/ledgers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    io::load(&std::fs::read(path).unwrap()).unwrap()
}

/// Arcs filled in their order as far as offers and needs allow: no solver, any ledger.
fn greedy(valid: &ValidLedger) -> Plan {
    let network = build(valid, u64::MAX).unwrap();
    let ledger = valid.ledger();
    let mut offered: Vec<i64> = ledger.offers.iter().map(|o| o.quantity).collect();
    let mut asked: Vec<i64> = ledger.needs.iter().map(|n| n.quantity).collect();
    let mut plan: Plan =
        serde_json::from_str(r#"{"format": "concentric.plan/v1", "assignments": []}"#).unwrap();
    for arc in 0..network.arcs.len() {
        let (o, n) = (network.arcs.offer[arc] as usize, network.arcs.need[arc] as usize);
        let quantity = offered[o].min(asked[n]);
        if quantity > 0 {
            offered[o] -= quantity;
            asked[n] -= quantity;
            plan.assignments.push(crate::plan::assignment(valid, &network, arc as u32, quantity));
        }
    }
    plan
}

fn total(plan: &Plan, pick: impl Fn(&Assignment) -> bool) -> i64 {
    plan.assignments.iter().filter(|a| pick(a)).map(|a| a.quantity).sum()
}

fn sum(amounts: &[Amount]) -> i64 {
    amounts.iter().map(|a| a.quantity).sum()
}

#[test]
fn every_list_of_every_sample_adds_up_to_the_plan() {
    for name in SAMPLES {
        let valid = sample(name);
        let ledger = valid.ledger();
        let plan = greedy(&valid);
        let all = total(&plan, |_| true);
        assert!(all > 0, "{name}");

        let units = unit_services(&valid, &plan);
        let lines: i64 = units.iter().flat_map(|u| &u.lines).map(|l| l.quantity).sum();
        assert_eq!(
            (lines, units.iter().map(|u| sum(&u.totals)).sum::<i64>()),
            (all, all),
            "{name}"
        );

        let places = place_services(&valid, &plan, PlaceLevel::Community);
        let gives: i64 = places.iter().flat_map(|p| &p.gives).map(|l| l.quantity).sum();
        assert_eq!(gives, all, "{name}");
        let owned =
            total(&plan, |a| ledger.needs.iter().any(|n| n.id == a.need && n.owner.is_some()));
        let gets: i64 = places.iter().flat_map(|p| &p.gets).map(|l| l.quantity).sum();
        assert_eq!(gets, owned, "{name}");

        let pairs = pairings(&valid, &plan);
        assert_eq!(pairs.iter().map(|p| sum(&p.amounts)).sum::<i64>(), all, "{name}");

        let funds = funding(&valid, &plan);
        let yuan = total(&plan, |a| {
            ledger.needs.iter().any(|n| n.id == a.need && n.measure.as_deref() == Some("yuan"))
        });
        assert_eq!(funds.given, yuan, "{name}");
        let given: i64 = funds.rows.iter().flat_map(|r| &r.lines).map(|l| l.given).sum();
        assert_eq!(given, yuan, "{name}");

        let told = receipts(&valid, &plan);
        assert_eq!(told.len(), ledger.needs.len(), "{name}");
        assert_eq!(told.iter().map(|r| r.covered).sum::<i64>(), all, "{name}");
        for receipt in &told {
            let provided: i64 = receipt.providers.iter().map(|p| p.quantity).sum();
            assert_eq!(provided, receipt.covered, "{name} {}", receipt.need);
        }

        let offered: i64 = ledger.offers.iter().map(|o| o.quantity).sum();
        let left: i64 = idle_offers(&valid, &plan).iter().map(|i| i.left).sum();
        assert_eq!(offered - left, all, "{name}: no sample draws other than 1");

        let shares = level_shares(&valid, &plan);
        let at_roots = |short: bool| -> i64 {
            let roots = shares.iter().filter(|s| s.parent.is_none());
            roots.filter(|s| s.level.is_none() == short).map(|s| s.amount).sum()
        };
        assert_eq!(at_roots(false), all, "{name}");
        let asked: i64 = ledger.needs.iter().map(|n| n.quantity).sum();
        assert_eq!(at_roots(true), asked - all, "{name}");

        let cells = category_coverage(&valid, &plan);
        let covered: i64 = cells.iter().flat_map(|c| &c.sums.amounts).map(|a| a.2).sum();
        assert_eq!(covered, all, "{name}");
        assert_eq!(cells.iter().map(|c| c.sums.needs).sum::<u64>(), ledger.needs.len() as u64);

        let now = meeting_period(&valid);
        let rows = load(&valid, &plan, now.as_deref());
        assert_eq!(rows.iter().map(|r| r.planned).sum::<i64>(), all, "{name}");
        let pack = meeting(&valid, &plan, now.as_deref());
        let of = |list: &[ProjectRow]| list.iter().map(|p| p.quantity).sum::<i64>();
        assert_eq!(rows.iter().map(|r| r.delivered).sum::<i64>(), of(&pack.delivered), "{name}");
        assert_eq!(rows.iter().map(|r| r.late).sum::<i64>(), of(&pack.late), "{name}");
        assert_eq!(rows.iter().map(|r| r.running).sum::<i64>(), of(&pack.running), "{name}");
        let proposed: i64 = pack.proposals.iter().map(|p| p.quantity).sum();
        assert_eq!(proposed, plan.assignments.iter().map(|a| a.quantity - a.kept).sum::<i64>());
        let short: i64 = pack.unmet.iter().map(|r| r.asked - r.covered).sum();
        assert_eq!(short, asked - all, "{name}");
        let points = points(&valid, &BTreeMap::new());
        assert_eq!(points.iter().map(|p| p.delivered).sum::<i64>(), of(&pack.delivered), "{name}");
    }
}

fn valid(text: &str) -> ValidLedger {
    io::load(text.as_bytes()).unwrap_or_else(|issues| panic!("{issues:?}"))
}

fn plan(lines: &str) -> Plan {
    serde_json::from_str(&format!(
        r#"{{"format": "concentric.plan/v1", "assignments": [{lines}]}}"#
    ))
    .unwrap()
}

/// A clinic and a shop; the shop also asks. One street with two communities.
const STREET: &str = r#"{"format": "concentric.ledger/v1",
"measures": [{"id": "hour"}, {"id": "yuan"}],
"periods": [{"id": "p1", "start": "2026-01-01", "end": "2026-01-31"},
            {"id": "p2", "start": "2026-02-01", "end": "2026-02-28"}],
"places": [{"id": "s", "level": "street"}, {"id": "c1", "level": "community", "parent": "s"},
           {"id": "g1", "level": "grid", "parent": "c1"}, {"id": "c2", "level": "community", "parent": "s"}],
"categories": [{"id": "care"}, {"id": "elder", "parent": "care"}, {"id": "money"}],
"units": [{"id": "clinic", "fixed_cost": 7}, {"id": "fund"}, {"id": "shop", "home": "c1"}],
"offers": [
 {"id": "o1", "unit": "clinic", "category": "care", "measure": "hour", "quantity": 30, "level": "street", "unit_cost": 2},
 {"id": "o2", "unit": "shop", "category": "elder", "measure": "hour", "quantity": 10, "level": "grid"},
 {"id": "o3", "unit": "fund", "category": "money", "measure": "yuan", "quantity": 1000, "level": "district"}],
"needs": [
 {"id": "n1", "place": "g1", "category": "elder", "measure": "hour", "quantity": 20, "kind": "hot_spot", "priority": 2},
 {"id": "n2", "place": "c1", "category": "care", "measure": "hour", "quantity": 8, "owner": "shop"},
 {"id": "n3", "place": "c2", "category": "money", "measure": "yuan", "quantity": 900, "min_useful": 500},
 {"id": "n4", "place": "c2", "category": "money", "measure": "yuan", "quantity": 300}],
"pairs": [{"unit": "clinic", "place": "c1", "cost": 1}, {"offer": "o1", "need": "n2", "cost": 5}],
"agreements": [{"id": "ag", "unit": "clinic", "place": "c1"}],
"projects": [
 {"id": "j1", "offer": "o1", "need": "n1", "quantity": 6, "period": "p1", "state": "delivered"},
 {"id": "j2", "offer": "o1", "need": "n1", "quantity": 4, "period": "p2", "state": "closed"},
 {"id": "j3", "offer": "o2", "need": "n1", "quantity": 3, "period": "p1", "state": "in_progress"},
 {"id": "j4", "offer": "o2", "need": "n1", "quantity": 2, "period": "p2", "state": "agreed"},
 {"id": "j5", "offer": "o3", "need": "n4", "quantity": 50, "period": "p1", "state": "cancelled"},
 {"id": "j6", "offer": "o3", "need": "n3", "quantity": 60, "period": "p1", "state": "proposed"}],
"evaluations": [{"id": "e1", "project": "j1", "by": "jury", "score": 90, "period": "p1"}]}"#;

const LINES: &str = r#"
 {"offer": "o1", "need": "n1", "quantity": 12, "kept": 10},
 {"offer": "o1", "need": "n2", "quantity": 8},
 {"offer": "o3", "need": "n3", "quantity": 900}"#;

#[test]
fn two_way_lists_hold_what_a_unit_gives_and_gets() {
    let (valid, plan) = (valid(STREET), plan(LINES));
    let lists = place_services(&valid, &plan, PlaceLevel::Community);
    let keys: Vec<(&str, &str, usize, usize)> =
        lists.iter().map(|l| (&*l.place, &*l.unit, l.gives.len(), l.gets.len())).collect();
    // The grid's need stands under its community.
    assert_eq!(keys, [("c1", "clinic", 2, 0), ("c1", "shop", 0, 1), ("c2", "fund", 1, 0)]);
    assert_eq!(lists[1].gets[0].unit, "clinic");
    assert_eq!(sum(&lists[1].asks), 8);
}

#[test]
fn money_given_and_money_spent_are_told_apart() {
    let funds = funding(&valid(STREET), &plan(LINES));
    // n1: 12 hours at 2 + 1 (the pair of clinic and c1); n2: 8 at 2 + 5 (its own row).
    let rows: Vec<(&str, i64, i64, i128, Option<FundingState>)> =
        funds.rows.iter().map(|r| (&*r.need, r.asked, r.given, r.cost.0, r.state)).collect();
    assert_eq!(
        rows,
        [
            ("n1", 0, 0, 36, None),
            ("n2", 0, 0, 56, None),
            ("n3", 900, 900, 0, Some(FundingState::Full)),
            ("n4", 300, 0, 0, Some(FundingState::None)),
        ]
    );
    assert_eq!((funds.given, funds.spent.0), (900, 36 + 56 + 7));
    assert_eq!(funds.fixed.len(), 1, "the clinic's; the others have none");
}

#[test]
fn pairs_are_new_kept_or_ended() {
    let rows = pairings(&valid(STREET), &plan(LINES));
    let keys: Vec<(&str, &str, Standing)> =
        rows.iter().map(|p| (&*p.unit, &*p.place, p.standing)).collect();
    assert_eq!(
        keys,
        [
            ("clinic", "c1", Standing::New),
            ("clinic", "g1", Standing::Kept),
            ("fund", "c2", Standing::New),
            ("shop", "g1", Standing::Ended)
        ]
    );
    assert_eq!(rows[1].agreements, ["ag"], "an agreement with the place above");
    assert!(rows[2].agreements.is_empty());
}

#[test]
fn a_meeting_sorts_projects_by_what_became_of_them() {
    let (valid, plan) = (valid(STREET), plan(LINES));
    assert_eq!(meeting_period(&valid).as_deref(), Some("p2"));
    let ids = |list: &[ProjectRow]| -> String {
        list.iter().map(|p| p.project.clone()).collect::<Vec<_>>().join(" ")
    };
    let pack = meeting(&valid, &plan, Some("p2"));
    assert_eq!(ids(&pack.delivered), "j1 j2");
    assert_eq!(ids(&pack.late), "j3");
    assert_eq!(ids(&pack.running), "j4");
    let early = meeting(&valid, &plan, Some("p1"));
    assert_eq!((ids(&early.late), ids(&early.running)), (String::new(), "j3 j4".to_owned()));
    let unmet: Vec<(&str, Status)> = pack.unmet.iter().map(|r| (&*r.need, r.status)).collect();
    assert_eq!(unmet, [("n1", Status::Partial), ("n4", Status::Unmet)]);
    // Ten of the twelve hours go on; two are new.
    let new: Vec<(&str, i64)> = pack.proposals.iter().map(|p| (&*p.need, p.quantity)).collect();
    assert_eq!(new, [("n1", 2), ("n2", 8), ("n3", 900)]);
}

#[test]
fn promises_and_points_follow_the_projects() {
    let (valid, plan) = (valid(STREET), plan(LINES));
    let rows = load(&valid, &plan, Some("p2"));
    let row = |unit: &str| rows.iter().find(|r| r.unit == unit).unwrap();
    let clinic = row("clinic");
    assert_eq!((clinic.offered, clinic.planned, clinic.needs), (30, 20, 2));
    assert_eq!((clinic.promised, clinic.delivered, clinic.late), (10, 10, 0));
    let shop = row("shop");
    assert_eq!((shop.promised, shop.running, shop.late, shop.planned), (5, 2, 3, 0));
    assert_eq!((row("fund").promised, row("fund").cancelled), (0, 50));

    // j1 is evaluated, j2 is not: 6 of 10 hours at 3 points.
    let rates = BTreeMap::from([("hour".to_owned(), 3)]);
    let points = points(&valid, &rates);
    assert_eq!(points.len(), 1);
    let clinic = &points[0];
    assert_eq!((clinic.delivered, clinic.evaluated, clinic.points.0), (10, 6, 18));
}

#[test]
fn shares_are_told_by_level_for_roots_and_their_children() {
    let rows = level_shares(&valid(STREET), &plan(LINES));
    let told: Vec<(&str, Option<PlaceLevel>, i64, i64, i64)> = rows
        .iter()
        .map(|r| (&*r.category, r.level, r.amount, r.of_asked_ppm, r.of_covered_ppm))
        .collect();
    assert_eq!(
        told,
        [
            // 20 of 28 hours, all by the street; elder care alone 12 of 20.
            ("care", Some(PlaceLevel::Street), 20, 714_285, 1_000_000),
            ("care", None, 8, 285_714, 0),
            ("elder", Some(PlaceLevel::Street), 12, 600_000, 1_000_000),
            ("elder", None, 8, 400_000, 0),
            ("money", Some(PlaceLevel::District), 900, 750_000, 1_000_000),
            ("money", None, 300, 250_000, 0),
        ]
    );
    let cells = category_coverage(&valid(STREET), &plan(LINES));
    let kinds: Vec<(&str, NeedKind)> = cells.iter().map(|c| (&*c.category, c.kind)).collect();
    assert_eq!(
        kinds,
        [("care", NeedKind::General), ("elder", NeedKind::HotSpot), ("money", NeedKind::General)]
    );
}

#[test]
fn luotang_solves_small_matters_in_the_grid() {
    let valid = sample("luotang");
    let control = crate::Control::default();
    let plan = crate::Engine::default().match_valid(&valid, &control).unwrap();
    let rows = level_shares(&valid, &plan);
    let row = |category: &str, level| {
        rows.iter().find(|r| r.category == category && r.level == Some(level)).unwrap()
    };
    // 3,174 of the 3,675 hours of small matters stay in the grid.
    let small = row("small", PlaceLevel::Grid);
    assert_eq!((small.amount, small.asked), (3_174, 3_675));
    assert_eq!(small.of_asked_ppm / 1_000, 863);
    let hard: i64 = [PlaceLevel::Community, PlaceLevel::Street, PlaceLevel::District]
        .map(|level| row("hard", level).amount)
        .iter()
        .sum();
    assert_eq!(hard, row("hard", PlaceLevel::Community).asked, "hard matters are all covered");
    // So is coverage by place, in another order: that of the tree.
    let mut places = place_coverage(&valid, &plan);
    assert_eq!(places[0].id, "jy", "the root comes first");
    places.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(places, plan.coverage.places);
    // Read off the plan, the idle list is the plan's own.
    let idle: Vec<(String, i64)> = plan.idle.iter().map(|i| (i.offer.clone(), i.left)).collect();
    let ours: Vec<(String, i64)> =
        idle_offers(&valid, &plan).into_iter().map(|i| (i.offer, i.left)).collect();
    assert_eq!(ours, idle);
}

#[test]
fn soft_limits_that_are_missed_are_told_with_what_is_missing() {
    // o1 gives n1 12 and n2 8, both in c1, at 3 and 7; o3 gives n3 900. Shares: n1 12/20 at
    // priority 2, n2 8/8, n3 900/900, n4 0/300, each of these at priority 1.
    let limits = r#""limits": [
 {"id": "amount", "counts": "amount", "hard": false, "demand": {"place": "c1"}, "lower": 25},
 {"id": "care", "counts": "amount", "hard": false, "supply": {"unit": "clinic"}, "per": "place:community", "upper": 19},
 {"id": "hard", "counts": "amount", "supply": {"unit": "clinic"}, "upper": 20},
 {"id": "kept", "counts": "amount", "hard": false, "supply": {"unit": "clinic"}, "upper": 20},
 {"id": "money", "counts": "yuan", "hard": false, "upper": 90},
 {"id": "pairs", "counts": "pairs", "hard": false, "upper": 1},
 {"id": "served", "counts": "served", "hard": false, "lower": 4},
 {"id": "share", "counts": "share_ppm", "hard": false, "lower": 700000},
 {"id": "top", "counts": "share_ppm", "hard": false, "demand": {"need": "n1"}, "upper": 599999},
 {"id": "void", "counts": "share_ppm", "hard": false, "demand": {"need": []}, "lower": 1000000}],
"projects""#;
    let valid = valid(&STREET.replace("\"projects\"", limits));
    let told: Vec<(String, i64, bool, i128, i128)> = missed_limits(&valid, &plan(LINES))
        .into_iter()
        .map(|m| {
            let group = m.group.map_or_else(String::new, |group| format!("[{group}]"));
            (m.limit + &group, m.bound, m.below, m.reached.0, m.by.0)
        })
        .collect();
    let row = |name: &str, bound, below, reached, by| (name.to_owned(), bound, below, reached, by);
    assert_eq!(
        told,
        [
            row("amount", 25, true, 20, 5),
            row("care[c1]", 19, false, 20, 1),
            row("money", 90, false, 12 * 3 + 8 * 7, 2),
            row("pairs", 1, false, 2, 1),
            row("served", 4, true, 3, 1),
            // (2 * 12/20 + 1 + 1 + 0) / 5 = 0.64
            row("share", 700_000, true, 640_000, 60_000),
            row("top", 599_999, false, 600_000, 1),
        ]
    );
    assert!(missed_limits(&valid, &plan("")).is_empty(), "nothing is no plan");
}
