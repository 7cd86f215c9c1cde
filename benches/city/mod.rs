//! The cities all benches work on, and a city as one plain minimum-cost flow.
//!
//! In: a number of arcs and a seed. Out: a valid ledger; from its network a circulation
//! with a single cost. Must not know what is timed. Rejected: files kept beside the
//! benches (a million arcs are 30 MB), and the costs of one level of the plan (a plan
//! compares levels in order; a solver of another make knows one cost only).

use std::fmt::Write;

use concentric_matcher::ValidLedger;
use concentric_matcher::flow::Problem;
use concentric_matcher::ledger::NeedKind;
use concentric_matcher::network::{EdgeKind, Network};
use concentric_matcher::validate::validate;
use concentric_testkit::domain::ledger;

/// What an hour of a hot spot is worth beyond an hour of any other need.
const HOT: i64 = 10_000;
/// What an hour is worth for each step of priority.
const PRIORITY: i64 = 1_000;
/// What a kilometre costs an hour.
const KILOMETRE: i64 = 15;

/// The city with about `arcs` arcs, checked and in canonical order.
///
/// # Errors
/// Everything wrong with the generated ledger, in one text; a defect of the generator.
pub fn city(arcs: u64, seed: u64) -> Result<ValidLedger, String> {
    validate(ledger(arcs, seed)).map_err(|issues| {
        issues.iter().fold(String::new(), |mut text, issue| {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{issue:?}");
            text
        })
    })
}

/// The network as a circulation: the same nodes and edges, no supplies, one cost.
///
/// Cost of an hour, to be minimised: on a need's edge `-(HOT * [hot spot] + PRIORITY *
/// priority)`, on a service arc `priority * (100 - proficiency) + KILOMETRE * km`, 0
/// elsewhere. All are below 16,000 in size unless a city is over 500 km wide, so that 32
/// bits hold them and no peer is forced into wider numbers. O(edges).
pub fn circulation(network: &Network<'_>) -> Problem {
    let valid = network.valid;
    let edges = network.edge_count();
    let column = || Vec::with_capacity(edges);
    let mut problem = Problem {
        supply: vec![0; network.node_count()],
        tail: Vec::with_capacity(edges),
        head: Vec::with_capacity(edges),
        lower: column(),
        upper: column(),
        cost: column(),
    };
    for e in 0..edges {
        let edge = network.edge(e);
        problem.tail.push(edge.tail);
        problem.head.push(edge.head);
        problem.lower.push(edge.lower);
        problem.upper.push(edge.upper);
        problem.cost.push(match network.kind(e) {
            EdgeKind::Need { need, .. } => {
                let record = &valid.ledger().needs[need as usize];
                let hot = if record.kind == NeedKind::HotSpot { HOT } else { 0 };
                -(hot + PRIORITY * record.priority)
            }
            EdgeKind::Service { arc, .. } => {
                let offer = network.arcs.offer[arc as usize] as usize;
                let need = network.arcs.need[arc as usize] as usize;
                let lack = 100 - valid.ledger().offers[offer].proficiency;
                let metres = valid.distance(valid.offers()[offer].unit, valid.needs()[need].place);
                valid.ledger().needs[need].priority * lack + KILOMETRE * metres / 1_000
            }
            EdgeKind::Offer(_) | EdgeKind::Inner { .. } => 0,
        });
    }
    problem
}
