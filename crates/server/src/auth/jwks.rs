//! Public keys of a JWKS file (RFC 7517).
//!
//! In: a file. Out: keys by id, each for exactly one algorithm. Keys of other kinds are left
//! out. The file is read again for an id that is not known, at most every 30 seconds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Shortest time between two looks at the file.
const PAUSE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct File {
    keys: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// One key with the only algorithm it may be used for.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Rs256 { n: Vec<u8>, e: Vec<u8> },
    Es256(Vec<u8>),
    EdDsa(Vec<u8>),
}

impl Key {
    fn of(entry: &Entry) -> Option<Key> {
        if entry.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let key = match (entry.kty.as_str(), entry.crv.as_deref()) {
            ("RSA", _) => Key::Rs256 { n: bytes(&entry.n)?, e: bytes(&entry.e)? },
            ("EC", Some("P-256")) => {
                // The uncompressed form of the point.
                let point = [vec![4], bytes(&entry.x)?, bytes(&entry.y)?].concat();
                Key::Es256(Some(point).filter(|point| point.len() == 65)?)
            }
            ("OKP", Some("Ed25519")) => Key::EdDsa(bytes(&entry.x)?),
            _ => return None,
        };
        entry.alg.as_deref().is_none_or(|alg| alg == key.algorithm()).then_some(key)
    }

    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Key::Rs256 { .. } => "RS256",
            Key::Es256(_) => "ES256",
            Key::EdDsa(_) => "EdDSA",
        }
    }

    pub(super) fn verify(&self, message: &[u8], sign: &[u8]) -> bool {
        let checked = match self {
            Key::Rs256 { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                sign,
            ),
            Key::Es256(point) => UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                .verify(message, sign),
            Key::EdDsa(point) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, sign)
            }
        };
        checked.is_ok()
    }
}

/// The keys of the file.
#[derive(Debug)]
pub(super) struct Keys {
    path: PathBuf,
    state: Mutex<(BTreeMap<String, Key>, Instant)>,
}

impl Keys {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let keys = read(path).map_err(|what| format!("jwks: {}: {what}", path.display()))?;
        if keys.is_empty() {
            return Err(format!("jwks: {}: no key of a known kind with a kid", path.display()));
        }
        Ok(Keys { path: path.to_owned(), state: Mutex::new((keys, Instant::now())) })
    }

    pub(super) fn find(&self, kid: &str) -> Option<Key> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = state.0.get(kid) {
            return Some(key.clone());
        }
        if state.1.elapsed() < PAUSE {
            return None;
        }
        state.1 = Instant::now();
        // A file that is being written keeps the old keys in force.
        if let Ok(keys) = read(&self.path).map_err(|what| tracing::warn!(%what, "jwks")) {
            state.0 = keys;
        }
        state.0.get(kid).cloned()
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, Key>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file: File = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let known = |entry: &Entry| Some((entry.kid.clone()?, Key::of(entry)?));
    Ok(file.keys.iter().filter_map(known).collect())
}
