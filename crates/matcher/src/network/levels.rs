//! Goals as levels: what one unit of flow on an edge is worth at each of them.
//!
//! In: the goals of the canonical ledger. Out: [`Level`]s with integer coefficients
//! (one floor each), their scale and what a perfect value would be. Must
//! not know solvers. A tier goal becomes two levels, soft limits become level 0.

use crate::ledger::{By, FairForm, Goal, Need, Per, TermWhat, ValueOf, What};
use crate::quantity::{PPM, SHARE_SCALE, share_coefficient};
use crate::validate::ValidLedger;

use super::arcs::Arcs;
use super::select::{Selection, Selector};

/// Whether a level's value should be large or small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// The larger the better.
    Maximize,
    /// The smaller the better.
    Minimize,
}

/// What a level adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelKind {
    /// Misses of soft limits.
    Soft,
    /// Coverage.
    Cover,
    /// Coverage up to a share, in parts per million.
    TierReach(i64),
    /// Coverage beyond that share.
    TierBeyond(i64),
    /// Standing assignments kept.
    Keep,
    /// Lack of proficiency.
    Fit,
    /// Distance.
    Near,
    /// Level of the providers.
    Escalate,
    /// Money.
    Spend,
    /// Worth of pairs.
    Value,
    /// Weighted sum of value, money, covered amount and partners.
    Weighted {
        /// Weight of the worth of pairs.
        value: i64,
        /// Weight of money.
        spend: i64,
        /// Weight of the covered amount.
        cover: i64,
        /// Weight of distinct (unit, community) pairs.
        partners: i64,
    },
    /// The worst-served groups first.
    Fair(Fair),
    /// Distinct (unit, community) pairs.
    Partners,
    /// Largest used share of any unit.
    Balance,
}

/// A fairness level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fair {
    /// Worst only, or the whole sorted vector.
    pub form: FairForm,
    /// Served over asked, or priority-weighted shares.
    pub by: By,
    /// Coverage or value.
    pub of: ValueOf,
    /// The groups, ascending by name; disjoint unless by period.
    pub groups: Vec<FairGroup>,
}

/// One group of a fairness level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FairGroup {
    /// Name: id of the place, category, audience, ...
    pub name: String,
    /// Its needs, ascending.
    pub needs: Vec<u32>,
    /// What they ask for together.
    pub asked: i64,
}

/// One level of the lexicographic order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Position of the goal; `None` for soft limits.
    pub goal: Option<usize>,
    /// Name shown: `cover:hot_spot`, `soft`, `tier`, `tier:beyond`.
    pub label: String,
    /// What is added up.
    pub kind: LevelKind,
    /// Whether needs count as shares or by amount (money and worth always by amount).
    pub by: By,
    /// Direction.
    pub sense: Sense,
    /// How many units of the value make 1 (10^12 for shares, 1 for amounts and money).
    pub scale: i64,
    /// The value if nothing were short, where that means something.
    pub of: Option<i128>,
    /// Needs it speaks of.
    pub needs: Selection,
}

/// The levels of a ledger in order.
pub fn levels(valid: &ValidLedger, selector: &Selector<'_>, arcs: &Arcs) -> Vec<Level> {
    let ledger = valid.ledger();
    let mut levels = Vec::new();
    let soft = ledger.limits.iter().any(|l| !l.hard && (l.lower.is_some() || l.upper.is_some()));
    if soft {
        levels.push(Level {
            goal: None,
            label: "soft".to_owned(),
            kind: LevelKind::Soft,
            by: By::Share,
            sense: Sense::Minimize,
            scale: SHARE_SCALE,
            of: None,
            needs: Selection::All,
        });
    }
    for (position, goal) in ledger.goals.iter().enumerate() {
        let needs = selector.needs(&goal.filter);
        for (kind, suffix) in kinds(valid, selector, goal, &needs) {
            let mut level = Level {
                goal: Some(position),
                label: format!("{}{suffix}", goal.label()),
                sense: sense(&kind),
                scale: scale(&kind, goal.by),
                of: None,
                kind,
                by: goal.by,
                needs: needs.clone(),
            };
            level.of = level.perfect(valid, arcs);
            levels.push(level);
        }
    }
    levels
}

