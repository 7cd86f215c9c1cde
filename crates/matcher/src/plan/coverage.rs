//! Sums over a plan: needs by place, category, kind and audience, offers by unit.
//!
//! In: the ledger, the coverage of each need and the use of each offer. Out:
//! [`Coverage`]. Must not know reasons or proofs.

use std::collections::BTreeMap;

use crate::network::Network;
use crate::quantity::PPM;
use crate::validate::{NONE, ValidLedger};

use super::types::{Coverage, CoverageRow, UnitRow};

/// Needs added up.
#[derive(Default)]
pub(super) struct Sum {
    needs: u64,
    met: u64,
    partial: u64,
    weight: i128,
    /// Weighted parts per million, summed need by need.
    share: i128,
    amounts: BTreeMap<u32, (i64, i64)>,
}

impl Sum {
    /// Adds one need.
    pub(super) fn add(&mut self, asked: i64, covered: i64, priority: i64, measure: u32) {
        self.needs += 1;
        self.met += u64::from(covered == asked);
        self.partial += u64::from(covered > 0 && covered < asked);
        self.weight += i128::from(priority);
        // Whole needs stay exact; a part is rounded down at 10^-12.
        self.share +=
            i128::from(priority) * i128::from(covered) * i128::from(SCALE) / i128::from(asked);
        let amount = self.amounts.entry(measure).or_default();
        amount.0 += asked;
        amount.1 += covered;
    }

    /// The sums as a row.
    pub(super) fn row(self, id: &str, measures: &[crate::ledger::Measure]) -> CoverageRow {
        let ppm = self.share / i128::from(SCALE / PPM) / self.weight.max(1);
        CoverageRow {
            id: id.to_owned(),
            needs: self.needs,
            met: self.met,
            partial: self.partial,
            unmet: self.needs - self.met - self.partial,
            share_ppm: i64::try_from(ppm).unwrap_or(PPM),
            amounts: self
                .amounts
                .into_iter()
                .map(|(m, (asked, covered))| (measures[m as usize].id.clone(), asked, covered))
                .collect(),
        }
    }
}

const SCALE: i64 = crate::quantity::SHARE_SCALE;

/// Adds a plan up. O(needs * depth of the place tree + arcs).
pub(super) fn coverage(
    valid: &ValidLedger,
    network: &Network,
    service: &[i64],
    covered: &[i64],
    drawn: &[i64],
) -> Coverage {
    let ledger = valid.ledger();
    let mut places: BTreeMap<u32, Sum> = BTreeMap::new();
    let mut categories: BTreeMap<u32, Sum> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut audiences: BTreeMap<&str, Sum> = BTreeMap::new();
    for ((need, row), &got) in ledger.needs.iter().zip(valid.needs()).zip(covered) {
        let add = |sum: &mut Sum| sum.add(need.quantity, got, need.priority, row.measure);
        let mut place = row.place;
        while place != NONE {
            add(places.entry(place).or_default());
            place = valid.places()[place as usize].parent;
        }
        add(categories.entry(row.category).or_default());
        add(kinds.entry(need.kind.as_str()).or_default());
        add(audiences.entry(need.audience.as_str()).or_default());
    }
    let measures = &ledger.measures;
    Coverage {
        places: places
            .into_iter()
            .map(|(p, sum)| sum.row(&ledger.places[p as usize].id, measures))
            .collect(),
        categories: categories
            .into_iter()
            .map(|(c, sum)| sum.row(&ledger.categories[c as usize].id, measures))
            .collect(),
        kinds: kinds.into_iter().map(|(kind, sum)| sum.row(kind, measures)).collect(),
        audiences: audiences.into_iter().map(|(a, sum)| sum.row(a, measures)).collect(),
        units: units(valid, network, service, drawn),
    }
}

fn units(valid: &ValidLedger, network: &Network, service: &[i64], drawn: &[i64]) -> Vec<UnitRow> {
    let ledger = valid.ledger();
    let mut amounts: Vec<BTreeMap<u32, (i64, i64)>> = vec![BTreeMap::new(); ledger.units.len()];
    let mut served: Vec<Vec<u32>> = vec![Vec::new(); ledger.units.len()];
    for (o, (offer, row)) in ledger.offers.iter().zip(valid.offers()).enumerate() {
        let amount = amounts[row.unit as usize].entry(row.measure).or_default();
        amount.0 += offer.quantity;
        amount.1 += drawn[o];
        let used = network.arcs.range(o as u32).filter(|&a| service[a] > 0);
        served[row.unit as usize].extend(used.map(|a| network.arcs.need[a]));
    }
    ledger
        .units
        .iter()
        .zip(amounts)
        .zip(served)
        .filter(|((_, amounts), _)| !amounts.is_empty())
        .map(|((unit, amounts), mut needs)| {
            needs.sort_unstable();
            needs.dedup();
            UnitRow {
                id: unit.id.clone(),
                needs: needs.len() as u64,
                amounts: amounts
                    .into_iter()
                    .map(|(m, (offered, used))| {
                        (ledger.measures[m as usize].id.clone(), offered, used)
                    })
                    .collect(),
            }
        })
        .collect()
}
