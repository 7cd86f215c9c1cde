//! Reasons, re-proved.
//!
//! In: a plan's service and one reason. Out: nothing, or what is wrong with it. Must
//! not know how the reason was found: each is checked by counting, by adding up a cut,
//! or by the exact effect of a move. A reason that fails here must not be given.

use crate::ledger::Counts;
use crate::network::{InnerOf, Network, funnel};
use crate::validate::ValidLedger;

use super::blocked::{blocked, blocked_offer, effect};
use super::closed_set::closed_set;
use super::delta::deltas;
use super::feasibility::{Violation, row_total};
use super::idle_funnel::idle_funnel;
use super::incidence::Incidence;
use super::reason::{Exchange, Reason, ReasonCode};
use super::said::{said, word};

/// A plan seen from its network; what reasons are checked against.
pub struct Situation<'a> {
    /// The ledger.
    pub valid: &'a ValidLedger,
    /// Its network.
    pub network: &'a Network<'a>,
    /// Service on each arc.
    pub service: &'a [i64],
    /// Flow on each edge.
    pub flows: &'a [i64],
    /// Coverage of each need.
    pub covered: &'a [i64],
    /// What is drawn from each offer.
    pub drawn: &'a [i64],
    /// For each need whether its shortfall may end in "not proved".
    pub open: &'a [bool],
    /// For each need whether it is in a part that needs integers.
    pub integer: &'a [bool],
    /// Edges at each node.
    pub incidence: &'a Incidence<'a>,
    /// `(label, inner node)` of every limit, ascending by label.
    pub limits: &'a [(String, u32)],
}

impl Situation<'_> {
    /// Labels of all inner nodes that stand for limits, ascending.
    pub fn labels(network: &Network) -> Vec<(String, u32)> {
        let mut labels: Vec<(String, u32)> = (0..network.forests.inner.len() as u32)
            .filter(|&inner| matches!(network.inner_of[inner as usize], InnerOf::Row(_)))
            .map(|inner| (network.inner_name(inner), inner))
            .collect();
        labels.sort();
        labels
    }

    /// Whether an offer serves needs of a part that needs integers.
    pub fn is_integer_offer(&self, offer: u32) -> bool {
        self.network.arcs.range(offer).any(|a| self.integer[self.network.arcs.need[a] as usize])
    }

    /// Whether what is left of an offer may stay unexplained.
    pub fn is_open_offer(&self, offer: u32) -> bool {
        self.network.arcs.range(offer).any(|a| self.open[self.network.arcs.need[a] as usize])
    }

    /// Whether less is left of an offer than one unit of service would draw, on every arc
    /// that could carry more; there is such an arc.
    pub fn is_too_little(&self, offer: u32) -> bool {
        let (arcs, ledger) = (&self.network.arcs, self.valid.ledger());
        let left = ledger.offers[offer as usize].quantity - self.drawn[offer as usize];
        let more = |&a: &usize| {
            let need = arcs.need[a] as usize;
            self.covered[need] < ledger.needs[need].quantity && self.service[a] < arcs.upper[a]
        };
        let mut open = arcs.range(offer).filter(more).peekable();
        open.peek().is_some() && open.all(|a| arcs.consumption_of(a as u32) > left)
    }

    /// How the levels change by a move; `None` where a rule forbids it.
    pub fn gains(&self, changes: &[(u32, i64)]) -> Option<Vec<i128>> {
        let integer =
            |&(arc, _): &(u32, i64)| self.integer[self.network.arcs.need[arc as usize] as usize];
        if changes.iter().any(integer) {
            effect(self, changes).ok()
        } else {
            deltas(self.network, self.flows, changes)
        }
    }

    pub(super) fn offer(&self, id: &str) -> Result<u32, String> {
        let offers = &self.valid.ledger().offers;
        offers
            .binary_search_by(|o| o.id.as_str().cmp(id))
            .map(|k| k as u32)
            .map_err(|_| format!("names offer {id}, which does not exist"))
    }

    pub(super) fn need(&self, id: &str) -> Result<u32, String> {
        let needs = &self.valid.ledger().needs;
        needs
            .binary_search_by(|n| n.id.as_str().cmp(id))
            .map(|k| k as u32)
            .map_err(|_| format!("names need {id}, which does not exist"))
    }

    pub(super) fn inner(&self, label: &str) -> Result<u32, String> {
        self.limits
            .binary_search_by(|(l, _)| l.as_str().cmp(label))
            .map(|k| self.limits[k].1)
            .map_err(|_| format!("names limit {label}, which is not in the network"))
    }
}

