//! Concentric: a resource-need matching engine.
//!
//! Units offer what they are strong in, communities ask for what they need; the engine
//! finds the plan that serves the needs best in a lexicographic order of goals, proves
//! it in integers, and explains every shortfall. Synchronous, deterministic, no I/O
//! outside [`io`], no persons anywhere in the model.
//!
//! ```
//! use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
//! use concentric_matcher::{Engine, Options};
//!
//! let ledger = Ledger::builder("clinic")
//!     .unit(Unit::new("clinic"))
//!     .offer(Offer::new("checks", "clinic", 40))
//!     .need(Need::new("east", 25))
//!     .need(Need::new("west", 30))
//!     .build();
//! let plan = Engine::new(Options::default()).match_ledger(ledger)?;
//! let served: i64 = plan.assignments.iter().map(|a| a.quantity).sum();
//! assert_eq!(served, 40);
//! # Ok::<(), concentric_matcher::Error>(())
//! ```
//!
//! The stages, in the order data takes (each a module): [`ledger`] -> [`validate`] ->
//! [`network`] -> [`decompose`] -> [`solve`] over [`flow`] -> [`certify`] -> [`explain`]
//! -> [`plan`]; [`pipeline`] calls them, [`scenario`] and [`reconcile`] make ledgers from
//! ledgers, [`advice`] answers claims by trying them.

pub mod advice;
pub mod certify;
pub mod control;
pub mod decompose;
pub mod error;
pub mod explain;
pub mod flow;
pub mod ids;
pub mod io;
pub mod ledger;
pub mod milp;
pub mod network;
pub mod pipeline;
pub mod plan;
pub mod quantity;
pub mod reconcile;
pub mod scenario;
pub mod solve;
pub mod validate;

pub use control::{CancelToken, Control, Options};
pub use error::{Code, Error, Issue};
pub use ledger::Ledger;
pub use pipeline::{Classification, Engine, Verdict};
pub use plan::Plan;
pub use validate::ValidLedger;
