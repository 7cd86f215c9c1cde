//! Building a ledger in code: constructors with defaults and a collecting builder.
//!
//! In: Rust values. Out: an unchecked [`Ledger`]. Must not know the rules; the
//! validation stage reports all violations at once, whatever door they came by.

use super::{
    Category, Goal, Ledger, Limit, Measure, Need, NeedKind, Offer, Pair, Place, PlaceLevel,
    Project, Scenario, Unit, words,
};

impl Measure {
    /// A measure without names.
    pub fn new(id: impl Into<String>) -> Self {
        Measure { id: id.into(), name: None, name_en: None }
    }
}

impl Place {
    /// A place under `parent` (`None` for a root) at the origin.
    pub fn new(id: impl Into<String>, level: PlaceLevel, parent: Option<&str>) -> Self {
        Place {
            id: id.into(),
            name: None,
            level,
            parent: parent.map(str::to_owned),
            x_m: 0,
            y_m: 0,
            population: None,
            floating_population: None,
            tags: Vec::new(),
        }
    }
}

impl Category {
    /// A category under `parent` (`None` for a root).
    pub fn new(id: impl Into<String>, parent: Option<&str>) -> Self {
        Category {
            id: id.into(),
            name: None,
            name_en: None,
            parent: parent.map(str::to_owned),
            tags: Vec::new(),
        }
    }
}

impl Unit {
    /// A unit of kind `unit` at home in the root.
    pub fn new(id: impl Into<String>) -> Self {
        Unit {
            id: id.into(),
            name: None,
            kind: words::unit_kind(),
            group: None,
            home: None,
            members: None,
            tags: Vec::new(),
            fixed_cost: 0,
        }
    }
}

impl Offer {
    /// An offer of `quantity` by `unit`, everywhere, at any time, for anyone.
    pub fn new(id: impl Into<String>, unit: impl Into<String>, quantity: i64) -> Self {
        Offer {
            id: id.into(),
            unit: unit.into(),
            category: None,
            measure: None,
            quantity,
            area: None,
            level: None,
            proficiency: 100,
            unit_cost: 0,
            fixed_cost: 0,
            audiences: Vec::new(),
            shifts: Vec::new(),
            from: None,
            to: None,
            radius_m: None,
            tags: Vec::new(),
        }
    }
}

impl Need {
    /// A general need of `quantity` at the root with priority 1.
    pub fn new(id: impl Into<String>, quantity: i64) -> Self {
        Need {
            id: id.into(),
            place: None,
            owner: None,
            category: None,
            measure: None,
            quantity,
            kind: NeedKind::General,
            priority: 1,
            min_useful: 0,
            max_providers: None,
            min_proficiency: 0,
            audience: words::resident(),
            shift: None,
            from: None,
            to: None,
            bundle: None,
            tags: Vec::new(),
        }
    }
}

impl Pair {
    /// An (offer, need) row that says nothing yet (with explicit arcs: an arc).
    pub fn arc(offer: impl Into<String>, need: impl Into<String>) -> Self {
        Pair { offer: Some(offer.into()), need: Some(need.into()), ..Pair::default() }
    }

    /// A (unit, place) row that says nothing yet.
    pub fn between(unit: impl Into<String>, place: impl Into<String>) -> Self {
        Pair { unit: Some(unit.into()), place: Some(place.into()), ..Pair::default() }
    }

    /// The two ids it speaks of, (offer, need) or (unit, place); both empty without either.
    pub fn ends(&self) -> (String, String) {
        let ends = [(&self.offer, &self.need), (&self.unit, &self.place)];
        let both = ends.into_iter().find_map(|(a, b)| a.clone().zip(b.clone()));
        both.unwrap_or_default()
    }

    /// `offer/need` or `unit/place`, as plans name the row.
    pub fn label(&self) -> String {
        let (a, b) = self.ends();
        format!("{a}/{b}")
    }
}

/// Collects records; see [`Ledger::builder`].
#[derive(Clone, Debug)]
pub struct LedgerBuilder {
    ledger: Ledger,
}

impl LedgerBuilder {
    pub(super) fn new(id: impl Into<String>) -> Self {
        let mut ledger = Ledger::new();
        ledger.id = Some(id.into());
        LedgerBuilder { ledger }
    }

    /// Adds a measure.
    #[must_use]
    pub fn measure(mut self, measure: Measure) -> Self {
        self.ledger.measures.push(measure);
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn place(mut self, place: Place) -> Self {
        self.ledger.places.push(place);
        self
    }

    /// Adds a category.
    #[must_use]
    pub fn category(mut self, category: Category) -> Self {
        self.ledger.categories.push(category);
        self
    }

    /// Adds a unit.
    #[must_use]
    pub fn unit(mut self, unit: Unit) -> Self {
        self.ledger.units.push(unit);
        self
    }

    /// Adds an offer.
    #[must_use]
    pub fn offer(mut self, offer: Offer) -> Self {
        self.ledger.offers.push(offer);
        self
    }

    /// Adds a need.
    #[must_use]
    pub fn need(mut self, need: Need) -> Self {
        self.ledger.needs.push(need);
        self
    }

    /// Adds a pair row.
    #[must_use]
    pub fn pair(mut self, pair: Pair) -> Self {
        self.ledger.pairs.push(pair);
        self
    }

    /// Adds a limit.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.ledger.limits.push(limit);
        self
    }

    /// Adds the next level of the lexicographic order.
    #[must_use]
    pub fn goal(mut self, goal: Goal) -> Self {
        self.ledger.goals.push(goal);
        self
    }

    /// Adds a tracked assignment.
    #[must_use]
    pub fn project(mut self, project: Project) -> Self {
        self.ledger.projects.push(project);
        self
    }

    /// Adds a what-if case.
    #[must_use]
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.ledger.scenarios.push(scenario);
        self
    }

    /// The ledger, unchecked.
    pub fn build(self) -> Ledger {
        self.ledger
    }
}
