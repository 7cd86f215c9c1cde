//! Selectors and groupings resolved to positions of offers and needs.
//!
//! In: the canonical ledger and a selector or `per`. Out: ascending positions, or
//! [`Selection::All`]. Must not know what the selection is for. An id that matches
//! nothing selects nothing.

use crate::ledger::{DemandSelector, NeedKind, OneOrMany, Per, SupplySelector};
use crate::validate::{TreeNode, ValidLedger};

/// Positions a selector picks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything of the list.
    All,
    /// These positions, ascending.
    Some(Vec<u32>),
}

impl Selection {
    /// Whether `position` is picked.
    pub fn has(&self, position: u32) -> bool {
        match self {
            Selection::All => true,
            Selection::Some(list) => list.binary_search(&position).is_ok(),
        }
    }

    /// The positions, spelled out for a list of `len`.
    pub fn positions(&self, len: usize) -> Vec<u32> {
        match self {
            Selection::All => (0..len as u32).collect(),
            Selection::Some(list) => list.clone(),
        }
    }
}

/// Resolves selectors over one ledger; holds the indices they need.
pub struct Selector<'a> {
    valid: &'a ValidLedger,
    /// Offers of unit `u`: `unit_offers[unit_start[u]..unit_start[u + 1]]`.
    unit_start: Vec<u32>,
    unit_offers: Vec<u32>,
    /// Needs ascending by preorder of place, and those preorder numbers.
    by_place: Vec<u32>,
    enter: Vec<u32>,
}

fn position<T>(list: &[T], id: impl Fn(&T) -> &str, word: &str) -> Option<u32> {
    list.binary_search_by(|item| id(item).cmp(word)).ok().map(|k| k as u32)
}

fn sorted(mut list: Vec<u32>) -> Vec<u32> {
    list.sort_unstable();
    list.dedup();
    list
}

impl<'a> Selector<'a> {
    /// Builds the indices. O(offers + needs log needs).
    pub fn new(valid: &'a ValidLedger) -> Self {
        let units = valid.ledger().units.len();
        let mut unit_start = vec![0u32; units + 1];
        for row in valid.offers() {
            unit_start[row.unit as usize + 1] += 1;
        }
        for u in 0..units {
            unit_start[u + 1] += unit_start[u];
        }
        let mut cursor = unit_start.clone();
        let mut unit_offers = vec![0u32; valid.offers().len()];
        for (o, row) in valid.offers().iter().enumerate() {
            unit_offers[cursor[row.unit as usize] as usize] = o as u32;
            cursor[row.unit as usize] += 1;
        }
        let enter_of = |n: u32| valid.places()[valid.needs()[n as usize].place as usize].enter;
        let mut by_place: Vec<u32> = (0..valid.needs().len() as u32).collect();
        by_place.sort_unstable_by_key(|&n| (enter_of(n), n));
        let enter = by_place.iter().map(|&n| enter_of(n)).collect();
        Selector { valid, unit_start, unit_offers, by_place, enter }
    }

    /// Offers of one unit, ascending.
    pub fn offers_of(&self, unit: u32) -> &[u32] {
        let u = unit as usize;
        &self.unit_offers[self.unit_start[u] as usize..self.unit_start[u + 1] as usize]
    }

    /// Needs at or below one place, ascending.
    pub fn needs_below(&self, place: u32) -> Vec<u32> {
        let node = self.valid.places()[place as usize];
        let first = self.enter.partition_point(|&e| e < node.enter);
        let last = self.enter.partition_point(|&e| e < node.leave);
        sorted(self.by_place[first..last].to_vec())
    }

