//! Max-min and leximin fairness over disjoint groups, by floors and cuts.
//!
//! In: components on the optimal face of the levels before. Out: floors on the group
//! edges, and for the worst-only form the cut that shows why no more is possible. Must
//! not know weights: a group's value is served over asked.
//!
//! The largest common share is found by Newton's discrete method: try a share; if its
//! floors cannot all be met, the violated cut gives the largest share that this cut
//! allows; repeat (T. Radzik, Fractional combinatorial optimization, 1998). For
//! leximin, groups that cannot rise above the share are settled there, smallest asked
//! first, and the rest goes on: the greedy algorithm, exact on a polymatroid (A.
//! Federgruen and H. Groenevelt, The greedy procedure for resource allocation
//! problems, 1986). Rejected: a bisection over shares (many more solves, inexact), and
//! one large max-min program (it is not integral).

use crate::control::Watch;
use crate::flow::Status;
use crate::network::{EdgeKind, Fair, FairForm, InnerOf, Network, ROOT};

use super::component::State;
use super::{parallel, regions};

/// A share as a fraction; compared exactly.
#[derive(Clone, Copy, Debug)]
struct Share {
    part: i128,
    whole: i128,
}

impl Share {
    const ONE: Share = Share { part: 1, whole: 1 };
    const ZERO: Share = Share { part: 0, whole: 1 };

    fn less(self, other: Share) -> bool {
        self.part * other.whole < other.part * self.whole
    }

    /// Least whole coverage of a group that asks for `asked` with this share or more.
    fn floor_of(self, asked: i64) -> i64 {
        let floor = (self.part * i128::from(asked) + self.whole - 1).div_euclid(self.whole);
        i64::try_from(floor).unwrap_or(asked)
    }
}

/// A group as one component sees it.
pub(super) struct Group {
    /// Local edge of the group's inner node.
    pub(super) edge: usize,
    /// The same edge in the network.
    global: usize,
    pub(super) asked: i64,
    /// Most it can ever get: needs no offer reaches count in `asked` alone.
    pub(super) most: i64,
    /// Upper bound of the edge itself.
    upper: i64,
    pub(super) floor: i64,
    /// Fixed by an earlier level: its coverage cannot change.
    pub(super) fixed: bool,
    settled: bool,
}

/// Solves a fairness level in all components; returns the cut of the worst share.
pub(super) fn solve(
    network: &Network,
    level: usize,
    fair: &Fair,
    states: &mut [&mut State],
    threads: usize,
    watch: &Watch,
) -> Vec<u32> {
    let placed = place(network, level, fair);
    let unreachable = placed.iter().any(Option::is_none);
    let mut work: Vec<Part<'_>> = states
        .iter_mut()
        .map(|state| Part {
            groups: groups(network, fair, &placed, state),
            state,
            share: Share::ONE,
            cut: Vec::new(),
            form: fair.form,
        })
        .filter(|part| !part.groups.is_empty())
        .collect();
    parallel::for_each(&mut work, threads, |part| {
        part.state.keep_flow();
        part.raise_together(network, watch);
    });
    if fair.form == FairForm::Leximin {
        parallel::for_each(&mut work, threads, |part| part.raise_rest(network, watch));
        return Vec::new();
    }
    // The worst share of all is the only floor; a group no offer reaches makes it 0.
    let mut worst = if unreachable { Share::ZERO } else { Share::ONE };
    let mut cut = Vec::new();
    for part in &mut work {
        if part.share.less(worst) {
            worst = part.share;
            cut = std::mem::take(&mut part.cut);
        }
    }
    parallel::for_each(&mut work, threads, |part| {
        part.set_floors(worst);
        part.state.settle(watch);
    });
    cut
}

/// Edge of each group; `None` where no offer reaches it.
fn place(network: &Network, level: usize, fair: &Fair) -> Vec<Option<usize>> {
    let mut placed = vec![None; fair.groups.len()];
    for e in network.first_extra()..network.edge_count() {
        if let EdgeKind::Inner { inner, .. } = network.kind(e)
            && let InnerOf::Group(l, g) = network.inner_of[inner as usize]
            && l as usize == level
        {
            placed[g as usize] = Some(e);
        }
    }
    placed
}

