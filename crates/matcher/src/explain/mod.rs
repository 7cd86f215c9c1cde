//! Why each short need is short, and why each idle offer is idle.
//!
//! In: a plan as a [`Situation`]. Out: reasons with evidence that `certify` re-proves.
//! Must not know the solver: reasons are read off the network and the flow, so they can
//! be found for a plan made by anyone. Codes and their order are docs/model.md, section 8.

mod closure;
mod idle;
mod survey;

use std::collections::HashMap;

use crate::certify::{Change, Exchange, Reason, ReasonCode, Situation, blocked, next_level};
use crate::network::{EdgeKind, Funnel, InnerOf, ROOT, funnel};

use closure::{Closures, Found};

pub use idle::idle_reason;
pub use survey::{Remark, Survey, survey};

/// How many exchanges and higher offers one reason lists at most.
const LISTED: usize = 3;

/// How many moves are tried for one need of a part that needs integers.
const TRIED: usize = 8;

/// Explains every short need; `reasons[n]` is empty for a need that is met. `None` if
/// `stop` said so before the last was explained.
///
/// Complexity: O(edges) for the closed sets (a budget bounds them), plus O(degree of
/// the need's offers) for each short need.
pub fn explain_needs(plan: &Situation<'_>, stop: &dyn Fn() -> bool) -> Option<Vec<Vec<Reason>>> {
    let needs = &plan.valid.ledger().needs;
    let mut closures = Closures::new(plan);
    let mut funnels: HashMap<FunnelKey, Reason> = HashMap::new();
    let mut above: HashMap<(u32, u32, u32, i64), Option<Reason>> = HashMap::new();
    (0..needs.len() as u32)
        .map(|need| {
            let short = needs[need as usize].quantity > plan.covered[need as usize];
            if !short {
                return Some(Vec::new());
            }
            if stop() {
                return None;
            }
            let mut reasons = if plan.network.arcs.of_need(need).is_empty() {
                vec![
                    funnels
                        .entry(funnel_key(plan, need))
                        .or_insert_with(|| dead_end(plan, need))
                        .clone(),
                ]
            } else {
                with_arcs(plan, need, &mut closures)
            };
            let row = &plan.valid.needs()[need as usize];
            let key = (row.measure, row.category, row.owner, highest_rank(plan, need));
            let next = above.entry(key).or_insert_with(|| beyond_level(plan, need));
            reasons.extend(next.clone());
            Some(reasons)
        })
        .collect()
}

/// Everything a funnel depends on: need's own number (when something speaks of single
/// needs), measure, category, place, window, audience, shift, least proficiency.
type FunnelKey = (u32, [u32; 7], i64);

/// Needs with the same key pass the same tests with the same offers.
fn funnel_key(plan: &Situation<'_>, need: u32) -> FunnelKey {
    let row = &plan.valid.needs()[need as usize];
    // Pair rows speak of single needs, and a unit does not serve its own.
    let shared = plan.valid.pairs().is_empty() && row.owner == crate::validate::NONE;
    let own = if shared { 0 } else { need + 1 };
    let columns = [row.measure, row.category, row.place, row.from, row.to, row.audience, row.shift];
    (own, columns, plan.valid.ledger().needs[need as usize].min_proficiency)
}

fn highest_rank(plan: &Situation<'_>, need: u32) -> i64 {
    let arcs = &plan.network.arcs;
    let ranks = arcs
        .of_need(need)
        .iter()
        .map(|&a| plan.valid.offers()[arcs.offer[a as usize] as usize].rank);
    ranks.max().unwrap_or(-1)
}

fn dead_end(plan: &Situation<'_>, need: u32) -> Reason {
    let counts: Funnel = funnel(plan.valid, &plan.network.arcs, need);
    let code = counts.dead_end().and_then(ReasonCode::from_funnel).unwrap_or(ReasonCode::NoMeasure);
    let mut reason = Reason::new(code);
    reason.funnel = counts.rejected.iter().map(|&(code, count)| (code.to_owned(), count)).collect();
    reason
}

