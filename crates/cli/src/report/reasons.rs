//! Reasons as sentences.
//!
//! In: a reason with its evidence. Out: one or more plain sentences built from nothing
//! but that evidence. Must not judge it: `certify` has re-proved every reason already.
//! Every code has a sentence; a code without evidence gets its bare statement.

use concentric_matcher::Plan;
use concentric_matcher::certify::{Exchange, Reason, ReasonCode};

use super::levels::level_name;
use super::names::Names;
use super::number::grouped;
use super::service::Direct;
use crate::words::{Words, fill};

/// Largest set whose members are worth naming.
const TELLING: usize = 20;

/// Turns reasons into sentences.
pub struct Speaker<'a> {
    /// Language.
    pub words: &'static Words,
    /// Names beside ids.
    pub names: &'a Names<'a>,
    /// Where `same_as` points into.
    pub plan: &'a Plan,
}

impl Speaker<'_> {
    /// Why need `id` is short; `shown` tells whether another need stands further up.
    pub fn need(&self, id: &str, reason: &Reason, shown: &dyn Fn(&str) -> bool) -> Vec<String> {
        let words = self.words;
        match reason.code {
            code if code.is_funnel() => {
                vec![self.funnel(code_text(words, code), reason, false)]
            }
            ReasonCode::Capacity => vec![self.closed_set(reason, shown)],
            ReasonCode::Limit if reason.asked.is_some() || reason.same_as.is_some() => {
                vec![self.closed_set(reason, shown)]
            }
            ReasonCode::Outranked => self.outranked(id, &reason.exchanges),
            _ => self.rule(reason),
        }
    }

    /// Why something is left of an offer.
    pub fn idle(&self, reason: &Reason) -> Vec<String> {
        let words = self.words;
        match reason.code {
            ReasonCode::NoNeed => vec![self.funnel(words.no_need, reason, true)],
            ReasonCode::Outranked => reason.exchanges.iter().map(|e| self.unused(e)).collect(),
            ReasonCode::Capacity => vec![words.too_little.to_owned()],
            ReasonCode::BelowMinimum if reason.limits.is_empty() => {
                vec![words.idle_minimum.to_owned()]
            }
            ReasonCode::MaxProviders => vec![words.idle_providers.to_owned()],
            _ => self.rule(reason),
        }
    }

    /// A rule that keeps more away: one sentence for the limits that are used up, or leave
    /// too little, and one for those that never admitted anything.
    fn rule(&self, reason: &Reason) -> Vec<String> {
        let (closed, open): (Vec<String>, Vec<String>) =
            reason.limits.iter().cloned().partition(|label| self.names.admits_nothing(label));
        let mut sentences = Vec::new();
        if !open.is_empty() || closed.is_empty() {
            sentences.push(self.plain(&Reason { limits: open, ..reason.clone() }));
        }
        if !closed.is_empty() {
            let template = match reason.code {
                ReasonCode::PartnerCap => self.words.partner_none,
                ReasonCode::Budget => self.words.budget_none,
                _ => self.words.limit_none,
            };
            sentences.push(self.listing(template, &Reason { limits: closed, ..reason.clone() }));
        }
        sentences
    }

    /// Codes whose sentence needs at most a list of limits, needs or offers.
    fn plain(&self, reason: &Reason) -> String {
        let words = self.words;
        let template = match (reason.code, reason.available) {
            (ReasonCode::Limit, None) => words.limit_full,
            (ReasonCode::Limit, Some(_)) => words.limit_left,
            (ReasonCode::PartnerCap, None) => words.partner_cap,
            (ReasonCode::PartnerCap, Some(_)) => words.partner_left,
            (ReasonCode::MaxProviders, _) => words.max_providers,
            (ReasonCode::Budget, None) => words.budget,
            (ReasonCode::Budget, Some(_)) => words.budget_left,
            (ReasonCode::BelowMinimum, _) if !reason.limits.is_empty() => words.below_lot,
            (ReasonCode::BelowMinimum, _) => words.below_minimum,
            (ReasonCode::Bundle, _) => words.bundle,
            (ReasonCode::BeyondLevel, _) => words.beyond_level,
            (ReasonCode::NeedsMet, _) => words.needs_met,
            _ => words.not_proved,
        };
        self.listing(template, reason)
    }

    /// A sentence with the lists of its reason.
    fn listing(&self, template: &str, reason: &Reason) -> String {
        let words = self.words;
        let lots = reason.code == ReasonCode::BelowMinimum;
        let limit = |id: &str| if lots { self.names.lot(id) } else { self.names.limit(id) };
        let limits = self.names.list(&reason.limits, limit);
        let needs = self.names.list(&reason.needs, |id| self.names.need(id));
        let offers = self.names.list(&reason.offers, |id| self.names.offer(id));
        let remark = |list: String| match &*list {
            "" => list,
            list => format!("{}{list}{}", words.open_bracket, words.close_bracket),
        };
        let capped = [ReasonCode::PartnerCap, ReasonCode::MaxProviders, ReasonCode::Budget];
        let limits = if capped.contains(&reason.code) { remark(limits) } else { limits };
        let needs = if reason.code == ReasonCode::Bundle { remark(needs) } else { needs };
        let level = reason.level.as_deref().map_or("", |level| place_level(words, level));
        let n = reason.limits.len().to_string();
        let values = [
            ("limits", &*limits),
            ("needs", &*needs),
            ("offers", &*offers),
            ("level", level),
            ("left", &*grouped(reason.available.unwrap_or_default())),
            ("n", &*n),
        ];
        fill(template, &values)
    }

    /// `246 offers → 201 in measure → 3 in category → 0 in area`
    fn funnel(&self, statement: &str, reason: &Reason, of_offer: bool) -> String {
        let words = self.words;
        let (all, none) = match of_offer {
            true => (words.funnel_needs, words.no_needs),
            false => (words.funnel_offers, words.no_offers),
        };
        let mut left: u64 = reason.funnel.iter().map(|(_, thrown)| thrown).sum();
        let mut text = format!("{statement}{}", words.colon);
        if left == 0 {
            text.push_str(none);
        } else {
            text.push_str(&fill(all, &[("n", &grouped(i128::from(left)))]));
        }
        for (test, thrown) in reason.funnel.iter().filter(|(_, thrown)| *thrown > 0) {
            left = left.saturating_sub(*thrown);
            let step = fill(left_text(words, test), &[("n", &grouped(i128::from(left)))]);
            text.push_str(" → ");
            text.push_str(&step);
        }
        text
    }

    /// Several needs that together ask for more than can reach them.
    fn closed_set(&self, reason: &Reason, shown: &dyn Fn(&str) -> bool) -> String {
        let words = self.words;
        let written = reason.same_as.as_deref().and_then(|id| {
            let at = self.plan.outcomes.binary_search_by(|o| o.need.as_str().cmp(id)).ok()?;
            self.plan.outcomes[at].reasons.iter().find(|r| r.code == reason.code)
        });
        let full = written.unwrap_or(reason);
        let count = |n: usize| n.to_string();
        let limits = self.names.list(&full.limits, |id| self.names.limit(id));
        let (asked, available) =
            (full.asked.unwrap_or_default(), full.available.unwrap_or_default());
        let need = reason.same_as.as_deref().unwrap_or_default();
        let values = [
            ("asked", &*grouped(asked)),
            ("available", &*grouped(available)),
            ("needs", &*count(full.needs.len())),
            ("offers", &*count(full.offers.len())),
            ("limits", &*limits),
            ("n", &*count(full.limits.len())),
            ("need", need),
        ];
        if reason.same_as.as_deref().is_some_and(shown) {
            return fill(words.same_set, &values);
        }
        let one = full.needs.len() == 1;
        // No offers: what bounds the set is how much each pair can carry.
        let template = match (full.limits.is_empty(), one, full.offers.is_empty()) {
            (true, true, false) => words.capacity_one,
            (true, false, false) => words.capacity_many,
            (false, true, false) => words.limit_one,
            (false, false, false) => words.limit_many,
            (true, true, true) => words.capacity_arcs_one,
            (true, false, true) => words.capacity_arcs_many,
            (false, true, true) => words.limit_arcs_one,
            (false, false, true) => words.limit_arcs_many,
        };
        let mut text = fill(template, &values);
        // A set of hundreds is a number to a reader; the plan file has it in full.
        if full.needs.len() > TELLING {
            return text;
        }
        if !one {
            let list = self.names.list(&full.needs, |id| self.names.need(id));
            text.push_str(words.sentence_gap);
            text.push_str(&fill(words.capacity_needs, &[("list", &list)]));
        }
        if !full.offers.is_empty() {
            let list = self.names.list(&full.offers, |id| self.names.offer(id));
            text.push_str(words.sentence_gap);
            let values = [("list", &*list), ("n", &*count(full.offers.len()))];
            text.push_str(&fill(words.capacity_offers, &values));
        }
        text
    }

    /// Which needs hold what this one could use; moves of one offer at one level are told
    /// in one sentence.
    fn outranked(&self, id: &str, exchanges: &[Exchange]) -> Vec<String> {
        let words = self.words;
        let mut moves: Vec<(Direct<'_>, Vec<&str>)> = Vec::new();
        for exchange in exchanges {
            let direct = Direct::of(exchange, id);
            let losers = exchange_losers(exchange, id);
            match moves.iter_mut().find(|(known, _)| *known == direct) {
                Some((_, others)) => others.extend(
                    losers.iter().filter(|l| !others.contains(l)).copied().collect::<Vec<_>>(),
                ),
                None => moves.push((direct, losers)),
            }
        }
        let sentences = moves.iter().map(|(direct, others)| {
            let level = direct.level.map(|label| level_name(words, label));
            let cover = direct.level.is_some_and(|label| label.starts_with("cover"));
            let template = match (others.is_empty(), direct.straight, &level) {
                (true, _, Some(_)) => words.outranked_alone,
                (true, _, None) => words.outranked_alone_tied,
                (false, true, None) => words.outranked_tied,
                (false, true, Some(_)) if cover => words.outranked_more,
                (false, true, Some(_)) => words.outranked_worse,
                (false, false, Some(_)) => words.outranked_path,
                (false, false, None) => words.outranked_path_tied,
            };
            let list = self.names.list(others, |need| self.names.need(need));
            let offer = self.names.offer(direct.offer);
            let n = others.len().to_string();
            let values = [
                ("offer", &*offer),
                ("others", &*list),
                ("level", level.as_deref().unwrap_or("")),
                ("n", &*n),
            ];
            fill(template, &values)
        });
        sentences.collect()
    }

    /// Why using an idle offer would not help.
    fn unused(&self, exchange: &Exchange) -> String {
        let words = self.words;
        let need = exchange.changes.iter().find(|c| c.by > 0).map_or("", |c| c.need.as_str());
        let need = self.names.need(need);
        let level = exchange.level.as_deref().map(|label| level_name(words, label));
        let template = if level.is_some() { words.idle_worse } else { words.idle_tied };
        fill(template, &[("need", &need), ("level", level.as_deref().unwrap_or(""))])
    }
}

