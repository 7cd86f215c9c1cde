//! The caller's side: a back end whose every solve is a process.
//!
//! In: a request. Out: what the worker claims, if it is at least well-formed and finite,
//! or how it was lost. Must not know which solver works in there. Rejected: a second
//! try after a loss (the same program would be lost again; the caller has a heuristic).

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use concentric_matcher::milp::{
    Answer, BackendError, MilpBackend, Problem, Request, Status, default_backend,
};

use crate::frame::{Frames, encode};
use crate::limits::Limits;
use crate::message::{Kind, Message, longest_reply, request as request_payload};
use crate::process::{Event, Process, signal};
use crate::serve::LONGEST_REQUEST;

/// How long after its time limit a worker may still answer.
const GRACE: Duration = Duration::from_millis(500);
/// Address space of a worker unless stated otherwise: 4 GiB.
const MEMORY: u64 = 4 << 30;

/// A back end that starts a worker for each solve, and ends it.
///
/// The worker is killed 500 ms after the time limit of the request, and within 20 ms when
/// the caller wants to stop. Points that came before are handed on in every case.
///
/// `solve` must run on a thread that lives as long as the call: Linux ends the worker with
/// the thread that started it.
#[derive(Clone, Debug)]
pub struct WorkerBackend {
    program: PathBuf,
    arguments: Vec<OsString>,
    memory: Option<u64>,
    grace: Duration,
}

impl WorkerBackend {
    /// Workers are the running program with the argument `solver-worker`.
    ///
    /// # Errors
    /// If the system cannot tell which program is running.
    pub fn current_exe() -> io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?, ["solver-worker"]))
    }

    /// Workers are a program that calls [`crate::serve`] when started with these arguments,
    /// built with the same features as the caller.
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        WorkerBackend {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            memory: Some(MEMORY),
            grace: GRACE,
        }
    }

    /// Address space that a worker may use, in bytes; 4 GiB unless called, none for no limit.
    #[must_use]
    pub fn with_memory(mut self, bytes: Option<u64>) -> Self {
        self.memory = bytes;
        self
    }

    /// Time after which a worker is killed.
    fn until(&self, limit: Duration) -> Duration {
        limit.saturating_add(self.grace)
    }

    /// Both messages that a worker reads.
    fn messages(&self, request: &Request<'_>) -> Result<Vec<u8>, BackendError> {
        let too_long = || BackendError::Failed("the program is too long for a worker".to_owned());
        // One thread cannot use more processor time than passes by the clock.
        let processor =
            request.time_limit.map(|limit| self.until(limit).as_secs().saturating_add(2));
        let limits = Limits { memory: self.memory, processor, parent: Some(std::process::id()) };
        let mut bytes = Message::Limits(limits).to_frame().ok_or_else(too_long)?;
        let payload = request_payload(request)
            .filter(|payload| payload.len() <= LONGEST_REQUEST as usize)
            .ok_or_else(too_long)?;
        bytes.extend(encode(Kind::Request as u8, &payload).ok_or_else(too_long)?);
        Ok(bytes)
    }
}

impl MilpBackend for WorkerBackend {
    fn name(&self) -> String {
        default_backend().map_or_else(|| "none".to_owned(), |backend| backend.name())
    }

    fn has_duals(&self) -> bool {
        default_backend().is_some_and(|backend| backend.has_duals())
    }

    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        let begin = Instant::now();
        if let Some(fault) = request.problem.fault() {
            return Err(BackendError::Failed(format!("unfit for a solver: {fault}")));
        }
        let messages = self.messages(request)?;
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env("RUST_BACKTRACE", "0");
        let process = Process::start(&mut command)
            .map_err(|error| lost(format!("{}: {error}", self.program.display())))?;
        let deadline = request.time_limit.and_then(|limit| begin.checked_add(self.until(limit)));
        let dialogue = Dialogue {
            problem: request.problem,
            deadline,
            stop,
            incumbent,
            last: None,
            capped: self.memory.is_some(),
        };
        dialogue.run(process, &messages)
    }
}

