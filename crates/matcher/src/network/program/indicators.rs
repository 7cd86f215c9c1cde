//! Binary columns: in use or not, served or not.
//!
//! In: sets of service columns. Out: one binary for each distinct set, with the rows
//! that tie it. Must not know what asks for it. The rows are written out per arc
//! (`x_a <= U_a z`) besides their sum: the relaxation of the sum alone is far weaker.

use std::collections::BTreeMap;

use super::super::Network;
use super::{Meaning, Program};

/// Binaries made so far, by what they stand for.
#[derive(Default)]
pub(super) struct Indicators {
    used: BTreeMap<Vec<u32>, u32>,
    served: BTreeMap<Vec<(Vec<u32>, i64)>, u32>,
}

impl Indicators {
    /// The binary of "any of these columns is above 0"; `columns` ascending, not empty.
    pub(super) fn used(
        &mut self,
        network: &Network,
        program: &mut Program,
        columns: &[u32],
    ) -> u32 {
        if let Some(&known) = self.used.get(columns) {
            return known;
        }
        let open = columns.iter().any(|&c| program.columns[c as usize].upper > 0);
        let locked = columns.iter().any(|&c| program.columns[c as usize].lower > 0);
        let z = program.push(i64::from(locked), i64::from(open), Meaning::Used(columns.to_vec()));
        let most = most(network, program, columns);
        let mut sum: Vec<(u32, i64)> = columns.iter().map(|&c| (c, 1)).collect();
        if columns.len() > 1 {
            for &c in columns {
                let upper = program.columns[c as usize].upper;
                program.row(vec![(c, 1), (z, -upper)], None, Some(0));
            }
        }
        sum.push((z, -most));
        program.row(sum.clone(), None, Some(0));
        if let Some(last) = sum.last_mut() {
            last.1 = -1;
        }
        program.row(sum, Some(0), None);
        self.used.insert(columns.to_vec(), z);
        z
    }

    /// The binary of "this need is covered to its least", or of all needs of a bundle.
    ///
    /// `members`: the service columns of each need, its quantity and its least.
    pub(super) fn served(
        &mut self,
        program: &mut Program,
        members: &[(Vec<u32>, i64, i64)],
    ) -> u32 {
        let key: Vec<(Vec<u32>, i64)> =
            members.iter().map(|(columns, _, least)| (columns.clone(), *least)).collect();
        if let Some(&known) = self.served.get(&key) {
            return known;
        }
        let possible = members.iter().all(|(columns, _, least)| {
            let most: i128 =
                columns.iter().map(|&c| i128::from(program.columns[c as usize].upper)).sum();
            most >= i128::from(*least)
        });
        let y = program.push(0, i64::from(possible), Meaning::Served(key.clone()));
        for (columns, quantity, least) in members {
            let mut sum: Vec<(u32, i64)> = columns.iter().map(|&c| (c, 1)).collect();
            if columns.len() > 1 {
                for &c in columns {
                    let upper = program.columns[c as usize].upper;
                    if upper < *quantity {
                        program.row(vec![(c, 1), (y, -upper)], None, Some(0));
                    }
                }
            }
            sum.push((y, -*quantity));
            program.row(sum.clone(), None, Some(0));
            if let Some(last) = sum.last_mut() {
                last.1 = -*least;
            }
            program.row(sum, Some(0), None);
        }
        self.served.insert(key, y);
        y
    }
}

/// Most that these service columns can add up to, by the offers and needs behind them.
fn most(network: &Network, program: &Program, columns: &[u32]) -> i64 {
    let ledger = network.valid.ledger();
    let mut by_offer: BTreeMap<u32, i128> = BTreeMap::new();
    let mut by_need: BTreeMap<u32, i128> = BTreeMap::new();
    for &c in columns {
        let arc = program.arcs[c as usize] as usize;
        let upper = i128::from(program.columns[c as usize].upper);
        *by_offer.entry(network.arcs.offer[arc]).or_default() += upper;
        *by_need.entry(network.arcs.need[arc]).or_default() += upper;
    }
    let supply: i128 = by_offer
        .iter()
        .map(|(&o, &sum)| {
            let least = network.arcs.range(o).map(|a| network.arcs.consumption_of(a as u32)).min();
            match least {
                Some(each) if each > 0 => {
                    sum.min(i128::from(ledger.offers[o as usize].quantity / each))
                }
                _ => sum,
            }
        })
        .sum();
    let demand: i128 = by_need
        .iter()
        .map(|(&n, &sum)| sum.min(i128::from(ledger.needs[n as usize].quantity)))
        .sum();
    i64::try_from(supply.min(demand)).unwrap_or(i64::MAX)
}
