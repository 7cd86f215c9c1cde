//! One refusal on its way to becoming a status.
//!
//! In: a reason and what is known about it. Out: `tonic::Status`. Details travel in a header
//! of which many clients take 8 KiB, so long lists of violations are cut, and counted.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use concentric_matcher::Issue;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, QuotaViolation, StatusExt};

use super::Reason;

/// Domain of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "concentric.v1";
/// Most field violations in one status.
pub const MOST_VIOLATIONS: usize = 50;
/// Bytes for all violations together, before base64.
const VIOLATION_BYTES: usize = 4800;
/// Bytes of the longest sentence of a violation.
const SENTENCE: usize = 160;

/// A refusal; turns into a status with `?`.
#[derive(Clone, Debug)]
pub struct Refusal {
    reason: Reason,
    violations: Vec<FieldViolation>,
    violation_count: usize,
    metadata: Vec<(&'static str, String)>,
    retry: Option<Duration>,
    quota: Option<Box<QuotaViolation>>,
    /// Type and name of what the call is about.
    subject: Option<Box<(&'static str, String)>>,
}

impl Refusal {
    /// A refusal for a reason, without details.
    pub fn new(reason: Reason) -> Self {
        Refusal {
            reason,
            violations: Vec::new(),
            violation_count: 0,
            metadata: Vec::new(),
            retry: None,
            quota: None,
            subject: None,
        }
    }

    /// One fact for programs.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }

    /// How much is allowed, and how much there is.
    #[must_use]
    pub fn with_excess(self, limit: u64, actual: u64) -> Self {
        self.with("limit", limit.to_string()).with("actual", actual.to_string())
    }

    /// One wrong field.
    #[must_use]
    pub fn with_violation(mut self, path: &str, reason: &str, what: impl Into<String>) -> Self {
        self.violation_count += 1;
        self.violations.push(violation(path, reason, &what.into()));
        self
    }

    /// When to try again.
    #[must_use]
    pub fn with_retry(mut self, after: Duration) -> Self {
        self.retry = Some(after);
        self
    }

    /// Whose share is used up, and what the share is.
    #[must_use]
    pub fn with_quota(mut self, subject: &str, what: impl Into<String>) -> Self {
        // Boxed: a refusal is the error of nearly every function here, and rarely has one.
        self.quota = Some(Box::new(QuotaViolation {
            subject: cut(subject, 200),
            description: cut(&what.into(), SENTENCE),
            ..QuotaViolation::default()
        }));
        self
    }

    /// Which resource is missing, taken, or in a state that stands in the way; other reasons
    /// say nothing of it.
    #[must_use]
    pub fn about(mut self, kind: &'static str, name: impl FnOnce() -> String) -> Self {
        use Reason::{JobNotCancellable, PlanStale, ResourceExists, ResourceNotFound};
        if let ResourceNotFound | ResourceExists | JobNotCancellable | PlanStale = self.reason {
            // Boxed for the same reason as the quota.
            self.subject = Some(Box::new((kind, name())));
        }
        self
    }

    /// A number under which the log tells more.
    #[must_use]
    pub fn with_incident(self) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.with("incident", format!("{:x}", now.as_nanos() & 0xffff_ffff_ffff_ffff))
    }

    /// The number of [`Refusal::with_incident`].
    pub fn incident(&self) -> &str {
        let found = self.metadata.iter().find(|(key, _)| *key == "incident");
        found.map_or("", |(_, value)| value)
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Violations of the engine's rules; the first one gives the reason.
    pub(super) fn of_issues(issues: &[Issue]) -> Self {
        let first = issues.first().and_then(|issue| Reason::from_word(issue.code.as_str()));
        let mut refusal = Refusal::new(first.unwrap_or(Reason::FieldInvalid));
        if let Some(issue) = issues.first().filter(|issue| !issue.related.is_empty()) {
            let key = if refusal.reason == Reason::TreeCycle { "cycle" } else { "first" };
            let paths: Vec<&str> = issue.related.iter().take(20).map(String::as_str).collect();
            refusal = refusal.with(key, cut(&paths.join(", "), 600));
        }
        if let Some((limit, actual)) = issues.first().and_then(|issue| issue.excess.as_deref()) {
            refusal = refusal.with_excess(*limit, *actual);
        }
        refusal.violation_count = issues.len();
        let shown = &issues[..issues.len().min(MOST_VIOLATIONS)];
        refusal.violations = shown.iter().map(of_issue).collect();
        refusal
    }

    fn shorten(&mut self) {
        let bytes = |v: &FieldViolation| v.field.len() + v.reason.len() + v.description.len() + 12;
        let total: usize = self.violations.iter().map(bytes).sum();
        if total > VIOLATION_BYTES {
            // First the sentences give way; a path is worth more to a program.
            let fixed: usize =
                total - self.violations.iter().map(|v| v.description.len()).sum::<usize>();
            let each = VIOLATION_BYTES.saturating_sub(fixed) / self.violations.len().max(1);
            for v in &mut self.violations {
                v.description = cut(&v.description, each);
            }
            let mut left = VIOLATION_BYTES;
            let fits = |v: &FieldViolation| {
                let fits = bytes(v) <= left;
                left = left.saturating_sub(bytes(v));
                fits
            };
            let count = self.violations.iter().map(fits).take_while(|fits| *fits).count();
            self.violations.truncate(count.max(1));
        }
    }

    /// The status.
    pub fn into_status(mut self) -> Status {
        self.violations.truncate(MOST_VIOLATIONS);
        self.shorten();
        let shown = self.violations.len();
        if shown < self.violation_count {
            self.metadata.push(("truncated", "true".to_owned()));
            self.metadata.push(("violations", self.violation_count.to_string()));
        }
        let mut message = self.reason.english().to_owned();
        if let Some(first) = self.violations.first() {
            message = format!("{}: {}", first.field, first.description);
            if self.violation_count > 1 {
                message.push_str(&format!(" (and {} more)", self.violation_count - 1));
            }
        }
        if let Some((_, why)) = self.metadata.iter().find(|(key, _)| *key == "why") {
            message = format!("{message}: {why}");
        }
        let metadata: HashMap<String, String> =
            self.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut details = ErrorDetails::with_error_info(self.reason.as_str(), DOMAIN, metadata);
        details.set_localized_message("zh-CN", self.reason.chinese());
        if !self.violations.is_empty() {
            details.set_bad_request(self.violations);
        }
        if let Some((kind, name)) = self.subject.map(|subject| *subject) {
            if self.reason.code() == Code::FailedPrecondition {
                details.add_precondition_failure_violation(self.reason.as_str(), name, &*message);
            } else {
                details.set_resource_info(kind, name, "", &*message);
            }
        }
        if let Some(quota) = self.quota {
            details.set_quota_failure(vec![*quota]);
        }
        if let Some(after) = self.retry {
            details.set_retry_info(Some(after));
        }
        let mut status = Status::with_error_details(self.reason.code(), message, details);
        if let Some(after) = self.retry {
            let value = MetadataValue::from(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
            status.metadata_mut().insert("grpc-retry-pushback-ms", value);
        }
        status
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Status {
        refusal.into_status()
    }
}

fn of_issue(issue: &Issue) -> FieldViolation {
    let mut what = issue.message.clone();
    if !issue.related.is_empty() {
        what = format!("{what} (see {})", issue.related.join(", "));
    }
    violation(&issue.path, issue.code.as_str(), &what)
}

fn violation(path: &str, reason: &str, what: &str) -> FieldViolation {
    let mut violation = FieldViolation::new(cut(path, 200), cut(what, SENTENCE));
    violation.reason = reason.to_owned();
    violation
}

/// At most `most` bytes, at a border of characters.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub(3);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &text[..end])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use concentric_matcher::Code;
    use tonic_types::StatusExt;

    #[test]
    fn what_is_missing_or_in_the_way_is_named() {
        let name = || "tenants/t/plans/p".to_owned();
        for reason in Reason::ALL {
            let details = Refusal::new(*reason).about("concentric.v1/Plan", name).into_status();
            let details = details.get_error_details();
            let named = match reason.as_str() {
                "RESOURCE_NOT_FOUND" | "RESOURCE_EXISTS" => {
                    let info = details.resource_info().unwrap();
                    assert_eq!(info.resource_type, "concentric.v1/Plan");
                    Some(info.resource_name.clone())
                }
                "JOB_NOT_CANCELLABLE" | "PLAN_STALE" => {
                    let violation = &details.precondition_failure().unwrap().violations[0];
                    assert_eq!(violation.r#type, reason.as_str());
                    Some(violation.subject.clone())
                }
                _ => None,
            };
            assert!(named.as_ref().is_none_or(|named| *named == name()), "{reason:?}");
            if named.is_none() {
                assert!(details.resource_info().is_none());
                assert!(details.precondition_failure().is_none());
            }
        }
    }

    fn many(count: usize) -> Vec<Issue> {
        let message = "must be at least 1 and at most 1000000000; a need asks for something";
        (0..count)
            .map(|k| Issue::new(Code::ValueOutOfRange, format!("needs[{k}].quantity"), message))
            .collect()
    }

    #[test]
    fn fifty_violations_all_travel_and_the_header_stays_small() {
        let status = Refusal::of_issues(&many(50)).into_status();
        let details = status.get_error_details();
        let bad = details.bad_request().unwrap();
        assert_eq!(bad.field_violations.len(), 50);
        assert_eq!(bad.field_violations[49].field, "needs[49].quantity");
        assert_eq!(bad.field_violations[49].reason, "VALUE_OUT_OF_RANGE");
        assert!(!details.error_info().unwrap().metadata.contains_key("truncated"));
        assert!(status.details().len() < 6000, "{}", status.details().len());
    }

    #[test]
    fn more_than_fifty_are_counted() {
        let status = Refusal::of_issues(&many(70)).into_status();
        let details = status.get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations.len(), 50);
        let info = details.error_info().unwrap();
        assert_eq!(info.metadata["truncated"], "true");
        assert_eq!(info.metadata["violations"], "70");
    }

    #[test]
    fn long_paths_make_room_by_number() {
        let path = "x".repeat(300);
        let issues: Vec<Issue> =
            (0..50).map(|_| Issue::new(Code::FieldInvalid, path.clone(), "no")).collect();
        let status = Refusal::of_issues(&issues).into_status();
        assert!(status.details().len() < 6000);
        assert_eq!(status.get_error_details().error_info().unwrap().metadata["truncated"], "true");
    }

    #[test]
    fn every_reason_speaks_two_languages_and_names_itself() {
        for reason in Reason::ALL {
            let status = Refusal::new(*reason).into_status();
            let details = status.get_error_details();
            assert_eq!(status.code(), reason.code());
            assert_eq!(details.error_info().unwrap().reason, reason.as_str());
            assert_eq!(details.error_info().unwrap().domain, DOMAIN);
            assert_eq!(details.localized_message().unwrap().locale, "zh-CN");
        }
    }
}
