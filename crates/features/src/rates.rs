//! Smoothed finding rates: beta-binomial, each level shrunk towards its parents.
//!
//! Goods × route × tax form a hierarchy. A level with two parents starts from what both say together, added on the
//! scale of log odds, so that a risky heading from a risky origin is expected to be riskier than either.

use crate::entity::Group;
use crate::state::{Class, History};

/// Findings that the prior is worth: how much rates differ among the children of a level, in proportion to its own
/// rate, is much the same everywhere, so a low rate is believed for longer than a high one.
const PRIOR_FINDINGS: f64 = 0.75;
/// Examinations that the prior is worth, at least and at most.
const PRIOR_EXAMINATIONS: (f64, f64) = (3.0, 60.0);
/// The rate before anything was examined, and what it is worth.
const FIRST_RATE: f64 = 0.05;
const FIRST_STRENGTH: f64 = 20.0;

/// Smoothed rate of findings by physical examination, by group.
pub type Rates = [f64; Group::COUNT];

/// The groups a rate starts from, nearest first, all the way up.
pub fn ancestors(group: Group) -> Vec<Group> {
    let mut found = Vec::new();
    let mut open = vec![group];
    while let Some(group) = open.pop() {
        let Some((_, parents)) = HIERARCHY.iter().find(|(own, _)| *own == group) else { continue };
        let next = match parents {
            Parents::One(parent) => vec![*parent],
            Parents::Mean(first, second) => vec![*first, *second],
            Parents::Joint(first, second, common) => vec![*first, *second, *common],
        };
        for parent in next {
            if !found.contains(&parent) {
                found.push(parent);
                open.insert(0, parent);
            }
        }
    }
    found
}

/// Log odds of the rate of `group` above those of `base`.
pub fn lift(rates: &Rates, group: Group, base: Group) -> f64 {
    logit(rates[group as usize]) - logit(rates[base as usize])
}

/// The rates of an item from the histories of its groups; a group that is absent has the rate of its parents.
pub fn rates(histories: &[Option<&History>; Group::COUNT]) -> Rates {
    let mut rates = [FIRST_RATE; Group::COUNT];
    let physical = |group: Group| histories[group as usize].map_or((0, 0), |h| (h.physical_found(), h.physical()));
    let (found, examined) = physical(Group::Everything);
    rates[Group::Everything as usize] = shrink_by(found, examined, FIRST_RATE, FIRST_STRENGTH);
    for (group, parents) in HIERARCHY {
        let prior = match parents {
            Parents::One(parent) => rates[*parent as usize],
            Parents::Joint(first, second, common) => {
                let log_odds = |group: &Group| logit(rates[*group as usize]);
                inverse_logit(log_odds(first) + log_odds(second) - log_odds(common))
            }
            Parents::Mean(first, second) => {
                inverse_logit(f64::midpoint(logit(rates[*first as usize]), logit(rates[*second as usize])))
            }
        };
        let (found, examined) = physical(*group);
        rates[*group as usize] = shrink(found, examined, prior);
    }
    rates
}

/// What a rate starts from.
enum Parents {
    /// One level up.
    One(Group),
    /// Two levels, and what they have in common.
    Joint(Group, Group, Group),
    /// Two levels that say the same from two sides.
    Mean(Group, Group),
}

