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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Keys as a file has them.
    const RSA: &str = r#""kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ""#;
    const EC: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
    const OKP: &str =
        r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;

    /// What each of them has signed: the examples A.2 and A.3 of RFC 7515, A.4 of RFC 8037.
    const SIGNED: [(&str, &str, &str); 3] = [
        (
            "RS256",
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ),
        (
            "ES256",
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
        (
            "EdDSA",
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        ),
    ];

    fn key(fields: &str) -> Option<Key> {
        Key::of(&serde_json::from_str(&format!("{{{fields}}}")).unwrap())
    }

    #[test]
    fn each_key_knows_its_own_hand_and_no_other() {
        for (own, fields) in [RSA, EC, OKP].into_iter().enumerate() {
            let key = key(fields).unwrap();
            for (k, (algorithm, message, sign)) in SIGNED.into_iter().enumerate() {
                let mut sign = URL_SAFE_NO_PAD.decode(sign).unwrap();
                assert_eq!(key.algorithm() == algorithm, own == k);
                assert_eq!(key.verify(message.as_bytes(), &sign), own == k, "{algorithm}");
                assert!(!key.verify(&message.as_bytes()[1..], &sign), "{algorithm}");
                let last = sign.len() - 1;
                sign[last] ^= 1;
                assert!(!key.verify(message.as_bytes(), &sign), "{algorithm}");
                assert!(!key.verify(message.as_bytes(), &[]), "{algorithm}");
            }
        }
    }

    #[test]
    fn what_is_no_key_for_signatures_is_left_out() {
        for fields in [RSA, EC, OKP] {
            assert!(key(&format!(r#"{fields},"use":"sig""#)).is_some());
            assert!(key(&format!(r#"{fields},"use":"enc""#)).is_none());
            assert!(key(&format!(r#"{fields},"alg":"HS256""#)).is_none());
        }
        assert!(key(r#""kty":"oct","k":"c2VjcmV0""#).is_none());
        assert!(key(&EC.replace("P-256", "P-384")).is_none());
        assert!(key(&EC.replace("f83O", "")).is_none());
        assert!(key(&RSA.replace("\"e\"", "\"f\"")).is_none());
    }
}