fn groups(network: &Network, fair: &Fair, placed: &[Option<usize>], state: &State) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (group, place) in fair.groups.iter().zip(placed) {
        let Some(global) = *place else { continue };
        let Some(edge) = state.local_edge(global) else { continue };
        let fixed = state.simplex.fixed_flow(edge);
        groups.push(Group {
            edge,
            global,
            asked: group.asked,
            most: most_through(network, state, global),
            upper: network.edge(global).upper,
            floor: fixed.unwrap_or_else(|| network.edge(global).lower),
            fixed: fixed.is_some(),
            settled: fixed.is_some(),
        });
    }
    // Smaller groups first among equals: a unit raises their share more.
    groups.sort_by_key(|g| (g.asked, g.global));
    groups
}

/// Most that can flow from a group's edge on to the root, whatever the others get, on
/// the face of the levels before.
fn most_through(network: &Network, state: &State, edge: usize) -> i64 {
    let bound = |e: usize| {
        let fixed = state.local_edge(e).and_then(|k| state.simplex.fixed_flow(k));
        fixed.unwrap_or_else(|| network.edge(e).upper)
    };
    let mut most = bound(edge);
    let mut node = network.edge(edge).head;
    while node != ROOT {
        let inner = node - network.inner_node(0);
        most = most.min(network.inner_edges(inner).map(bound).sum());
        node = network.above_inner(inner);
    }
    most
}

/// A component's share of the work.
struct Part<'a> {
    groups: Vec<Group>,
    state: &'a mut State,
    share: Share,
    cut: Vec<u32>,
    form: FairForm,
}

