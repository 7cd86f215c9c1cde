//! The hidden subcommand `solver-worker` as a back end: the real binary, a process a solve.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use concentric_matcher::milp::{
    Answer, BackendError, Column, MilpBackend, Problem, Request, Row, Status, default_backend,
};
use concentric_worker::{Limits, Message, OwnedRequest, WorkerBackend};

use super::support::Desk;

fn worker() -> WorkerBackend {
    WorkerBackend::new(env!("CARGO_BIN_EXE_concentric"), ["solver-worker"])
}

fn request(problem: &Problem, time_limit: Option<Duration>) -> Request<'_> {
    Request {
        problem,
        start: None,
        relax: false,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit,
        cpu_limit: None,
    }
}

fn owned(problem: Problem) -> OwnedRequest {
    OwnedRequest {
        problem,
        start: None,
        relax: false,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: None,
        cpu_limit: None,
    }
}

fn whole(lower: f64, upper: f64, objective: f64) -> Column {
    Column { lower, upper, integer: true, objective }
}

/// A number below `end` that looks like none in particular.
fn mixed(k: usize, end: usize) -> f64 {
    (k * k * 7919 % 104_729 * 31 % end) as f64
}

/// Two things of each kind at most, two rows; solved at once.
fn knapsack() -> Problem {
    let columns = (0..12).map(|k| whole(0.0, 2.0, mixed(k + 3, 40) + 1.0)).collect();
    let row = |shift: usize| Row {
        lower: f64::NEG_INFINITY,
        upper: 150.0,
        terms: (0..12).map(|k| (k as u32, mixed(k + shift, 50) + 1.0)).collect(),
    };
    Problem { columns, rows: vec![row(50), row(90)], maximize: true }
}

/// A market split (Cornuéjols and Dawande 1998) of 50 clients: small, and out of reach
/// for branch and bound. Two slacks a row are paid for, so that points exist.
fn market_split() -> Problem {
    let mut columns = vec![whole(0.0, 1.0, 0.0); 50];
    let rows = (0..6).map(|i| {
        let weights: Vec<f64> = (0..50).map(|k| mixed(50 * i + k + 11, 100)).collect();
        let half = (weights.iter().sum::<f64>() / 2.0).floor();
        let mut terms: Vec<(u32, f64)> = (0..).zip(weights).filter(|term| term.1 > 0.0).collect();
        for sign in [1.0, -1.0] {
            terms.push((columns.len() as u32, sign));
            columns.push(Column { integer: false, ..whole(0.0, 5000.0, 1.0) });
        }
        Row { lower: half, upper: half, terms }
    });
    let rows = rows.collect();
    Problem { columns, rows, maximize: false }
}

/// 4y = z and 8x + z = -19 have no whole solution; HiGHS without presolve has been seen to
/// overrun its limit on it by as much again, and not to end where there is none.
fn parity_loop() -> Problem {
    let wide = whole(-1e15, 1e15, 0.0);
    let row = |value: f64, terms: &[(u32, f64)]| Row {
        lower: value,
        upper: value,
        terms: terms.to_vec(),
    };
    Problem {
        columns: vec![wide; 3],
        rows: vec![row(0.0, &[(1, 4.0), (2, -1.0)]), row(-19.0, &[(0, 8.0), (2, 1.0)])],
        maximize: false,
    }
}

#[test]
fn a_worker_answers_what_the_solver_answers_in_process() {
    let inside = default_backend().unwrap();
    let outside = worker();
    assert_eq!(outside.name(), inside.name());
    for problem in [knapsack(), Problem::default()] {
        for relax in [false, true] {
            let asked = Request { relax, ..request(&problem, Some(Duration::from_secs(60))) };
            let (mut near, mut far) = (Vec::new(), Vec::new());
            let expected = inside.solve(&asked, &|| false, &mut |x| near.push(x.to_vec())).unwrap();
            let found = outside.solve(&asked, &|| false, &mut |x| far.push(x.to_vec())).unwrap();
            // All but the time it took.
            assert_eq!(found, Answer { cpu: found.cpu, ..expected });
            assert_eq!(far, near);
            assert_eq!(found.status, Status::Optimal);
        }
    }
}

#[test]
fn a_start_goes_with_the_request() {
    let problem = market_split();
    // Nobody bought: the slacks carry all.
    let mut start = vec![0.0; problem.columns.len()];
    for (i, row) in problem.rows.iter().enumerate() {
        start[50 + 2 * i] = row.lower;
    }
    let asked =
        Request { start: Some(&start), cpu_limit: Some(Duration::ZERO), ..request(&problem, None) };
    let answer = worker().solve(&asked, &|| false, &mut |_| {}).unwrap();
    assert_eq!(answer.status, Status::Stopped);
    assert!(problem.value(&answer.values.unwrap()) <= problem.value(&start) + 1e-6);
}

#[test]
fn a_time_limit_ends_in_an_answer_or_a_loss_but_ends() {
    let problem = market_split();
    let mut last = None;
    let mut tell = |point: &[f64]| last = Some(problem.value(point));
    let limit = Some(Duration::from_secs(1));
    match worker().solve(&request(&problem, limit), &|| false, &mut tell) {
        Ok(answer) => {
            assert_eq!(answer.status, Status::Stopped);
            assert!(answer.values.is_none_or(|x| problem.value(&x) <= last.unwrap() + 1e-6));
        }
        Err(error) => assert!(matches!(&error, BackendError::Lost(_)), "{error}"),
    }
}

