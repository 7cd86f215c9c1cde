//! Digits that look like a person's: a remark, never a refusal.
//!
//! In: the free text of a ledger. Out: notices that begin with `PII_SUSPECTED` and do
//! not repeat the digits. Must not look at ids and numbers. Rejected: checking the
//! last digit of an identity number (a mistyped one is as personal).

use super::report::Report;
use crate::error::Code;
use crate::ledger::Ledger;

/// What a run of digits looks like.
fn suspect(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = &bytes[at..at + run];
        let after = bytes.get(at + run);
        if run == 18 || (run == 17 && matches!(after, Some(b'X' | b'x'))) {
            return Some("an 18-digit identity number");
        }
        if run == 11 && digits[0] == b'1' && (b'3'..=b'9').contains(&digits[1]) {
            return Some("an 11-digit mobile number");
        }
        at += run;
    }
    None
}

/// Looks through the head and every name, question and form of work.
pub(super) fn check_text(ledger: &Ledger, report: &mut Report) {
    let mut look = |text: Option<&String>, path: &dyn Fn() -> String| {
        if let Some(what) = text.and_then(|text| suspect(text)) {
            let message = format!(
                "PII_SUSPECTED: this text contains what looks like {what}; a ledger holds no natural persons"
            );
            report.notice(Code::FieldInvalid, path(), message);
        }
    };
    for (text, field) in [
        (&ledger.title, "title"),
        (&ledger.title_en, "title_en"),
        (&ledger.source, "source"),
        (&ledger.note, "note"),
    ] {
        look(text.as_ref(), &|| field.to_owned());
    }
    macro_rules! look_at {
        ($($list:ident.$field:ident),*) => { $(
            for (k, record) in ledger.$list.iter().enumerate() {
                look(record.$field.as_ref(), &|| {
                    format!(concat!(stringify!($list), "[{}].", stringify!($field)), k)
                });
            }
        )* };
    }
    look_at!(
        measures.name,
        measures.name_en,
        periods.name,
        places.name,
        categories.name,
        categories.name_en,
        units.name,
        units.group,
        bundles.name,
        limits.name,
        projects.name,
        projects.form,
        scenarios.name,
        scenarios.question
    );
}

#[cfg(test)]
mod tests {
    use super::suspect;

    #[test]
    fn lengths_and_first_digits_decide() {
        assert!(suspect("张三 11010519491231002X").is_some());
        assert!(suspect("id110105194912310021;").is_some());
        assert!(suspect("call 13800138000 now").is_some());
        for plain in [
            "",
            "2026-01-31",
            "12800138000",
            "1380013800",
            "138001380000",
            "1101051949123100211",
            "11010519491231002",
        ] {
            assert_eq!(suspect(plain), None, "{plain}");
        }
    }
}
