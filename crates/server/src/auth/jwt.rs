//! JSON Web Tokens (RFC 7519) with the advice of RFC 8725.
//!
//! In: a token. Out: an identity. The algorithm is the key's, never the token's choice; the
//! token must name its key, issuer, audience, expiry, subject, tenant and role.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::jwks::Keys;
use super::{Identity, Role, is_id};
use crate::errors::{Reason, Refusal};

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 30;

/// A field that stands twice is an error of the reader.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    sub: String,
    tenant: String,
    role: Role,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Checks tokens.
#[derive(Debug)]
pub(super) struct Verifier {
    keys: Keys,
    issuer: String,
    audience: String,
}

impl Verifier {
    pub(super) fn new(keys: Keys, issuer: String, audience: String) -> Self {
        Verifier { keys, issuer, audience }
    }

    /// # Errors
    /// `TOKEN_EXPIRED` for a token that is right but for its time, else `TOKEN_INVALID`.
    pub(super) fn verify(&self, token: &str) -> Result<Identity, Refusal> {
        let claims = self.signed(token).ok_or_else(|| Refusal::new(Reason::TokenInvalid))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if claims.exp.saturating_add(LEEWAY) < now {
            return Err(Refusal::new(Reason::TokenExpired));
        }
        if claims.nbf.is_some_and(|start| start.saturating_sub(LEEWAY) > now) {
            return Err(Refusal::new(Reason::TokenInvalid));
        }
        Ok(Identity { subject: claims.sub, tenant: claims.tenant, role: claims.role })
    }

    fn signed(&self, token: &str) -> Option<Claims> {
        let (message, sign) = token.rsplit_once('.')?;
        let (head, body) = message.split_once('.')?;
        let header: Header = part(head)?;
        let typ = header.typ.as_deref().unwrap_or("JWT");
        let typed = ["JWT", "at+jwt", "application/at+jwt"];
        if header.crit.is_some() || !typed.iter().any(|known| known.eq_ignore_ascii_case(typ)) {
            return None;
        }
        let key = self.keys.find(&header.kid)?;
        if header.alg != key.algorithm() {
            return None;
        }
        let sign = URL_SAFE_NO_PAD.decode(sign).ok()?;
        if !key.verify(message.as_bytes(), &sign) {
            return None;
        }
        let claims: Claims = part(body)?;
        let ours = match &claims.aud {
            Audience::One(one) => *one == self.audience,
            Audience::Many(many) => many.contains(&self.audience),
        };
        let whole = is_id(&claims.tenant) && !claims.sub.is_empty() && claims.sub.len() <= 128;
        (ours && whole && claims.iss == self.issuer).then_some(claims)
    }
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
