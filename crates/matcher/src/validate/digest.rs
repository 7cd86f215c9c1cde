//! Fingerprints of a checked ledger.
//!
//! In: a [`ValidLedger`]. Out: SHA-256 over its canonical JSON. What a reader wrote
//! for readers (facts, expected, note, source) has no part in it. Must not depend on
//! the order of records or on the build: objects inside deltas are sorted by
//! validation, structs write their fields in the order of the format.

use std::io::{BufWriter, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::tables::ValidLedger;
use crate::ledger::{
    Agreement, ArcMode, Bundle, Category, Claim, Evaluation, Goal, Ledger, Limit, Measure, Need,
    Offer, Pair, Period, Place, Project, Scenario, Unit,
};

struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `sha256:` and the hex digest of `value` as compact JSON.
#[allow(clippy::expect_used)]
fn fingerprint(value: &impl Serialize) -> String {
    let mut writer = BufWriter::with_capacity(1 << 16, Hasher(Sha256::new()));
    serde_json::to_writer(&mut writer, value)
        .expect("ledger types have string keys, and hashing cannot fail");
    let Ok(Hasher(hash)) = writer.into_inner() else {
        unreachable!("flushing into a hash cannot fail");
    };
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

/// A ledger without the fields that only readers use; same names, same order.
#[derive(Serialize)]
struct Essence<'a> {
    format: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title_en: &'a Option<String>,
    currency: &'a str,
    arcs: ArcMode,
    measures: &'a [Measure],
    periods: &'a [Period],
    places: &'a [Place],
    categories: &'a [Category],
    units: &'a [Unit],
    offers: &'a [Offer],
    needs: &'a [Need],
    bundles: &'a [Bundle],
    pairs: &'a [Pair],
    limits: &'a [Limit],
    goals: &'a [Goal],
    agreements: &'a [Agreement],
    claims: &'a [Claim],
    projects: &'a [Project],
    evaluations: &'a [Evaluation],
    scenarios: &'a [Scenario],
}

impl<'a> From<&'a Ledger> for Essence<'a> {
    fn from(ledger: &'a Ledger) -> Self {
        // Taken apart by name, so that a new field cannot be forgotten here.
        let Ledger {
            format,
            id,
            title,
            title_en,
            source: _,
            note: _,
            currency,
            arcs,
            facts: _,
            measures,
            periods,
            places,
            categories,
            units,
            offers,
            needs,
            bundles,
            pairs,
            limits,
            goals,
            agreements,
            claims,
            projects,
            evaluations,
            scenarios,
            expected: _,
        } = ledger;
        Essence {
            format,
            id,
            title,
            title_en,
            currency,
            arcs: *arcs,
            measures,
            periods,
            places,
            categories,
            units,
            offers,
            needs,
            bundles,
            pairs,
            limits,
            goals,
            agreements,
            claims,
            projects,
            evaluations,
            scenarios,
        }
    }
}

impl ValidLedger {
    /// Fingerprint of everything that decides a plan: `sha256:` and 64 hex digits over
    /// the compact JSON of the canonical ledger without `facts`, `expected`, `note` and
    /// `source`. The same content in another order of records, or with defaults spelled
    /// out, has the same fingerprint.
    ///
    /// Linear in the size of the ledger the first time.
    ///
    /// ```
    /// use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
    /// use concentric_matcher::validate::validate;
    /// let build = |first: &str, second: &str| {
    ///     let ledger = Ledger::builder("d")
    ///         .need(Need::new(first, 5))
    ///         .need(Need::new(second, 5))
    ///         .build();
    ///     validate(ledger).map(|valid| valid.digest())
    /// };
    /// assert_eq!(build("a", "b"), build("b", "a"));
    /// assert_ne!(build("a", "b"), build("a", "c"));
    /// ```
    pub fn digest(&self) -> String {
        self.digest.get_or_init(|| fingerprint(&Essence::from(self.ledger()))).clone()
    }

    /// Fingerprint of the policy alone: limits, goals, and the baseline of `keep` where a
    /// plan gave it.
    pub fn policy_digest(&self) -> String {
        #[derive(Serialize)]
        struct Policy<'a> {
            limits: &'a [Limit],
            goals: &'a [Goal],
            #[serde(skip_serializing_if = "Option::is_none")]
            baseline: Option<Vec<(&'a str, &'a str, i64)>>,
        }
        let Ledger { limits, goals, offers, needs, .. } = self.ledger();
        let baseline = self.baseline().map(|lines| {
            let ids = |&((o, n), quantity): &((u32, u32), i64)| {
                (offers[o as usize].id.as_str(), needs[n as usize].id.as_str(), quantity)
            };
            lines.iter().map(ids).collect()
        });
        fingerprint(&Policy { limits, goals, baseline })
    }
}
