//! What keeps a short need from being served more, where integer rules do.
//!
//! In: a plan's service and a need that is short. Out: reasons, each found by adding to
//! the plan and reading which rule of the ledger breaks. Must not know who asks: what
//! finds a reason here proves it again by the same addition. At most [`TRIED`] offers are
//! tried and named, so that a need with thousands of them costs no more.

use crate::ledger::Counts;
use crate::validate::{NONE, PairRow};

use super::feasibility::{Violation, feasible, row_total};
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
    for &(arc, most) in open.iter().take(TRIED) {
        let by = lot(plan, arc).min(most);
        if let Err(broken) = effect(plan, &[(arc, by)]) {
            add(plan, need, &[(arc, by)], &broken, &mut reasons);
        }
    }
    reasons
}

/// The least that may be added to an arc by the lots of its pair rows, at least 1.
fn lot(plan: &Situation<'_>, arc: u32) -> i64 {
    let ledger = plan.valid.ledger();
    if ledger.pairs.iter().all(|pair| pair.min_lot.is_none()) {
        return 1;
    }
    let arcs = &plan.network.arcs;
    let ends = |arc: u32| (arcs.offer[arc as usize], arcs.need[arc as usize]);
    let rows = ledger.pairs.iter().zip(plan.valid.pairs());
    let missing = rows.filter_map(|(pair, row)| {
        let least = pair.min_lot.filter(|&least| least > 1)?;
        let inside = |arc: u32| match (*row, ends(arc)) {
            (PairRow::Arc(o, n), at) => (o, n) == at,
            (PairRow::Between(unit, place), (o, n)) => {
                let (here, row) = (plan.valid.needs()[n as usize].place, place as usize);
                plan.valid.offers()[o as usize].unit == unit
                    && plan.valid.places()[row].covers(&plan.valid.places()[here as usize])
            }
        };
        let served = || -> i64 {
            let each = (0..arcs.len() as u32).filter(|&other| inside(other));
            each.map(|other| plan.service[other as usize]).sum()
        };
        inside(arc).then(|| least - served())
    });
    missing.max().unwrap_or(1).max(1)
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
        let by = (least - plan.covered[need as usize]).max(lot(plan, arc));
        let by = by.clamp(1, arcs.upper[arc as usize].max(1));
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
    // What the rule leaves, where that is more than nothing: it was too little, not used up.
    let mut left = None;
    let (code, limit) = match row {
        Some(row) => {
            let total = row_total(plan.valid, plan.network, plan.service, row);
            let upper = row.upper.filter(|_| row.counts != Counts::SharePpm);
            let rest = upper.and_then(|upper| i64::try_from(i128::from(upper) - total).ok());
            left = rest.filter(|&rest| rest > 0);
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
        None if broken.row.starts_with("lot ") => {
            (ReasonCode::BelowMinimum, Some(broken.row["lot ".len()..].to_owned()))
        }
        None => (ReasonCode::Limit, Some(broken.row.clone())),
    };
    let offers = changes.iter().map(|&(arc, _)| {
        let offer = plan.network.arcs.offer[arc as usize] as usize;
        plan.valid.ledger().offers[offer].id.clone()
    });
    // Lots and useful minima share a code, and what is used up stands apart from what is not.
    let same = |reason: &&mut Reason| {
        reason.code == code
            && reason.available.is_some() == left.is_some()
            && reason.limits.is_empty() == limit.is_none()
    };
    let reason = match reasons.iter_mut().find(same) {
        Some(reason) => reason,
        None => {
            reasons.push(Reason::new(code));
            let last = reasons.len() - 1;
            &mut reasons[last]
        }
    };
    reason.available = reason.available.max(left);
    reason.offers.extend(offers);
    reason.offers.sort();
    reason.offers.dedup();
    reason.limits.extend(limit);
    reason.limits.sort();
    reason.limits.dedup();
}
