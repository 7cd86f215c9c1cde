//! Receipts and idle offers as sheets, reasons in words.
//!
//! In: the library's rows. Out: sheets. Must not judge a reason: it is proved already.

use concentric_matcher::plan::Status;
use concentric_matcher::plan::lists::{Receipt, idle_offers, receipts};

use super::Basis;
use super::sheet::{Cell, Section, Sheet, named, number, text};
use crate::report::number::grouped;
use crate::report::reasons::Speaker;
use crate::words::fill;

/// Sentences of all reasons of one need, each complete in itself.
pub fn told(basis: &Basis<'_>, receipt: &Receipt) -> String {
    let speaker = Speaker { words: basis.words, names: basis.names, plan: basis.plan };
    let sentences = receipt.reasons.iter().flat_map(|r| speaker.need(&receipt.need, r, &|_| false));
    sentences.collect::<Vec<String>>().join(basis.words.sentence_gap)
}

/// One row a need.
pub fn all(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let rows = receipts(basis.valid, basis.plan).into_iter().map(|receipt| {
        let status = match receipt.status {
            Status::Met => words.c_met,
            Status::Partial => words.c_partial,
            Status::Unmet => words.c_unmet,
        };
        let providers = receipt.providers.iter().map(|provider| {
            let name = basis.names.unit(&provider.unit);
            format!("{name} {}", grouped(provider.quantity))
        });
        vec![
            Cell::text(&receipt.need),
            basis.place(&receipt.place),
            receipt.owner.as_deref().map_or(Cell::Empty, |id| basis.unit(id)),
            basis.category(&receipt.category),
            Cell::number(receipt.asked),
            Cell::number(receipt.covered),
            basis.measure(&receipt.measure),
            Cell::text(status),
            Cell::text(providers.collect::<Vec<String>>().join(words.list_separator)),
            Cell::text(told(basis, &receipt)),
        ]
    });
    Sheet {
        title: words.r_receipts.to_owned(),
        lead: Vec::new(),
        keys: Vec::new(),
        columns: vec![
            text(words.c_need),
            named(words.c_place),
            named(words.c_owner),
            named(words.c_category),
            number(words.c_asked),
            number(words.c_covered),
            named(words.c_measure),
            text(words.c_status),
            text(words.c_providers),
            text(words.c_reasons),
        ],
        sections: vec![Section { key: Vec::new(), rows: rows.collect(), note: None }],
    }
}

/// One row an offer with something left.
pub fn idle(basis: &Basis<'_>) -> Sheet {
    let words = basis.words;
    let speaker = Speaker { words, names: basis.names, plan: basis.plan };
    let found = idle_offers(basis.valid, basis.plan);
    let n = grouped(found.len() as i64);
    let rows = found.iter().map(|offer| {
        let sentences = offer.reason.iter().flat_map(|reason| speaker.idle(reason));
        vec![
            Cell::text(&offer.offer),
            basis.unit(&offer.unit),
            basis.category(&offer.category),
            Cell::number(offer.quantity),
            Cell::number(offer.left),
            basis.measure(&offer.measure),
            Cell::text(sentences.collect::<Vec<String>>().join(words.sentence_gap)),
        ]
    });
    Sheet {
        title: words.r_idle.to_owned(),
        lead: vec![if found.is_empty() {
            words.h_no_idle.to_owned()
        } else {
            fill(words.r_idle_lead, &[("n", &n)])
        }],
        keys: Vec::new(),
        columns: vec![
            text(words.c_offer),
            named(words.c_unit),
            named(words.c_category),
            number(words.c_offered),
            number(words.c_left),
            named(words.c_measure),
            text(words.c_reasons),
        ],
        sections: vec![Section { key: Vec::new(), rows: rows.collect(), note: None }],
    }
}