/// Checks a reason of a need that is short.
///
/// `written_at` finds the reason of the same code at another need's outcome.
///
/// # Errors
/// What is wrong with the evidence.
pub fn recheck_need<'r>(
    plan: &Situation<'_>,
    need: u32,
    reason: &'r Reason,
    written_at: &dyn Fn(&str, ReasonCode) -> Option<&'r Reason>,
) -> Result<(), Violation> {
    let id = &plan.valid.ledger().needs[need as usize].id;
    let checked = reason.only_its_own().and_then(|()| match reason.code {
        code if code.is_funnel() => dead_end(plan, need, reason),
        // Found by trying, and found again by trying.
        _ if plan.integer[need as usize] && blocked(plan, need).contains(reason) => Ok(()),
        ReasonCode::Capacity => closed_set(plan, id, reason, written_at),
        ReasonCode::Limit if reason.asked.is_none() && reason.available.is_some() => {
            Err("says what limits leave, which nothing shows".to_owned())
        }
        ReasonCode::Limit if reason.asked.is_none() && reason.same_as.is_none() => {
            full_limit(plan, need, reason)
        }
        ReasonCode::Limit => closed_set(plan, id, reason, written_at),
        ReasonCode::Outranked => {
            outranked(plan, reason, |arc| plan.network.arcs.need[arc as usize] == need)
        }
        ReasonCode::BeyondLevel => beyond_level(plan, need, reason),
        ReasonCode::NotProved if plan.open[need as usize] => Ok(()),
        other => Err(format!("{} cannot be re-proved", word(&other))),
    });
    checked.map_err(|detail| Violation::new(format!("reason of need {id}"), detail))
}

/// Checks the reason why something is left of an offer.
///
/// # Errors
/// What is wrong with the evidence.
pub fn recheck_idle(plan: &Situation<'_>, offer: u32, reason: &Reason) -> Result<(), Violation> {
    let arcs = &plan.network.arcs;
    let checked = reason.only_its_own().and_then(|()| match reason.code {
        ReasonCode::NoNeed => {
            let counts = idle_funnel(plan.valid, plan.network, offer);
            if !arcs.range(offer).is_empty() {
                Err("has a need it could serve".to_owned())
            } else if counts != reason.funnel {
                Err("the funnel's counts differ".to_owned())
            } else {
                Ok(())
            }
        }
        ReasonCode::NeedsMet => {
            let open = arcs.range(offer).find(|&a| {
                let need = arcs.need[a] as usize;
                plan.covered[need] < plan.valid.ledger().needs[need].quantity
                    && plan.service[a] < arcs.upper[a]
            });
            match open {
                Some(a) => {
                    let id = &plan.valid.ledger().needs[arcs.need[a] as usize].id;
                    Err(format!("need {id} is short and could take more of it"))
                }
                None => Ok(()),
            }
        }
        ReasonCode::Capacity if plan.is_too_little(offer) => Ok(()),
        _ if plan.is_integer_offer(offer) && blocked_offer(plan, offer).contains(reason) => Ok(()),
        ReasonCode::Limit if reason.available.is_some() => {
            Err("says what limits leave, which nothing shows".to_owned())
        }
        ReasonCode::Limit => names_limits_alone(reason).and_then(|()| {
            reason.limits.iter().try_for_each(|label| is_full(plan, label)).and_then(|()| {
                if reason.limits.is_empty() {
                    Err("names no limit".to_owned())
                } else {
                    all_bound(plan, offer, reason)
                }
            })
        }),
        ReasonCode::Outranked => outranked(plan, reason, |arc| arcs.offer[arc as usize] == offer),
        ReasonCode::NotProved if plan.is_open_offer(offer) => Ok(()),
        other => Err(format!("{} cannot be re-proved for an offer", word(&other))),
    });
    let id = &plan.valid.ledger().offers[offer as usize].id;
    checked.map_err(|detail| Violation::new(format!("reason of idle offer {id}"), detail))
}

