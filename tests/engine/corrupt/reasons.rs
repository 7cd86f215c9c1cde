//! Reasons whose evidence does not hold.

use concentric_matcher::certify::{Reason, ReasonCode};
use concentric_matcher::plan::{Plan, Status};
use concentric_testkit::brute;

use super::tools::{Case, Found, Kind, edit};

pub const KINDS: &[Kind] = &[
    Kind { name: "reasons removed", least: 100, make: removed },
    Kind { name: "a met need explained", least: 100, make: met },
    Kind {
        name: "funnel count",
        least: 50,
        make: |c| each(c, |r| !r.funnel.is_empty(), |r| r.funnel[0].1 += 1),
    },
    Kind { name: "funnel code", least: 50, make: |c| each(c, |r| r.code.is_funnel(), other_test) },
    Kind {
        name: "closed set without a need",
        least: 50,
        make: |c| each(c, written, |r| drop(r.needs.pop())),
    },
    Kind { name: "closed set with an offer more", least: 5, make: more },
    Kind {
        name: "asked",
        least: 50,
        make: |c| each(c, written, |r| r.asked = r.asked.map(|a| a + 1)),
    },
    Kind {
        name: "available",
        least: 50,
        make: |c| each(c, written, |r| r.available = r.available.map(|a| a - 1)),
    },
    Kind {
        name: "pointing elsewhere",
        least: 50,
        make: |c| each(c, written, |r| r.same_as = Some("nothing".into())),
    },
    Kind {
        name: "words of another reason",
        least: 100,
        make: |c| {
            each(c, |r| r.code != ReasonCode::BeyondLevel, |r| r.level = Some("district".into()))
        },
    },
    Kind {
        name: "exchange under another level",
        least: 50,
        make: |c| each(c, exchanges, |r| r.exchanges[0].level = Some("elsewhere".into())),
    },
    Kind {
        name: "exchange turned round",
        least: 50,
        make: |c| {
            each(c, exchanges, |r| r.exchanges[0].changes.iter_mut().for_each(|c| c.by = -c.by))
        },
    },
    Kind {
        name: "exchange removed",
        least: 50,
        make: |c| each(c, exchanges, |r| r.exchanges.clear()),
    },
    Kind { name: "a limit not full", least: 10, make: open_limit },
    Kind {
        name: "a full limit with a need",
        least: 5,
        make: |c| each(c, full, |r| r.needs.push("nowhere".into())),
    },
    Kind {
        name: "a full limit with an offer",
        least: 5,
        make: |c| each(c, full, |r| r.offers.push("nowhere".into())),
    },
    Kind { name: "idle: a full limit with an offer", least: 5, make: idle_limit_offer },
    Kind {
        name: "another level",
        least: 10,
        make: |c| each(c, |r| r.code == ReasonCode::BeyondLevel, |r| r.level = Some("grid".into())),
    },
    Kind { name: "idle reason exchanged", least: 100, make: idle_other },
    Kind { name: "idle reason removed", least: 50, make: idle_none },
    Kind { name: "idle: a limit that does not bind it", least: 5, make: idle_limit },
];

/// Every reason of every need that the filter takes, changed.
fn each(case: &Case, takes: fn(&Reason) -> bool, change: fn(&mut Reason)) -> Found {
    let mut found = Vec::new();
    for (k, outcome) in case.plan.outcomes.iter().enumerate() {
        for (r, reason) in outcome.reasons.iter().enumerate().filter(|(_, r)| takes(r)) {
            let mut other = reason.clone();
            change(&mut other);
            if other != *reason && found.len() < 5 {
                // A changed set may be first missed where it is pointed at.
                found.push(edit(case, "reason of need ", |p| p.outcomes[k].reasons[r] = other));
            }
        }
    }
    found
}

fn written(reason: &Reason) -> bool {
    reason.asked.is_some()
}

/// A limit that is full by itself.
fn full(reason: &Reason) -> bool {
    reason.code == ReasonCode::Limit && reason.asked.is_none() && reason.same_as.is_none()
}

fn idle_limit_offer(case: &Case) -> Found {
    let idle = case.plan.idle.iter().enumerate();
    idle.filter(|(_, i)| i.reason.as_ref().is_some_and(full))
        .take(3)
        .map(|(k, i)| {
            edit(case, &format!("idle offer {}", i.offer), |p| {
                p.idle[k].reason.as_mut().unwrap().offers.push("nowhere".into());
            })
        })
        .collect()
}

fn exchanges(reason: &Reason) -> bool {
    !reason.exchanges.is_empty()
}

fn other_test(reason: &mut Reason) {
    let at = ReasonCode::FUNNEL.iter().position(|c| *c == reason.code).unwrap();
    reason.code = ReasonCode::FUNNEL[(at + 1) % 9];
}

/// A plan may be given without any reasons, but not with some of them.
fn removed(case: &Case) -> Found {
    let explained =
        case.plan.outcomes.iter().filter(|o| !o.reasons.is_empty()).count() + case.plan.idle.len();
    let outcomes = case.plan.outcomes.iter().enumerate();
    outcomes
        .filter(|(_, o)| explained > 1 && !o.reasons.is_empty())
        .take(3)
        .map(|(k, o)| edit(case, &format!("need {}", o.need), |p| p.outcomes[k].reasons.clear()))
        .collect()
}

