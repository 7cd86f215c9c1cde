//! Contradictions, added up as cuts.
//!
//! In: a node set and the names of rules. Out: whether these rules alone cannot hold
//! together, and whether each is needed for that. Must not know how they were found.
//! Rejected: judging the cut by all rules (it would prove that no plan exists, but not
//! that the named rules are why).

use std::collections::BTreeSet;

use crate::network::Network;

use super::feasibility::Violation;

/// Checks a proof that no plan obeys `names`: nodes that more must leave than can enter
/// although every other rule is given up (A. Hoffman, Some recent applications of the
/// theory of linear inequalities to extremal combinatorial analysis, 1960).
///
/// With `minimal` the cut must also fall apart when any one of the names is given up.
///
/// # Errors
/// When the set does not prove it, or a name stands twice or does nothing.
///
/// Complexity: O(edges log names).
pub fn infeasible(
    network: &Network,
    cut: &[u32],
    names: &[String],
    minimal: bool,
) -> Result<(), Violation> {
    let mut inside = vec![false; network.node_count()];
    for &node in cut {
        match inside.get_mut(node as usize) {
            Some(mark) => *mark = true,
            None => {
                return Err(Violation::new("infeasible cut", "names a node that does not exist"));
            }
        }
    }
    let named: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    if named.len() != names.len() {
        return Err(Violation::new("conflict", "names a rule twice"));
    }
    // What each named rule adds to the surplus by standing on the cut, and whether the
    // surplus ends when it is given up: a limit then lets any flow in.
    let mut surplus_all = 0i128;
    let mut surplus = 0i128;
    let mut open = false;
    let mut parts: Vec<(String, i128, bool)> = Vec::new();
    for e in 0..network.edge_count() {
        let edge = network.edge(e);
        let leaves = match (inside[edge.tail as usize], inside[edge.head as usize]) {
            (true, false) => true,
            (false, true) => false,
            _ => continue,
        };
        let amount = if leaves { i128::from(edge.lower) } else { -i128::from(edge.upper) };
        surplus_all += amount;
        let Some(rule) = network.rule(e) else {
            surplus += amount;
            continue;
        };
        let without = if leaves { Some(0) } else { network.upper_without_rule(e) };
        if named.contains(rule.as_str()) {
            surplus += amount;
            let gain = amount + i128::from(without.unwrap_or(0));
            parts.push((rule, gain, without.is_none()));
        } else {
            match without {
                Some(upper) => surplus -= i128::from(upper),
                None => open = true,
            }
        }
    }
    if surplus_all <= 0 {
        return Err(Violation::new(
            "infeasible cut",
            "no more must leave it than can enter, whatever rules hold",
        ));
    }
    if open || surplus <= 0 {
        return Err(Violation::new("conflict", "does not name all rules that the cut leans on"));
    }
    for name in names.iter().filter(|_| minimal) {
        let own = parts.iter().filter(|part| part.0 == *name);
        let (gain, opens) = own.fold((0, false), |sum, part| (sum.0 + part.1, sum.1 || part.2));
        if !opens && surplus - gain > 0 {
            let detail = format!("names {name}, without which the contradiction remains");
            return Err(Violation::new("conflict", detail));
        }
    }
    Ok(())
}
