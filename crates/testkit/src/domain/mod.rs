//! Ledgers of a whole city, of any size, with derived arcs.
//!
//! In: the number of arcs wanted and a seed. Out: a [`Ledger`]. Must not know the
//! engine. Rejected: random bipartite graphs with explicit arcs; they have no places,
//! no unit totals and no neighbours, and a solver that is fast on them may not be on a
//! city.
//!
//! # The world
//! - A city is a line of zones (level district, all roots), a zone is four to six
//!   neighbouring streets, a street has [`COMMUNITIES`] communities and [`UNITS`]
//!   units. Streets lie on a grid of cells of 3 km, communities at random in theirs.
//! - A unit has one to four strengths (offers) in different ones of [`CATEGORIES`]
//!   categories, 30 to 50 hours each, proficiency 40 to 100, and is at home in a
//!   community. Its kind tells how many strengths it has. A unit total (a limit
//!   `per: unit` for each kind) lets it give 28 hours a strength: 70 % of the mean.
//! - Units serve their street; those of four strengths serve their zone. One such unit
//!   in each zone gives its last strength to the next zone. So arcs join the streets
//!   of a zone, unit totals join categories and zones, and a city is one component.
//! - Needs are spread evenly over communities and categories; a fifth are hot spots;
//!   priorities are 1 to 5. What units may give in all is 95 % of what is asked.
//! - Goals: cover hot spots, cover general needs, fit, near.
//!
//! # How many arcs
//! A street has 73 offers, 28 of them zone-wide. With n needs a street in ten
//! categories, a zone of z streets has about z (45 + 28 z) n / 10 arcs. The number of
//! streets is arcs / 4000, a real street's worth; n follows from the formula.

mod count;
#[cfg(test)]
mod tests;

use concentric_matcher::ledger::{
    Category, Counts, DemandSelector, Goal, Ledger, Limit, Measure, Need, NeedKind, Offer,
    OneOrMany, Per, Place, PlaceLevel, SupplySelector, Unit, What,
};

pub use count::arc_count;

use crate::rng::Rng;

/// Communities of a street.
pub const COMMUNITIES: usize = 12;
/// Units of a street.
pub const UNITS: usize = 30;
/// Categories of the city.
pub const CATEGORIES: usize = 10;

/// Arcs of a street of the size seen in practice.
const STREET_ARCS: u64 = 4_000;
/// Streets of a zone, before the remainder is spread.
const ZONE_STREETS: usize = 5;
/// Metres between the corners of two cells.
const CELL: i64 = 3_000;
/// Offers of a street that serve the street, and those that serve the zone.
const STREET_OFFERS: u64 = 45;
const ZONE_OFFERS: u64 = 28;
/// Hours a unit gives for each strength at most: 70 % of the mean of 30..=50.
const HOURS: i64 = 28;
/// Kinds of units by number of strengths less one.
const KINDS: [&str; 4] = ["one", "two", "three", "four"];

/// Streets and needs of a city.
struct Plan {
    /// Street s lies in zone `zone[s]`; zones are runs of streets.
    zone: Vec<usize>,
    zones: usize,
    needs: usize,
}

impl Plan {
    fn new(arcs: u64) -> Plan {
        let streets = ((arcs + STREET_ARCS / 2) / STREET_ARCS).max(1) as usize;
        let zones = ((streets + ZONE_STREETS / 2) / ZONE_STREETS).max(1);
        let zone: Vec<usize> = (0..streets).map(|s| s * zones / streets).collect();
        // Arcs per ten needs of a street, over all streets.
        let reach: u64 = (0..zones)
            .map(|z| {
                let size = zone.iter().filter(|&&of| of == z).count() as u64;
                size * (STREET_OFFERS + ZONE_OFFERS * size)
            })
            .sum();
        let needs = arcs * CATEGORIES as u64 * streets as u64 / reach;
        Plan { zone, zones, needs: needs.max(1) as usize }
    }

    fn streets(&self) -> usize {
        self.zone.len()
    }
}

/// A city with about `arcs` derived arcs (within a tenth from a thousand arcs on).
///
/// ```
/// use concentric_testkit::domain::{arc_count, ledger};
/// let street = ledger(4_000, 1);
/// assert_eq!(street.units.len(), 30);
/// assert!(arc_count(&street).abs_diff(4_000) < 400);
/// ```
///
/// # Complexity
/// O(streets + needs): a million arcs are about 250 streets and 54,000 needs.
pub fn ledger(arcs: u64, seed: u64) -> Ledger {
    let plan = Plan::new(arcs);
    let mut rng = Rng::new(seed);
    let mut ledger = Ledger::builder(format!("city-{arcs}-{seed}"))
        .measure(Measure::new("hour"))
        .goal(Goal::cover_kind(NeedKind::HotSpot))
        .goal(Goal::cover_kind(NeedKind::General))
        .goal(Goal::new(What::Fit))
        .goal(Goal::new(What::Near))
        .build();
    for c in 0..CATEGORIES {
        ledger.categories.push(Category::new(format!("c{c}"), None));
    }
    for (k, kind) in KINDS.iter().enumerate() {
        ledger.limits.push(unit_total(kind, HOURS * (k as i64 + 1)));
    }
    places(&mut rng, &plan, &mut ledger);
    for street in 0..plan.streets() {
        units(&mut rng, &plan, street, &mut ledger);
    }
    needs(&mut rng, &plan, &mut ledger);
    ledger
}

