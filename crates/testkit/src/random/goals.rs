//! Lexicographic orders of a random ledger.
//!
//! In: nouns. Out: a random selection of network goals in random order, or none (the
//! default order). Must not know limits.

use concentric_matcher::ledger::{
    By, FairForm, Goal, Ledger, NeedKind, OneOrMany, Per, Term, TermWhat, What,
};

use concentric_matcher::quantity::PPM;

use super::limits::some_level;
use crate::rng::Rng;

/// Adds one to six levels, or none in a tenth of the ledgers.
pub(super) fn add(rng: &mut Rng, ledger: &mut Ledger, fair: bool) {
    if rng.chance(10) {
        return;
    }
    let mut goals = vec![
        Goal::cover_kind(NeedKind::HotSpot),
        Goal::cover_kind(NeedKind::General),
        cover(rng, ledger),
        tier(rng, ledger),
        by(rng, Goal::new(What::Keep)),
        by(rng, Goal::new(What::Fit)),
        by(rng, Goal::new(What::Near)),
        by(rng, Goal::new(What::Escalate)),
        Goal::new(What::Spend),
        Goal::new(What::Value),
        weighted(rng),
    ];
    rng.shuffle(&mut goals);
    goals.truncate(rng.range(1, 6) as usize);
    if fair && rng.chance(80) {
        let at = rng.below(goals.len().min(2) + 1);
        goals.insert(at, fair_level(rng, ledger));
    }
    ledger.goals = goals;
}

fn by(rng: &mut Rng, mut goal: Goal) -> Goal {
    if rng.chance(20) {
        goal.by = By::Amount;
    }
    goal
}

fn cover(rng: &mut Rng, ledger: &Ledger) -> Goal {
    let mut goal = Goal::new(What::Cover);
    if rng.chance(50) {
        goal.by = By::Amount;
    }
    let one = |word: &str| Some(OneOrMany::from(word));
    match rng.range(0, 5) {
        0 => goal.filter.place = one(&rng.pick(&ledger.places).id),
        1 => goal.filter.category = one(&rng.pick(&ledger.categories).id),
        2 => goal.filter.audience = one("resident"),
        3 => goal.filter.place_tag = one("weak"),
        4 if !ledger.periods.is_empty() => goal.filter.period = one(&rng.pick(&ledger.periods).id),
        _ => {}
    }
    goal
}

/// Breakpoint at a quarter, a half, three quarters or the whole, over the needs for
/// which that is a whole quantity: no unit of service straddles it.
fn tier(rng: &mut Rng, ledger: &Ledger) -> Goal {
    let mut goal = Goal::new(What::Tier);
    let at = *rng.pick(&[250_000, 500_000, 500_000, 750_000, 1_000_000]);
    goal.at_ppm = Some(at);
    let whole: Vec<String> =
        ledger.needs.iter().filter(|n| n.quantity * at % PPM == 0).map(|n| n.id.clone()).collect();
    if whole.is_empty() {
        goal.at_ppm = Some(PPM);
    } else if whole.len() < ledger.needs.len() {
        goal.filter.need = Some(OneOrMany::Many(whole));
    }
    goal
}

fn weighted(rng: &mut Rng) -> Goal {
    let mut goal = Goal::new(What::Weighted);
    goal.terms = [
        (TermWhat::Value, rng.range(0, 3)),
        (TermWhat::Cover, rng.range(0, 3)),
        (TermWhat::Spend, rng.range(-2, 0)),
    ]
    .into_iter()
    .filter(|&(_, weight)| weight != 0)
    .map(|(what, weight)| Term { what, weight })
    .collect();
    if goal.terms.is_empty() {
        goal.terms.push(Term { what: TermWhat::Value, weight: 1 });
    }
    goal
}

/// By amount, over groups that never overlap.
fn fair_level(rng: &mut Rng, ledger: &Ledger) -> Goal {
    let mut goal = Goal::new(What::Fair);
    goal.by = By::Amount;
    goal.form = *rng.pick(&[FairForm::Leximin, FairForm::Maximin]);
    goal.per = Some(match rng.range(0, 5) {
        0..=2 => Per::Place(some_level(rng, ledger)),
        3 => Per::Category,
        4 => Per::Audience,
        _ => Per::Need,
    });
    if rng.chance(20) {
        goal.filter.kind = Some(OneOrMany::from(NeedKind::HotSpot.as_str()));
    }
    goal
}
