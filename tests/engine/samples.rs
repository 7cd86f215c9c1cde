//! The sample ledgers and their scenarios: answers derived by hand, the levels of an
//! independent solve, components.
//!
//! The independent solve (`tests/data/reference.json`) lets quantities be fractional. A
//! whole plan may fall short of it on coverage by 1e-4 of the value; what comes after the
//! levels that its `milp:` line names is conditional on the binaries it chose, and only a
//! bound where the levels before are equal.

use concentric_matcher::plan::{Plan, ProofName, SenseName, TerminationReason};
use concentric_matcher::{Control, Engine, ValidLedger, io, scenario, validate::validate};
use concentric_testkit::brute::{self, LevelValue};
use serde_json::Value;

use super::whole::{forms, plain, value};
use super::{golden, triples};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("examples/ledgers/{name}.json")).unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn valid(name: &str, scenario_id: Option<&str>) -> ValidLedger {
    let mut ledger = io::read_ledger(&bytes(name)).unwrap();
    if let Some(id) = scenario_id {
        ledger = scenario::apply(&ledger, id).unwrap();
    }
    validate(ledger).unwrap()
}

fn plan(valid: &ValidLedger) -> Plan {
    Engine::default().match_valid(valid, &Control::default()).unwrap()
}

/// The metrics that the samples' expected answers are named by.
fn metric(valid: &ValidLedger, plan: &Plan, name: &str) -> i64 {
    use concentric_matcher::ledger::Need;
    use concentric_matcher::plan::Outcome;
    let needs: Vec<(&Need, &Outcome)> = valid.ledger().needs.iter().zip(&plan.outcomes).collect();
    let is = |value: &Option<String>, wanted: &str| value.as_deref() == Some(wanted);
    let sum = |of: &dyn Fn(&Need) -> bool, what: &dyn Fn(&Outcome) -> i64| -> i64 {
        needs.iter().filter(|(n, _)| of(n)).map(|(_, o)| what(o)).sum()
    };
    let short = |o: &Outcome| o.asked - o.covered;
    let covered = |o: &Outcome| o.covered;
    let lead = if valid.ledger().id.as_deref() == Some("checkin") { "lead" } else { "leader" };
    match name {
        "needs_without_any_offer" => {
            Engine::default().classify(valid).unwrap().needs_without_offers as i64
        }
        "pairings_covered" => sum(&|n| is(&n.measure, "pairing"), &covered),
        "old_compounds_without_pair" => 625 - sum(&|n| is(&n.measure, "pairing"), &covered),
        "pairings_kept" => {
            let pairing = |need: &str| {
                needs.iter().any(|(n, _)| n.id.as_str() == need && is(&n.measure, "pairing"))
            };
            let kept = plan.assignments.iter().filter(|a| a.kept > 0 && pairing(&a.need));
            kept.count() as i64
        }
        "projects_funded_at_minimum" => {
            let funded = |(n, o): &&(&Need, &Outcome)| {
                is(&n.measure, "yuan") && o.covered >= n.min_useful.max(1)
            };
            needs.iter().filter(funded).count() as i64
        }
        "yuan_assigned_to_projects" => sum(&|n| is(&n.measure, "yuan"), &covered),
        "contacts_unmet" => sum(&|n| is(&n.measure, "contact"), &short),
        "night_shifts_asked" => sum(&|n| is(&n.shift, "night"), &|o| o.asked),
        "night_shifts_unmet_min" => sum(&|n| is(&n.shift, "night"), &short),
        "night_shifts_offered" => {
            let night =
                |o: &&concentric_matcher::ledger::Offer| o.shifts.iter().any(|s| s == "night");
            valid.ledger().offers.iter().filter(night).map(|o| o.quantity).sum()
        }
        "volunteer_hours_covered" => {
            sum(&|n| n.category.as_ref().is_some_and(|c| c.starts_with("vol")), &covered)
        }
        "lecture_months_covered" => sum(&|n| is(&n.category, "lecture"), &covered),
        other => {
            if let Some(category) = other.strip_prefix("contacts_unmet_") {
                let of = |n: &Need| is(&n.measure, "contact") && is(&n.category, category);
                return sum(&of, &short);
            }
            let post = other.strip_suffix("_posts_unmet").unwrap();
            let category = if post == "leader" { lead } else { post };
            sum(&|n| is(&n.category, category), &short)
        }
    }
}

/// Solves the ledger as it is and in every scenario, and holds all of them against what
/// is known; returns all plans, that of the ledger as it is first.
fn agrees(name: &str, answers: usize) -> Vec<Plan> {
    let raw = json(&bytes(name));
    let reference = json(&std::fs::read("tests/data/reference.json").unwrap());
    let scenarios = raw["scenarios"].as_array().unwrap().iter().map(|s| s["id"].as_str());
    let mut checked = 0;
    let mut plans = Vec::new();
    for id in std::iter::once(None).chain(scenarios) {
        let valid = valid(name, id);
        let plan = plan(&valid);
        let label = format!("{name} {}", id.unwrap_or("base"));
        let verdict = Engine::default().verify(&valid, &plan).unwrap();
        assert!(verdict.is_ok(), "{label}: {verdict:?}");
        adds_up(&label, &valid, &plan);
        for expected in raw["expected"].as_array().unwrap() {
            if expected["scenario"].as_str() != Some(id.unwrap_or("base")) {
                continue;
            }
            let what = expected["metric"].as_str().unwrap();
            let wanted = expected["value"].as_i64().unwrap();
            assert_eq!(metric(&valid, &plan, what), wanted, "{label}: {what}");
            checked += 1;
        }
        compare(&label, &plan, &reference[name][id.unwrap_or("base")]);
        if id.is_none() {
            golden::agrees(name, &valid, &plan);
        }
        plans.push(plan);
    }
    assert_eq!(checked, answers, "answers of {name}");
    plans
}

