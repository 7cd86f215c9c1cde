//! Copies of a ledger that must not matter: another order of records, other ids.
//!
//! In: a ledger and a seed. Out: the same content told differently. Must not know
//! what is compared afterwards: a shuffled ledger must give the same bytes of a plan,
//! a relabelled one the same level values.

use std::collections::BTreeMap;

use concentric_matcher::ledger::{DemandSelector, Ledger, OneOrMany, SupplySelector};
use serde_json::Value;

use crate::rng::Rng;

/// The ledger with every list in a random order, but for goals and deltas, whose order
/// is content.
pub fn shuffle(ledger: &Ledger, seed: u64) -> Ledger {
    let mut copy = ledger.clone();
    shuffle_with(&mut Rng::new(seed), &mut copy);
    copy
}

/// Shuffles in place.
pub(super) fn shuffle_with(rng: &mut Rng, ledger: &mut Ledger) {
    rng.shuffle(&mut ledger.measures);
    rng.shuffle(&mut ledger.periods);
    rng.shuffle(&mut ledger.places);
    rng.shuffle(&mut ledger.categories);
    rng.shuffle(&mut ledger.units);
    rng.shuffle(&mut ledger.offers);
    rng.shuffle(&mut ledger.needs);
    rng.shuffle(&mut ledger.bundles);
    rng.shuffle(&mut ledger.pairs);
    rng.shuffle(&mut ledger.limits);
    rng.shuffle(&mut ledger.agreements);
    rng.shuffle(&mut ledger.claims);
    rng.shuffle(&mut ledger.projects);
    rng.shuffle(&mut ledger.evaluations);
    rng.shuffle(&mut ledger.scenarios);
}

/// New ids of each list, by the word of the list.
struct Names(BTreeMap<&'static str, BTreeMap<String, String>>);

/// The ledger with every id replaced, consistently in records, selectors and deltas.
///
/// The new ids are random in order, so a rule that quietly leans on the order of ids
/// shows. Ids that only a delta brings in keep their names. Words that are no ids
/// (kinds, groups, tags, audiences, shifts) stay.
///
/// ```
/// use concentric_testkit::brute::solve;
/// use concentric_testkit::random::{Profile, ledger, relabel};
/// let one = ledger(11, &Profile::default());
/// let other = relabel(&one, 1);
/// assert_ne!(one, other);
/// assert_eq!(solve(&one).unwrap().levels, solve(&other).unwrap().levels);
/// ```
pub fn relabel(ledger: &Ledger, seed: u64) -> Ledger {
    let mut rng = Rng::new(seed);
    let mut names = Names(BTreeMap::new());
    let mut copy = ledger.clone();
    macro_rules! rename_ids {
        ($($list:ident),*) => {
            $({
                let mut order: Vec<usize> = (0..copy.$list.len()).collect();
                rng.shuffle(&mut order);
                let table = copy
                    .$list
                    .iter()
                    .zip(order)
                    .map(|(r, k)| (r.id.clone(), format!("r{k}-{}", stringify!($list))))
                    .collect();
                names.0.insert(stringify!($list), table);
                for record in &mut copy.$list {
                    names.rename(stringify!($list), &mut record.id);
                }
            })*
        };
    }
    rename_ids!(
        measures,
        periods,
        places,
        categories,
        units,
        offers,
        needs,
        bundles,
        limits,
        agreements,
        claims,
        projects,
        evaluations,
        scenarios
    );
    names.records(&mut copy);
    names.deltas(&mut copy);
    copy
}

/// List that a field of records of `list` refers to.
fn target(list: &str, field: &str) -> Option<&'static str> {
    Some(match field {
        "id" => {
            return [
                "measures",
                "periods",
                "places",
                "categories",
                "units",
                "offers",
                "needs",
                "bundles",
                "limits",
                "agreements",
                "claims",
                "projects",
                "evaluations",
            ]
            .into_iter()
            .find(|l| *l == list);
        }
        "parent" if list == "places" => "places",
        "parent" if list == "categories" => "categories",
        "home" | "area" | "place" => "places",
        "unit" | "owner" => "units",
        "offer" => "offers",
        "need" => "needs",
        "category" => "categories",
        "measure" => "measures",
        "from" | "to" | "period" => "periods",
        "bundle" => "bundles",
        "project" => "projects",
        _ => return None,
    })
}

impl Names {
    fn rename(&self, list: &str, id: &mut String) {
        if let Some(new) = self.0.get(list).and_then(|table| table.get(id)) {
            id.clone_from(new);
        }
    }

