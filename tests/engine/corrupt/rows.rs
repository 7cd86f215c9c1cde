//! Service that breaks a row of the ledger, everything else following from it.

use concentric_matcher::plan::{Assignment, Plan};
use concentric_testkit::brute;

use super::tools::{Case, Found, Kind, edit, remade, service};

pub const KINDS: &[Kind] = &[
    Kind { name: "beyond an offer", least: 100, make: |c| unit(c, 1, "offer ") },
    Kind { name: "beyond a need", least: 100, make: |c| unit(c, 1, "need ") },
    Kind { name: "beyond a capacity", least: 20, make: |c| unit(c, 1, "arc ") },
    Kind { name: "above a hard limit", least: 20, make: |c| unit(c, 1, "limit ") },
    Kind { name: "below a lock", least: 20, make: |c| unit(c, -1, "lock ") },
    Kind { name: "below a hard limit", least: 10, make: |c| unit(c, -1, "limit ") },
    Kind { name: "no such arc", least: 100, make: |c| strange(c, false) },
    Kind { name: "forbidden arc", least: 20, make: |c| strange(c, true) },
    Kind {
        name: "twice",
        least: 100,
        make: |c| each(c, |plan, k| plan.assignments.insert(k, plan.assignments[k].clone())),
    },
    Kind {
        name: "quantity 0",
        least: 100,
        make: |c| each(c, |p, k| p.assignments[k].quantity = 0),
    },
    Kind {
        name: "quantity -1",
        least: 100,
        make: |c| each(c, |p, k| p.assignments[k].quantity = -1),
    },
    Kind {
        name: "unknown offer",
        least: 100,
        make: |c| {
            c.plan.assignments.first().map_or_else(Vec::new, |_| {
                vec![edit(c, "assignment nobody/", |p| p.assignments[0].offer = "nobody".into())]
            })
        },
    },
    Kind {
        name: "unknown need",
        least: 100,
        make: |c| {
            c.plan.assignments.first().map_or_else(Vec::new, |_| {
                vec![edit(c, "/nothing", |p| p.assignments[0].need = "nothing".into())]
            })
        },
    },
    Kind { name: "another unit", least: 100, make: |c| field(c, |a| &mut a.unit) },
    Kind { name: "another place", least: 100, make: |c| field(c, |a| &mut a.place) },
    Kind { name: "another category", least: 100, make: |c| field(c, |a| &mut a.category) },
    Kind { name: "another first period", least: 100, make: |c| field(c, |a| &mut a.from) },
    Kind { name: "another last period", least: 100, make: |c| field(c, |a| &mut a.to) },
    Kind { name: "kept more", least: 100, make: |c| each(c, |p, k| p.assignments[k].kept += 1) },
    Kind { name: "no unit", least: 100, make: |c| each(c, |p, k| p.assignments[k].unit = None) },
];

/// The first three assignments, each changed.
fn each(case: &Case, change: impl Fn(&mut Plan, usize)) -> Found {
    let first = case.plan.assignments.iter().take(3).enumerate();
    first
        .map(|(k, a)| {
            edit(case, &format!("assignment {}/{}", a.offer, a.need), |plan| change(plan, k))
        })
        .collect()
}

fn field(case: &Case, of: fn(&mut Assignment) -> &mut Option<String>) -> Found {
    each(case, |plan, k| of(&mut plan.assignments[k]).get_or_insert_default().push('x'))
}

/// One unit more or less on an arc where that breaks a row of the wanted list, as the
/// slack of offer, need, capacity and lock shows, or else as the enumeration says.
fn unit(case: &Case, by: i64, wanted: &str) -> Found {
    let ledger = case.valid.ledger();
    let (network, service) = service(case);
    let small = ledger.needs.len() < 10;
    if !small && wanted == "limit " {
        return Vec::new();
    }
    let mut found = Vec::new();
    for arc in brute::arcs(ledger).unwrap() {
        let o = ledger.offers.iter().position(|o| o.id == arc.offer).unwrap();
        let n = ledger.needs.iter().position(|n| n.id == arc.need).unwrap();
        let at = network.arcs.find(o as u32, n as u32).unwrap() as usize;
        let x = service[at];
        let covered = case.plan.outcomes[n].covered;
        let full = !case.plan.idle.iter().any(|i| i.offer == arc.offer);
        let row = if by > 0 && arc.capacity == Some(x) {
            format!("arc {}/{}", arc.offer, arc.need)
        } else if by > 0 && full {
            format!("offer {}", arc.offer)
        } else if by > 0 && covered == ledger.needs[n].quantity {
            format!("need {}", arc.need)
        } else if by < 0 && x == 0 {
            continue;
        } else if by < 0 && x == arc.locked {
            format!("lock {}/{}", arc.offer, arc.need)
        } else if small {
            let mut plan = super::super::triples(&case.plan);
            plan.push((arc.offer.clone(), arc.need.clone(), 1));
            if by < 0 {
                plan.pop();
                let own = plan.iter_mut().find(|t| (&t.0, &t.1) == (&arc.offer, &arc.need));
                own.unwrap().2 -= 1;
            }
            match brute::evaluate(ledger, &plan) {
                Err(rule) if rule.starts_with("limit ") => rule,
                _ => continue,
            }
        } else {
            continue;
        };
        if row.starts_with(wanted) && found.len() < 3 {
            let mut service = service.clone();
            service[at] += by;
            found.push((remade(case, &network, &service), row));
        }
    }
    found
}

/// One unit on a pair that is no arc, or on a forbidden one.
fn strange(case: &Case, forbidden: bool) -> Found {
    let ledger = case.valid.ledger();
    let (network, _) = service(case);
    let banned = |o: &str, n: &str| {
        ledger.pairs.iter().any(|p| {
            p.forbidden == Some(true)
                && p.offer.as_deref() == Some(o)
                && p.need.as_deref() == Some(n)
        })
    };
    let mut found = Vec::new();
    for (o, offer) in ledger.offers.iter().enumerate() {
        for (n, need) in ledger.needs.iter().enumerate() {
            if network.arcs.find(o as u32, n as u32).is_none()
                && banned(&offer.id, &need.id) == forbidden
                && found.len() < 3
            {
                let row = format!("assignment {}/{}", offer.id, need.id);
                found.push(edit(case, &row, |plan| {
                    let service = Assignment {
                        offer: offer.id.clone(),
                        unit: None,
                        need: need.id.clone(),
                        place: None,
                        category: None,
                        quantity: 1,
                        from: None,
                        to: None,
                        kept: 0,
                    };
                    plan.assignments.push(service);
                }));
            }
        }
    }
    found
}