/// Needs that would get less, in the order of the evidence.
fn exchange_losers<'e>(exchange: &'e Exchange, id: &str) -> Vec<&'e str> {
    let sum = |need: &str| -> i64 {
        exchange.changes.iter().filter(|c| c.need == need).map(|c| c.by).sum()
    };
    let mut losers: Vec<&str> = Vec::new();
    for change in &exchange.changes {
        let need = change.need.as_str();
        if need != id && sum(need) < 0 && !losers.contains(&need) {
            losers.push(need);
        }
    }
    losers
}

fn code_text(words: &Words, code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::NoMeasure => words.no_measure,
        ReasonCode::NoCategory => words.no_category,
        ReasonCode::OutOfArea => words.out_of_area,
        ReasonCode::OutOfWindow => words.out_of_window,
        ReasonCode::AudienceOrShift => words.audience_or_shift,
        ReasonCode::BelowProficiency => words.below_proficiency,
        ReasonCode::OwnNeed => words.own_need,
        ReasonCode::Radius => words.radius,
        _ => words.forbidden,
    }
}

fn left_text(words: &Words, test: &str) -> &'static str {
    match ReasonCode::from_funnel(test) {
        Some(ReasonCode::NoMeasure) => words.left_measure,
        Some(ReasonCode::NoCategory) => words.left_category,
        Some(ReasonCode::OutOfArea) => words.left_area,
        Some(ReasonCode::OutOfWindow) => words.left_window,
        Some(ReasonCode::AudienceOrShift) => words.left_audience,
        Some(ReasonCode::BelowProficiency) => words.left_proficiency,
        Some(ReasonCode::OwnNeed) => words.left_own,
        Some(ReasonCode::Radius) => words.left_radius,
        _ => words.left_forbidden,
    }
}

