//! What a ledger says in vain: needs no offer can reach, offers nobody can use, limits
//! that bind nothing.
//!
//! In: the network of a ledger. Out: [`Survey`]. Must not solve: everything told here
//! follows from the records alone and holds for every plan. A limit is only named when no
//! plan whatever could come to its bounds; that other limits keep plans away from them is
//! not looked for.

use serde::Serialize;

use crate::certify::idle_funnel;
use crate::ledger::Counts;
use crate::network::{Network, Row, funnel};
use crate::quantity::PPM;

/// One thing said in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "remark")]
pub enum Remark {
    /// A need without any admissible offer.
    NeedOutOfReach {
        /// The need.
        need: String,
        /// The test after which no offer is left; none when there are no offers.
        test: Option<String>,
        /// `[test, offers thrown out]`, in the order of the tests.
        funnel: Vec<(String, u64)>,
    },
    /// An offer without any admissible need.
    OfferOfNoUse {
        /// The offer.
        offer: String,
        /// The test after which no need is left; none when there are no needs.
        test: Option<String>,
        /// `[test, needs thrown out]`, in the order of the tests.
        funnel: Vec<(String, u64)>,
    },
    /// A limit or agreement that speaks of no admissible pair.
    LimitOnNothing {
        /// `limits` or `agreements`.
        list: String,
        /// The record.
        id: String,
        /// Whether it asks for something all the same, which no plan can give.
        asks: bool,
    },
    /// A limit or agreement whose bounds no plan can come to.
    LimitNeverBinds {
        /// `limits` or `agreements`.
        list: String,
        /// The record.
        id: String,
    },
}

/// All remarks of a ledger, as far as they are written out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// Needs, offers, limits, each ascending by id.
    pub remarks: Vec<Remark>,
    /// Needs out of reach in all.
    pub needs: u64,
    /// Offers of no use in all; those of quantity 0 are not counted.
    pub offers: u64,
}

/// Looks the network of a ledger over; writes out `most` needs and `most` offers.
///
/// O(arcs + rows * (sizes of their selections)) and, for each need or offer written out,
/// one pass over the other side.
pub fn survey(network: &Network<'_>, most: usize) -> Survey {
    let ledger = network.valid.ledger();
    let mut found = Survey::default();
    for (n, need) in ledger.needs.iter().enumerate() {
        if !network.arcs.of_need(n as u32).is_empty() {
            continue;
        }
        found.needs += 1;
        if found.needs <= most as u64 {
            let counts = funnel(network.valid, &network.arcs, n as u32);
            let test = counts.dead_end().map(str::to_owned);
            let funnel = counts.rejected.iter().map(|&(t, count)| (t.to_owned(), count)).collect();
            let need = need.id.clone();
            found.remarks.push(Remark::NeedOutOfReach { need, test, funnel });
        }
    }
    for (o, offer) in ledger.offers.iter().enumerate() {
        if offer.quantity == 0 || !network.arcs.range(o as u32).is_empty() {
            continue;
        }
        found.offers += 1;
        if found.offers <= most as u64 {
            let funnel = idle_funnel(network.valid, network, o as u32);
            let last = funnel.iter().rev().find(|(_, thrown)| *thrown > 0);
            let test = last.map(|(test, _)| test.clone());
            let offer = offer.id.clone();
            found.remarks.push(Remark::OfferOfNoUse { offer, test, funnel });
        }
    }
    limits(network, &mut found);
    found
}

