//! A minimal set of limits and locks that contradict each other.
//!
//! In: an infeasible component. Out: names in the ledger's own ids, such that giving up
//! any one of them makes the rest feasible. Must not know goals. A deletion filter over
//! the rules that the violated cut crosses: each is relaxed in turn, and stays relaxed
//! if the contradiction remains. Untouchable limits are never relaxed, hence never named.

use crate::control::Watch;
use crate::flow::{INFINITE, Status};
use crate::network::{EdgeKind, InnerOf, Network};

use super::component::State;

/// A rule that may be given up: its name and, for each of its edges, present bounds.
struct Rule {
    name: String,
    edges: Vec<(usize, i64, i64)>,
}

/// Names a minimal contradiction. Ends early, with a set that may not be minimal, only
/// when a limit of the watch strikes.
pub(super) fn minimal(network: &Network, state: &mut State, watch: &Watch) -> Vec<String> {
    let mut rules = rules(network, state);
    let mut kept: Vec<String> = Vec::new();
    while let Some(rule) = rules.pop() {
        relax(state, &rule);
        match state.run(watch) {
            Some(Status::Infeasible) => {}
            Some(_) => {
                restore(state, &rule);
                kept.push(rule.name);
            }
            None => {
                kept.push(rule.name);
                kept.extend(rules.into_iter().map(|rule| rule.name));
                break;
            }
        }
    }
    kept.sort();
    kept
}

fn rules(network: &Network, state: &State) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let simplex = &state.simplex;
    for (k, &e) in state.edges.iter().enumerate() {
        let (lower, upper) = (simplex.problem().lower[k], simplex.problem().upper[k]);
        let names: Vec<String> = match network.kind(e as usize) {
            EdgeKind::Service { arc, .. } if lower > 0 => network.lock_names(arc),
            EdgeKind::Inner { inner, .. } => match network.inner_of[inner as usize] {
                InnerOf::Row(r) => {
                    let row = &network.rows[r as usize];
                    let free = row.hard && !row.untouchable;
                    free.then(|| row.source.label()).into_iter().collect()
                }
                InnerOf::Group(..) => Vec::new(),
            },
            _ => Vec::new(),
        };
        // Several records may hold one arc; giving up the arc's lock gives up them all.
        if !names.is_empty() {
            let name = names.join("+");
            match rules.iter_mut().find(|rule| rule.name == name) {
                Some(rule) => rule.edges.push((k, lower, upper)),
                None => rules.push(Rule { name, edges: vec![(k, lower, upper)] }),
            }
        }
    }
    rules
}

fn relax(state: &mut State, rule: &Rule) {
    let simplex = &mut state.simplex;
    for &(edge, ..) in &rule.edges {
        let _ = simplex.set_bounds(edge, 0, INFINITE);
    }
}

fn restore(state: &mut State, rule: &Rule) {
    let simplex = &mut state.simplex;
    for &(edge, lower, upper) in &rule.edges {
        let _ = simplex.set_bounds(edge, lower, upper);
    }
}
