//! Every word and sentence of a printed plan, in English and in Chinese.
//!
//! In: a language. Out: [`Words`]. Must not know plans. Each language fills in one
//! struct, so a missing key does not compile; a test compares the holes of the
//! sentences. Rejected: message files read at run time (a key could be missing there).

mod en;
mod zh;

pub use en::EN;
pub use zh::ZH;

use clap::ValueEnum;

/// Language of a printed plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

impl Lang {
    /// The language of the user's locale; English unless that is Chinese.
    pub fn of_locale() -> Lang {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        match set {
            Some(locale) if locale.starts_with("zh") => Lang::Zh,
            _ => Lang::En,
        }
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Lang::En => &EN,
            Lang::Zh => &ZH,
        }
    }
}

macro_rules! words {
    ($($key:ident,)*) => {
        /// Texts of one language. `{name}` is filled in; `{name|one|many}` chooses by
        /// whether the value of `name` is 1.
        #[derive(Debug)]
        pub struct Words {
            /// The language.
            pub lang: Lang,
            $(#[doc = concat!("Text `", stringify!($key), "`.")] pub $key: &'static str,)*
        }

        impl Words {
            /// All keys with their texts.
            #[cfg(test)]
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($key), self.$key)),*]
            }
        }
    };
}

words! {
    // Punctuation between listed things, around a remark, and inside a title.
    list_separator, open_bracket, close_bracket, colon, sentence_gap,
    and_more, untitled, scenario,
    // Why the solve ended.
    optimal, optimal_claimed, within_gap, feasible, infeasible, no_solution, conflict, conflict_one,
    conflict_none, limit_time, limit_work, limit_memory, limit_interrupted,
    summary, written, notices,
    // Headings and columns.
    h_levels, h_kinds, h_categories, h_shortfalls, h_no_shortfalls, h_idle, h_no_idle, h_unexplained,
    c_level, c_value, c_of, c_bound, c_proof, c_kind, c_category,
    c_needs, c_met, c_partial, c_unmet, c_share, c_amounts,
    amount, more_amounts, less_is_better, worst,
    h_missed, missed_below, missed_above, more_missed, counted_money, counted_pairs, counted_served,
    proof_exact, proof_bound, proof_claimed, proof_feasible,
    kind_hot_spot, kind_general, kind_hot_spot_one, kind_general_one,
    // Goals.
    cover, fair, tier, tier_beyond, keep, fit, near, escalate, spend, value, partners, balance,
    weighted, soft,
    // Levels of places.
    district, street, community, compound, key_site, service_point, grid, micro_grid,
    // Shortfalls and idle offers.
    short_line, idle_line, more_short, more_idle,
    // The funnel.
    no_measure, no_category, out_of_area, out_of_window, audience_or_shift, below_proficiency,
    own_need, radius, forbidden,
    funnel_offers, funnel_needs, left_measure, left_category, left_area, left_window,
    left_audience, left_proficiency, left_own, left_radius, left_forbidden, no_offers, no_needs,
    // Other reasons.
    capacity_one, capacity_many, capacity_arcs_one, capacity_arcs_many, limit_arcs_one,
    limit_arcs_many, idle_minimum, idle_providers, capacity_needs, capacity_offers, limit_one, limit_many, same_set,
    outranked_more, outranked_tied, outranked_worse, outranked_path, outranked_path_tied,
    outranked_alone, outranked_alone_tied,
    limit_none, limit_left, partner_none, partner_left, budget_none, budget_left, below_lot, lot,
    limit_full, partner_cap, max_providers, budget, below_minimum, bundle, beyond_level, not_proved,
    needs_met, too_little, no_need, idle_worse, idle_tied,
    // Published lists.
    r_services, r_communities, r_communities_lead, r_pairings, r_funding, r_funding_lead,
    r_receipts, r_meeting, r_meeting_lead, r_idle, r_idle_lead, r_levels, r_levels_lead,
    r_coverage, r_places, r_places_lead, c_x, c_y, r_points, r_points_lead, r_load, c_unit, c_offer, c_need, c_place, c_community,
    c_quantity, c_measure, c_from, c_to, c_kept, c_direction, c_partner, c_standing, c_agreements,
    c_bundle, c_given, c_cost, c_asked, c_covered, c_status, c_owner, c_providers, c_reasons,
    c_left, c_place_level, c_of_asked, c_of_covered, c_projects, c_evaluated, c_rate, c_points,
    c_offered, c_planned, c_promised, c_cancelled, c_section, c_item, c_period, c_remark,
    s_delivered, s_late, s_running, s_unmet, s_proposals, s_missed, gives, gets, asks, standing_new,
    standing_kept, standing_ended, nobody, fixed_costs, nothing, quantity, total, gets_of, people,
    as_of, no_period, name_of,
    // What changed between two plans.
    d_summary, d_heading, d_more, d_won, d_lost, d_opened, d_closed, d_moved, d_added, d_dropped,
    d_changed, d_moved_line, d_need_line, d_newly_met, d_no_longer_met, d_line, c_before, c_after,
    c_by, c_trend, better, worse, same,
    // The next cycle's ledger.
    rc_delivered, rc_needs, rc_offers, rc_proficiency, rc_commitments, rc_expired, rc_ended,
    rc_scenarios, rc_written,
    // Claims.
    cl_none, cl_summary, cl_line, cl_accept, cl_decline, cl_redirect, cl_redirect_part, cl_part, cl_conflicts, cl_barred,
    cl_free, cl_cheap, cl_costs, cl_contest,
    // What a ledger says in vain.
    w_need, w_offer, w_limit_nothing, w_limit_asks, w_limit_never, w_more, w_no_needs,
    w_stop_measure, w_stop_category, w_stop_area, w_stop_window, w_stop_audience,
    w_stop_proficiency, w_stop_own, w_stop_radius, w_stop_forbidden,
    // While it runs.
    stage_build, stage_solve, stage_certify, stage_explain, interrupted,
}

