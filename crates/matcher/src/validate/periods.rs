//! Days and periods.
//!
//! In: ISO dates as text. Out: calendar days that compare, and the order of the
//! periods. Must not know who uses a period. Rejected: a date crate; the format
//! needs one fixed-width form, a calendar check and an order.

use super::index::IdIndex;
use super::report::{At, Report};
use super::tables::NONE;
use crate::error::{Code, quoted};
use crate::ledger::Period;

/// A day as (year, month, day); tuples compare as days do.
pub(super) type Day = (u16, u8, u8);

/// Why a text is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDay {
    /// Not of the form `2026-01-31`.
    Form,
    /// Of the form, but no day of the calendar from 0001-01-01 to 9999-12-31.
    Calendar,
}

/// Reads `YYYY-MM-DD` in the Gregorian calendar, years 1 to 9999.
pub(super) fn parse_day(text: &str) -> Result<Day, NoDay> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return Err(NoDay::Form);
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u16, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')).ok_or(NoDay::Form)
        })
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    if year == 0 || !(1..=days).contains(&day) {
        return Err(NoDay::Calendar);
    }
    // Both are below 32.
    Ok((year, month as u8, day as u8))
}

/// The periods in order of time.
#[derive(Debug)]
pub(super) struct Calendar {
    /// `order[canonical] = caller`: by start day.
    pub order: Vec<u32>,
    /// Canonical position by position in the id order.
    rank: Vec<u32>,
    /// Whether every date was readable, so that positions compare as time does.
    pub ordered: bool,
}

impl Calendar {
    /// Checks dates and disjointness, and orders the periods by their start.
    pub fn build(periods: &[Period], ids: &IdIndex<'_>, report: &mut Report) -> Self {
        let mut ordered = true;
        let mut days = Vec::with_capacity(periods.len());
        for (k, period) in periods.iter().enumerate() {
            let at = At::new("periods", k);
            let start = day(&period.start, at, "start", report);
            let end = day(&period.end, at, "end", report);
            match (start, end) {
                (Some(start), Some(end)) if end < start => {
                    ordered = false;
                    report.push_related(
                        Code::ValueOutOfRange,
                        at.field("end"),
                        "a period ends on or after the day it starts",
                        [at.field("start")],
                    );
                    days.push((start, start));
                }
                (Some(start), Some(end)) => days.push((start, end)),
                _ => {
                    ordered = false;
                    days.push(((0, 0, 0), (0, 0, 0)));
                }
            }
        }
        let mut order: Vec<u32> = (0..).take(periods.len()).collect();
        // The end breaks ties between overlapping periods, so that the answer does
        // not depend on the order of the list.
        order.sort_by_key(|&k| days[k as usize]);
        if ordered {
            report_overlaps(&order, &days, report);
        }
        let mut of_caller = vec![0_u32; periods.len()];
        for (canonical, &caller) in (0..).zip(&order) {
            of_caller[caller as usize] = canonical;
        }
        let rank = ids.order.iter().map(|&caller| of_caller[caller as usize]).collect();
        Calendar { order, rank, ordered }
    }

    /// Position in time of the period with the id `id`; an unknown id is reported.
    pub fn resolve(
        &self,
        ids: &IdIndex<'_>,
        id: &str,
        report: &mut Report,
        at: At,
        field: &str,
    ) -> u32 {
        match ids.resolve(id, report, || at.field(field)) {
            NONE => NONE,
            position => self.rank[position as usize],
        }
    }

    /// The window `from..=to`, the whole ledger where a bound is left out.
    pub fn window(
        &self,
        ids: &IdIndex<'_>,
        from: Option<&str>,
        to: Option<&str>,
        report: &mut Report,
        at: At,
    ) -> (u32, u32) {
        let first = match from {
            Some(id) => self.resolve(ids, id, report, at, "from"),
            None => 0,
        };
        let last = match to {
            Some(id) => self.resolve(ids, id, report, at, "to"),
            None => self.order.len() as u32 - 1,
        };
        if self.ordered && first != NONE && last != NONE && first > last {
            let (path, other) = if to.is_some() { ("to", "from") } else { ("from", "to") };
            report.push_related(
                Code::ValueOutOfRange,
                at.field(path),
                "the window ends before it starts: from must not be after to",
                [at.field(other)],
            );
        }
        (first, last)
    }
}

fn day(text: &str, at: At, field: &str, report: &mut Report) -> Option<Day> {
    match parse_day(text) {
        Ok(day) => Some(day),
        Err(NoDay::Form) => {
            let message = format!("{} is not a date like 2026-01-31", quoted(text));
            report.push(Code::FieldInvalid, at.field(field), message);
            None
        }
        Err(NoDay::Calendar) => {
            let message = format!("{text} is no day between 0001-01-01 and 9999-12-31");
            report.push(Code::ValueOutOfRange, at.field(field), message);
            None
        }
    }
}

/// Compares each period with the one before it that reaches farthest.
fn report_overlaps(order: &[u32], days: &[(Day, Day)], report: &mut Report) {
    let mut farthest: Option<u32> = None;
    for &caller in order {
        if let Some(before) = farthest
            && days[caller as usize].0 <= days[before as usize].1
        {
            let (later, earlier) = (caller.max(before), caller.min(before));
            report.push_related(
                Code::FieldInvalid,
                At::new("periods", later as usize).field("start"),
                "two periods share a day; periods must be disjoint",
                [At::new("periods", earlier as usize).record()],
            );
        }
        if farthest.is_none_or(|f| days[f as usize].1 < days[caller as usize].1) {
            farthest = Some(caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_only() {
        assert_eq!(parse_day("2024-02-29"), Ok((2024, 2, 29)));
        assert_eq!(parse_day("2000-02-29"), Ok((2000, 2, 29)));
        assert_eq!(parse_day("0001-01-01"), Ok((1, 1, 1)));
        assert_eq!(parse_day("9999-12-31"), Ok((9999, 12, 31)));
        for text in [
            "2023-02-29",
            "1900-02-29",
            "0000-01-01",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
        ] {
            assert_eq!(parse_day(text), Err(NoDay::Calendar), "{text}");
        }
        for text in [
            "",
            "2026-1-1",
            "2026/01/01",
            "10000-01-01",
            "２０２６-01-01",
            "2026-01-0x",
            " 2026-01-01",
        ] {
            assert_eq!(parse_day(text), Err(NoDay::Form), "{text}");
        }
    }
}
