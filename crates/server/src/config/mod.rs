//! What the service is told: defaults, a TOML file, the environment, flags; later ones win.
//!
//! In: texts by setting. Out: a checked [`Config`]. Must not open sockets or stores.
//! Rejected: a derive with serde for each source (a setting would be written three times,
//! and the environment has no types).

mod list;
mod values;

pub use list::{Form, SETTINGS, Setting};

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use concentric_matcher::validate::Bounds;

pub use values::collector;
use values::{number, switch, time, without_password, written};

/// Texts by key, from one source.
pub type Texts = BTreeMap<String, String>;

/// Characters of a secret that is worth its name.
const LEAST_KEY: usize = 16;

/// The settings, checked.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "see SETTINGS, which has a sentence for each")]
pub struct Config {
    pub listen: SocketAddr,
    pub store: String,
    pub slots: usize,
    pub queue: usize,
    pub run_jobs: bool,
    pub match_time_limit: Duration,
    pub job_time_limit: Duration,
    pub lease: Duration,
    pub max_arcs: u64,
    pub max_units: usize,
    pub max_needs: usize,
    pub max_pairs: usize,
    pub max_message_bytes: usize,
    pub max_bytes_in_flight: usize,
    pub max_upload_bytes: u64,
    pub kept_ledger_bytes: u64,
    pub max_connections: usize,
    pub max_streams: u32,
    pub max_calls: usize,
    pub unread_limit: Duration,
    pub tenant_rate: u32,
    pub tenant_jobs: i64,
    pub drain: Duration,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub tls_client_ca: Option<PathBuf>,
    pub tls_client_crl: Option<PathBuf>,
    pub tokens: Option<PathBuf>,
    pub jwks: Option<PathBuf>,
    pub jwt_issuer: String,
    pub jwt_audience: String,
    pub page_key: String,
    pub insecure: bool,
    pub log: String,
    pub log_format: String,
    pub otlp_endpoint: String,
}

impl Config {
    /// The settings of all sources, the strongest first; keys that are missing everywhere
    /// take their default.
    ///
    /// # Errors
    /// One sentence for the operator: the first setting that is wrong, or a combination that
    /// would not be safe.
    pub fn from_sources(sources: &[&Texts]) -> Result<Config, String> {
        let text = |key: &str| -> Result<String, String> {
            let given = sources.iter().find_map(|source| source.get(key));
            let default = SETTINGS.iter().find(|setting| setting.key == key);
            given
                .cloned()
                .or_else(|| default.map(|setting| setting.default.to_owned()))
                .ok_or_else(|| format!("there is no setting {key}"))
        };
        let path = |key: &str| -> Result<Option<PathBuf>, String> {
            Ok(Some(text(key)?).filter(|path| !path.is_empty()).map(PathBuf::from))
        };
        let listen = text("listen")?;
        let config = Config {
            listen: listen
                .replace("localhost", "127.0.0.1")
                .parse()
                .map_err(|_| format!("listen: {listen} is not an address with a port"))?,
            store: text("store")?,
            slots: number("slots", &text("slots")?, 0, 1024)?,
            queue: number("queue", &text("queue")?, 0, 1_000_000)?,
            run_jobs: switch("run_jobs", &text("run_jobs")?)?,
            match_time_limit: time("match_time_limit", &text("match_time_limit")?)?,
            job_time_limit: time("job_time_limit", &text("job_time_limit")?)?,
            lease: time("lease", &text("lease")?)?,
            max_arcs: number("max_arcs", &text("max_arcs")?, 1, 200_000_000)?,
            max_units: number("max_units", &text("max_units")?, 1, 5_000_000)?,
            max_needs: number("max_needs", &text("max_needs")?, 1, 5_000_000)?,
            max_pairs: number("max_pairs", &text("max_pairs")?, 1, 200_000_000)?,
            max_message_bytes: number(
                "max_message_bytes",
                &text("max_message_bytes")?,
                1024,
                1 << 30,
            )?,
            max_bytes_in_flight: number(
                "max_bytes_in_flight",
                &text("max_bytes_in_flight")?,
                1024,
                1 << 40,
            )?,
            max_upload_bytes: number(
                "max_upload_bytes",
                &text("max_upload_bytes")?,
                1024,
                1 << 32,
            )?,
            kept_ledger_bytes: number(
                "kept_ledger_bytes",
                &text("kept_ledger_bytes")?,
                0,
                1 << 40,
            )?,
            max_connections: number("max_connections", &text("max_connections")?, 1, 1_000_000)?,
            max_streams: number("max_streams", &text("max_streams")?, 1, 10_000)?,
            max_calls: number("max_calls", &text("max_calls")?, 1, 1_000_000)?,
            unread_limit: time("unread_limit", &text("unread_limit")?)?,
            tenant_rate: number("tenant_rate", &text("tenant_rate")?, 0, 1_000_000)?,
            tenant_jobs: number("tenant_jobs", &text("tenant_jobs")?, 1, 1_000_000)?,
            drain: time("drain", &text("drain")?)?,
            tls_cert: path("tls_cert")?,
            tls_key: path("tls_key")?,
            tls_client_ca: path("tls_client_ca")?,
            tls_client_crl: path("tls_client_crl")?,
            tokens: path("tokens")?,
            jwks: path("jwks")?,
            jwt_issuer: text("jwt_issuer")?,
            jwt_audience: text("jwt_audience")?,
            page_key: text("page_key")?,
            insecure: switch("insecure", &text("insecure")?)?,
            log: text("log")?,
            log_format: text("log_format")?,
            otlp_endpoint: text("otlp_endpoint")?,
        };
        config.check().map(|()| config)
    }