impl Part<'_> {
    fn set_floors(&mut self, share: Share) {
        for group in self.groups.iter_mut().filter(|g| !g.settled) {
            group.floor = share.floor_of(group.asked);
        }
        self.apply();
    }

    fn apply(&mut self) {
        let simplex = &mut self.state.simplex;
        simplex.set_costs(|_| 0);
        for group in self.groups.iter().filter(|g| !g.fixed) {
            // Floors are kept at or below `most`, so the bounds are in order. The edge
            // keeps its own upper bound, which is the one the checker knows.
            let _ = simplex.set_bounds(group.edge, group.floor, group.upper);
        }
    }

    fn feasible(&mut self, watch: &Watch) -> Option<bool> {
        self.apply();
        match self.state.run(watch)? {
            Status::Optimal => Some(true),
            _ => Some(false),
        }
    }

    /// The largest share that all unsettled groups can have at once.
    fn raise_together(&mut self, network: &Network, watch: &Watch) {
        let mut share = self.most_share();
        for group in self.groups.iter().filter(|g| g.fixed) {
            let own = Share { part: i128::from(group.floor), whole: i128::from(group.asked) };
            if own.less(share) && self.form == FairForm::Maximin {
                share = own;
            }
        }
        self.newton(network, share, watch);
    }

    /// The largest share that no unsettled group is too small for by itself.
    fn most_share(&self) -> Share {
        let open = self.groups.iter().filter(|g| !g.settled);
        open.map(|g| Share { part: i128::from(g.most), whole: i128::from(g.asked) })
            .fold(Share::ONE, |least, share| if share.less(least) { share } else { least })
    }

    fn newton(&mut self, network: &Network, start: Share, watch: &Watch) {
        let mut share = start;
        loop {
            self.set_floors(share);
            match self.feasible(watch) {
                Some(true) => break,
                None => return,
                Some(false) => {}
            }
            let Some((inside, can_pass)) = self.violated() else { return };
            share = best_within(&inside, can_pass);
            self.cut = self.state.cut_nodes(network);
        }
        self.share = share;
    }

    /// The unsettled groups inside the violated cut, and what can pass to them in all.
    fn violated(&self) -> Option<(Vec<i64>, i128)> {
        let simplex = &self.state.simplex;
        let inside = self.state.source_side()?;
        let mut asked = Vec::new();
        let mut through = vec![false; self.state.edges.len()];
        for group in self.groups.iter().filter(|g| !g.settled) {
            let tail = simplex.problem().tail[group.edge] as usize;
            let head = simplex.problem().head[group.edge] as usize;
            if inside[tail] && !inside[head] {
                through[group.edge] = true;
                asked.push(group.asked);
            }
        }
        let mut can_pass = 0i128;
        for (k, through) in through.iter().enumerate() {
            let (tail, head) =
                (simplex.problem().tail[k] as usize, simplex.problem().head[k] as usize);
            let fixed = simplex.fixed_flow(k);
            if !inside[tail] && inside[head] {
                can_pass += i128::from(fixed.unwrap_or(simplex.problem().upper[k]));
            } else if inside[tail] && !inside[head] && !through {
                can_pass -= i128::from(fixed.unwrap_or(simplex.problem().lower[k]));
            }
        }
        (!asked.is_empty()).then_some((asked, can_pass))
    }

    /// Leximin: settle what cannot rise above the common share, raise the rest.
    fn raise_rest(&mut self, network: &Network, watch: &Watch) {
        while self.state.limit().is_none() && self.groups.iter().any(|g| !g.settled) {
            let share = self.share;
            for k in 0..self.groups.len() {
                let group = &self.groups[k];
                let at_share =
                    i128::from(group.floor) * share.whole == share.part * i128::from(group.asked);
                if group.settled || !at_share {
                    continue;
                }
                if group.floor >= group.most {
                    self.groups[k].settled = true;
                    continue;
                }
                self.groups[k].floor += 1;
                match self.feasible(watch) {
                    Some(true) => {}
                    None => return,
                    Some(false) => {
                        self.groups[k].floor -= 1;
                        self.groups[k].settled = true;
                    }
                }
            }
            self.share = Share::ONE;
            self.newton(network, self.most_share(), watch);
            if self.groups.iter().all(|g| g.settled) {
                break;
            }
        }
        self.leave_equals_open(watch);
    }

    /// Brings the flow to the floors, then keeps every flow whose vector is as good:
    /// groups of one size and coverage may trade their last unit, nothing else moves.
    fn leave_equals_open(&mut self, watch: &Watch) {
        self.apply();
        self.state.settle(watch);
        if self.state.limit().is_none() {
            regions::keep(&mut self.state.simplex, &self.groups);
        }
        self.state.settle(watch);
    }
}

/// The largest share `s` with `sum ceil(s * asked) <= can_pass`, as the share `k / asked`
/// of one of the groups.
fn best_within(asked: &[i64], can_pass: i128) -> Share {
    let total: i128 = asked.iter().map(|&a| i128::from(a)).sum();
    if can_pass <= 0 {
        return Share::ZERO;
    }
    // No share above can_pass / total fits; step down from there over the points where
    // some group's floor drops.
    let start = Share { part: can_pass.min(total), whole: total };
    let mut units: Vec<i64> = asked
        .iter()
        .map(|&a| i64::try_from(start.part * i128::from(a) / start.whole).unwrap_or(a))
        .collect();
    loop {
        let mut best: Option<usize> = None;
        for k in 0..units.len() {
            let better = best.is_none_or(|b| {
                i128::from(units[b]) * i128::from(asked[k])
                    < i128::from(units[k]) * i128::from(asked[b])
            });
            if better {
                best = Some(k);
            }
        }
        let Some(k) = best else { return Share::ZERO };
        let share = Share { part: i128::from(units[k]), whole: i128::from(asked[k]) };
        let wanted: i128 = asked.iter().map(|&a| i128::from(share.floor_of(a))).sum();
        if wanted <= can_pass || units[k] == 0 {
            return share;
        }
        units[k] -= 1;
    }
}

impl State {
    /// Brings the flow back within the bounds after floors have changed.
    fn settle(&mut self, watch: &Watch) {
        self.simplex.set_costs(|_| 0);
        let _ = self.run(watch);
        self.forget_flow();
    }
}
