//! Messages between an engine and a worker, as bytes.
//!
//! In: requests, answers, points. Out: payloads of frames, and back. Decoding is total:
//! any bytes give a message or [`DecodeError`], and a list is allocated only if the bytes
//! for it are there. Must not judge numbers: a NaN passes here and is refused by
//! whoever uses it. Rejected: a serialisation crate (its limits on memory would have to be
//! proved each release).
//!
//! To the worker: limits, then one request. Back: points as they improve, then an answer
//! or a failure.

use std::time::Duration;

use concentric_matcher::milp::{Answer, BackendError, Column, Problem, Request, Row, Status};

use crate::frame::{Frame, encode};
use crate::limits::Limits;
use crate::reader::Reader;

/// Bytes that are no message of the kind they claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message that makes no sense")]
pub struct DecodeError;

/// What a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Limits a worker lays on itself.
    Limits = 1,
    /// The program and how to solve it.
    Request = 2,
    /// A better point.
    Incumbent = 3,
    /// The end, with what is claimed.
    Answer = 4,
    /// The end, without an answer.
    Failure = 5,
}

/// A decoded message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// See [`Kind::Limits`].
    Limits(Limits),
    /// See [`Kind::Request`].
    Request(OwnedRequest),
    /// See [`Kind::Incumbent`].
    Incumbent(Vec<f64>),
    /// See [`Kind::Answer`].
    Answer(Answer),
    /// See [`Kind::Failure`].
    Failure(BackendError),
}

impl Message {
    /// The frame that carries this message; nothing if it is longer than a frame can be.
    pub fn to_frame(&self) -> Option<Vec<u8>> {
        match self {
            Message::Limits(of) => encode(Kind::Limits as u8, &limits(of)),
            Message::Request(of) => encode(Kind::Request as u8, &request(&of.borrow())?),
            Message::Incumbent(of) => encode(Kind::Incumbent as u8, &incumbent(of)?),
            Message::Answer(of) => encode(Kind::Answer as u8, &answer(of)?),
            Message::Failure(of) => encode(Kind::Failure as u8, &failure(of)),
        }
    }

    /// The message in a frame.
    ///
    /// # Errors
    /// If the payload is not exactly one message of the kind that the frame states.
    pub fn from_frame(frame: &Frame) -> Result<Self, DecodeError> {
        decode(frame.kind, &frame.payload)
    }
}

/// A [`Request`] that owns its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedRequest {
    /// The program.
    pub problem: Problem,
    /// See [`Request::start`].
    pub start: Option<Vec<f64>>,
    /// See [`Request::relax`].
    pub relax: bool,
    /// See [`Request::relative_gap`].
    pub relative_gap: f64,
    /// See [`Request::absolute_gap`].
    pub absolute_gap: f64,
    /// See [`Request::time_limit`].
    pub time_limit: Option<Duration>,
    /// See [`Request::cpu_limit`].
    pub cpu_limit: Option<Duration>,
}

/// Bytes of a column, and of a row without terms, and of a term.
const COLUMN: usize = 25;
const ROW: usize = 20;
const TERM: usize = 12;
/// Longest text of a failure, in bytes.
const TEXT: usize = 1024;

impl OwnedRequest {
    /// The request as a back end takes it.
    pub fn borrow(&self) -> Request<'_> {
        Request {
            problem: &self.problem,
            start: self.start.as_deref(),
            relax: self.relax,
            relative_gap: self.relative_gap,
            absolute_gap: self.absolute_gap,
            time_limit: self.time_limit,
            cpu_limit: self.cpu_limit,
        }
    }
}

/// Longest payload of an honest answer, point or failure about a program.
pub fn longest_reply(problem: &Problem) -> u32 {
    let numbers = problem.columns.len().saturating_add(problem.rows.len());
    let bytes = numbers.saturating_mul(8).saturating_add(64).max(TEXT + 1);
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn limits(limits: &Limits) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_option(&mut bytes, limits.memory, |bytes, v| bytes.extend(v.to_le_bytes()));
    put_option(&mut bytes, limits.processor, |bytes, v| bytes.extend(v.to_le_bytes()));
    put_option(&mut bytes, limits.parent, |bytes, v| bytes.extend(v.to_le_bytes()));
    bytes
}