fn beyond_level(plan: &Situation<'_>, need: u32) -> Option<Reason> {
    let (level, offers) = next_level(plan.valid, plan.network, need)?;
    let mut reason = Reason::new(ReasonCode::BeyondLevel);
    reason.level = Some(level.to_owned());
    let ids =
        offers.iter().take(LISTED).map(|&o| plan.valid.ledger().offers[o as usize].id.clone());
    reason.offers = ids.collect();
    Some(reason)
}

fn with_arcs(plan: &Situation<'_>, need: u32, closures: &mut Closures<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let full = full_limits(plan, need);
    if full.is_empty() {
        match closures.find(need) {
            Found::Set(reason) => reasons.push(reason),
            Found::Path(changes) => {
                if let Some(exchange) = exchange(plan, &changes) {
                    let mut reason = Reason::new(ReasonCode::Outranked);
                    reason.exchanges.push(exchange);
                    return vec![reason];
                }
            }
            Found::Nothing => {}
        }
    } else {
        let mut reason = Reason::new(ReasonCode::Limit);
        reason.limits = full;
        reasons.push(reason);
    }
    if plan.integer[need as usize] {
        reasons.extend(blocked(plan, need));
    }
    let exchanges = exchanges(plan, need);
    if !exchanges.is_empty() {
        let mut reason = Reason::new(ReasonCode::Outranked);
        reason.exchanges = exchanges;
        reasons.push(reason);
    }
    if reasons.is_empty() && plan.open[need as usize] {
        reasons.push(Reason::new(ReasonCode::NotProved));
    }
    reasons
}

/// Hard limits on the need's way to the root that are full.
fn full_limits(plan: &Situation<'_>, need: u32) -> Vec<String> {
    let network = plan.network;
    let mut full = Vec::new();
    let Some(mut at) = network.need_edges(need).next().map(|e| network.edge(e).head) else {
        return full;
    };
    while at != ROOT {
        let inner = at - network.inner_node(0);
        let open = network.inner_edges(inner).any(|e| plan.flows[e] < network.edge(e).upper);
        if !open && matches!(network.inner_of[inner as usize], InnerOf::Row(_)) {
            full.push(network.inner_name(inner));
        }
        at = network.above_inner(inner);
    }
    full
}

/// The move as evidence, unless a rule forbids it or (impossible in an optimal plan) it
/// would be an improvement.
fn exchange(plan: &Situation<'_>, changes: &[(u32, i64)]) -> Option<Exchange> {
    let deltas = plan.gains(changes)?;
    let first = deltas.iter().position(|&d| d != 0);
    if first.is_some_and(|l| deltas[l] > 0) {
        return None;
    }
    let (arcs, ledger) = (&plan.network.arcs, plan.valid.ledger());
    let changes = changes.iter().map(|&(arc, by)| Change {
        offer: ledger.offers[arcs.offer[arc as usize] as usize].id.clone(),
        need: ledger.needs[arcs.need[arc as usize] as usize].id.clone(),
        by,
    });
    Some(Exchange {
        changes: changes.collect(),
        level: first.map(|l| plan.network.levels[l].label.clone()),
    })
}

/// Moves of one unit from another need served by one of the need's offers, and from
/// offers with something left.
fn exchanges(plan: &Situation<'_>, need: u32) -> Vec<Exchange> {
    let arcs = &plan.network.arcs;
    let mut found: Vec<Exchange> = Vec::new();
    let mut seen: Vec<u32> = Vec::new();
    // In parts that need integers a move is judged by adding everything up.
    let mut tries = if plan.integer[need as usize] { TRIED } else { usize::MAX };
    for &arc in arcs.of_need(need) {
        if plan.service[arc as usize] >= arcs.upper[arc as usize] {
            continue;
        }
        for other in arcs.range(arcs.offer[arc as usize]) {
            let holder = arcs.need[other];
            let other = other as u32;
            if holder == need
                || plan.service[other as usize] <= arcs.lock_of(other)
                || seen.contains(&holder)
            {
                continue;
            }
            if tries == 0 {
                return found;
            }
            tries -= 1;
            let mut changes = [(other, -1), (arc, 1)];
            changes.sort_unstable();
            if let Some(exchange) = exchange(plan, &changes) {
                seen.push(holder);
                found.push(exchange);
                if found.len() == LISTED {
                    return found;
                }
            }
        }
    }
    found
}

/// Whether an edge stands for coverage of a need.
fn is_coverage(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Need { .. })
}
