//! The shape of an exchange: does one offer simply stop serving one need to serve another?
//!
//! In: an exchange and the need it would help. Out: [`Direct`]. Must not know words.

use concentric_matcher::certify::Exchange;

/// What exchanges have in common that can be told in one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direct<'e> {
    /// The offer that would serve the need.
    pub offer: &'e str,
    /// Level that would get worse; `None` for a tie.
    pub level: Option<&'e str>,
    /// Whether that offer itself would take it from another need.
    pub straight: bool,
}

impl<'e> Direct<'e> {
    /// The shape of one exchange.
    pub fn of(exchange: &'e Exchange, need: &str) -> Direct<'e> {
        let gain = exchange.changes.iter().find(|c| c.need == need && c.by > 0);
        let offer = gain.map_or("", |c| c.offer.as_str());
        let straight = exchange.changes.len() == 2
            && exchange.changes.iter().any(|c| c.offer == offer && c.need != need && c.by < 0);
        Direct { offer, level: exchange.level.as_deref(), straight }
    }
}
