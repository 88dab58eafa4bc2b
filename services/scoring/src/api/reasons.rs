//! The reasons of a decision in one line each, most telling first.

use customs::FindingKind;
use explanation::KindEstimate;

use crate::app::explain::{Explanation, ItemExplanation, Sum};
use crate::domain::because::{held, novel, raised};

/// Features told of an item.
const FEATURES: usize = 3;
/// Kinds told of an item.
const KINDS: usize = 2;

/// Filters first (for those who may know them), then item by item what a finding would be, what raised the score and (for
/// those who may know numbers) what exact contributions add up to, then what is new.
pub fn reasons(explanation: &Explanation, filters: bool, numbers: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let acted = explanation.selection.matches.iter().filter(|matched| filters && matched.acted);
    for line in acted.map(held) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for item in &explanation.items {
        lines.extend(item.kinds.iter().take(KINDS).enumerate().filter_map(|(place, kind)| found(item, kind, place)));
        let moved = item.moved.iter().filter(|moved| moved.contribution > 0.0).take(FEATURES);
        lines.extend(moved.map(|moved| raised(item.item, &moved.name, moved.value)));
        lines.extend(item.sum.filter(|_| numbers).map(|sum| added_up(item, sum)));
    }
    lines.extend(explanation.selection.novelty.iter().flat_map(|novelty| &novelty.reasons).map(|reason| novel(reason)));
    lines
}

/// What exact contributions add up to, on the logit scale.
fn added_up(item: &ItemExplanation, sum: Sum) -> String {
    let told: f64 = item.moved.iter().map(|moved| moved.contribution).sum();
    let Sum { start, rest, others, margin } = sum;
    format!(
        "Item {}: score {margin:.4} = {start:.4} with nothing known {told:+.4} by the {} features told {rest:+.4} by {others} \
         others",
        item.item,
        item.moved.len()
    )
}

fn found(item: &ItemExplanation, kind: &KindEstimate, place: usize) -> Option<String> {
    let currency = item.declared.as_ref().map_or("", |declared| declared.currency.as_str());
    let likely = kind.likely.first().map(|likely| {
        let unit = match likely.field.as_str() {
            "valuation" => format!(" {currency}"),
            "netMassKg" => " kg".to_owned(),
            _ => String::new(),
        };
        let range = match (&likely.lower, &likely.upper) {
            (Some(lower), Some(upper)) => format!(" ({lower} to {upper})"),
            _ => String::new(),
        };
        format!("{}{unit} declared, {} likely{range}", likely.declared, likely.value)
    });
    let name = name(kind.kind);
    let head = match kind.share {
        Some(share) if place == 0 => format!("if something is found, most probably {name} ({:.0} %)", 100.0 * share),
        Some(share) => format!("or {name} ({:.0} %)", 100.0 * share),
        None => name.to_owned(),
    };
    match (likely, kind.share) {
        (Some(likely), _) => Some(format!("Item {}: {head}: {likely}", item.item)),
        (None, Some(_)) => Some(format!("Item {}: {head}", item.item)),
        (None, None) => None,
    }
}

fn name(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Undervaluation => "undervaluation",
        FindingKind::Misclassification => "misclassification",
        FindingKind::Origin => "wrong origin",
        FindingKind::Quantity => "wrong quantity",
        FindingKind::Undeclared => "undeclared goods",
        FindingKind::Prohibited => "prohibited goods",
        FindingKind::Restricted => "a missing permit",
        FindingKind::IntellectualProperty => "counterfeit goods",
        FindingKind::Documents => "false or missing documents",
        FindingKind::Drugs => "drugs",
        FindingKind::Contraband => "contraband",
        FindingKind::Security => "a danger to people",
        FindingKind::Other => "something else",
    }
}
