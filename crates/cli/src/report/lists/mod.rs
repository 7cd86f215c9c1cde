//! The published lists: kinds of reports, and the one shape they all have.
//!
//! In: a verified plan with its ledger. Out: a [`Sheet`], written as Markdown or CSV. Must
//! not add up what the library has not added up. Every kind is a few columns, perhaps in
//! sections, so one writer of each format serves all. Rejected: a template for each kind
//! (a dozen kinds in two languages and two formats).

mod markdown;
mod money;
mod outcomes;
mod promises;
mod services;
mod shares;
mod sheet;
mod tabular;

use std::collections::BTreeMap;

use clap::ValueEnum;
use concentric_matcher::{Plan, ValidLedger};

pub use markdown::write_markdown;
pub use sheet::Sheet;
pub use tabular::write_csv;

use super::names::Names;
use crate::words::Words;

/// Kinds of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// What each unit does for whom (品牌服务清单)
    Services,
    /// What each community and its units give each other (双向服务清单)
    Communities,
    /// Units and places that work together: new, kept, ended
    Pairings,
    /// Who pays what for which need, and what services cost
    Funding,
    /// One outcome for each need, with its reasons (回单)
    Receipts,
    /// The pack of a joint meeting: delivered, late, running, unmet, proposals, missed soft limits
    Meeting,
    /// What is left of which offer, and why
    Idle,
    /// What is solved at which level, by category
    Levels,
    /// Coverage by category and kind
    Coverage,
    /// Coverage of every place with its subtree
    Places,
    /// Points: delivered and evaluated quantity times a rate
    Points,
    /// What each unit promised, delivered, and is late with
    Load,
}

/// What a report is made of.
pub struct Basis<'a> {
    /// The ledger, after its scenario.
    pub valid: &'a ValidLedger,
    /// The plan, verified.
    pub plan: &'a Plan,
    /// Language.
    pub words: &'static Words,
    /// Names beside ids.
    pub names: &'a Names<'a>,
    /// Period by which lateness is judged.
    pub period: Option<&'a str>,
    /// Points for one unit of a measure.
    pub rates: &'a BTreeMap<String, i64>,
}

/// The sheet of one kind.
pub fn sheet(kind: Kind, basis: &Basis<'_>) -> Sheet {
    match kind {
        Kind::Services => services::units(basis),
        Kind::Communities => services::communities(basis),
        Kind::Pairings => services::pairs(basis),
        Kind::Funding => money::funds(basis),
        Kind::Receipts => outcomes::all(basis),
        Kind::Idle => outcomes::idle(basis),
        Kind::Meeting => promises::pack(basis),
        Kind::Load => promises::loads(basis),
        Kind::Points => promises::scores(basis),
        Kind::Levels => shares::levels(basis),
        Kind::Coverage => shares::categories(basis),
        Kind::Places => shares::places(basis),
    }
}
