//! What keeps a short need from being served more, where integer rules do.
//!
//! In: a plan's service and a need that is short. Out: reasons, each found by adding to
//! the plan and reading which rule of the ledger breaks. Must not know who asks: what
//! finds a reason here proves it again by the same addition. At most [`TRIED`] offers are
//! tried and named, so that a need with thousands of them costs no more.

use crate::ledger::Counts;
use crate::validate::NONE;

use super::feasibility::{Violation, feasible};
use super::reason::{Reason, ReasonCode};
use super::recheck::Situation;
use super::values::level_values;

/// Offers tried for one need.
const TRIED: usize = 6;

/// How the levels change when service is added or moved, exactly: for each level the
/// gain (positive: better), or for fairness its sign. Only the rules of the ledger are
/// asked, so it holds for parts that need integers.
///
/// # Errors
/// The rule that forbids the change.
///
/// Complexity: O(levels * arcs).
pub fn effect(plan: &Situation<'_>, changes: &[(u32, i64)]) -> Result<Vec<i128>, Violation> {
    let mut service = plan.service.to_vec();
    for &(arc, by) in changes {
        service[arc as usize] += by;
    }
    feasible(plan.valid, plan.network, &service)?;
    let before = level_values(plan.valid, plan.network, plan.service);
    let after = level_values(plan.valid, plan.network, &service);
    let levels = plan.network.levels.iter().zip(before.iter().zip(&after));
    Ok(levels
        .map(|(level, (before, after))| {
            let gain = after.value - before.value;
            let sign = match level.sense {
                crate::network::Sense::Maximize => gain,
                crate::network::Sense::Minimize => -gain,
            };
            match (&before.vector, &after.vector, &level.kind) {
                (Some(was), Some(is), crate::network::LevelKind::Fair(fair)) => {
                    let length = match fair.form {
                        crate::ledger::FairForm::Maximin => 1,
                        crate::ledger::FairForm::Leximin => was.len(),
                    };
                    let pairs = is.iter().zip(was).take(length);
                    let order = pairs.map(|(is, was)| is.cmp_value(was)).find(|o| o.is_ne());
                    order.map_or(0, |o| if o.is_gt() { 1 } else { -1 })
                }
                _ => sign,
            }
        })
        .collect())
}

/// Reasons why `need` is not served more; empty where nothing of the kind is found.
pub fn blocked(plan: &Situation<'_>, need: u32) -> Vec<Reason> {
    let record = &plan.valid.ledger().needs[need as usize];
    let open = open_arcs(plan, need);
    let missing = record.min_useful.max(1) - plan.covered[need as usize];
    let available: i64 = open.iter().map(|&(_, most)| most).fold(0, i64::saturating_add);
    if plan.covered[need as usize] == 0 && available < record.min_useful {
        let mut reason = Reason::new(ReasonCode::BelowMinimum);
        reason.asked = Some(record.min_useful);
        reason.available = Some(available);
        return vec![reason];
    }
    if let Some(reason) = sibling(plan, need) {
        return vec![reason];
    }
    let mut reasons: Vec<Reason> = Vec::new();
    if missing > 1 {
        let mut left = missing;
        let mut changes: Vec<(u32, i64)> = Vec::new();
        for &(arc, most) in &open {
            let take = most.min(left);
            left -= take;
            if take > 0 {
                changes.push((arc, take));
            }
        }
        if let Err(broken) = effect(plan, &changes) {
            add(plan, need, &changes, &broken, &mut reasons);
        }
        return reasons;
    }
    for &(arc, _) in open.iter().take(TRIED) {
        if let Err(broken) = effect(plan, &[(arc, 1)]) {
            add(plan, need, &[(arc, 1)], &broken, &mut reasons);
        }
    }
    reasons
}

/// The same for an offer with something left: what keeps it from serving more.
pub fn blocked_offer(plan: &Situation<'_>, offer: u32) -> Vec<Reason> {
    let arcs = &plan.network.arcs;
    let open = arcs.range(offer).map(|a| a as u32).filter(|&arc| {
        let need = arcs.need[arc as usize];
        open_arcs(plan, need).iter().any(|&(other, _)| other == arc)
    });
    let mut reasons: Vec<Reason> = Vec::new();
    for arc in open.take(TRIED) {
        let need = arcs.need[arc as usize];
        let least = plan.valid.ledger().needs[need as usize].min_useful.max(1);
        let by = (least - plan.covered[need as usize]).clamp(1, arcs.upper[arc as usize].max(1));
        if let Err(broken) = effect(plan, &[(arc, by)]) {
            add(plan, need, &[(arc, by)], &broken, &mut reasons);
        }
    }
    reasons
}

