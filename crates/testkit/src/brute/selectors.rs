//! Selectors and groups of a small ledger.
//!
//! In: a selector or a `per`, and a position. Out: whether it is selected; the names
//! of its groups. Must not know what a limit or goal does with them.

use concentric_matcher::ledger::{DemandSelector, OneOrMany, Per, SupplySelector};

use super::world::World;

/// Whether an absent key (true) or a list of words has one that fits.
fn any(key: Option<&OneOrMany>, fits: impl Fn(&str) -> bool) -> bool {
    key.is_none_or(|words| words.words().iter().any(|w| fits(w)))
}

/// Whether offer `o` is selected.
pub(super) fn selects_offer(world: &World, selector: &SupplySelector, o: usize) -> bool {
    let offer = &world.ledger.offers[o];
    let unit = &world.ledger.units[world.offers[o].unit];
    any(selector.unit.as_ref(), |w| w == unit.id)
        && any(selector.unit_kind.as_ref(), |w| w == unit.kind)
        && any(selector.unit_group.as_ref(), |w| unit.group.as_deref() == Some(w))
        && any(selector.unit_tag.as_ref(), |w| unit.tags.iter().any(|t| t == w))
        && any(selector.offer.as_ref(), |w| w == offer.id)
}

/// Whether need `n` is selected.
pub(super) fn selects_need(world: &World, selector: &DemandSelector, n: usize) -> bool {
    let need = &world.ledger.needs[n];
    let view = &world.needs[n];
    let places = world.upwards(view.place);
    let categories = world.category_chain(view.category);
    any(selector.need.as_ref(), |w| w == need.id)
        && any(selector.kind.as_ref(), |w| w == need.kind.as_str())
        && any(selector.category.as_ref(), |w| {
            categories.iter().any(|&c| world.categories[c].id == w)
        })
        && any(selector.place.as_ref(), |w| places.iter().any(|&p| world.places[p].id == w))
        && any(selector.place_tag.as_ref(), |w| {
            places.iter().any(|&p| world.places[p].tags.iter().any(|t| t == w))
        })
        && any(selector.measure.as_ref(), |w| world.measures[view.measure].id == w)
        && any(selector.audience.as_ref(), |w| need.audience == w)
        && any(selector.period.as_ref(), |w| {
            world.periods[view.from..=view.to].iter().any(|p| p.id == w)
        })
}

/// Group of offer `o` under a `per` that groups offers; `None` for the others.
pub(super) fn offer_group(world: &World, per: Per, o: usize) -> Option<String> {
    let unit = &world.ledger.units[world.offers[o].unit];
    match per {
        Per::Unit => Some(unit.id.clone()),
        Per::UnitKind => Some(unit.kind.clone()),
        _ => None,
    }
}

/// Groups of need `n` under a `per` that groups needs: none, one, or one for each
/// period of its window.
pub(super) fn need_groups(world: &World, per: Per, n: usize) -> Vec<String> {
    let need = &world.ledger.needs[n];
    let view = &world.needs[n];
    match per {
        Per::Unit | Per::UnitKind => Vec::new(),
        Per::Place(level) => world
            .at_level(view.place, level)
            .map(|p| world.places[p].id.clone())
            .into_iter()
            .collect(),
        Per::Category => vec![world.categories[view.category].id.clone()],
        Per::Period => world.periods[view.from..=view.to].iter().map(|p| p.id.clone()).collect(),
        Per::Audience => vec![need.audience.clone()],
        Per::Need => vec![need.id.clone()],
    }
}
