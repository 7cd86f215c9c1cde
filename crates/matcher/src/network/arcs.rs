//! Admissible (offer, need) pairs, found by category and subtree indices.
//!
//! In: the canonical ledger. Out: [`Arcs`], sorted by (offer, need). Must not know
//! limits, goals or solvers. Needs are bucketed by (measure, category) and sorted by
//! preorder of their place, so that an offer touches only needs of comparable
//! categories inside its area; the remaining tests run on those. Rejected: testing
//! all pairs (10^9 at city size), and one list per place (a need would stand in as
//! many lists as it has ancestors).

use crate::error::{Code, Error, Issue};
use crate::ledger::ArcMode;
use crate::validate::{NeedRow, ValidLedger, first_failed_test};

use super::facts::{ArcFacts, Commitments, Facts};

/// The admissible pairs, struct of arrays, indexed by arc (ascending by offer, then need).
#[derive(Clone, Debug, Default)]
pub struct Arcs {
    /// Position of the offer of each arc.
    pub offer: Vec<u32>,
    /// Position of the need of each arc.
    pub need: Vec<u32>,
    /// Most units of service of each arc: the least of pair capacity, need and offer.
    pub upper: Vec<i64>,
    /// Worth of one unit of service; empty when all are 0.
    pub value: Vec<i64>,
    /// Pair cost of one unit of service; empty when all are 0.
    pub cost: Vec<i64>,
    /// `(arc, consumption)` where it is not 1, ascending.
    pub consumption: Vec<(u32, i64)>,
    /// `(arc, least service)`, ascending.
    pub locks: Vec<(u32, i64)>,
    /// `(arc, standing service)` for the goal keep, ascending.
    pub baseline: Vec<(u32, i64)>,
    /// Arcs of offer `o` are `by_offer[o]..by_offer[o + 1]`.
    pub by_offer: Vec<u32>,
    /// Arcs of need `n` are `of_need[need_start[n]..need_start[n + 1]]`.
    pub need_start: Vec<u32>,
    /// Arc numbers bucketed by need.
    pub of_need: Vec<u32>,
}

impl Arcs {
    /// Number of arcs.
    pub fn len(&self) -> usize {
        self.offer.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.offer.is_empty()
    }

    /// Arc numbers of an offer.
    pub fn range(&self, offer: u32) -> std::ops::Range<usize> {
        self.by_offer[offer as usize] as usize..self.by_offer[offer as usize + 1] as usize
    }

    /// Arc numbers of a need, ascending.
    pub fn of_need(&self, need: u32) -> &[u32] {
        let n = need as usize;
        &self.of_need[self.need_start[n] as usize..self.need_start[n + 1] as usize]
    }

    /// The arc of (offer, need), if admissible. O(log degree).
    pub fn find(&self, offer: u32, need: u32) -> Option<u32> {
        let range = self.range(offer);
        let start = range.start;
        self.need[range].binary_search(&need).ok().map(|k| (start + k) as u32)
    }

    /// Worth of one unit of service on `arc`.
    pub fn value_of(&self, arc: u32) -> i64 {
        self.value.get(arc as usize).copied().unwrap_or(0)
    }

    /// Pair cost of one unit of service on `arc`.
    pub fn cost_of(&self, arc: u32) -> i64 {
        self.cost.get(arc as usize).copied().unwrap_or(0)
    }

    /// What one unit of service on `arc` draws from its offer.
    pub fn consumption_of(&self, arc: u32) -> i64 {
        sparse(&self.consumption, arc).unwrap_or(1)
    }

    /// Least service on `arc`.
    pub fn lock_of(&self, arc: u32) -> i64 {
        sparse(&self.locks, arc).unwrap_or(0)
    }

    /// Standing service on `arc`.
    pub fn baseline_of(&self, arc: u32) -> i64 {
        sparse(&self.baseline, arc).unwrap_or(0)
    }
}

/// Value of `key` in an ascending sparse list.
pub fn sparse(list: &[(u32, i64)], key: u32) -> Option<i64> {
    list.binary_search_by_key(&key, |&(k, _)| k).ok().map(|k| list[k].1)
}

