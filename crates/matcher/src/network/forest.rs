//! Limits that nest, as inner nodes between the root and the offers or needs.
//!
//! In: arcs and the sets of arcs that limits and fairness groups speak of. Out: the
//! supply forest (root -> sets -> offers -> sub-sets -> arcs), the demand forest
//! (arcs -> sub-sets -> needs -> sets -> root), and the sets that fit in neither.
//! Must not know bounds or goals. A set fits the supply side when it is a union of
//! whole offers (all their arcs) or a part of one offer; likewise for needs.

use super::arcs::Arcs;
use super::laminar::Laminar;
use super::select::Selection;

/// On which side of the arcs an inner node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Between root and offers.
    Supply,
    /// Between one offer and some of its arcs.
    SubSupply(u32),
    /// Between needs and root.
    Demand,
    /// Between some arcs of one need and that need.
    SubDemand(u32),
}

/// The arcs a set is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArcSet {
    /// All arcs between the two selections.
    Between(Selection, Selection),
    /// These arcs, ascending.
    Listed(Vec<u32>),
}

/// An inner node of a forest.
#[derive(Clone, Debug)]
pub struct Inner {
    /// Which set it stands for (number in the input).
    pub set: usize,
    /// Its side.
    pub side: Side,
    /// Enclosing inner node (position in `Forests::inner`).
    pub parent: Option<u32>,
    /// Offers, needs or arcs below it, ascending.
    pub members: Vec<u32>,
}

/// Both forests.
#[derive(Debug, Default)]
pub struct Forests {
    /// Inner nodes; a parent stands before its children.
    pub inner: Vec<Inner>,
    /// Sets that cross others: no network can hold them.
    pub crossing: Vec<usize>,
    /// Sets without any arc.
    pub empty: Vec<usize>,
    /// Innermost supply node of an offer.
    pub over_offer: Laminar,
    /// Innermost demand node of a need.
    pub over_need: Laminar,
    /// `(arc, inner node)` where an arc starts at a sub-supply node, ascending.
    pub arc_tail: Vec<(u32, u32)>,
    /// `(arc, inner node)` where an arc ends at a sub-demand node, ascending.
    pub arc_head: Vec<(u32, u32)>,
}

/// How a set may stand: as offers, as needs, or within one offer or need.
struct Shape {
    set: usize,
    arcs: usize,
    options: Vec<(Side, Vec<u32>)>,
}

/// Places the sets, largest first.
///
/// A set that could stand on either side first tries its first option; if it
/// crosses there, everything is placed once more with that set on its other side.
/// Complexity: the sum of the sizes of the sets, and of the arcs of sets with both
/// selections given.
pub fn build(arcs: &Arcs, offers: usize, needs: usize, sets: &[ArcSet]) -> Forests {
    let mut shapes: Vec<Shape> =
        sets.iter().enumerate().map(|(k, set)| shape(arcs, offers, needs, k, set)).collect();
    let mut forests = Forests::place(&shapes);
    let mut moved = false;
    for &set in &forests.crossing {
        if shapes[set].options.len() > 1 {
            shapes[set].options.remove(0);
            moved = true;
        }
    }
    if moved {
        forests = Forests::place(&shapes);
    }
    forests
}

