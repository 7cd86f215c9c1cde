//! Sums by measure.
//!
//! In: quantities with their measures. Out: one amount a measure, ascending by id. Must
//! not add different measures up.

use std::collections::BTreeMap;

use serde::Serialize;

/// A total in one measure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Amount {
    /// The measure.
    pub measure: String,
    /// How much.
    pub quantity: i64,
}

/// Adds up, measure by measure.
#[derive(Default)]
pub(super) struct Amounts<'a>(BTreeMap<&'a str, i64>);

impl<'a> Amounts<'a> {
    /// Adds `quantity` of `measure`; a ledger's quantities sum to less than 2^63.
    pub(super) fn add(&mut self, measure: &'a Option<String>, quantity: i64) {
        *self.0.entry(measure.as_deref().unwrap_or_default()).or_default() += quantity;
    }

    /// The totals.
    pub(super) fn finish(self) -> Vec<Amount> {
        let each = self.0.into_iter();
        each.map(|(measure, quantity)| Amount { measure: measure.to_owned(), quantity }).collect()
    }
}
