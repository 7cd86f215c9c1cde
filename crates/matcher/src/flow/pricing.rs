//! What comes in: the arcs that may enter the basis, each as the one residual arc it has.
//! What goes out: the next arc to enter, found by block search.
//! Must not know: flows, bounds, trees beyond the potentials.
//! An arc at its lower bound can only gain flow (tail to head at its cost), one at its upper
//! bound can only lose flow (head to tail at minus its cost). Stored that way round no state is
//! needed: an arc may enter exactly when its reduced cost is negative, and a tree arc, at zero,
//! passes for harmless in either direction.
//! Rejected: a state column and a multiplication (one more stream to read), and keeping arcs of
//! zero width in the list (after some lexicographic levels they are nearly all).

use super::number::Number;

/// A residual arc.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Residual<P> {
    /// Node that would send.
    pub from: u32,
    /// Node that would receive.
    pub to: u32,
    /// Cost of sending one unit this way.
    pub cost: P,
}

impl<P: Number> Residual<P> {
    /// Reduced cost `cost + pi(from) - pi(to)`; zero for nodes out of range, which do not occur.
    #[inline(always)]
    pub fn reduced(&self, pi: &[P]) -> P {
        match (pi.get(self.from as usize), pi.get(self.to as usize)) {
            (Some(&from), Some(&to)) => self.cost.plus(from).minus(to),
            _ => P::default(),
        }
    }
}

/// The arcs open to pricing, in pricing order.
#[derive(Debug, Clone, Default)]
pub(super) struct Pricing<P> {
    /// The residual arcs.
    pub arcs: Vec<Residual<P>>,
    /// For each of them the arc of the problem.
    pub ids: Vec<u32>,
    next: usize,
    block: usize,
    /// Arcs looked at so far.
    pub priced: u64,
}

/// Order in which arcs are priced: short runs taken in turn from evenly spaced places, so that a
/// block samples the whole network while its memory accesses stay mostly sequential.
fn spread(len: usize, runs: usize, run: usize) -> impl Iterator<Item = usize> {
    let stretch = len.div_ceil(runs.max(1)).max(1);
    let rounds = stretch.div_ceil(run.max(1));
    (0..rounds).flat_map(move |r| {
        (0..len.div_ceil(stretch)).flat_map(move |s| {
            let start = s * stretch + r * run;
            let end = (start + run).min((s + 1) * stretch).min(len);
            start..end.max(start)
        })
    })
}

impl<P: Number> Pricing<P> {
    /// An order over `ids` (a subset of arcs, ascending) for block search.
    pub fn order(ids: &[u32], nodes: usize) -> Vec<u32> {
        let runs = (ids.len() / nodes.max(1)).clamp(4, 64);
        spread(ids.len(), runs, 16).map(|k| ids[k]).collect()
    }

    /// Takes over arcs in pricing order.
    pub fn new(arcs: Vec<Residual<P>>, ids: Vec<u32>) -> Self {
        let block = (BLOCK * (arcs.len() as f64).sqrt()) as usize;
        Self { block: block.max(20), arcs, ids, next: 0, priced: 0 }
    }

    /// Position of an arc with negative reduced cost, the least of the first block that has one;
    /// `None` once every arc has been seen to have none. O(block) typically.
    pub fn search(&mut self, pi: &[P]) -> Option<usize> {
        let len = self.arcs.len();
        let mut seen = 0;
        while seen < len {
            let end = (self.next + self.block).min(len);
            let mut least = P::default();
            let mut found = usize::MAX;
            for (k, arc) in self.arcs[self.next..end].iter().enumerate() {
                let reduced = arc.reduced(pi);
                if reduced < least {
                    least = reduced;
                    found = k;
                }
            }
            let start = self.next;
            seen += end - start;
            self.priced += (end - start) as u64;
            self.next = if end == len { 0 } else { end };
            if found != usize::MAX {
                return Some(start + found);
            }
        }
        None
    }
}

/// Block size as a multiple of the square root of the number of arcs.
const BLOCK: f64 = 1.0;
