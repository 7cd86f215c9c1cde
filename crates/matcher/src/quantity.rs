//! Numbers of the model: bounds, scales and the one rounding rule.
//!
//! In: integers of a ledger. Out: integers of an objective. Must not know which
//! goal asks. Rejected: fixed-point decimals (a ledger holds whole quantities)
//! and floating shares (a certificate has to add up exactly).

/// Largest quantity of an offer, need or limit.
pub const MAX_QUANTITY: i64 = 1_000_000_000;

/// Scale of share coefficients and share levels: 10^12 stands for 1.
pub const SHARE_SCALE: i64 = 1_000_000_000_000;

/// Parts in one whole for `*_ppm` fields.
pub const PPM: i64 = 1_000_000;

/// Largest absolute coefficient that the engine gives a single arc.
///
/// Two of them, and the sum of a coefficient and two potentials on the optimal
/// face, still fit an `i64` half; what is larger is refused as `NUMERIC_OVERFLOW`.
pub const MAX_COEFFICIENT: i64 = 1 << 61;

/// `floor(weight * 10^12 / quantity)`: value of one unit of a need of size
/// `quantity` in a level that counts shares; `None` when it leaves the range of
/// [`MAX_COEFFICIENT`] or `quantity` is not positive.
///
/// ```
/// use concentric_matcher::quantity::share_coefficient;
/// assert_eq!(share_coefficient(2, 3), Some(666_666_666_666));
/// assert_eq!(share_coefficient(i64::MAX, 1), None);
/// ```
pub fn share_coefficient(weight: i64, quantity: i64) -> Option<i64> {
    if quantity <= 0 {
        return None;
    }
    let exact = (i128::from(weight) * i128::from(SHARE_SCALE)).div_euclid(i128::from(quantity));
    i64::try_from(exact).ok().filter(|c| c.abs() <= MAX_COEFFICIENT)
}

/// The same rounded up: what a lower bound on a share counts, so that a share which is
/// reached exactly is reached. Whoever asks both knows the share to less than one part of
/// 10^12 for each unit.
///
/// ```
/// use concentric_matcher::quantity::share_coefficient_up;
/// assert_eq!(share_coefficient_up(2, 3), Some(666_666_666_667));
/// assert_eq!(share_coefficient_up(1, 4), Some(250_000_000_000));
/// ```
pub fn share_coefficient_up(weight: i64, quantity: i64) -> Option<i64> {
    weight.checked_neg().and_then(|w| share_coefficient(w, quantity)).map(|c| -c)
}
