//! Calls of a tenant in a second.
//!
//! In: a tenant and the time. Out: go on, or how long to wait. Each tenant may save up one
//! second of its rate. One time stands for each tenant that called lately: when its saved-up
//! calls would all be there again. Rejected: a counter that starts anew each second (twice
//! the rate gets through around the stroke).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a tenant may save up, as time.
const SAVED: Duration = Duration::from_secs(1);
/// Tenants that are remembered before those who are quiet are forgotten.
const REMEMBERED: usize = 4096;

/// The rates of one server.
pub struct Rates {
    /// Time of one call; none: no limit.
    each: Option<Duration>,
    full: Mutex<BTreeMap<String, Instant>>,
}

impl Rates {
    /// At most so many calls in a second; 0: any number.
    pub fn new(per_second: u32) -> Self {
        let each = (per_second > 0).then(|| SAVED / per_second);
        Rates { each, full: Mutex::new(BTreeMap::new()) }
    }

    /// Counts a call.
    ///
    /// # Errors
    /// How long until the next one may come; that call is not counted.
    pub fn admit(&self, tenant: &str, now: Instant) -> Result<(), Duration> {
        let Some(each) = self.each else { return Ok(()) };
        // A time is whole at any moment.
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= REMEMBERED {
            full.retain(|_, at| *at > now);
        }
        let before = full.get(tenant).copied().unwrap_or(now).max(now);
        let after = before + each;
        let ahead = after.saturating_duration_since(now);
        if ahead > SAVED {
            return Err(ahead - SAVED);
        }
        full.insert(tenant.to_owned(), after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_its_rate_and_no_more_and_takes_none_of_another() {
        let (rates, begin) = (Rates::new(10), Instant::now());
        let passed = |tenant: &str, at: u64| {
            let now = begin + Duration::from_millis(at);
            (0..30).filter(|_| rates.admit(tenant, now).is_ok()).count()
        };
        assert_eq!(passed("a", 0), 10);
        assert_eq!(rates.admit("a", begin), Err(Duration::from_millis(100)));
        assert_eq!(passed("b", 0), 10);
        assert_eq!(passed("a", 250), 2);
        // However long it was quiet, a second is all that it saves up.
        assert_eq!(passed("a", 60_000), 10);
    }

    #[test]
    fn without_a_rate_everyone_passes() {
        let (rates, now) = (Rates::new(0), Instant::now());
        assert!((0..1000).all(|_| rates.admit("a", now).is_ok()));
    }

    #[test]
    fn the_quiet_are_forgotten() {
        let (rates, begin) = (Rates::new(1), Instant::now());
        for k in 0..REMEMBERED {
            assert!(rates.admit(&format!("t{k}"), begin).is_ok());
        }
        assert!(rates.admit("late", begin + Duration::from_secs(5)).is_ok());
        let left = rates.full.lock().map(|full| full.len());
        assert_eq!(left.ok(), Some(1));
    }
}
