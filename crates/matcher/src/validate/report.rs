//! The list of violations while it grows, and the order it is handed out in.
//!
//! In: findings of the single checks, in whatever order they run. Out: issues in
//! the order of the lists, then of the records as the caller listed them, then of
//! the fields. Must not know any rule. Rejected: running the checks in the order of
//! the answer, which would tie the checks that need two lists to the later list.

use crate::error::{Code, Issue, quoted};
use crate::ids::is_id;

/// Fields of the head, then every list with its fields, in the order of the format.
pub(super) const FIELDS: [(&str, &[&str]); 17] = [
    ("", &["format", "id", "title", "title_en", "source", "note", "currency", "arcs"]),
    ("measures", &["id", "name", "name_en"]),
    ("periods", &["id", "name", "start", "end"]),
    (
        "places",
        &[
            "id",
            "name",
            "level",
            "parent",
            "x_m",
            "y_m",
            "population",
            "floating_population",
            "tags",
        ],
    ),
    ("categories", &["id", "name", "name_en", "parent", "tags"]),
    ("units", &["id", "name", "kind", "group", "home", "members", "tags", "fixed_cost"]),
    (
        "offers",
        &[
            "id",
            "unit",
            "category",
            "measure",
            "quantity",
            "area",
            "level",
            "proficiency",
            "unit_cost",
            "fixed_cost",
            "audiences",
            "shifts",
            "from",
            "to",
            "radius_m",
            "tags",
        ],
    ),
    (
        "needs",
        &[
            "id",
            "place",
            "owner",
            "category",
            "measure",
            "quantity",
            "kind",
            "priority",
            "min_useful",
            "max_providers",
            "min_proficiency",
            "audience",
            "shift",
            "from",
            "to",
            "bundle",
            "tags",
        ],
    ),
    ("bundles", &["id", "name", "place"]),
    (
        "pairs",
        &[
            "offer",
            "need",
            "unit",
            "place",
            "value",
            "cost",
            "capacity",
            "consumption",
            "fixed_cost",
            "min_lot",
            "locked",
            "forbidden",
        ],
    ),
    (
        "limits",
        &[
            "id",
            "name",
            "counts",
            "supply",
            "demand",
            "per",
            "pair_level",
            "lower",
            "upper",
            "hard",
            "untouchable",
        ],
    ),
    (
        "goals",
        &[
            "what",
            "where",
            "per",
            "by",
            "form",
            "of",
            "at_ppm",
            "terms",
            "change_budget",
            "tolerance_ppm",
        ],
    ),
    (
        "agreements",
        &[
            "id",
            "unit",
            "place",
            "category",
            "direction",
            "status",
            "lower",
            "upper",
            "from",
            "to",
            "tags",
        ],
    ),
    ("claims", &["id", "offer", "need", "quantity", "state", "period", "tags"]),
    (
        "projects",
        &[
            "id",
            "name",
            "offer",
            "need",
            "quantity",
            "period",
            "state",
            "form",
            "beneficiaries",
            "tags",
        ],
    ),
    ("evaluations", &["id", "project", "by", "score", "period", "tags"]),
    ("scenarios", &["id", "name", "question", "parent", "deltas"]),
];

/// Names of the lists a scenario may change, in the order of the format.
pub(super) fn changeable_lists() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(list, _)| *list).filter(|list| !matches!(*list, "" | "scenarios"))
}

/// One record: its list and its position in the caller's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub list: &'static str,
    pub index: usize,
}

impl At {
    pub fn new(list: &'static str, index: usize) -> Self {
        At { list, index }
    }

    /// `needs[3]`.
    pub fn record(self) -> String {
        format!("{}[{}]", self.list, self.index)
    }

    /// `needs[3].quantity`.
    pub fn field(self, field: &str) -> String {
        format!("{}[{}].{field}", self.list, self.index)
    }
}

/// Violations that are kept; a ledger with more is broken as a whole, and each takes some
/// hundred bytes.
const KEPT: usize = 20_000;

/// Violations and remarks found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// At most [`KEPT`], in the order of the checks.
    pub issues: Vec<Issue>,
    /// Violations beyond [`KEPT`].
    uncounted: usize,
    pub notices: Vec<Issue>,
}

impl Report {
    /// Adds a violation.
    pub fn push(&mut self, code: Code, path: String, message: impl Into<String>) {
        self.add(Issue::new(code, path, message));
    }

