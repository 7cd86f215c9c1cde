//! Fairness levels: checked by a cut (worst only) or by exchanges (whole vector).
//!
//! In: the face of the levels before and the flow. Out: whether the level is optimal;
//! the face gets the level's floors. Must not know how floors were found.
//!
//! Worst only: a set of nodes into which too little can flow to lift all groups it feeds
//! above the worst share. Whole vector: the vectors of group coverages form an
//! integral generalised polymatroid (flow out of disjoint groups with nothing above
//! them), on which a vector is leximin-optimal exactly if no unit can be added to a
//! group or moved between two groups to its gain (S. Fujishige, Submodular Functions
//! and Optimization, 2005; A. Federgruen and H. Groenevelt, 1986). Groups are searched
//! from the worst up; a node seen before need not be seen again, so all searches
//! together cost O(edges). Which of several equal groups gets the last unit is left to
//! the later levels.

use crate::ledger::FairForm;
use crate::network::{EdgeKind, Fair, InnerOf, Network, ROOT};
use crate::quantity::SHARE_SCALE;

use super::bounds::Face;

/// One group as the flow serves it.
struct Group {
    served: i64,
    asked: i64,
    /// Node and edge of its inner node; `None` if no offer reaches it.
    place: Option<(u32, usize)>,
}

impl Group {
    fn below(&self, other_served: i64, other_asked: i64) -> std::cmp::Ordering {
        let left = i128::from(self.served) * i128::from(other_asked);
        let right = i128::from(other_served) * i128::from(self.asked);
        left.cmp(&right)
    }
}

/// Proves a fairness level and puts its floors on the face.
///
/// Returns the worst share in 10^12 parts, and whether the level is optimal. With
/// `open` false (an earlier level is not proved) nothing is claimed, unless no offer
/// reaches any group: then every plan has the same vector.
pub(super) fn prove(
    network: &Network,
    face: &mut Face<'_>,
    level: usize,
    fair: &Fair,
    cut: &[u32],
    flows: &[i64],
    open: bool,
) -> (i128, bool) {
    let mut groups = groups(network, level, fair, flows);
    groups.sort_by(|a, b| a.below(b.served, b.asked).then(a.asked.cmp(&b.asked)));
    let Some(worst) = groups.first() else {
        return (i128::from(SHARE_SCALE), true);
    };
    let value = i128::from(worst.served) * i128::from(SHARE_SCALE) / i128::from(worst.asked.max(1));
    if groups.iter().all(|group| group.place.is_none()) {
        return (value, true);
    }
    if !open {
        return (value, false);
    }
    if fair.form == FairForm::Leximin {
        return (value, leximin(network, face, &groups, flows));
    }
    let exact = worst_is_best(network, face, &groups, cut, flows);
    if exact {
        let (served, asked) = (i128::from(worst.served), i128::from(worst.asked));
        for group in &groups {
            let Some((_, edge)) = group.place else { continue };
            // Least whole coverage with the worst share or more.
            let floor = (served * i128::from(group.asked) + asked - 1) / asked;
            face.confine(edge, i64::try_from(floor).unwrap_or(group.served), i64::MAX);
        }
    }
    (value, exact)
}

fn groups(network: &Network, level: usize, fair: &Fair, flows: &[i64]) -> Vec<Group> {
    let mut place: Vec<Option<(u32, usize)>> = vec![None; fair.groups.len()];
    for e in network.first_extra()..network.edge_count() {
        if let EdgeKind::Inner { inner, .. } = network.kind(e)
            && let InnerOf::Group(l, g) = network.inner_of[inner as usize]
            && l as usize == level
        {
            place[g as usize] = Some((network.inner_node(inner), e));
        }
    }
    fair.groups
        .iter()
        .zip(place)
        .map(|(group, place)| Group {
            served: place.map_or(0, |(_, e)| flows[e]),
            asked: group.asked,
            place,
        })
        .collect()
}

/// Whether the cut shows that not all groups can rise above the worst share.
fn worst_is_best(
    network: &Network,
    face: &Face<'_>,
    groups: &[Group],
    cut: &[u32],
    flows: &[i64],
) -> bool {
    let worst = &groups[0];
    // One of the worst that no offer reaches, or that is fixed or capped, settles it.
    let stuck =
        groups.iter().take_while(|group| group.below(worst.served, worst.asked).is_eq()).any(
            |group| group.place.is_none_or(|(node, _)| !slack_above(network, face, flows, node).0),
        );
    if stuck || worst.served >= worst.asked {
        return true;
    }
    let mut inside = vec![false; network.node_count()];
    for &node in cut {
        match inside.get_mut(node as usize) {
            Some(mark) => *mark = true,
            None => return false,
        }
    }
    let mut through = vec![false; network.edge_count()];
    let mut wanted = 0i128;
    for group in groups {
        let Some((node, edge)) = group.place else { continue };
        if inside[node as usize] && !inside[network.edge(edge).head as usize] {
            through[edge] = true;
            // Least whole coverage strictly above the worst share.
            let above =
                i128::from(worst.served) * i128::from(group.asked) / i128::from(worst.asked) + 1;
            wanted += above.max(i128::from(face.bounds(edge).0));
        }
    }
    let mut can_pass = 0i128;
    for (e, &through) in through.iter().enumerate() {
        let edge = network.edge(e);
        let (tail, head) = (inside[edge.tail as usize], inside[edge.head as usize]);
        if !tail && head {
            can_pass += i128::from(face.bounds(e).1);
        } else if tail && !head && !through {
            can_pass -= i128::from(face.bounds(e).0);
        }
    }
    wanted > can_pass
}

