//! Page tokens: where a page ended, sealed for one listing of one tenant, for three days.
//!
//! In: a listing and the place in it. Out: opaque text, and back. A token carries no
//! authority: the seal only tells honest tokens from made ones.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use crate::errors::{Reason, Refusal, field};
use crate::store::Page;

/// Seconds for which a token is good.
const LIFE: u64 = 3 * 24 * 3600;
/// Entries of a page unless stated otherwise, and the most of one.
const USUAL: i64 = 50;
const MOST: i64 = 1000;

/// Seals tokens.
pub(super) struct Pages(hmac::Key);

impl Pages {
    /// Replicas that share the text read each other's tokens; empty: a key of this process.
    pub(super) fn new(key: &str) -> Self {
        use ring::rand::{SecureRandom, SystemRandom};
        let mut random = [0; 32];
        // Without random numbers the key is weak, and the seal guards nothing secret.
        let _ = SystemRandom::new().fill(&mut random);
        let bytes = if key.is_empty() { random.as_slice() } else { key.as_bytes() };
        Pages(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The page that a request asks for, one entry longer, so that the end shows.
    /// `listing` names method, tenant and filter.
    pub(super) fn open(&self, listing: &str, size: i32, token: &str) -> Result<Page, Refusal> {
        if size < 0 {
            let what = "must be 0 or more";
            return Err(field(Reason::ValueOutOfRange, "page_size", what));
        }
        let limit = if size == 0 { USUAL } else { i64::from(size).min(MOST) };
        let mut page = Page { limit: limit + 1, ..Page::default() };
        if !token.is_empty() {
            let place = self.unseal(listing, token);
            let what = "is not of this listing, or older than three days";
            (page.time, page.id) =
                place.ok_or_else(|| field(Reason::PageTokenInvalid, "page_token", what))?;
        }
        Ok(page)
    }

    /// Cuts the entry that is too many, and seals where the page then ends.
    pub(super) fn close<T>(
        &self,
        listing: &str,
        page: &Page,
        entries: &mut Vec<T>,
        place: impl Fn(&T) -> (i64, String),
    ) -> String {
        let most = usize::try_from(page.limit - 1).unwrap_or(0);
        if entries.len() <= most {
            return String::new();
        }
        entries.truncate(most);
        entries.last().map(|last| self.seal(listing, &place(last))).unwrap_or_default()
    }

    fn seal(&self, listing: &str, (time, id): &(i64, String)) -> String {
        let text = format!("{}/{time}/{id}", now() + LIFE);
        let tag = hmac::sign(&self.0, format!("{listing}\n{text}").as_bytes());
        let mut bytes = tag.as_ref().to_vec();
        bytes.extend(text.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn unseal(&self, listing: &str, token: &str) -> Option<(i64, String)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (tag, text) = bytes.split_at_checked(32)?;
        let text = std::str::from_utf8(text).ok()?;
        hmac::verify(&self.0, format!("{listing}\n{text}").as_bytes(), tag).ok()?;
        let mut parts = text.splitn(3, '/');
        let until: u64 = parts.next()?.parse().ok()?;
        let place = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
        (until >= now()).then_some(place)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_its_own_listing() {
        let pages = Pages::new("k");
        let page = pages.open("jobs/a/", 2, "").unwrap();
        let mut entries = vec![1, 2, 3];
        let token = pages.close("jobs/a/", &page, &mut entries, |n| (*n, format!("id{n}")));
        assert_eq!(entries, [1, 2]);
        let next = pages.open("jobs/a/", 2, &token).unwrap();
        assert_eq!((next.time, next.id.as_str()), (2, "id2"));
        assert!(pages.open("jobs/b/", 2, &token).is_err());
        assert!(Pages::new("other").open("jobs/a/", 2, &token).is_err());
        for at in 0..token.len() {
            let mut flipped = token.clone().into_bytes();
            flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
            let flipped = String::from_utf8(flipped).unwrap();
            assert!(pages.open("jobs/a/", 2, &flipped).is_err(), "byte {at}");
        }
    }

    #[test]
    fn sizes_are_cut_or_refused() {
        let pages = Pages::new("");
        assert_eq!(pages.open("l", 0, "").unwrap().limit, USUAL + 1);
        assert_eq!(pages.open("l", i32::MAX, "").unwrap().limit, MOST + 1);
        assert!(pages.open("l", -1, "").is_err());
    }
}