    /// Offers that a supply selector picks.
    pub fn offers(&self, selector: &SupplySelector) -> Selection {
        if *selector == SupplySelector::default() {
            return Selection::All;
        }
        let ledger = self.valid.ledger();
        let start: Vec<u32> = if let Some(words) = &selector.offer {
            sorted(
                words
                    .words()
                    .iter()
                    .filter_map(|w| position(&ledger.offers, |o| &o.id, w))
                    .collect(),
            )
        } else {
            let units: Vec<u32> = match &selector.unit {
                Some(words) => sorted(
                    words
                        .words()
                        .iter()
                        .filter_map(|w| position(&ledger.units, |u| &u.id, w))
                        .collect(),
                ),
                None => (0..ledger.units.len() as u32).collect(),
            };
            let picked = units.into_iter().filter(|&u| self.unit_matches(selector, u));
            sorted(picked.flat_map(|u| self.offers_of(u).iter().copied()).collect())
        };
        let offers = start.into_iter().filter(|&o| {
            let unit = self.valid.offers()[o as usize].unit;
            self.unit_matches(selector, unit)
                && has(&selector.unit, &ledger.units[unit as usize].id)
        });
        Selection::Some(offers.collect())
    }

    fn unit_matches(&self, selector: &SupplySelector, unit: u32) -> bool {
        let unit = &self.valid.ledger().units[unit as usize];
        has(&selector.unit_kind, &unit.kind)
            && selector
                .unit_group
                .as_ref()
                .is_none_or(|words| unit.group.as_ref().is_some_and(|g| words.has(g)))
            && selector.unit_tag.as_ref().is_none_or(|words| unit.tags.iter().any(|t| words.has(t)))
    }

    /// Needs that a demand selector picks.
    pub fn needs(&self, selector: &DemandSelector) -> Selection {
        if *selector == DemandSelector::default() {
            return Selection::All;
        }
        let ledger = self.valid.ledger();
        let start: Vec<u32> = if let Some(words) = &selector.need {
            sorted(
                words
                    .words()
                    .iter()
                    .filter_map(|w| position(&ledger.needs, |n| &n.id, w))
                    .collect(),
            )
        } else if let Some(words) = &selector.place {
            let places =
                words.words().iter().filter_map(|w| position(&ledger.places, |p| &p.id, w));
            sorted(places.flat_map(|p| self.needs_below(p)).collect())
        } else {
            (0..ledger.needs.len() as u32).collect()
        };
        let tests = DemandTests::new(self.valid, selector);
        Selection::Some(start.into_iter().filter(|&n| tests.pass(n)).collect())
    }

    /// Splits offers by `per` (units or unit kinds), as `(group, positions)`; `None`
    /// when `per` groups needs.
    pub fn offer_groups(&self, per: Per, within: &Selection) -> Option<Vec<(String, Vec<u32>)>> {
        let ledger = self.valid.ledger();
        let label = |o: u32| {
            let unit = &ledger.units[self.valid.offers()[o as usize].unit as usize];
            match per {
                Per::Unit => Some(unit.id.clone()),
                Per::UnitKind => Some(unit.kind.clone()),
                _ => None,
            }
        };
        if !matches!(per, Per::Unit | Per::UnitKind) {
            return None;
        }
        let all = within.positions(self.valid.offers().len());
        Some(grouped(all.into_iter().filter_map(|o| label(o).map(|g| (g, o)))))
    }

    /// Splits needs by `per`, as `(group, positions)`; a need is in one group, except
    /// with `period` (every period its window includes); `None` when `per` groups offers.
    pub fn need_groups(&self, per: Per, within: &Selection) -> Option<Vec<(String, Vec<u32>)>> {
        let ledger = self.valid.ledger();
        let all = within.positions(self.valid.needs().len());
        let row = |n: u32| &self.valid.needs()[n as usize];
        Some(match per {
            Per::Unit | Per::UnitKind => return None,
            Per::Place(level) => grouped(all.into_iter().filter_map(|n| {
                self.valid
                    .ancestor_at(row(n).place, level)
                    .map(|p| (ledger.places[p as usize].id.clone(), n))
            })),
            Per::Category => grouped(
                all.into_iter()
                    .map(|n| (ledger.categories[row(n).category as usize].id.clone(), n)),
            ),
            Per::Audience => {
                grouped(all.into_iter().map(|n| (ledger.needs[n as usize].audience.clone(), n)))
            }
            Per::Need => grouped(all.into_iter().map(|n| (ledger.needs[n as usize].id.clone(), n))),
            Per::Period => grouped(all.into_iter().flat_map(|n| {
                (row(n).from..=row(n).to).map(move |p| (ledger.periods[p as usize].id.clone(), n))
            })),
        })
    }
}