fn dead_end(plan: &Situation<'_>, need: u32, reason: &Reason) -> Result<(), String> {
    let funnel = funnel(plan.valid, &plan.network.arcs, need);
    let counts: Vec<(String, u64)> =
        funnel.rejected.iter().map(|&(code, count)| (code.to_owned(), count)).collect();
    if counts != reason.funnel {
        return Err("the funnel's counts differ".to_owned());
    }
    // A ledger without offers throws nobody out; the first test stands for it.
    let end = if funnel.offers == 0 { Some("no_measure") } else { funnel.dead_end() };
    match end.and_then(ReasonCode::from_funnel) {
        Some(code) if code == reason.code => Ok(()),
        Some(own) => {
            let (own, given) = (word(&own), word(&reason.code));
            Err(format!("the last offer is lost at {own}, not at {given}"))
        }
        None => Err("an offer passes the funnel".to_owned()),
    }
}

fn is_full(plan: &Situation<'_>, label: &str) -> Result<(), String> {
    let inner = plan.inner(label)?;
    let InnerOf::Row(k) = plan.network.inner_of[inner as usize] else {
        return Err(format!("{label} is no limit"));
    };
    let row = &plan.network.rows[k as usize];
    let total = row_total(plan.valid, plan.network, plan.service, row);
    // A money limit over one price is full when not one more unit fits.
    let unit = if row.counts == Counts::Yuan { total_step(plan, inner) } else { 1 };
    match row.upper {
        Some(upper) if total + unit > i128::from(upper) => Ok(()),
        _ => Err(format!("limit {label} counts {total} and is not full")),
    }
}

/// Of full limits there is nothing to say of needs or offers that could be checked.
fn names_limits_alone(reason: &Reason) -> Result<(), String> {
    if reason.needs.is_empty() && reason.offers.is_empty() {
        Ok(())
    } else {
        Err("names needs or offers besides limits that are full".to_owned())
    }
}

/// Whether some named limit speaks of every arc that could carry more from the offer.
fn all_bound(plan: &Situation<'_>, offer: u32, reason: &Reason) -> Result<(), String> {
    let arcs = &plan.network.arcs;
    let mut rows = Vec::new();
    for label in &reason.limits {
        if let InnerOf::Row(k) = plan.network.inner_of[plan.inner(label)? as usize] {
            rows.push(&plan.network.rows[k as usize]);
        }
    }
    for a in arcs.range(offer) {
        let need = arcs.need[a];
        let record = &plan.valid.ledger().needs[need as usize];
        let open = plan.covered[need as usize] < record.quantity && plan.service[a] < arcs.upper[a];
        let bound = rows.iter().any(|row| row.supply.has(offer) && row.demand.has(need));
        if open && !bound {
            return Err(format!("no named limit speaks of its service for need {}", record.id));
        }
    }
    Ok(())
}

fn total_step(plan: &Situation<'_>, inner: u32) -> i128 {
    let node = &plan.network.forests.inner[inner as usize];
    let arcs = &plan.network.arcs;
    let arc = match node.side {
        crate::network::Side::Supply => node.members.iter().flat_map(|&o| arcs.range(o)).next(),
        crate::network::Side::Demand => {
            node.members.iter().flat_map(|&n| arcs.of_need(n)).next().map(|&a| a as usize)
        }
        _ => node.members.first().map(|&a| a as usize),
    };
    arc.map_or(1, |a| {
        let unit_cost = plan.valid.ledger().offers[arcs.offer[a] as usize].unit_cost;
        i128::from(unit_cost) + i128::from(arcs.cost_of(a as u32))
    })
}

