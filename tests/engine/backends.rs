//! Back ends that agree, and back ends that lie: whatever is claimed, a plan obeys every
//! row and says nothing proved that is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use concentric_matcher::milp::{
    Answer, BackendError, Highs, Microlp, MilpBackend, Request, Status,
};
use concentric_matcher::plan::{ProofName, SenseName, TerminationReason};
use concentric_matcher::validate::validate;
use concentric_matcher::{Control, Engine, Error, Options};
use concentric_testkit::brute::{self, LevelValue};
use concentric_testkit::random;

use super::whole::{forms, plain, tolerant, value};
use super::{cases, triples};

/// What a false back end does with every question.
#[derive(Clone, Copy, Debug)]
enum Lie {
    /// No plan exists.
    Infeasible,
    /// The point where all columns are at their upper bounds is optimal.
    Greedy,
    /// The right point, far too good a bound.
    Boast,
    /// The right point, a bound that other plans beat, and duals from nowhere.
    Belittle,
    /// Values that are no numbers.
    Rubbish,
    /// An answer with too few values and duals.
    Short,
    /// Lost each time.
    Crash,
    /// Lost after two good answers.
    Late,
    /// Out of memory each time.
    Hunger,
    /// No answer before the time given is over.
    Hang,
}

const LIES: [Lie; 10] = [
    Lie::Infeasible,
    Lie::Greedy,
    Lie::Boast,
    Lie::Belittle,
    Lie::Rubbish,
    Lie::Short,
    Lie::Crash,
    Lie::Late,
    Lie::Hunger,
    Lie::Hang,
];

/// Answers before the loss.
const GOOD: u64 = 2;

#[derive(Debug)]
struct Liar {
    lie: Lie,
    asked: AtomicU64,
}

impl MilpBackend for Liar {
    fn name(&self) -> String {
        format!("{:?}", self.lie)
    }

    fn has_duals(&self) -> bool {
        true
    }

    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        let before = self.asked.fetch_add(1, Ordering::Relaxed);
        let columns = &request.problem.columns;
        let claim = |values: Option<Vec<f64>>, bound| Answer {
            status: Status::Optimal,
            values,
            bound,
            row_duals: Some(vec![1e6; request.problem.rows.len()]),
            nodes: 0,
            cpu: Duration::ZERO,
        };
        match self.lie {
            Lie::Infeasible => Ok(Answer { status: Status::Infeasible, ..claim(None, None) }),
            Lie::Greedy => {
                Ok(claim(Some(columns.iter().map(|c| c.upper.min(1e9)).collect()), Some(0.0)))
            }
            Lie::Boast | Lie::Belittle => {
                let mut answer = Highs.solve(request, stop, incumbent)?;
                let away = if matches!(self.lie, Lie::Boast) { 1e6 } else { -1e6 };
                let away = if request.problem.maximize { away } else { -away };
                answer.bound = answer.bound.map(|bound| bound + away);
                answer.row_duals = Some(vec![-3.5; request.problem.rows.len()]);
                Ok(answer)
            }
            Lie::Rubbish => {
                incumbent(&vec![f64::NAN; columns.len()]);
                Ok(claim(Some(vec![f64::INFINITY; columns.len()]), Some(f64::NAN)))
            }
            Lie::Short => {
                incumbent(&[1.0]);
                Ok(Answer { row_duals: Some(vec![1.0]), ..claim(Some(vec![1.0]), Some(-7.0)) })
            }
            Lie::Late if before < GOOD => Highs.solve(request, stop, incumbent),
            Lie::Crash | Lie::Late => Err(BackendError::Lost("it is gone".to_owned())),
            Lie::Hunger => Err(BackendError::Memory),
            Lie::Hang => {
                let limit = request.time_limit.unwrap_or(Duration::from_millis(1));
                std::thread::sleep(limit.min(Duration::from_millis(2)));
                Ok(Answer { status: Status::Stopped, ..claim(None, None) })
            }
        }
    }
}

