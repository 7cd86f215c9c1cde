//! What comes in: the tree of an [`Engine`] and the costs of its arcs.
//! What goes out: potentials that make every tree arc's reduced cost zero, computed once and then
//! shifted on one side of each exchange.
//! Must not know: flows, or which arc enters next.
//! Rejected on argument, not measured here: shifting always the subtree (the other side may be
//! the smaller), one walk instead of two from both ends (each step waits for the link before), a
//! checked addition per node (see `number`).

use super::engine::Engine;
use super::number::{Index, Number};

impl<P: Number, I: Index> Engine<'_, P, I> {
    /// Adds `shift` to the potentials of the subtree of `top`, or takes it from all others if
    /// they are fewer; only differences of potentials matter. Walks from both ends of the list
    /// at once, as each step waits for the link of the one before. Returns magnitude bits.
    pub fn shift(&mut self, top: u32, shift: P) -> P {
        let all = self.tree.nodes.len() as u32;
        let node = self.tree.nodes[top as usize];
        let (first, last, count, shift) = if node.size <= all / 2 {
            (top, node.last, node.size, shift)
        } else {
            let first = self.tree.links[node.last as usize].next;
            let last = self.tree.links[top as usize].prev;
            (first, last, all - node.size, P::default().minus(shift))
        };
        self.progress.work += u64::from(count);
        let links = &self.tree.links[..];
        let pi = &mut self.pi[..];
        let mut bits = P::default();
        let (mut a, mut b) = (first as usize, last as usize);
        for _ in 0..count / 2 {
            let (x, y) = (pi[a].plus(shift), pi[b].plus(shift));
            pi[a] = x;
            pi[b] = y;
            bits = bits.or(x.magnitude_bits()).or(y.magnitude_bits());
            a = links[a].next as usize;
            b = links[b].prev as usize;
        }
        if count % 2 == 1 {
            let x = pi[a].plus(shift);
            pi[a] = x;
            bits = bits.or(x.magnitude_bits());
        }
        bits
    }

    /// Moves the root's potential back to zero; false if the others are still too large to go
    /// on (half the limit, lest this be called at every pivot).
    pub fn normalise(&mut self) -> bool {
        let nodes = self.tree.nodes.len();
        let root = self.pi[nodes - 1];
        let half = P::LIMIT.wide() / 2;
        let mut fine = true;
        for p in &mut self.pi[..nodes] {
            let value = p.wide() - root.wide();
            fine &= -half < value && value < half;
            // Differences can exceed the limit; then the caller recomputes them anyway.
            if let Some(small) = P::narrow(value) {
                *p = small;
            }
        }
        fine
    }

    /// Potentials of the tree with the root at zero, walking down in preorder; false if one is
    /// too large. `artificial_cost` is the cost of artificial arcs from the root. O(nodes).
    pub fn compute_potentials(&mut self, artificial_cost: P) -> bool {
        let root = self.tree.root();
        self.pi.clear();
        self.pi.resize(self.tree.nodes.len().max(I::TABLE), P::default());
        let mut v = self.tree.links[root as usize].next;
        while v != root {
            let node = self.tree.nodes[v as usize];
            let above = self.pi[node.parent as usize];
            let value = match self.pricing.arcs.get(node.arc() as usize) {
                // cost + pi(from) - pi(to) = 0
                Some(arc) if arc.from.node() == v => above.minus(arc.cost),
                Some(arc) => above.plus(arc.cost),
                None if node.up() => above,
                None => above.plus(artificial_cost),
            };
            if value.magnitude_bits() >= P::LIMIT {
                return false;
            }
            self.pi[v as usize] = value;
            v = self.tree.links[v as usize].next;
        }
        true
    }
}