fn has(words: &Option<OneOrMany>, word: &str) -> bool {
    words.as_ref().is_none_or(|w| w.has(word))
}

fn grouped(items: impl Iterator<Item = (String, u32)>) -> Vec<(String, Vec<u32>)> {
    let mut items: Vec<(String, u32)> = items.collect();
    items.sort_unstable();
    let mut groups: Vec<(String, Vec<u32>)> = Vec::new();
    for (group, position) in items {
        match groups.last_mut() {
            Some((last, list)) if *last == group => list.push(position),
            _ => groups.push((group, vec![position])),
        }
    }
    groups
}

/// A demand selector with its words resolved once.
struct DemandTests<'a> {
    valid: &'a ValidLedger,
    selector: &'a DemandSelector,
    categories: Option<Vec<TreeNode>>,
    places: Option<Vec<TreeNode>>,
    measures: Option<Vec<u32>>,
    periods: Option<Vec<u32>>,
    /// Whether place `p` or an ancestor carries a wanted tag.
    tagged: Option<Vec<bool>>,
}

impl<'a> DemandTests<'a> {
    fn new(valid: &'a ValidLedger, selector: &'a DemandSelector) -> Self {
        let ledger = valid.ledger();
        let nodes =
            |words: &Option<OneOrMany>, find: &dyn Fn(&str) -> Option<u32>, tree: &[TreeNode]| {
                words.as_ref().map(|w| {
                    w.words()
                        .iter()
                        .filter_map(|word| find(word))
                        .map(|k| tree[k as usize])
                        .collect::<Vec<_>>()
                })
            };
        let positions = |words: &Option<OneOrMany>, find: &dyn Fn(&str) -> Option<u32>| {
            words
                .as_ref()
                .map(|w| w.words().iter().filter_map(|word| find(word)).collect::<Vec<_>>())
        };
        let tagged = selector.place_tag.as_ref().map(|words| {
            let mut order: Vec<u32> = (0..ledger.places.len() as u32).collect();
            order.sort_unstable_by_key(|&p| valid.places()[p as usize].enter);
            let mut tagged = vec![false; order.len()];
            for p in order {
                let parent = valid.places()[p as usize].parent;
                let above = parent != crate::validate::NONE && tagged[parent as usize];
                tagged[p as usize] =
                    above || ledger.places[p as usize].tags.iter().any(|t| words.has(t));
            }
            tagged
        });
        DemandTests {
            valid,
            selector,
            categories: nodes(
                &selector.category,
                &|w| position(&ledger.categories, |c| &c.id, w),
                valid.categories(),
            ),
            places: nodes(
                &selector.place,
                &|w| position(&ledger.places, |p| &p.id, w),
                valid.places(),
            ),
            measures: positions(&selector.measure, &|w| position(&ledger.measures, |m| &m.id, w)),
            periods: positions(&selector.period, &|w| {
                ledger.periods.iter().position(|p| p.id == w).map(|k| k as u32)
            }),
            tagged,
        }
    }

    fn pass(&self, need: u32) -> bool {
        let record = &self.valid.ledger().needs[need as usize];
        let row = &self.valid.needs()[need as usize];
        let below = |nodes: &Option<Vec<TreeNode>>, node: &TreeNode| {
            nodes.as_ref().is_none_or(|list| list.iter().any(|n| n.covers(node)))
        };
        has(&self.selector.need, &record.id)
            && self.selector.kind.as_ref().is_none_or(|w| w.has(kind_word(record.kind)))
            && has(&self.selector.audience, &record.audience)
            && self.measures.as_ref().is_none_or(|list| list.contains(&row.measure))
            && self
                .periods
                .as_ref()
                .is_none_or(|list| list.iter().any(|p| (row.from..=row.to).contains(p)))
            && below(&self.categories, &self.valid.categories()[row.category as usize])
            && below(&self.places, &self.valid.places()[row.place as usize])
            && self.tagged.as_ref().is_none_or(|tagged| tagged[row.place as usize])
    }
}

fn kind_word(kind: NeedKind) -> &'static str {
    kind.as_str()
}
