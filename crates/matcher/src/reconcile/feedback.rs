//! Evaluations move proficiency.
//!
//! In: evaluations of what was delivered. Out: the proficiency of offers, and the weight
//! behind it in a tag. Must not know quantities. Integers only, in a fixed order, because
//! rounding makes the order matter.

use std::collections::BTreeMap;

use super::Time;
use crate::ledger::{ClaimState, Evaluation, Evaluator, Ledger, Project, ProjectState};

/// Weight of a self-declared strength.
const START: i64 = 4;
/// Weight beyond which the past does not grow.
const MOST: i64 = 20;
/// Tag that carries the weight from cycle to cycle.
const TAG: &str = "evaluated:";

fn weight(by: Evaluator) -> i64 {
    match by {
        Evaluator::Resident => 1,
        Evaluator::Supervisor => 2,
        Evaluator::Jury => 3,
    }
}

/// `round((n p + w s) / (n + w))` with halves up, and `min(n + w, 20)`.
pub(super) fn step(p: i64, n: i64, w: i64, s: i64) -> (i64, i64) {
    let whole = n + w;
    ((2 * (n * p + w * s) + whole) / (2 * whole), whole.min(MOST))
}

/// Weight in the tag of an offer; one that is not between 4 and 20 says nothing.
fn carried(tags: &[String]) -> i64 {
    let found = tags.iter().find_map(|tag| tag.strip_prefix(TAG)?.parse().ok());
    found.filter(|n| (START..=MOST).contains(n)).unwrap_or(START)
}

/// Applies the evaluations of `done` to the offers of `next`.
pub(super) fn apply(ledger: &Ledger, next: &mut Ledger, done: &[&Project], time: &Time) {
    let of: BTreeMap<&str, &Project> = done.iter().map(|p| (p.id.as_str(), *p)).collect();
    let mut scores: Vec<(usize, &Evaluation, &Project)> = ledger
        .evaluations
        .iter()
        .filter_map(|e| {
            let project = of.get(e.project.as_str())?;
            let period = e.period.as_deref().or(project.period.as_deref());
            Some((time.rank(period), e, *project))
        })
        .collect();
    scores.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    let asked = asked_by_running(next);
    let mut by_offer: BTreeMap<&str, Vec<&Evaluation>> = BTreeMap::new();
    for (_, evaluation, project) in scores {
        by_offer.entry(&project.offer).or_default().push(evaluation);
    }
    for offer in &mut next.offers {
        let Some(scores) = by_offer.get(offer.id.as_str()) else { continue };
        let start = (offer.proficiency, carried(&offer.tags));
        let (p, n) = scores.iter().fold(start, |(p, n), e| step(p, n, weight(e.by), e.score));
        // A lock that the old proficiency allowed is not broken by the new one.
        let least = asked.get(&offer.id).copied().unwrap_or(0).min(offer.proficiency);
        offer.proficiency = p.max(least);
        offer.tags.retain(|tag| !tag.starts_with(TAG));
        offer.tags.push(format!("{TAG}{n}"));
        offer.tags.sort();
    }
}

/// The most proficiency that needs under running commitments ask, by offer.
fn asked_by_running(next: &Ledger) -> BTreeMap<String, i64> {
    let least: BTreeMap<&str, i64> =
        next.needs.iter().map(|n| (n.id.as_str(), n.min_proficiency)).collect();
    let projects = next.projects.iter().filter(|p| p.state == ProjectState::InProgress);
    let claims = next.claims.iter().filter(|c| c.state == ClaimState::Accepted);
    let pairs = next.pairs.iter().filter(|p| p.locked.is_some());
    let arcs = projects
        .map(|p| (p.offer.as_str(), p.need.as_str()))
        .chain(claims.map(|c| (c.offer.as_str(), c.need.as_str())))
        .chain(pairs.filter_map(|p| Some((p.offer.as_deref()?, p.need.as_deref()?))));
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for (offer, need) in arcs {
        let most = found.entry(offer.to_owned()).or_default();
        *most = (*most).max(least.get(need).copied().unwrap_or(0));
    }
    found
}
