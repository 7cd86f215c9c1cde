//! The tests that make an (offer, need) pair an arc, in the order of the funnel.
//!
//! In: two resolved rows. Out: the first test they fail. Must not know `pairs`: the
//! last step of the funnel, `forbidden`, is the caller's, and with explicit arcs none
//! of these tests applies.

use super::tables::{NONE, ValidLedger};

/// A test of the funnel; the order is the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Test {
    /// Same measure.
    Measure,
    /// Categories equal, or one an ancestor of the other.
    Category,
    /// The need's place at or below the offer's area.
    Area,
    /// Windows share a period.
    Window,
    /// Audience and shift are served.
    AudienceOrShift,
    /// Proficiency reaches what the need asks.
    Proficiency,
    /// A unit does not serve itself.
    OwnNeed,
    /// The need's place within the radius around the unit's home.
    Radius,
}

impl Test {
    /// Place among the tests, as the funnel lists them.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// The first test that the pair of `offer` and `need` fails, `None` if it passes all.
///
/// Positions are canonical and must be in range. O(log a) for `a` audiences of the offer.
pub(crate) fn first_failed_test(valid: &ValidLedger, offer: u32, need: u32) -> Option<Test> {
    let row = &valid.offers()[offer as usize];
    let ask = &valid.needs()[need as usize];
    let record = &valid.ledger().offers[offer as usize];
    let asked = &valid.ledger().needs[need as usize];
    let places = valid.places();
    let categories = valid.categories();

    if row.measure != ask.measure {
        return Some(Test::Measure);
    }
    let (ours, theirs) = (row.category as usize, ask.category as usize);
    if !categories[ours].comparable(&categories[theirs]) {
        return Some(Test::Category);
    }
    if !places[row.area as usize].covers(&places[ask.place as usize]) {
        return Some(Test::Area);
    }
    if row.from > ask.to || ask.from > row.to {
        return Some(Test::Window);
    }
    let serves = |words: &[u32], word: u32| words.is_empty() || words.binary_search(&word).is_ok();
    if !serves(&row.audiences, ask.audience)
        || (ask.shift != NONE && !serves(&row.shifts, ask.shift))
    {
        return Some(Test::AudienceOrShift);
    }
    if record.proficiency < asked.min_proficiency {
        return Some(Test::Proficiency);
    }
    if row.unit == ask.owner {
        return Some(Test::OwnNeed);
    }
    if let Some(radius) = record.radius_m
        && valid.distance(row.unit, ask.place) > radius
    {
        return Some(Test::Radius);
    }
    None
}
