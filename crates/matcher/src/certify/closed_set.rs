//! Closed sets of needs, added up as cuts.
//!
//! In: the sets that a capacity or limit reason names. Out: what is wrong with them, or
//! the most that any plan can bring into them. Must not know how a set was found.

use crate::network::{ROOT, Side};

use super::reason::{Reason, ReasonCode};
use super::recheck::Situation;
use super::said::said;

/// A set of needs, offers and limits through which no plan can give what is asked.
pub(super) fn closed_set<'r>(
    plan: &Situation<'_>,
    id: &str,
    reason: &'r Reason,
    written_at: &dyn Fn(&str, ReasonCode) -> Option<&'r Reason>,
) -> Result<(), String> {
    let full = match &reason.same_as {
        None => reason,
        Some(other) => written_at(other, reason.code)
            .filter(|r| r.same_as.is_none())
            .ok_or_else(|| format!("points at {other}, where no such set is written"))?,
    };
    if !full.needs.iter().any(|n| n == id) {
        return Err("the set does not contain the need".to_owned());
    }
    if reason.same_as.is_some() {
        // Added up where it is written.
        return Ok(());
    }
    if (reason.code == ReasonCode::Limit) == full.limits.is_empty() {
        return Err("limits and code do not agree".to_owned());
    }
    let mut set: Vec<u32> = Vec::new();
    let mut asked = 0i128;
    for need in &full.needs {
        let need = plan.need(need)?;
        asked += i128::from(plan.valid.ledger().needs[need as usize].quantity);
        set.push(plan.network.need_node(need));
    }
    for offer in &full.offers {
        set.push(plan.network.offer_node(plan.offer(offer)?));
    }
    for label in &full.limits {
        let inner = plan.inner(label)?;
        // Behind the needs what passes is coverage itself; a bound on it is no supply, and
        // in the set it would hide the coverage that is being bounded.
        if plan.network.forests.inner[inner as usize].side == Side::Demand {
            return Err(format!("limit {label} does not stand between the offers and the needs"));
        }
        set.push(plan.network.inner_node(inner));
    }
    let given = set.len();
    set.sort_unstable();
    set.dedup();
    if set.len() != given {
        return Err("the set names something twice".to_owned());
    }
    let available = cut_capacity(plan, &set);
    if full.asked.map(i128::from) != Some(asked) {
        return Err(format!("the needs ask for {asked}, not {}", said(full.asked)));
    }
    if full.available.map(i128::from) != Some(available) {
        return Err(format!("at most {available} can reach them, not {}", said(full.available)));
    }
    if available >= asked {
        return Err(format!("{available} could reach them, which is enough for {asked}"));
    }
    Ok(())
}

/// Most that any plan can give the needs of a node set (ascending).
pub(crate) fn cut_capacity(plan: &Situation<'_>, set: &[u32]) -> i128 {
    let network = plan.network;
    let inside = |node: u32| node != ROOT && set.binary_search(&node).is_ok();
    let mut edges: Vec<usize> = Vec::new();
    let mut at_node: Vec<usize> = Vec::new();
    for &node in set {
        plan.incidence.edges(node, &mut at_node);
        edges.extend(at_node.iter().filter(|&&e| {
            let edge = network.edge(e);
            inside(edge.tail) != inside(edge.head)
        }));
    }
    edges.sort_unstable();
    edges.dedup();
    let needs = network.need_node(0)..network.inner_node(0);
    edges
        .into_iter()
        .map(|e| {
            let edge = network.edge(e);
            if inside(edge.head) {
                i128::from(edge.upper)
            } else if needs.contains(&edge.tail) {
                // Coverage itself: what is being bounded.
                0
            } else {
                -i128::from(edge.lower)
            }
        })
        .sum()
}
