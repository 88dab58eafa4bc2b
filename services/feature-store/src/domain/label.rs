//! When an examination is a label, and how much it counts.
//!
//! An examination of the goods says of every item it covers whether something is wrong. A check of documents, an image
//! or a partial examination sees only some of what is there: what it finds is a finding, and that it finds nothing says
//! as much less as it sees less. Learning from its findings alone would make everything that is only looked at on paper
//! look guilty; so its conform outcomes count too, by the share of offences that the method shows. There are many of
//! them and each says little: one in [`SAMPLED`] is kept and stands for all.

use customs::{Control, Extent, Method};
use uuid::Uuid;

/// Of this many conform outcomes that are not conclusive, one is kept.
pub const SAMPLED: u8 = 5;

/// Share of the offences that `control` would show, of those that a full examination of the goods shows; 1 is
/// conclusive.
pub fn power(control: &Control) -> f32 {
    let whole = matches!(control.order.extent, Extent::Full | Extent::Items(_));
    match control.order.method {
        Method::Physical | Method::LaboratorySample if whole => 1.0,
        Method::Physical | Method::LaboratorySample | Method::Audit => 0.5,
        Method::Documentary | Method::Scan => 0.3,
    }
}

/// Whether the conform outcomes that are not conclusive are kept of this declaration.
pub fn is_sampled(declaration: Uuid) -> bool {
    // The last bytes of an identifier are those of a hash.
    declaration.as_bytes()[15].is_multiple_of(SAMPLED)
}

/// One version of what a control says about an item, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemLabel {
    /// A finding against the trader stands.
    pub found: bool,
    /// Share of the offences that the control would show.
    pub power: f32,
    /// Drawn at random.
    pub random: bool,
    /// When it became known, microseconds.
    pub known_at: i64,
}

impl ItemLabel {
    /// Whether the goods themselves were examined.
    pub fn is_conclusive(&self) -> bool {
        self.power >= 1.0
    }

    /// What it counts in training: the inverse of the probability with which the goods were selected, at most `limit`,
    /// when they were examined; otherwise one for a finding and the power for what stands for [`SAMPLED`] others.
    pub fn weight(&self, probability: Option<f64>, limit: f32) -> f32 {
        match probability {
            Some(probability) if self.is_conclusive() && probability > 0.0 => ((1.0 / probability) as f32).min(limit),
            _ if self.is_conclusive() || self.found => 1.0,
            _ => self.power * f32::from(SAMPLED),
        }
    }
}

/// What the controls of an item of `declaration` say together: a finding of any, else conform by the one that sees most,
/// where that counts.
pub fn together(declaration: Uuid, labels: impl Iterator<Item = ItemLabel>) -> Option<ItemLabel> {
    let all = labels.reduce(|one, other| ItemLabel {
        found: one.found || other.found,
        power: one.power.max(other.power),
        random: one.random || other.random,
        known_at: one.known_at.max(other.known_at),
    })?;
    (all.found || all.is_conclusive() || is_sampled(declaration)).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Uuid = Uuid::from_u128(5);
    const OTHER: Uuid = Uuid::from_u128(6);

    fn label(found: bool, power: f32) -> ItemLabel {
        ItemLabel { found, power, random: false, known_at: 0 }
    }

    #[test]
    fn documents_that_agree_are_a_label_in_a_sample_and_a_finding_always_is() {
        assert_eq!(together(OTHER, [label(false, 0.3)].into_iter()), None);
        assert!(!together(SAMPLE, [label(false, 0.3)].into_iter()).unwrap().found);
        assert!(together(OTHER, [label(true, 0.3)].into_iter()).unwrap().found);
        let goods = together(OTHER, [label(false, 1.0), label(false, 0.3)].into_iter()).unwrap();
        assert!(!goods.found && goods.is_conclusive());
        assert!(together(OTHER, [label(false, 1.0), label(true, 0.3)].into_iter()).unwrap().found);
    }

    #[test]
    fn examined_goods_weigh_by_their_chance_within_a_limit() {
        let goods = label(false, 1.0);
        assert!((goods.weight(Some(0.1), 20.0) - 10.0).abs() < 1e-6);
        assert!((goods.weight(Some(0.001), 20.0) - 20.0).abs() < 1e-6);
        assert!((goods.weight(None, 20.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn documents_weigh_what_they_show_whatever_the_chance_of_the_goods() {
        // Of a hundred declarations with 10 offences, 3 are shown; the kept fifth of the other 97 stands for a share of
        // offences as it is among the goods.
        let (found, conform) = (label(true, 0.3), label(false, 0.3));
        let (shown, kept) = (3.0 * found.weight(Some(0.01), 20.0), 97.0 / 5.0 * conform.weight(Some(0.01), 20.0));
        assert!((shown / (shown + kept) - 0.1).abs() < 0.01);
    }
}
