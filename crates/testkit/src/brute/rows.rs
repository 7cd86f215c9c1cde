//! Limits and agreements of a small ledger as rows over its arcs.
//!
//! In: a [`World`] and its arcs. Out: one [`Row`] for each group, and what a plan
//! adds up to in it. Must not know goals.

use concentric_matcher::ledger::{AgreementStatus, Counts, Limit, Per, PlaceLevel};

use super::arcs::Arc;
use super::selectors::{need_groups, offer_group, selects_need, selects_offer};
use super::world::{World, find};

/// 10^12 parts.
pub(super) const SCALE: i128 = 1_000_000_000_000;

/// One bound on one group of assignments.
pub(super) struct Row {
    /// Id of the limit, with the group when there are several.
    pub name: String,
    /// Position of the limit; `None` for an agreement.
    pub limit: Option<usize>,
    pub counts: Counts,
    /// Arcs whose offer and need are both selected, ascending.
    pub arcs: Vec<usize>,
    /// Selected needs, with or without arcs.
    pub needs: Vec<usize>,
    pub pair_level: Option<PlaceLevel>,
    pub lower: Option<i64>,
    pub upper: Option<i64>,
    pub hard: bool,
}

/// All rows: limits in list order with their groups by name, then agreements.
pub(super) fn rows(world: &World, arcs: &[Arc]) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (position, limit) in world.ledger.limits.iter().enumerate() {
        limit_rows(world, arcs, position, limit, &mut rows);
    }
    for agreement in &world.ledger.agreements {
        if agreement.status != AgreementStatus::Active
            || (agreement.lower.is_none() && agreement.upper.is_none())
        {
            continue;
        }
        let unit = find(&world.ledger.units, &agreement.unit, |u| &u.id, "unit")?;
        let place = find(&world.places, &agreement.place, |p| &p.id, "place")?;
        let category = match &agreement.category {
            Some(id) => Some(find(&world.categories, id, |c| &c.id, "category")?),
            None => None,
        };
        let (from, to) = world.window(agreement.from.as_deref(), agreement.to.as_deref())?;
        let selected = |a: &Arc| {
            let need = &world.needs[a.need];
            world.offers[a.offer].unit == unit
                && world.inside(need.place, place)
                && category.is_none_or(|c| world.category_chain(need.category).contains(&c))
                && need.from <= to
                && from <= need.to
        };
        rows.push(Row {
            name: agreement.id.clone(),
            limit: None,
            counts: Counts::Amount,
            arcs: (0..arcs.len()).filter(|&a| selected(&arcs[a])).collect(),
            needs: Vec::new(),
            pair_level: None,
            lower: agreement.lower,
            upper: agreement.upper,
            hard: true,
        });
    }
    Ok(rows)
}

fn limit_rows(world: &World, arcs: &[Arc], position: usize, limit: &Limit, rows: &mut Vec<Row>) {
    let offers: Vec<usize> =
        (0..world.offers.len()).filter(|&o| selects_offer(world, &limit.supply, o)).collect();
    let needs: Vec<usize> =
        (0..world.needs.len()).filter(|&n| selects_need(world, &limit.demand, n)).collect();
    let mut row = |name: String, offers: &[usize], needs: &[usize]| {
        rows.push(Row {
            name,
            limit: Some(position),
            counts: limit.counts,
            arcs: (0..arcs.len())
                .filter(|&a| offers.contains(&arcs[a].offer) && needs.contains(&arcs[a].need))
                .collect(),
            needs: needs.to_vec(),
            pair_level: limit.pair_level,
            lower: limit.lower,
            upper: limit.upper,
            hard: limit.hard,
        });
    };
    let Some(per) = limit.per else {
        row(limit.id.clone(), &offers, &needs);
        return;
    };
    let of_offer = |o: usize| offer_group(world, per, o);
    let of_need = |n: usize| need_groups(world, per, n);
    let mut groups: Vec<String> = offers.iter().filter_map(|&o| of_offer(o)).collect();
    let by_offer = matches!(per, Per::Unit | Per::UnitKind);
    groups.extend(needs.iter().flat_map(|&n| of_need(n)));
    groups.sort();
    groups.dedup();
    for group in groups {
        let name = format!("{}[{group}]", limit.id);
        if by_offer {
            let part: Vec<usize> =
                offers.iter().copied().filter(|&o| of_offer(o).as_ref() == Some(&group)).collect();
            row(name, &part, &needs);
        } else {
            let part: Vec<usize> =
                needs.iter().copied().filter(|&n| of_need(n).contains(&group)).collect();
            row(name, &offers, &part);
        }
    }
}

