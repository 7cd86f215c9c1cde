//! A minimal set of limits and locks that contradict each other.
//!
//! In: an infeasible component. Out: names in the ledger's own ids, such that giving up
//! any one of them makes the rest feasible, and a cut that crosses no other rule. Must
//! not know goals. A deletion filter over the rules of the component: each is relaxed in
//! turn, and stays relaxed if the contradiction remains. Untouchable limits are relaxed only
//! when nothing else is left that clashes: then they are told apart from what may be blamed.
//! Rejected: the cut of the first failure (it may lean on rules that turn out not to matter,
//! and then proves something else than is said).

use crate::control::Watch;
use crate::flow::{INFINITE, Status};
use crate::network::Network;

use super::Contradiction;
use super::component::State;

/// A rule that may be given up: its name and, for each of its edges, present bounds.
struct Rule {
    name: String,
    edges: Vec<(usize, i64, i64)>,
}

/// Names a minimal contradiction, with nodes that more must leave than can enter while
/// only the named rules hold. When a limit of the watch strikes, all rules are named.
pub(super) fn minimal(network: &Network, state: &mut State, watch: &Watch) -> Contradiction {
    let first_cut = state.cut_nodes(network);
    let rules = rules(state, |e| network.rule(e));
    let mut all: Vec<String> = rules.iter().map(|rule| rule.name.clone()).collect();
    all.sort();
    let Some(names) = needed(network, state, rules, watch) else {
        return Contradiction { names: all, cut: first_cut, ..Contradiction::default() };
    };
    let cut = state.cut_nodes(network);
    let mut untouchable = Vec::new();
    if names.is_empty() {
        let rules = self::rules(state, |e| network.untouchable(e));
        untouchable = rules.iter().map(|rule| rule.name.clone()).collect();
        untouchable.sort();
        untouchable = needed(network, state, rules, watch).unwrap_or(untouchable);
    }
    Contradiction { names, untouchable, cut, ..Contradiction::default() }
}

/// The rules without any one of which there is a flow, all others being relaxed for good;
/// `None` when a limit of the watch struck.
fn needed(
    network: &Network,
    state: &mut State,
    mut rules: Vec<Rule>,
    watch: &Watch,
) -> Option<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    while let Some(rule) = rules.pop() {
        relax(network, state, &rule);
        if state.run(watch)? != Status::Infeasible {
            restore(state, &rule);
            kept.push(rule.name);
        }
    }
    kept.sort();
    (state.run(watch) == Some(Status::Infeasible)).then_some(kept)
}

fn rules(state: &State, name_of: impl Fn(usize) -> Option<String>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let simplex = &state.simplex;
    for (k, &e) in state.edges.iter().enumerate() {
        let Some(name) = name_of(e as usize) else { continue };
        let edge = (k, simplex.problem().lower[k], simplex.problem().upper[k]);
        match rules.iter_mut().find(|rule| rule.name == name) {
            Some(rule) => rule.edges.push(edge),
            None => rules.push(Rule { name, edges: vec![edge] }),
        }
    }
    rules
}

fn relax(network: &Network, state: &mut State, rule: &Rule) {
    for &(edge, ..) in &rule.edges {
        let upper = network.upper_without_rule(state.edges[edge] as usize);
        let _ = state.simplex.set_bounds(edge, 0, upper.unwrap_or(INFINITE));
    }
}

fn restore(state: &mut State, rule: &Rule) {
    let simplex = &mut state.simplex;
    for &(edge, lower, upper) in &rule.edges {
        let _ = simplex.set_bounds(edge, lower, upper);
    }
}