/// Builds the arcs of a ledger.
///
/// # Errors
/// `TOO_MANY_ITEMS` if there are more than `max_arcs`. They are counted without being kept
/// once a quarter of that is reached, so that a ledger that is far too dense takes a quarter
/// of the memory at most.
///
/// Complexity: O(offers * comparable categories * log needs + candidates + arcs log degree).
pub fn build(valid: &ValidLedger, max_arcs: u64) -> Result<Arcs, Error> {
    let facts = Facts::new(valid);
    let candidates = Candidates {
        valid,
        facts: &facts,
        index: NeedIndex::new(valid),
        explicit: valid.ledger().arcs == ArcMode::Explicit,
    };
    let mut builder = Builder::default();
    let mut found: Vec<u32> = Vec::new();
    let mut counted = false;
    builder.arcs.by_offer.push(0);
    let offers = valid.offers().len() as u32;
    for offer in 0..offers {
        candidates.each(offer, &mut found, |need, of| builder.push(valid, offer, need, of));
        let arcs = builder.arcs.len();
        if !counted && arcs as u64 > max_arcs / 4 {
            counted = true;
            let mut all = arcs as u64;
            for later in offer + 1..offers {
                candidates.each(later, &mut found, |_, _| all += 1);
            }
            if all > max_arcs {
                return Err(too_many(max_arcs, all));
            }
        }
        builder.arcs.by_offer.push(arcs as u32);
    }
    Ok(builder.finish(valid))
}

fn too_many(max_arcs: u64, all: u64) -> Error {
    let message = format!(
        "offers and needs form {all} admissible pairs; at most {max_arcs} is the bound of this solve"
    );
    let issue = Issue::new(Code::TooManyItems, "offers", message);
    Error::Invalid(vec![issue.with_excess(max_arcs, all)])
}

/// Finds the admissible pairs of an offer.
struct Candidates<'a> {
    valid: &'a ValidLedger,
    facts: &'a Facts<'a>,
    index: NeedIndex,
    explicit: bool,
}

impl Candidates<'_> {
    /// Calls `each` with every need that the offer may serve, ascending, and what is said of
    /// the pair. `found` is room to work in.
    fn each(&self, offer: u32, found: &mut Vec<u32>, mut each: impl FnMut(u32, &ArcFacts)) {
        let mut admit = |need: u32, row: Option<u32>| {
            let pair = row.map(|k| &self.valid.ledger().pairs[k as usize]);
            let of = if self.facts.is_empty() {
                ArcFacts { value: 0, cost: 0, capacity: None, consumption: 1, forbidden: false }
            } else {
                self.facts.of(offer, need, pair)
            };
            if !of.forbidden {
                each(need, &of);
            }
        };
        let mut rows = self.facts.rows_of(offer).peekable();
        if self.explicit {
            rows.for_each(|(need, row)| admit(need, Some(row)));
            return;
        }
        found.clear();
        self.index.candidates(self.valid, offer, found);
        found.sort_unstable();
        for &need in found.iter() {
            while rows.peek().is_some_and(|&(n, _)| n < need) {
                rows.next();
            }
            let row = rows.peek().filter(|&&(n, _)| n == need).map(|&(_, k)| k);
            admit(need, row);
        }
    }
}

#[derive(Default)]
struct Builder {
    arcs: Arcs,
    values: bool,
    costs: bool,
}

impl Builder {
    fn push(&mut self, valid: &ValidLedger, offer: u32, need: u32, of: &ArcFacts) {
        let arc = self.arcs.len() as u32;
        let asked = valid.ledger().needs[need as usize].quantity;
        let offered = valid.ledger().offers[offer as usize].quantity;
        let reach = if of.consumption == 0 { asked } else { offered / of.consumption };
        self.arcs.offer.push(offer);
        self.arcs.need.push(need);
        self.arcs.upper.push(asked.min(reach).min(of.capacity.unwrap_or(i64::MAX)));
        self.arcs.value.push(of.value);
        self.arcs.cost.push(of.cost);
        self.values |= of.value != 0;
        self.costs |= of.cost != 0;
        if of.consumption != 1 {
            self.arcs.consumption.push((arc, of.consumption));
        }
    }

    fn finish(mut self, valid: &ValidLedger) -> Arcs {
        if !self.values {
            self.arcs.value = Vec::new();
        }
        if !self.costs {
            self.arcs.cost = Vec::new();
        }
        let needs = valid.needs().len();
        let mut start = vec![0u32; needs + 1];
        for &n in &self.arcs.need {
            start[n as usize + 1] += 1;
        }
        for n in 0..needs {
            start[n + 1] += start[n];
        }
        let mut cursor = start.clone();
        let mut of_need = vec![0u32; self.arcs.len()];
        for (arc, &n) in self.arcs.need.iter().enumerate() {
            of_need[cursor[n as usize] as usize] = arc as u32;
            cursor[n as usize] += 1;
        }
        self.arcs.need_start = start;
        self.arcs.of_need = of_need;
        let commitments = Commitments::new(valid);
        let on_arcs = |list: &[((u32, u32), i64)]| -> Vec<(u32, i64)> {
            list.iter()
                .filter_map(|&((o, n), q)| self.arcs.find(o, n).map(|arc| (arc, q)))
                .collect()
        };
        let (locks, baseline) = (on_arcs(&commitments.locks), on_arcs(&commitments.baseline));
        self.arcs.locks = locks;
        self.arcs.baseline = baseline;
        self.arcs
    }
}

