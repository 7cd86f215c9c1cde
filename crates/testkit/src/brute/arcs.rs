//! Arcs of a small ledger, and the pair rows that bind sums of them.
//!
//! In: a [`World`]. Out: arcs with money, worth, consumption and bounds, and the
//! (unit, place) groups. Must not know limits or goals.

use concentric_matcher::ledger::{ArcMode, ClaimState, Pair, ProjectState};

use super::world::{World, find};

/// An admissible (offer, need) with what the pair rows say about it.
pub(super) struct Arc {
    pub offer: usize,
    pub need: usize,
    pub value: i64,
    /// Pair cost; the offer's unit cost comes on top.
    pub cost: i64,
    pub consumption: i64,
    pub capacity: Option<i64>,
    pub locked: i64,
    /// Amount of projects in progress, part of `locked`.
    pub progress: i64,
    pub fixed_cost: i64,
    pub min_lot: i64,
    /// Quantity of the standing projects, for the goal keep.
    pub baseline: i64,
}

/// A (unit, place) row with the arcs whose sum it binds.
pub(super) struct Between {
    pub name: String,
    pub arcs: Vec<usize>,
    pub capacity: Option<i64>,
    pub locked: i64,
    pub fixed_cost: i64,
    pub min_lot: i64,
}

/// All arcs by (offer, need) in list order, and all (unit, place) groups.
///
/// # Errors
/// A lock on what is no arc: no plan can keep it, and the ledger is bad input.
pub(super) fn arcs(world: &World) -> Result<(Vec<Arc>, Vec<Between>), String> {
    let ledger = world.ledger;
    let mut arcs = Vec::new();
    for o in 0..ledger.offers.len() {
        for n in 0..ledger.needs.len() {
            let own = arc_row(world, o, n);
            let wide = wide_rows(world, o, n)?;
            let field = |get: fn(&Pair) -> Option<i64>| {
                own.and_then(get).or_else(|| wide.iter().find_map(|row| get(row)))
            };
            let forbidden = own
                .and_then(|r| r.forbidden)
                .or_else(|| wide.iter().find_map(|r| r.forbidden))
                .unwrap_or(false);
            let listed = match ledger.arcs {
                ArcMode::Explicit => own.is_some(),
                ArcMode::Derived => admissible(world, o, n),
            };
            if !listed || forbidden {
                continue;
            }
            let here = |offer: &str, need: &str| {
                ledger.offers[o].id == offer && ledger.needs[n].id == need
            };
            let sum = |state: fn(ProjectState) -> bool| -> i64 {
                ledger
                    .projects
                    .iter()
                    .filter(|p| here(&p.offer, &p.need) && state(p.state))
                    .map(|p| p.quantity)
                    .sum()
            };
            let progress = sum(|s| s == ProjectState::InProgress);
            let claimed: i64 = ledger
                .claims
                .iter()
                .filter(|c| here(&c.offer, &c.need) && c.state == ClaimState::Accepted)
                .map(|c| c.quantity)
                .sum();
            arcs.push(Arc {
                offer: o,
                need: n,
                value: field(|r| r.value).unwrap_or(0),
                cost: field(|r| r.cost).unwrap_or(0),
                consumption: field(|r| r.consumption).unwrap_or(1),
                capacity: own.and_then(|r| r.capacity),
                locked: own.and_then(|r| r.locked).unwrap_or(0).max(progress).max(claimed),
                progress,
                fixed_cost: own.and_then(|r| r.fixed_cost).unwrap_or(0),
                min_lot: own.and_then(|r| r.min_lot).unwrap_or(0),
                baseline: sum(ProjectState::in_baseline),
            });
        }
    }
    locks_have_arcs(world, &arcs)?;
    let between = between(world, &arcs)?;
    Ok((arcs, between))
}

