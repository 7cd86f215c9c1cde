//! Workers that hang, crash, lie about their form or talk rubbish, played by a shell.
//! The caller must come back each time, with an error or an answer of sound form. What
//! would come if a fake were not ended in time is a good answer, so no clock is needed.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use concentric_matcher::milp::{
    Answer, BackendError, Column, MilpBackend, Problem, Request, Row, Status,
};
use concentric_worker::{Message, OwnedRequest, WorkerBackend};

/// Two columns and a row; what is asked does not matter here.
fn problem() -> Problem {
    let column = Column { lower: 0.0, upper: 3.0, integer: true, objective: 1.0 };
    let row = Row { lower: 0.0, upper: 4.0, terms: vec![(0, 1.0), (1, 1.0)] };
    Problem { columns: vec![column; 2], rows: vec![row], maximize: true }
}

fn request(problem: &Problem, limit: Option<Duration>) -> Request<'_> {
    Request {
        problem,
        start: None,
        relax: false,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: limit,
        cpu_limit: None,
    }
}

fn answer() -> Answer {
    Answer {
        status: Status::Optimal,
        values: Some(vec![1.0, 3.0]),
        bound: Some(4.0),
        row_duals: None,
        nodes: 7,
        cpu: Duration::from_millis(70),
    }
}

fn frame(message: Message) -> Vec<u8> {
    message.to_frame().unwrap()
}

/// A shell command that writes these bytes.
fn say(bytes: &[u8]) -> String {
    let mut text = String::from("printf '");
    for byte in bytes {
        write!(text, "\\{byte:03o}").unwrap();
    }
    text + "'\n"
}

fn good() -> String {
    say(&frame(Message::Answer(answer())))
}

/// A worker that does as the script says.
fn worker(script: &str) -> WorkerBackend {
    WorkerBackend::new("/bin/sh", ["-c", script])
}

/// What a script makes of the question; its time is ample unless it is to run out.
fn ask_for(script: &str, seconds: u64) -> (Result<Answer, BackendError>, Vec<Vec<f64>>) {
    let problem = problem();
    let mut points = Vec::new();
    let limit = Some(Duration::from_secs(seconds));
    let mut tell = |point: &[f64]| points.push(point.to_vec());
    let end = worker(script).solve(&request(&problem, limit), &|| false, &mut tell);
    (end, points)
}

fn ask(script: &str) -> (Result<Answer, BackendError>, Vec<Vec<f64>>) {
    ask_for(script, 30)
}

#[track_caller]
fn assert_lost(script: &str, why: &str) {
    match ask_for(script, if why == "deadline" { 0 } else { 30 }).0 {
        Err(BackendError::Lost(text)) => assert!(text.contains(why), "{text}\n{script}"),
        other => panic!("{other:?} from\n{script}"),
    }
}

/// Reads the request to its end, as an honest worker does.
const READ: &str = "cat >/dev/null\n";

#[test]
fn an_honest_fake_is_believed() {
    let point = Message::Incumbent(vec![1.0, 1.0]);
    let (end, points) = ask(&format!("{READ}{}{}", say(&frame(point)), good()));
    assert_eq!(end, Ok(answer()));
    assert_eq!(points, [[1.0, 1.0]]);
}

#[test]
fn one_that_hangs_is_killed_and_its_points_are_kept() {
    let point = say(&frame(Message::Incumbent(vec![2.0, 1.0])));
    let (end, points) = ask_for(&format!("{READ}{point}sleep 60\n{}", good()), 1);
    assert!(matches!(&end, Err(BackendError::Lost(why)) if why.contains("deadline")), "{end:?}");
    assert_eq!(points, [[2.0, 1.0]]);
}

#[test]
fn one_that_ignores_signals_is_killed() {
    let good = good();
    assert_lost(&format!("trap '' TERM INT HUP\n{READ}sleep 60\n{good}"), "deadline");
    assert_lost(&format!("kill -STOP $$\n{good}"), "deadline");
}

#[test]
fn one_that_never_reads_does_not_block_the_caller() {
    // More than a pipe holds.
    let column = problem().columns[0];
    let problem = Problem { columns: vec![column; 20_000], rows: vec![], maximize: true };
    let script = format!("sleep 60\n{}", good());
    let asked = request(&problem, Some(Duration::ZERO));
    let end = worker(&script).solve(&asked, &|| false, &mut |_| {});
    assert!(matches!(&end, Err(BackendError::Lost(why)) if why.contains("deadline")), "{end:?}");
}

#[test]
fn one_that_crashes_is_lost() {
    assert_lost("exit 0", "exit status: 0");
    assert_lost("echo some words >&2; exit 3", "exit status: 3): some words");
    let flood =
        "yes a long line of words | head -n 3000 >&2; echo 'the \u{1b}[31mlast' >&2; exit 3";
    assert_lost(flood, "status: 3): the [31mlast");
    assert_lost(&format!("{READ}kill -SEGV $$\nsleep 60"), "signal: 11");
    assert_lost(&format!("{READ}kill -KILL $$\nsleep 60"), "signal: 9");
    assert_lost(&format!("{READ}echo 'free(): invalid pointer' >&2; kill -ABRT $$"), "signal: 6");
}

#[test]
fn an_abort_that_speaks_of_memory_or_says_nothing_is_memory() {
    for words in ["", "echo \"terminate called: 'std::bad_alloc'\" >&2;"] {
        let (end, _) = ask(&format!("{READ}{words} kill -ABRT $$\nsleep 60"));
        assert_eq!(end, Err(BackendError::Memory), "{words}");
    }
    let (end, _) =
        ask(&format!("{READ}{}sleep 60", say(&frame(Message::Failure(BackendError::Memory)))));
    assert_eq!(end, Err(BackendError::Memory));
}

