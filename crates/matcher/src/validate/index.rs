//! Ids to canonical positions, once for every list.
//!
//! In: the ids of a list in the caller's order. Out: where each record will stand
//! once its list is sorted, and which record that was. Must not know what refers to
//! it. Rejected: lookups by binary search over the ids (a cache miss per step, and a
//! large ledger asks some millions of times). The maps are never iterated.

use std::collections::HashMap;

use super::report::{At, Report, malformed};
use super::tables::NONE;
use crate::error::{Code, quoted};
use crate::ids::is_id;
use crate::ledger::Ledger;

/// One list: id to canonical position, canonical position to the caller's.
#[derive(Debug)]
pub(super) struct IdIndex<'a> {
    pub list: &'static str,
    /// `order[canonical] = caller`.
    pub order: Vec<u32>,
    at: HashMap<&'a str, u32>,
    any_malformed: bool,
}

impl<'a> IdIndex<'a> {
    /// Sorts the ids and reports malformed and repeated ones.
    ///
    /// O(n log n), O(n) when the list is sorted already.
    pub fn build(
        list: &'static str,
        ids: impl ExactSizeIterator<Item = &'a str>,
        report: &mut Report,
    ) -> Self {
        let ids: Vec<&str> = ids.collect();
        let mut any_malformed = false;
        for (k, id) in ids.iter().enumerate() {
            any_malformed |= !report.id(id, || At::new(list, k).field("id"));
        }
        // The first 16 bytes travel with the position: nearly every comparison is then
        // one of integers, without a visit to the record.
        let mut keyed: Vec<(u128, u32)> = ids.iter().map(|id| beginning(id)).zip(0..).collect();
        keyed.sort_by(|a, b| {
            let whole = || ids[a.1 as usize].cmp(ids[b.1 as usize]);
            a.0.cmp(&b.0).then_with(whole)
        });
        let order: Vec<u32> = keyed.into_iter().map(|(_, caller)| caller).collect();
        let mut at = HashMap::with_capacity(ids.len());
        let mut first = NONE;
        for (canonical, &caller) in (0..).zip(&order) {
            let id = ids[caller as usize];
            if first != NONE && ids[first as usize] == id {
                // The sort is stable, so `first` is the earliest holder.
                report.push_related(
                    Code::DuplicateId,
                    At::new(list, caller as usize).field("id"),
                    format!("id {} is already taken; ids are unique in {list}", quoted(id)),
                    [At::new(list, first as usize).record()],
                );
            } else {
                first = caller;
                at.insert(id, canonical);
            }
        }
        IdIndex { list, order, at, any_malformed }
    }

    /// Canonical position of `id`.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.at.get(id).copied()
    }

    /// Canonical position of `id`, or [`NONE`] and an issue at `path`.
    pub fn resolve(&self, id: &str, report: &mut Report, path: impl FnOnce() -> String) -> u32 {
        match self.find(id) {
            Some(at) => {
                if self.any_malformed && !is_id(id) {
                    report.push(Code::IdMalformed, path(), malformed(id));
                }
                at
            }
            None if is_id(id) => {
                report.push(
                    Code::UnknownReference,
                    path(),
                    format!("no record of {} has the id {id}", self.list),
                );
                NONE
            }
            None => {
                report.push(Code::IdMalformed, path(), malformed(id));
                NONE
            }
        }
    }

    /// As [`resolve`](Self::resolve); absent means [`NONE`] without an issue.
    pub fn resolve_optional(
        &self,
        id: Option<&str>,
        report: &mut Report,
        at: At,
        field: &str,
    ) -> u32 {
        id.map_or(NONE, |id| self.resolve(id, report, || at.field(field)))
    }
}

/// The first 16 bytes, high byte first and padded with zeros: where two of these differ,
/// the ids compare the same way.
fn beginning(id: &str) -> u128 {
    let mut bytes = [0_u8; 16];
    let len = id.len().min(16);
    bytes[..len].copy_from_slice(&id.as_bytes()[..len]);
    u128::from_be_bytes(bytes)
}

/// What an absent reference means in this ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Implied {
    /// The only candidate, by canonical position.
    Only(u32),
    /// Several candidates: the field must be given.
    Several(usize),
    /// The candidates themselves are broken and reported elsewhere.
    Unknown,
}

/// Reads a reference that may be left out where only one answer is possible.
pub(super) fn resolve_implied(
    ids: &IdIndex<'_>,
    id: Option<&str>,
    implied: Implied,
    report: &mut Report,
    at: At,
    field: &str,
) -> u32 {
    match (id, implied) {
        (Some(id), _) => ids.resolve(id, report, || at.field(field)),
        (None, Implied::Only(position)) => position,
        (None, Implied::Unknown) => NONE,
        (None, Implied::Several(count)) => {
            let what = match ids.list {
                "places" => "root places",
                other => other,
            };
            report.push(
                Code::FieldRequired,
                at.field(field),
                format!("the ledger has {count} {what}, so {field} must name one"),
            );
            NONE
        }
    }
}

/// The indices of all lists that have ids.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub measures: IdIndex<'a>,
    pub periods: IdIndex<'a>,
    pub places: IdIndex<'a>,
    pub categories: IdIndex<'a>,
    pub units: IdIndex<'a>,
    pub offers: IdIndex<'a>,
    pub needs: IdIndex<'a>,
    pub bundles: IdIndex<'a>,
    pub limits: IdIndex<'a>,
    pub agreements: IdIndex<'a>,
    pub claims: IdIndex<'a>,
    pub projects: IdIndex<'a>,
    pub evaluations: IdIndex<'a>,
    pub scenarios: IdIndex<'a>,
}

macro_rules! index {
    ($ledger:ident, $report:ident, $($list:ident),*) => {
        Index { $($list: IdIndex::build(
            stringify!($list),
            $ledger.$list.iter().map(|record| record.id.as_str()),
            $report,
        )),* }
    };
}

impl<'a> Index<'a> {
    /// Indexes every list of `ledger`.
    pub fn build(ledger: &'a Ledger, report: &mut Report) -> Self {
        index!(
            ledger,
            report,
            measures,
            periods,
            places,
            categories,
            units,
            offers,
            needs,
            bundles,
            limits,
            agreements,
            claims,
            projects,
            evaluations,
            scenarios
        )
    }
}