#[test]
fn canary_parity_loop_ends_at_its_limit() {
    let limit = Some(Duration::from_millis(500));
    match worker().solve(&request(&parity_loop(), limit), &|| false, &mut |_| {}) {
        Ok(answer) => {
            assert!(matches!(answer.status, Status::Stopped | Status::Infeasible), "{answer:?}");
            assert_eq!(answer.values, None);
        }
        Err(BackendError::Lost(why)) => assert!(why.contains("deadline"), "{why}"),
        Err(error) => assert!(matches!(error, BackendError::Failed(_)), "{error}"),
    }
}

#[test]
fn the_caller_stops_a_solve_that_would_not_end() {
    let problem = market_split();
    let looks = AtomicU32::new(0);
    let stop = || looks.fetch_add(1, Ordering::Relaxed) >= 20;
    let answer = worker().solve(&request(&problem, None), &stop, &mut |_| {}).unwrap();
    assert_eq!(answer.status, Status::Stopped);
}

#[test]
fn running_out_of_memory_is_told_apart_from_a_crash() {
    // 200,000 columns and 1,000,000 terms do not fit into 96 MiB.
    let columns = (0..200_000).map(|k| whole(0.0, 9.0, mixed(k, 100))).collect();
    let rows = (0..50_000u32).map(|i| Row {
        lower: f64::NEG_INFINITY,
        upper: 90.0,
        terms: (0..20).map(|k| (4 * i + k, mixed((i + 7 * k) as usize, 9) + 1.0)).collect(),
    });
    let rows = rows.filter(|row| row.terms.iter().all(|term| term.0 < 200_000)).collect();
    let problem = Problem { columns, rows, maximize: true };
    let small = worker().with_memory(Some(96 << 20));
    let end = small.solve(&request(&problem, None), &|| false, &mut |_| {});
    assert_eq!(end, Err(BackendError::Memory));
    // The next solve is as good as any.
    let end = small.solve(&request(&knapsack(), None), &|| false, &mut |_| {});
    assert_eq!(end.unwrap().status, Status::Optimal);
}

#[test]
fn solves_side_by_side_do_not_disturb_each_other() {
    let problem = knapsack();
    let alone = worker().solve(&request(&problem, None), &|| false, &mut |_| {}).unwrap();
    std::thread::scope(|scope| {
        let solves: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| worker().solve(&request(&problem, None), &|| false, &mut |_| {}))
            })
            .collect();
        for solve in solves {
            let found = solve.join().unwrap().unwrap();
            assert_eq!(Answer { cpu: alone.cpu, ..found }, alone);
        }
    });
}

#[test]
fn what_is_no_request_is_a_failure_of_the_worker() {
    let desk = Desk::new();
    for rubbish in ["", "solve this, please"] {
        let run = desk.feed(&["solver-worker"], rubbish).ends(6);
        assert!(run.out.is_empty() && run.err.contains("solver-worker"), "{run:?}");
    }
    let help = desk.run(&["help"]).ends(0);
    assert!(!help.out.contains("solver-worker"), "{}", help.out);
}

#[test]
fn an_orphan_refuses_to_work() {
    let limits = Limits { memory: None, processor: None, parent: Some(u32::MAX) };
    let mut child = Command::new(env!("CARGO_BIN_EXE_concentric"))
        .arg("solver-worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let messages = [Message::Limits(limits), Message::Request(owned(knapsack()))];
    for message in messages {
        // It may have ended already.
        let _ = input.write_all(&message.to_frame().unwrap());
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("parent is gone"));
}

/// State of a process as /proc has it: `R`, `S`, `Z` and so on; nothing once it is gone.
#[cfg(target_os = "linux")]
fn state(pid: u32) -> Option<char> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_dies_with_its_parent() {
    // A shell is the parent; it names the worker and waits for it.
    let script = "exec 3<&0; \"$0\" solver-worker <&3 >/dev/null & echo $!; wait";
    let mut parent = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_concentric")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let limits = Limits { memory: None, processor: None, parent: Some(parent.id()) };
    let mut input = parent.stdin.take().unwrap();
    for message in [Message::Limits(limits), Message::Request(owned(market_split()))] {
        input.write_all(&message.to_frame().unwrap()).unwrap();
    }
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let worker: u32 = line.trim().parse().unwrap();
    // It has laid its limits on once it is at work; until then it sleeps on its input,
    // which it would miss too. So wait for processor time.
    let busy = || {
        let text = std::fs::read_to_string(format!("/proc/{worker}/stat")).unwrap();
        let fields: Vec<&str> = text.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() >= 20
    };
    while !busy() {
        assert_ne!(state(worker), Some('Z'), "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    let first_to_go = std::fs::read_to_string(format!("/proc/{worker}/oom_score_adj")).unwrap();
    assert_eq!(first_to_go.trim(), "1000");
    parent.kill().unwrap();
    parent.wait().unwrap();
    // Who adopts it may or may not reap it. Without the death signal this would not end.
    for _ in 0..4000 {
        if state(worker).is_none_or(|state| state == 'Z' || state == 'X') {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = Command::new("/bin/kill").args(["-9", &worker.to_string()]).status();
    panic!("the worker outlived its parent");
}
