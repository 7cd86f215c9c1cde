//! Transportation problems, three ways: our flow solver on DIMACS text, the engine on the
//! same problem as a ledger, and linear programs given to solvers of others.
//!
//! In: seeded balanced transports. Out: one optimum from all. Must not know how any of them
//! works; the programs are stated here, from the problem, not from the engine's network.

use concentric_matcher::flow::{self, Simplex, dimacs::read_min};
use concentric_matcher::io::load;
use concentric_matcher::milp::{
    Column, Highs, Microlp, MilpBackend, Problem, Request, Row, Status,
};
use concentric_matcher::plan::TerminationReason;
use concentric_matcher::{Control, Engine, Options};
use concentric_testkit::rng::Rng;
use serde_json::{Value, json};

use super::cases;

type Lane = (usize, usize, i64, i64);

/// What leaves each source, what each sink takes, and (source, sink, capacity, cost).
struct Transport {
    supply: Vec<i64>,
    demand: Vec<i64>,
    lanes: Vec<Lane>,
}

impl Transport {
    /// Built around a shipment that uses some lanes in full or in part, so that one exists.
    fn random(rng: &mut Rng, sources: usize, sinks: usize) -> Self {
        let (mut supply, mut demand) = (vec![0; sources], vec![0; sinks]);
        let mut lanes = Vec::new();
        for (source, left) in supply.iter_mut().enumerate() {
            for (sink, asked) in demand.iter_mut().enumerate() {
                // A need of nothing is bad input: some lane to each sink carries something.
                let shipped = match sink % sources == source {
                    true => rng.range(1, 20),
                    false if rng.chance(35) => continue,
                    false => rng.range(-20, 20).max(0),
                };
                *left += shipped;
                *asked += shipped;
                lanes.push((source, sink, shipped + rng.range(1, 9), rng.range(0, 40)));
            }
        }
        Transport { supply, demand, lanes }
    }

    /// As a file of the DIMACS minimum-cost flow format.
    fn dimacs(&self) -> String {
        let sources = self.supply.len();
        let mut text =
            format!("c a transport\np min {} {}\n", sources + self.demand.len(), self.lanes.len());
        for (k, &quantity) in self.supply.iter().enumerate().filter(|s| *s.1 > 0) {
            text += &format!("n {} {quantity}\n", k + 1);
        }
        for (k, &quantity) in self.demand.iter().enumerate() {
            text += &format!("n {} -{quantity}\n", sources + k + 1);
        }
        for &(source, sink, capacity, cost) in &self.lanes {
            text += &format!("a {} {} 0 {capacity} {cost}\n", source + 1, sources + sink + 1);
        }
        text
    }

    /// The DIMACS problem as a ledger: every sink in its own place, covered first, then cheap.
    fn ledger(&self, network: &flow::Problem) -> Value {
        let sources = self.supply.len();
        let quantity = |node: usize| network.supply[node].abs();
        let places = (0..self.demand.len()).map(
            |k| json!({"id": format!("p{k}"), "name": "p", "level": "community", "parent": "root"}),
        );
        let root = json!({"id": "root", "name": "root", "level": "district", "parent": null});
        let pairs = (0..network.tail.len()).map(|arc| {
            let (source, sink) = (network.tail[arc], network.head[arc] as usize - sources);
            json!({"offer": format!("o{source}"), "need": format!("n{sink}"),
                   "capacity": network.upper[arc], "cost": network.cost[arc]})
        });
        json!({
            "format": "concentric.ledger/v1", "arcs": "explicit",
            "measures": [{"id": "t", "name": "t"}],
            "periods": [{"id": "y", "name": "y", "start": "2026-01-01", "end": "2026-12-31"}],
            "categories": [{"id": "c", "name": "c", "parent": null}],
            "places": std::iter::once(root).chain(places).collect::<Vec<_>>(),
            "units": [{"id": "u", "name": "u", "kind": "unit", "home": "root"}],
            "offers": (0..sources).map(|k| json!({"id": format!("o{k}"), "unit": "u", "category": "c",
                "measure": "t", "quantity": quantity(k), "area": "root", "from": "y", "to": "y"}))
                .collect::<Vec<_>>(),
            "needs": (0..self.demand.len()).map(|k| json!({"id": format!("n{k}"), "place": format!("p{k}"),
                "category": "c", "measure": "t", "quantity": quantity(sources + k), "kind": "general",
                "priority": 1, "from": "y", "to": "y"})).collect::<Vec<_>>(),
            "pairs": pairs.collect::<Vec<_>>(),
            "goals": [{"what": "cover", "by": "amount"}, {"what": "spend"}],
        })
    }

