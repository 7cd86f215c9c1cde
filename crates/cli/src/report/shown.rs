//! Texts of a ledger as a terminal may show them.
//!
//! In: a ledger. Out: the same with what would steer the terminal, break a line or turn the
//! direction of writing spelled out. Must not know which texts are printed. Rejected: a filter
//! on what is printed (it cannot tell a ledger's colours from ours).

use std::borrow::Cow;

use concentric_matcher::Ledger;
use serde_json::Value;

/// The ledger, copied only where it holds such a character.
pub fn shown(ledger: &Ledger) -> Cow<'_, Ledger> {
    // JSON writes a control character with a backslash; ledgers without any are the rule.
    let text = serde_json::to_string(ledger).unwrap_or_default();
    if !text.contains(|c| c == '\\' || steers(c)) {
        return Cow::Borrowed(ledger);
    }
    let Ok(mut value) = serde_json::from_str(&text) else { return Cow::Borrowed(ledger) };
    if !spell(&mut value) {
        return Cow::Borrowed(ledger);
    }
    serde_json::from_value(value).map_or(Cow::Borrowed(ledger), Cow::Owned)
}

/// Whether anything was spelled out.
fn spell(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.contains(steers) => {
            let spelled = |c: char| match steers(c) {
                true => c.escape_unicode().to_string(),
                false => c.to_string(),
            };
            *text = text.chars().map(spelled).collect();
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| spell(item) | any),
        Value::Object(fields) => fields.values_mut().fold(false, |any, item| spell(item) | any),
        _ => false,
    }
}

/// Control characters, line ends of Unicode, and marks of direction.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::shown;
    use concentric_matcher::ledger::{Ledger, Place, PlaceLevel};
    use std::borrow::Cow;

    #[test]
    fn only_what_steers_is_spelled_out() {
        let named = |name: &str| {
            let mut place = Place::new("p", PlaceLevel::District, None);
            place.name = Some(name.to_owned());
            Ledger::builder("d").place(place).build()
        };
        let plain = named("老街 <b> \"é\" \\\\");
        assert!(matches!(shown(&plain), Cow::Borrowed(_)));
        let ledger = named("a\u{1b}[2Jb\nc\u{202e}d");
        let safe = shown(&ledger);
        assert_eq!(safe.places[0].name.as_deref(), Some("a\\u{1b}[2Jb\\u{a}c\\u{202e}d"));
    }
}
