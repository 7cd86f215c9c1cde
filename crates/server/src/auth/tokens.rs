//! Bearer tokens of a file.
//!
//! In: a TOML file with the SHA-256 of each token, its subject, tenant and role. Out: the
//! identity of a token. The tokens themselves stand nowhere, so the file is no secret.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Identity, Role, is_id};
use crate::hex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    token: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    sha256: String,
    subject: String,
    tenant: String,
    role: Role,
}

/// Identities by the SHA-256 of their token.
#[derive(Debug)]
pub(super) struct Tokens(BTreeMap<String, Identity>);

impl Tokens {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let wrong = |what: String| format!("tokens: {}: {what}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let file: File = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut tokens = BTreeMap::new();
        for entry in file.token {
            let sha = entry.sha256.to_ascii_lowercase();
            if sha.len() != 64 || !sha.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(wrong(format!("{}: sha256 is 64 hex digits", entry.subject)));
            }
            if !is_id(&entry.tenant) || !is_id(&entry.subject) {
                return Err(wrong("tenant and subject are ids".to_owned()));
            }
            let Entry { subject, tenant, role, .. } = entry;
            if tokens.insert(sha, Identity { subject, tenant, role }).is_some() {
                return Err(wrong("a token stands twice".to_owned()));
            }
        }
        Ok(Tokens(tokens))
    }

    /// Looking up a sum tells nothing about the token by the time it takes.
    pub(super) fn find(&self, token: &str) -> Option<Identity> {
        self.0.get(&hex::sha256(token.as_bytes())).cloned()
    }
}
