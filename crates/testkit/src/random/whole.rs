//! Everything at once: a random ledger with features that no network can hold.
//!
//! In: a seed. Out: a small ledger of which most need integers. Must not know which of
//! them a solver finds hard. It starts from a network ledger and adds to it: minima,
//! bundles, caps, lots, fixed costs, consumption, limits that count anything and cross,
//! goals beyond flow, tolerances, budgets of changes. Quantities are such that share
//! coefficients are whole (1, 2, 4, 5), so that two plans equal as fractions are equal as
//! numbers.

use concentric_matcher::ledger::{
    Bundle, By, Counts, DemandSelector, FairForm, Goal, Ledger, Limit, NeedKind, OneOrMany, Per,
    PlaceLevel, ProjectState, SupplySelector, Term, TermWhat, ValueOf, What,
};
use concentric_matcher::validate::validate;

use super::commitments::project;
use super::{Profile, ledger};
use crate::rng::Rng;

/// Seeds that found a defect before ledgers had budgets of changes; theirs stay as they were.
pub const ONCE_WRONG: [u64; 5] = [2519, 3584, 4279, 4696, 5405];

/// A random ledger with features of all kinds; the same seed gives the same ledger.
///
/// Where an addition makes the ledger bad input (a minimum above a lock's need, say), it
/// is left out, so that every ledger validates.
///
/// # Complexity
/// One validation for each addition.
pub fn whole(seed: u64) -> Ledger {
    let profile = Profile { max_plans: 3_000, fair: seed.is_multiple_of(3), ..Profile::default() };
    let mut rng = Rng::new(seed ^ 0x0005_eed0_fa11);
    let mut made = ledger(seed, &profile);
    for need in &mut made.needs {
        if need.quantity == 3 {
            need.quantity = if rng.chance(50) { 2 } else { 4 };
        }
    }
    if validate(made.clone()).is_err() {
        made = ledger(seed, &profile);
        made.needs.retain(|need| need.quantity != 3);
        if validate(made.clone()).is_err() {
            return ledger(seed, &Profile::plain());
        }
    }
    let additions: [fn(&mut Rng, &mut Ledger); 8] =
        [minima, bundle, caps, lots, fixed_costs, consumption, limits, goals];
    for add in additions {
        let mut next = made.clone();
        add(&mut rng, &mut next);
        if validate(next.clone()).is_ok() {
            made = next;
        }
    }
    // A stream of its own, so that the ledgers of seeds that once found a defect stay.
    let mut rng = Rng::new(seed ^ 0x0000_c4a6_e5ed);
    if rng.chance(30) && !ONCE_WRONG.contains(&seed) {
        let mut next = made.clone();
        changes(&mut rng, &mut next);
        if validate(next.clone()).is_ok() {
            made = next;
        }
    }
    made
}

/// A goal keep with a budget of changes, over all needs or some, with enough that stands.
fn changes(rng: &mut Rng, ledger: &mut Ledger) {
    let arcs = crate::brute::arcs(ledger).unwrap_or_default();
    for _ in 0..rng.range(0, 3) {
        if arcs.is_empty() {
            break;
        }
        let arc = rng.pick(&arcs);
        let (offer, need) = (arc.offer.clone(), arc.need.clone());
        let state = *rng.pick(&[ProjectState::Agreed, ProjectState::Delivered]);
        project(ledger, &offer, &need, rng.range(1, 2), state);
    }
    if ledger.goals.is_empty() {
        ledger.goals = Goal::default_order();
    }
    if !ledger.goals.iter().any(|goal| goal.what == What::Keep) {
        let at = rng.below(ledger.goals.len() + 1);
        ledger.goals.insert(at, Goal::new(What::Keep));
    }
    for goal in ledger.goals.iter_mut().filter(|goal| goal.what == What::Keep) {
        goal.change_budget = Some(rng.range(0, 2));
        if rng.chance(20) {
            goal.filter.kind = Some(OneOrMany::from(NeedKind::General.as_str()));
        }
    }
}

fn minima(rng: &mut Rng, ledger: &mut Ledger) {
    for need in &mut ledger.needs {
        if rng.chance(35) {
            need.min_useful = rng.range(1, need.quantity);
        }
    }
}

fn bundle(rng: &mut Rng, ledger: &mut Ledger) {
    if ledger.needs.len() < 2 || rng.chance(65) {
        return;
    }
    ledger.bundles.push(Bundle { id: "b".to_owned(), name: None, place: None });
    for need in &mut ledger.needs {
        if rng.chance(50) {
            need.bundle = Some("b".to_owned());
        }
    }
}

fn caps(rng: &mut Rng, ledger: &mut Ledger) {
    for need in &mut ledger.needs {
        if rng.chance(25) {
            need.max_providers = Some(rng.range(1, 2));
        }
    }
}

