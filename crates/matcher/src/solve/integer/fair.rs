//! Fairness levels of a program: floors that rise, and counts of those left below.
//!
//! In: a part, a fairness level's groups. Out: the part's best point raised, the level
//! held for later ones, a claim where a back end says that no more is possible. Must not
//! know other levels. The linear relaxation gives the highest worst share there could be;
//! floors between it and the plan at hand are tried by bisection, and in the end one
//! strictly above the plan's. For the whole vector, those at the worst value are counted:
//! fewer of them, or higher values for the rest, until nothing gets better (the ordered
//! outcomes of W. Ogryczak and T. Sliwinski, On solving linear programs with the ordered
//! weighted averaging objective, 2003, with binaries instead of sums). Rejected: one big
//! program that maximises the smallest share (back ends find nothing in a minute).

use crate::network::{Group, Line, Worth};

use super::model::{Aim, Choice, Choices, Held};
use super::{Context, Part, gcd};

/// A value as a fraction.
type Share = (i128, i128);

/// At most `below` groups are not above `share`.
struct Step {
    share: Share,
    below: usize,
}

/// How a search for a plan with certain floors ended.
#[derive(PartialEq, Eq)]
enum Found {
    Better,
    Impossible,
    Unknown,
}

pub(super) fn solve(
    part: &mut Part<'_>,
    l: usize,
    groups: &[Group],
    leximin: bool,
    context: Context<'_>,
) {
    if groups.iter().all(|g| g.terms.is_empty()) {
        // No service changes any group.
        return;
    }
    let bound = if groups.iter().any(|g| g.terms.is_empty()) {
        None
    } else {
        part.relax(l, Aim::Worst(groups), context)
    };
    let left = part.times.fair.saturating_sub(part.spent);
    part.fair_time = left.mul_f64(super::levels::FAIR_PART).max(super::levels::LEAST);
    part.fair_until = part.spent + part.fair_time;
    if bound.is_some() {
        part.improve(context, Aim::Worst(groups), l, part.fair_time / 3);
    }
    let mut sure = raise(part, l, groups, &[], bound, context);
    let mut steps: Vec<Step> = Vec::new();
    if leximin {
        sure &= rest(part, l, groups, &mut steps, context);
    }
    if sure && context.backend.is_some() {
        part.claims[l] = part.cost(l);
    }
    hold(part, l, groups, &steps);
    part.keep_plain(l);
}

fn shares(part: &Part<'_>, l: usize) -> Vec<Share> {
    match part.best.as_ref().map(|best| &best.worths[l]) {
        Some(Worth::Shares(shares)) => shares.clone(),
        _ => Vec::new(),
    }
}

/// Raises the smallest share that `steps` leave open; whether nothing more is possible by
/// a back end's word.
fn raise(
    part: &mut Part<'_>,
    l: usize,
    groups: &[Group],
    steps: &[Step],
    bound: Option<f64>,
    context: Context<'_>,
) -> bool {
    let settled = steps.last().map_or(0, |step| step.below);
    let Some(mut low) = shares(part, l).get(settled).copied() else { return true };
    if part.is_as_good(low, groups) {
        return true;
    }
    // Floors are tried in parts per 2^40; from the bound downwards, each time four times as
    // far, and then between the last that failed and what was reached.
    let as_parts = |share: Share| share.0 as f64 / share.1 as f64;
    let mut high = bound.unwrap_or_else(|| most(part, groups));
    let mut step = part.gap * high.abs();
    let mut reached = false;
    for _ in 0..40 {
        let gap = high - as_parts(low);
        if gap <= part.gap / 4.0 * high.abs() || part.out_of_time() || context.backend.is_none() {
            break;
        }
        let at = if !reached && step < gap / 2.0 { high - step } else { as_parts(low) + gap / 2.0 };
        step *= 4.0;
        if settled == 0 {
            part.reach(context, l, groups, at, part.fair_time.mul_f64(0.4));
            let Some(&now) = shares(part, l).first() else { return false };
            let better = now.0 * low.1 > low.0 * now.1;
            low = now;
            if better {
                reached = true;
            }
            if !better || as_parts(low) < at {
                high = at;
            }
            continue;
        }
        let floor = ((at * (1u64 << 40) as f64).floor() as i128, 1i128 << 40);
        match try_floor(part, l, groups, steps, settled, floor, false, context) {
            Found::Better => {
                let Some(&now) = shares(part, l).get(settled) else { return false };
                if now.0 * low.1 <= low.0 * now.1 {
                    break;
                }
                low = now;
                reached = true;
            }
            // Not found in time counts as out of reach, but proves nothing.
            Found::Impossible | Found::Unknown => high = at,
        }
    }
    for _ in 0..40 {
        if part.out_of_time() {
            return false;
        }
        match try_floor(part, l, groups, steps, settled, low, true, context) {
            Found::Better => {
                let Some(&now) = shares(part, l).get(settled) else { return false };
                low = now;
            }
            Found::Impossible => return true,
            Found::Unknown => return false,
        }
    }
    false
}

