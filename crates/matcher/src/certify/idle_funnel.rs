//! Where the needs are lost that an idle offer cannot serve.
//!
//! In: ledger, network, an offer. Out: how many needs fail each test first. Must not know
//! plans. The mirror of a need's funnel, counted from the rows and not from what was built.

use crate::network::Network;
use crate::validate::{Test, ValidLedger, first_failed_test};

/// Needs thrown out for an offer by each test, in the order of the funnel.
pub(crate) fn idle_funnel(
    valid: &ValidLedger,
    network: &Network,
    offer: u32,
) -> Vec<(String, u64)> {
    let explicit = valid.ledger().arcs == crate::ledger::ArcMode::Explicit;
    let mut counts = [0u64; 9];
    for need in 0..valid.needs().len() as u32 {
        if network.arcs.find(offer, need).is_some() {
            continue;
        }
        let test = if explicit { None } else { first_failed_test(valid, offer, need) };
        counts[test.map_or(8, Test::index)] += 1;
    }
    let codes = crate::network::Funnel::CODES.iter();
    codes.zip(counts).map(|(code, count)| ((*code).to_owned(), count)).collect()
}
