//! How many cases a random test runs.
//!
//! In: the usual number, the environment. Out: the number for this run. Must not know
//! any test. Rejected: a cargo feature (it would compile everything a second time).

/// `usual`, or ten times that when `CONCENTRIC_LONG` is `1`.
///
/// ```
/// use concentric_testkit::effort::cases;
/// assert!(cases(20) == 20 || cases(20) == 200);
/// ```
pub fn cases(usual: u64) -> u64 {
    scaled(usual, std::env::var("CONCENTRIC_LONG").ok().as_deref())
}

fn scaled(usual: u64, wish: Option<&str>) -> u64 {
    if wish == Some("1") { usual.saturating_mul(10) } else { usual }
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn only_a_one_means_long() {
        assert_eq!(
            [None, Some(""), Some("0"), Some("1")].map(|wish| scaled(3, wish)),
            [3, 3, 3, 30]
        );
    }
}
