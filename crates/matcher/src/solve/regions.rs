//! After leximin: which flows have the same sorted vector.
//!
//! In: a simplex whose flow serves every group at its floor, leximin-optimal. Out: the
//! same simplex, confined to the flows whose vector is as good. Must not know shares.
//! Groups of equal size and coverage want their next unit equally; from each such class,
//! most deserving first, what could send it a unit forms a region. Every optimal flow
//! brings the same into a region, so its boundary is fixed; inside, only units of the
//! class change hands (A. Frank and K. Murota, Decreasing minimization on M-convex sets,
//! 2022). Rejected: fixing each group at its floor (later levels could not choose which
//! of two equal groups gets the last unit).

use crate::flow::Simplex;

use super::fair::Group;

/// Confines the simplex. O(edges log edges).
pub(super) fn keep(simplex: &mut Simplex, groups: &[Group]) {
    let links = Links::new(simplex, groups);
    let node_of = |g: &Group| simplex.problem().tail[g.edge] as usize;
    let mut order: Vec<&Group> = groups.iter().filter(|g| !g.fixed).collect();
    order.sort_by(|a, b| {
        let left = i128::from(a.floor) * i128::from(b.asked);
        let right = i128::from(b.floor) * i128::from(a.asked);
        left.cmp(&right).then(a.asked.cmp(&b.asked))
    });
    let mut group_at: Vec<Option<&Group>> = vec![None; simplex.problem().nodes()];
    for group in &order {
        group_at[node_of(group)] = Some(group);
    }
    let mut region = vec![0u32; simplex.problem().nodes()];
    let mut boxes: Vec<(usize, i64, i64)> = Vec::new();
    let mut at = 0;
    let mut count = 0;
    while at < order.len() {
        let class = order[at];
        let equal = |g: &&&Group| (g.floor, g.asked) == (class.floor, class.asked);
        let members = order[at..].iter().take_while(equal);
        let size = members.clone().count();
        let mut queue: Vec<usize> = members
            .filter(|g| g.floor < g.most)
            .map(|g| node_of(g))
            .filter(|&node| region[node] == 0)
            .collect();
        at += size;
        count += 1;
        for &node in &queue {
            region[node] = count;
        }
        while let Some(node) = queue.pop() {
            for from in links.givers(node) {
                // The root cannot give here: the group would have risen.
                if from != 0 && region[from] == 0 {
                    region[from] = count;
                    queue.push(from);
                }
            }
            let Some(group) = group_at[node] else { continue };
            let (mut least, mut most) = (group.floor, group.floor);
            if group.asked == class.asked && group.floor == class.floor && group.floor < group.most
            {
                most += 1;
            }
            if group.asked == class.asked && group.floor == class.floor + 1 {
                least -= 1;
            }
            boxes.push((group.edge, least, most));
        }
    }
    let mut bounds: Vec<(usize, i64, i64)> = Vec::new();
    let mut of_group = vec![false; simplex.problem().arcs()];
    for group in groups {
        of_group[group.edge] = true;
        if !group.fixed && region[node_of(group)] == 0 {
            bounds.push((group.edge, group.floor, group.floor));
        }
    }
    for (e, &group_edge) in of_group.iter().enumerate() {
        let ends = (simplex.problem().tail[e] as usize, simplex.problem().head[e] as usize);
        if !group_edge && region[ends.0] != region[ends.1] && simplex.fixed_flow(e).is_none() {
            let x = simplex.flow(e);
            bounds.push((e, x, x));
        }
    }
    for (edge, least, most) in bounds.into_iter().chain(boxes) {
        // Present flows lie within, so the bounds are in order.
        let _ = simplex.set_bounds(edge, least, most);
    }
}

/// Who could send one more unit to a node; a group's own way to the root is left out.
struct Links {
    start: Vec<u32>,
    from: Vec<u32>,
}

impl Links {
    fn new(simplex: &Simplex, groups: &[Group]) -> Self {
        let problem = simplex.problem();
        let mut of_group = vec![false; problem.arcs()];
        for group in groups {
            of_group[group.edge] = true;
        }
        let mut links: Vec<(u32, u32)> = Vec::new();
        for (e, &group_edge) in of_group.iter().enumerate() {
            if simplex.fixed_flow(e).is_some() {
                continue;
            }
            let (tail, head, x) = (problem.tail[e], problem.head[e], simplex.flow(e));
            if x < problem.upper[e] && head != 0 {
                links.push((head, tail));
            }
            if x > problem.lower[e] && tail != 0 && !group_edge {
                links.push((tail, head));
            }
        }
        links.sort_unstable();
        let mut start = vec![0u32; problem.nodes() + 1];
        for &(to, _) in &links {
            start[to as usize + 1] += 1;
        }
        for k in 1..start.len() {
            start[k] += start[k - 1];
        }
        Links { start, from: links.into_iter().map(|(_, from)| from).collect() }
    }

    fn givers(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let range = self.start[node] as usize..self.start[node + 1] as usize;
        self.from[range].iter().map(|&n| n as usize)
    }
}
