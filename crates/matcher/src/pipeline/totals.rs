//! What a plan says is left of offers, and its sums, against the assignments.
//!
//! In: the plan and its service. Out: nothing, or the first row that differs, with both
//! numbers. Must not know how a plan is written. Rejected: "a total differs" (whoever gets a
//! refused plan wants to know which).

use crate::certify::{Violation, said};
use crate::network::Network;
use crate::plan::{CoverageRow, Idle, Plan, Totals, UnitRow, sums};
use crate::validate::ValidLedger;

/// The first number in which rows of a section differ.
fn rows<T: PartialEq>(
    section: &str,
    given: &[T],
    own: &[T],
    read: impl Fn(&T) -> (&str, Vec<(String, String)>),
) -> Result<(), Violation> {
    if given.len() != own.len() {
        let detail = format!("{} rows given, the assignments give {}", given.len(), own.len());
        return Err(Violation::new(format!("coverage {section}"), detail));
    }
    let Some((given, own)) = given.iter().zip(own).find(|(given, own)| given != own) else {
        return Ok(());
    };
    let ((id, given), (own_id, own)) = (read(given), read(own));
    let detail = if id == own_id {
        let at = (0..given.len().max(own.len())).find(|&k| given.get(k) != own.get(k));
        let told = |numbers: &[(String, String)]| {
            let number = at.and_then(|at| numbers.get(at));
            said(number.map(|(name, number)| format!("{name} {number}")))
        };
        format!("says {}, the assignments give {}", told(&given), told(&own))
    } else {
        format!("stands where {own_id} belongs")
    };
    Err(Violation::new(format!("coverage {section} {id}"), detail))
}

fn amounts(of: &[(String, i64, i64)]) -> impl Iterator<Item = (String, String)> {
    of.iter().map(|(measure, whole, part)| (measure.clone(), format!("{part} of {whole}")))
}

fn check_idle(given: &[Idle], own: &[Idle]) -> Result<(), Violation> {
    for (given, own) in given.iter().zip(own) {
        let wrong = |detail| Err(Violation::new(format!("idle {}", given.offer), detail));
        if given.offer != own.offer {
            return wrong(format!("stands where {} belongs", own.offer));
        }
        if given.left != own.left {
            return wrong(format!("left is {}, the assignments leave {}", given.left, own.left));
        }
    }
    if given.len() != own.len() {
        let detail = format!("{} offers given, the assignments leave {}", given.len(), own.len());
        return Err(Violation::new("idle", detail));
    }
    Ok(())
}

pub(super) fn check_sums(
    valid: &ValidLedger,
    network: &Network,
    plan: &Plan,
    service: &[i64],
    totals: &Totals,
    ours: bool,
) -> Result<(), Violation> {
    let own_idle = crate::plan::idle(valid, totals, |_| None);
    if ours || !plan.idle.is_empty() {
        check_idle(&plan.idle, &own_idle)?;
    }
    let (given, own) = (&plan.coverage, sums(valid, network, service, totals));
    if ours || *given != crate::plan::Coverage::default() {
        for (section, given, own) in [
            ("places", &given.places, &own.places),
            ("categories", &given.categories, &own.categories),
            ("kinds", &given.kinds, &own.kinds),
            ("audiences", &given.audiences, &own.audiences),
        ] {
            let numbers = |row: &CoverageRow| {
                let mut all = vec![
                    ("needs".to_owned(), row.needs.to_string()),
                    ("met".to_owned(), row.met.to_string()),
                    ("partial".to_owned(), row.partial.to_string()),
                    ("unmet".to_owned(), row.unmet.to_string()),
                    ("share_ppm".to_owned(), row.share_ppm.to_string()),
                ];
                all.extend(amounts(&row.amounts));
                all
            };
            rows(section, given, own, |row| (&row.id, numbers(row)))?;
        }
        let numbers = |row: &UnitRow| {
            let mut all = vec![("needs".to_owned(), row.needs.to_string())];
            all.extend(amounts(&row.amounts));
            all
        };
        rows("units", &given.units, &own.units, |row| (&row.id, numbers(row)))?;
    }
    Ok(())
}
