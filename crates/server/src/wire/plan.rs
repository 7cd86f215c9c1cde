//! The plan on the wire.
//!
//! In: records of one side. Out: those of the other. Must not judge a plan.

use concentric_matcher::certify::{Change, Exchange, Reason};
use concentric_matcher::error::Code;
use concentric_matcher::plan::{
    Assignment, Big, Certificate, Changed, ComponentRecord, Coverage, CoverageRow, Idle,
    LevelChange, LevelRecord, LevelWitness, Moved, NeedChange, Outcome, PLAN_FORMAT, PairChange,
    PartMultipliers, Plan, PlanDiff, TerminationRecord, UnitRow,
};
use concentric_proto::v1;

use super::reader::Reader;
use super::traits::{Wire, part, read, record};

record! { Change, v1::PairChange { offer, need } named { by as change "by" } }
record! { Exchange, v1::Exchange { changes, level } }
record! { Reason, v1::Reason {
    code, funnel, needs, offers, limits, asked, available, same_as, level, exchanges
} }
record! { TerminationRecord, v1::Termination { reason, limit, detail } }
record! { LevelRecord, v1::LevelValue { goal, sense, value, bound, of, scale, proof, work, vector } }
record! { Assignment, v1::Assignment {
    offer, unit, need, place, category, quantity, from, to, kept
} }
record! { Outcome, v1::Outcome { need, asked, covered, status, reasons } }
record! { Idle, v1::Idle { offer, left, reason } }
record! { CoverageRow, v1::CoverageRow { id, needs, met, partial, unmet, share_ppm, amounts } }
record! { UnitRow, v1::UnitRow { id, needs, amounts } }
record! { Coverage, v1::Coverage { places, categories, kinds, audiences, units } }
part! { Coverage, v1::Coverage }
record! { PartMultipliers, v1::PartMultipliers { part, rows } }
record! { ComponentRecord, v1::Component { kind, arcs, needs, proof } }
record! { Changed, v1::AssignmentChange { offer, unit, need, place, before, after } }
record! { Moved, v1::ServiceMove { need, from, to, quantity } }
record! { NeedChange, v1::NeedChange { need, asked, before, after, newly_met, no_longer_met } }
record! { PairChange, v1::UnitPlace { unit, place } }
record! { LevelChange, v1::LevelChange { goal, sense, scale, before, after, by, trend } }
record! { PlanDiff, v1::PlanDiff {
    added, dropped, changed, moved, won, lost, opened, closed, unchanged, levels
} }
record! { Certificate, v1::Certificate { levels, infeasible_cut } }
part! { Certificate, v1::Certificate }

impl Wire<v1::FunnelStep> for (String, u64) {
    fn into_wire(self) -> v1::FunnelStep {
        v1::FunnelStep { test: self.0, count: self.1 }
    }
    fn from_wire(wire: v1::FunnelStep, _: &mut Reader) -> Self {
        (wire.test, wire.count)
    }
}

impl Wire<v1::MeasureSum> for (String, i64, i64) {
    fn into_wire(self) -> v1::MeasureSum {
        v1::MeasureSum { measure: self.0, of: self.1, done: self.2 }
    }
    fn from_wire(wire: v1::MeasureSum, _: &mut Reader) -> Self {
        (wire.measure, wire.of, wire.done)
    }
}

impl Wire<v1::GroupShare> for (String, Big, Big) {
    fn into_wire(self) -> v1::GroupShare {
        v1::GroupShare {
            group: self.0,
            numerator: self.1.into_wire(),
            denominator: self.2.into_wire(),
        }
    }
    fn from_wire(wire: v1::GroupShare, at: &mut Reader) -> Self {
        let numerator = at.item(1, |at| Big::from_wire(wire.numerator, at));
        let denominator = at.item(2, |at| Big::from_wire(wire.denominator, at));
        (wire.group, numerator, denominator)
    }
}

impl Wire<v1::FairVector> for Vec<(String, Big, Big)> {
    fn into_wire(self) -> v1::FairVector {
        v1::FairVector { shares: self.into_wire() }
    }
    fn from_wire(wire: v1::FairVector, at: &mut Reader) -> Self {
        Wire::from_wire(wire.shares, at)
    }
}

impl Wire<v1::RowMultiplier> for (u32, Big) {
    fn into_wire(self) -> v1::RowMultiplier {
        v1::RowMultiplier { row: self.0, multiplier: self.1.into_wire() }
    }
    fn from_wire(wire: v1::RowMultiplier, at: &mut Reader) -> Self {
        (wire.row, at.item(1, |at| Big::from_wire(wire.multiplier, at)))
    }
}

/// Potentials travel as integers where they fit, as texts where one does not.
impl Wire<v1::LevelWitness> for LevelWitness {
    fn into_wire(self) -> v1::LevelWitness {
        let small: Option<Vec<i64>> =
            self.potentials.iter().map(|big| i64::try_from(big.0).ok()).collect();
        let (potentials, wide_potentials) = match small {
            Some(potentials) => (potentials, Vec::new()),
            None => (Vec::new(), self.potentials.into_wire()),
        };
        let (cut, multipliers) = (self.cut, self.multipliers.into_wire());
        v1::LevelWitness { potentials, wide_potentials, cut, multipliers }
    }
    fn from_wire(wire: v1::LevelWitness, at: &mut Reader) -> Self {
        if !wire.potentials.is_empty() && !wire.wide_potentials.is_empty() {
            at.fault(Code::FieldInvalid, "potentials and wide_potentials exclude each other");
        }
        let potentials = if wire.wide_potentials.is_empty() {
            wire.potentials.into_iter().map(Big::from).collect()
        } else {
            read("potentials", wire.wide_potentials, at)
        };
        let multipliers = read("multipliers", wire.multipliers, at);
        LevelWitness { potentials, multipliers, cut: wire.cut }
    }
}

impl Wire<v1::Plan> for Plan {
    fn into_wire(self) -> v1::Plan {
        v1::Plan {
            format: self.format,
            ledger_digest: self.ledger_digest,
            policy_digest: self.policy_digest,
            scenario: self.scenario,
            engine: self.engine,
            seed: self.seed,
            deterministic: self.deterministic,
            termination: self.termination.into_wire(),
            levels: self.levels.into_wire(),
            assignments: self.assignments.into_wire(),
            outcomes: self.outcomes.into_wire(),
            idle: self.idle.into_wire(),
            coverage: self.coverage.into_wire(),
            conflict: self.conflict,
            components: self.components.into_wire(),
            certificate: self.certificate.into_wire(),
        }
    }

    fn from_wire(wire: v1::Plan, at: &mut Reader) -> Self {
        macro_rules! part {
            ($name:ident) => {
                read(stringify!($name), wire.$name, at)
            };
        }
        if !wire.format.is_empty() && wire.format != PLAN_FORMAT {
            let message = format!("this version reads {PLAN_FORMAT}");
            at.field("format", |at| at.fault(Code::UnsupportedSchemaVersion, message));
        }
        Plan {
            format: PLAN_FORMAT.to_owned(),
            ledger_digest: wire.ledger_digest,
            policy_digest: wire.policy_digest,
            scenario: wire.scenario,
            engine: wire.engine,
            seed: wire.seed,
            deterministic: wire.deterministic,
            termination: part!(termination),
            levels: part!(levels),
            assignments: part!(assignments),
            outcomes: part!(outcomes),
            idle: part!(idle),
            coverage: part!(coverage),
            conflict: wire.conflict,
            components: part!(components),
            certificate: part!(certificate),
        }
    }
}