/// The records whose every row is idle.
fn limits(network: &Network<'_>, found: &mut Survey) {
    let rows: Vec<&Row> = network.rows.iter().filter(|r| r.source.list != "pairs").collect();
    let records =
        rows.chunk_by(|a, b| (a.source.list, &a.source.id) == (b.source.list, &b.source.id));
    let mut told: Vec<(&str, &str)> = Vec::new();
    for record in records {
        let (list, id) = (record[0].source.list, record[0].source.id.as_str());
        told.push((list, id));
        let reach: Vec<Reach> = record.iter().map(|row| Reach::of(network, row)).collect();
        let asks = |row: &Row| row.lower.is_some_and(|lower| lower > 0);
        let (list, id) = (list.to_owned(), id.to_owned());
        if reach.iter().all(|reach| reach.arcs == 0) {
            let asks = record.iter().any(|row| asks(row));
            found.remarks.push(Remark::LimitOnNothing { list, id, asks });
        } else if record.iter().zip(&reach).all(|(row, reach)| {
            !asks(row) && row.upper.is_none_or(|upper| reach.most <= i128::from(upper))
        }) {
            found.remarks.push(Remark::LimitNeverBinds { list, id });
        }
    }
    // A `per` whose selection is empty has no group, and so no row.
    for limit in &network.valid.ledger().limits {
        let bounded = limit.lower.is_some() || limit.upper.is_some();
        if bounded && !told.contains(&("limits", limit.id.as_str())) {
            let (list, id) = ("limits".to_owned(), limit.id.clone());
            let asks = limit.lower.is_some_and(|lower| lower > 0);
            // Without a group nothing is asked of anybody.
            let asks = asks && limit.per.is_none();
            found.remarks.push(Remark::LimitOnNothing { list, id, asks });
        } else if !bounded {
            let (list, id) = ("limits".to_owned(), limit.id.clone());
            found.remarks.push(Remark::LimitNeverBinds { list, id });
        }
    }
    found.remarks.sort_by_key(place);
}

/// Needs, offers, then limits by list and id.
fn place(remark: &Remark) -> (u8, String, String) {
    match remark {
        Remark::NeedOutOfReach { need, .. } => (0, String::new(), need.clone()),
        Remark::OfferOfNoUse { offer, .. } => (1, String::new(), offer.clone()),
        Remark::LimitOnNothing { list, id, .. } | Remark::LimitNeverBinds { list, id } => {
            (2, list.clone(), id.clone())
        }
    }
}

/// How far a row's total can go.
struct Reach {
    /// Admissible pairs it selects.
    arcs: u64,
    /// No plan makes its total larger than this.
    most: i128,
}

impl Reach {
    fn of(network: &Network<'_>, row: &Row) -> Reach {
        let (valid, arcs) = (network.valid, &network.arcs);
        let ledger = valid.ledger();
        let needs = row.demand.positions(network.need_count());
        let mut reach = Reach { arcs: 0, most: 0 };
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for n in needs {
            let chosen = arcs.of_need(n).iter().copied();
            let chosen: Vec<u32> =
                chosen.filter(|&a| row.supply.has(arcs.offer[a as usize])).collect();
            if chosen.is_empty() {
                continue;
            }
            reach.arcs += chosen.len() as u64;
            let asked = i128::from(ledger.needs[n as usize].quantity);
            let sum: i128 = chosen.iter().map(|&a| i128::from(arcs.upper[a as usize])).sum();
            let most = asked.min(sum);
            match row.counts {
                Counts::Amount => reach.most += most,
                Counts::Yuan => {
                    let price = |a: &u32| {
                        let offer = &ledger.offers[arcs.offer[*a as usize] as usize];
                        i128::from(offer.unit_cost) + i128::from(arcs.cost_of(*a))
                    };
                    reach.most += most * chosen.iter().map(price).max().unwrap_or(0).max(0);
                }
                Counts::Served => reach.most += 1,
                Counts::Pairs => {
                    let place = valid.needs()[n as usize].place;
                    let place = valid.ancestor_at(place, row.pair_level).unwrap_or(place);
                    pairs.extend(
                        chosen.iter().map(|&a| {
                            (valid.offers()[arcs.offer[a as usize] as usize].unit, place)
                        }),
                    );
                }
                Counts::SharePpm => reach.most = i128::from(PPM),
            }
        }
        if row.counts == Counts::Pairs {
            pairs.sort_unstable();
            pairs.dedup();
            reach.most = pairs.len() as i128;
        }
        if row.counts == Counts::Amount {
            let offers = row.supply.positions(network.offer_count());
            let each = offers.into_iter().map(|o| {
                let chosen = arcs.range(o).filter(|&a| row.demand.has(arcs.need[a]));
                // Where a unit of service draws nothing, the offer bounds nothing.
                let (mut sum, mut free) = (0, false);
                for a in chosen {
                    sum += i128::from(arcs.upper[a]);
                    free |= arcs.consumption_of(a as u32) == 0;
                }
                let offered = i128::from(ledger.offers[o as usize].quantity);
                if free { sum } else { sum.min(offered) }
            });
            reach.most = reach.most.min(each.sum());
        }
        reach
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Remark, survey};
    use crate::io::load;
    use crate::network::build;

