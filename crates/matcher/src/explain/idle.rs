//! Why something is left of an offer.
//!
//! In: a plan and an offer that is not used up. Out: one reason. Must not know needs'
//! reasons; this is their mirror.

use crate::certify::{Reason, ReasonCode, Situation, blocked_offer, idle_funnel};
use crate::network::{InnerOf, Network, ROOT};

use super::exchange;

/// Explains an idle offer. O(its arcs), or O(needs) when it has none.
pub fn idle_reason(plan: &Situation<'_>, offer: u32) -> Option<Reason> {
    let arcs = &plan.network.arcs;
    if arcs.range(offer).is_empty() {
        let mut reason = Reason::new(ReasonCode::NoNeed);
        reason.funnel = idle_funnel(plan.valid, plan.network, offer);
        return Some(reason);
    }
    let open = arcs.range(offer).map(|a| a as u32).filter(|&a| {
        let need = arcs.need[a as usize] as usize;
        plan.covered[need] < plan.valid.ledger().needs[need].quantity
            && plan.service[a as usize] < arcs.upper[a as usize]
    });
    let mut limits: Vec<String> = Vec::new();
    let mut any = false;
    // Whether some service is bound by no limit (and yet was not given: a search cut off).
    let mut loose = false;
    let integer = plan.is_integer_offer(offer);
    let mut tries = if integer { super::TRIED } else { usize::MAX };
    for arc in open {
        any = true;
        let (tail, head) = plan.network.arc_ends(arc);
        let mut own: Vec<String> = Vec::new();
        full_on_the_way(plan, tail, &mut own);
        full_on_the_way(plan, head, &mut own);
        loose |= own.is_empty();
        limits.extend(own);
        if tries == 0 {
            break;
        }
        tries -= 1;
        if let Some(exchange) = exchange(plan, &[(arc, 1)]) {
            let mut reason = Reason::new(ReasonCode::Outranked);
            reason.exchanges.push(exchange);
            return Some(reason);
        }
    }
    if !any {
        return Some(Reason::new(ReasonCode::NeedsMet));
    }
    if plan.is_too_little(offer) {
        return Some(Reason::new(ReasonCode::Capacity));
    }
    if integer && let Some(reason) = blocked_offer(plan, offer).into_iter().next() {
        return Some(reason);
    }
    limits.sort();
    limits.dedup();
    if limits.is_empty() || integer || loose {
        return plan.is_open_offer(offer).then(|| Reason::new(ReasonCode::NotProved));
    }
    let mut reason = Reason::new(ReasonCode::Limit);
    reason.limits = limits;
    Some(reason)
}

/// Names of the full limits between a node and the root.
fn full_on_the_way(plan: &Situation<'_>, node: u32, limits: &mut Vec<String>) {
    let network = plan.network;
    let mut at = node;
    while at != ROOT {
        if at >= network.inner_node(0) {
            let inner = at - network.inner_node(0);
            let full = network.inner_edges(inner).all(|e| plan.flows[e] >= network.edge(e).upper);
            if full && matches!(network.inner_of[inner as usize], InnerOf::Row(_)) {
                limits.push(network.inner_name(inner));
            }
            at = network.above_inner(inner);
        } else {
            at = over(network, at);
        }
    }
}

/// The node between an offer or need and the root.
fn over(network: &Network, node: u32) -> u32 {
    let first_need = network.need_node(0);
    if node < first_need {
        return network.edge(network.offer_edge(node - 1)).tail;
    }
    network.need_edges(node - first_need).next().map_or(ROOT, |e| network.edge(e).head)
}
