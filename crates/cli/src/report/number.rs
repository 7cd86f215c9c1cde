//! Numbers as people read them.
//!
//! In: integers with a scale. Out: text. Must not know units. Rounding is half away from
//! zero and only for the eye; the plan file has the exact values.

/// `1234567` as `1,234,567`.
pub fn grouped(value: impl Into<i128>) -> String {
    let value: i128 = value.into();
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 arc`, `2,000 arcs`, for output that is English only.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `value / scale` with at most four decimals, without trailing zeros.
pub fn decimal(value: i128, scale: i64) -> String {
    let scale = u128::from(scale.unsigned_abs().max(1));
    let size = value.unsigned_abs();
    let (mut whole, rest) = (size / scale, size % scale);
    // Below 2^63 * 10^4, far from overflow.
    let mut decimals = (rest * 10_000 + scale / 2) / scale;
    if decimals == 10_000 {
        (whole, decimals) = (whole + 1, 0);
    }
    let sign = if value < 0 && (whole, decimals) != (0, 0) { "-" } else { "" };
    // Anything from 2^127 on is only reached by the least i128, which no level has.
    let mut text = format!("{sign}{}", grouped(i128::try_from(whole).unwrap_or(i128::MAX)));
    if decimals > 0 {
        text.push('.');
        text.push_str(format!("{decimals:04}").trim_end_matches('0'));
    }
    text
}

/// Parts per million as per cent with one decimal; 100.0 only for all, 0.0 only for nothing.
pub fn percent(ppm: i64) -> String {
    let tenths = match ppm {
        1..1_000_000 => ((ppm + 500) / 1_000).clamp(1, 999),
        _ => ppm / 1_000,
    };
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{decimal, grouped, percent};

    #[test]
    fn thousands_are_set_apart() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn decimals_are_rounded_for_the_eye() {
        assert_eq!(decimal(1_709_999_999_999_520, 1_000_000_000_000), "1,710");
        assert_eq!(decimal(239_749_254_382_129, 1_000_000_000_000), "239.7493");
        assert_eq!(decimal(-15, 10), "-1.5");
        assert_eq!(decimal(-1, 1_000_000), "0");
        assert_eq!(decimal(7, 1), "7");
    }

    #[test]
    fn shares_are_rounded_but_never_to_all_or_nothing() {
        assert_eq!(percent(999_999), "99.9 %");
        assert_eq!(percent(1_000_000), "100.0 %");
        assert_eq!(percent(1), "0.1 %");
        assert_eq!(percent(0), "0.0 %");
        assert_eq!(percent(47_499), "4.7 %");
        assert_eq!(percent(47_500), "4.8 %");
    }
}
