//! Settings from texts: which source wins, what is refused, what is printed.
//!
//! In: hand-written texts of each source. Out: assertions. Must not open ports or files.

#![allow(clippy::unwrap_used)]

use super::*;

fn texts(pairs: &[(&str, &str)]) -> Texts {
    pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn with_nothing_said_it_listens_on_loopback() {
    let config = Config::from_sources(&[]).unwrap();
    assert!(config.listen.ip().is_loopback());
    assert!(!config.authenticates());
    assert_eq!(config.unread_limit, Duration::from_secs(10));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = read_file("queue = 1\nslots = 1\ndrain = \"5s\"").unwrap();
    let environment = read_environment(|name| match name {
        "CONCENTRIC_QUEUE" => Some("2".to_owned()),
        "CONCENTRIC_SLOTS" => Some("2".to_owned()),
        _ => None,
    });
    let flags = texts(&[("queue", "3")]);
    let config = Config::from_sources(&[&flags, &environment, &file]).unwrap();
    assert_eq!((config.queue, config.slots), (3, 2));
    assert_eq!(config.drain, Duration::from_secs(5));
}

#[test]
fn what_is_printed_reads_back() {
    let given = texts(&[("store", "sqlite:a \"b\".db"), ("insecure", "true")]);
    let back = read_file(&print(&[&given])).unwrap();
    assert_eq!(back.len(), SETTINGS.len());
    assert_eq!(back["store"], "sqlite:a \"b\".db");
    assert!(Config::from_sources(&[&back]).is_ok());
}

#[test]
fn secrets_are_not_printed() {
    assert!(!print(&[&texts(&[("page_key", "hush")])]).contains("hush"));
}

#[test]
fn the_password_of_the_store_is_not_printed() {
    for (address, shown) in [
        ("postgres://u:SECRET@h:5432/db", "postgres://u:***@h:5432/db"),
        ("postgres://u:SEC@RET@h/db", "postgres://u:***@h/db"),
        ("postgres://u@h/db?host=/run&password=SECRET", "postgres://u@h/db?host=/run&password=***"),
        ("postgres:///db?password=SECRET", "postgres:///db?password=***"),
        ("postgres://h", "postgres://h"),
        ("sqlite:a:b@c.db", "sqlite:a:b@c.db"),
    ] {
        let text = print(&[&texts(&[("store", address)])]);
        assert!(text.contains(&format!("store = \"{shown}\"\n")), "{address}: {text}");
    }
}

#[test]
fn switches_are_printed_as_the_file_takes_them() {
    let text = print(&[&texts(&[("insecure", "yes")])]);
    assert!(text.contains("insecure = true\n"));
    assert!(read_file(&text).is_ok());
}

#[test]
fn it_refuses_to_listen_beyond_loopback_unguarded() {
    let tls = [("tls_cert", "c.pem"), ("tls_key", "k.pem")];
    let open = ("listen", "0.0.0.0:7411");
    let refused = |pairs: &[(&str, &str)]| Config::from_sources(&[&texts(pairs)]).is_err();
    assert!(refused(&[open]));
    assert!(refused(&[open, tls[0], tls[1]]), "no tokens");
    assert!(refused(&[open, ("tokens", "t.toml")]), "no TLS");
    assert!(!refused(&[open, tls[0], tls[1], ("tokens", "t.toml")]));
    assert!(!refused(&[open, tls[0], tls[1], ("tls_client_ca", "ca.pem")]));
    assert!(!refused(&[open, ("insecure", "true")]));
}

#[test]
fn wrong_values_are_named() {
    for (key, value) in [
        ("listen", "nowhere"),
        ("queue", "-1"),
        ("drain", "5 minutes"),
        ("run_jobs", "perhaps"),
        ("log_format", "xml"),
        ("match_time_limit", "0s"),
        ("lease", "100ms"),
        ("jwks", "keys.json"),
        ("jwt_issuer", "https://issuer"),
        ("page_key", "short"),
        ("tls_cert", "c.pem"),
        ("tls_client_crl", "crl.pem"),
        ("tenant_rate", "-1"),
        ("max_bytes_in_flight", "2000"),
        ("otlp_endpoint", "https://collector:4317"),
    ] {
        let error = Config::from_sources(&[&texts(&[(key, value)])]).unwrap_err();
        assert!(error.contains(key), "{error}");
    }
    assert!(read_file("quue = 1").unwrap_err().contains("quue"));
    assert!(read_file("queue = [1]").unwrap_err().contains("queue"));
}

#[test]
fn a_collector_is_for_builds_that_export_to_it() {
    let given = texts(&[("otlp_endpoint", "http://127.0.0.1:4317")]);
    let config = Config::from_sources(&[&given]);
    if cfg!(feature = "otel") {
        assert_eq!(config.unwrap().otlp_endpoint, "http://127.0.0.1:4317");
    } else {
        assert!(config.unwrap_err().contains("--features otel"));
    }
    assert!(print(&[&given]).contains("otlp_endpoint = \"http://127.0.0.1:4317\""));
    assert!(Config::from_sources(&[]).unwrap().otlp_endpoint.is_empty());
}
