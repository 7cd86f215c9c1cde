//! What is checked, and what is proved by it.
//!
//! In: nothing. Out: the evidence of a plan and the proofs of its levels, as data. Must
//! not know how either is made.

use crate::network::Program;

use super::multipliers::Multipliers;

/// One independent part of the ledger.
#[derive(Debug)]
pub struct Part {
    /// Its edges, ascending.
    pub edges: Vec<u32>,
    /// Its statement as an integer program, if it is more than a network.
    pub program: Option<Program>,
}

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Service on every arc.
    pub service: &'a [i64],
    /// Flow on every edge of the network.
    pub flows: &'a [i64],
    /// For each level a potential for every node; an empty list means all 0.
    pub potentials: &'a [Vec<i128>],
    /// For each level the nodes of a cut (fairness only; else empty).
    pub cuts: &'a [Vec<u32>],
    /// For each level the multipliers of programs' rows, where there are any.
    pub multipliers: &'a [Vec<Multipliers>],
}

/// What is proved about one level of one part. Costs: smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartProof {
    /// What the plan costs there; a fairness level costs its worst share, negated.
    pub cost: i128,
    /// No plan that is as good on the levels before costs less there.
    pub bound: Option<i128>,
}

/// What is proved about one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelProof {
    /// Value of the flow, in the level's own sense and scale; for fairness the worst
    /// group's share.
    pub value: i128,
    /// Bound on the value of any plan that is as good on the levels before, in every
    /// part; `None` if the evidence gives none.
    pub bound: Option<i128>,
    /// Whether value and bound meet in each part.
    pub exact: Vec<bool>,
    /// The same as costs; empty for a fairness level that is proved in the network.
    pub parts: Vec<PartProof>,
}

impl LevelProof {
    /// Whether the level is proved optimal as a whole.
    pub fn is_exact(&self) -> bool {
        self.exact.iter().all(|&part| part)
    }
}