/// The rest of the sorted vector, value by value.
fn rest(
    part: &mut Part<'_>,
    l: usize,
    groups: &[Group],
    steps: &mut Vec<Step>,
    context: Context<'_>,
) -> bool {
    let mut sure = true;
    loop {
        let vector = shares(part, l);
        let settled = steps.last().map_or(0, |step| step.below);
        let Some(&worst) = vector.get(settled) else { return sure };
        let equal = |s: &&Share| s.0 * worst.1 == worst.0 * s.1;
        let mut at = vector[settled..].iter().take_while(equal).count();
        // Fewer groups at this value.
        while at > 1 {
            if part.out_of_time() {
                sure = false;
                break;
            }
            match try_floor(part, l, groups, steps, settled + at - 1, worst, true, context) {
                Found::Better => {
                    let now = shares(part, l);
                    at = now[settled..].iter().take_while(equal).count();
                }
                Found::Impossible => break,
                Found::Unknown => {
                    sure = false;
                    break;
                }
            }
        }
        steps.push(Step { share: worst, below: settled + at.max(1) });
        sure &= raise(part, l, groups, steps, None, context);
    }
}

/// Looks for a plan with at most `below` groups not at (or, strictly, above) `floor`.
#[allow(clippy::too_many_arguments)]
fn try_floor(
    part: &mut Part<'_>,
    l: usize,
    groups: &[Group],
    steps: &[Step],
    below: usize,
    floor: Share,
    strict: bool,
    context: Context<'_>,
) -> Found {
    let before = part.held.clone();
    let known = part.best.clone();
    let base = shares(part, l).first().copied();
    let noise = part.program.noise[l];
    let mut extra = rows(groups, steps, base, noise);
    let raised = |g: &Group| if strict { above(floor, g, noise) } else { floor_of(floor, g.whole) };
    if below == 0 {
        if groups.iter().any(|g| g.terms.is_empty() && raised(g) > 0) {
            return Found::Impossible;
        }
        let floors = groups.iter().filter(|g| !g.terms.is_empty());
        extra.lines.extend(floors.map(|g| (floor_line(g, raised(g)), 0)));
    } else {
        let settled = steps.last().map_or(0, |step| step.below);
        if settled > 0 && below > settled {
            // Fewer at this value must not push another below it.
            let reached = |g: &Group| floor_of(floor, g.whole);
            extra.choices.push(choices(groups, base, &reached, settled, noise));
        }
        extra.choices.push(choices(groups, base, &raised, below, 0));
    }
    part.held.lines.extend(extra.lines);
    part.held.choices.extend(extra.choices);
    // The plan at hand misses these floors; any plan that meets them is better.
    part.best = None;
    let none = part.find(context, l, known.as_ref(), part.fair_time / 3);
    let found = part.best.take();
    part.held = before;
    match found {
        Some(found) => {
            part.best = Some(found);
            Found::Better
        }
        None => {
            part.best = known;
            if none { Found::Impossible } else { Found::Unknown }
        }
    }
}

/// Rows of the settled part of the vector: everything at least at the worst value, and
/// counts at and above each further step.
fn rows(groups: &[Group], steps: &[Step], base: Option<Share>, noise: i128) -> Held {
    let mut held = Held::default();
    let Some(base) = base else { return held };
    if steps.is_empty() {
        return held;
    }
    let floors = groups.iter().filter(|g| !g.terms.is_empty());
    held.lines.extend(floors.map(|g| (floor_line(g, floor_of(base, g.whole)), noise)));
    let mut before = 0;
    for step in steps {
        // All but those settled before are at least at this value ...
        if before > 0 {
            let reached = |g: &Group| floor_of(step.share, g.whole);
            held.choices.push(choices(groups, Some(base), &reached, before, noise));
        }
        before = step.below;
        // ... and all but those settled now are above it.
        let raised = |g: &Group| above(step.share, g, noise);
        held.choices.push(choices(groups, Some(base), &raised, step.below, noise));
    }
    held
}