/// Rows and levels by code that shares nothing with the engine but the record types.
fn adds_up(label: &str, valid: &ValidLedger, plan: &Plan) {
    let values = brute::evaluate(valid.ledger(), &triples(plan))
        .unwrap_or_else(|broken| panic!("{label}: breaks {broken}"));
    assert_eq!(values.len(), plan.levels.len());
    let forms = forms(valid.ledger(), plan);
    for ((level, form), evaluated) in plan.levels.iter().zip(forms).zip(&values) {
        match (value(level, form), plain(level, evaluated)) {
            // The engine adds shares up in 10^12 parts, the oracle in exact fractions.
            (LevelValue::Fractions(own), LevelValue::Fractions(exact)) => {
                let part = |(part, of): (i128, i128)| part as f64 / of as f64;
                let pairs = own.iter().zip(&exact);
                let far = pairs.filter(|(a, b)| (part(**a) - part(**b)).abs() > 1e-9).count();
                assert!(far == 0 && own.len() == exact.len(), "{label}: {}", level.goal);
            }
            (own, exact) => assert_eq!(own, exact, "{label}: {}", level.goal),
        }
    }
}

/// Levels against those of the reference, as the head of this file says.
///
/// Coverage must be as good, and so must a level whose value is its bound. One that is open
/// must not be bounded below what the reference reached, and must be within the accepted gap
/// of it unless a clock ended its search: how far one gets in a time is for benches to say.
fn compare(label: &str, plan: &Plan, reference: &Value) {
    // Where the reference parted units of service, its costs are none that whole plans have.
    let parted = reference["fractional_arcs"].as_i64().unwrap() > 0;
    let reference = reference["levels"].as_array().unwrap();
    let firm = reference.iter().find_map(|l| l["goal"].as_str().unwrap().strip_prefix("milp:"));
    let named = |l: &&Value| !l["goal"].as_str().unwrap().starts_with("milp:");
    let theirs = reference.iter().filter(named).map(|l| l["goal"].as_str().unwrap());
    // Misses of soft limits are called otherwise there.
    let ours = plan.levels.iter().map(|l| l.goal.as_str());
    assert!(ours.filter(|g| *g != "soft").eq(theirs.filter(|g| *g != "elastic")), "{label}");
    let mut fair = false;
    for level in plan.levels.iter().filter(|level| level.goal != "soft") {
        let goal = level.goal.as_str();
        let theirs = reference.iter().find(|l| l["goal"].as_str() == Some(goal)).unwrap();
        let other = theirs["value"].as_f64().unwrap();
        let value = level.value.0 as f64 / level.scale as f64;
        let better = |value: f64| match level.sense {
            SenseName::Maximize => (value - other) / other.abs().max(1.0),
            SenseName::Minimize => (other - value) / other.abs().max(1.0),
        };
        let by = better(value);
        let cover = goal.starts_with("cover");
        let bound = level.bound.as_ref().map(|bound| bound.0 as f64 / level.scale as f64);
        let closed = bound == Some(value);
        if cover || (closed || plan.deterministic) && !parted {
            let least = if cover && fair { -1e-3 } else { -1e-4 };
            assert!(by >= least, "{label}: {goal} is {value}, {other} elsewhere");
        }
        if let Some(bound) = bound.filter(|_| cover || !parted) {
            // Whole quantities, or an earlier level that went a crumb further, cost a little.
            assert!(better(bound) >= -1e-4, "{label}: {goal} up to {bound}, {other} elsewhere");
        }
        // Fractional quantities bound whole ones from above, level after level.
        if cover && !fair && firm.is_none_or(|firm| firm.contains(goal)) {
            assert!(by <= 1e-6, "{label}: {goal} is {value}, at most {other}");
        }
        fair |= goal == "fair";
        // Later levels stand on other ground from here on.
        if by.abs() > 1e-6 {
            break;
        }
    }
}

#[test]
fn luotang_and_its_scenarios_give_every_expected_value() {
    for plan in agrees("luotang", 7) {
        assert_eq!(plan.termination.as_ref().unwrap().reason, TerminationReason::Optimal);
        assert!(plan.levels.iter().all(|level| level.proof == ProofName::ProvedExact));
        assert!(plan.components.iter().all(|c| c.proof == ProofName::ProvedExact));
    }
}

#[test]
fn lizhou_agrees() {
    for plan in agrees("lizhou", 7) {
        assert_eq!(plan.termination.as_ref().unwrap().reason, TerminationReason::Optimal);
    }
}

#[test]
fn xijindu_agrees() {
    for plan in agrees("xijindu", 8) {
        assert_eq!(plan.termination.as_ref().unwrap().reason, TerminationReason::Optimal);
    }
}

#[test]
fn checkin_agrees() {
    agrees("checkin", 2);
}

#[test]
fn yixin_agrees() {
    agrees("yixin", 2);
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
