//! The worker's side: one request in, points and one answer out.
//!
//! In: a stream of frames. Out: the same. Must not know who asks, nor outlive it. A
//! failed solve is a message like any other; only a stream that cannot be read or
//! written is an error here. Rejected: reading on while solving, to hear of a stop (the
//! caller ends the process instead, which also ends a solver that does not listen).

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use concentric_matcher::milp::{BackendError, MilpBackend, default_backend};

use crate::frame::{Frame, FrameError, Frames};
use crate::message::{DecodeError, Message, OwnedRequest};

/// Longest request that a worker reads and a back end sends, in bytes.
pub const LONGEST_REQUEST: u32 = 256 << 20;

/// Bytes without which a failure is put down to memory; more than the system's allocator
/// keeps back for itself, so that the kernel is asked.
const ROOM: usize = 33 << 20;

/// Why a worker gave up.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The stream broke.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// The stream is no stream of frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame holds no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The right messages in the wrong order, or too few.
    #[error("limits and a request were expected")]
    Order,
    /// A limit that could not be laid on.
    #[error("limits: {0}")]
    Limits(String),
    /// An answer that fits in no message.
    #[error("the answer is too long for a message")]
    TooLong,
}

/// Serves stdin and stdout of this process with the strongest back end compiled in.
///
/// # Errors
/// See [`run_worker`].
pub fn serve() -> Result<(), ServeError> {
    // Whatever a solver prints goes to stderr; the stream of frames is ours alone.
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr()).map_err(io::Error::from)?;
    run_worker(io::stdin().lock(), output, default_backend().as_deref())
}

/// Reads limits and a request, solves, and writes points and an answer or a failure.
///
/// The limits are laid on the calling process for good: call it in a process made for it.
///
/// # Errors
/// If a stream breaks or is not what it should be.
pub fn run_worker(
    mut input: impl Read,
    mut output: impl Write,
    backend: Option<&dyn MilpBackend>,
) -> Result<(), ServeError> {
    let mut frames = Frames::new(LONGEST_REQUEST);
    let Message::Limits(limits) = Message::from_frame(&read(&mut input, &mut frames)?)? else {
        return Err(ServeError::Order);
    };
    limits.apply().map_err(ServeError::Limits)?;
    let Message::Request(request) = Message::from_frame(&read(&mut input, &mut frames)?)? else {
        return Err(ServeError::Order);
    };
    let end = solve(&request, &mut output, backend)?;
    write(&mut output, &end)
}

fn solve(
    request: &OwnedRequest,
    output: &mut impl Write,
    backend: Option<&dyn MilpBackend>,
) -> Result<Message, ServeError> {
    let Some(backend) = backend else {
        let text = "no solver was compiled in".to_owned();
        return Ok(Message::Failure(BackendError::Failed(text)));
    };
    let broken = Cell::new(None);
    let stop = AtomicBool::new(false);
    let mut tell = |point: &[f64]| {
        let sent = write(output, &Message::Incumbent(point.to_vec()));
        if let Err(error) = sent {
            // Nobody is there to hear the rest.
            stop.store(true, Ordering::Relaxed);
            broken.set(Some(error));
        }
    };
    let answer = backend.solve(&request.borrow(), &|| stop.load(Ordering::Relaxed), &mut tell);
    match broken.take() {
        Some(error) => Err(error),
        None => Ok(answer.map_err(cause).map_or_else(Message::Failure, Message::Answer)),
    }
}

/// HiGHS calls it an error like any other when it finds no memory and lives to tell.
fn cause(error: BackendError) -> BackendError {
    match error {
        BackendError::Failed(_) if !has_room() => BackendError::Memory,
        other => other,
    }
}

/// Whether the process may still have [`ROOM`] bytes.
fn has_room() -> bool {
    let mut room = Vec::<u8>::new();
    let had = room.try_reserve_exact(ROOM).is_ok();
    std::hint::black_box(&room);
    had
}

fn write(output: &mut impl Write, message: &Message) -> Result<(), ServeError> {
    output.write_all(&message.to_frame().ok_or(ServeError::TooLong)?)?;
    Ok(output.flush()?)
}

/// The next frame; memory grows with the bytes that came, not with the length stated.
fn read(input: &mut impl Read, frames: &mut Frames) -> Result<Frame, ServeError> {
    let mut piece = vec![0; 1 << 16];
    loop {
        if let Some(frame) = frames.pop()? {
            return Ok(frame);
        }
        let wanted = frames.lacking().clamp(1, piece.len());
        match input.read(&mut piece[..wanted]) {
            Ok(0) => return Err(ServeError::Order),
            Ok(count) => frames.push(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
