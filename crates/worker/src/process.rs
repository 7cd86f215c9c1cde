//! One worker process: started, fed, listened to, and ended in every case.
//!
//! In: a command, the bytes to send, a deadline. Out: what it wrote, piece by piece, and
//! how it ended. Must not know frames. One thread waits for all three streams at once.
//! Rejected: a thread for each stream (the caller's callbacks stay on one thread), and a
//! polite signal first (a worker holds nothing that must be saved).

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// Longest time without a look at the caller's wishes.
const TICK: Duration = Duration::from_millis(10);
/// How long a worker that closed its output may take to end.
const FAREWELL: Duration = Duration::from_millis(200);
/// How much of stderr is kept, from its end.
const TAIL: usize = 4096;

/// A running worker. Dropping it kills its process group and reaps it.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    errors: Option<ChildStderr>,
    tail: Vec<u8>,
    reaped: bool,
}

/// What happened during one look.
pub enum Event {
    /// So many bytes of output came.
    Output(usize),
    /// Nothing for now.
    Quiet,
    /// The output has ended.
    End,
}

impl Process {
    /// Starts it in a process group of its own.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = streams else {
            // Not reached: all three were asked for.
            return Err(io::Error::other("a stream of the worker is missing"));
        };
        let process = Process {
            child,
            input: Some(input),
            output,
            errors: Some(errors),
            tail: Vec::new(),
            reaped: false,
        };
        process.do_not_block()?;
        Ok(process)
    }

    fn do_not_block(&self) -> io::Result<()> {
        if let (Some(input), Some(errors)) = (&self.input, &self.errors) {
            rustix::io::ioctl_fionbio(input, true)?;
            rustix::io::ioctl_fionbio(errors, true)?;
        }
        Ok(rustix::io::ioctl_fionbio(&self.output, true)?)
    }

    /// Waits a tick at most; sends what it can of `pending`, and reads into `piece`.
    pub fn look(
        &mut self,
        pending: &mut &[u8],
        piece: &mut [u8],
        most: Duration,
    ) -> io::Result<Event> {
        if pending.is_empty() {
            self.input = None;
        }
        if !self.wait(TICK.min(most))? && self.has_ended() {
            // Its output may be held open by a child of its own.
            return Ok(Event::End);
        }
        self.send(pending);
        self.drain_errors();
        match self.output.read(piece) {
            Ok(0) => Ok(Event::End),
            Ok(count) => Ok(Event::Output(count)),
            Err(error) if is_passing(&error) => Ok(Event::Quiet),
            Err(error) => Err(error),
        }
    }

    /// Whether a stream is ready before the time is over.
    fn wait(&self, most: Duration) -> io::Result<bool> {
        let mut streams = vec![PollFd::from_borrowed_fd(self.output.as_fd(), PollFlags::IN)];
        if let Some(errors) = &self.errors {
            streams.push(PollFd::from_borrowed_fd(errors.as_fd(), PollFlags::IN));
        }
        if let Some(input) = &self.input {
            streams.push(PollFd::from_borrowed_fd(input.as_fd(), PollFlags::OUT));
        }
        let timeout = Timespec {
            tv_sec: most.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: most.subsec_nanos().into(),
        };
        match poll(&mut streams, Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    fn send(&mut self, pending: &mut &[u8]) {
        let Some(input) = &mut self.input else { return };
        match input.write(pending) {
            Ok(count) => *pending = &pending[count..],
            Err(error) if is_passing(&error) => {}
            // It does not listen; what it says or how it ends will tell why.
            Err(_) => {
                self.input = None;
                *pending = &[];
            }
        }
    }

    fn drain_errors(&mut self) {
        let mut piece = [0; TAIL];
        // As much as a pipe holds, and not for ever: the worker may write faster.
        for _ in 0..16 {
            let Some(errors) = &mut self.errors else { return };
            match errors.read(&mut piece) {
                Ok(count) if count > 0 => {
                    self.tail.extend_from_slice(&piece[..count]);
                    let beyond = self.tail.len().saturating_sub(TAIL);
                    self.tail.drain(..beyond);
                }
                Err(error) if is_passing(&error) => return,
                // Closed: polling it again would return at once, for ever.
                Ok(_) | Err(_) => self.errors = None,
            }
        }
    }

    /// How a worker ended that closed its output, and the last of its stderr; no status
    /// if it does not end soon.
    pub fn farewell(mut self) -> (Option<ExitStatus>, String) {
        let until = Instant::now() + FAREWELL;
        while !self.has_ended() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.drain_errors();
        let status = if self.has_ended() { self.end() } else { None };
        (status, String::from_utf8_lossy(&self.tail).into_owned())
    }

    fn group(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Whether the worker has ended. It is not reaped yet, so its number stays its own.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.group().is_some_and(|pid| matches!(waitid(WaitId::Pid(pid), options), Ok(Some(_))))
    }

    /// Kills the whole group, in case the worker left children behind, and only then
    /// reaps: the number of the group may be somebody else's afterwards.
    fn end(&mut self) -> Option<ExitStatus> {
        if let Some(group) = self.group() {
            // It may be gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
        self.reaped = true;
        self.child.wait().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.reaped {
            self.end();
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// The signal that ended a process.
pub fn signal(status: Option<ExitStatus>) -> Option<i32> {
    status.and_then(|status| status.signal())
}
