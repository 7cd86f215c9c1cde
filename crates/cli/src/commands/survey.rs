//! What `check` warns of beyond the rules: things a ledger says in vain.
//!
//! In: a checked ledger and its file. Out: [`Warning`]s with their place in the file. Must
//! not be a failure: a ledger may hold needs that nobody serves yet.

use concentric_matcher::explain::{Remark, survey};
use concentric_matcher::io::{place_issues, read_ledger};
use concentric_matcher::network::build;
use concentric_matcher::{Code, Issue, Ledger, Options, ValidLedger};

use crate::report::{grouped, stopped_by};
use crate::words::{Words, fill};

/// Needs and offers written out; the rest is counted.
const SHOWN: usize = 50;

/// One thing said in vain.
pub struct Warning {
    /// `NEED_OUT_OF_REACH`, `OFFER_OF_NO_USE`, `LIMIT_ON_NOTHING`, `LIMIT_NEVER_BINDS`.
    pub code: &'static str,
    /// Path of the record in the caller's order.
    pub path: String,
    /// One sentence in the language asked for.
    pub message: String,
    /// Line and column.
    pub position: Option<(usize, usize)>,
}

/// Looks a ledger over. A ledger with too many admissible pairs is not looked at.
pub fn warnings(bytes: &[u8], valid: &ValidLedger, words: &Words) -> Vec<Warning> {
    let Ok(network) = build(valid, Options::default().max_arcs) else { return Vec::new() };
    let Ok(own) = read_ledger(bytes) else { return Vec::new() };
    let found = survey(&network, SHOWN);
    let mut warnings: Vec<Warning> =
        found.remarks.iter().map(|remark| warning(words, &own, remark)).collect();
    for (code, list, all) in
        [("NEED_OUT_OF_REACH", "needs", found.needs), ("OFFER_OF_NO_USE", "offers", found.offers)]
    {
        let more = all.saturating_sub(SHOWN as u64);
        if more > 0 {
            let n = grouped(i128::from(more));
            let message = fill(words.w_more, &[("n", &n)]);
            let path = list.to_owned();
            warnings.push(Warning { code, path, message, position: None });
        }
    }
    locate(bytes, &mut warnings);
    warnings
}

fn warning(words: &Words, own: &Ledger, remark: &Remark) -> Warning {
    let by = |test: &Option<String>, none: &'static str| -> String {
        test.as_deref().map_or(none, |test| stopped_by(words, test)).to_owned()
    };
    let (code, path, message) = match remark {
        Remark::NeedOutOfReach { need, test, .. } => {
            let at = own.needs.iter().position(|n| n.id == *need);
            let values = [("need", &**need), ("test", &*by(test, words.no_offers))];
            ("NEED_OUT_OF_REACH", path("needs", at), fill(words.w_need, &values))
        }
        Remark::OfferOfNoUse { offer, test, .. } => {
            let at = own.offers.iter().position(|o| o.id == *offer);
            let values = [("offer", &**offer), ("test", &*by(test, words.w_no_needs))];
            ("OFFER_OF_NO_USE", path("offers", at), fill(words.w_offer, &values))
        }
        Remark::LimitOnNothing { list, id, asks } => {
            let text = if *asks { words.w_limit_asks } else { words.w_limit_nothing };
            ("LIMIT_ON_NOTHING", rule_path(own, list, id), fill(text, &[("limit", id)]))
        }
        Remark::LimitNeverBinds { list, id } => {
            let text = fill(words.w_limit_never, &[("limit", id)]);
            ("LIMIT_NEVER_BINDS", rule_path(own, list, id), text)
        }
    };
    Warning { code, path, message, position: None }
}

fn path(list: &str, at: Option<usize>) -> String {
    at.map_or_else(|| list.to_owned(), |at| format!("{list}[{at}]"))
}

fn rule_path(own: &Ledger, list: &str, id: &str) -> String {
    match list {
        "limits" => path(list, own.limits.iter().position(|l| l.id == id)),
        _ => path(list, own.agreements.iter().position(|a| a.id == id)),
    }
}

/// Finds the place of every path, as for issues.
fn locate(bytes: &[u8], warnings: &mut [Warning]) {
    let mut issues: Vec<Issue> =
        warnings.iter().map(|w| Issue::new(Code::FieldInvalid, w.path.clone(), "")).collect();
    place_issues(bytes, &mut issues);
    for (warning, issue) in warnings.iter_mut().zip(issues) {
        warning.position = issue.position;
    }
}
