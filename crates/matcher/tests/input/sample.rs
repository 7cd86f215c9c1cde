//! A small ledger that uses every list, and a way to change one thing in it.

use serde_json::{Value, json};

/// The ledger; no list is in canonical order.
pub fn good() -> Value {
    json!({
        "format": "concentric.ledger/v1",
        "id": "good",
        "title": "样本",
        "measures": [{"id": "yuan"}, {"id": "hour", "name": "工时"}],
        "periods": [
            {"id": "q2", "start": "2026-04-01", "end": "2026-06-30"},
            {"id": "q1", "start": "2026-01-01", "end": "2026-03-31"},
            {"id": "q3", "start": "2026-07-01", "end": "2026-09-30"}
        ],
        "places": [
            {"id": "city", "level": "district"},
            {"id": "west", "level": "community", "parent": "city", "x_m": -500, "tags": ["old", "big"]},
            {"id": "east", "level": "community", "parent": "city", "x_m": 900, "y_m": 40},
            {"id": "east.1", "level": "compound", "parent": "east", "population": 1200}
        ],
        "categories": [
            {"id": "care"},
            {"id": "meals", "parent": "care"},
            {"id": "repair"}
        ],
        "units": [
            {"id": "u2", "home": "west", "kind": "team", "group": "volunteers"},
            {"id": "u1", "home": "east", "members": 12, "tags": ["night", "day"]}
        ],
        "offers": [
            {"id": "o1", "unit": "u1", "category": "care", "measure": "hour", "quantity": 100,
             "unit_cost": 5, "from": "q1", "to": "q2"},
            {"id": "o3", "unit": "u2", "category": "repair", "measure": "hour", "quantity": 30,
             "area": "east", "radius_m": 5000, "audiences": ["resident", "tourist"], "shifts": ["day"]},
            {"id": "o2", "unit": "u2", "category": "meals", "measure": "hour", "quantity": 60,
             "proficiency": 70}
        ],
        "needs": [
            {"id": "n2", "place": "west", "category": "care", "measure": "hour", "quantity": 20,
             "kind": "hot_spot", "priority": 3, "min_useful": 5},
            {"id": "n1", "place": "east.1", "category": "meals", "measure": "hour", "quantity": 40,
             "from": "q1", "to": "q2"},
            {"id": "n3", "place": "east", "category": "repair", "measure": "hour", "quantity": 10,
             "shift": "day", "owner": "u1", "bundle": "b1", "max_providers": 2}
        ],
        "bundles": [{"id": "b1", "place": "east"}],
        "pairs": [
            {"unit": "u2", "place": "east", "cost": 2, "capacity": 50},
            {"offer": "o1", "need": "n2", "value": -3, "locked": 4, "capacity": 9},
            {"offer": "o1", "need": "n1", "consumption": 2}
        ],
        "limits": [
            {"id": "l2", "counts": "amount", "supply": {"unit": ["u1", "u2"]}, "upper": 90},
            {"id": "l1", "counts": "pairs", "supply": {"unit_kind": "team"}, "per": "unit",
             "pair_level": "community", "upper": 2},
            {"id": "l3", "counts": "yuan", "demand": {"place": "east", "kind": ["hot_spot", "general"]},
             "lower": 0, "upper": 2000000000000i64}
        ],
        "goals": [
            {"what": "cover", "where": {"kind": "hot_spot"}},
            {"what": "cover", "where": {"category": ["meals", "care"]}},
            {"what": "fair", "per": "place:community", "form": "maximin"},
            {"what": "tier", "at_ppm": 600000},
            {"what": "keep", "change_budget": 3},
            {"what": "near"},
            {"what": "weighted", "terms": [{"what": "value", "weight": 2}, {"what": "spend", "weight": -1}]}
        ],
        "agreements": [
            {"id": "a2", "unit": "u2", "place": "city", "lower": 1, "upper": 80, "status": "ended"},
            {"id": "a1", "unit": "u1", "place": "east", "category": "care", "from": "q1", "to": "q1"}
        ],
        "claims": [
            {"id": "c2", "offer": "o1", "need": "n2", "quantity": 3, "state": "accepted", "period": "q1"},
            {"id": "c1", "offer": "o2", "need": "n1", "quantity": 500}
        ],
        "projects": [
            {"id": "p2", "offer": "o2", "need": "n1", "quantity": 6, "state": "in_progress", "period": "q2"},
            {"id": "p1", "offer": "o1", "need": "n2", "quantity": 700, "state": "closed"}
        ],
        "evaluations": [
            {"id": "e1", "project": "p1", "by": "resident", "score": 90},
            {"id": "e0", "project": "p1", "by": "jury", "score": 80, "period": "q3"}
        ],
        "scenarios": [
            {"id": "s2", "parent": "s1", "deltas": [{"op": "remove", "list": "units", "id": "u2"}]},
            {"id": "s1", "deltas": [
                {"op": "set", "list": "limits", "id": "l2", "field": "upper", "value": null},
                {"op": "add", "list": "offers", "where": {"unit": "u1"}, "field": "quantity", "value": -5},
                {"op": "scale_pct", "list": "needs", "where": {"kind": "general"}, "field": "quantity", "value": 120},
                {"op": "insert", "list": "units", "value": {"id": "u3"}},
                {"op": "reorder", "value": ["near", "cover:hot_spot"]},
                {"op": "pin", "offer": "o1", "need": "n1", "value": 3},
                {"op": "forbid", "unit": "u1", "place": "west"},
                {"op": "clear", "offer": "o1", "need": "n1"},
                {"op": "accept_claim", "id": "c1"}
            ]}
        ]
    })
}

/// Sets `path` (`needs[3].quantity`) to `value`; `[+]` appends; the value `"<gone>"`
/// removes the field.
pub fn edit(ledger: &mut Value, path: &str, value: Value) {
    let mut node = ledger;
    let steps: Vec<&str> = path.split(['.', '[']).collect();
    let (last, before) = steps.split_last().unwrap();
    for step in before {
        node = match step.strip_suffix(']') {
            Some(item) => &mut node[item.parse::<usize>().unwrap()],
            None => &mut node[*step],
        };
    }
    match last.strip_suffix(']') {
        Some("+") => node.as_array_mut().unwrap().push(value),
        Some(item) => node[item.parse::<usize>().unwrap()] = value,
        None if value == "<gone>" => {
            node.as_object_mut().unwrap().remove(*last).unwrap();
        }
        None => node[*last] = value,
    }
}

/// The good ledger after these edits, as text.
pub fn edited(edits: &[(&str, &str)]) -> String {
    let mut ledger = good();
    for (path, value) in edits {
        edit(&mut ledger, path, serde_json::from_str(value).unwrap());
    }
    serde_json::to_string_pretty(&ledger).unwrap()
}
