//! Names of resources: `tenants/{tenant}/ledgers/{ledger}/versions/{n}` and so on.
//!
//! In: names as written. Out: ids inside the caller's tenant. A name of another tenant is
//! refused before anything else is looked at, whether or not it exists.

use crate::auth::{Identity, is_id};
use crate::errors::{Reason, Refusal, denied, field};

/// The part of a name behind the caller's tenant.
fn inside<'n>(name: &'n str, caller: &Identity) -> Result<&'n str, Refusal> {
    match name.strip_prefix("tenants/") {
        None => Ok(name),
        Some(rest) => {
            let (tenant, rest) = rest.split_once('/').unwrap_or((rest, ""));
            if tenant == caller.tenant { Ok(rest) } else { Err(denied()) }
        }
    }
}

fn malformed(path: &str, form: &str) -> Refusal {
    field(Reason::IdMalformed, path, format!("must be tenants/{{tenant}}/{form}"))
}

/// A parent, `tenants/{tenant}` or nothing.
pub(super) fn parent(name: &str, caller: &Identity) -> Result<(), Refusal> {
    match inside(name, caller)? {
        "" => Ok(()),
        _ => Err(malformed("parent", "")),
    }
}

/// A ledger, perhaps one of its versions.
pub(super) fn ledger(
    name: &str,
    caller: &Identity,
    path: &str,
) -> Result<(String, Option<i64>), Refusal> {
    let wrong = || malformed(path, "ledgers/{ledger}[/versions/{n}]");
    let rest = inside(name, caller)?.strip_prefix("ledgers/").ok_or_else(wrong)?;
    let (id, version) = match rest.split_once("/versions/") {
        None => (rest, None),
        Some((id, number)) => {
            let number: i64 = number.parse().map_err(|_| wrong())?;
            (id, Some(number).filter(|n| *n >= 1).map(Some).ok_or_else(wrong)?)
        }
    };
    if is_id(id) { Ok((id.to_owned(), version)) } else { Err(wrong()) }
}

/// A ledger without a version.
pub(super) fn whole_ledger(name: &str, caller: &Identity, path: &str) -> Result<String, Refusal> {
    match ledger(name, caller, path)? {
        (id, None) => Ok(id),
        _ => Err(malformed(path, "ledgers/{ledger}")),
    }
}

fn single(name: &str, caller: &Identity, list: &str, path: &str) -> Result<String, Refusal> {
    let wrong = || malformed(path, &format!("{list}/{{id}}"));
    let rest = inside(name, caller)?.strip_prefix(list).ok_or_else(wrong)?;
    let id = rest.strip_prefix('/').filter(|id| is_id(id)).ok_or_else(wrong)?;
    Ok(id.to_owned())
}

/// A job.
pub(super) fn job(name: &str, caller: &Identity) -> Result<String, Refusal> {
    single(name, caller, "jobs", "name")
}

/// A plan, named in the field `path`.
pub(super) fn plan(name: &str, caller: &Identity, path: &str) -> Result<String, Refusal> {
    single(name, caller, "plans", path)
}

/// `id/version` of the store as a name; empty stays empty.
pub(super) fn of_version(tenant: &str, stored: &str) -> String {
    match stored.rsplit_once('/') {
        Some((id, number)) => format!("tenants/{tenant}/ledgers/{id}/versions/{number}"),
        None => String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::auth::Role;

    fn caller() -> Identity {
        Identity { subject: "s".into(), tenant: "a".into(), role: Role::Viewer }
    }

    #[test]
    fn names_are_taken_apart() {
        let caller = caller();
        assert_eq!(ledger("tenants/a/ledgers/x", &caller, "n").unwrap(), ("x".into(), None));
        assert_eq!(ledger("ledgers/x/versions/3", &caller, "n").unwrap(), ("x".into(), Some(3)));
        assert_eq!(job("tenants/a/jobs/j1", &caller).unwrap(), "j1");
        assert!(parent("tenants/a", &caller).is_ok() && parent("", &caller).is_ok());
        assert_eq!(of_version("a", "x/3"), "tenants/a/ledgers/x/versions/3");
    }

    #[test]
    fn other_tenants_are_denied_before_the_form_is_looked_at() {
        for name in ["tenants/b/ledgers/x", "tenants/b/nonsense", "tenants/b", "tenants/"] {
            assert_eq!(ledger(name, &caller(), "n").unwrap_err().reason(), Reason::AccessDenied);
        }
    }

    #[test]
    fn malformed_names_are_told_so() {
        for name in ["", "x", "ledgers/", "ledgers/x/versions/0", "ledgers/../y", "ledgers/x/y"] {
            assert_eq!(ledger(name, &caller(), "n").unwrap_err().reason(), Reason::IdMalformed);
        }
    }
}
