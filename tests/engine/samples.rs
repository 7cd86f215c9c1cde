//! The sample ledgers: hand-derived answers, the reference's levels, components.
//! Reference levels come from a linear solver with fractional quantities; they are
//! compared to 1e-4 on coverage.

use concentric_matcher::plan::{Plan, ProofName};
use concentric_matcher::{Control, Engine, ValidLedger, io, scenario, validate::validate};
use serde_json::Value;

fn valid(name: &str, scenario_id: Option<&str>) -> ValidLedger {
    let text = std::fs::read(format!("examples/ledgers/{name}.json")).unwrap();
    let mut ledger = io::read_ledger(&text).unwrap();
    if let Some(id) = scenario_id {
        ledger = scenario::apply(&ledger, id).unwrap();
    }
    validate(ledger).unwrap()
}

fn plan(valid: &ValidLedger) -> Plan {
    Engine::default().match_valid(valid, &Control::default()).unwrap()
}

/// The metrics of LEDGER.md section 9 that Luotang uses.
fn metric(valid: &ValidLedger, plan: &Plan, name: &str) -> i64 {
    let needs = || valid.ledger().needs.iter().zip(&plan.outcomes);
    let category = |need: &concentric_matcher::ledger::Need| need.category.clone().unwrap();
    let short = |wanted: &str| {
        needs().filter(|(n, _)| category(n) == wanted).map(|(_, o)| o.asked - o.covered).sum()
    };
    match name {
        "volunteer_hours_covered" => {
            needs().filter(|(n, _)| category(n).starts_with("vol")).map(|(_, o)| o.covered).sum()
        }
        "lecture_months_covered" => {
            needs().filter(|(n, _)| category(n) == "lecture").map(|(_, o)| o.covered).sum()
        }
        other => short(other.strip_suffix("_posts_unmet").unwrap()),
    }
}

#[test]
fn luotang_and_its_scenarios_give_every_expected_value() {
    let text = std::fs::read("examples/ledgers/luotang.json").unwrap();
    let raw: Value = serde_json::from_slice(&text).unwrap();
    let mut checked = 0;
    for expected in raw["expected"].as_array().unwrap() {
        let id = expected["scenario"].as_str().filter(|s| *s != "base");
        let valid = valid("luotang", id);
        let plan = plan(&valid);
        let name = expected["metric"].as_str().unwrap();
        assert_eq!(
            metric(&valid, &plan, name),
            expected["value"].as_i64().unwrap(),
            "{id:?} {name}"
        );
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn luotang_levels_agree_with_the_reference_and_are_proved() {
    let raw = std::fs::read("tests/data/reference.json").unwrap();
    let reference: Value = serde_json::from_slice(&raw).unwrap();
    for id in [None, Some("shared_leader"), Some("no_street_team")] {
        let valid = valid("luotang", id);
        let plan = plan(&valid);
        let levels = reference["luotang"][id.unwrap_or("base")]["levels"].as_array().unwrap();
        assert_eq!(plan.levels.len(), levels.len());
        for (ours, theirs) in plan.levels.iter().zip(levels) {
            assert_eq!(ours.goal, theirs["goal"].as_str().unwrap());
            assert_eq!(ours.proof, ProofName::ProvedExact, "{id:?} {}", ours.goal);
            let value = ours.value.0 as f64 / ours.scale as f64;
            let expected = theirs["value"].as_f64().unwrap();
            let gap = (value - expected).abs() / expected.abs().max(1.0);
            assert!(gap <= 1e-4, "{id:?} {}: {value} against {expected}", ours.goal);
        }
        assert!(plan.components.iter().all(|c| c.proof == ProofName::ProvedExact), "{id:?}");
        let verdict = Engine::default().verify(&valid, &plan).unwrap();
        assert!(verdict.is_ok(), "{id:?}: {verdict:?}");
    }
}

#[test]
fn samples_fall_into_the_known_components() {
    // arcs, components, arcs of the largest; integer components where there are any.
    let known = [
        ("yixin", None, 1_630, 1, 1_630, 1),
        ("lizhou", None, 61_998, 3, 61_250, 2),
        ("xijindu", None, 585, 29, 96, 4),
        ("luotang", None, 1_642, 123, 720, 0),
        ("luotang", Some("no_street_team"), 1_402, 123, 480, 0),
        ("checkin", None, 1_517, 3, 1_317, 1),
    ];
    for (name, id, arcs, components, largest, integer) in known {
        use concentric_matcher::plan::ComponentKind;
        let found = Engine::default().classify(&valid(name, id)).unwrap();
        assert_eq!(found.arcs, arcs, "{name}");
        assert_eq!(found.components.len(), components, "{name}");
        assert_eq!(found.components.iter().map(|c| c.arcs).max(), Some(largest), "{name}");
        let kinds = found.components.iter().filter(|c| c.kind == ComponentKind::Integer).count();
        assert_eq!(kinds, integer, "{name}");
        assert_eq!(found.needs_without_offers, 0, "{name}");
    }
}
