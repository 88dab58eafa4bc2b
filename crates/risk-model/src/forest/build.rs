//! From a learner's trees, whatever their order, to flat nodes: breadth first, siblings together.

use std::collections::VecDeque;

use super::{FIRST_SET, Flat, Node, ZERO_IS_MISSING};
use crate::LoadError;

/// What a split asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// Left when the value is below.
    Below(f32),
    /// The same; missing when it is zero.
    BelowNotZero(f32),
    /// Left when the value is one of the categories, given as words of 32 bits.
    Among(Vec<u32>),
}

/// A node of a tree as it was grown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grown {
    /// A leaf's contribution, a split's expectation.
    pub value: f64,
    /// How much of what was learned from passed it.
    pub cover: f64,
    /// None for a leaf.
    pub split: Option<Split>,
}

/// Where a node splits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Split {
    pub feature: usize,
    pub test: Test,
    pub missing_right: bool,
    /// Index among the nodes of the tree.
    pub left: usize,
    /// Index among the nodes of the tree.
    pub right: usize,
}

impl Flat {
    pub(crate) fn empty(base: f64, sum: super::Sum) -> Self {
        Self {
            base,
            sum,
            nodes: Vec::new(),
            values: Vec::new(),
            covers: Vec::new(),
            roots: Vec::new(),
            sets: Vec::new(),
        }
    }

    /// Adds a tree whose root is its first node.
    pub(crate) fn add(&mut self, tree: &[Grown]) -> Result<(), LoadError> {
        let root = self.push_leaf();
        self.roots.push(root);
        let mut queue = VecDeque::from([(0_usize, root)]);
        let mut seen = 0;
        while let Some((from, to)) = queue.pop_front() {
            seen += 1;
            let Some(source) = tree.get(from).filter(|_| seen <= tree.len()) else {
                return Err(LoadError::Format("a tree's node points outside or back"));
            };
            if !source.value.is_finite() || !(0.0..f64::INFINITY).contains(&source.cover) {
                return Err(LoadError::Format("a tree's node has no finite value or cover"));
            }
            self.values[to as usize] = source.value;
            self.covers[to as usize] = source.cover;
            let Some(split) = &source.split else { continue };
            let child = self.push_leaf();
            self.push_leaf();
            let (threshold, kind) = match &split.test {
                Test::Below(threshold) => (*threshold, 0),
                Test::BelowNotZero(threshold) => (*threshold, ZERO_IS_MISSING),
                Test::Among(words) => {
                    let at = self.sets.len() as u32;
                    self.sets.push(words.len() as u32);
                    self.sets.extend_from_slice(words);
                    (f32::MIN, FIRST_SET + at)
                }
            };
            let slot = 2 * split.feature as u32 + u32::from(split.missing_right);
            self.nodes[to as usize] = Node { threshold, child, slot, kind };
            queue.push_back((split.left, child));
            queue.push_back((split.right, child + 1));
        }
        Ok(())
    }

    fn push_leaf(&mut self) -> u32 {
        let at = self.nodes.len() as u32;
        self.nodes.push(Node::leaf(at));
        self.values.push(0.0);
        self.covers.push(0.0);
        at
    }
}

/// The least `f32` at or above `threshold`: for every `f32` value, `value < threshold` stays what it was.
pub(crate) fn at_or_above(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    let above = if f64::from(nearest) < threshold { nearest.next_up() } else { nearest };
    // Nothing finite is below either.
    above.max(f32::MIN)
}

/// The least `f32` above `threshold`: for every `f32` value, `value <= threshold` is `value <` this.
pub(crate) fn just_above(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    let above = if f64::from(nearest) <= threshold { nearest.next_up() } else { nearest };
    above.max(f32::MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_threshold_of_32_bits_decides_as_one_of_64(threshold in any::<f64>(), value in any::<f32>(), near in -2_i32..3) {
            prop_assume!(threshold.is_finite() && value.is_finite());
            // Values beside the threshold are those that matter.
            let mut beside = threshold as f32;
            for _ in 0..near.abs() {
                beside = if near < 0 { beside.next_down() } else { beside.next_up() };
            }
            for value in [value, beside].into_iter().filter(|value| value.is_finite()) {
                prop_assert_eq!(value < at_or_above(threshold), f64::from(value) < threshold);
                prop_assert_eq!(value < just_above(threshold), f64::from(value) <= threshold);
            }
        }
    }

    #[test]
    fn a_tree_that_points_back_is_refused() {
        let split = |left, right| Grown {
            value: 0.0,
            cover: 1.0,
            split: Some(Split { feature: 0, test: Test::Below(0.5), missing_right: false, left, right }),
        };
        assert!(Flat::empty(0.0, super::super::Sum::Double).add(&[split(0, 0)]).is_err());
        assert!(Flat::empty(0.0, super::super::Sum::Double).add(&[split(1, 7)]).is_err());
    }
}
