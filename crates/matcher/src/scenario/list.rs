//! The lists a delta may name, and what is common to their records.
//!
//! In: the word of a list. Out: [`List`], and access to the typed vector behind it.
//! Must not know any operation. Rejected: trait objects over records; the records
//! have to come back as their own types, so a macro picks the vector by name.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, Issue};
use crate::ledger::{
    Agreement, Bundle, Category, Claim, Evaluation, Goal, Limit, Measure, Need, Offer, Pair,
    Period, Place, Project, Unit,
};

/// A record of a ledger list.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// Its id; `None` for the lists whose records carry none (`pairs`, `goals`).
    fn id(&self) -> Option<&str>;
}

macro_rules! with_id {
    ($($record:ty),*) => {
        $(impl Record for $record {
            fn id(&self) -> Option<&str> {
                Some(&self.id)
            }
        })*
    };
}

with_id!(
    Measure, Period, Place, Category, Unit, Offer, Need, Bundle, Limit, Agreement, Claim, Project,
    Evaluation
);

impl Record for Pair {
    fn id(&self) -> Option<&str> {
        None
    }
}

impl Record for Goal {
    fn id(&self) -> Option<&str> {
        None
    }
}

macro_rules! lists {
    ($($variant:ident $field:ident),*) => {
        /// A list of the ledger that deltas may change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum List {
            $($variant),*
        }

        impl List {
            /// All of them with their words.
            const WORDS: &'static [(&'static str, List)] =
                &[$((stringify!($field), List::$variant)),*];
        }

        /// Evaluates `$body` with `$records` bound to the vector behind a [`List`].
        macro_rules! on_list {
            ($ledger:expr, $list:expr, $records:ident => $body:expr) => {
                match $list {
                    $($crate::scenario::list::List::$variant => {
                        let $records = &mut $ledger.$field;
                        $body
                    })*
                }
            };
        }
        pub(super) use on_list;
    };
}

lists!(
    Measures measures, Periods periods, Places places, Categories categories, Units units,
    Offers offers, Needs needs, Bundles bundles, Pairs pairs, Limits limits, Goals goals,
    Agreements agreements, Claims claims, Projects projects, Evaluations evaluations
);

impl List {
    /// Reads the word of a list.
    pub(super) fn from_word(word: &str) -> Option<List> {
        Self::WORDS.iter().find(|(w, _)| *w == word).map(|&(_, l)| l)
    }

    /// Word used in files.
    pub(super) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|&&(_, l)| l == self).map_or("", |&(w, _)| w)
    }

    /// Reads the field `list` of a delta at `at`.
    pub(super) fn of(word: Option<&str>, at: &str) -> Result<List, Issue> {
        let path = format!("{at}.list");
        let Some(word) = word else {
            return Err(Issue::new(Code::FieldRequired, path, "`list` is required here"));
        };
        List::from_word(word).ok_or_else(|| {
            let hint = suggestion(word, Self::WORDS.iter().map(|&(w, _)| w));
            Issue::new(
                Code::UnknownEnum,
                path,
                format!("no list `{word}` that a delta can change{hint}"),
            )
        })
    }
}

/// ", did you mean `x`?" with the nearest known word, or nothing when none is near.
///
/// Near means a Damerau-Levenshtein distance of at most a third of the word, and
/// at least one edit is always forgiven. Ties go to the word that comes first.
pub(super) fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let allowed = (word.chars().count() / 3).max(1);
    known
        .map(|k| (strsim::damerau_levenshtein(word, k), k))
        .filter(|&(d, _)| d <= allowed)
        .min_by_key(|&(d, _)| d)
        .map_or_else(String::new, |(_, k)| format!(", did you mean `{k}`?"))
}
