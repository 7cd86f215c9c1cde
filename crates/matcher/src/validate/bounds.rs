//! How large a ledger may be.
//!
//! In: a ledger. Out: one issue for each list that is too long, before any work is
//! done on it. Must not look into records.

use super::report::Report;
use crate::error::{Code, Issue};
use crate::ledger::Ledger;

/// Largest number of records per list. `Default` is what the library takes; a service
/// lowers it to what it can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Measures, periods, places, categories, bundles, limits: each.
    pub max_reference: usize,
    /// Units.
    pub max_units: usize,
    /// Offers.
    pub max_offers: usize,
    /// Needs.
    pub max_needs: usize,
    /// Pair rows.
    pub max_pairs: usize,
    /// Agreements, claims, projects, evaluations: each.
    pub max_workflow: usize,
    /// Scenarios.
    pub max_scenarios: usize,
    /// Deltas in one scenario.
    pub max_deltas: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            max_reference: 1_000_000,
            max_units: 5_000_000,
            max_offers: 5_000_000,
            max_needs: 5_000_000,
            max_pairs: 200_000_000,
            max_workflow: 20_000_000,
            max_scenarios: 10_000,
            max_deltas: 100_000,
        }
    }
}

/// Reports every list beyond its bound; whether there was none.
pub(super) fn within(ledger: &Ledger, bounds: &Bounds, report: &mut Report) -> bool {
    let lists = [
        ("measures", ledger.measures.len(), bounds.max_reference),
        ("periods", ledger.periods.len(), bounds.max_reference),
        ("places", ledger.places.len(), bounds.max_reference),
        ("categories", ledger.categories.len(), bounds.max_reference),
        ("units", ledger.units.len(), bounds.max_units),
        ("offers", ledger.offers.len(), bounds.max_offers),
        ("needs", ledger.needs.len(), bounds.max_needs),
        ("bundles", ledger.bundles.len(), bounds.max_reference),
        ("pairs", ledger.pairs.len(), bounds.max_pairs),
        ("limits", ledger.limits.len(), bounds.max_reference),
        ("agreements", ledger.agreements.len(), bounds.max_workflow),
        ("claims", ledger.claims.len(), bounds.max_workflow),
        ("projects", ledger.projects.len(), bounds.max_workflow),
        ("evaluations", ledger.evaluations.len(), bounds.max_workflow),
        ("scenarios", ledger.scenarios.len(), bounds.max_scenarios),
    ];
    let mut fits = true;
    let mut check = |path: String, len: usize, most: usize| {
        // Positions are u32 with one value kept free, whatever the caller allows.
        let most = most.min(u32::MAX as usize - 1);
        if len > most {
            fits = false;
            let message = format!("{len} records; at most {most} are allowed here");
            let issue = Issue::new(Code::TooManyItems, path, message);
            report.add(issue.with_excess(most as u64, len as u64));
        }
    };
    for (list, len, most) in lists {
        check(list.to_owned(), len, most);
    }
    for (k, scenario) in ledger.scenarios.iter().enumerate() {
        let len = scenario.deltas.len();
        check(format!("scenarios[{k}].deltas"), len, bounds.max_deltas);
    }
    fits
}
