//! Names beside ids.
//!
//! In: a ledger in canonical order (every list ascending by id) and a language. Out: ids
//! with the names of their records, as far as there are any. Must not know plans.

use concentric_matcher::Ledger;
use concentric_matcher::ledger::{Need, Offer, Pair};

use super::number::grouped;
use crate::words::{Lang, Words, fill};

/// Looks names up by id, O(log n) each.
pub struct Names<'a> {
    ledger: &'a Ledger,
    words: &'static Words,
}

/// How many things a list names before it counts the rest.
const LISTED: usize = 4;

macro_rules! find {
    ($list:expr, $id:expr) => {
        $list.binary_search_by(|record| record.id.as_str().cmp($id)).ok().map(|at| &$list[at])
    };
}

impl<'a> Names<'a> {
    /// Names of one ledger in one language.
    pub fn new(ledger: &'a Ledger, words: &'static Words) -> Self {
        Names { ledger, words }
    }

    fn either(&self, name: &'a Option<String>, name_en: &'a Option<String>) -> Option<&'a str> {
        match self.words.lang {
            Lang::En => name_en.as_deref().or(name.as_deref()),
            Lang::Zh => name.as_deref().or(name_en.as_deref()),
        }
    }

    /// The need of that id.
    pub fn need_record(&self, id: &str) -> Option<&'a Need> {
        find!(self.ledger.needs, id)
    }

    /// The offer of that id.
    pub fn offer_record(&self, id: &str) -> Option<&'a Offer> {
        find!(self.ledger.offers, id)
    }

    /// Name of a category, or its id.
    pub fn category<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        find!(self.ledger.categories, id)
            .and_then(|c| self.either(&c.name, &c.name_en))
            .unwrap_or(id)
    }

    /// Name of a measure, or its id.
    pub fn measure<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        find!(self.ledger.measures, id).and_then(|m| self.either(&m.name, &m.name_en)).unwrap_or(id)
    }

    /// Name of a place, or its id.
    pub fn place<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        find!(self.ledger.places, id).and_then(|p| p.name.as_deref()).unwrap_or(id)
    }

    /// Name of a unit, or its id.
    pub fn unit<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        find!(self.ledger.units, id).and_then(|u| u.name.as_deref()).unwrap_or(id)
    }

    /// Name of a period, or its id. Periods stand in the order of time.
    pub fn period<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        let found = self.ledger.periods.iter().find(|p| p.id == id);
        found.and_then(|p| p.name.as_deref()).unwrap_or(id)
    }

    /// `n0001 (category, place)`.
    pub fn need(&self, id: &str) -> String {
        let Some(need) = self.need_record(id) else {
            return id.to_owned();
        };
        let place = need.place.as_deref().filter(|_| self.ledger.places.len() > 1);
        self.with(id, &[self.telling(&need.category), place.map(|p| self.place(p))])
    }

    /// `o0001 (unit, category)`.
    pub fn offer(&self, id: &str) -> String {
        let Some(offer) = self.offer_record(id) else {
            return id.to_owned();
        };
        self.with(id, &[Some(self.unit(&offer.unit)), self.telling(&offer.category)])
    }

    /// Name of a category, unless there is only one, which tells nothing.
    fn telling<'b>(&self, category: &'b Option<String>) -> Option<&'b str>
    where
        'a: 'b,
    {
        category.as_deref().filter(|_| self.ledger.categories.len() > 1).map(|id| self.category(id))
    }

    /// `hours[u05] (name of the limit, name of the group)`.
    pub fn limit(&self, label: &str) -> String {
        let (id, group) = match label.split_once('[') {
            Some((id, group)) => (id, group.strip_suffix(']')),
            None => (label, None),
        };
        let name = find!(self.ledger.limits, id).and_then(|limit| limit.name.as_deref());
        let group = group.and_then(|group| self.group(group));
        self.with(label, &[name, group])
    }

    /// Whether the limit, agreement or pair row of that label has an upper bound of 0, so that
    /// nothing could ever use it up.
    pub fn admits_nothing(&self, label: &str) -> bool {
        let id = label.split_once('[').map_or(label, |(id, _)| id);
        let upper = match find!(self.ledger.limits, id) {
            Some(limit) => limit.upper,
            None => match find!(self.ledger.agreements, id) {
                Some(agreement) => agreement.upper,
                None => self.pair_of(label).and_then(|pair| pair.capacity),
            },
        };
        upper == Some(0)
    }

    /// `offer/need, 5 a lot`
    pub fn lot(&self, label: &str) -> String {
        match self.pair_of(label).and_then(|pair| pair.min_lot) {
            Some(lot) => fill(self.words.lot, &[("pair", label), ("n", &grouped(lot))]),
            None => label.to_owned(),
        }
    }

    fn pair_of(&self, label: &str) -> Option<&'a Pair> {
        let (a, b) = label.split_once('/')?;
        let is = |given: &Option<String>, id: &str| given.as_deref() == Some(id);
        self.ledger.pairs.iter().find(|pair| {
            (is(&pair.offer, a) && is(&pair.need, b)) || (is(&pair.unit, a) && is(&pair.place, b))
        })
    }

    /// The name of a group of `per`, whatever list it is of.
    pub fn group<'b>(&self, id: &'b str) -> Option<&'b str>
    where
        'a: 'b,
    {
        let named = [self.unit(id), self.place(id), self.category(id)];
        named.into_iter().find(|name| *name != id)
    }

    /// `list` in words; what is beyond a handful is counted.
    pub fn list<T: AsRef<str>>(&self, ids: &[T], describe: impl Fn(&str) -> String) -> String {
        let listed: Vec<String> = ids.iter().take(LISTED).map(|id| describe(id.as_ref())).collect();
        let list = listed.join(self.words.list_separator);
        if ids.len() <= LISTED {
            return list;
        }
        let more = (ids.len() - LISTED).to_string();
        fill(self.words.and_more, &[("list", &list), ("n", &more)])
    }

    /// An id with the names known of it; names that only repeat the id are left out.
    fn with(&self, id: &str, names: &[Option<&str>]) -> String {
        let names: Vec<&str> = names.iter().flatten().copied().filter(|name| *name != id).collect();
        if names.is_empty() {
            return id.to_owned();
        }
        let words = self.words;
        let inner = names.join(words.list_separator);
        format!("{id}{}{inner}{}", words.open_bracket, words.close_bracket)
    }
}
