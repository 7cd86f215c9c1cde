//! Ledger to [`ValidLedger`]: every rule checked, every violation told at once.
//!
//! In: an unchecked ledger. Out: the one value later stages accept, or all issues.

mod tables;

pub use tables::{AgreementRow, NONE, NeedRow, OfferRow, PairRow, TreeNode, ValidLedger};
