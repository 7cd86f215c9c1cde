//! What comes in: the arcs that may enter the basis, each as the one residual arc it has.
//! What goes out: the next arc to enter.
//! Must not know: flows, bounds, trees beyond the potentials.
//! An arc at its lower bound can only gain flow (tail to head at its cost), one at its upper
//! bound can only lose flow (head to tail at minus its cost). Stored that way round no state is
//! needed: an arc may enter exactly when its reduced cost is negative, and a tree arc, at zero,
//! passes for harmless in either direction.
//! The rule is block search with a memory: each search prices about `sqrt(arcs)` arcs in small
//! groups, and the winners of groups that did not enter stay candidates for the next searches.
//! Rejected: plain block search (half as many pivots again for the same pricing, since every
//! runner-up is forgotten), blocks two to four times larger (fewer pivots, more time), smaller
//! blocks before feasibility (the poor arcs they choose cost more pivots later), choosing among
//! the best two to five candidates by the actual gain of a trial cycle (as many pivots, more
//! walking), a state column and a multiplication (one more stream to read).

use super::number::{Index, Number};

/// A residual arc: 8 bytes at the narrowest.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Residual<P, I> {
    /// Node that would send.
    pub from: I,
    /// Node that would receive.
    pub to: I,
    /// Cost of sending one unit this way.
    pub cost: P,
}

impl<P: Number, I: Index> Residual<P, I> {
    /// Reduced cost `cost + pi(from) - pi(to)`.
    #[inline(always)]
    pub fn reduced(&self, pi: &[P]) -> P {
        self.cost.plus(self.from.look_up(pi)).minus(self.to.look_up(pi))
    }

    /// The same arc the other way.
    pub fn turned(self) -> Self {
        Self { from: self.to, to: self.from, cost: P::default().minus(self.cost) }
    }
}

/// A group's winner that has not entered yet.
#[derive(Debug, Clone, Copy)]
struct Candidate<P> {
    /// Its reduced cost when last priced.
    reduced: P,
    /// Its place in the pricing order.
    position: u32,
}

/// The arcs open to pricing, in pricing order.
#[derive(Debug, Clone)]
pub(super) struct Pricing<P, I> {
    /// The residual arcs.
    pub arcs: Vec<Residual<P, I>>,
    /// For each of them the arc of the problem.
    pub ids: Vec<u32>,
    /// Arcs looked at so far.
    pub priced: u64,
    /// Where the next group starts.
    next: usize,
    /// Arcs to price in one search, if there is any candidate at all.
    block: usize,
    candidates: Vec<Candidate<P>>,
}

/// Arcs in a group that sends one winner.
const GROUP: usize = 48;
/// Candidates kept at most.
const KEPT: usize = 32;
/// Consecutive arcs priced in one place before moving on to the next.
const RUN: usize = 8;

/// An order over `open` arcs (ascending) for the search: short runs taken in turn from evenly
/// spaced places, so that a block samples the whole network while memory is still read in
/// stretches. About twice as many places as the mean number of arcs per node. O(arcs).
pub(super) fn order(open: &[u32], nodes: usize) -> Vec<u32> {
    let places = (2 * open.len() / nodes.max(1)).clamp(4, 4096);
    let stretch = open.len().div_ceil(places).max(1);
    let mut order = Vec::with_capacity(open.len());
    for start in (0..stretch).step_by(RUN) {
        for place in open.chunks(stretch) {
            let end = (start + RUN).min(place.len());
            order.extend_from_slice(place.get(start..end).unwrap_or_default());
        }
    }
    order
}

impl<P: Number, I: Index> Pricing<P, I> {
    /// Takes over arcs in pricing order.
    pub fn new(arcs: Vec<Residual<P, I>>, ids: Vec<u32>) -> Self {
        let block = arcs.len().isqrt().max(20);
        Self { arcs, ids, priced: 0, next: 0, block, candidates: Vec::with_capacity(KEPT) }
    }

    /// Position of an arc with negative reduced cost, the least among the candidates and a fresh
    /// block; `None` once every arc has been seen to have none. O(block) typically.
    pub fn search(&mut self, pi: &[P]) -> Option<usize> {
        let len = self.arcs.len();
        let mut best = self.recheck(pi);
        let mut weakest = None;
        let mut seen = 0;
        while seen < len && (seen < self.block || best.is_none()) {
            let start = self.next;
            let end = (start + GROUP).min(len);
            let group = &self.arcs[start..end];
            seen += group.len();
            self.next = if end == len { 0 } else { end };
            // The least first, its place only if it is wanted: the loop stays free of branches.
            let reduced = group.iter().fold(P::default(), |least, arc| least.min(arc.reduced(pi)));
            if reduced >= P::default() {
                continue;
            }
            let slot = if self.candidates.len() < KEPT {
                self.candidates.len()
            } else {
                let weak = *weakest.get_or_insert_with(|| weakest_of(&self.candidates));
                if reduced >= self.candidates[weak].reduced {
                    continue;
                }
                weakest = None;
                weak
            };
            let place = group.iter().position(|arc| arc.reduced(pi) == reduced).unwrap_or(0);
            let candidate = Candidate { reduced, position: (start + place) as u32 };
            match self.candidates.get_mut(slot) {
                Some(old) => *old = candidate,
                None => self.candidates.push(candidate),
            }
            if best.is_none_or(|best| reduced < self.candidates[best].reduced || best == slot) {
                best = Some(slot);
            }
        }
        self.priced += seen as u64;
        best.map(|best| self.candidates.swap_remove(best).position as usize)
    }

    /// Prices the candidates anew, drops those that may not enter any more, names the best.
    fn recheck(&mut self, pi: &[P]) -> Option<usize> {
        self.priced += self.candidates.len() as u64;
        let arcs = &self.arcs;
        self.candidates.retain_mut(|candidate| {
            candidate.reduced = arcs[candidate.position as usize].reduced(pi);
            candidate.reduced < P::default()
        });
        let best = self.candidates.iter().enumerate().min_by_key(|(_, c)| c.reduced);
        best.map(|(k, _)| k)
    }
}

/// The candidate least worth keeping; the list must not be empty.
fn weakest_of<P: Number>(candidates: &[Candidate<P>]) -> usize {
    let weakest = candidates.iter().enumerate().max_by_key(|(_, c)| c.reduced);
    weakest.map_or(0, |(k, _)| k)
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn the_order_is_a_permutation_for_any_size() {
        for (len, nodes) in [(0, 3), (1, 1), (7, 2), (100, 0), (1000, 40), (1001, 7)] {
            let open: Vec<u32> = (0..len).map(|a| a * 3).collect();
            let mut sorted = order(&open, nodes);
            sorted.sort_unstable();
            assert_eq!(sorted, open, "{len} arcs, {nodes} nodes");
        }
    }
}