    /// What the survey of a ledger says, shortly.
    fn told(text: &str) -> Vec<String> {
        let valid = load(text.as_bytes()).unwrap();
        let network = build(&valid, u64::MAX).unwrap();
        let each = survey(&network, 10).remarks.into_iter();
        each.map(|remark| match remark {
            Remark::NeedOutOfReach { need, test, .. } => format!("{need} {test:?}"),
            Remark::OfferOfNoUse { offer, test, .. } => format!("{offer} {test:?}"),
            Remark::LimitOnNothing { id, asks, .. } => format!("{id} nothing {asks}"),
            Remark::LimitNeverBinds { id, .. } => format!("{id} never"),
        })
        .collect()
    }

    const STREET: &str = r#"{"format": "concentric.ledger/v1",
"places": [{"id": "s", "level": "street"}, {"id": "c1", "level": "community", "parent": "s"},
           {"id": "c2", "level": "community", "parent": "s"}],
"categories": [{"id": "a"}, {"id": "b"}],
"units": [{"id": "u"}, {"id": "v"}],
"offers": [{"id": "o1", "unit": "u", "category": "a", "quantity": 9, "area": "c1", "unit_cost": 2},
           {"id": "o2", "unit": "v", "category": "b", "quantity": 5},
           {"id": "o3", "unit": "v", "category": "b", "quantity": 0}],
"needs": [{"id": "n1", "category": "a", "quantity": 4, "place": "c1"},
          {"id": "n2", "category": "a", "quantity": 4, "place": "c2"}],
"limits": [LIMITS]}"#;

    fn limits(limits: &str) -> Vec<String> {
        let mut lines = told(&STREET.replace("LIMITS", limits));
        lines.drain(..2);
        lines
    }

    #[test]
    fn needs_and_offers_without_a_counterpart_are_named_with_the_test() {
        let lines = told(&STREET.replace("LIMITS", ""));
        // o3 has nothing to give, so nobody misses it.
        assert_eq!(lines, ["n2 Some(\"out_of_area\")", "o2 Some(\"no_category\")"]);
    }

    #[test]
    fn a_limit_that_no_plan_can_reach_is_named_and_a_tight_one_is_not() {
        // The one arc o1/n1 carries at most 4, at 2 yuan each.
        let one = |counts: &str, upper: i64| {
            limits(&format!(r#"{{"id": "l", "counts": "{counts}", "upper": {upper}}}"#))
        };
        assert_eq!(one("amount", 4), ["l never"]);
        assert!(one("amount", 3).is_empty());
        assert_eq!(one("yuan", 8), ["l never"]);
        assert!(one("yuan", 7).is_empty());
        assert_eq!(one("pairs", 1), ["l never"]);
        assert!(one("pairs", 0).is_empty());
        assert_eq!(one("served", 1), ["l never"]);
        assert!(one("served", 0).is_empty());
        assert_eq!(one("share_ppm", 1_000_000), ["l never"]);
        assert!(one("share_ppm", 999_999).is_empty());
    }

    #[test]
    fn a_limit_on_no_pair_is_named_with_what_it_asks_in_vain() {
        let vain = r#"{"id": "l", "counts": "amount", "supply": {"unit": "v"}, "BOUND": 3}"#;
        assert_eq!(limits(&vain.replace("BOUND", "upper")), ["l nothing false"]);
        assert_eq!(limits(&vain.replace("BOUND", "lower")), ["l nothing true"]);
        let per = r#"{"id": "l", "counts": "amount", "per": "place:grid", "upper": 3}"#;
        assert_eq!(limits(per), ["l nothing false"], "no place is that low");
        let lower = r#"{"id": "l", "counts": "amount", "lower": 1}"#;
        assert!(limits(lower).is_empty(), "asking for something binds");
        let open = r#"{"id": "l", "counts": "amount"}"#;
        assert_eq!(limits(open), ["l never"]);
    }
}