/// Payload of a request; nothing if a list is longer than 32 bits can say.
pub fn request(request: &Request<'_>) -> Option<Vec<u8>> {
    let Problem { columns, rows, maximize } = request.problem;
    let mut bytes = Vec::with_capacity(64 + COLUMN * columns.len() + ROW * rows.len());
    bytes.extend([u8::from(request.relax), u8::from(*maximize)]);
    put_doubles(&mut bytes, &[request.relative_gap, request.absolute_gap]);
    for limit in [request.time_limit, request.cpu_limit] {
        put_option(&mut bytes, limit.map(nanoseconds), |bytes, v| bytes.extend(v.to_le_bytes()));
    }
    put_length(&mut bytes, columns.len())?;
    for column in columns {
        put_doubles(&mut bytes, &[column.lower, column.upper, column.objective]);
        bytes.push(u8::from(column.integer));
    }
    put_length(&mut bytes, rows.len())?;
    for row in rows {
        put_doubles(&mut bytes, &[row.lower, row.upper]);
        put_length(&mut bytes, row.terms.len())?;
        for &(column, value) in &row.terms {
            bytes.extend(column.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
    }
    bytes.push(u8::from(request.start.is_some()));
    if let Some(start) = request.start {
        put_length(&mut bytes, start.len())?;
        put_doubles(&mut bytes, start);
    }
    Some(bytes)
}

fn incumbent(point: &[f64]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(4 + 8 * point.len());
    put_length(&mut bytes, point.len())?;
    put_doubles(&mut bytes, point);
    Some(bytes)
}

fn answer(answer: &Answer) -> Option<Vec<u8>> {
    let mut bytes = vec![match answer.status {
        Status::Optimal => 0,
        Status::Infeasible => 1,
        Status::Unbounded => 2,
        Status::Stopped => 3,
    }];
    bytes.extend(answer.nodes.to_le_bytes());
    bytes.extend(nanoseconds(answer.cpu).to_le_bytes());
    put_option(&mut bytes, answer.bound, |bytes, v| bytes.extend(v.to_le_bytes()));
    for list in [&answer.values, &answer.row_duals] {
        bytes.push(u8::from(list.is_some()));
        if let Some(list) = list {
            put_length(&mut bytes, list.len())?;
            put_doubles(&mut bytes, list);
        }
    }
    Some(bytes)
}

/// A long text is cut.
fn failure(error: &BackendError) -> Vec<u8> {
    let (code, text) = match error {
        BackendError::Failed(text) => (0, text.as_str()),
        BackendError::Lost(text) => (1, text.as_str()),
        BackendError::Memory => (2, ""),
    };
    let mut bytes = vec![code];
    bytes.extend(text.bytes().take(TEXT));
    bytes
}

fn decode(kind: u8, payload: &[u8]) -> Result<Message, DecodeError> {
    let mut reader = Reader(payload);
    let message = match kind {
        k if k == Kind::Limits as u8 => Message::Limits(Limits {
            memory: reader.option(Reader::u64)?,
            processor: reader.option(Reader::u64)?,
            parent: reader.option(Reader::u32)?,
        }),
        k if k == Kind::Request as u8 => Message::Request(read_request(&mut reader)?),
        k if k == Kind::Incumbent as u8 => Message::Incumbent(reader.doubles()?),
        k if k == Kind::Answer as u8 => Message::Answer(read_answer(&mut reader)?),
        k if k == Kind::Failure as u8 => Message::Failure(match reader.byte()? {
            0 => BackendError::Failed(reader.text()),
            1 => BackendError::Lost(reader.text()),
            2 => BackendError::Memory,
            _ => return Err(DecodeError),
        }),
        _ => return Err(DecodeError),
    };
    reader.end(message)
}

fn read_request(reader: &mut Reader<'_>) -> Result<OwnedRequest, DecodeError> {
    let (relax, maximize) = (reader.flag()?, reader.flag()?);
    let (relative_gap, absolute_gap) = (reader.double()?, reader.double()?);
    let time_limit = reader.option(Reader::u64)?.map(Duration::from_nanos);
    let cpu_limit = reader.option(Reader::u64)?.map(Duration::from_nanos);
    let columns = (0..reader.length(COLUMN)?).map(|_| {
        let (lower, upper, objective) = (reader.double()?, reader.double()?, reader.double()?);
        Ok(Column { lower, upper, integer: reader.flag()?, objective })
    });
    let columns = columns.collect::<Result<_, _>>()?;
    let rows = (0..reader.length(ROW)?).map(|_| {
        let (lower, upper) = (reader.double()?, reader.double()?);
        let terms = (0..reader.length(TERM)?).map(|_| Ok((reader.u32()?, reader.double()?)));
        Ok(Row { lower, upper, terms: terms.collect::<Result<_, _>>()? })
    });
    let rows = rows.collect::<Result<_, _>>()?;
    let start = reader.option(Reader::doubles)?;
    let problem = Problem { columns, rows, maximize };
    Ok(OwnedRequest { problem, start, relax, relative_gap, absolute_gap, time_limit, cpu_limit })
}

fn read_answer(reader: &mut Reader<'_>) -> Result<Answer, DecodeError> {
    let status = match reader.byte()? {
        0 => Status::Optimal,
        1 => Status::Infeasible,
        2 => Status::Unbounded,
        3 => Status::Stopped,
        _ => return Err(DecodeError),
    };
    let nodes = reader.u64()?;
    let cpu = Duration::from_nanos(reader.u64()?);
    let bound = reader.option(Reader::double)?;
    let values = reader.option(Reader::doubles)?;
    let row_duals = reader.option(Reader::doubles)?;
    Ok(Answer { status, values, bound, row_duals, nodes, cpu })
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn put_doubles(bytes: &mut Vec<u8>, values: &[f64]) {
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn put_length(bytes: &mut Vec<u8>, length: usize) -> Option<()> {
    bytes.extend(u32::try_from(length).ok()?.to_le_bytes());
    Some(())
}

fn put_option<T>(bytes: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    bytes.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(bytes, value);
    }
}
