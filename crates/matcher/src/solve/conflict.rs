//! A minimal set of limits and locks that contradict each other.
//!
//! In: an infeasible component. Out: names in the ledger's own ids, such that giving up
//! any one of them makes the rest feasible. Must not know goals. A deletion filter over
//! the rules that the violated cut crosses: each is relaxed in turn, and stays relaxed
//! if the contradiction remains. Untouchable limits are never relaxed, hence never named.

use crate::control::Watch;
use crate::flow::{INFINITE, Status};
use crate::network::{EdgeKind, InnerOf, Network};
use crate::validate::ValidLedger;

use super::component::State;

/// A rule that may be given up: its name and, for each of its edges, present bounds.
struct Rule {
    name: String,
    edges: Vec<(usize, i64, i64)>,
}

/// Names a minimal contradiction. Ends early, with a set that may not be minimal, only
/// when a limit of the watch strikes.
pub(super) fn minimal(valid: &ValidLedger, network: &Network, state: &mut State, watch: &Watch) -> Vec<String> {
    let mut rules = rules(valid, network, state);
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

fn rules(valid: &ValidLedger, network: &Network, state: &State) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let simplex = &state.simplex;
    for (k, &e) in state.edges.iter().enumerate() {
        let (lower, upper) = (simplex.problem().lower[k], simplex.problem().upper[k]);
        let names: Vec<String> = match network.kind(e as usize) {
            EdgeKind::Service { arc, .. } if lower > 0 => lock_names(valid, network, arc),
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

/// Names of the records that lock an arc: projects, claims, or the pair itself.
fn lock_names(valid: &ValidLedger, network: &Network, arc: u32) -> Vec<String> {
    use crate::ledger::{ClaimState, ProjectState};
    let key = (network.arcs.offer[arc as usize], network.arcs.need[arc as usize]);
    let ledger = valid.ledger();
    let running = ledger.projects.iter().zip(valid.projects());
    let mut names: Vec<String> = running
        .filter(|(p, at)| p.state == ProjectState::InProgress && **at == key)
        .map(|(p, _)| p.id.clone())
        .collect();
    let accepted = ledger.claims.iter().zip(valid.claims());
    names.extend(
        accepted.filter(|(c, at)| c.state == ClaimState::Accepted && **at == key).map(|(c, _)| c.id.clone()),
    );
    if names.is_empty() {
        let (o, n) = (key.0 as usize, key.1 as usize);
        names.push(format!("{}/{}", ledger.offers[o].id, ledger.needs[n].id));
    }
    names
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
