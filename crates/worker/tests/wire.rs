//! Messages and the worker's side of them: there and back, and any damage on the way.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::io::{self, Write};
use std::time::Duration;

use concentric_matcher::milp::{
    Answer, BackendError, Column, MilpBackend, Problem, Request, Row, Status,
};
use concentric_worker::{
    Frame, Frames, Limits, Message, OwnedRequest, ServeError, encode, run_worker,
};

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// No limits: the process of these tests goes on living.
const NONE: Limits = Limits { memory: None, processor: None, parent: None };

/// Most a + b with a + 2b <= 4 and both at most 3: (3, 0).
fn asked() -> OwnedRequest {
    let column = Column { lower: 0.0, upper: 3.0, integer: true, objective: 1.0 };
    let row = Row { lower: f64::NEG_INFINITY, upper: 4.0, terms: vec![(0, 1.0), (1, 2.0)] };
    let problem = Problem { columns: vec![column; 2], rows: vec![row], maximize: true };
    OwnedRequest {
        problem,
        start: Some(vec![0.0, -0.0]),
        relax: false,
        relative_gap: 1e-300,
        absolute_gap: 0.1 + 0.2,
        time_limit: Some(Duration::new(9, 1)),
        cpu_limit: Some(Duration::from_nanos(u64::MAX)),
    }
}

fn messages() -> Vec<Message> {
    let full = Answer {
        status: Status::Stopped,
        values: Some(vec![1.0 / 3.0, f64::MAX]),
        bound: Some(-0.0),
        row_duals: Some(vec![]),
        nodes: u64::MAX,
        cpu: Duration::from_nanos(u64::MAX - 1),
    };
    let bare = Answer { values: None, bound: None, row_duals: None, ..full.clone() };
    let open = OwnedRequest {
        start: None,
        relax: true,
        time_limit: None,
        cpu_limit: None,
        problem: Problem::default(),
        ..asked()
    };
    vec![
        Message::Limits(NONE),
        Message::Limits(Limits { memory: Some(1), processor: Some(u64::MAX), parent: Some(7) }),
        Message::Request(asked()),
        Message::Request(open),
        Message::Incumbent(vec![0.5, -1e300]),
        Message::Answer(full),
        Message::Answer(Answer { status: Status::Optimal, ..bare.clone() }),
        Message::Answer(Answer { status: Status::Infeasible, ..bare.clone() }),
        Message::Answer(Answer { status: Status::Unbounded, ..bare }),
        Message::Failure(BackendError::Failed("why 因为".to_owned())),
        Message::Failure(BackendError::Lost(String::new())),
        Message::Failure(BackendError::Memory),
    ]
}

/// All frames of a stream that is right to its end.
fn frames(stream: &[u8]) -> Vec<Frame> {
    let mut frames = Frames::new(u32::MAX);
    frames.push(stream);
    let found = std::iter::from_fn(|| frames.pop().unwrap()).collect();
    assert!(frames.is_empty());
    found
}

#[test]
fn every_message_comes_back_to_the_bit() {
    for message in messages() {
        let frame = frames(&message.to_frame().unwrap()).remove(0);
        let back = Message::from_frame(&frame).unwrap();
        // Equality lets -0.0 pass for 0.0; the text does not.
        assert_eq!(format!("{back:?}"), format!("{message:?}"));
        assert_eq!(back.to_frame(), message.to_frame());
    }
}

#[test]
fn a_payload_is_one_message_and_nothing_else() {
    for message in messages() {
        let frame = frames(&message.to_frame().unwrap()).remove(0);
        // The text of a failure takes what there is.
        if matches!(message, Message::Failure(BackendError::Failed(_) | BackendError::Lost(_))) {
            continue;
        }
        let longer = Frame { payload: [&frame.payload[..], b"\0"].concat(), ..frame.clone() };
        assert!(Message::from_frame(&longer).is_err(), "{message:?}");
        for end in 0..frame.payload.len() {
            let cut = Frame { payload: frame.payload[..end].to_vec(), ..frame.clone() };
            assert!(Message::from_frame(&cut).is_err(), "{message:?} cut at {end}");
        }
    }
}