fn kinds(
    valid: &ValidLedger,
    selector: &Selector<'_>,
    goal: &Goal,
    needs: &Selection,
) -> Vec<(LevelKind, &'static str)> {
    let one = |kind| vec![(kind, "")];
    match goal.what {
        What::Cover => one(LevelKind::Cover),
        What::Tier => {
            let at = goal.at_ppm.unwrap_or(PPM);
            vec![(LevelKind::TierReach(at), ""), (LevelKind::TierBeyond(at), ":beyond")]
        }
        What::Keep => one(LevelKind::Keep),
        What::Fit => one(LevelKind::Fit),
        What::Near => one(LevelKind::Near),
        What::Escalate => one(LevelKind::Escalate),
        What::Spend => one(LevelKind::Spend),
        What::Value => one(LevelKind::Value),
        What::Partners => one(LevelKind::Partners),
        What::Balance => one(LevelKind::Balance),
        What::Weighted => {
            let weight =
                |what| goal.terms.iter().filter(|t| t.what == what).map(|t| t.weight).sum();
            one(LevelKind::Weighted {
                value: weight(TermWhat::Value),
                spend: weight(TermWhat::Spend),
                cover: weight(TermWhat::Cover),
                partners: weight(TermWhat::Partners),
            })
        }
        What::Fair => {
            let groups = selector
                .need_groups(goal.per.unwrap_or(Per::Need), needs)
                .unwrap_or_default()
                .into_iter()
                .map(|(name, needs)| FairGroup {
                    name,
                    asked: needs.iter().map(|&n| valid.ledger().needs[n as usize].quantity).sum(),
                    needs,
                })
                .collect();
            one(LevelKind::Fair(Fair { form: goal.form, by: goal.by, of: goal.of, groups }))
        }
    }
}

fn sense(kind: &LevelKind) -> Sense {
    match kind {
        LevelKind::Cover
        | LevelKind::TierReach(_)
        | LevelKind::TierBeyond(_)
        | LevelKind::Keep
        | LevelKind::Value
        | LevelKind::Weighted { .. }
        | LevelKind::Fair(_) => Sense::Maximize,
        _ => Sense::Minimize,
    }
}

fn scale(kind: &LevelKind, by: By) -> i64 {
    match kind {
        LevelKind::Spend | LevelKind::Value | LevelKind::Partners | LevelKind::Weighted { .. } => 1,
        // Fairness shows shares and balance used parts, whatever they count.
        LevelKind::Fair(_) | LevelKind::Balance | LevelKind::Soft => SHARE_SCALE,
        _ if by == By::Amount => 1,
        _ => SHARE_SCALE,
    }
}

impl Level {
    /// Value if every need it speaks of were covered (every standing assignment kept).
    fn perfect(&self, valid: &ValidLedger, arcs: &Arcs) -> Option<i128> {
        let needs = &valid.ledger().needs;
        let total = |each: &dyn Fn(&Need) -> i128| {
            Some(self.needs.positions(needs.len()).iter().map(|&n| each(&needs[n as usize])).sum())
        };
        let scale = i128::from(SHARE_SCALE);
        let whole = |n: &Need| {
            let units = match self.by {
                By::Share => scale,
                By::Amount => i128::from(n.quantity),
            };
            i128::from(n.priority) * units
        };
        let ppm = i128::from(PPM);
        match self.kind {
            LevelKind::Cover => total(&whole),
            LevelKind::TierReach(at) => total(&|n| whole(n) * i128::from(at) / ppm),
            LevelKind::TierBeyond(at) => total(&|n| whole(n) - whole(n) * i128::from(at) / ppm),
            LevelKind::Keep => Some(
                arcs.baseline
                    .iter()
                    .map(|&(arc, b)| {
                        let need = arcs.need[arc as usize];
                        i128::from(b) * i128::from(self.keep_coefficient(valid, need))
                    })
                    .sum(),
            ),
            LevelKind::Fair(_) => Some(scale),
            _ => None,
        }
    }