impl Row {
    /// What plan `x` (service by arc) adds up to, as numerator and denominator > 0.
    ///
    /// The denominator is 1 for all but `share_ppm`, whose value is in parts per
    /// million; a share of no needs at all counts as full, and no bound speaks of it.
    pub(super) fn total(&self, world: &World, arcs: &[Arc], x: &[i64]) -> (i128, i128) {
        let used = || self.arcs.iter().copied().filter(|&a| x[a] > 0);
        let covered =
            |n: usize| -> i64 { used().filter(|&a| arcs[a].need == n).map(|a| x[a]).sum() };
        match self.counts {
            Counts::Amount => (used().map(|a| i128::from(x[a])).sum(), 1),
            Counts::Yuan => {
                let price = |a: usize| world.ledger.offers[arcs[a].offer].unit_cost + arcs[a].cost;
                (used().map(|a| i128::from(price(a)) * i128::from(x[a])).sum(), 1)
            }
            Counts::Pairs => {
                let level = self.pair_level.unwrap_or(PlaceLevel::Community);
                (distinct_pairs(world, arcs, used(), level), 1)
            }
            Counts::Served => {
                let mut served: Vec<&str> = Vec::new();
                let mut count = 0;
                for &n in &self.needs {
                    let need = &world.ledger.needs[n];
                    if covered(n) < need.min_useful.max(1) {
                        continue;
                    }
                    match &need.bundle {
                        Some(bundle) if served.contains(&bundle.as_str()) => {}
                        Some(bundle) => {
                            served.push(bundle);
                            count += 1;
                        }
                        None => count += 1,
                    }
                }
                (count, 1)
            }
            Counts::SharePpm => {
                let quantity = |n: usize| i128::from(world.ledger.needs[n].quantity);
                let weight = |n: usize| i128::from(world.ledger.needs[n].priority);
                let common: i128 = self.needs.iter().map(|&n| quantity(n)).product();
                let all: i128 = self.needs.iter().map(|&n| weight(n)).sum();
                if self.needs.is_empty() {
                    return (1_000_000, 1);
                }
                let sum: i128 = self
                    .needs
                    .iter()
                    .map(|&n| weight(n) * i128::from(covered(n)) * (common / quantity(n)))
                    .sum();
                (sum * 1_000_000, all * common)
            }
        }
    }

    /// Whether the bounds hold.
    pub(super) fn holds(&self, total: (i128, i128)) -> bool {
        let (value, unit) = total;
        // A share of no needs is no share.
        if self.counts == Counts::SharePpm && self.needs.is_empty() {
            return true;
        }
        self.lower.is_none_or(|l| i128::from(l) * unit <= value)
            && self.upper.is_none_or(|u| value <= i128::from(u) * unit)
    }

    /// Cost of missing the bounds in level 0, in parts per 10^12.
    pub(super) fn penalty(&self, total: (i128, i128)) -> i128 {
        let (value, unit) = total;
        if self.counts == Counts::SharePpm && self.needs.is_empty() {
            return 0;
        }
        let below = self.lower.map_or(0, |l| i128::from(l) * unit - value).max(0);
        let above = self.upper.map_or(0, |u| value - i128::from(u) * unit).max(0);
        let (distance, bound) = if below > 0 { (below, self.lower) } else { (above, self.upper) };
        if self.counts == Counts::SharePpm {
            // In 10^12 parts, rounded up.
            return (distance * (SCALE / 1_000_000) + unit - 1) / unit;
        }
        let bound = i128::from(bound.unwrap_or(0)).abs().max(1);
        distance * (SCALE / bound)
    }
}

/// Distinct (unit, place) of the arcs used, the place being the need's
/// ancestor-or-self at `level` or, for a need above it, its own.
pub(super) fn distinct_pairs(
    world: &World,
    arcs: &[Arc],
    used: impl Iterator<Item = usize>,
    level: PlaceLevel,
) -> i128 {
    let mut seen: Vec<(usize, usize)> = used
        .map(|a| {
            let place = world.needs[arcs[a].need].place;
            let at = world.at_level(place, level).unwrap_or(place);
            (world.offers[arcs[a].offer].unit, at)
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() as i128
}
