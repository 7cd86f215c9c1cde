//! What was promised and what became of it: the joint meeting's pack, load, points.
//!
//! In: the ledger's projects and evaluations, and a plan for what comes next. Out: rows by
//! project, unit and measure. Must not read a clock: what is late is judged by a period
//! that the caller names. Rejected: points as a goal (a plan would buy points instead of
//! coverage).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::missed::{MissedLimit, missed_limits};
use super::receipts::{Receipt, receipts};
use super::{filled, given};
use crate::ledger::{Project, ProjectState};
use crate::plan::{Big, Plan, Status};
use crate::validate::ValidLedger;

/// One project with what a meeting wants to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectRow {
    /// The project.
    pub project: String,
    /// Its name.
    pub name: Option<String>,
    /// The unit that promised it.
    pub unit: String,
    /// The offer.
    pub offer: String,
    /// The need.
    pub need: String,
    /// Place of the need.
    pub place: String,
    /// Category of the need.
    pub category: String,
    /// Measure of the need.
    pub measure: String,
    /// How much.
    pub quantity: i64,
    /// When.
    pub period: Option<String>,
    /// State as written.
    pub state: ProjectState,
    /// People reached, as reported.
    pub beneficiaries: i64,
}

/// Service of the plan that no standing work covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalRow {
    /// The unit.
    pub unit: String,
    /// The offer.
    pub offer: String,
    /// The need.
    pub need: String,
    /// Place of the need.
    pub place: String,
    /// Category of the need.
    pub category: String,
    /// Measure.
    pub measure: String,
    /// How much is new.
    pub quantity: i64,
    /// First period.
    pub from: String,
    /// Last period.
    pub to: String,
}

/// 联席会议: what a joint meeting needs on one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meeting {
    /// The period by which lateness is judged.
    pub period: Option<String>,
    /// Projects delivered or closed.
    pub delivered: Vec<ProjectRow>,
    /// Projects agreed or in progress whose period lies before the meeting's.
    pub late: Vec<ProjectRow>,
    /// Projects agreed or in progress that are not late.
    pub running: Vec<ProjectRow>,
    /// Needs that the plan leaves short.
    pub unmet: Vec<Receipt>,
    /// Soft limits that the plan misses.
    pub missed: Vec<MissedLimit>,
    /// New service that the plan proposes.
    pub proposals: Vec<ProposalRow>,
}

/// Promises of one unit in one measure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoadRow {
    /// The unit.
    pub unit: String,
    /// The measure.
    pub measure: String,
    /// What its offers hold.
    pub offered: i64,
    /// What the plan asks of it.
    pub planned: i64,
    /// Distinct needs the plan gives it.
    pub needs: u64,
    /// Projects agreed, in progress, delivered or closed: delivered + running + late.
    pub promised: i64,
    /// Projects delivered or closed.
    pub delivered: i64,
    /// Projects agreed or in progress, in time.
    pub running: i64,
    /// Projects agreed or in progress whose period is over.
    pub late: i64,
    /// Projects cancelled.
    pub cancelled: i64,
}

/// 积分 of one unit in one measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointsRow {
    /// The unit.
    pub unit: String,
    /// The measure.
    pub measure: String,
    /// Projects delivered or closed.
    pub projects: u64,
    /// What they delivered.
    pub delivered: i64,
    /// Of it, what has been evaluated.
    pub evaluated: i64,
    /// Points for one unit of the measure.
    pub rate: i64,
    /// `evaluated * rate`.
    pub points: Big,
}

/// The period by which lateness is judged when nobody names one: the last in which a
/// project was delivered or closed. None if none was.
pub fn meeting_period(valid: &ValidLedger) -> Option<String> {
    let ledger = valid.ledger();
    let done = ledger.projects.iter().filter(|p| is_done(p));
    let last = done.filter_map(|p| rank(valid, p)).max()?;
    Some(ledger.periods[last].id.clone())
}

fn is_done(project: &Project) -> bool {
    matches!(project.state, ProjectState::Delivered | ProjectState::Closed)
}

fn is_open(project: &Project) -> bool {
    matches!(project.state, ProjectState::Agreed | ProjectState::InProgress)
}

/// Position in time of a project's period.
fn rank(valid: &ValidLedger, project: &Project) -> Option<usize> {
    let id = project.period.as_deref()?;
    valid.ledger().periods.iter().position(|p| p.id == id)
}

/// Whether an open project's period lies before `period`.
fn is_late(valid: &ValidLedger, project: &Project, period: Option<&str>) -> bool {
    let now = period.and_then(|id| valid.ledger().periods.iter().position(|p| p.id == id));
    match (rank(valid, project), now) {
        (Some(then), Some(now)) => is_open(project) && then < now,
        _ => false,
    }
}

fn row(valid: &ValidLedger, at: usize) -> ProjectRow {
    let ledger = valid.ledger();
    let project = &ledger.projects[at];
    let (o, n) = valid.projects()[at];
    let need = &ledger.needs[n as usize];
    ProjectRow {
        project: project.id.clone(),
        name: project.name.clone(),
        unit: ledger.offers[o as usize].unit.clone(),
        offer: project.offer.clone(),
        need: project.need.clone(),
        place: filled(&need.place),
        category: filled(&need.category),
        measure: filled(&need.measure),
        quantity: project.quantity,
        period: project.period.clone(),
        state: project.state,
        beneficiaries: project.beneficiaries,
    }
}