fn unit_total(kind: &str, upper: i64) -> Limit {
    Limit {
        id: format!("total-{kind}"),
        name: None,
        counts: Counts::Amount,
        supply: SupplySelector {
            unit_kind: Some(OneOrMany::from(kind)),
            ..SupplySelector::default()
        },
        demand: DemandSelector::default(),
        per: Some(Per::Unit),
        pair_level: None,
        lower: None,
        upper: Some(upper),
        hard: true,
        untouchable: false,
    }
}

/// Zones `z*`, streets `s*`, communities `a*`; communities of street s are
/// `a{12 s}`..`a{12 s + 11}`.
fn places(rng: &mut Rng, plan: &Plan, ledger: &mut Ledger) {
    for z in 0..plan.zones {
        ledger.places.push(Place::new(format!("z{z}"), PlaceLevel::District, None));
    }
    let width = plan.streets().isqrt().max(1);
    for (s, zone) in plan.zone.iter().enumerate() {
        let (x, y) = ((s % width) as i64 * CELL, (s / width) as i64 * CELL);
        let id = format!("s{s}");
        let mut street = Place::new(id.clone(), PlaceLevel::Street, Some(&format!("z{zone}")));
        (street.x_m, street.y_m) = (x + CELL / 2, y + CELL / 2);
        ledger.places.push(street);
        for c in 0..COMMUNITIES {
            let number = s * COMMUNITIES + c;
            let mut place = Place::new(format!("a{number}"), PlaceLevel::Community, Some(&id));
            place.x_m = x + rng.range(0, CELL - 1);
            place.y_m = y + rng.range(0, CELL - 1);
            ledger.places.push(place);
        }
    }
}

/// The units of a street with their offers; unit k has 1 + k mod 4 strengths.
fn units(rng: &mut Rng, plan: &Plan, street: usize, ledger: &mut Ledger) {
    let zone = plan.zone[street];
    let first_of_zone = street == 0 || plan.zone[street - 1] != zone;
    for k in 0..UNITS {
        let strengths = 1 + k % 4;
        let id = format!("u{}", street * UNITS + k);
        let mut unit = Unit::new(id.clone());
        unit.kind = KINDS[strengths - 1].to_owned();
        let home = street * COMMUNITIES + rng.below(COMMUNITIES);
        unit.home = Some(format!("a{home}"));
        ledger.units.push(unit);
        // Steps of 3 around ten categories: up to four strengths never meet.
        let start = rng.below(CATEGORIES);
        for j in 0..strengths {
            let wide = strengths == KINDS.len();
            let bridge = first_of_zone && k == KINDS.len() - 1 && j + 1 == strengths;
            let area = match (wide, bridge) {
                (_, true) => format!("z{}", (zone + 1) % plan.zones),
                (true, false) => format!("z{zone}"),
                (false, false) => format!("s{street}"),
            };
            let number = ledger.offers.len();
            let mut offer = Offer::new(format!("o{number}"), id.clone(), rng.range(30, 50));
            offer.category = Some(format!("c{}", (start + 3 * j) % CATEGORIES));
            offer.area = Some(area);
            offer.proficiency = rng.range(40, 100);
            ledger.offers.push(offer);
        }
    }
}

/// The needs, street by street; what is asked in all is what units may give / 0.95.
fn needs(rng: &mut Rng, plan: &Plan, ledger: &mut Ledger) {
    let hours = HOURS as usize * (STREET_OFFERS + ZONE_OFFERS) as usize * plan.streets();
    let asked = hours * 100 / 95;
    let mut given = 0;
    for number in 0..plan.needs {
        let street = number * plan.streets() / plan.needs;
        let first = (street * plan.needs).div_ceil(plan.streets());
        let k = number - first;
        let community = street * COMMUNITIES + k % COMMUNITIES;
        // Twelve communities and ten categories share a factor; the shift by the
        // round lets every community meet every category.
        let category = (k + k / COMMUNITIES + street) % CATEGORIES;
        // Up to twice the mean of what is left to ask, so that the sum comes out.
        let mean = (asked.saturating_sub(given)) / (plan.needs - number);
        let quantity = rng.range(1, 2 * mean as i64 - 1).max(1);
        given += quantity as usize;
        let mut need = Need::new(format!("n{number}"), quantity);
        need.place = Some(format!("a{community}"));
        need.category = Some(format!("c{category}"));
        if rng.chance(20) {
            need.kind = NeedKind::HotSpot;
        }
        need.priority = rng.range(1, 5);
        ledger.needs.push(need);
    }
}