/// Whether the flow from `node` up to the root could be one unit more, and one less.
fn slack_above(network: &Network, face: &Face<'_>, flows: &[i64], node: u32) -> (bool, bool) {
    let (mut more, mut less) = (true, true);
    let mut at = node;
    while at != ROOT {
        let inner = at - network.inner_node(0);
        let parts = network.inner_edges(inner).map(|e| (face.bounds(e), flows[e]));
        let (mut up, mut down) = (false, false);
        for ((lower, upper), x) in parts {
            up |= x < upper;
            down |= x > lower;
        }
        more &= up;
        less &= down;
        at = network.above_inner(inner);
    }
    (more, less)
}

/// Whether no unit can be added to a group, nor moved between two to the vector's gain;
/// if so, the face keeps exactly the flows whose vector is as good.
///
/// Groups with the same coverage and size want their next unit equally. From all of
/// them together, most deserving class first, everything that could send them a unit
/// forms a region. No plan brings more into a region, and every optimal plan brings as
/// much: its boundary is fixed, and inside only units of the class change hands.
fn leximin(network: &Network, face: &mut Face<'_>, groups: &[Group], flows: &[i64]) -> bool {
    let graph = Residual::new(network, face, groups, flows);
    let mut group_at = vec![usize::MAX; network.node_count()];
    for (k, group) in groups.iter().enumerate() {
        if let Some((node, _)) = group.place {
            group_at[node as usize] = k;
        }
    }
    let mut region = vec![0u32; network.node_count()];
    let mut boxes: Vec<(usize, i64, i64)> = Vec::new();
    let mut count = 0;
    let mut at = 0;
    while at < groups.len() {
        let class = &groups[at];
        let same = |g: &&Group| (g.served, g.asked) == (class.served, class.asked);
        let members = groups[at..].iter().take_while(same);
        let size = members.clone().count();
        let wanting: Vec<u32> = members
            .filter_map(|g| g.place)
            .map(|(node, _)| node)
            .filter(|&node| region[node as usize] == 0 && slack_above(network, face, flows, node).0)
            .collect();
        at += size;
        count += 1;
        for &node in &wanting {
            region[node as usize] = count;
        }
        let mut queue = wanting;
        while let Some(node) = queue.pop() {
            for from in graph.givers(node) {
                if from == ROOT {
                    // A unit more from the root: the group could simply grow.
                    return false;
                }
                if region[from as usize] != 0 {
                    continue;
                }
                region[from as usize] = count;
                queue.push(from);
            }
            let Some(group) = groups.get(group_at[node as usize]) else { continue };
            let Some((_, edge)) = group.place else { continue };
            let (more, less) = slack_above(network, face, flows, node);
            if less && gains(class, group) {
                return false;
            }
            let (mut least, mut most) = (group.served, group.served);
            if group.asked == class.asked && group.served == class.served && more {
                most += 1;
            }
            if group.asked == class.asked && group.served == class.served + 1 && less {
                least -= 1;
            }
            boxes.push((edge, least, most));
        }
    }
    let mut of_group = vec![false; flows.len()];
    for (_, edge) in groups.iter().filter_map(|g| g.place) {
        of_group[edge] = true;
    }
    for group in groups {
        if let Some((node, edge)) = group.place
            && region[node as usize] == 0
        {
            face.fix(edge);
        }
    }
    for (edge, least, most) in boxes {
        face.confine(edge, least, most);
    }
    for (e, &group_edge) in of_group.iter().enumerate() {
        let edge = network.edge(e);
        if !group_edge && region[edge.tail as usize] != region[edge.head as usize] {
            face.fix(e);
        }
    }
    true
}

/// Whether moving a unit from `giver` to `taker` makes the sorted vector better.
fn gains(taker: &Group, giver: &Group) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    if giver.served == 0 {
        return false;
    }
    // Compare what the giver would be left with to what the taker has now.
    match taker.below(giver.served - 1, giver.asked) {
        Less => true,
        Greater => false,
        Equal => {
            let next = i128::from(taker.served + 1) * i128::from(giver.asked);
            next > i128::from(giver.served) * i128::from(taker.asked)
        }
    }
}

/// Who could send one more unit to a node. A group's own way to the root is left out:
/// taking a unit back from there is giving, which the search judges at the group.
struct Residual {
    start: Vec<u32>,
    from: Vec<u32>,
}

impl Residual {
    fn new(network: &Network, face: &Face<'_>, groups: &[Group], flows: &[i64]) -> Self {
        let mut of_group = vec![false; network.edge_count()];
        for group in groups {
            if let Some((_, edge)) = group.place {
                of_group[edge] = true;
            }
        }
        let mut links: Vec<(u32, u32)> = Vec::new();
        for (e, &x) in flows.iter().enumerate() {
            let edge = network.edge(e);
            let (lower, upper) = face.bounds(e);
            if x < upper && edge.head != ROOT {
                links.push((edge.head, edge.tail));
            }
            if x > lower && edge.tail != ROOT && !of_group[e] {
                links.push((edge.tail, edge.head));
            }
        }
        links.sort_unstable();
        let mut start = vec![0u32; network.node_count() + 1];
        for &(to, _) in &links {
            start[to as usize + 1] += 1;
        }
        for k in 1..start.len() {
            start[k] += start[k - 1];
        }
        Residual { start, from: links.into_iter().map(|(_, from)| from).collect() }
    }

    fn givers(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let n = node as usize;
        self.from[self.start[n] as usize..self.start[n + 1] as usize].iter().copied()
    }
}
