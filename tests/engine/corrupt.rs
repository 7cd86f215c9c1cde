//! Right plans made wrong, one thing at a time: the checker must name the wrong row.
//!
//! In: plans of seeded random ledgers and of Luotang. Out: for each kind below that the
//! checker rejects every such plan at the row that was touched, and that the kind was
//! tried often enough to mean something. Must not know how the checker works.
//! Rejected: flipping random bytes (most such plans do not parse, and a test that does
//! not know what it broke cannot ask for its name).
//!
//! Rows of the ledger (`rows`): one unit beyond an offer, a need, a pair's capacity, a
//! hard upper bound; one below a lock, a hard lower bound; service on an arc that does
//! not exist, on a forbidden one; an assignment twice, of 0, of -1; an unknown offer, an
//! unknown need; another unit, place, category, window, kept quantity; a left-out unit.
//!
//! Levels and proofs (`levels`): value, bound, `of`, scale, sense, goal, vector entry; a
//! level dropped, or said to be proved less or by a solver; a feasible but worse plan
//! with all its sums and the old proof; potentials zeroed, potentials too few.
//!
//! Sums (`totals`): an outcome dropped, doubled, out of order; asked, covered, status;
//! what is left idle, an idle offer dropped; each of the five sections of the coverage;
//! arcs, needs and kind of a component, a component dropped.
//!
//! Reasons (`reasons`): one removed, one given to a met need; a funnel's count and code;
//! a closed set without one of its needs, with an offer more, with another sum, another
//! supply, pointing elsewhere, with words of other reasons; an exchange under another
//! level's name, and one turned round; a limit that is not full, a full one with a need or an
//! offer beside it; another higher level;
//! an idle offer's reason exchanged or removed.
//!
//! Head (`head`): format, both digests; a conflict beside a plan; infeasible said of a
//! ledger that is not; the cut emptied; a rule added to and one dropped from a conflict;
//! a level beside a contradiction; optimal with a limit, optimal and a component said to
//! be exact with a gap; deterministic though the clock struck; no termination.

mod head;
mod levels;
mod reasons;
mod rows;
mod tools;
mod totals;

use concentric_matcher::Engine;
use concentric_matcher::io;
use concentric_matcher::plan::TerminationReason;
use concentric_testkit::random::{self, Profile};

use super::{cases, matched};
use tools::{Case, Kind};

/// Every plan of the seeds, infeasible ones too; what the engine refuses is left out.
fn each(visit: &mut dyn FnMut(&str, &Case)) {
    for seed in 0..cases(1_000) {
        for profile in [Profile::default(), Profile::with_fair()] {
            let (valid, plan) = matched(&random::ledger(seed, &profile));
            let Ok(plan) = plan else { continue };
            // Where integers are needed a solver's word may stand for a proof.
            if Engine::default().classify(&valid).unwrap().features.is_empty() {
                visit(&format!("seed {seed}, fair {}", profile.fair), &Case { valid, plan });
            }
        }
    }
    let valid = io::load(&std::fs::read("examples/ledgers/luotang.json").unwrap()).unwrap();
    let plan = Engine::default().match_valid(&valid, &Default::default()).unwrap();
    visit("luotang", &Case { valid, plan });
}

/// Tries every kind on every plan.
fn reject(kinds: &[Kind], infeasible: bool) {
    let mut tried = vec![0u64; kinds.len()];
    let mut faults: Vec<String> = Vec::new();
    each(&mut |name, case| {
        let reason = case.plan.termination.as_ref().unwrap().reason;
        if (reason == TerminationReason::Infeasible) != infeasible {
            return;
        }
        for (kind, tried) in kinds.iter().zip(&mut tried) {
            for (plan, row) in (kind.make)(case) {
                *tried += 1;
                match Engine::default().verify(&case.valid, &plan).unwrap() {
                    Err(violation) if violation.row.contains(&row) => {}
                    Err(violation) => {
                        faults.push(format!("{name}, {}: {violation}, not {row}", kind.name));
                    }
                    Ok(_) => faults.push(format!("{name}, {}: accepted", kind.name)),
                }
            }
        }
    });
    let shown = &faults[..faults.len().min(25)];
    assert!(faults.is_empty(), "{} let through:\n{}", faults.len(), shown.join("\n"));
    for (kind, tried) in kinds.iter().zip(tried) {
        assert!(tried >= kind.least, "{} was tried {tried} times only", kind.name);
    }
}

#[test]
fn a_broken_row_is_named() {
    reject(rows::KINDS, false);
}

#[test]
fn a_wrong_level_or_proof_is_named() {
    reject(levels::KINDS, false);
}

#[test]
fn a_wrong_sum_is_named() {
    reject(totals::KINDS, false);
}

#[test]
fn a_wrong_reason_is_named() {
    reject(reasons::KINDS, false);
}

#[test]
fn a_wrong_head_is_named() {
    reject(head::KINDS, false);
}

#[test]
fn a_wrong_contradiction_is_named() {
    reject(head::INFEASIBLE, true);
}
