//! Calls at a pace, and what became of them.
//!
//! In: a channel, a method, bytes. Out: times and codes. Messages are made before and answers
//! are not read into records, so that the generator takes little of the cores it shares.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::raw::Raw;

/// What is called.
#[derive(Clone)]
pub struct Call {
    pub channel: Channel,
    pub path: &'static str,
    pub body: Bytes,
}

impl Call {
    /// One call: its answer, or its code.
    pub async fn once(&self) -> Result<Bytes, Status> {
        let mut client =
            tonic::client::Grpc::new(self.channel.clone()).max_decoding_message_size(64 << 20);
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = tonic::codegen::http::uri::PathAndQuery::from_static(self.path);
        let request = Request::new(self.body.clone());
        Ok(client.unary(request, path, Raw).await?.into_inner())
    }

    async fn timed(&self) -> (Duration, Code) {
        let begin = Instant::now();
        let code = self.once().await.map_or_else(|status| status.code(), |_| Code::Ok);
        (begin.elapsed(), code)
    }
}

/// Times of what went well, of what was shed, and how much went wrong.
#[derive(Default)]
pub struct Tally {
    pub good: Times,
    pub shed: Times,
    pub other: usize,
    pub took: Duration,
}

impl Tally {
    fn add(&mut self, (time, code): (Duration, Code)) {
        match code {
            Code::Ok => self.good.0.push(time),
            Code::Unavailable => self.shed.0.push(time),
            _ => self.other += 1,
        }
    }

    /// Good answers a second.
    pub fn rate(&self) -> f64 {
        self.good.0.len() as f64 / self.took.as_secs_f64()
    }
}

/// Times, in any order.
#[derive(Default)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// The time that so many of a hundred do not exceed, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

/// So many callers, each with its next call as soon as it has its answer.
pub async fn closed(call: &Call, callers: usize, time: Duration) -> Tally {
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let call = call.clone();
        tasks.spawn(async move {
            let mut results = Vec::new();
            while begin.elapsed() < time {
                results.push(call.timed().await);
            }
            results
        });
    }
    let mut tally = Tally::default();
    while let Some(results) = tasks.join_next().await {
        results.unwrap_or_default().into_iter().for_each(|result| tally.add(result));
    }
    tally.took = begin.elapsed();
    tally
}

/// Calls at a fixed pace, whatever becomes of the ones before.
pub async fn open(call: &Call, a_second: f64, time: Duration) -> Tally {
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    let mut tally = Tally::default();
    let mut sent = 0_u32;
    while begin.elapsed() < time {
        let due = begin + Duration::from_secs_f64(f64::from(sent) / a_second);
        tokio::time::sleep_until(due.into()).await;
        let call = call.clone();
        tasks.spawn(async move { call.timed().await });
        sent += 1;
        while let Some(done) = tasks.try_join_next() {
            done.into_iter().for_each(|result| tally.add(result));
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.into_iter().for_each(|result| tally.add(result));
    }
    // The slots were busy until the last of them had its answer.
    tally.took = begin.elapsed();
    tally
}