#[test]
fn one_that_leaves_its_output_to_a_child_is_not_waited_for() {
    let problem = problem();
    // No time limit: only the end of the worker itself can end this.
    let script = format!("(sleep 60; {}) & exit 1", good().trim_end());
    let end = worker(&script).solve(&request(&problem, None), &|| false, &mut |_| {});
    assert!(matches!(&end, Err(BackendError::Lost(why)) if why.contains("status: 1")), "{end:?}");
}

#[test]
fn rubbish_is_seen_at_once() {
    let good = frame(Message::Answer(answer()));
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        say(&bytes)
    };
    // Each fake waits, so that it is the bytes and not its end that give it away.
    let after = |words: &str| format!("{READ}{words}sleep 60\n");
    assert_lost(&after("printf 'Solving report, 3.14'\n"), "version");
    assert_lost(&after(&changed(0)), "version");
    assert_lost(&after(&changed(7)), "checksum");
    assert_lost(&after(&changed(good.len() - 1)), "checksum");
    let huge = [&good[..2], &[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]].concat();
    assert_lost(&after(&say(&huge)), "4294967295 bytes");
    assert_lost(&after(&say(&concentric_worker::encode(9, b"").unwrap())), "no sense");
    assert_lost(&after(&say(&concentric_worker::encode(4, b"\x07").unwrap())), "no sense");
    assert_lost("cat /dev/urandom", "");
    assert_lost("yes", "version");
}

#[test]
fn a_truncated_answer_is_lost_wherever_it_ends() {
    let good = frame(Message::Answer(answer()));
    for at in [0, 1, 9, 10, good.len() - 1] {
        assert_lost(&format!("{READ}{}", say(&good[..at])), "status: 0");
        assert_lost(&format!("{READ}{}sleep 60", say(&good[..at])), "deadline");
    }
}

#[test]
fn answers_without_sound_form_are_refused() {
    let refused = |answer: Answer| {
        let script = format!("{READ}{}sleep 60", say(&frame(Message::Answer(answer))));
        assert_lost(&script, "numbers");
    };
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refused(Answer { values: Some(vec![1.0, bad]), ..answer() });
        refused(Answer { bound: Some(bad), ..answer() });
        refused(Answer { row_duals: Some(vec![bad]), ..answer() });
        let point = say(&frame(Message::Incumbent(vec![bad, 1.0])));
        let (end, points) = ask(&format!("{READ}{point}{}", good()));
        assert!(matches!(end, Err(BackendError::Lost(_))), "{end:?}");
        assert!(points.is_empty());
    }
    refused(Answer { values: Some(vec![1.0]), ..answer() });
    refused(Answer { values: Some(vec![1.0; 3]), ..answer() });
    refused(Answer { row_duals: Some(vec![]), ..answer() });
}

#[test]
fn a_worker_that_asks_back_is_lost() {
    let back = OwnedRequest {
        problem: Problem::default(),
        start: None,
        relax: false,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: None,
        cpu_limit: None,
    };
    let script = format!("{READ}{}sleep 60", say(&frame(Message::Request(back))));
    assert_lost(&script, "only a caller");
}

#[test]
fn the_caller_stops_it_and_keeps_the_last_point() {
    let problem = problem();
    let heard = AtomicBool::new(false);
    let point = say(&frame(Message::Incumbent(vec![0.0, 2.0])));
    let script = format!("{READ}{point}sleep 60\n{}", good());
    let stop = || heard.load(Ordering::Relaxed);
    let mut tell = |_: &[f64]| heard.store(true, Ordering::Relaxed);
    let end = worker(&script).solve(&request(&problem, None), &stop, &mut tell).unwrap();
    assert_eq!((end.status, end.values), (Status::Stopped, Some(vec![0.0, 2.0])));
    assert_eq!(end.bound, None);
}

#[test]
fn a_flood_of_points_does_not_deafen_the_caller() {
    let problem = problem();
    let count = RefCell::new(0u32);
    let seen = AtomicBool::new(false);
    let point = say(&frame(Message::Incumbent(vec![0.0, 2.0])));
    let script = format!("while :; do {}; done", point.trim_end());
    let mut tell = |_: &[f64]| {
        *count.borrow_mut() += 1;
        seen.store(*count.borrow() > 100, Ordering::Relaxed);
    };
    let stop = || seen.load(Ordering::Relaxed);
    let end = worker(&script).solve(&request(&problem, None), &stop, &mut tell).unwrap();
    assert_eq!(end.status, Status::Stopped);
}

#[test]
fn no_process_is_left_behind_when_a_callback_panics() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let point = say(&frame(Message::Incumbent(vec![0.0, 2.0])));
    let script = format!("echo $$ > '{}'\n{READ}{point}sleep 60", file.display());
    let caught = std::panic::catch_unwind(|| {
        let problem = problem();
        let asked = request(&problem, None);
        worker(&script).solve(&asked, &|| false, &mut |_| panic!("planted"))
    });
    assert!(caught.is_err());
    let pid: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    assert_eq!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH));
}

#[test]
fn a_program_that_is_not_there_is_lost_and_bad_numbers_start_none() {
    let problem = problem();
    let nowhere = WorkerBackend::new("/nowhere/at/all", ["solver-worker"]);
    let end = nowhere.solve(&request(&problem, None), &|| false, &mut |_| {});
    assert!(matches!(end, Err(BackendError::Lost(_))), "{end:?}");
    let mut bad = problem;
    bad.columns[0].objective = f64::NAN;
    let end = nowhere.solve(&request(&bad, None), &|| false, &mut |_| {});
    assert!(matches!(end, Err(BackendError::Failed(_))), "{end:?}");
}