/// Arcs of a need that could carry more as far as arc, offer and need go, with how much.
fn open_arcs(plan: &Situation<'_>, need: u32) -> Vec<(u32, i64)> {
    let arcs = &plan.network.arcs;
    let offers = &plan.valid.ledger().offers;
    let short = plan.valid.ledger().needs[need as usize].quantity - plan.covered[need as usize];
    let more = |&arc: &u32| {
        let offer = arcs.offer[arc as usize] as usize;
        let left = offers[offer].quantity - plan.drawn[offer];
        let each = arcs.consumption_of(arc);
        let by_offer = if each == 0 { i64::MAX } else { left / each };
        let most = (arcs.upper[arc as usize] - plan.service[arc as usize]).min(by_offer);
        (most > 0).then_some((arc, most.min(short)))
    };
    arcs.of_need(need).iter().filter_map(more).collect()
}

/// A need of the same bundle whose least no offer can meet any more.
fn sibling(plan: &Situation<'_>, need: u32) -> Option<Reason> {
    let bundle = plan.valid.needs()[need as usize].bundle;
    if bundle == NONE || plan.covered[need as usize] > 0 {
        return None;
    }
    let needs = plan.valid.needs().iter().enumerate();
    let stuck: Vec<String> = needs
        .filter(|&(n, row)| row.bundle == bundle && n as u32 != need)
        .filter(|&(n, _)| {
            let least = plan.valid.ledger().needs[n].min_useful.max(1);
            let open = open_arcs(plan, n as u32);
            open.iter().map(|&(_, most)| most).fold(0, i64::saturating_add) < least
        })
        .map(|(n, _)| plan.valid.ledger().needs[n].id.clone())
        .collect();
    if stuck.is_empty() {
        return None;
    }
    let mut reason = Reason::new(ReasonCode::Bundle);
    reason.needs = stuck;
    Some(reason)
}

/// Files a broken rule under its code.
fn add(
    plan: &Situation<'_>,
    need: u32,
    changes: &[(u32, i64)],
    broken: &Violation,
    reasons: &mut Vec<Reason>,
) {
    let own = format!("need {}", plan.valid.ledger().needs[need as usize].id);
    let row = plan.network.rows.iter().find(|row| {
        format!("{} {}", row.source.list.trim_end_matches('s'), row.source.label()) == broken.row
    });
    let (code, limit) = match row {
        Some(row) => {
            let code = match row.counts {
                Counts::Pairs => ReasonCode::PartnerCap,
                Counts::Yuan => ReasonCode::Budget,
                _ => ReasonCode::Limit,
            };
            (code, Some(row.source.label()))
        }
        None if broken.row == own => {
            let by: i64 = changes.iter().map(|&(_, by)| by).sum();
            let least = plan.valid.ledger().needs[need as usize].min_useful;
            let too_little = plan.covered[need as usize] + by < least;
            (if too_little { ReasonCode::BelowMinimum } else { ReasonCode::MaxProviders }, None)
        }
        None if broken.row.starts_with("bundle ") => (ReasonCode::Bundle, None),
        None => (ReasonCode::Limit, Some(broken.row.clone())),
    };
    let offers = changes.iter().map(|&(arc, _)| {
        let offer = plan.network.arcs.offer[arc as usize] as usize;
        plan.valid.ledger().offers[offer].id.clone()
    });
    let reason = match reasons.iter_mut().find(|reason| reason.code == code) {
        Some(reason) => reason,
        None => {
            reasons.push(Reason::new(code));
            let last = reasons.len() - 1;
            &mut reasons[last]
        }
    };
    reason.offers.extend(offers);
    reason.offers.sort();
    reason.offers.dedup();
    reason.limits.extend(limit);
    reason.limits.sort();
    reason.limits.dedup();
}