    /// Worth at this level of one unit of service on `arc`, for the parts that depend
    /// on the arc alone (not: coverage, tiers, keep, soft limits, fairness). In the
    /// level's own sense; `None` when it leaves the range of coefficients.
    pub fn arc_coefficient(&self, valid: &ValidLedger, arcs: &Arcs, arc: u32) -> Option<i64> {
        let (offer, need) = (arcs.offer[arc as usize], arcs.need[arc as usize]);
        let asked = valid.ledger().needs[need as usize].quantity;
        let share = |weight: i64| self.coefficient(weight, asked);
        let record = &valid.ledger().offers[offer as usize];
        let in_range = |total: i128| {
            i64::try_from(total).ok().filter(|c| c.abs() <= crate::quantity::MAX_COEFFICIENT)
        };
        let price = || i128::from(record.unit_cost) + i128::from(arcs.cost_of(arc));
        if !self.needs.has(need) {
            return Some(0);
        }
        match self.kind {
            LevelKind::Fit => share(100 - record.proficiency),
            LevelKind::Near => {
                let place = valid.needs()[need as usize].place;
                share(valid.distance(valid.offers()[offer as usize].unit, place))
            }
            LevelKind::Escalate => share(valid.offers()[offer as usize].rank),
            LevelKind::Spend => in_range(price()),
            LevelKind::Value => in_range(i128::from(arcs.value_of(arc))),
            LevelKind::Weighted { value, spend, cover, .. } => {
                let priority = valid.ledger().needs[need as usize].priority;
                let term = |weight: i64, each: i128| i128::from(weight).checked_mul(each);
                let total = term(value, i128::from(arcs.value_of(arc)))?
                    .checked_add(term(spend, price())?)?
                    .checked_add(term(cover, i128::from(priority))?)?;
                in_range(total)
            }
            _ => Some(0),
        }
    }

    /// Worth at this level of the unit number `unit` (from 0) of coverage of `need`.
    ///
    /// Whole below a tier's breakpoint, nothing above it, and the exact part for the
    /// one unit that straddles it.
    pub fn cover_coefficient(&self, valid: &ValidLedger, need: u32, unit: i64) -> i64 {
        if !self.needs.has(need) {
            return 0;
        }
        let record = &valid.ledger().needs[need as usize];
        // Validation bounds priorities by 5 and quantities from below by 1, so a
        // share coefficient is at most 5 * 10^12 and always in range.
        let whole = self.coefficient(record.priority, record.quantity).unwrap_or(0);
        match self.kind {
            LevelKind::Cover => whole,
            LevelKind::TierReach(at) => tier_part(record, whole, at, unit),
            LevelKind::TierBeyond(at) => whole - tier_part(record, whole, at, unit),
            _ => 0,
        }
    }

    /// Worth at this level of one kept unit of a standing assignment of `need`.
    pub fn keep_coefficient(&self, valid: &ValidLedger, need: u32) -> i64 {
        if self.kind != LevelKind::Keep || !self.needs.has(need) {
            return 0;
        }
        self.coefficient(1, valid.ledger().needs[need as usize].quantity).unwrap_or(0)
    }

    /// Worth of one unit of a need that asks for `asked`, at the given weight.
    fn coefficient(&self, weight: i64, asked: i64) -> Option<i64> {
        match self.by {
            By::Share => share_coefficient(weight, asked),
            By::Amount => Some(weight),
        }
    }
}

/// The part of unit number `unit` that lies below the share `at`.
fn tier_part(need: &Need, whole: i64, at: i64, unit: i64) -> i64 {
    let at_units = i128::from(at) * i128::from(need.quantity);
    let below = i128::from(unit) * i128::from(PPM);
    if below + i128::from(PPM) <= at_units {
        whole
    } else if below >= at_units {
        0
    } else {
        let part = i128::from(whole) * (at_units - below) / i128::from(PPM);
        // Less than `whole`, which fits.
        i64::try_from(part).unwrap_or(whole).min(whole)
    }
}

/// Units at which the worth of coverage of `need` changes at some level, ascending.
pub fn breakpoints(levels: &[Level], valid: &ValidLedger, need: u32) -> Vec<i64> {
    let quantity = valid.ledger().needs[need as usize].quantity;
    let mut points = Vec::new();
    for level in levels {
        let LevelKind::TierReach(at) = level.kind else { continue };
        if !level.needs.has(need) {
            continue;
        }
        let at_units = i128::from(at) * i128::from(quantity);
        let whole = (at_units / i128::from(PPM)) as i64;
        points.push(whole);
        if at_units % i128::from(PPM) != 0 {
            points.push(whole + 1);
        }
    }
    points.retain(|&p| p > 0 && p < quantity);
    points.sort_unstable();
    points.dedup();
    points
}
