//! Forms of single values.
//!
//! In: texts. Out: numbers, times, switches, or a sentence that names the setting.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::Form;

pub(super) fn number<T: FromStr + PartialOrd + Display>(
    key: &str,
    text: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    match text.replace('_', "").parse::<T>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(format!("{key}: {text} is not a whole number from {least} to {most}")),
    }
}

pub(super) fn switch(key: &str, text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("{key}: {text} is neither true nor false")),
    }
}

/// `30s`, `500ms`, `5m`, `1h`; above 0 and at most a day.
pub(super) fn time(key: &str, text: &str) -> Result<Duration, String> {
    let wrong = || format!("{key}: write {text} as 30s, 500ms, 5m or 1h, above 0, at most 24h");
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    let millis = count.checked_mul(millis).filter(|m| (1..=86_400_000).contains(m));
    millis.map(Duration::from_millis).ok_or_else(wrong)
}

/// Checks the address of a collector of traces.
///
/// # Errors
/// A sentence for the operator: this build exports none, or it is no such address.
pub fn collector(endpoint: &str) -> Result<(), String> {
    if endpoint.is_empty() {
        return Ok(());
    }
    if !cfg!(feature = "otel") {
        let how = "build it with --features otel";
        return Err(format!("otlp_endpoint: this build exports no traces; {how}"));
    }
    let whole = endpoint.parse::<http::Uri>().ok();
    let plain = whole.filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
    plain.map(drop).ok_or_else(|| {
        format!(
            "otlp_endpoint: {endpoint} is not http://HOST:PORT; for TLS, an agent stands between"
        )
    })
}

/// An address without the password in it.
pub(super) fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:***@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let hidden = |part: &str| match part.split_once('=') {
        Some((key, _)) if key.trim_start_matches('?') == "password" => format!("{key}=***"),
        _ => part.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(hidden).collect();
    format!("{scheme}://{authority}{path}{}", query.join("&"))
}

/// As TOML writes it.
pub(super) fn written(form: Form, text: &str) -> String {
    match form {
        Form::Number => text.to_owned(),
        // What is no switch is refused elsewhere, and stays as it is here.
        Form::Switch => {
            switch("", text).map_or_else(|_| text.to_owned(), |truth| truth.to_string())
        }
        Form::Text | Form::File | Form::Time => toml::Value::String(text.to_owned()).to_string(),
    }
}
