//! The header `grpc-timeout`.
//!
//! In: its text. Out: a length of time. One that is malformed is an error: who writes a
//! deadline means it.

use std::time::Duration;

/// Reads 1 to 8 digits and a unit of H, M, S, m, u, n.
pub fn read(text: &str) -> Option<Duration> {
    let (at, unit) = text.char_indices().next_back()?;
    let digits = &text[..at];
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        'H' => Duration::from_secs(count * 3600),
        'M' => Duration::from_secs(count * 60),
        'S' => Duration::from_secs(count),
        'm' => Duration::from_millis(count),
        'u' => Duration::from_micros(count),
        'n' => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::read;
    use std::time::Duration;

    #[test]
    fn timeouts_have_digits_and_a_unit() {
        assert_eq!(read("200m"), Some(Duration::from_millis(200)));
        assert_eq!(read("1S"), Some(Duration::from_secs(1)));
        assert_eq!(read("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        for wrong in ["", "S", "abc", "123456789S", "1", "1s", "-1S", "1秒"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