    /// Adds a violation as it is.
    pub fn add(&mut self, issue: Issue) {
        if self.issues.len() < KEPT {
            self.issues.push(issue);
        } else {
            self.uncounted += 1;
        }
    }

    /// Adds a violation that involves other fields.
    pub fn push_related(
        &mut self,
        code: Code,
        path: String,
        message: impl Into<String>,
        related: impl IntoIterator<Item = String>,
    ) {
        let mut issue = Issue::new(code, path, message);
        issue.related.extend(related);
        self.add(issue);
    }

    /// Adds a remark.
    pub fn notice(&mut self, code: Code, path: String, message: impl Into<String>) {
        self.notices.push(Issue::new(code, path, message));
    }

    /// `value` must lie in `low..=high`.
    pub fn range(&mut self, value: i64, low: i64, high: i64, at: At, field: &str) -> bool {
        let fits = (low..=high).contains(&value);
        if !fits {
            self.push(
                Code::ValueOutOfRange,
                at.field(field),
                format!("{value} is not in {low}..={high}"),
            );
        }
        fits
    }

    /// `value` must not be negative; money and counts have no other bound here.
    pub fn at_least_zero(&mut self, value: i64, at: At, field: &str) -> bool {
        if value < 0 {
            self.push(
                Code::ValueOutOfRange,
                at.field(field),
                format!("{value} is negative; 0 or more is right"),
            );
        }
        value >= 0
    }

    /// `id` must follow the rule of ids.
    pub fn id(&mut self, id: &str, path: impl FnOnce() -> String) -> bool {
        let fine = is_id(id);
        if !fine {
            self.push(Code::IdMalformed, path(), malformed(id));
        }
        fine
    }

    /// Issues and notices in the order of the format. Sorting is stable, so checks
    /// of one field keep the order in which they ran.
    pub fn sorted(self) -> (Vec<Issue>, Vec<Issue>) {
        let mut issues = in_order(self.issues);
        if self.uncounted > 0 {
            let message = format!("{} more violations are not listed", self.uncounted);
            issues.push(Issue::new(Code::TooManyItems, "$", message));
        }
        (issues, in_order(self.notices))
    }
}

/// Message for a malformed id.
pub(super) fn malformed(id: &str) -> String {
    format!("{} is not an id: 1 to 64 of the characters A-Z a-z 0-9 . _ - are", quoted(id))
}

/// Issues in the order of the format; those of one field keep their order.
pub(crate) fn in_order(mut issues: Vec<Issue>) -> Vec<Issue> {
    issues.sort_by_cached_key(|issue| rank(&issue.path));
    issues
}

/// Sort key of a path: list, record, field, then the indices inside the field.
fn rank(path: &str) -> (usize, usize, usize, Vec<usize>) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, index) = match head.split_once('[') {
        Some((name, tail)) => (name, leading_number(tail).map_or(0, |k| k + 1)),
        None => (head, 0),
    };
    // A head field has no list of its own: its place is inside the unnamed first entry.
    let Some(list) = FIELDS.iter().position(|(list, _)| *list == name) else {
        return (0, 0, field_rank(0, name), Vec::new());
    };
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let field = if rest.is_empty() { 0 } else { field_rank(list, &rest[..end]) + 1 };
    let inner = rest[end..].split('[').skip(1).filter_map(leading_number).collect();
    (list, index, field, inner)
}

fn field_rank(list: usize, field: &str) -> usize {
    let fields = FIELDS[list].1;
    fields.iter().position(|f| *f == field).unwrap_or(fields.len())
}

fn leading_number(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_come_in_the_order_of_the_format() {
        let mut report = Report::default();
        let wanted = [
            "format",
            "units[2].id",
            "needs",
            "needs[2].id",
            "needs[2].quantity",
            "needs[10].place",
            "goals[0].where.kind[2]",
            "goals[0].where.kind[10]",
            "scenarios[0].deltas[1].op",
            "scenarios[0].deltas[1].value",
        ];
        for path in wanted.iter().rev() {
            report.push(Code::FieldInvalid, (*path).to_owned(), "");
        }
        let paths: Vec<String> = report.sorted().0.into_iter().map(|i| i.path).collect();
        // The two fields of one delta have no rank of their own and keep their order.
        assert_eq!(paths[..8], wanted[..8]);
        assert!(paths[8..].iter().all(|p| p.starts_with("scenarios[0].deltas[1]")));
    }
}
