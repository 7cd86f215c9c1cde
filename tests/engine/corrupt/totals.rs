//! Sums that differ from the assignments.

use concentric_matcher::plan::{ComponentKind, Coverage, Plan, Status};

use super::tools::{Case, Found, Kind, edit};

pub const KINDS: &[Kind] = &[
    Kind {
        name: "outcome dropped",
        least: 200,
        make: |c| some(c, outcomes(c), "outcomes", |p| drop(p.outcomes.pop())),
    },
    Kind {
        name: "outcome doubled",
        least: 200,
        make: |c| some(c, outcomes(c), "outcomes", |p| p.outcomes.insert(0, p.outcomes[0].clone())),
    },
    Kind {
        name: "outcomes out of order",
        least: 200,
        make: |c| some(c, c.plan.outcomes.len() > 1, "outcomes", |p| p.outcomes.swap(0, 1)),
    },
    Kind { name: "asked", least: 200, make: |c| outcome(c, |p, k| p.outcomes[k].asked += 1) },
    Kind { name: "covered", least: 200, make: |c| outcome(c, |p, k| p.outcomes[k].covered += 1) },
    Kind { name: "status", least: 200, make: |c| outcome(c, status) },
    Kind { name: "left", least: 100, make: |c| some(c, idle(c), "idle", |p| p.idle[0].left += 1) },
    Kind {
        name: "idle dropped",
        least: 100,
        make: |c| some(c, idle(c), "idle", |p| drop(p.idle.pop())),
    },
    Kind {
        name: "places",
        least: 200,
        make: |c| {
            section(c, !c.plan.coverage.places.is_empty(), "places", |v| v.places[0].met += 1)
        },
    },
    Kind {
        name: "categories",
        least: 200,
        make: |c| {
            section(c, !c.plan.coverage.categories.is_empty(), "categories", |v| {
                v.categories[0].share_ppm += 1
            })
        },
    },
    Kind {
        name: "kinds",
        least: 200,
        make: |c| {
            section(c, !c.plan.coverage.kinds.is_empty(), "kinds", |v| v.kinds[0].amounts[0].2 += 1)
        },
    },
    Kind {
        name: "audiences",
        least: 200,
        make: |c| {
            section(c, !c.plan.coverage.audiences.is_empty(), "audiences", |v| {
                v.audiences[0].unmet += 1
            })
        },
    },
    Kind {
        name: "units",
        least: 200,
        make: |c| section(c, !c.plan.coverage.units.is_empty(), "units", |v| v.units[0].needs += 1),
    },
    Kind {
        name: "component arcs",
        least: 200,
        make: |c| some(c, parts(c), "component 0", |p| p.components[0].arcs += 1),
    },
    Kind {
        name: "component needs",
        least: 200,
        make: |c| some(c, parts(c), "component 0", |p| p.components[0].needs += 1),
    },
    Kind {
        name: "component kind",
        least: 200,
        make: |c| {
            some(c, parts(c), "component 0", |p| p.components[0].kind = ComponentKind::Integer)
        },
    },
    Kind {
        name: "component dropped",
        least: 200,
        make: |c| {
            some(c, parts(c), "components", |p| {
                p.components.truncate(p.components.len().saturating_sub(1))
            })
        },
    },
];

fn outcomes(case: &Case) -> bool {
    !case.plan.outcomes.is_empty()
}

fn idle(case: &Case) -> bool {
    !case.plan.idle.is_empty()
}

fn parts(case: &Case) -> bool {
    !case.plan.components.is_empty()
}

fn some(case: &Case, applies: bool, row: &str, change: impl Fn(&mut Plan)) -> Found {
    if applies { vec![edit(case, row, change)] } else { Vec::new() }
}

fn outcome(case: &Case, change: fn(&mut Plan, usize)) -> Found {
    let first = case.plan.outcomes.iter().take(3).enumerate();
    first.map(|(k, o)| edit(case, &format!("outcome {}", o.need), |p| change(p, k))).collect()
}

fn status(plan: &mut Plan, k: usize) {
    let status = &mut plan.outcomes[k].status;
    *status = if *status == Status::Met { Status::Partial } else { Status::Met };
}

fn section(case: &Case, applies: bool, name: &str, change: fn(&mut Coverage)) -> Found {
    some(case, applies, &format!("coverage {name}"), |p| change(&mut p.coverage))
}