/// Fills the holes of a text; a hole without a value stays as it is.
///
/// ```text
/// fill("{n} {n|need|needs}", &[("n", "3")]) == "3 needs"
/// ```
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((hole, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            break;
        };
        let mut parts = hole.split('|');
        let name = parts.next().unwrap_or_default();
        let value = values.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        match (value, parts.next(), parts.next()) {
            (Some("1"), Some(one), _) => text.push_str(one),
            (Some(_), Some(_), Some(many)) => text.push_str(many),
            (Some(value), None, _) => text.push_str(value),
            _ => {
                text.push('{');
                text.push_str(hole);
                text.push('}');
            }
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::{EN, ZH, fill};

    /// Values shown; those that only choose between one and many are not.
    fn holes(text: &str) -> Vec<&str> {
        let parts = text.split('{').skip(1).filter_map(|part| part.split('}').next());
        let mut found: Vec<&str> = parts.filter(|hole| !hole.contains('|')).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn both_languages_fill_in_the_same_things() {
        let (en, zh) = (EN.all(), ZH.all());
        assert_eq!(en.len(), zh.len());
        for ((key, en), (_, zh)) in en.iter().zip(&zh) {
            assert!(!zh.contains('|'), "{key}: Chinese has no plural");
            assert_eq!(holes(en), holes(zh), "{key}");
            assert!(!en.is_empty() && (!zh.is_empty() || *key == "sentence_gap"), "{key}");
        }
    }

    #[test]
    fn each_language_keeps_to_itself() {
        for (key, text) in EN.all() {
            assert!(text.chars().all(|c| c.is_ascii() || "“”’→≤".contains(c)), "{key}: {text}");
        }
        for (key, text) in ZH.all() {
            let mut outside = String::new();
            let mut depth = 0;
            for c in text.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    c if depth == 0 => outside.push(c),
                    _ => {}
                }
            }
            let plain = outside.replace("Ctrl-C", "");
            assert!(!plain.contains(|c: char| c.is_ascii_alphabetic()), "{key}: {text}");
        }
    }

    #[test]
    fn holes_are_filled_and_plurals_chosen() {
        assert_eq!(fill("{n} {n|need|needs} of {m}", &[("n", "1"), ("m", "{n}")]), "1 need of {n}");
        assert_eq!(fill("{n} {n|need|needs}", &[("n", "0")]), "0 needs");
        assert_eq!(fill("{x} and {y", &[]), "{x} and {y");
    }
}