/// The pack of a joint meeting held in `period`; without one nothing counts as late.
///
/// O((projects + assignments + needs) log records + projects * periods).
pub fn meeting(valid: &ValidLedger, plan: &Plan, period: Option<&str>) -> Meeting {
    let ledger = valid.ledger();
    let pick = |wanted: &dyn Fn(&Project) -> bool| -> Vec<ProjectRow> {
        let each = ledger.projects.iter().enumerate().filter(|(_, p)| wanted(p));
        each.map(|(at, _)| row(valid, at)).collect()
    };
    let late = |p: &Project| is_late(valid, p, period);
    let proposals = given(valid, plan).into_iter().filter(|g| g.quantity > g.kept);
    Meeting {
        period: period.map(str::to_owned),
        delivered: pick(&is_done),
        late: pick(&late),
        running: pick(&|p| is_open(p) && !late(p)),
        unmet: receipts(valid, plan).into_iter().filter(|r| r.status != Status::Met).collect(),
        missed: missed_limits(valid, plan),
        proposals: proposals
            .map(|g| ProposalRow {
                unit: g.offer.unit.clone(),
                offer: g.offer.id.clone(),
                need: g.need.id.clone(),
                place: filled(&g.need.place),
                category: filled(&g.need.category),
                measure: filled(&g.need.measure),
                quantity: g.quantity - g.kept,
                from: g.from.to_owned(),
                to: g.to.to_owned(),
            })
            .collect(),
    }
}

/// What every unit offers, is asked for by the plan, and promised and delivered before;
/// ascending by unit and measure. Lateness is judged as in [`meeting`].
pub fn load(valid: &ValidLedger, plan: &Plan, period: Option<&str>) -> Vec<LoadRow> {
    let ledger = valid.ledger();
    let mut rows: BTreeMap<(&str, &str), LoadRow> = BTreeMap::new();
    for offer in &ledger.offers {
        let key = (offer.unit.as_str(), offer.measure.as_deref().unwrap_or_default());
        rows.entry(key).or_default().offered += offer.quantity;
    }
    let mut seen: BTreeSet<(&str, u32)> = BTreeSet::new();
    for g in &given(valid, plan) {
        let unit = g.offer.unit.as_str();
        let row = rows.entry((unit, g.need.measure.as_deref().unwrap_or_default())).or_default();
        row.planned += g.quantity;
        row.needs += u64::from(seen.insert((unit, g.n)));
    }
    for (project, &(o, n)) in ledger.projects.iter().zip(valid.projects()) {
        let unit = ledger.offers[o as usize].unit.as_str();
        let measure = ledger.needs[n as usize].measure.as_deref().unwrap_or_default();
        let row = rows.entry((unit, measure)).or_default();
        match project.state {
            ProjectState::Delivered | ProjectState::Closed => row.delivered += project.quantity,
            ProjectState::Cancelled => row.cancelled += project.quantity,
            ProjectState::Proposed => continue,
            _ if is_late(valid, project, period) => row.late += project.quantity,
            _ => row.running += project.quantity,
        }
        row.promised = row.delivered + row.running + row.late;
    }
    let each = rows.into_iter();
    each.map(|((unit, measure), row)| LoadRow {
        unit: unit.to_owned(),
        measure: measure.to_owned(),
        ..row
    })
    .collect()
}

/// Points: delivered and evaluated quantity times the rate of its measure, ascending by
/// unit and measure; a measure without a rate counts 1.
pub fn points(valid: &ValidLedger, rates: &BTreeMap<String, i64>) -> Vec<PointsRow> {
    let ledger = valid.ledger();
    let evaluated: BTreeSet<&str> = ledger.evaluations.iter().map(|e| e.project.as_str()).collect();
    let mut rows: BTreeMap<(&str, &str), (u64, i64, i64)> = BTreeMap::new();
    let done = ledger.projects.iter().zip(valid.projects()).filter(|(p, _)| is_done(p));
    for (project, &(o, n)) in done {
        let unit = ledger.offers[o as usize].unit.as_str();
        let measure = ledger.needs[n as usize].measure.as_deref().unwrap_or_default();
        let (projects, delivered, scored) = rows.entry((unit, measure)).or_default();
        *projects += 1;
        *delivered += project.quantity;
        if evaluated.contains(project.id.as_str()) {
            *scored += project.quantity;
        }
    }
    let each = rows.into_iter();
    each.map(|((unit, measure), (projects, delivered, evaluated))| {
        let rate = rates.get(measure).copied().unwrap_or(1);
        PointsRow {
            unit: unit.to_owned(),
            measure: measure.to_owned(),
            projects,
            delivered,
            evaluated,
            rate,
            points: Big(i128::from(evaluated) * i128::from(rate)),
        }
    })
    .collect()
}
