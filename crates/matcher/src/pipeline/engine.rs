//! The library's front: one value with options, and a method for each thing one asks.
//!
//! In: ledgers and plans. Out: plans, verdicts, classifications. Must not hold anything
//! between calls; warm what-ifs are the session's.

use std::sync::Arc;

use crate::certify::Violation;
use crate::control::{Control, Options};
use crate::decompose::components;
use crate::error::{Error, IntegerFeature};
use crate::ledger::Ledger;
use crate::milp::{MilpBackend, default_backend};
use crate::network::build;
use crate::plan::{ComponentRecord, Plan, ProofName};
use crate::scenario::apply;
use crate::validate::{ValidLedger, validate};

use super::{Verdict, component_records, match_ledger, verify};

/// Matches, verifies and classifies ledgers under fixed options. `Send + Sync`.
#[derive(Clone, Debug)]
pub struct Engine {
    options: Options,
    backend: Option<Arc<dyn MilpBackend>>,
}

/// What a ledger is made of, as the solver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// Admissible (offer, need) pairs.
    pub arcs: u64,
    /// Needs without any.
    pub needs_without_offers: u64,
    /// Independent parts; the proof field means nothing here.
    pub components: Vec<ComponentRecord>,
    /// What keeps components from being networks, by record.
    pub features: Vec<IntegerFeature>,
    /// The same for each component: positions in `features`.
    pub features_of: Vec<Vec<usize>>,
}

impl Default for Engine {
    fn default() -> Self {
        Engine::new(Options::default())
    }
}

impl Engine {
    /// An engine with the given options and the back end that is compiled in, if any.
    pub fn new(options: Options) -> Self {
        Engine { options, backend: default_backend() }
    }

    /// The same with another back end for parts that need integers, or with none.
    #[must_use]
    pub fn with_backend(mut self, backend: Option<Arc<dyn MilpBackend>>) -> Self {
        self.backend = backend;
        self
    }

    /// Validates a ledger and makes its plan.
    ///
    /// # Errors
    /// Every violation of the ledger at once; else as [`match_ledger`].
    ///
    /// # Examples
    /// See the crate's front page.
    pub fn match_ledger(&self, ledger: Ledger) -> Result<Plan, Error> {
        let valid = validate(ledger).map_err(Error::Invalid)?;
        self.match_valid(&valid, &Control::default())
    }

    /// Makes the plan of a valid ledger, with progress and cancellation.
    ///
    /// # Errors
    /// As [`match_ledger`].
    pub fn match_valid(&self, valid: &ValidLedger, control: &Control) -> Result<Plan, Error> {
        match_ledger(valid, &self.options, self.backend.as_deref(), control)
    }

    /// Takes a ledger through one of its scenarios.
    ///
    /// # Errors
    /// Every violation in the scenario's deltas.
    pub fn scenario(&self, ledger: &Ledger, id: &str) -> Result<Ledger, Error> {
        apply(ledger, id).map_err(Error::Invalid)
    }

    /// Checks a plan against a ledger, whoever made it; see [`verify`].
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(
        &self,
        valid: &ValidLedger,
        plan: &Plan,
    ) -> Result<Result<Verdict, Violation>, Error> {
        verify(valid, plan, self.options.max_arcs)
    }

    /// Splits a ledger into components and says what costs purity, without solving.
    ///
    /// # Errors
    /// `TOO_MANY_ITEMS` or `NUMERIC_OVERFLOW` from building the network.
    pub fn classify(&self, valid: &ValidLedger) -> Result<Classification, Error> {
        let network = build(valid, self.options.max_arcs)?;
        let parts = components(&network);
        let needs = 0..network.need_count() as u32;
        Ok(Classification {
            arcs: network.arcs.len() as u64,
            needs_without_offers: needs.filter(|&n| network.arcs.of_need(n).is_empty()).count()
                as u64,
            components: component_records(&parts, |_| ProofName::Feasible),
            features: network.features.iter().map(|f| f.feature.clone()).collect(),
            features_of: parts
                .iter()
                .map(|part| part.features.iter().map(|&k| k as usize).collect())
                .collect(),
        })
    }
}