#[test]
fn no_lie_of_a_back_end_leaves_the_engine() {
    let (mut asked, mut without) = (0, 0);
    for (k, lie) in LIES.into_iter().enumerate() {
        for seed in 0..cases(40) {
            let ledger = random::whole(1_000 * k as u64 + seed);
            let oracle = brute::solve(&ledger).unwrap();
            let valid = validate(ledger.clone()).unwrap();
            let liar = Arc::new(Liar { lie, asked: AtomicU64::new(0) });
            let engine = Engine::new(Options::default()).with_backend(Some(liar.clone()));
            let end = engine.match_valid(&valid, &Control::default());
            let questions = liar.asked.load(Ordering::Relaxed);
            asked += questions;
            let label = format!("{lie:?}, seed {}", 1_000 * k as u64 + seed);
            let plan = match end {
                Err(Error::Lost(why)) => {
                    assert!(matches!(lie, Lie::Crash | Lie::Late), "{label}: {why}");
                    assert_eq!(why, "the back end was lost: it is gone", "{label}");
                    without += 1;
                    continue;
                }
                end => end.unwrap(),
            };
            let reason = plan.termination.as_ref().unwrap().reason;
            let verdict = engine.verify(&valid, &plan).unwrap();
            assert!(verdict.is_ok(), "{label}: {verdict:?}");
            if matches!(reason, TerminationReason::Infeasible | TerminationReason::NoSolution) {
                assert!(plan.assignments.is_empty(), "{label}");
                let lost = matches!(lie, Lie::Crash) && reason == TerminationReason::NoSolution;
                assert!(!lost, "{label}: no limit ended it, the back end was lost");
                continue;
            }
            assert!(oracle.feasible, "{label}: a plan where there is none");
            let lost = match lie {
                Lie::Crash => questions > 0,
                Lie::Late => questions > GOOD,
                _ => false,
            };
            let detail = &plan.termination.as_ref().unwrap().detail;
            assert_eq!(detail.contains("it is gone"), lost, "{label}: {detail}");
            let values = brute::evaluate(&ledger, &triples(&plan))
                .unwrap_or_else(|broken| panic!("{label}: breaks {broken}"));
            if tolerant(&ledger) {
                continue;
            }
            // What is proved is the best there is, and no proved bound lies below it.
            let forms = forms(&ledger, &plan);
            let levels = plan.levels.iter().zip(forms).zip(values.iter().zip(&oracle.levels));
            let mut equal = true;
            for ((level, form), (own, best)) in levels {
                let (own, best) = (plain(level, own), plain(level, best));
                assert_eq!(own, value(level, form), "{label}: {}", level.goal);
                if !equal {
                    break;
                }
                if level.proof == ProofName::ProvedExact {
                    assert_eq!(own, best, "{label}: {} is called proved", level.goal);
                }
                if level.proof == ProofName::ProvedBound
                    && let (LevelValue::Number(best), Some(bound)) = (&best, &level.bound)
                {
                    let beaten = match level.sense {
                        SenseName::Maximize => *best > bound.0,
                        SenseName::Minimize => *best < bound.0,
                    };
                    assert!(!beaten, "{label}: {} is bounded by {}", level.goal, bound.0);
                }
                equal = own == best;
            }
        }
    }
    assert!(asked > 1_000 && without > 0, "asked {asked} times, {without} without a plan");
}

#[test]
fn both_back_ends_reach_the_same_levels() {
    let mut compared = 0;
    // microlp stumbles over the lines that hold the last digit of 606.
    for seed in (0..cases(300)).chain([606]) {
        let ledger = random::whole(7_000_000 + seed);
        if tolerant(&ledger) {
            continue;
        }
        let valid = validate(ledger.clone()).unwrap();
        let with = |backend: Arc<dyn MilpBackend>| {
            let engine = Engine::new(Options::default()).with_backend(Some(backend));
            engine.match_valid(&valid, &Control::default()).unwrap()
        };
        let (a, b) = (with(Arc::new(Highs)), with(Arc::new(Microlp)));
        let levels = |plan: &concentric_matcher::Plan| -> Vec<LevelValue> {
            plan.levels.iter().zip(forms(&ledger, plan)).map(|(l, f)| value(l, f)).collect()
        };
        assert_eq!(levels(&a), levels(&b), "seed {}", 7_000_000 + seed);
        let reason = |plan: &concentric_matcher::Plan| plan.termination.as_ref().unwrap().reason;
        let none = |reason| reason == TerminationReason::Infeasible;
        assert_eq!(none(reason(&a)), none(reason(&b)), "seed {}", 7_000_000 + seed);
        compared += 1;
    }
    assert!(compared > 100);
}