    fn option(&self, list: &str, id: &mut Option<String>) {
        if let Some(id) = id {
            self.rename(list, id);
        }
    }

    fn words(&self, list: &str, key: &mut Option<OneOrMany>) {
        match key {
            None => {}
            Some(OneOrMany::One(word)) => self.rename(list, word),
            Some(OneOrMany::Many(words)) => words.iter_mut().for_each(|w| self.rename(list, w)),
        }
    }

    fn supply(&self, selector: &mut SupplySelector) {
        self.words("units", &mut selector.unit);
        self.words("offers", &mut selector.offer);
    }

    fn demand(&self, selector: &mut DemandSelector) {
        self.words("needs", &mut selector.need);
        self.words("categories", &mut selector.category);
        self.words("places", &mut selector.place);
        self.words("measures", &mut selector.measure);
        self.words("periods", &mut selector.period);
    }

    /// References between records, and selectors.
    fn records(&self, ledger: &mut Ledger) {
        ledger.places.iter_mut().for_each(|r| self.option("places", &mut r.parent));
        ledger.categories.iter_mut().for_each(|r| self.option("categories", &mut r.parent));
        ledger.units.iter_mut().for_each(|r| self.option("places", &mut r.home));
        ledger.bundles.iter_mut().for_each(|r| self.option("places", &mut r.place));
        for offer in &mut ledger.offers {
            self.rename("units", &mut offer.unit);
            self.option("categories", &mut offer.category);
            self.option("measures", &mut offer.measure);
            self.option("places", &mut offer.area);
            self.option("periods", &mut offer.from);
            self.option("periods", &mut offer.to);
        }
        for need in &mut ledger.needs {
            self.option("places", &mut need.place);
            self.option("units", &mut need.owner);
            self.option("categories", &mut need.category);
            self.option("measures", &mut need.measure);
            self.option("periods", &mut need.from);
            self.option("periods", &mut need.to);
            self.option("bundles", &mut need.bundle);
        }
        for pair in &mut ledger.pairs {
            self.option("offers", &mut pair.offer);
            self.option("needs", &mut pair.need);
            self.option("units", &mut pair.unit);
            self.option("places", &mut pair.place);
        }
        for limit in &mut ledger.limits {
            self.supply(&mut limit.supply);
            self.demand(&mut limit.demand);
        }
        ledger.goals.iter_mut().for_each(|g| self.demand(&mut g.filter));
        for agreement in &mut ledger.agreements {
            self.rename("units", &mut agreement.unit);
            self.rename("places", &mut agreement.place);
            self.option("categories", &mut agreement.category);
            self.option("periods", &mut agreement.from);
            self.option("periods", &mut agreement.to);
        }
        for claim in &mut ledger.claims {
            self.rename("offers", &mut claim.offer);
            self.rename("needs", &mut claim.need);
            self.option("periods", &mut claim.period);
        }
        for project in &mut ledger.projects {
            self.rename("offers", &mut project.offer);
            self.rename("needs", &mut project.need);
            self.option("periods", &mut project.period);
        }
        for evaluation in &mut ledger.evaluations {
            self.rename("projects", &mut evaluation.project);
            self.option("periods", &mut evaluation.period);
        }
    }

    /// Ids inside scenarios: references, filters, values, inserted records.
    fn deltas(&self, ledger: &mut Ledger) {
        for scenario in &mut ledger.scenarios {
            self.option("scenarios", &mut scenario.parent);
            for delta in &mut scenario.deltas {
                let list = delta.list.clone().unwrap_or_else(|| "claims".to_owned());
                self.option(&list, &mut delta.id);
                self.option("offers", &mut delta.offer);
                self.option("needs", &mut delta.need);
                self.option("units", &mut delta.unit);
                self.option("places", &mut delta.place);
                if let Some(filter) = &mut delta.filter {
                    filter.iter_mut().for_each(|(field, v)| self.value(&list, field, v));
                }
                match (&mut delta.value, &delta.field) {
                    (Some(value), Some(field)) => self.value(&list, field, value),
                    (Some(Value::Object(record)), None) => {
                        record.iter_mut().for_each(|(field, v)| self.value(&list, field, v));
                    }
                    _ => {}
                }
            }
        }
    }

    /// A JSON value of a field: an id, a list of ids, or a selector.
    fn value(&self, list: &str, field: &str, value: &mut Value) {
        match value {
            Value::String(word) => {
                if let Some(target) = target(list, field) {
                    self.rename(target, word);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|v| self.value(list, field, v)),
            Value::Object(map) => map.iter_mut().for_each(|(key, v)| self.value("", key, v)),
            _ => {}
        }
    }
}
