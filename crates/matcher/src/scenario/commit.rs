//! `pin`, `forbid`, `clear` and `accept_claim`: what a person decided about one pair.
//!
//! In: a ledger and a delta. Out: the pair row or the claim, changed. Must not know
//! how a lock becomes a bound.

use std::collections::BTreeMap;

use serde_json::Value;

use super::edit::whole;
use super::list::List;
use super::select::{by_id, unknown_id};
use crate::error::{Code, Issue};
use crate::ledger::{ArcMode, ClaimState, Delta, DeltaOp, Ledger, Pair};

/// The pins and bans of one list of deltas, with their paths, by the two ids of the pair.
pub(super) type Said = BTreeMap<(String, String), (DeltaOp, String)>;

/// Applies a pin, a ban, or takes both back.
///
/// A scenario may overturn what its base or its parent says of a pair, but not what it says
/// itself: a pin and a ban of one pair in one list are a contradiction, unless `clear` stands
/// between them. Which of the two is meant is not for this program to choose.
///
/// With explicit arcs an (offer, need) row is itself the arc, so no row is made:
/// a pin on a missing row is an error, a ban or clear of one changes nothing.
/// With derived arcs a row that says nothing any more is dropped.
///
/// # Errors
/// Not exactly one of the two forms, unknown ids, a locked quantity that is no
/// whole number or below zero, a pair both pinned and forbidden (`CONTRADICTORY_POLICY`).
pub(super) fn decide(
    ledger: &mut Ledger,
    said: &mut Said,
    delta: &Delta,
    at: &str,
) -> Result<(), Vec<Issue>> {
    let key = key(ledger, delta, at)?;
    let quantity = match &delta.value {
        None | Some(Value::Null) => 1,
        value => whole(value.as_ref(), format!("{at}.value")).map_err(|i| vec![i])?,
    };
    if quantity < 0 {
        return Err(vec![Issue::new(
            Code::DeltaResultNegative,
            format!("{at}.value"),
            "a locked quantity is at least 0",
        )]);
    }
    let same = |row: &Pair| {
        (&row.offer, &row.need, &row.unit, &row.place)
            == (&key.offer, &key.need, &key.unit, &key.place)
    };
    let found = ledger.pairs.iter().position(same);
    let explicit_arc = ledger.arcs == ArcMode::Explicit && key.offer.is_some();
    let position = match found {
        Some(p) => p,
        None if delta.op == DeltaOp::Clear => return Ok(()),
        None if explicit_arc && delta.op == DeltaOp::Forbid => return Ok(()),
        None if explicit_arc => {
            return Err(vec![Issue::new(
                Code::FieldInvalid,
                at,
                "arcs are explicit and `pairs` has no such row: there is nothing to pin",
            )]);
        }
        None => {
            ledger.pairs.push(key.clone());
            ledger.pairs.len() - 1
        }
    };
    let row = &mut ledger.pairs[position];
    let ends = row.ends();
    let locks = delta.op == DeltaOp::Pin && quantity > 0;
    if let Some((op, path)) = said.get(&ends)
        && (locks || delta.op == DeltaOp::Forbid)
        && *op != delta.op
    {
        let message = "a pair cannot be pinned and forbidden at once; `clear` takes one back";
        let issue = Issue::new(Code::ContradictoryPolicy, at, message);
        return Err(vec![issue.with_related(path)]);
    }
    said.remove(&ends);
    if locks || delta.op == DeltaOp::Forbid {
        said.insert(ends, (delta.op, at.to_owned()));
    }
    match delta.op {
        DeltaOp::Pin => {
            row.locked = Some(quantity);
            // A row that admits what a wider one forbids goes on doing so.
            row.forbidden = row.forbidden.filter(|forbidden| !forbidden);
        }
        DeltaOp::Forbid => {
            row.forbidden = Some(true);
            row.locked = None;
        }
        _ => {
            row.locked = None;
            row.forbidden = None;
            if *row == key && !explicit_arc {
                ledger.pairs.remove(position);
            }
        }
    }
    Ok(())
}

/// The bare row that the delta's key fields describe.
fn key(ledger: &Ledger, delta: &Delta, at: &str) -> Result<Pair, Vec<Issue>> {
    match (&delta.offer, &delta.need, &delta.unit, &delta.place) {
        (Some(offer), Some(need), None, None) => {
            let mut issues = Vec::new();
            if !ledger.offers.iter().any(|r| r.id == *offer) {
                let path = format!("{at}.offer");
                issues.push(unknown_id(&ledger.offers, List::Offers, offer, path));
            }
            if !ledger.needs.iter().any(|r| r.id == *need) {
                let path = format!("{at}.need");
                issues.push(unknown_id(&ledger.needs, List::Needs, need, path));
            }
            if issues.is_empty() { Ok(Pair::arc(offer, need)) } else { Err(issues) }
        }
        (None, None, Some(unit), Some(place)) => {
            let mut issues = Vec::new();
            if !ledger.units.iter().any(|r| r.id == *unit) {
                let path = format!("{at}.unit");
                issues.push(unknown_id(&ledger.units, List::Units, unit, path));
            }
            if !ledger.places.iter().any(|r| r.id == *place) {
                let path = format!("{at}.place");
                issues.push(unknown_id(&ledger.places, List::Places, place, path));
            }
            if issues.is_empty() { Ok(Pair::between(unit, place)) } else { Err(issues) }
        }
        _ => Err(vec![Issue::new(
            Code::FieldRequired,
            at,
            "a pair is `offer` and `need`, or `unit` and `place`",
        )]),
    }
}

/// Accepts the pending claim `delta.id`.
///
/// # Errors
/// No or an unknown id; a claim that is already decided (`FIELD_INVALID`).
pub(super) fn accept(ledger: &mut Ledger, delta: &Delta, at: &str) -> Result<(), Vec<Issue>> {
    let path = format!("{at}.id");
    let Some(id) = &delta.id else {
        return Err(vec![Issue::new(
            Code::FieldRequired,
            path,
            "`id` of the claim is required here",
        )]);
    };
    let p = by_id(&ledger.claims, List::Claims, id, at).map_err(|i| vec![i])?;
    let claim = &mut ledger.claims[p];
    if claim.state != ClaimState::Pending {
        let state = match claim.state {
            ClaimState::Accepted => "accepted",
            _ => "declined",
        };
        return Err(vec![Issue::new(
            Code::FieldInvalid,
            path,
            format!("claim `{id}` is already {state}"),
        )]);
    }
    claim.state = ClaimState::Accepted;
    Ok(())
}
