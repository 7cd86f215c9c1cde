//! What validation leaves behind: a ledger in canonical order with every reference
//! resolved to a position.
//!
//! In: a checked ledger. Out: [`ValidLedger`], the only door to the later stages,
//! which therefore carry no checks. Must not know arcs or solvers. Positions are
//! `u32` into the canonical lists (sorted by id; periods by date; goals as given).

use std::sync::OnceLock;

use crate::error::Issue;
use crate::ledger::Ledger;

/// "No such record" in a position field.
pub const NONE: u32 = u32::MAX;

/// A node of a tree: subtree of `a` = the nodes `b` with `a.enter <= b.enter < a.leave`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeNode {
    /// Position of the parent, [`NONE`] for a root.
    pub parent: u32,
    /// Preorder number.
    pub enter: u32,
    /// One past the largest preorder number of the subtree.
    pub leave: u32,
}

impl TreeNode {
    /// Whether `other` is this node or below it.
    pub fn covers(&self, other: &TreeNode) -> bool {
        self.enter <= other.enter && other.enter < self.leave
    }

    /// Whether one of the two is the other or its ancestor.
    pub fn comparable(&self, other: &TreeNode) -> bool {
        self.covers(other) || other.covers(self)
    }
}

/// Resolved references of an offer; same position as in `ledger.offers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// Position of the unit.
    pub unit: u32,
    /// Position of the category.
    pub category: u32,
    /// Position of the measure.
    pub measure: u32,
    /// Position of the area.
    pub area: u32,
    /// Position of the first period.
    pub from: u32,
    /// Position of the last period.
    pub to: u32,
    /// Rank of the offer's level in `escalate` (0..3).
    pub rank: i64,
    /// Positions in `audiences`, ascending; empty = any.
    pub audiences: Box<[u32]>,
    /// Positions in `shifts`, ascending; empty = any.
    pub shifts: Box<[u32]>,
}

/// Resolved references of a need; same position as in `ledger.needs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedRow {
    /// Position of the place.
    pub place: u32,
    /// Position of the asking unit, or [`NONE`].
    pub owner: u32,
    /// Position of the category.
    pub category: u32,
    /// Position of the measure.
    pub measure: u32,
    /// Position of the first period.
    pub from: u32,
    /// Position of the last period.
    pub to: u32,
    /// Position in `audiences`.
    pub audience: u32,
    /// Position in `shifts`, or [`NONE`].
    pub shift: u32,
    /// Position of the bundle, or [`NONE`].
    pub bundle: u32,
}

/// Resolved key of a pair row; same position as in `ledger.pairs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairRow {
    /// Positions of offer and need.
    Arc(u32, u32),
    /// Positions of unit and place.
    Between(u32, u32),
}

/// Resolved references of an agreement; same position as in `ledger.agreements`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgreementRow {
    /// Position of the unit.
    pub unit: u32,
    /// Position of the place.
    pub place: u32,
    /// Position of the category, or [`NONE`].
    pub category: u32,
    /// Position of the first period.
    pub from: u32,
    /// Position of the last period.
    pub to: u32,
}

/// A ledger that broke no rule, in canonical order, with its references resolved.
///
/// Made by [`validate`](crate::validate::validate) and nothing else.
#[derive(Clone, Debug)]
pub struct ValidLedger {
    pub(super) ledger: Ledger,
    pub(super) notices: Vec<Issue>,
    pub(super) places: Vec<TreeNode>,
    pub(super) categories: Vec<TreeNode>,
    pub(super) unit_home: Vec<u32>,
    pub(super) offers: Vec<OfferRow>,
    pub(super) needs: Vec<NeedRow>,
    pub(super) pairs: Vec<PairRow>,
    pub(super) agreements: Vec<AgreementRow>,
    pub(super) claims: Vec<(u32, u32)>,
    pub(super) projects: Vec<(u32, u32)>,
    pub(super) audiences: Vec<String>,
    pub(super) shifts: Vec<String>,
    pub(super) baseline: Option<Vec<((u32, u32), i64)>>,
    /// The fingerprint, once somebody asked for it.
    pub(super) digest: OnceLock<String>,
}