fn met(case: &Case) -> Found {
    let given = case.plan.outcomes.iter().find_map(|o| o.reasons.first().cloned());
    let given = given.unwrap_or_else(|| Reason::new(ReasonCode::NotProved));
    let outcomes = case.plan.outcomes.iter().enumerate();
    outcomes
        .filter(|(_, o)| o.status == Status::Met)
        .take(2)
        .map(|(k, o)| {
            let row = format!("need {}", o.need);
            edit(case, &row, |p| p.outcomes[k].reasons.push(given.clone()))
        })
        .collect()
}

/// An offer with something to give and arcs to other needs only, none of them locked,
/// puts all it has into the set.
fn more(case: &Case) -> Found {
    let ledger = case.valid.ledger();
    let arcs = brute::arcs(ledger).unwrap();
    let mut found = Vec::new();
    for (k, outcome) in case.plan.outcomes.iter().enumerate() {
        for (r, reason) in outcome.reasons.iter().enumerate() {
            if reason.code != ReasonCode::Capacity || !written(reason) {
                continue;
            }
            let stranger = ledger.offers.iter().find(|o| {
                let mut own = arcs.iter().filter(|a| a.offer == o.id).peekable();
                o.quantity > 0
                    && own.peek().is_some()
                    && own.all(|a| {
                        a.locked == 0 && a.capacity != Some(0) && !reason.needs.contains(&a.need)
                    })
            });
            if let Some(offer) = stranger {
                let row = "reason of need ";
                found.push(edit(case, row, |p| {
                    p.outcomes[k].reasons[r].offers.push(offer.id.clone());
                }));
            }
        }
    }
    found.truncate(3);
    found
}

/// A hard limit of one row that the plan does not fill, named in place of a full one.
fn open_limit(case: &Case) -> Found {
    let ledger = case.valid.ledger();
    let served: i64 = case.plan.assignments.iter().map(|a| a.quantity).sum();
    let open = ledger
        .limits
        .iter()
        .find(|l| l.hard && l.per.is_none() && l.upper.is_none_or(|upper| upper > served));
    let Some(open) = open else { return Vec::new() };
    let mut found = Vec::new();
    for (k, outcome) in case.plan.outcomes.iter().enumerate() {
        for (r, reason) in outcome.reasons.iter().enumerate() {
            if reason.code == ReasonCode::Limit && !written(reason) && reason.same_as.is_none() {
                found.push(edit(case, &format!("reason of need {}", outcome.need), |p| {
                    p.outcomes[k].reasons[r].limits = vec![open.id.clone()];
                }));
            }
        }
    }
    found
}

fn idle(case: &Case, row: &str, k: usize, reason: Option<Reason>) -> (Plan, String) {
    edit(case, &format!("{row} {}", case.plan.idle[k].offer), |p| p.idle[k].reason = reason)
}

/// `no_need` for an offer with needs, `needs_met` for one that could serve a short need.
fn idle_other(case: &Case) -> Found {
    let mut found = Vec::new();
    for (k, given) in case.plan.idle.iter().enumerate().take(4) {
        let reason = given.reason.as_ref().unwrap();
        if reason.code == ReasonCode::NoNeed {
            let other = Reason::new(ReasonCode::Outranked);
            found.push(idle(case, "reason of idle offer", k, Some(other)));
        } else {
            let other = Reason::new(ReasonCode::NoNeed);
            found.push(idle(case, "reason of idle offer", k, Some(other)));
        }
        if matches!(reason.code, ReasonCode::Outranked | ReasonCode::Limit) {
            let other = Reason::new(ReasonCode::NeedsMet);
            found.push(idle(case, "reason of idle offer", k, Some(other)));
        }
    }
    found
}

fn idle_none(case: &Case) -> Found {
    let explained =
        case.plan.outcomes.iter().filter(|o| !o.reasons.is_empty()).count() + case.plan.idle.len();
    let all = 0..case.plan.idle.len().min(3);
    all.filter(|_| explained > 1).map(|k| idle(case, "idle offer", k, None)).collect()
}

/// A full limit of another offer says nothing about this one.
fn idle_limit(case: &Case) -> Found {
    let ledger = case.valid.ledger();
    let mut found = Vec::new();
    for (k, given) in case.plan.idle.iter().enumerate() {
        let reason = given.reason.as_ref().unwrap();
        if reason.code != ReasonCode::Outranked {
            continue;
        }
        // An offer that could serve one unit more is bound by no full limit at all.
        let full = ledger.limits.iter().find(|l| l.hard && l.upper == Some(0) && l.per.is_none());
        if let Some(limit) = full
            && case
                .plan
                .outcomes
                .iter()
                .any(|o| o.reasons.iter().any(|r| r.limits.contains(&limit.id)))
            && reason.exchanges.iter().all(|e| e.changes.len() == 1)
        {
            let mut other = Reason::new(ReasonCode::Limit);
            other.limits.push(limit.id.clone());
            found.push(idle(case, "reason of idle offer", k, Some(other)));
        }
    }
    found
}