#[test]
fn damaged_payloads_never_panic_and_what_is_read_is_what_was_there() {
    let originals: Vec<Frame> =
        messages().iter().map(|m| frames(&m.to_frame().unwrap()).remove(0)).collect();
    let mut seeded = Seeded(11);
    let mut read = 0;
    for _ in 0..100_000 {
        let mut frame = originals[seeded.below(originals.len() as u64) as usize].clone();
        for _ in 0..=seeded.below(3) {
            if !frame.payload.is_empty() {
                let at = seeded.below(frame.payload.len() as u64) as usize;
                frame.payload[at] = seeded.below(256) as u8;
            }
        }
        if seeded.below(4) == 0 {
            frame.kind = seeded.below(8) as u8;
        }
        if let Ok(message) = Message::from_frame(&frame) {
            read += 1;
            let text = matches!(message, Message::Failure(_));
            let again = frames(&message.to_frame().unwrap()).remove(0);
            assert!(text || again == frame, "{message:?}");
        }
    }
    assert!(read > 1000, "{read}: nearly nothing was readable, so nearly nothing was tested");
}

#[test]
fn a_stated_length_costs_nothing_by_itself() {
    // Four thousand million points, columns, rows: refused before anything is allocated.
    let count = u32::MAX.to_le_bytes();
    let mut request = vec![0u8; 2 + 16 + 1 + 1];
    request.extend(count);
    let answer = [&[0u8; 10][..], &[1], &count].concat();
    for (kind, payload) in [(2, request), (3, count.to_vec()), (4, answer)] {
        assert!(Message::from_frame(&Frame { kind, payload }).is_err(), "kind {kind}");
    }
}

fn stream(messages: &[Message]) -> Vec<u8> {
    messages.iter().flat_map(|message| message.to_frame().unwrap()).collect()
}

fn work(input: &[u8]) -> (Result<(), ServeError>, Vec<Message>) {
    let mut output = Vec::new();
    let backend = concentric_matcher::milp::default_backend();
    let end = run_worker(input, &mut output, backend.as_deref());
    let said = frames(&output).into_iter().map(|frame| Message::from_frame(&frame).unwrap());
    (end, said.collect())
}

#[test]
fn a_worker_answers_a_request() {
    let (end, said) = work(&stream(&[Message::Limits(NONE), Message::Request(asked())]));
    end.unwrap();
    let (Some(Message::Answer(answer)), points) = (said.last(), &said[..said.len() - 1]) else {
        panic!("{said:?}");
    };
    assert_eq!(answer.status, Status::Optimal);
    let value = asked().problem.value(answer.values.as_ref().unwrap());
    assert!((value - 3.0).abs() < 1e-6);
    assert!(points.iter().all(|point| matches!(point, Message::Incumbent(x) if x.len() == 2)));
}

#[test]
fn a_worker_tells_why_it_cannot() {
    let mut bad = asked();
    bad.problem.columns[0].upper = f64::NAN;
    let (end, said) = work(&stream(&[Message::Limits(NONE), Message::Request(bad)]));
    end.unwrap();
    assert!(matches!(&said[..], [Message::Failure(BackendError::Failed(_))]), "{said:?}");
    let mut output = Vec::new();
    let input = stream(&[Message::Limits(NONE), Message::Request(asked())]);
    run_worker(&input[..], &mut output, None).unwrap();
    let said = Message::from_frame(&frames(&output)[0]);
    assert!(matches!(said, Ok(Message::Failure(BackendError::Failed(_)))), "{said:?}");
}

#[test]
fn a_worker_gives_up_on_a_stream_that_is_none() {
    let limits = stream(&[Message::Limits(NONE)]);
    let whole = stream(&[Message::Limits(NONE), Message::Request(asked())]);
    let order = |input: &[u8]| matches!(work(input).0, Err(ServeError::Order));
    assert!(order(b""));
    assert!(order(&limits));
    assert!(order(&whole[..whole.len() - 1]));
    assert!(order(&whole[limits.len()..]), "a request before its limits");
    assert!(order(&[&limits[..], &limits[..]].concat()));
    assert!(matches!(work(b"GET / HTTP/1.1").0, Err(ServeError::Frame(_))));
    let odd = [&limits[..], &encode(2, b"no request").unwrap()].concat();
    assert!(matches!(work(&odd).0, Err(ServeError::Decode(_))));
}

/// Tells points for ever, until it is told to stop.
#[derive(Debug)]
struct Chatty;

impl MilpBackend for Chatty {
    fn name(&self) -> String {
        "chatty".to_owned()
    }

    fn has_duals(&self) -> bool {
        false
    }

    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        while !stop() {
            incumbent(&vec![0.0; request.problem.columns.len()]);
        }
        Err(BackendError::Failed("stopped".to_owned()))
    }
}

/// A pipe whose reader goes away.
struct Deaf(usize);

impl Write for Deaf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_worker_stops_when_nobody_listens() {
    let input = stream(&[Message::Limits(NONE), Message::Request(asked())]);
    let end = run_worker(&input[..], Deaf(3), Some(&Chatty));
    assert!(matches!(end, Err(ServeError::Stream(_))), "{end:?}");
}