impl ValidLedger {
    /// The records: lists sorted by id (periods by start day, goals as given,
    /// `pairs` by their keys), absent lists and contextual defaults filled in, so
    /// that the same content gives the same value whatever order it came in.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Remarks that are not violations (a project outside its need's window, a
    /// ledger without units), with paths in the caller's order.
    pub fn notices(&self) -> &[Issue] {
        &self.notices
    }

    /// Place tree, by position in `ledger().places`.
    pub fn places(&self) -> &[TreeNode] {
        &self.places
    }

    /// Category tree, by position in `ledger().categories`.
    pub fn categories(&self) -> &[TreeNode] {
        &self.categories
    }

    /// Position of each unit's home place, by position in `ledger().units`.
    pub fn unit_home(&self) -> &[u32] {
        &self.unit_home
    }

    /// Resolved offers, by position in `ledger().offers`.
    pub fn offers(&self) -> &[OfferRow] {
        &self.offers
    }

    /// Resolved needs, by position in `ledger().needs`.
    pub fn needs(&self) -> &[NeedRow] {
        &self.needs
    }

    /// Resolved pair keys, by position in `ledger().pairs`.
    pub fn pairs(&self) -> &[PairRow] {
        &self.pairs
    }

    /// Resolved agreements, by position in `ledger().agreements`.
    pub fn agreements(&self) -> &[AgreementRow] {
        &self.agreements
    }

    /// (offer, need) of each claim, by position in `ledger().claims`.
    pub fn claims(&self) -> &[(u32, u32)] {
        &self.claims
    }

    /// (offer, need) of each project, by position in `ledger().projects`.
    pub fn projects(&self) -> &[(u32, u32)] {
        &self.projects
    }

    /// Words used as audiences, ascending.
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Words used as shifts, ascending.
    pub fn shifts(&self) -> &[String] {
        &self.shifts
    }

    /// The same ledger with what an earlier plan assigned, as (offer id, need id,
    /// quantity), as the baseline of the goal `keep` instead of its projects. Lines with
    /// an offer or a need that the ledger does not have drop out; so do, in the network,
    /// those without an arc. Part of the policy digest. O(n log n).
    #[must_use]
    pub fn with_baseline<'a>(
        mut self,
        lines: impl IntoIterator<Item = (&'a str, &'a str, i64)>,
    ) -> Self {
        let found = lines.into_iter().filter_map(|(offer, need, quantity)| {
            let o = self.ledger.offers.binary_search_by(|r| r.id.as_str().cmp(offer)).ok()?;
            let n = self.ledger.needs.binary_search_by(|r| r.id.as_str().cmp(need)).ok()?;
            // What no need can take is not kept either; it also bounds the sums.
            let quantity = quantity.min(self.ledger.needs[n].quantity);
            (quantity > 0).then_some(((o as u32, n as u32), quantity))
        });
        let mut found: Vec<((u32, u32), i64)> = found.collect();
        found.sort_unstable();
        // Two lines of one pair: the larger counts (a good plan has one).
        found.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = next.1;
            }
            same
        });
        self.baseline = Some(found);
        self
    }

    /// Baseline of the goal `keep` given by a plan, as ((offer, need), quantity) ascending;
    /// none when it is the ledger's own projects.
    pub fn baseline(&self) -> Option<&[((u32, u32), i64)]> {
        self.baseline.as_deref()
    }

    /// Metres from the home of unit `unit` to place `place`: |dx| + |dy|.
    pub fn distance(&self, unit: u32, place: u32) -> i64 {
        let places = &self.ledger.places;
        let home = &places[self.unit_home[unit as usize] as usize];
        let there = &places[place as usize];
        // Exact on checked coordinates; saturating because validation itself asks
        // before it knows that they are in range.
        let dx = home.x_m.saturating_sub(there.x_m).saturating_abs();
        let dy = home.y_m.saturating_sub(there.y_m).saturating_abs();
        dx.saturating_add(dy)
    }

    /// Ancestor-or-self of `place` at `level`, if there is one.
    pub fn ancestor_at(&self, place: u32, level: crate::ledger::PlaceLevel) -> Option<u32> {
        let mut at = place;
        while at != NONE {
            if self.ledger.places[at as usize].level == level {
                return Some(at);
            }
            at = self.places[at as usize].parent;
        }
        None
    }
}
