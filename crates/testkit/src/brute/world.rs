//! References and defaults of a small ledger, resolved to positions.
//!
//! In: a ledger. Out: [`World`]. Must not know arcs, limits or goals.

use concentric_matcher::ledger::{Category, Ledger, Measure, Period, Place, PlaceLevel};

/// An offer with its references resolved.
pub(super) struct OfferView {
    pub unit: usize,
    pub category: usize,
    pub measure: usize,
    pub area: usize,
    pub level: PlaceLevel,
    pub from: usize,
    pub to: usize,
}

/// A need with its references resolved.
pub(super) struct NeedView {
    pub place: usize,
    pub owner: Option<usize>,
    pub category: usize,
    pub measure: usize,
    pub from: usize,
    pub to: usize,
}

/// The resolved ledger; offers, needs and units keep the positions of their lists.
pub(super) struct World<'a> {
    pub ledger: &'a Ledger,
    pub places: Vec<Place>,
    pub categories: Vec<Category>,
    pub measures: Vec<Measure>,
    /// By start day.
    pub periods: Vec<Period>,
    /// Home place of each unit.
    pub homes: Vec<usize>,
    pub offers: Vec<OfferView>,
    pub needs: Vec<NeedView>,
}

/// Position of `id` in a list.
pub(super) fn find<T>(
    list: &[T],
    id: &str,
    name: impl Fn(&T) -> &str,
    what: &str,
) -> Result<usize, String> {
    list.iter().position(|r| name(r) == id).ok_or_else(|| format!("no {what} `{id}`"))
}

/// The only position of a list, for a reference that was left out.
fn only(len: usize, what: &str) -> Result<usize, String> {
    if len == 1 {
        Ok(0)
    } else {
        Err(format!("a {what} is missing and there are {len} to choose from"))
    }
}

impl<'a> World<'a> {
    /// Resolves all references and fills in absent lists.
    pub(super) fn new(ledger: &'a Ledger) -> Result<Self, String> {
        let or = |list: &[Place]| match list {
            [] => vec![Place::new("all", PlaceLevel::District, None)],
            some => some.to_vec(),
        };
        let mut world = World {
            ledger,
            places: or(&ledger.places),
            categories: match &ledger.categories[..] {
                [] => vec![Category::new("any", None)],
                some => some.to_vec(),
            },
            measures: match &ledger.measures[..] {
                [] => vec![Measure::new("unit")],
                some => some.to_vec(),
            },
            periods: ledger.periods.clone(),
            homes: Vec::new(),
            offers: Vec::new(),
            needs: Vec::new(),
        };
        if world.periods.is_empty() {
            world.periods.push(Period {
                id: "all".to_owned(),
                name: None,
                start: "0001-01-01".to_owned(),
                end: "9999-12-31".to_owned(),
            });
        }
        world.periods.sort_by(|a, b| a.start.cmp(&b.start));
        for unit in &ledger.units {
            let home = world.place(unit.home.as_deref())?;
            world.homes.push(home);
        }
        for offer in &ledger.offers {
            let area = world.place(offer.area.as_deref())?;
            let (from, to) = world.window(offer.from.as_deref(), offer.to.as_deref())?;
            let view = OfferView {
                unit: find(&ledger.units, &offer.unit, |u| &u.id, "unit")?,
                category: world.category(offer.category.as_deref())?,
                measure: world.measure(offer.measure.as_deref())?,
                area,
                level: offer.level.unwrap_or(world.places[area].level),
                from,
                to,
            };
            world.offers.push(view);
        }
        for need in &ledger.needs {
            let (from, to) = world.window(need.from.as_deref(), need.to.as_deref())?;
            let owner = match &need.owner {
                None => None,
                Some(id) => Some(find(&ledger.units, id, |u| &u.id, "unit")?),
            };
            let view = NeedView {
                place: world.place(need.place.as_deref())?,
                owner,
                category: world.category(need.category.as_deref())?,
                measure: world.measure(need.measure.as_deref())?,
                from,
                to,
            };
            world.needs.push(view);
        }
        Ok(world)
    }

    fn place(&self, id: Option<&str>) -> Result<usize, String> {
        match id {
            Some(id) => find(&self.places, id, |p| &p.id, "place"),
            None => {
                let roots: Vec<usize> =
                    (0..self.places.len()).filter(|&p| self.places[p].parent.is_none()).collect();
                only(roots.len(), "place").map(|first| roots[first])
            }
        }
    }

    fn category(&self, id: Option<&str>) -> Result<usize, String> {
        match id {
            Some(id) => find(&self.categories, id, |c| &c.id, "category"),
            None => only(self.categories.len(), "category"),
        }
    }

    fn measure(&self, id: Option<&str>) -> Result<usize, String> {
        match id {
            Some(id) => find(&self.measures, id, |m| &m.id, "measure"),
            None => only(self.measures.len(), "measure"),
        }
    }

    /// Positions of the first and last period of a window.
    pub(super) fn window(
        &self,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(usize, usize), String> {
        let from = match from {
            Some(id) => find(&self.periods, id, |p| &p.id, "period")?,
            None => 0,
        };
        let to = match to {
            Some(id) => find(&self.periods, id, |p| &p.id, "period")?,
            None => self.periods.len() - 1,
        };
        Ok((from, to))
    }

    /// The place and its ancestors, upwards; at most as many steps as places, so that
    /// a cycle ends too.
    pub(super) fn upwards(&self, place: usize) -> Vec<usize> {
        let mut chain = vec![place];
        let mut at = place;
        while let Some(parent) = &self.places[at].parent {
            match self.places.iter().position(|p| p.id == *parent) {
                Some(up) if chain.len() < self.places.len() => at = up,
                _ => break,
            }
            chain.push(at);
        }
        chain
    }

    /// Whether `place` is `top` or below it.
    pub(super) fn inside(&self, place: usize, top: usize) -> bool {
        self.upwards(place).contains(&top)
    }

    /// Ancestor-or-self of `place` at a level.
    pub(super) fn at_level(&self, place: usize, level: PlaceLevel) -> Option<usize> {
        let chain = self.upwards(place);
        chain.into_iter().find(|&p| self.places[p].level == level)
    }

    /// The category and its ancestors, upwards.
    pub(super) fn category_chain(&self, category: usize) -> Vec<usize> {
        let mut chain = vec![category];
        let mut at = category;
        while let Some(parent) = &self.categories[at].parent {
            match self.categories.iter().position(|c| c.id == *parent) {
                Some(up) if chain.len() < self.categories.len() => at = up,
                _ => break,
            }
            chain.push(at);
        }
        chain
    }

    /// Metres from the home of a unit to a place: |dx| + |dy|.
    pub(super) fn metres(&self, unit: usize, place: usize) -> i64 {
        let (a, b) = (&self.places[self.homes[unit]], &self.places[place]);
        (a.x_m - b.x_m).abs() + (a.y_m - b.y_m).abs()
    }
}
