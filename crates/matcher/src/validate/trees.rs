//! The trees of places and categories.
//!
//! In: parents by canonical position. Out: preorder intervals, so that "below" is
//! two comparisons. Must not know what hangs on the nodes. Everything is iterative:
//! a chain of any length must not grow the stack. A forest is legal.

use super::index::{IdIndex, Implied};
use super::report::{At, Report};
use super::tables::{NONE, TreeNode};
use crate::error::Code;

/// Most levels below and including a root.
pub(super) const MAX_DEPTH: usize = 16;

/// Most members of a cycle that an issue lists.
const SHOWN: usize = 20;

/// Resolves `parents` (in the caller's order), reports unknown parents, cycles and
/// too deep nodes, and numbers the nodes. Also returns what an absent reference to
/// this tree means: its root, when there is exactly one.
///
/// Cycles are cut after they were reported, so the result is a forest in any case.
/// O(n) time and memory.
pub(super) fn build<'a>(
    ids: &IdIndex<'_>,
    parents: impl Fn(usize) -> Option<&'a str>,
    report: &mut Report,
) -> (Vec<TreeNode>, Implied) {
    let list = ids.list;
    let mut roots = Vec::new();
    let mut up = vec![NONE; ids.order.len()];
    for (node, &caller) in ids.order.iter().enumerate() {
        let at = At::new(list, caller as usize);
        match parents(caller as usize) {
            Some(parent) => up[node] = ids.resolve(parent, report, || at.field("parent")),
            None => roots.push(node as u32),
        }
    }
    let cyclic = cut_cycles(ids, &mut up, report);
    let implied = match roots.as_slice() {
        [] => Implied::Unknown,
        [root] => Implied::Only(*root),
        several => Implied::Several(several.len()),
    };
    let (nodes, too_deep) = number(up);
    // Below a cut cycle depth means nothing.
    for node in too_deep.into_iter().filter(|_| !cyclic) {
        let caller = ids.order[node as usize] as usize;
        report.push(
            Code::TooManyItems,
            At::new(list, caller).field("parent"),
            format!("this record stands deeper than {MAX_DEPTH}, the most that is allowed"),
        );
    }
    (nodes, implied)
}

/// Finds every cycle once, reports it and makes one member a root; whether there was one.
pub(super) fn cut_cycles(ids: &IdIndex<'_>, up: &mut [u32], report: &mut Report) -> bool {
    let mut cyclic = false;
    // 0 = not seen; otherwise 1 + the start of the walk that saw the node first.
    let mut seen = vec![0_usize; up.len()];
    for start in 0..up.len() {
        let mut at = start as u32;
        while at != NONE && seen[at as usize] == 0 {
            seen[at as usize] = start + 1;
            at = up[at as usize];
        }
        if at == NONE || seen[at as usize] != start + 1 {
            continue;
        }
        cyclic = true;
        let mut members = vec![at];
        let mut next = up[at as usize];
        while next != at {
            members.push(next);
            next = up[next as usize];
        }
        let mut callers: Vec<u32> = members.iter().map(|&m| ids.order[m as usize]).collect();
        callers.sort_unstable();
        let first = callers[0] as usize;
        report.push_related(
            Code::TreeCycle,
            At::new(ids.list, first).field("parent"),
            format!("this record is its own ancestor through {} record(s)", members.len()),
            callers.iter().take(SHOWN).map(|&caller| At::new(ids.list, caller as usize).record()),
        );
        up[at as usize] = NONE;
    }
    cyclic
}

/// Preorder numbers, children in canonical order, and the first node of every branch
/// that is too deep.
fn number(up: Vec<u32>) -> (Vec<TreeNode>, Vec<u32>) {
    let mut too_deep = Vec::new();
    // Children of p: child[start[p]..start[p + 1]], ascending.
    let mut start = vec![0_usize; up.len() + 1];
    for &parent in up.iter().filter(|&&parent| parent != NONE) {
        start[parent as usize + 1] += 1;
    }
    for k in 0..up.len() {
        start[k + 1] += start[k];
    }
    let mut fill = start.clone();
    let mut child = vec![0_u32; start[up.len()]];
    for (node, &parent) in up.iter().enumerate() {
        if parent != NONE {
            child[fill[parent as usize]] = node as u32;
            fill[parent as usize] += 1;
        }
    }
    let mut nodes: Vec<TreeNode> =
        up.iter().map(|&parent| TreeNode { parent, enter: 0, leave: 0 }).collect();
    let mut next = 0_u32;
    // (node, depth, whether its subtree is done)
    let mut stack: Vec<(u32, usize, bool)> = (0..up.len() as u32)
        .rev()
        .filter(|&node| up[node as usize] == NONE)
        .map(|node| (node, 1, false))
        .collect();
    while let Some((node, depth, done)) = stack.pop() {
        let at = node as usize;
        if done {
            nodes[at].leave = next;
            continue;
        }
        nodes[at].enter = next;
        next += 1;
        if depth == MAX_DEPTH + 1 {
            too_deep.push(node);
        }
        stack.push((node, depth, true));
        for &below in child[start[at]..start[at + 1]].iter().rev() {
            stack.push((below, depth + 1, false));
        }
    }
    (nodes, too_deep)
}