fn lots(rng: &mut Rng, ledger: &mut Ledger) {
    for pair in &mut ledger.pairs {
        if rng.chance(20) {
            pair.min_lot = Some(rng.range(1, 3));
        }
    }
}

fn fixed_costs(rng: &mut Rng, ledger: &mut Ledger) {
    for unit in &mut ledger.units {
        if rng.chance(20) {
            unit.fixed_cost = rng.range(1, 9);
        }
    }
    for offer in &mut ledger.offers {
        if rng.chance(20) {
            offer.fixed_cost = rng.range(1, 9);
        }
    }
    for pair in &mut ledger.pairs {
        if rng.chance(25) {
            pair.fixed_cost = Some(rng.range(1, 9));
        }
    }
}

fn consumption(rng: &mut Rng, ledger: &mut Ledger) {
    for pair in &mut ledger.pairs {
        if rng.chance(25) {
            pair.consumption = Some(rng.range(0, 3));
        }
    }
}

fn limits(rng: &mut Rng, ledger: &mut Ledger) {
    for k in 0..rng.range(0, 2) {
        let counts = *rng.pick(&[
            Counts::Amount,
            Counts::Yuan,
            Counts::Pairs,
            Counts::Pairs,
            Counts::Served,
            Counts::SharePpm,
        ]);
        let mut limit = Limit {
            id: format!("w{k}"),
            name: None,
            counts,
            supply: SupplySelector::default(),
            demand: DemandSelector::default(),
            per: None,
            pair_level: None,
            lower: None,
            upper: None,
            hard: rng.chance(65),
            untouchable: rng.chance(10),
        };
        let one = |word: &str| Some(OneOrMany::from(word));
        match rng.range(0, 4) {
            0 => limit.supply.unit = one(&rng.pick(&ledger.units).id),
            1 => limit.demand.category = one(&rng.pick(&ledger.categories).id),
            2 => limit.demand.place = one(&rng.pick(&ledger.places).id),
            3 => limit.demand.kind = one(NeedKind::HotSpot.as_str()),
            _ => {}
        }
        limit.per = match rng.range(0, 5) {
            0 => Some(Per::Unit),
            1 => Some(Per::Need),
            2 => Some(Per::Place(PlaceLevel::Community)),
            3 => Some(Per::Category),
            _ => None,
        };
        if counts == Counts::Pairs {
            let levels = [PlaceLevel::Community, PlaceLevel::Street, PlaceLevel::Grid];
            limit.pair_level = Some(*rng.pick(&levels));
        }
        let most = match counts {
            Counts::SharePpm => 1_000_000,
            Counts::Yuan => 20,
            Counts::Amount => 6,
            Counts::Pairs | Counts::Served => 3,
        };
        let bound = |rng: &mut Rng| match counts {
            Counts::SharePpm => *rng.pick(&[0, 250_000, 500_000, 750_000, most]),
            _ => rng.range(0, most),
        };
        if rng.chance(75) {
            limit.upper = Some(bound(rng));
        } else {
            limit.lower = Some(bound(rng));
        }
        ledger.limits.push(limit);
    }
}

fn goals(rng: &mut Rng, ledger: &mut Ledger) {
    if ledger.goals.is_empty() {
        ledger.goals = Goal::default_order();
    }
    let mut goal = match rng.range(0, 5) {
        0 => Goal::new(What::Partners),
        1 => Goal::new(What::Balance),
        2 | 3 => {
            let mut goal = Goal::new(What::Fair);
            goal.by = *rng.pick(&[By::Share, By::Share, By::Amount]);
            goal.form = *rng.pick(&[FairForm::Leximin, FairForm::Maximin]);
            goal.of = if rng.chance(20) { ValueOf::Value } else { ValueOf::Coverage };
            goal.per = Some(*rng.pick(&[
                Per::Place(PlaceLevel::Community),
                Per::Category,
                Per::Need,
                Per::Audience,
            ]));
            goal
        }
        4 => {
            let mut goal = Goal::new(What::Weighted);
            goal.terms = vec![
                Term { what: TermWhat::Cover, weight: rng.range(1, 9) },
                Term { what: TermWhat::Partners, weight: -rng.range(1, 5) },
                Term { what: TermWhat::Spend, weight: -1 },
            ];
            goal
        }
        _ => Goal::new(What::Spend),
    };
    if rng.chance(25) {
        goal.filter.kind = Some(OneOrMany::from(NeedKind::General.as_str()));
    }
    let same = |g: &Goal| g.what == goal.what && g.filter == goal.filter && g.per == goal.per;
    if !ledger.goals.iter().any(same) {
        let at = rng.below(ledger.goals.len().min(3) + 1);
        ledger.goals.insert(at, goal);
    }
    if rng.chance(15) {
        let at = rng.below(ledger.goals.len());
        ledger.goals[at].tolerance_ppm = *rng.pick(&[100_000, 250_000, 500_000]);
    }
}