/// The eight tests of a derived arc, in the order of the funnel.
fn admissible(world: &World, o: usize, n: usize) -> bool {
    let (offer, need) = (&world.ledger.offers[o], &world.ledger.needs[n]);
    let (from, to) = (&world.offers[o], &world.needs[n]);
    let categories = world.category_chain(from.category).contains(&to.category)
        || world.category_chain(to.category).contains(&from.category);
    let audience = offer.audiences.is_empty() || offer.audiences.contains(&need.audience);
    let shift = match &need.shift {
        None => true,
        Some(shift) => offer.shifts.is_empty() || offer.shifts.contains(shift),
    };
    from.measure == to.measure
        && categories
        && world.inside(to.place, from.area)
        && from.from <= to.to
        && to.from <= from.to
        && audience
        && shift
        && offer.proficiency >= need.min_proficiency
        && to.owner != Some(from.unit)
        && offer.radius_m.is_none_or(|r| world.metres(from.unit, to.place) <= r)
}

fn arc_row<'w>(world: &World<'w>, o: usize, n: usize) -> Option<&'w Pair> {
    let ledger = world.ledger;
    ledger.pairs.iter().find(|row| {
        row.offer.as_deref() == Some(&ledger.offers[o].id)
            && row.need.as_deref() == Some(&ledger.needs[n].id)
    })
}

/// (unit, place) rows above the pair, the deepest place first.
fn wide_rows<'w>(world: &World<'w>, o: usize, n: usize) -> Result<Vec<&'w Pair>, String> {
    let unit = &world.ledger.offers[o].unit;
    let chain = world.upwards(world.needs[n].place);
    let mut rows = Vec::new();
    for row in &world.ledger.pairs {
        if let (Some(u), Some(place)) = (&row.unit, &row.place) {
            let place = find(&world.places, place, |p| &p.id, "place")?;
            if u == unit
                && let Some(height) = chain.iter().position(|&p| p == place)
            {
                rows.push((height, row));
            }
        }
    }
    rows.sort_by_key(|&(height, _)| height);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn locks_have_arcs(world: &World, arcs: &[Arc]) -> Result<(), String> {
    let ledger = world.ledger;
    let is_arc = |offer: &str, need: &str| {
        arcs.iter().any(|a| ledger.offers[a.offer].id == offer && ledger.needs[a.need].id == need)
    };
    let rows = ledger.pairs.iter().filter_map(|p| {
        (p.locked.unwrap_or(0) > 0).then_some((p.offer.as_deref()?, p.need.as_deref()?))
    });
    let projects = ledger
        .projects
        .iter()
        .filter(|p| p.state == ProjectState::InProgress && p.quantity > 0)
        .map(|p| (p.offer.as_str(), p.need.as_str()));
    let claims = ledger
        .claims
        .iter()
        .filter(|c| c.state == ClaimState::Accepted && c.quantity > 0)
        .map(|c| (c.offer.as_str(), c.need.as_str()));
    for (offer, need) in rows.chain(projects).chain(claims) {
        if !is_arc(offer, need) {
            return Err(format!("locked pair {offer}/{need} is no arc"));
        }
    }
    Ok(())
}

fn between(world: &World, arcs: &[Arc]) -> Result<Vec<Between>, String> {
    let mut groups = Vec::new();
    for row in &world.ledger.pairs {
        let (Some(unit), Some(place)) = (&row.unit, &row.place) else {
            continue;
        };
        let u = find(&world.ledger.units, unit, |u| &u.id, "unit")?;
        let top = find(&world.places, place, |p| &p.id, "place")?;
        groups.push(Between {
            name: format!("{unit}/{place}"),
            arcs: (0..arcs.len())
                .filter(|&a| {
                    world.offers[arcs[a].offer].unit == u
                        && world.inside(world.needs[arcs[a].need].place, top)
                })
                .collect(),
            capacity: row.capacity,
            locked: row.locked.unwrap_or(0),
            fixed_cost: row.fixed_cost.unwrap_or(0),
            min_lot: row.min_lot.unwrap_or(0),
        });
    }
    Ok(groups)
}