fn full_limit(plan: &Situation<'_>, need: u32, reason: &Reason) -> Result<(), String> {
    if reason.limits.is_empty() {
        return Err("names no limit".to_owned());
    }
    names_limits_alone(reason)?;
    for label in &reason.limits {
        is_full(plan, label)?;
        let inner = plan.inner(label)?;
        let InnerOf::Row(k) = plan.network.inner_of[inner as usize] else { continue };
        if !plan.network.rows[k as usize].demand.has(need) {
            return Err(format!("limit {label} does not speak of the need"));
        }
    }
    Ok(())
}

fn outranked(
    plan: &Situation<'_>,
    reason: &Reason,
    ours: impl Fn(u32) -> bool,
) -> Result<(), String> {
    if reason.exchanges.is_empty() {
        return Err("names no exchange".to_owned());
    }
    for exchange in &reason.exchanges {
        let changes = arcs_of(plan, exchange)?;
        let gain: i64 = changes.iter().filter(|(arc, _)| ours(*arc)).map(|(_, by)| by).sum();
        if gain <= 0 {
            return Err("the exchange does not help".to_owned());
        }
        let Some(deltas) = plan.gains(&changes) else {
            return Err("the exchange breaks a rule".to_owned());
        };
        let first = deltas.iter().position(|&d| d != 0);
        let level = first.map(|l| plan.network.levels[l].label.clone());
        if first.is_some_and(|l| deltas[l] > 0) {
            return Err("the exchange would make the plan better".to_owned());
        }
        if level != exchange.level {
            let (own, given) = (said(level), said(exchange.level.as_ref()));
            return Err(format!("the first level it changes is {own}, not {given}"));
        }
    }
    Ok(())
}

/// Changes of an exchange by arc.
fn arcs_of(plan: &Situation<'_>, exchange: &Exchange) -> Result<Vec<(u32, i64)>, String> {
    let mut changes = Vec::new();
    for change in &exchange.changes {
        let (o, n) = (plan.offer(&change.offer)?, plan.need(&change.need)?);
        match plan.network.arcs.find(o, n) {
            Some(arc) => changes.push((arc, change.by)),
            None => return Err(format!("{} may not serve {}", change.offer, change.need)),
        }
    }
    changes.sort_unstable();
    if changes.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err("an arc is changed twice".to_owned());
    }
    Ok(changes)
}

fn beyond_level(plan: &Situation<'_>, need: u32, reason: &Reason) -> Result<(), String> {
    let found = next_level(plan.valid, plan.network, need);
    let Some((level, offers)) = found else {
        return Err("no higher level has the power".to_owned());
    };
    if reason.level.as_deref() != Some(level) {
        return Err(format!("the next level up is {level}, not {}", said(reason.level.as_ref())));
    }
    let known = |id: &String| plan.offer(id).is_ok_and(|o| offers.contains(&o));
    if reason.offers.is_empty() || !reason.offers.iter().all(known) {
        return Err("names offers that have not the power at that level".to_owned());
    }
    Ok(())
}

/// The lowest level above those that reach `need` at which an offer of its measure and
/// a comparable category exists, with those offers. O(offers).
pub(crate) fn next_level<'a>(
    valid: &'a ValidLedger,
    network: &Network,
    need: u32,
) -> Option<(&'a str, Vec<u32>)> {
    let asked = &valid.needs()[need as usize];
    let reached = network.arcs.of_need(need).iter();
    let highest = reached
        .map(|&a| valid.offers()[network.arcs.offer[a as usize] as usize].rank)
        .max()
        .unwrap_or(-1);
    let category = valid.categories()[asked.category as usize];
    let able = |o: &u32| {
        let offer = &valid.offers()[*o as usize];
        offer.measure == asked.measure
            && offer.rank > highest
            && offer.unit != asked.owner
            && category.comparable(&valid.categories()[offer.category as usize])
            && network.arcs.find(*o, need).is_none()
    };
    let able: Vec<u32> = (0..valid.offers().len() as u32).filter(able).collect();
    let rank = able.iter().map(|&o| valid.offers()[o as usize].rank).min()?;
    let at: Vec<u32> =
        able.into_iter().filter(|&o| valid.offers()[o as usize].rank == rank).collect();
    let level = valid.ledger().offers[at[0] as usize].level?;
    Some((level.as_str(), at))
}
