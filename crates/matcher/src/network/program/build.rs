//! Puts a [`Program`] together: service, offers, needs, minima, caps, lots.
//!
//! In: a network and the arcs of a part. Out: its program. Must not know how it will be
//! solved. Limits are in `limits`, levels in `levels`.

use std::collections::BTreeMap;

use crate::validate::{NONE, PairRow};

use super::super::Network;
use super::indicators::Indicators;
use super::{Line, Meaning, Program};

/// Position of the binary of a need or bundle among the program's columns.
pub(super) type ServedOf = BTreeMap<(bool, u32), u32>;

/// States a part as an integer program. `arcs`: its arcs, ascending; needs of the part
/// without arcs matter only inside bundles and shares, and are found from there.
///
/// Complexity: the sum of the sizes of its rows; one binary for each distinct set of arcs
/// that something counts.
pub fn program(network: &Network, arcs: Vec<u32>) -> Program {
    let mut program = Program { arcs, ..Program::default() };
    for k in 0..program.arcs.len() {
        let arc = program.arcs[k];
        let lower = network.arcs.lock_of(arc);
        let upper = network.arcs.upper[arc as usize].max(lower);
        program.push(lower, upper, Meaning::Service(arc));
    }
    let index = Index::new(network, &program);
    let mut indicators = Indicators::default();
    offers(network, &mut program);
    let served = minima(network, &mut program, &mut indicators, &index.needs);
    providers(network, &mut program, &mut indicators, &index.needs);
    lots(network, &mut program, &mut indicators, &index);
    super::limits::limits(network, &mut program, &mut indicators, &index.needs, &served);
    super::limits::change_budget(network, &mut program);
    super::levels::levels(network, &mut program, &mut indicators, &index);
    program
}

/// Service columns by need and by unit.
pub(super) struct Index {
    pub(super) needs: BTreeMap<u32, Vec<u32>>,
    pub(super) units: BTreeMap<u32, Vec<u32>>,
}

impl Index {
    fn new(network: &Network, program: &Program) -> Self {
        let unit =
            |arc: u32| network.valid.offers()[network.arcs.offer[arc as usize] as usize].unit;
        Index {
            needs: columns_by(program, |arc| network.arcs.need[arc as usize]),
            units: columns_by(program, unit),
        }
    }

    /// Service columns a pair row speaks of, ascending.
    pub(super) fn pair(&self, network: &Network, program: &Program, row: PairRow) -> Vec<u32> {
        match row {
            PairRow::Arc(o, n) => {
                let arc = network.arcs.find(o, n);
                arc.and_then(|arc| program.column_of(arc)).into_iter().collect()
            }
            PairRow::Between(unit, place) => {
                let node = network.valid.places()[place as usize];
                let below = |c: &u32| {
                    let need = network.arcs.need[program.arcs[*c as usize] as usize];
                    let at = network.valid.needs()[need as usize].place;
                    node.covers(&network.valid.places()[at as usize])
                };
                self.units.get(&unit).into_iter().flatten().copied().filter(below).collect()
            }
        }
    }
}

/// Service columns grouped by a key of their arc, columns ascending.
pub(super) fn columns_by<K: Ord>(
    program: &Program,
    key: impl Fn(u32) -> K,
) -> BTreeMap<K, Vec<u32>> {
    let mut groups: BTreeMap<K, Vec<u32>> = BTreeMap::new();
    for (column, &arc) in program.arcs.iter().enumerate() {
        groups.entry(key(arc)).or_default().push(column as u32);
    }
    groups
}

fn offers(network: &Network, program: &mut Program) {
    for (offer, columns) in columns_by(program, |arc| network.arcs.offer[arc as usize]) {
        let each = |c: &u32| {
            let arc = program.arcs[*c as usize];
            (*c, network.arcs.consumption_of(arc))
        };
        let terms = columns.iter().map(each).filter(|&(_, k)| k != 0).collect();
        let quantity = network.valid.ledger().offers[offer as usize].quantity;
        program.row(terms, None, Some(i128::from(quantity)));
    }
}

/// Coverage of each need, useful minima and bundles; returns the binaries.
fn minima(
    network: &Network,
    program: &mut Program,
    indicators: &mut Indicators,
    needs: &BTreeMap<u32, Vec<u32>>,
) -> ServedOf {
    let ledger = network.valid.ledger();
    let mut served = ServedOf::new();
    let mut bundles: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (&need, columns) in needs {
        let record = &ledger.needs[need as usize];
        let terms = columns.iter().map(|&c| (c, 1)).collect();
        program.row(terms, None, Some(i128::from(record.quantity)));
        let bundle = network.valid.needs()[need as usize].bundle;
        if bundle != NONE {
            bundles.entry(bundle).or_default();
        } else if record.min_useful > 1 {
            let member = (columns.clone(), record.quantity, record.min_useful);
            served.insert((false, need), indicators.served(program, &[member]));
        }
    }
    for (n, row) in network.valid.needs().iter().enumerate() {
        if let Some(members) = bundles.get_mut(&row.bundle) {
            members.push(n as u32);
        }
    }
    for (bundle, members) in bundles {
        let members: Vec<(Vec<u32>, i64, i64)> = members
            .iter()
            .map(|&n| {
                let record = &ledger.needs[n as usize];
                let columns = needs.get(&n).cloned().unwrap_or_default();
                (columns, record.quantity, record.min_useful.max(1))
            })
            .collect();
        served.insert((true, bundle), indicators.served(program, &members));
    }
    served
}

fn providers(
    network: &Network,
    program: &mut Program,
    indicators: &mut Indicators,
    needs: &BTreeMap<u32, Vec<u32>>,
) {
    for (&need, columns) in needs {
        let record = &network.valid.ledger().needs[need as usize];
        let Some(most) = record.max_providers else { continue };
        let mut units: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &c in columns {
            let offer = network.arcs.offer[program.arcs[c as usize] as usize];
            units.entry(network.valid.offers()[offer as usize].unit).or_default().push(c);
        }
        if most >= units.len() as i64 {
            continue;
        }
        let mut terms: Vec<(u32, i64)> =
            units.values().map(|columns| (indicators.used(network, program, columns), 1)).collect();
        terms.sort_unstable();
        program.row(terms, None, Some(i128::from(most)));
    }
}

/// Least lots of pairs: 0 or at least so much.
fn lots(network: &Network, program: &mut Program, indicators: &mut Indicators, index: &Index) {
    for (pair, &row) in network.valid.ledger().pairs.iter().zip(network.valid.pairs()) {
        let Some(least) = pair.min_lot.filter(|&l| l > 1) else { continue };
        let columns = index.pair(network, program, row);
        if columns.is_empty() {
            continue;
        }
        let z = indicators.used(network, program, &columns);
        let mut terms: Vec<(u32, i64)> = columns.iter().map(|&c| (c, 1)).collect();
        terms.push((z, -least));
        program.rows.push(Line { terms, lower: Some(0), upper: None, rule: None });
    }
}