    fn check(&self) -> Result<(), String> {
        if self.lease < Duration::from_millis(500) {
            return Err("lease: must be 500ms or longer".to_owned());
        }
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err("tls_cert and tls_key come together".to_owned());
        }
        if self.tls_client_ca.is_some() && self.tls_cert.is_none() {
            return Err("tls_client_ca needs tls_cert and tls_key".to_owned());
        }
        if self.tls_client_crl.is_some() && self.tls_client_ca.is_none() {
            return Err("tls_client_crl needs tls_client_ca".to_owned());
        }
        if self.jwks.is_some() && (self.jwt_issuer.is_empty() || self.jwt_audience.is_empty()) {
            return Err("jwks needs jwt_issuer and jwt_audience".to_owned());
        }
        if self.jwks.is_none() && !(self.jwt_issuer.is_empty() && self.jwt_audience.is_empty()) {
            return Err("jwt_issuer and jwt_audience need jwks".to_owned());
        }
        if (1..LEAST_KEY).contains(&self.page_key.len()) {
            return Err(format!("page_key: give at least {LEAST_KEY} characters, or none"));
        }
        if self.max_bytes_in_flight < self.max_message_bytes {
            return Err("max_bytes_in_flight is less than max_message_bytes".to_owned());
        }
        if !matches!(self.log_format.as_str(), "text" | "json") {
            return Err(format!("log_format: {} is neither text nor json", self.log_format));
        }
        collector(&self.otlp_endpoint)?;
        let open = self.tls_cert.is_none() || !self.authenticates();
        if open && !self.listen.ip().is_loopback() && !self.insecure {
            return Err(format!(
                "listening on {} lets others in: give tls_cert, tls_key, and tokens, jwks or \
                 tls_client_ca; or say insecure if something else guards this port",
                self.listen
            ));
        }
        Ok(())
    }

    /// Whether callers must say who they are.
    pub fn authenticates(&self) -> bool {
        self.tokens.is_some() || self.jwks.is_some() || self.tls_client_ca.is_some()
    }

    /// Bounds of the ledgers that are taken.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            max_reference: self.max_needs,
            max_units: self.max_units,
            max_offers: self.max_units.saturating_mul(4),
            max_needs: self.max_needs,
            max_pairs: self.max_pairs,
            max_workflow: self.max_pairs,
            max_scenarios: 1000,
            max_deltas: 10_000,
        }
    }

    /// Number of solves at the same time.
    pub fn solvers(&self) -> usize {
        if self.slots > 0 {
            return self.slots;
        }
        std::thread::available_parallelism().map_or(2, |cores| usize::from(cores).max(2))
    }
}

/// Texts of a TOML file.
///
/// # Errors
/// One sentence: not TOML, a key that is no setting, or a value of another form.
pub fn read_file(text: &str) -> Result<Texts, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut texts = Texts::new();
    for (key, value) in table {
        if !SETTINGS.iter().any(|setting| setting.key == key) {
            return Err(format!("there is no setting {key}"));
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(truth) => truth.to_string(),
            other => return Err(format!("{key}: a {} does not fit", other.type_str())),
        };
        texts.insert(key, text);
    }
    Ok(texts)
}

/// Texts of the environment.
pub fn read_environment(variable: impl Fn(&str) -> Option<String>) -> Texts {
    let found = SETTINGS.iter().filter_map(|setting| {
        variable(&setting.variable()).map(|text| (setting.key.to_owned(), text))
    });
    found.collect()
}

/// The settings in force as a TOML file, each under its sentence; no secret is shown: neither
/// the page key nor the password of the store.
pub fn print(sources: &[&Texts]) -> String {
    let mut text = String::new();
    for setting in SETTINGS {
        let given = sources.iter().find_map(|source| source.get(setting.key));
        let value = given.map_or(setting.default, String::as_str);
        let value = match setting.key {
            "page_key" if !value.is_empty() => "***".to_owned(),
            "store" => without_password(value),
            _ => value.to_owned(),
        };
        text.push_str(&format!("# {}.\n", setting.help));
        text.push_str(&format!("{} = {}\n", setting.key, written(setting.form, &value)));
    }
    text
}

#[cfg(test)]
mod tests;