fn floor_line(group: &Group, floor: i128) -> Line {
    Line { terms: group.terms.clone(), lower: Some(floor), upper: None, rule: None }
}

/// All groups but `below` of them are raised.
fn choices(
    groups: &[Group],
    base: Option<Share>,
    raised: &dyn Fn(&Group) -> i128,
    below: usize,
    slack: i128,
) -> Choices {
    let of = groups.iter().map(|g| Choice {
        terms: g.terms.clone(),
        base: base.map_or(0, |base| floor_of(base, g.whole)),
        raised: raised(g),
    });
    Choices { of: of.collect(), least: groups.len() as i64 - below as i64, slack }
}

/// Keeps the level for later ones: the whole vector, or the worst value.
fn hold(part: &mut Part<'_>, l: usize, groups: &[Group], steps: &[Step]) {
    let Some(best) = &part.best else { return };
    let reached = best.worths[l].clone();
    let noise = part.program.noise[l];
    part.held.lines.extend(part.program.hold(l, &reached).into_iter().map(|line| (line, noise)));
    let Worth::Shares(shares) = &reached else { return };
    if steps.is_empty() {
        return;
    }
    let tolerance = part.program.tolerance[l];
    let base = shares.first().copied();
    // As many groups as now reach each value that stands in the vector.
    let mut below = 0;
    for (k, &share) in shares.iter().enumerate() {
        if k > 0 && share.0 * shares[k - 1].1 == shares[k - 1].0 * share.1 {
            continue;
        }
        below = k.max(below);
        if below > 0 {
            let raised = |g: &Group| crate::network::floor_of(share, g.whole, tolerance);
            let mut counted = choices(groups, base, &raised, below, noise);
            for (choice, group) in counted.of.iter_mut().zip(groups) {
                let base = base.unwrap_or((0, 1));
                choice.base = crate::network::floor_of(base, group.whole, tolerance);
            }
            part.held.choices.push(counted);
        }
    }
}

/// Least numerator over `whole` at a share.
fn floor_of(share: Share, whole: i128) -> i128 {
    let exact = share.0 * whole;
    exact.div_euclid(share.1) + i128::from(exact.rem_euclid(share.1) != 0)
}

/// Least numerator of a group that is above a share by more than doubles and floored
/// coefficients blur: the next multiple of what all its coefficients share, or else a
/// hundred thousandth of the smallest.
fn above(share: Share, group: &Group, noise: i128) -> i128 {
    let at = (share.0 * group.whole).div_euclid(share.1);
    let sizes = group.terms.iter().map(|t| i128::from(t.1).abs()).filter(|&k| k > 0);
    let least = sizes.clone().min().unwrap_or(1);
    let step = sizes.fold(0, gcd).max(1);
    let visible = (least / 100_000).max(noise + 1);
    let next = (at.div_euclid(step) + 1) * step;
    if step >= visible { next } else { at + visible }
}

/// The highest value any group could have, by the bounds of its columns.
fn most(part: &Part<'_>, groups: &[Group]) -> f64 {
    let reach = |g: &Group| {
        let end = |&(c, k): &(u32, i64)| {
            let column = &part.program.columns[c as usize];
            (k as f64 * column.lower as f64).max(k as f64 * column.upper as f64)
        };
        g.terms.iter().map(end).sum::<f64>() / g.whole as f64
    };
    let covered = groups.iter().all(|g| g.whole > 1);
    let most = groups.iter().map(reach).fold(f64::NEG_INFINITY, f64::max);
    if covered { most.min(1.0) } else { most }
}

impl Part<'_> {
    fn out_of_time(&self) -> bool {
        self.spent >= self.fair_until
    }

    /// Whether a share of coverage is full, so that nothing can be raised.
    fn is_as_good(&self, share: Share, groups: &[Group]) -> bool {
        groups.iter().all(|g| g.whole > 1) && share.0 >= share.1
    }
}
