//! The settings of the service: names, defaults and one sentence each.
//!
//! In: nothing. Out: [`SETTINGS`], from which flags, variables of the environment, keys of
//! the file and the output of `--print-config` are made, so that none of them can lack one.

/// Form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// A path of a file.
    File,
    /// A whole number.
    Number,
    /// `true` or `false`; as a flag without a value.
    Switch,
    /// A length of time: `30s`, `500ms`, `5m`, `1h`.
    Time,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name in the file; with `-` for `_` the flag, in capitals after `CONCENTRIC_` the variable.
    pub key: &'static str,
    /// Form of the value.
    pub form: Form,
    /// Default as it would be written.
    pub default: &'static str,
    /// One sentence.
    pub help: &'static str,
}

impl Setting {
    /// Name as a flag, without dashes in front.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// Name in the environment.
    pub fn variable(&self) -> String {
        format!("CONCENTRIC_{}", self.key.to_uppercase())
    }
}

const fn setting(
    key: &'static str,
    form: Form,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, form, default, help }
}

/// All settings, in the order in which they are shown.
pub const SETTINGS: &[Setting] = &[
    setting("listen", Form::Text, "127.0.0.1:7411", "Address and port; port 0 takes a free one"),
    setting("store", Form::Text, "sqlite:concentric.db", "Store: sqlite:PATH or postgres://..."),
    setting(
        "slots",
        Form::Number,
        "0",
        "Solves at the same time, jobs at most one fewer; 0: as many as cores, at least 2",
    ),
    setting("queue", Form::Number, "64", "Calls that may wait for a solver"),
    setting("run_jobs", Form::Switch, "true", "Whether this process also solves jobs"),
    setting("match_time_limit", Form::Time, "10s", "Longest solve within one call"),
    setting("job_time_limit", Form::Time, "1h", "Longest solve of a job"),
    setting("lease", Form::Time, "30s", "How long a job waits for a process that died with it"),
    setting("max_arcs", Form::Number, "5000000", "Most admissible pairs of one ledger"),
    setting("max_units", Form::Number, "20000", "Most units, and most offers, of one ledger"),
    setting("max_needs", Form::Number, "50000", "Most needs of one ledger"),
    setting("max_pairs", Form::Number, "500000", "Most pair rows of one ledger"),
    setting("max_message_bytes", Form::Number, "4194304", "Largest message that is read"),
    setting(
        "max_bytes_in_flight",
        Form::Number,
        "67108864",
        "Most bytes of requests at a time over all calls",
    ),
    setting("max_upload_bytes", Form::Number, "268435456", "Largest ledger that is uploaded"),
    setting(
        "kept_ledger_bytes",
        Form::Number,
        "16777216",
        "Stored bytes of ledgers that stay checked in memory for further calls; 0: none",
    ),
    setting("max_connections", Form::Number, "1000", "Most connections"),
    setting("max_streams", Form::Number, "100", "Most calls at a time on one connection"),
    setting("max_calls", Form::Number, "512", "Most calls at a time over all connections"),
    setting(
        "unread_limit",
        Form::Time,
        "10s",
        "Longest time for which a caller may take nothing of an answer",
    ),
    setting(
        "tenant_rate",
        Form::Number,
        "0",
        "Most calls of one tenant in a second; 0: any number",
    ),
    setting("tenant_jobs", Form::Number, "100", "Most unfinished jobs of one tenant"),
    setting("drain", Form::Time, "20s", "How long calls may go on after SIGTERM"),
    setting("tls_cert", Form::File, "", "Certificate chain, PEM; turns TLS on"),
    setting("tls_key", Form::File, "", "Key of the certificate, PEM"),
    setting("tls_client_ca", Form::File, "", "Only clients with a certificate of this CA, PEM"),
    setting(
        "tls_client_crl",
        Form::File,
        "",
        "Revoked certificates of clients, lists of that CA and those below it, PEM",
    ),
    setting("tokens", Form::File, "", "Bearer tokens with tenant and role, TOML"),
    setting("jwks", Form::File, "", "Keys of accepted JWTs, a JWKS file"),
    setting("jwt_issuer", Form::Text, "", "Issuer that a JWT must name; required with jwks"),
    setting("jwt_audience", Form::Text, "", "Audience that a JWT must name; required with jwks"),
    setting("page_key", Form::Text, "", "Secret of page tokens, shared by replicas; empty: random"),
    setting("insecure", Form::Switch, "false", "Listen beyond loopback without TLS and tokens"),
    setting("log", Form::Text, "info", "Log filter: error, warn, info, debug, or by module"),
    setting("log_format", Form::Text, "text", "Log lines: text or json"),
    setting(
        "otlp_endpoint",
        Form::Text,
        "",
        "Collector of traces over gRPC, http://HOST:PORT; empty: none; only in builds with otel",
    ),
];