    /// One continuous column a lane, one row a source and a sink.
    fn program(&self) -> Problem {
        let balance = |quantity: i64, which: &dyn Fn(&Lane) -> bool| Row {
            lower: quantity as f64,
            upper: quantity as f64,
            terms: (0u32..).zip(&self.lanes).filter(|l| which(l.1)).map(|l| (l.0, 1.0)).collect(),
        };
        let sources = self.supply.iter().enumerate().map(|(k, &q)| balance(q, &move |l| l.0 == k));
        let sinks = self.demand.iter().enumerate().map(|(k, &q)| balance(q, &move |l| l.1 == k));
        let columns = self.lanes.iter().map(|&(_, _, capacity, cost)| Column {
            lower: 0.0,
            upper: capacity as f64,
            integer: false,
            objective: cost as f64,
        });
        Problem {
            columns: columns.collect(),
            rows: sources.chain(sinks).collect(),
            maximize: false,
        }
    }
}

/// The optimum that a back end finds.
fn independent(backend: &dyn MilpBackend, problem: &Problem) -> i128 {
    let request = Request {
        problem,
        start: None,
        relax: true,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: None,
        cpu_limit: None,
    };
    let answer = backend.solve(&request, &|| false, &mut |_| {}).expect("a transport is solved");
    assert_eq!(answer.status, Status::Optimal);
    let value = problem.value(&answer.values.expect("an optimum has a point"));
    assert!((value - value.round()).abs() < 1e-5, "{value} is not whole");
    value.round() as i128
}

fn agree(transport: &Transport) -> i128 {
    let network = read_min(transport.dimacs().as_bytes()).expect("the text is DIMACS");
    let text = transport.ledger(&network).to_string();

    let mut simplex = Simplex::new(network).expect("within all ranges");
    assert_eq!(simplex.solve(&mut |_| false), flow::Status::Optimal);
    let optimum = simplex.objective();

    let program = transport.program();
    assert_eq!(independent(&Highs, &program), optimum, "HiGHS");
    assert_eq!(independent(&Microlp, &program), optimum, "microlp");

    let valid = load(text.as_bytes()).unwrap_or_else(|error| panic!("bad input: {error:?}"));
    let plan =
        Engine::new(Options::default()).match_valid(&valid, &Control::default()).expect("a plan");
    let reason = plan.termination.as_ref().map(|t| t.reason);
    assert_eq!(reason, Some(TerminationReason::Optimal));
    let moved: i64 = plan.assignments.iter().map(|a| a.quantity).sum();
    assert_eq!(moved, transport.demand.iter().sum::<i64>(), "every sink is covered");
    let spent = plan.levels.last().expect("two goals").value.0;
    assert_eq!(spent, optimum, "the engine");
    optimum
}

#[test]
fn flow_engine_and_solvers_of_others_find_one_optimum() {
    let mut rng = Rng::new(20_261);
    let mut costly = 0;
    for _ in 0..cases(150) {
        let (sources, sinks) = (1 + rng.below(7), 1 + rng.below(9));
        costly += usize::from(agree(&Transport::random(&mut rng, sources, sinks)) > 0);
    }
    assert!(costly * 10 > cases(150) as usize * 8, "most transports must cost something");
}

#[test]
fn so_they_do_on_a_larger_one() {
    agree(&Transport::random(&mut Rng::new(77), 60, 90));
}
