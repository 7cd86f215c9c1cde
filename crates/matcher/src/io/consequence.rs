//! Which violations of the rules may be told while the structure is broken.
//!
//! In: the paths whose values were dropped or made up. Out: a verdict on an issue that
//! was found on the mended document. Must err on the side of silence: an issue that
//! only the mending caused would send the caller after a fault that is not there, and
//! one that is held back comes with the next reading.

use std::collections::HashSet;

use crate::error::{Code, Issue};

/// What the mending may have caused.
#[derive(Debug)]
pub(super) struct Mended {
    /// Paths that were touched.
    touched: HashSet<String>,
    /// Their ancestors.
    above: HashSet<String>,
    /// Whether an id may be missing.
    ids: bool,
    /// Whether the root of a tree or the only record of a list may be another.
    implied: bool,
    /// Whether time may be ordered differently.
    periods: bool,
}

impl Mended {
    /// Reads the touched paths once.
    pub fn new(paths: &[String]) -> Self {
        let mut mended = Mended {
            touched: HashSet::new(),
            above: HashSet::new(),
            ids: false,
            implied: false,
            periods: false,
        };
        for path in paths {
            let list = path.split(['[', '.']).next().unwrap_or_default();
            mended.implied |= matches!(list, "places" | "categories" | "measures" | "");
            mended.periods |= matches!(list, "periods" | "");
            let all = !path.contains(['.', '[']);
            mended.ids |= all || path.matches('.').count() == 1 && path.ends_with(".id");
            mended.above.extend(ancestors(path).map(str::to_owned));
            mended.touched.insert(path.clone());
        }
        mended
    }

    /// Whether `issue` holds whatever the touched values would have been.
    pub fn surely(&self, issue: &Issue) -> bool {
        if self.meets(&issue.path) {
            return false;
        }
        // The holder of an id is named as a record, but only its id matters.
        let by_id = issue.code == Code::DuplicateId && issue.path.ends_with(".id");
        let meets_related = issue
            .related
            .iter()
            .any(|path| if by_id { self.meets(&format!("{path}.id")) } else { self.meets(path) });
        if meets_related {
            return false;
        }
        let record = |path: &str| path.split('.').next().map(str::to_owned);
        let across = issue.related.iter().any(|path| record(path) != record(&issue.path));
        match issue.code {
            Code::UnknownReference => !self.ids,
            Code::FieldRequired => !self.implied,
            Code::ContradictoryPolicy => !across,
            Code::NumericOverflow => false,
            Code::ValueOutOfRange => issue.related.is_empty() || !self.periods,
            _ => true,
        }
    }

    /// Whether `path` was touched, lies in something touched, or contains it.
    fn meets(&self, path: &str) -> bool {
        self.touched.contains(path)
            || self.above.contains(path)
            || ancestors(path).any(|above| self.touched.contains(above))
    }
}

/// `a[1].b[2]` gives `a[1].b`, `a[1]`, `a` and the whole.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        if path.is_empty() {
            return None;
        }
        Some(&path[..path.rfind(['.', '[']).unwrap_or(0)])
    })
    .skip(1)
}