/// Every level after its parents.
const HIERARCHY: &[(Group, Parents)] = &[
    (Group::Hs2, Parents::One(Group::Everything)),
    (Group::Hs4, Parents::One(Group::Hs2)),
    (Group::Hs6, Parents::One(Group::Hs4)),
    (Group::Origin, Parents::One(Group::Everything)),
    (Group::Route, Parents::One(Group::Everything)),
    (Group::Hs4Origin, Parents::Joint(Group::Hs4, Group::Origin, Group::Everything)),
    (Group::Hs6Origin, Parents::Joint(Group::Hs6, Group::Hs4Origin, Group::Hs4)),
    (Group::Hs6Route, Parents::Joint(Group::Hs6, Group::Route, Group::Everything)),
    (Group::Hs6RouteOrigin, Parents::Joint(Group::Hs6Route, Group::Hs6Origin, Group::Hs6)),
    (Group::Taxes, Parents::One(Group::Everything)),
    (Group::Lane, Parents::Joint(Group::Route, Group::Origin, Group::Everything)),
    (Group::LaneTaxes, Parents::Joint(Group::Lane, Group::Taxes, Group::Everything)),
    (Group::Hs6Taxes, Parents::Joint(Group::Hs6, Group::Taxes, Group::Everything)),
    (Group::Hs2Tuple, Parents::Joint(Group::Hs2, Group::LaneTaxes, Group::Everything)),
    (Group::Hs4Tuple, Parents::Joint(Group::Hs4, Group::Hs2Tuple, Group::Hs2)),
    (Group::Hs6Tuple, Parents::Mean(Group::Hs6RouteOrigin, Group::Hs4Tuple)),
    (Group::PricedTuple, Parents::One(Group::Hs6Tuple)),
    (Group::Lot, Parents::One(Group::PricedTuple)),
    (Group::Article, Parents::One(Group::Hs6)),
    (Group::ArticleTuple, Parents::Mean(Group::Article, Group::Hs6Tuple)),
    (Group::Trader, Parents::One(Group::Everything)),
    (Group::TraderHs4, Parents::One(Group::Trader)),
    (Group::TraderOrigin, Parents::One(Group::Trader)),
    (Group::Declarant, Parents::One(Group::Everything)),
    (Group::DeclarantHs2, Parents::One(Group::Declarant)),
    (Group::Counterparty, Parents::One(Group::Everything)),
    (Group::TraderCounterparty, Parents::Mean(Group::Trader, Group::Counterparty)),
    (Group::Carrier, Parents::One(Group::Everything)),
    (Group::Location, Parents::One(Group::Everything)),
    (Group::Office, Parents::One(Group::Everything)),
    (Group::Address, Parents::One(Group::Everything)),
    (Group::Contact, Parents::One(Group::Everything)),
    (Group::Container, Parents::One(Group::Everything)),
    (Group::Document, Parents::One(Group::Everything)),
];

/// The best guess from rates alone: goods, route and tax, moved by what is known of the trader.
pub fn combined(rates: &Rates) -> f64 {
    let over = |group: Group, base: Group| logit(rates[group as usize]) - logit(rates[base as usize]);
    let trader = over(Group::Trader, Group::Everything);
    let specific = over(Group::TraderHs4, Group::Trader);
    let contact = over(Group::Contact, Group::Everything).max(over(Group::Address, Group::Everything)).max(0.0);
    inverse_logit(logit(rates[Group::PricedTuple as usize]) + 0.5 * trader.max(contact) + 0.5 * specific)
}

/// Rate of findings by physical examination of one entity among many of its group, from `prior`.
pub fn of_one(history: &History, prior: f64) -> f64 {
    shrink(history.physical_found(), history.physical(), prior)
}

/// Rate of one class of examination.
pub fn of_class(history: &History, class: Class, prior: f64) -> f64 {
    shrink(history.found[class as usize], history.examined[class as usize], prior)
}

/// Rate of critical findings by any examination. One finding in ten is critical before anything is known.
pub fn critical(history: &History) -> f64 {
    let examined = history.examined.iter().fold(0_u32, |sum, class| sum.wrapping_add(*class));
    shrink(history.critical, examined, FIRST_RATE / 10.0)
}

/// Rate of the last tiles on `day`.
pub fn recent(history: &History, day: u16, prior: f64) -> f64 {
    let (mut found, mut examined) = (0, 0);
    for (_, tile) in history.recent(day) {
        found += tile.found;
        examined += tile.examined;
    }
    shrink(found, examined, prior)
}

fn shrink(found: u32, examined: u32, prior: f64) -> f64 {
    let (least, most) = PRIOR_EXAMINATIONS;
    shrink_by(found, examined, prior, (PRIOR_FINDINGS / prior.max(1e-4)).clamp(least, most))
}

fn shrink_by(found: u32, examined: u32, prior: f64, strength: f64) -> f64 {
    (f64::from(found) + strength * prior) / (f64::from(examined) + strength)
}

/// Log odds, within one in ten thousand of certainty.
pub fn logit(rate: f64) -> f64 {
    let rate = rate.clamp(1e-4, 1.0 - 1e-4);
    (rate / (1.0 - rate)).ln()
}

fn inverse_logit(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
