//! Who calls, and what they may do.
//!
//! In: the headers of a call. Out: an [`Identity`], or a refusal that tells nothing more than
//! it must. Must not know messages: whether a name lies in the caller's tenant is checked
//! where the name is read. Rejected: a crate for JWT (all of them know algorithms that must
//! never be accepted; three verifications of ring are less to read).

mod jwks;
mod jwt;
mod rules;
mod tokens;

pub use rules::{RULES, required};

use http::HeaderMap;
use serde::Deserialize;

use crate::config::Config;
use crate::errors::{Reason, Refusal};

/// Longest bearer token that is looked at.
const LONGEST: usize = 8192;

/// What a caller may do inside the tenant; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads, checks and verifies.
    Viewer,
    /// Also solves, stores ledgers, makes and cancels jobs.
    Planner,
    /// Also deletes, publishes and withdraws.
    Admin,
}

/// A caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the token, for the audit trail; a system, never a person.
    pub subject: String,
    /// The only tenant whose names the caller may speak.
    pub tenant: String,
    /// What the caller may do there.
    pub role: Role,
}

/// Knows the callers.
#[derive(Debug)]
pub struct Authenticator {
    tokens: Option<tokens::Tokens>,
    jwt: Option<jwt::Verifier>,
}

impl Authenticator {
    /// Reads the files that the configuration names.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn load(config: &Config) -> Result<Self, String> {
        let tokens = config.tokens.as_deref().map(tokens::Tokens::read).transpose()?;
        let jwt = match &config.jwks {
            Some(path) => Some(jwt::Verifier::new(
                jwks::Keys::read(path)?,
                config.jwt_issuer.clone(),
                config.jwt_audience.clone(),
            )),
            None => None,
        };
        Ok(Authenticator { tokens, jwt })
    }

    /// Who sent these headers. Where nothing is configured, everyone is the admin of the
    /// tenant `default`: then the port is on loopback, or guarded by certificates or others.
    ///
    /// # Errors
    /// `TOKEN_MISSING`, `TOKEN_INVALID`, `TOKEN_EXPIRED`.
    pub fn identify(&self, headers: &HeaderMap) -> Result<Identity, Refusal> {
        if self.tokens.is_none() && self.jwt.is_none() {
            return Ok(Identity {
                subject: "local".to_owned(),
                tenant: "default".to_owned(),
                role: Role::Admin,
            });
        }
        let invalid = || Refusal::new(Reason::TokenInvalid);
        let mut given = headers.get_all(http::header::AUTHORIZATION).iter();
        let Some(first) = given.next() else {
            return Err(Refusal::new(Reason::TokenMissing));
        };
        if given.next().is_some() || first.len() > LONGEST {
            return Err(invalid());
        }
        let text = first.to_str().map_err(|_| invalid())?;
        let (scheme, token) = text.split_once(' ').ok_or_else(invalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return Err(invalid());
        }
        if let Some(found) = self.tokens.as_ref().and_then(|tokens| tokens.find(token)) {
            return Ok(found);
        }
        self.jwt.as_ref().ok_or_else(invalid)?.verify(token)
    }
}

/// Whether a text can be the id of a tenant, a ledger, a job or a plan.
pub fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}
