//! Every bound of the ledger as a row: which assignments it adds up, and its bounds.
//!
//! In: limits, active agreements with bounds, (unit, place) rows with capacity or
//! lock. Out: [`Row`]s, one for each group of a `per`. Must not know which rows a
//! network can hold; the checker reads the same rows as the network builder.

use crate::ledger::{AgreementStatus, Counts, PlaceLevel};
use crate::validate::{NONE, PairRow, ValidLedger};

use super::select::{Selection, Selector};

/// Where a row comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSource {
    /// `limits`, `agreements` or `pairs`.
    pub list: &'static str,
    /// Id of the record; `unit/place` for pairs.
    pub id: String,
    /// Group of a `per`, if any.
    pub group: Option<String>,
}

impl RowSource {
    /// Id with its group: `hours[u05]`.
    pub fn label(&self) -> String {
        match &self.group {
            Some(group) => format!("{}[{group}]", self.id),
            None => self.id.clone(),
        }
    }
}

/// One bound on what the assignments between two selections add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The record it comes from.
    pub source: RowSource,
    /// What is added up.
    pub counts: Counts,
    /// Offers it speaks of.
    pub supply: Selection,
    /// Needs it speaks of.
    pub demand: Selection,
    /// Level of the places that a `pairs` row counts.
    pub pair_level: PlaceLevel,
    /// Least total.
    pub lower: Option<i64>,
    /// Largest total.
    pub upper: Option<i64>,
    /// Whether it must hold; a soft row's misses are minimised first.
    pub hard: bool,
    /// Never to be blamed in a conflict.
    pub untouchable: bool,
}

/// All rows of a ledger, in the order of the records and then of the groups.
///
/// Complexity: the sum of the sizes of the selections.
pub fn rows(valid: &ValidLedger, selector: &Selector<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    limit_rows(valid, selector, &mut rows);
    agreement_rows(valid, selector, &mut rows);
    pair_rows(valid, selector, &mut rows);
    rows
}

fn limit_rows(valid: &ValidLedger, selector: &Selector<'_>, rows: &mut Vec<Row>) {
    for limit in &valid.ledger().limits {
        if limit.lower.is_none() && limit.upper.is_none() {
            continue;
        }
        let supply = selector.offers(&limit.supply);
        let demand = selector.needs(&limit.demand);
        let row = |group: Option<String>, supply: Selection, demand: Selection| Row {
            source: RowSource { list: "limits", id: limit.id.clone(), group },
            counts: limit.counts,
            supply,
            demand,
            pair_level: limit.pair_level.unwrap_or(PlaceLevel::Community),
            lower: limit.lower,
            upper: limit.upper,
            hard: limit.hard,
            untouchable: limit.untouchable,
        };
        match limit.per {
            None => rows.push(row(None, supply, demand)),
            Some(per) => {
                if let Some(groups) = selector.offer_groups(per, &supply) {
                    rows.extend(groups.into_iter().map(|(group, members)| {
                        row(Some(group), Selection::Some(members), demand.clone())
                    }));
                } else if let Some(groups) = selector.need_groups(per, &demand) {
                    rows.extend(groups.into_iter().map(|(group, members)| {
                        row(Some(group), supply.clone(), Selection::Some(members))
                    }));
                }
            }
        }
    }
}

fn agreement_rows(valid: &ValidLedger, selector: &Selector<'_>, rows: &mut Vec<Row>) {
    for (agreement, at) in valid.ledger().agreements.iter().zip(valid.agreements()) {
        let bounded = agreement.lower.is_some() || agreement.upper.is_some();
        if agreement.status != AgreementStatus::Active || !bounded {
            continue;
        }
        let needs = selector.needs_below(at.place).into_iter().filter(|&n| {
            let need = &valid.needs()[n as usize];
            let in_category = at.category == NONE
                || valid.categories()[at.category as usize]
                    .covers(&valid.categories()[need.category as usize]);
            in_category && need.from <= at.to && at.from <= need.to
        });
        rows.push(Row {
            source: RowSource { list: "agreements", id: agreement.id.clone(), group: None },
            counts: Counts::Amount,
            supply: Selection::Some(selector.offers_of(at.unit).to_vec()),
            demand: Selection::Some(needs.collect()),
            pair_level: PlaceLevel::Community,
            lower: agreement.lower,
            upper: agreement.upper,
            hard: true,
            untouchable: false,
        });
    }
}

fn pair_rows(valid: &ValidLedger, selector: &Selector<'_>, rows: &mut Vec<Row>) {
    for (pair, key) in valid.ledger().pairs.iter().zip(valid.pairs()) {
        let PairRow::Between(unit, place) = *key else { continue };
        let lower = pair.locked.filter(|&q| q > 0);
        if lower.is_none() && pair.capacity.is_none() {
            continue;
        }
        let ids =
            (&valid.ledger().units[unit as usize].id, &valid.ledger().places[place as usize].id);
        rows.push(Row {
            source: RowSource { list: "pairs", id: format!("{}/{}", ids.0, ids.1), group: None },
            counts: Counts::Amount,
            supply: Selection::Some(selector.offers_of(unit).to_vec()),
            demand: Selection::Some(selector.needs_below(place)),
            pair_level: PlaceLevel::Community,
            lower,
            upper: pair.capacity,
            hard: true,
            untouchable: false,
        });
    }
}
