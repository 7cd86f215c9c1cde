//! One change to a good ledger, one row: the issues it must raise, and no others.

use concentric_matcher::error::Code::{self, *};
use concentric_matcher::io::load;
use concentric_matcher::ledger::{Ledger, Need};
use concentric_matcher::validate::{Bounds, validate, validate_with};

use super::sample::{edited, good};

type Row = (
    &'static [(&'static str, &'static str)],
    &'static [(Code, &'static str, &'static [&'static str])],
);

/// Edits, then code, path and related paths of every issue in order.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Head and ids.
    (&[("id", r#""a b""#)], &[(IdMalformed, "id", &[])]),
    (&[("needs[0].id", r#""""#)], &[(IdMalformed, "needs[0].id", &[]), (UnknownReference, "pairs[1].need", &[]), (UnknownReference, "claims[0].need", &[]), (UnknownReference, "projects[1].need", &[])]),
    (&[("bundles[+]", r#"{"id": "Ａ"}"#)], &[(IdMalformed, "bundles[1].id", &[])]),
    (&[("bundles[+]", r#"{"id": "../x"}"#)], &[(IdMalformed, "bundles[1].id", &[])]),
    (&[("bundles[+]", r#"{"id": "x\u0000"}"#)], &[(IdMalformed, "bundles[1].id", &[])]),
    (&[("bundles[+]", r#"{"id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#)], &[(IdMalformed, "bundles[1].id", &[])]),
    (&[("bundles[+]", r#"{"id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#)], &[]),
    (&[("needs[2].owner", r#""u 1""#)], &[(IdMalformed, "needs[2].owner", &[])]),
    (&[("units[1].id", r#""u 1""#), ("offers[0].unit", r#""u 1""#)],
     &[(IdMalformed, "units[1].id", &[]), (IdMalformed, "offers[0].unit", &[]), (UnknownReference, "needs[2].owner", &[]), (UnknownReference, "limits[0].supply.unit[0]", &[]), (UnknownReference, "agreements[1].unit", &[])]),
    (&[("units[+]", r#"{"id": "u2", "home": "city"}"#)], &[(DuplicateId, "units[2].id", &["units[0]"])]),
    (&[("needs[+]", r#"{"id": "n3", "place": "city", "category": "care", "measure": "yuan", "quantity": 1}"#)], &[(DuplicateId, "needs[3].id", &["needs[2]"])]),
    (&[("pairs[+]", r#"{"offer": "o1", "need": "n2"}"#)], &[(DuplicateId, "pairs[3]", &["pairs[1]"])]),
    (&[("pairs[+]", r#"{"unit": "u2", "place": "east"}"#)], &[(DuplicateId, "pairs[3]", &["pairs[0]"])]),
    (&[("goals[+]", r#"{"what": "cover", "where": {"category": ["care", "meals"]}}"#)], &[(DuplicateId, "goals[7]", &["goals[1]"])]),
    (&[("goals[+]", r#"{"what": "fair", "per": "audience"}"#)], &[]),
    // References.
    (&[("units[0].home", r#""x""#)], &[(UnknownReference, "units[0].home", &[])]),
    (&[("offers[0].unit", r#""x""#)], &[(UnknownReference, "offers[0].unit", &[])]),
    (&[("offers[0].category", r#""x""#)], &[(UnknownReference, "offers[0].category", &[])]),
    (&[("offers[0].measure", r#""x""#)], &[(UnknownReference, "offers[0].measure", &[])]),
    (&[("offers[0].area", r#""x""#)], &[(UnknownReference, "offers[0].area", &[])]),
    (&[("offers[0].from", r#""x""#)], &[(UnknownReference, "offers[0].from", &[])]),
    (&[("offers[0].to", r#""x""#)], &[(UnknownReference, "offers[0].to", &[])]),
    (&[("needs[0].place", r#""x""#)], &[(UnknownReference, "needs[0].place", &[])]),
    (&[("needs[0].owner", r#""x""#)], &[(UnknownReference, "needs[0].owner", &[])]),
    (&[("needs[0].category", r#""x""#)], &[(UnknownReference, "needs[0].category", &[])]),
    (&[("needs[0].measure", r#""x""#)], &[(UnknownReference, "needs[0].measure", &[])]),
    (&[("needs[0].from", r#""x""#)], &[(UnknownReference, "needs[0].from", &[])]),
    (&[("needs[0].to", r#""x""#)], &[(UnknownReference, "needs[0].to", &[])]),
    (&[("needs[0].bundle", r#""x""#)], &[(UnknownReference, "needs[0].bundle", &[])]),
    (&[("bundles[0].place", r#""x""#)], &[(UnknownReference, "bundles[0].place", &[])]),
    (&[("pairs[0].unit", r#""x""#)], &[(UnknownReference, "pairs[0].unit", &[])]),
    (&[("pairs[0].place", r#""x""#)], &[(UnknownReference, "pairs[0].place", &[])]),
    (&[("pairs[2].offer", r#""x""#)], &[(UnknownReference, "pairs[2].offer", &[])]),
    (&[("pairs[2].need", r#""x""#)], &[(UnknownReference, "pairs[2].need", &[])]),
    (&[("limits[0].supply.unit", r#""x""#)], &[(UnknownReference, "limits[0].supply.unit", &[])]),
    (&[("limits[0].supply.unit", "[]")], &[]),
    (&[("limits[0].supply.unit_kind", r#""no such kind""#)], &[]),
    (&[("limits[0].supply.offer", r#"["o1", "x"]"#)], &[(UnknownReference, "limits[0].supply.offer[1]", &[])]),
    (&[("limits[2].demand.place", r#"["east", "x"]"#)], &[(UnknownReference, "limits[2].demand.place[1]", &[])]),
    (&[("limits[2].demand.need", r#""x""#)], &[(UnknownReference, "limits[2].demand.need", &[])]),
    (&[("limits[2].demand.category", r#""x""#)], &[(UnknownReference, "limits[2].demand.category", &[])]),
    (&[("limits[2].demand.measure", r#""x""#)], &[(UnknownReference, "limits[2].demand.measure", &[])]),
    (&[("limits[2].demand.period", r#""x""#)], &[(UnknownReference, "limits[2].demand.period", &[])]),
    (&[("limits[2].demand.audience", r#""anyone""#), ("limits[2].demand.place_tag", r#""none""#)], &[]),
    (&[("goals[1].where.category", r#"["meals", "x"]"#)], &[(UnknownReference, "goals[1].where.category[1]", &[])]),
    (&[("agreements[0].unit", r#""x""#)], &[(UnknownReference, "agreements[0].unit", &[])]),
    (&[("agreements[0].place", r#""x""#)], &[(UnknownReference, "agreements[0].place", &[])]),
    (&[("agreements[1].category", r#""x""#)], &[(UnknownReference, "agreements[1].category", &[])]),
    (&[("agreements[1].to", r#""x""#)], &[(UnknownReference, "agreements[1].to", &[])]),
    (&[("claims[1].offer", r#""x""#)], &[(UnknownReference, "claims[1].offer", &[])]),
    (&[("claims[1].need", r#""x""#)], &[(UnknownReference, "claims[1].need", &[])]),
    (&[("claims[0].period", r#""x""#)], &[(UnknownReference, "claims[0].period", &[])]),
    (&[("projects[1].offer", r#""x""#)], &[(UnknownReference, "projects[1].offer", &[])]),
    (&[("projects[1].need", r#""x""#)], &[(UnknownReference, "projects[1].need", &[])]),
    (&[("projects[0].period", r#""x""#)], &[(UnknownReference, "projects[0].period", &[])]),
    (&[("evaluations[0].project", r#""x""#)], &[(UnknownReference, "evaluations[0].project", &[])]),
    (&[("evaluations[1].period", r#""x""#)], &[(UnknownReference, "evaluations[1].period", &[])]),
    (&[("scenarios[0].parent", r#""x""#)], &[(UnknownReference, "scenarios[0].parent", &[])]),
    // Words in selectors.
    (&[("limits[2].demand.kind", r#"["general", "hotspot"]"#)], &[(UnknownEnum, "limits[2].demand.kind[1]", &[])]),
    (&[("goals[0].where.kind", r#""urgent""#)], &[(UnknownEnum, "goals[0].where.kind", &[])]),
    // Numbers.
    (&[("places[1].x_m", "10000001")], &[(ValueOutOfRange, "places[1].x_m", &[])]),
    (&[("places[1].y_m", "-10000001")], &[(ValueOutOfRange, "places[1].y_m", &[])]),
    (&[("places[3].population", "-1")], &[(ValueOutOfRange, "places[3].population", &[])]),
    (&[("places[3].floating_population", "-1")], &[(ValueOutOfRange, "places[3].floating_population", &[])]),
    (&[("units[1].members", "-1")], &[(ValueOutOfRange, "units[1].members", &[])]),
    (&[("units[1].fixed_cost", "-1")], &[(ValueOutOfRange, "units[1].fixed_cost", &[])]),
    (&[("offers[1].quantity", "-1")], &[(ValueOutOfRange, "offers[1].quantity", &[])]),
    (&[("offers[1].quantity", "0")], &[]),
    (&[("offers[1].quantity", "1000000000")], &[]),
    (&[("offers[1].quantity", "1000000001")], &[(ValueOutOfRange, "offers[1].quantity", &[])]),
    (&[("offers[1].quantity", "9223372036854775807")], &[(ValueOutOfRange, "offers[1].quantity", &[])]),
    (&[("offers[1].proficiency", "101")], &[(ValueOutOfRange, "offers[1].proficiency", &[])]),
    (&[("offers[1].proficiency", "-1")], &[(ValueOutOfRange, "offers[1].proficiency", &[])]),
    (&[("offers[1].unit_cost", "-1")], &[(ValueOutOfRange, "offers[1].unit_cost", &[])]),
    (&[("offers[1].fixed_cost", "-1")], &[(ValueOutOfRange, "offers[1].fixed_cost", &[])]),
    (&[("offers[1].radius_m", "-1")], &[(ValueOutOfRange, "offers[1].radius_m", &[])]),
    (&[("needs[2].quantity", "0")], &[(ValueOutOfRange, "needs[2].quantity", &[])]),
    (&[("needs[2].quantity", "1000000001")], &[(ValueOutOfRange, "needs[2].quantity", &[])]),
    (&[("needs[2].priority", "0")], &[(ValueOutOfRange, "needs[2].priority", &[])]),
    (&[("needs[2].priority", "6")], &[(ValueOutOfRange, "needs[2].priority", &[])]),
    (&[("needs[2].min_proficiency", "101")], &[(ValueOutOfRange, "needs[2].min_proficiency", &[])]),
    (&[("needs[2].min_useful", "-1")], &[(ValueOutOfRange, "needs[2].min_useful", &[])]),
    (&[("needs[0].min_useful", "21")], &[(ContradictoryPolicy, "needs[0].min_useful", &["needs[0].quantity"])]),
    (&[("needs[2].max_providers", "0")], &[(ValueOutOfRange, "needs[2].max_providers", &[])]),
    (&[("pairs[0].cost", "-1")], &[(ValueOutOfRange, "pairs[0].cost", &[])]),
    (&[("pairs[0].fixed_cost", "-1")], &[(ValueOutOfRange, "pairs[0].fixed_cost", &[])]),
    (&[("pairs[0].capacity", "-1")], &[(ValueOutOfRange, "pairs[0].capacity", &[])]),
    (&[("pairs[0].min_lot", "1000000001")], &[(ValueOutOfRange, "pairs[0].min_lot", &[])]),
    (&[("pairs[0].locked", "-1")], &[(ValueOutOfRange, "pairs[0].locked", &[])]),
    (&[("pairs[2].consumption", "-1")], &[(ValueOutOfRange, "pairs[2].consumption", &[])]),
    (&[("limits[0].upper", "-1")], &[(ValueOutOfRange, "limits[0].upper", &[])]),
    (&[("limits[0].lower", "-1")], &[(ValueOutOfRange, "limits[0].lower", &[])]),
    (&[("limits[0].lower", "91")], &[(ContradictoryPolicy, "limits[0].lower", &["limits[0].upper"])]),
    (&[("limits[0].counts", r#""share_ppm""#), ("limits[0].upper", "1000001")], &[(ValueOutOfRange, "limits[0].upper", &[])]),
    (&[("agreements[0].lower", "81")], &[(ContradictoryPolicy, "agreements[0].lower", &["agreements[0].upper"])]),
    (&[("agreements[0].upper", "-1")], &[(ValueOutOfRange, "agreements[0].upper", &[])]),
    (&[("claims[1].quantity", "0")], &[(ValueOutOfRange, "claims[1].quantity", &[])]),
    (&[("projects[1].quantity", "0")], &[(ValueOutOfRange, "projects[1].quantity", &[])]),
    (&[("projects[1].beneficiaries", "-1")], &[(ValueOutOfRange, "projects[1].beneficiaries", &[])]),
    (&[("evaluations[0].score", "101")], &[(ValueOutOfRange, "evaluations[0].score", &[])]),
    // Defaults that need one answer.
    (&[("places[+]", r#"{"id": "far", "level": "district"}"#)],
     &[(FieldRequired, "offers[0].area", &[]), (FieldRequired, "offers[2].area", &[])]),
    (&[("places[+]", r#"{"id": "far", "level": "district"}"#), ("offers[0].area", r#""city""#), ("offers[2].area", r#""city""#), ("units[0].home", "null")], &[(FieldRequired, "units[0].home", &[])]),
    (&[("places[+]", r#"{"id": "far", "level": "district"}"#), ("offers[0].area", r#""city""#), ("offers[2].area", r#""city""#), ("needs[2].place", "null")], &[(FieldRequired, "needs[2].place", &[])]),
    (&[("needs[2].category", "null")], &[(FieldRequired, "needs[2].category", &[])]),
    (&[("needs[2].measure", "null")], &[(FieldRequired, "needs[2].measure", &[])]),
    (&[("offers[1].category", "null")], &[(FieldRequired, "offers[1].category", &[])]),
    (&[("offers[1].measure", "null")], &[(FieldRequired, "offers[1].measure", &[])]),
    // Trees.
    (&[("places[2].parent", r#""x""#)], &[(UnknownReference, "places[2].parent", &[]), ]),
    (&[("categories[1].parent", r#""meals""#)], &[(TreeCycle, "categories[1].parent", &["categories[1]"])]),
    (&[("categories[0].parent", r#""meals""#)], &[(TreeCycle, "categories[0].parent", &["categories[0]", "categories[1]"])]),
    (&[("places[0].level", r#""community""#)], &[(FieldInvalid, "places[1].level", &["places[0].level"]), (FieldInvalid, "places[2].level", &["places[0].level"])]),
    (&[("places[3].level", r#""service_point""#), ("places[2].level", r#""grid""#)], &[]),
    (&[("places[3].level", r#""key_site""#), ("places[2].level", r#""grid""#)], &[(FieldInvalid, "places[3].level", &["places[2].level"])]),
    // Periods.
    (&[("periods[0].start", r#""2026-04-31""#)], &[(ValueOutOfRange, "periods[0].start", &[])]),
    (&[("periods[0].start", r#""0000-04-01""#)], &[(ValueOutOfRange, "periods[0].start", &[])]),
    (&[("periods[0].end", r#""10000-04-01""#)], &[(FieldInvalid, "periods[0].end", &[])]),
    (&[("periods[0].start", r#""2026年4月1日""#)], &[(FieldInvalid, "periods[0].start", &[])]),
    (&[("periods[0].end", r#""2026-03-31""#)], &[(ValueOutOfRange, "periods[0].end", &["periods[0].start"])]),
    (&[("periods[0].start", r#""2026-03-31""#)], &[(FieldInvalid, "periods[1].start", &["periods[0]"])]),
    (&[("periods[1].end", r#""2026-08-01""#)], &[(FieldInvalid, "periods[1].start", &["periods[0]"]), (FieldInvalid, "periods[2].start", &["periods[1]"])]),
    (&[("offers[0].from", r#""q3""#)], &[(ValueOutOfRange, "offers[0].to", &["offers[0].from"])]),
    (&[("needs[1].from", r#""q3""#)], &[(ValueOutOfRange, "needs[1].to", &["needs[1].from"])]),
    (&[("agreements[1].from", r#""q2""#)], &[(ValueOutOfRange, "agreements[1].to", &["agreements[1].from"])]),
    // Pair rows.
    (&[("pairs[+]", r#"{"offer": "o1"}"#)], &[(FieldInvalid, "pairs[3]", &[])]),
    (&[("pairs[+]", "{}")], &[(FieldInvalid, "pairs[3]", &[])]),
    (&[("pairs[+]", r#"{"offer": "o1", "place": "east"}"#)], &[(FieldInvalid, "pairs[3]", &[])]),
    (&[("pairs[+]", r#"{"offer": "o2", "need": "n2", "unit": "u1", "place": "east"}"#)], &[(FieldInvalid, "pairs[3]", &[])]),
    (&[("pairs[0].locked", "3"), ("pairs[0].forbidden", "true"), ("projects[0].state", r#""agreed""#)], &[(ContradictoryPolicy, "pairs[0].locked", &["pairs[0].forbidden"])]),
    (&[("pairs[1].forbidden", "true"), ("claims[0].state", r#""pending""#)], &[(ContradictoryPolicy, "pairs[1].locked", &["pairs[1].forbidden"])]),
    (&[("pairs[1].locked", "10")], &[(ContradictoryPolicy, "pairs[1].locked", &["pairs[1].capacity"])]),
    (&[("pairs[1].min_lot", "6")], &[]),
    // Limits and goals: options in their place.
    (&[("limits[0].pair_level", r#""street""#)], &[(FieldInvalid, "limits[0].pair_level", &[])]),
    (&[("goals[2].per", "null")], &[(FieldRequired, "goals[2].per", &[])]),
    (&[("goals[5].per", r#""unit""#)], &[(FieldInvalid, "goals[5].per", &[])]),
    (&[("goals[3].at_ppm", r#""<gone>""#)], &[(FieldRequired, "goals[3].at_ppm", &[])]),
    (&[("goals[3].at_ppm", "0")], &[(ValueOutOfRange, "goals[3].at_ppm", &[])]),
    (&[("goals[3].at_ppm", "1000001")], &[(ValueOutOfRange, "goals[3].at_ppm", &[])]),
    (&[("goals[5].at_ppm", "5")], &[(FieldInvalid, "goals[5].at_ppm", &[])]),
    (&[("goals[6].terms", "[]")], &[(FieldRequired, "goals[6].terms", &[])]),
    (&[("goals[5].terms", r#"[{"what": "value", "weight": 1}]"#)], &[(FieldInvalid, "goals[5].terms", &[])]),
    (&[("goals[6].terms[0].weight", "0"), ("goals[6].terms[1].weight", "0")], &[]),
    (&[("goals[4].change_budget", "-1")], &[(ValueOutOfRange, "goals[4].change_budget", &[])]),
    (&[("goals[5].change_budget", "1")], &[(FieldInvalid, "goals[5].change_budget", &[])]),
    (&[("goals[0].tolerance_ppm", "-1")], &[(ValueOutOfRange, "goals[0].tolerance_ppm", &[])]),
    (&[("goals[0].tolerance_ppm", "1000001")], &[(ValueOutOfRange, "goals[0].tolerance_ppm", &[])]),
    (&[("goals[0].form", r#""leximin""#), ("goals[0].of", r#""value""#)], &[]),
    // Commitments.
    (&[("projects[0].quantity", "41")], &[(ContradictoryPolicy, "projects[0].quantity", &["needs[1].quantity"])]),
    (&[("projects[0].quantity", "41"), ("offers[2].quantity", "40")],
     &[(ContradictoryPolicy, "projects[0].quantity", &["offers[2].quantity"]), (ContradictoryPolicy, "projects[0].quantity", &["needs[1].quantity"])]),
    (&[("pairs[+]", r#"{"offer": "o2", "need": "n1", "consumption": 11}"#)], &[(ContradictoryPolicy, "projects[0].quantity", &["offers[2].quantity"])]),
    (&[("pairs[0].consumption", "11")], &[(ContradictoryPolicy, "projects[0].quantity", &["offers[2].quantity"])]),
    (&[("pairs[+]", r#"{"offer": "o2", "need": "n1", "capacity": 5}"#)], &[(ContradictoryPolicy, "projects[0].quantity", &["pairs[3].capacity"])]),
    (&[("pairs[+]", r#"{"offer": "o2", "need": "n1", "forbidden": true}"#)], &[(ContradictoryPolicy, "projects[0]", &["pairs[3].forbidden"])]),
    (&[("pairs[0].forbidden", "true")], &[(ContradictoryPolicy, "projects[0]", &["pairs[0].forbidden"])]),
    (&[("pairs[0].forbidden", "true"), ("pairs[+]", r#"{"offer": "o2", "need": "n1", "forbidden": false}"#)], &[]),
    (&[("projects[0].offer", r#""o3""#)], &[(ContradictoryPolicy, "projects[0]", &["offers[1]", "needs[1]"])]),
    (&[("claims[0].offer", r#""o3""#)], &[(ContradictoryPolicy, "claims[0]", &["offers[1]", "needs[0]"])]),
    (&[("claims[0].quantity", "21")], &[(ContradictoryPolicy, "claims[0].quantity", &["needs[0].quantity"]), (ContradictoryPolicy, "claims[0].quantity", &["pairs[1].capacity"])]),
    (&[("pairs[+]", r#"{"offer": "o3", "need": "n2", "locked": 1}"#)], &[(ContradictoryPolicy, "pairs[3]", &["offers[1]", "needs[0]"])]),
    (&[("pairs[+]", r#"{"offer": "o3", "need": "n2", "locked": 0}"#)], &[]),
    (&[("arcs", r#""explicit""#)], &[(ContradictoryPolicy, "projects[0]", &["offers[2]", "needs[1]"])]),
    (&[("arcs", r#""explicit""#), ("pairs[+]", r#"{"offer": "o2", "need": "n1"}"#)], &[]),
    (&[("pairs[2].locked", "38")], &[(ContradictoryPolicy, "pairs[2].locked", &["needs[1].quantity", "projects[0].quantity"])]),
    (&[("offers[0].quantity", "60"), ("pairs[2].locked", "30")], &[(ContradictoryPolicy, "pairs[2].locked", &["offers[0].quantity", "pairs[1].locked"])]),
    (&[("limits[0].upper", "9")], &[(ContradictoryPolicy, "limits[0].upper", &["pairs[1].locked", "projects[0].quantity"])]),
    (&[("limits[0].upper", "10")], &[]),
    (&[("limits[0].upper", "9"), ("limits[0].hard", "false")], &[]),
    (&[("limits[0].upper", "9"), ("limits[0].per", r#""unit""#)], &[]),
    (&[("limits[0].upper", "3"), ("limits[0].demand", r#"{"category": "care", "place": "city", "place_tag": "old", "period": "q3"}"#)], &[(ContradictoryPolicy, "limits[0].upper", &["pairs[1].locked"])]),
    (&[("limits[0].upper", "0"), ("limits[0].demand", r#"{"place_tag": "new"}"#)], &[]),
    (&[("limits[0].upper", "5"), ("limits[0].supply", r#"{"unit_group": "volunteers"}"#)], &[(ContradictoryPolicy, "limits[0].upper", &["projects[0].quantity"])]),
    // Range of integers.
    (&[("offers[1].unit_cost", "2305843009213693953"), ("goals[6]", r#"{"what": "spend"}"#)], &[(NumericOverflow, "offers[1].unit_cost", &[])]),
    (&[("offers[2].unit_cost", "2305843009213693951"), ("goals[6]", r#"{"what": "spend"}"#)], &[(NumericOverflow, "pairs[0].cost", &["offers[2].unit_cost"])]),
    (&[("offers[2].unit_cost", "2305843009213693950"), ("goals[6]", r#"{"what": "spend"}"#)], &[]),
    (&[("pairs[1].value", "-9223372036854775808"), ("goals[6]", r#"{"what": "value"}"#)], &[(NumericOverflow, "pairs[1].value", &[])]),
    (&[("goals[6].terms[0].weight", "9223372036854775807")], &[(NumericOverflow, "goals[6].terms", &[])]),
    (&[("places[1].x_m", "-5000000"), ("places[2].x_m", "5000000"), ("needs[0].quantity", "1"), ("needs[0].min_useful", "0"), ("pairs[1].locked", "0"), ("claims[0].state", r#""pending""#)],
     &[(NumericOverflow, "needs[0].quantity", &["offers[0]"])]),
    (&[("places[1].x_m", "-5000000"), ("places[2].x_m", "5000000")], &[]),
    // Scenarios.
    (&[("scenarios[1].parent", r#""s2""#)], &[(TreeCycle, "scenarios[0].parent", &["scenarios[0]", "scenarios[1]"])]),
    (&[("scenarios[1].deltas[0].list", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[0].list", &[])]),
    (&[("scenarios[1].deltas[0].field", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[0].field", &[])]),
    (&[("scenarios[1].deltas[0].value", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[0].value", &[])]),
    (&[("scenarios[1].deltas[0].id", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[0].id", &[])]),
    (&[("scenarios[1].deltas[0].where", r#"{"id": "l2"}"#)], &[(FieldInvalid, "scenarios[1].deltas[0].where", &[])]),
    (&[("scenarios[1].deltas[0].offer", r#""o1""#)], &[(FieldInvalid, "scenarios[1].deltas[0].offer", &[])]),
    (&[("scenarios[1].deltas[0].list", r#""limit""#)], &[(UnknownEnum, "scenarios[1].deltas[0].list", &[])]),
    (&[("scenarios[1].deltas[0].list", r#""scenarios""#)], &[(UnknownEnum, "scenarios[1].deltas[0].list", &[])]),
    (&[("scenarios[1].deltas[1].value", r#""5""#)], &[(FieldInvalid, "scenarios[1].deltas[1].value", &[])]),
    (&[("scenarios[1].deltas[1].value", "2.5")], &[(FieldInvalid, "scenarios[1].deltas[1].value", &[])]),
    (&[("scenarios[1].deltas[2].value", "-1")], &[(ValueOutOfRange, "scenarios[1].deltas[2].value", &[])]),
    (&[("scenarios[1].deltas[3].value", "3")], &[(FieldInvalid, "scenarios[1].deltas[3].value", &[])]),
    (&[("scenarios[1].deltas[3].id", r#""u3""#)], &[(FieldInvalid, "scenarios[1].deltas[3].id", &[])]),
    (&[("scenarios[1].deltas[4].list", r#""needs""#)], &[(FieldInvalid, "scenarios[1].deltas[4].list", &[])]),
    (&[("scenarios[1].deltas[4].value", "[1]")], &[(FieldInvalid, "scenarios[1].deltas[4].value", &[])]),
    (&[("scenarios[1].deltas[4].value", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[4].value", &[])]),
    (&[("scenarios[1].deltas[5].need", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[5].need", &[])]),
    (&[("scenarios[1].deltas[5].value", "-3")], &[(ValueOutOfRange, "scenarios[1].deltas[5].value", &[])]),
    (&[("scenarios[1].deltas[6].place", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[6].place", &[])]),
    (&[("scenarios[1].deltas[6].offer", r#""o1""#)], &[(FieldInvalid, "scenarios[1].deltas[6]", &[])]),
    (&[("scenarios[1].deltas[7].value", "1")], &[(FieldInvalid, "scenarios[1].deltas[7].value", &[])]),
    (&[("scenarios[1].deltas[8].id", r#""<gone>""#)], &[(FieldRequired, "scenarios[1].deltas[8].id", &[])]),
];

#[test]
fn the_sample_breaks_no_rule() {
    let valid = load(good().to_string().as_bytes()).unwrap();
    assert_eq!(valid.notices(), []);
}

#[test]
fn every_change_raises_its_issues_and_no_others() {
    let mut wrong = Vec::new();
    for (edits, wanted) in TABLE {
        let text = edited(edits);
        let issues = load(text.as_bytes()).err().unwrap_or_default();
        let got: Vec<(Code, &str, Vec<&str>)> = issues
            .iter()
            .map(|i| {
                (
                    i.code,
                    i.path.as_str(),
                    i.related.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        let wanted: Vec<(Code, &str, Vec<&str>)> = wanted
            .iter()
            .map(|(code, path, related)| (*code, *path, related.to_vec()))
            .collect();
        if got != wanted {
            wrong.push(format!(
                "after {edits:?}
  got {got:?}
  not {wanted:?}"
            ));
        }
        for issue in &issues {
            assert!(
                issue.position.is_some() && !issue.message.is_empty(),
                "{issue}"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn too_many_goals_levels_and_records() {
    let paths = |text: String| -> Vec<(Code, String)> {
        let issues = load(text.as_bytes()).err().unwrap_or_default();
        issues
            .into_iter()
            .map(|issue| (issue.code, issue.path))
            .collect()
    };
    let mut ledger = good();
    ledger["goals"] = (0..21)
        .map(|k| serde_json::json!({"what": "cover", "where": {"audience": format!("a{k}")}}))
        .collect();
    assert_eq!(
        paths(ledger.to_string()),
        [(TooManyItems, "goals".to_owned())]
    );

    let chain = |depth: usize| {
        let mut ledger = good();
        for k in 0..depth {
            let parent = (k > 0).then(|| format!("t{}", k - 1));
            let record = serde_json::json!({"id": format!("t{k}"), "parent": parent});
            ledger["categories"].as_array_mut().unwrap().push(record);
        }
        paths(ledger.to_string())
    };
    assert_eq!(chain(16), []);
    assert_eq!(
        chain(10_000),
        [(TooManyItems, "categories[19].parent".to_owned())]
    );

    let chain = |depth: usize| {
        let mut ledger = good();
        for k in 0..depth {
            let parent = (k > 0).then(|| format!("t{}", k - 1));
            let record = serde_json::json!({"id": format!("t{k}"), "parent": parent});
            ledger["scenarios"].as_array_mut().unwrap().push(record);
        }
        paths(ledger.to_string())
    };
    assert_eq!(chain(32), []);
    assert_eq!(
        chain(34),
        [(TooManyItems, "scenarios[34].parent".to_owned())]
    );

    let ledger: Ledger = serde_json::from_value(good()).unwrap();
    let bounds = Bounds {
        max_needs: 2,
        max_deltas: 8,
        ..Bounds::default()
    };
    let issues = validate_with(ledger, &bounds).unwrap_err();
    let got: Vec<_> = issues.iter().map(|i| (i.code, i.path.as_str())).collect();
    assert_eq!(
        got,
        [
            (TooManyItems, "needs"),
            (TooManyItems, "scenarios[1].deltas")
        ]
    );
}

#[test]
fn a_long_cycle_is_told_once_with_twenty_members() {
    let mut ledger = good();
    let list: Vec<_> = (0..1000)
        .map(|k| serde_json::json!({"id": format!("t{k}"), "parent": format!("t{}", (k + 1) % 1000)}))
        .collect();
    ledger["categories"].as_array_mut().unwrap().extend(list);
    let issues = load(ledger.to_string().as_bytes()).unwrap_err();
    assert_eq!(issues.len(), 1);
    assert_eq!(
        (issues[0].code, issues[0].path.as_str()),
        (TreeCycle, "categories[3].parent")
    );
    assert_eq!(issues[0].related.len(), 20);
}

#[test]
fn remarks_are_no_violations() {
    let notices = |edits: &[(&str, &str)]| -> Vec<String> {
        let valid = load(edited(edits).as_bytes()).unwrap();
        valid
            .notices()
            .iter()
            .map(|notice| notice.path.clone())
            .collect()
    };
    assert_eq!(
        notices(&[("projects[0].period", r#""q3""#)]),
        ["projects[0].period"]
    );
    assert_eq!(
        notices(&[("units[0].name", r#""李 13912345678""#)]),
        ["units[0].name"]
    );
    assert_eq!(notices(&[("note", r#""11010519491231002X""#)]), ["note"]);
    let valid = validate(Ledger::new()).unwrap();
    let paths: Vec<&str> = valid.notices().iter().map(|n| n.path.as_str()).collect();
    assert_eq!(paths, ["units", "offers", "needs"]);
    let pii = load(edited(&[("note", r#""11010519491231002X""#)]).as_bytes()).unwrap();
    assert!(pii.notices()[0].message.starts_with("PII_SUSPECTED"));
    assert!(!pii.notices()[0].message.contains("1101"));
}

#[test]
fn what_is_absent_is_filled_in() {
    let ledger = Ledger::builder("tiny").need(Need::new("n", 1)).build();
    let valid = validate(ledger).unwrap();
    let ledger = valid.ledger();
    let need = &ledger.needs[0];
    for (field, wanted) in [
        (&need.place, "all"),
        (&need.category, "any"),
        (&need.measure, "unit"),
        (&need.from, "all"),
        (&need.to, "all"),
    ] {
        assert_eq!(field.as_deref(), Some(wanted));
    }
    assert_eq!(ledger.goals.len(), 6);

    let valid = load(good().to_string().as_bytes()).unwrap();
    let ledger = valid.ledger();
    let ids: Vec<&str> = ledger.periods.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids, ["q1", "q2", "q3"]);
    let offer = &ledger.offers[1];
    assert_eq!(
        (
            offer.id.as_str(),
            offer.from.as_deref(),
            offer.to.as_deref()
        ),
        ("o2", Some("q1"), Some("q3"))
    );
    assert_eq!(
        offer.level,
        Some(concentric_matcher::ledger::PlaceLevel::District)
    );
    assert_eq!(valid.offers()[1].rank, 3);
    assert_eq!(valid.audiences(), ["resident", "tourist"]);
    assert_eq!(ledger.units[0].tags, ["day", "night"]);
}
