//! Words of ledgers and plans: the same lists on both sides.
//!
//! In: enums. Out: numbers of the wire. Must not hold anything that is not a plain list.

use concentric_matcher::ledger::{self, Per, PlaceLevel};
use concentric_matcher::{certify, plan};
use concentric_proto::v1;

use super::reader::Reader;
use super::traits::{Wire, optional_words, words};
use concentric_matcher::error::Code;

words! { ledger::ArcMode, v1::ArcMode, unset Derived { Derived, Explicit } }
words! { ledger::PlaceLevel, v1::PlaceLevel {
    District, Street, Community, Compound, KeySite, ServicePoint, Grid, MicroGrid
} }
optional_words! { ledger::PlaceLevel }
words! { ledger::NeedKind, v1::NeedKind, unset General { General, HotSpot } }
words! { ledger::Direction, v1::Direction, unset Gives { Gives, Both } }
words! { ledger::AgreementStatus, v1::AgreementStatus, unset Active { Active, Ended } }
words! { ledger::ClaimState, v1::ClaimState, unset Pending { Pending, Accepted, Declined } }
words! { ledger::ProjectState, v1::ProjectState, unset Proposed {
    Proposed, Agreed, InProgress, Delivered, Closed, Cancelled
} }
words! { ledger::Evaluator, v1::Evaluator { Resident, Supervisor, Jury } }
words! { ledger::Counts, v1::Counts { Amount, Yuan, Pairs, Served, SharePpm } }
words! { ledger::What, v1::GoalWhat {
    Cover, Fair, Tier, Keep, Fit, Near, Escalate, Spend, Value, Partners, Balance, Weighted
} }
words! { ledger::By, v1::GoalBy, unset Share { Share, Amount } }
words! { ledger::FairForm, v1::FairForm, unset Leximin { Leximin, Maximin } }
words! { ledger::ValueOf, v1::FairOf, unset Coverage { Coverage, Value } }
words! { ledger::TermWhat, v1::TermWhat { Value, Spend, Partners, Cover } }
words! { ledger::DeltaOp, v1::DeltaOp {
    Set, Add, ScalePct, Remove, Insert, Reorder, Pin, Forbid, Clear, AcceptClaim
} }
words! { plan::TerminationReason, v1::TerminationReason {
    Optimal, WithinGap, Feasible, Infeasible, NoSolution
} }
words! { plan::LimitName, v1::StopLimit { Time, Work, Memory, Interrupted } }
optional_words! { plan::LimitName }
words! { plan::SenseName, v1::Sense { Maximize, Minimize } }
words! { plan::Trend, v1::Trend { Better, Worse, Same } }
words! { plan::ProofName, v1::Proof { ProvedExact, ProvedBound, Claimed, Feasible } }
words! { plan::Status, v1::Status { Met, Partial, Unmet } }
words! { plan::ComponentKind, v1::ComponentKind { Network, Integer } }
words! { certify::ReasonCode, v1::ReasonCode {
    NoMeasure, NoCategory, OutOfArea, OutOfWindow, AudienceOrShift, BelowProficiency, OwnNeed,
    Radius, Forbidden, Capacity, Outranked, PartnerCap, MaxProviders, Budget, Limit,
    BelowMinimum, Bundle, BeyondLevel, NotProved, NeedsMet, NoNeed
} }

/// Groupings: on the wire places have one value for each level.
impl Wire<i32> for Option<Per> {
    fn into_wire(self) -> i32 {
        let per = match self {
            None => v1::Per::Unspecified,
            Some(Per::Unit) => v1::Per::Unit,
            Some(Per::UnitKind) => v1::Per::UnitKind,
            Some(Per::Category) => v1::Per::Category,
            Some(Per::Period) => v1::Per::Period,
            Some(Per::Audience) => v1::Per::Audience,
            Some(Per::Need) => v1::Per::Need,
            Some(Per::Place(level)) => match level {
                PlaceLevel::District => v1::Per::District,
                PlaceLevel::Street => v1::Per::Street,
                PlaceLevel::Community => v1::Per::Community,
                PlaceLevel::Compound => v1::Per::Compound,
                PlaceLevel::KeySite => v1::Per::KeySite,
                PlaceLevel::ServicePoint => v1::Per::ServicePoint,
                PlaceLevel::Grid => v1::Per::Grid,
                PlaceLevel::MicroGrid => v1::Per::MicroGrid,
            },
        };
        per.into()
    }

    fn from_wire(wire: i32, at: &mut Reader) -> Self {
        let Ok(per) = v1::Per::try_from(wire) else {
            at.fault(Code::UnknownEnum, format!("there is no value {wire} here"));
            return None;
        };
        Some(match per {
            v1::Per::Unspecified => return None,
            v1::Per::Unit => Per::Unit,
            v1::Per::UnitKind => Per::UnitKind,
            v1::Per::Category => Per::Category,
            v1::Per::Period => Per::Period,
            v1::Per::Audience => Per::Audience,
            v1::Per::Need => Per::Need,
            v1::Per::District => Per::Place(PlaceLevel::District),
            v1::Per::Street => Per::Place(PlaceLevel::Street),
            v1::Per::Community => Per::Place(PlaceLevel::Community),
            v1::Per::Compound => Per::Place(PlaceLevel::Compound),
            v1::Per::KeySite => Per::Place(PlaceLevel::KeySite),
            v1::Per::ServicePoint => Per::Place(PlaceLevel::ServicePoint),
            v1::Per::Grid => Per::Place(PlaceLevel::Grid),
            v1::Per::MicroGrid => Per::Place(PlaceLevel::MicroGrid),
        })
    }
}
