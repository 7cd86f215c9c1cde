//! A ledger lowered once: network, components, clusters, and what is read off them.
//!
//! In: a valid ledger and its stages. Out: the parts to be proved, the records of the
//! components, marks of the needs. Must not know a solution.

use crate::certify::{LevelProof, Part};
use crate::decompose::{Cluster, Component};
use crate::network::{Network, program};
use crate::plan::{ComponentKind, ComponentRecord, ProofName};
use crate::validate::ValidLedger;

/// A ledger with what follows from it alone.
pub(crate) struct Lowered<'a> {
    pub valid: &'a ValidLedger,
    pub network: &'a Network<'a>,
    pub components: &'a [Component],
    pub clusters: &'a [Cluster],
}

impl Lowered<'_> {
    /// The parts that are proved each by itself.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let part = |cluster: &Cluster| Part {
            edges: cluster.component.edges.clone(),
            program: cluster.integer.then(|| program(self.network, cluster.arcs(self.network))),
        };
        self.clusters.iter().map(part).collect()
    }

    /// Whether all of it is a network.
    pub(crate) fn is_network(&self) -> bool {
        self.clusters.iter().all(|cluster| !cluster.integer)
    }

    /// Records of the components, with the proof of the cluster that each belongs to.
    pub(crate) fn records(&self, proof: impl Fn(usize) -> ProofName) -> Vec<ComponentRecord> {
        let mut of = vec![0usize; self.components.len()];
        for (k, cluster) in self.clusters.iter().enumerate() {
            cluster.members.iter().for_each(|&member| of[member] = k);
        }
        component_records(self.components, |component| proof(of[component]))
    }
}

/// What is known of each need beside its numbers.
pub(crate) struct Marks {
    /// Its shortfall may end in "not proved": a limit cut the solve off, or its part
    /// needs integers or is not proved.
    pub open: Vec<bool>,
    /// Its part needs integers.
    pub integer: Vec<bool>,
}

impl Marks {
    /// Marks the needs of each cluster.
    pub(crate) fn new(lowered: &Lowered<'_>, proofs: &[LevelProof], cut_off: bool) -> Self {
        let network = lowered.network;
        let needs = network.need_count();
        let mut marks = Marks { open: vec![cut_off; needs], integer: vec![false; needs] };
        let first = network.need_node(0);
        for (k, cluster) in lowered.clusters.iter().enumerate() {
            let proved = proofs.iter().all(|proof| proof.exact.get(k) == Some(&true));
            let of_needs = cluster.component.nodes.iter().filter_map(|node| {
                node.checked_sub(first).map(|n| n as usize).filter(|&n| n < needs)
            });
            for need in of_needs {
                marks.open[need] |= cluster.integer || !proved;
                marks.integer[need] |= cluster.integer;
            }
        }
        marks
    }
}

pub(crate) fn component_records(
    parts: &[Component],
    proof: impl Fn(usize) -> ProofName,
) -> Vec<ComponentRecord> {
    let each = parts.iter().enumerate();
    each.map(|(k, part)| ComponentRecord {
        kind: if part.is_network() { ComponentKind::Network } else { ComponentKind::Integer },
        arcs: part.arcs as u64,
        needs: part.needs as u64,
        proof: proof(k),
    })
    .collect()
}