impl Forests {
    /// Places every set by its first option, largest first.
    fn place(shapes: &[Shape]) -> Forests {
        let mut forests = Forests::default();
        let mut order: Vec<&Shape> = Vec::new();
        for shape in shapes {
            if shape.arcs == 0 {
                forests.empty.push(shape.set);
            } else if shape.options.is_empty() {
                forests.crossing.push(shape.set);
            } else {
                order.push(shape);
            }
        }
        order.sort_by_key(|s| (std::cmp::Reverse(s.options[0].1.len()), s.set));
        let (mut tails, mut heads) = (Laminar::default(), Laminar::default());
        let (mut tail_arcs, mut head_arcs) = (Vec::new(), Vec::new());
        for shape in order {
            let id = forests.inner.len() as u32;
            let (side, members) = &shape.options[0];
            let parent = match side {
                Side::Supply => forests.over_offer.insert(id, members),
                Side::Demand => forests.over_need.insert(id, members),
                Side::SubSupply(_) => tails.insert(id, members),
                Side::SubDemand(_) => heads.insert(id, members),
            };
            let Some(parent) = parent else {
                forests.crossing.push(shape.set);
                continue;
            };
            match side {
                Side::SubSupply(_) => tail_arcs.extend(members),
                Side::SubDemand(_) => head_arcs.extend(members),
                Side::Supply | Side::Demand => {}
            }
            forests.inner.push(Inner {
                set: shape.set,
                side: *side,
                parent,
                members: members.clone(),
            });
        }
        forests.crossing.sort_unstable();
        forests.arc_tail = ends(&tails, tail_arcs);
        forests.arc_head = ends(&heads, head_arcs);
        forests
    }
}

/// `(arc, innermost node)` of the arcs of one family, ascending.
fn ends(family: &Laminar, mut arcs: Vec<u32>) -> Vec<(u32, u32)> {
    arcs.sort_unstable();
    arcs.dedup();
    arcs.into_iter().filter_map(|a| family.innermost(a).map(|node| (a, node))).collect()
}

fn shape(arcs: &Arcs, offers: usize, needs: usize, set: usize, arc_set: &ArcSet) -> Shape {
    let with_arcs = |list: Vec<u32>, has: &dyn Fn(u32) -> bool| -> Vec<u32> {
        list.into_iter().filter(|&k| has(k)).collect()
    };
    let offer_has = |o: u32| !arcs.range(o).is_empty();
    let need_has = |n: u32| !arcs.of_need(n).is_empty();
    let listed = match arc_set {
        ArcSet::Between(supply, Selection::All) => {
            let list = with_arcs(supply.positions(offers), &offer_has);
            let arcs_in = list.iter().map(|&o| arcs.range(o).len()).sum();
            let mut options = vec![(Side::Supply, list)];
            if matches!(supply, Selection::All) {
                options.push((Side::Demand, with_arcs((0..needs as u32).collect(), &need_has)));
            }
            return Shape { set, arcs: arcs_in, options };
        }
        ArcSet::Between(Selection::All, demand) => {
            let list = with_arcs(demand.positions(needs), &need_has);
            let arcs_in = list.iter().map(|&n| arcs.of_need(n).len()).sum();
            return Shape { set, arcs: arcs_in, options: vec![(Side::Demand, list)] };
        }
        ArcSet::Between(Selection::Some(supply), demand) => {
            let mut list: Vec<u32> = supply
                .iter()
                .flat_map(|&o| arcs.range(o).map(|a| a as u32))
                .filter(|&a| demand.has(arcs.need[a as usize]))
                .collect();
            list.sort_unstable();
            list
        }
        ArcSet::Listed(list) => list.clone(),
    };
    Shape { set, arcs: listed.len(), options: options(arcs, &listed) }
}

/// The ways a listed set of arcs can stand in a forest.
fn options(arcs: &Arcs, listed: &[u32]) -> Vec<(Side, Vec<u32>)> {
    let mut by_offer: Vec<u32> = listed.iter().map(|&a| arcs.offer[a as usize]).collect();
    by_offer.dedup();
    let mut by_need: Vec<u32> = listed.iter().map(|&a| arcs.need[a as usize]).collect();
    by_need.sort_unstable();
    by_need.dedup();
    let whole_offers: usize = by_offer.iter().map(|&o| arcs.range(o).len()).sum();
    let whole_needs: usize = by_need.iter().map(|&n| arcs.of_need(n).len()).sum();
    let mut options = Vec::new();
    if whole_offers == listed.len() {
        options.push((Side::Supply, by_offer.clone()));
    } else if let [offer] = by_offer[..] {
        options.push((Side::SubSupply(offer), listed.to_vec()));
    }
    if whole_needs == listed.len() {
        options.push((Side::Demand, by_need));
    } else if let [need] = by_need[..] {
        options.push((Side::SubDemand(need), listed.to_vec()));
    }
    options
}
