//! Where a ledger comes from: the message, a file inside it, or the store.
//!
//! In: the three forms of `source`. Out: a checked ledger, by the rules of the library.
//! Reading and checking take processor time: they run in [`super::solving`]. Who asks of a
//! stored version again finds it checked.

use std::sync::Arc;

use bytes::Bytes;
use concentric_matcher::io::{load_with, read_ledger};
use concentric_matcher::validate::Bounds;
use concentric_matcher::{Issue, Ledger, ValidLedger};
use concentric_proto::v1;

use super::kept::{Kept, Key};
use super::{Context, names, refused};
use crate::auth::Identity;
use crate::errors::{Reason, Refusal, field, store};
use crate::store::LedgerHead;
use crate::wire::weight::of_file;
use crate::wire::{
    in_scenario, ledger_from_bytes, ledger_from_wire, ledger_of_request, valid_from_wire,
};

/// A ledger that was not read yet.
#[derive(Clone)]
pub(super) enum Source {
    /// The message.
    Message(Box<v1::Ledger>),
    /// The bytes of a message inside a request.
    Bytes(Bytes),
    /// A ledger file.
    File(Bytes),
    /// The bytes of a message, as stored.
    Stored(Bytes),
}

/// The oneof `source` of a request, whatever its type is called.
macro_rules! given {
    ($source:expr, $kind:path) => {{
        use $kind as Kind;
        match $source {
            None => None,
            Some(Kind::Ledger(ledger)) => Some($crate::services::source::Given::from(ledger)),
            Some(Kind::LedgerName(name)) => Some($crate::services::source::Given::Name(name)),
            Some(Kind::LedgerJson(bytes)) => {
                Some($crate::services::source::Given::File(bytes.into()))
            }
        }
    }};
}
pub(super) use given;

/// A source as given.
pub(super) enum Given {
    Message(Box<v1::Ledger>),
    Bytes(Bytes),
    Name(String),
    File(Bytes),
}

impl From<v1::Ledger> for Given {
    fn from(ledger: v1::Ledger) -> Self {
        Given::Message(Box::new(ledger))
    }
}

impl From<Bytes> for Given {
    fn from(bytes: Bytes) -> Self {
        Given::Bytes(bytes)
    }
}

async fn head(context: &Context, caller: &Identity, name: &str) -> Result<LedgerHead, Refusal> {
    let (id, version) = names::ledger(name, caller, "ledger_name")?;
    let refused = refused(&caller.tenant, "ledgers", &id);
    context.store.ledger_head(&caller.tenant, &id, version).await.map_err(refused)
}

async fn stored(
    context: &Context,
    caller: &Identity,
    head: &LedgerHead,
) -> Result<Source, Refusal> {
    let bytes = context.store.blob(&caller.tenant, &head.blob).await.map_err(store)?;
    Ok(Source::Stored(bytes.into()))
}

/// Finds the source; for a stored ledger also its version.
pub(super) async fn find(
    context: &Context,
    caller: &Identity,
    given: Option<Given>,
) -> Result<(Source, Option<LedgerHead>), Refusal> {
    match given {
        None => {
            let what = "give ledger, ledger_json or ledger_name";
            Err(field(Reason::FieldRequired, "source", what))
        }
        Some(Given::Message(ledger)) => Ok((Source::Message(ledger), None)),
        Some(Given::Bytes(bytes)) => Ok((Source::Bytes(bytes), None)),
        Some(Given::File(bytes)) => Ok((Source::File(bytes), None)),
        Some(Given::Name(name)) => {
            let head = head(context, caller, &name).await?;
            Ok((stored(context, caller, &head).await?, Some(head)))
        }
    }
}

/// A ledger that is to be matched.
pub(super) enum Asked {
    /// Checked before.
    Checked(Arc<ValidLedger>),
    /// To be checked, and kept in this place if it has one.
    Unread(Source, Option<(Arc<Kept>, Key)>),
}

/// Finds what is to be matched in a scenario, or as it is.
pub(super) async fn asked(
    context: &Context,
    caller: &Identity,
    given: Option<Given>,
    scenario: &str,
) -> Result<Asked, Refusal> {
    let Some(Given::Name(name)) = given else {
        return find(context, caller, given).await.map(|(source, _)| Asked::Unread(source, None));
    };
    let head = head(context, caller, &name).await?;
    let (tenant, scenario) = (caller.tenant.clone(), scenario.to_owned());
    let key = Key { tenant, blob: head.blob.clone(), scenario };
    Ok(match context.kept.get(&key) {
        Some(valid) => Asked::Checked(valid),
        None => {
            let place = (context.kept.clone(), key);
            Asked::Unread(stored(context, caller, &head).await?, Some(place))
        }
    })
}

impl Asked {
    /// The checked ledger, taken through a scenario if one is named: that which it was found
    /// for.
    pub(super) fn check(
        self,
        named: &str,
        bounds: &Bounds,
    ) -> Result<Arc<ValidLedger>, Vec<Issue>> {
        match self {
            Asked::Checked(valid) => Ok(valid),
            Asked::Unread(source, place) => {
                let stored = match &source {
                    Source::Stored(bytes) => bytes.len(),
                    _ => 0,
                };
                let valid = Arc::new(source.check(named, bounds)?);
                if let Some((kept, key)) = place {
                    kept.put(key, valid.clone(), stored);
                }
                Ok(valid)
            }
        }
    }
}

impl Source {
    fn message(self, bounds: &Bounds) -> Result<Result<v1::Ledger, Bytes>, Vec<Issue>> {
        match self {
            Source::Message(message) => Ok(Ok(*message)),
            Source::Bytes(bytes) => ledger_of_request(&bytes).map(Ok),
            Source::File(bytes) => match of_file(&bytes) {
                Some(issue) => Err(vec![issue]),
                None => Ok(Err(bytes)),
            },
            Source::Stored(bytes) => ledger_from_bytes(&bytes, bounds).map(Ok),
        }
    }

    /// The ledger as written.
    pub(super) fn read(self, bounds: &Bounds) -> Result<Ledger, Vec<Issue>> {
        match self.message(bounds)? {
            Ok(message) => ledger_from_wire(message),
            Err(bytes) => read_ledger(&bytes),
        }
    }

    /// The checked ledger, taken through a scenario if one is named.
    pub(super) fn check(self, named: &str, bounds: &Bounds) -> Result<ValidLedger, Vec<Issue>> {
        if named.is_empty() {
            return match self.message(bounds)? {
                Ok(message) => valid_from_wire(message, bounds),
                Err(bytes) => load_with(&bytes, bounds),
            };
        }
        // The ledger's own faults come first, with its own paths.
        self.clone().check("", bounds)?;
        in_scenario(&self.read(bounds)?, named, bounds)
    }
}