/// The test of the funnel that left nothing, said of either side.
pub fn stopped_by<'w>(words: &'w Words, test: &str) -> &'w str {
    match ReasonCode::from_funnel(test) {
        Some(ReasonCode::NoMeasure) => words.w_stop_measure,
        Some(ReasonCode::NoCategory) => words.w_stop_category,
        Some(ReasonCode::OutOfArea) => words.w_stop_area,
        Some(ReasonCode::OutOfWindow) => words.w_stop_window,
        Some(ReasonCode::AudienceOrShift) => words.w_stop_audience,
        Some(ReasonCode::BelowProficiency) => words.w_stop_proficiency,
        Some(ReasonCode::OwnNeed) => words.w_stop_own,
        Some(ReasonCode::Radius) => words.w_stop_radius,
        _ => words.w_stop_forbidden,
    }
}

/// A level of places in words.
pub(super) fn place_level<'w>(words: &Words, level: &'w str) -> &'w str {
    match level {
        "district" => words.district,
        "street" => words.street,
        "community" => words.community,
        "compound" => words.compound,
        "key_site" => words.key_site,
        "service_point" => words.service_point,
        "grid" => words.grid,
        "micro_grid" => words.micro_grid,
        other => other,
    }
}

#[cfg(test)]
#[path = "reasons_tests.rs"]
mod tests;
