//! Why, in words: the lines that stand in orders and in explanations.
//!
//! A line about the goods is the same whatever ordered the control, and names no filter, score or threshold: who examines
//! must not be able to tell what was drawn. What ordered it, and which filter held, are lines of their own, for others.

use customs::{ControlOrder, FilterMatch, OrderReason, ReasonFor, Trigger};
use explanation::words::words;
use features::contract;

use super::judgement::Judgement;

/// The most lines about the goods, and about filters, of an order.
const LINES: usize = 3;

/// A feature that raised the score of an item, with its value.
pub fn raised(item: u32, feature: &str, value: Option<f32>) -> String {
    let told = words(feature, value);
    format!("Item {item}: {}: {}", told.label, told.value)
}

/// Something that nobody knew yet.
pub fn novel(reason: &str) -> String {
    match reason {
        "unitValueFarOutside" => "New: The unit value lies far outside what others declare".to_owned(),
        "unexaminedTrader" => "New: The trader was hardly ever examined".to_owned(),
        "unexaminedHs6Origin" => "New: Goods of this subheading and origin were hardly ever examined".to_owned(),
        "newTrader" => "New: The trader was hardly ever seen".to_owned(),
        "newHs6Origin" => "New: Goods of this subheading and origin were hardly ever seen".to_owned(),
        name => format!("New: {}", words(name, None).label),
    }
}

/// A filter whose condition held, with what made it hold.
pub fn held(matched: &FilterMatch) -> String {
    let values: Vec<String> = matched.because.iter().map(|(field, value)| format!("{field} = {value}")).collect();
    let item = matched.item.map_or_else(String::new, |item| format!("Item {item}: "));
    let risk = matched.risk.as_ref().map_or_else(String::new, |risk| format!(" (risk {risk})"));
    format!("{item}filter {}{risk} holds: {}", matched.code, values.join(", "))
}

fn ordered_by(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Mandate => "Ordered by a mandatory filter",
        Trigger::Filter => "Ordered for its value, which filters raised above the price",
        Trigger::Model => "Ordered for its value, which what the model expects raised above the price",
        Trigger::Random => "Drawn for the random stratum",
        Trigger::Exploration => "Ordered to learn from it",
        Trigger::FailSafe => "Ordered by the plan's fail-safe: it could not be decided in full",
        Trigger::Intelligence
        | Trigger::Officer
        | Trigger::OtherAgency
        | Trigger::TraderRequest
        | Trigger::IncumbentSystem => "Ordered by a person",
    }
}

/// Why `order` was given, most telling first.
pub fn because(
    order: &ControlOrder,
    matches: &[FilterMatch],
    judgement: &Judgement,
    vectors: &[Vec<f32>],
) -> Vec<OrderReason> {
    let line = |least| move |text| OrderReason { least, text };
    let mut reasons = vec![line(ReasonFor::Supervisor)(ordered_by(order.trigger).to_owned())];
    let mut filters: Vec<String> = Vec::new();
    for text in matches.iter().filter(|matched| matched.acted).map(held) {
        if filters.len() < LINES && !filters.contains(&text) {
            filters.push(text);
        }
    }
    reasons.extend(filters.into_iter().map(line(ReasonFor::Analyst)));
    let moved =
        judgement.scores.iter().zip(&judgement.recorded).take(judgement.drivers).flat_map(|(score, position)| {
            let raising = score.contributions.iter().filter(|(_, contribution)| *contribution > 0.0);
            raising.map(move |(feature, _)| {
                let value = contract().position(feature).and_then(|at| vectors.get(*position)?.get(at).copied());
                raised(score.item, feature, value.filter(|value| !value.is_nan()))
            })
        });
    let new = judgement.flag.iter().flat_map(|novelty| &novelty.reasons).map(|reason| novel(reason));
    reasons.extend(moved.take(LINES).chain(new.take(LINES)).map(line(ReasonFor::Officer)));
    reasons
}
