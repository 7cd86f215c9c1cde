//! Options of a solve: from the wire, under the limits of the server.
//!
//! In: `concentric.v1.Options`. Out: the engine's options, and the wire's as taken. All
//! faults at once.

use std::time::Duration;

use concentric_matcher::Options;
use concentric_proto::v1;

use crate::config::Config;
use crate::errors::{Reason, Refusal};

/// Largest gap that may be asked for, in parts per million.
const MOST_GAP: u64 = 10_000;

/// What a solve may take.
pub(super) struct Taken {
    /// For the engine; the time limit always stands.
    pub engine: Options,
    /// For the record.
    pub wire: v1::Options,
}

/// Reads options; `most` is the longest time.
pub(super) fn read(
    wire: Option<v1::Options>,
    config: &Config,
    most: Duration,
) -> Result<Taken, Refusal> {
    let mut wire = wire.unwrap_or_default();
    let mut refusal: Option<Refusal> = None;
    let mut fault = |path: &str, what: &str| {
        let so_far = refusal.take().unwrap_or_else(|| Refusal::new(Reason::ValueOutOfRange));
        refusal = Some(so_far.with_violation(path, Reason::ValueOutOfRange.as_str(), what));
    };
    let mut limit = most;
    if let Some(asked) = wire.time_limit {
        match Duration::try_from(asked) {
            Ok(time) if !time.is_zero() => limit = time.min(most),
            _ => fault("options.time_limit", "must be above 0"),
        }
    }
    let mut search = wire.time_limit.map(|_| limit);
    if let Some(asked) = wire.search_time {
        match Duration::try_from(asked) {
            Ok(time) if !time.is_zero() => search = Some(time.min(limit)),
            _ => fault("options.search_time", "must be above 0"),
        }
    }
    if wire.work_limit == Some(0) {
        fault("options.work_limit", "must be 1 or more");
    }
    let gap = wire.gap_ppm.unwrap_or(Options::default().gap_ppm);
    if gap > MOST_GAP {
        fault("options.gap_ppm", "must be 0 to 10000");
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    wire.time_limit = prost_types::Duration::try_from(limit).ok();
    wire.search_time = search.and_then(|time| prost_types::Duration::try_from(time).ok());
    let engine = Options {
        time_limit: Some(limit),
        search_time: search,
        work_limit: wire.work_limit,
        seed: wire.seed,
        // Solves run side by side; one that took all cores would starve the others.
        threads: 1,
        max_arcs: config.max_arcs,
        explain: wire.explain.unwrap_or(true),
        gap_ppm: gap,
    };
    Ok(Taken { engine, wire })
}