/// Needs bucketed by (measure, category), each bucket ascending by preorder of place.
struct NeedIndex {
    categories: usize,
    /// Bucket `measure * categories + category` is `order[start[b]..start[b + 1]]`.
    start: Vec<u32>,
    order: Vec<u32>,
    /// Preorder number of the place of `order[k]`.
    enter: Vec<u32>,
    /// Category positions in preorder, and preorder number to its position there.
    preorder: Vec<u32>,
}

impl NeedIndex {
    fn new(valid: &ValidLedger) -> Self {
        let categories = valid.categories().len();
        let measures = valid.ledger().measures.len();
        let bucket = |row: &NeedRow| row.measure as usize * categories + row.category as usize;
        let mut start = vec![0u32; measures * categories + 1];
        for row in valid.needs() {
            start[bucket(row) + 1] += 1;
        }
        for b in 1..start.len() {
            start[b] += start[b - 1];
        }
        let enter_of = |n: u32| valid.places()[valid.needs()[n as usize].place as usize].enter;
        let mut order: Vec<u32> = (0..valid.needs().len() as u32).collect();
        order.sort_unstable_by_key(|&n| (bucket(&valid.needs()[n as usize]), enter_of(n), n));
        let enter = order.iter().map(|&n| enter_of(n)).collect();
        let mut preorder = vec![0u32; categories];
        for (c, node) in valid.categories().iter().enumerate() {
            preorder[node.enter as usize] = c as u32;
        }
        NeedIndex { categories, start, order, enter, preorder }
    }

    /// Needs that pass every test of the funnel for `offer`, in no order.
    fn candidates(&self, valid: &ValidLedger, offer: u32, found: &mut Vec<u32>) {
        let row = &valid.offers()[offer as usize];
        let tree = valid.categories();
        let own = tree[row.category as usize];
        for position in own.enter..own.leave {
            self.bucket(valid, offer, self.preorder[position as usize], found);
        }
        let mut above = own.parent;
        while above != crate::validate::NONE {
            self.bucket(valid, offer, above, found);
            above = tree[above as usize].parent;
        }
    }

    fn bucket(&self, valid: &ValidLedger, offer: u32, category: u32, found: &mut Vec<u32>) {
        let row = &valid.offers()[offer as usize];
        let b = row.measure as usize * self.categories + category as usize;
        let (from, to) = (self.start[b] as usize, self.start[b + 1] as usize);
        let area = valid.places()[row.area as usize];
        let enter = &self.enter[from..to];
        let first = from + enter.partition_point(|&e| e < area.enter);
        let last = from + enter.partition_point(|&e| e < area.leave);
        found.extend(
            self.order[first..last]
                .iter()
                .filter(|&&need| first_failed_test(valid, offer, need).is_none()),
        );
    }
}

/// How many offers pass each test of the funnel for one need, test after test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// Offers in the ledger.
    pub offers: u64,
    /// `(code, offers thrown out by it)` in the order of the tests.
    pub rejected: Vec<(&'static str, u64)>,
    /// Offers left: the arcs of the need.
    pub admitted: u64,
}

impl Funnel {
    /// Codes in the order of the tests.
    pub const CODES: [&'static str; 9] = [
        "no_measure",
        "no_category",
        "out_of_area",
        "out_of_window",
        "audience_or_shift",
        "below_proficiency",
        "own_need",
        "radius",
        "forbidden",
    ];

    /// The test after which no offer was left, if the need has no arc.
    pub fn dead_end(&self) -> Option<&'static str> {
        if self.admitted > 0 {
            return None;
        }
        self.rejected.iter().rev().find(|&&(_, count)| count > 0).map(|&(code, _)| code)
    }
}

/// The funnel of one need. O(offers).
///
/// With explicit arcs no test applies: what is not listed counts as `forbidden`.
pub fn funnel(valid: &ValidLedger, arcs: &Arcs, need: u32) -> Funnel {
    let explicit = valid.ledger().arcs == ArcMode::Explicit;
    let mut counts = [0u64; 9];
    for offer in 0..valid.offers().len() as u32 {
        let test = if explicit { None } else { first_failed_test(valid, offer, need) };
        match test {
            Some(test) => counts[test.index()] += 1,
            None if arcs.find(offer, need).is_none() => counts[8] += 1,
            None => {}
        }
    }
    Funnel {
        offers: valid.offers().len() as u64,
        rejected: Funnel::CODES.iter().copied().zip(counts).collect(),
        admitted: arcs.of_need(need).len() as u64,
    }
}