fn lost(why: String) -> BackendError {
    BackendError::Lost(why)
}

/// One solve seen from the caller.
struct Dialogue<'a> {
    problem: &'a Problem,
    deadline: Option<Instant>,
    stop: &'a (dyn Fn() -> bool + Sync),
    incumbent: &'a mut dyn FnMut(&[f64]),
    last: Option<Vec<f64>>,
    capped: bool,
}

impl Dialogue<'_> {
    fn run(mut self, mut process: Process, messages: &[u8]) -> Result<Answer, BackendError> {
        let mut pending = messages;
        let mut frames = Frames::new(longest_reply(self.problem));
        let mut piece = vec![0; 1 << 16];
        loop {
            if (self.stop)() {
                let status = Status::Stopped;
                return Ok(Answer {
                    status,
                    values: self.last,
                    bound: None,
                    row_duals: None,
                    nodes: 0,
                    cpu: Duration::ZERO,
                });
            }
            let left = self.deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(lost("it gave no answer by its deadline".to_owned()));
            }
            let event = process.look(&mut pending, &mut piece, left.unwrap_or(Duration::MAX));
            match event.map_err(|error| lost(error.to_string()))? {
                Event::Quiet => {}
                Event::End => return Err(self.how_it_ended(process)),
                Event::Output(count) => {
                    frames.push(&piece[..count]);
                    while let Some(frame) = frames.pop().map_err(|e| lost(e.to_string()))? {
                        let message = Message::from_frame(&frame);
                        if let Some(end) = self.hear(message.map_err(|e| lost(e.to_string()))?) {
                            return end;
                        }
                    }
                }
            }
        }
    }

    /// Takes a message; the last one gives the result.
    fn hear(&mut self, message: Message) -> Option<Result<Answer, BackendError>> {
        match message {
            Message::Incumbent(point) if self.is_point(&point) => {
                (self.incumbent)(&point);
                self.last = Some(point);
                None
            }
            Message::Answer(answer) if self.is_answer(&answer) => Some(Ok(answer)),
            Message::Failure(error) => Some(Err(error)),
            Message::Incumbent(_) | Message::Answer(_) => {
                Some(Err(lost("it sent numbers that are none, or too few".to_owned())))
            }
            Message::Limits(_) | Message::Request(_) => {
                Some(Err(lost("it sent what only a caller sends".to_owned())))
            }
        }
    }

    fn is_point(&self, values: &[f64]) -> bool {
        values.len() == self.problem.columns.len() && values.iter().all(|x| x.is_finite())
    }

    /// The form that [`Answer`] promises; whether it is true is for others to find out.
    fn is_answer(&self, answer: &Answer) -> bool {
        answer.values.as_ref().is_none_or(|values| self.is_point(values))
            && answer.bound.is_none_or(f64::is_finite)
            && answer.row_duals.as_ref().is_none_or(|duals| {
                duals.len() == self.problem.rows.len() && duals.iter().all(|y| y.is_finite())
            })
    }

    /// Why a worker fell silent. C++ and Rust both abort when memory runs out, having said
    /// so if they still could.
    fn how_it_ended(&self, process: Process) -> BackendError {
        let (status, words) = process.farewell();
        let aborted = signal(status) == Some(rustix::process::Signal::ABORT.as_raw());
        let memory = ["bad_alloc", "memory allocation of", "length_error"];
        let spoke = memory.iter().any(|word| words.contains(word));
        if aborted && self.capped && (spoke || words.trim().is_empty()) {
            return BackendError::Memory;
        }
        let status = status.map_or_else(|| "still running".to_owned(), |s| s.to_string());
        // For a log: one line, and nothing that a terminal would obey.
        let line = words.trim().lines().last().unwrap_or("").chars();
        let words: String = line.filter(|c| !c.is_control()).take(200).collect();
        let colon = if words.is_empty() { "" } else { ": " };
        lost(format!("it ended without an answer ({status}){colon}{words}"))
    }
}
