//! When an examination is a label.
//!
//! A finding is a label whoever made it. That nothing was found is one only when the goods themselves were examined,
//! all of them or the named items: documents that agree say little about the goods behind them.

use customs::{Control, Extent, Method};

/// Whether a conform outcome of `control` says that the goods conform.
pub fn is_conclusive(control: &Control) -> bool {
    let goods = matches!(control.order.method, Method::Physical | Method::LaboratorySample);
    goods && matches!(control.order.extent, Extent::Full | Extent::Items(_))
}

/// One version of what a control says about an item, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemLabel {
    /// A finding against the trader stands.
    pub found: bool,
    /// Conform would be a label.
    pub conclusive: bool,
    /// Drawn at random.
    pub random: bool,
    /// When it became known, microseconds.
    pub known_at: i64,
}

/// What the controls of an item say together: a finding of any, else conform by a conclusive one, else nothing.
pub fn together(labels: impl Iterator<Item = ItemLabel>) -> Option<ItemLabel> {
    labels.filter(|label| label.found || label.conclusive).reduce(|one, other| ItemLabel {
        found: one.found || other.found,
        conclusive: one.conclusive || other.conclusive,
        random: one.random || other.random,
        known_at: one.known_at.max(other.known_at),
    })
}

/// Inverse of the probability with which the declaration was selected, at most `limit`; 1 where it is not known.
pub fn weight(probability: Option<f64>, limit: f32) -> f32 {
    match probability {
        Some(probability) if probability > 0.0 => ((1.0 / probability) as f32).min(limit),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(found: bool, conclusive: bool) -> ItemLabel {
        ItemLabel { found, conclusive, random: false, known_at: 0 }
    }

    #[test]
    fn documents_that_agree_are_no_label_and_a_finding_always_is() {
        assert_eq!(together([label(false, false)].into_iter()), None);
        assert!(together([label(true, false)].into_iter()).unwrap().found);
        assert!(!together([label(false, true), label(false, false)].into_iter()).unwrap().found);
        assert!(together([label(false, true), label(true, false)].into_iter()).unwrap().found);
    }

    #[test]
    fn weights_are_inverse_probabilities_within_a_limit() {
        assert!((weight(Some(0.1), 20.0) - 10.0).abs() < 1e-6);
        assert!((weight(Some(0.001), 20.0) - 20.0).abs() < 1e-6);
        assert!((weight(None, 20.0) - 1.0).abs() < 1e-6);
    }
}
