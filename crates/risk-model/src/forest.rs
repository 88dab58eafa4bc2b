//! Trees as flat 16-byte nodes, sixteen walked in lockstep.
//!
//! Rows are `f32`. Children stand beside each other, so a step is one index and one comparison; a leaf points at
//! itself with a threshold nothing reaches, so that short trees wait for long ones without a branch. What is missing is
//! written into the row once, as an infinity on either side, and not asked for at every node; which sets hold a row's
//! categories is known beforehand and written beside it. Leaf values are `f64` beside the nodes and are added in the order of the trees,
//! in `f64` or in `f32` as the learner did, so that an imported model's score is the same to the last bit.

mod build;
mod shapley;
mod walk;

use crate::LoadError;

pub(crate) use build::{Grown, Split, Test, at_or_above, just_above};
use walk::Plan;

/// More than any checked hyper-parameter allows; imported trees may be deep.
const MAX_DEPTH: u32 = 512;
/// Where the offsets of category sets begin; below are the other kinds of split.
const FIRST_SET: u32 = 2;
/// Values this close to zero count as missing in a split of kind [`ZERO_IS_MISSING`].
const NEAR_ZERO: f32 = 1e-35;
/// A split that compares, with zero counting as missing.
const ZERO_IS_MISSING: u32 = 1;

/// A split, or a leaf (`child` is itself and `threshold` NaN). 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Values at or above go to `child + 1`, values below to `child`. [`f32::MIN`] for a set of categories: members go
    /// to `child`, others to `child + 1`.
    pub threshold: f32,
    /// Index of the left child.
    pub child: u32,
    /// Twice the feature, plus 1 when missing goes right.
    pub slot: u32,
    /// 0 for a comparison, 1 for one where zero is missing, else where its set begins, plus 2.
    pub kind: u32,
}

impl Node {
    pub(crate) fn leaf(at: u32) -> Self {
        Self { threshold: f32::NAN, child: at, slot: 0, kind: 0 }
    }

    pub(crate) fn is_leaf(&self, at: u32) -> bool {
        self.child == at
    }

    pub(crate) fn feature(&self) -> usize {
        self.slot as usize / 2
    }

    fn missing_right(&self) -> bool {
        self.slot % 2 == 1
    }
}

/// How leaf values are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    /// In `f64`.
    Double,
    /// In `f32`, the base first.
    Single,
}

/// A sum of trees on the logit scale.
#[derive(Clone, Debug)]
pub struct Forest {
    pub(crate) base: f64,
    pub(crate) sum: Sum,
    pub(crate) nodes: Vec<Node>,
    /// What a node expects of the margin; a leaf's contribution.
    pub(crate) values: Vec<f64>,
    /// How much of what was learned from passed each node.
    pub(crate) covers: Vec<f64>,
    pub(crate) roots: Vec<u32>,
    /// Sets of categories, each its number of words and then as many words of 32 bits.
    pub(crate) sets: Vec<u32>,
    plan: Plan,
}

impl PartialEq for Forest {
    fn eq(&self, other: &Self) -> bool {
        let bits = |forest: &Self| -> Vec<(u32, u32, u32, u32)> {
            forest.nodes.iter().map(|n| (n.threshold.to_bits(), n.child, n.slot, n.kind)).collect()
        };
        self.base.to_bits() == other.base.to_bits()
            && self.sum == other.sum
            && bits(self) == bits(other)
            && self.values == other.values
            && self.covers == other.covers
            && self.roots == other.roots
            && self.sets == other.sets
    }
}

/// What a forest is made of, unchecked.
#[derive(Clone, Debug)]
pub(crate) struct Flat {
    pub base: f64,
    pub sum: Sum,
    pub nodes: Vec<Node>,
    pub values: Vec<f64>,
    pub covers: Vec<f64>,
    pub roots: Vec<u32>,
    pub sets: Vec<u32>,
}

impl Forest {
    /// Checks that every index stays within and every path ends.
    pub(crate) fn new(flat: Flat, width: usize) -> Result<Self, LoadError> {
        let count = flat.nodes.len() as u32;
        if flat.values.len() != flat.nodes.len() || flat.covers.len() != flat.nodes.len() {
            return Err(LoadError::Format("a tree's nodes and values are not as many"));
        }
        let mut depth = vec![0_u32; flat.nodes.len()];
        for (at, node) in flat.nodes.iter().enumerate().rev() {
            if node.is_leaf(at as u32) {
                if !node.threshold.is_nan() || node.slot != 0 || node.kind != 0 {
                    return Err(LoadError::Format("a tree's leaf splits"));
                }
                continue;
            }
            if node.child <= at as u32 || node.child.saturating_add(1) >= count || node.feature() >= width {
                return Err(LoadError::Format("a tree's node points outside"));
            }
            if node.threshold.is_nan() || node.threshold == f32::NEG_INFINITY {
                return Err(LoadError::Format("a tree's threshold is no number"));
            }
            if node.kind >= FIRST_SET && set(&flat.sets, node.kind).is_none() {
                return Err(LoadError::Format("a tree's set of categories is not there"));
            }
            depth[at] = 1 + depth[node.child as usize].max(depth[node.child as usize + 1]);
        }
        if flat.roots.iter().any(|root| *root >= count) || depth.iter().any(|depth| *depth > MAX_DEPTH) {
            return Err(LoadError::Format("a tree's root points outside or it is too deep"));
        }
        let plan = Plan::of(&flat, &depth, width);
        let Flat { base, sum, nodes, values, covers, roots, sets } = flat;
        Ok(Self { base, sum, nodes, values, covers, roots, sets, plan })
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// Number of leaves of all trees.
    pub fn leaves(&self) -> usize {
        self.nodes.iter().enumerate().filter(|(at, node)| node.is_leaf(*at as u32)).count()
    }

    /// The margin (logit scale) of a row. A value beyond the row's end counts as missing.
    pub fn margin(&self, row: &[f32]) -> f64 {
        self.walk(row)
    }

    /// Where a row goes from the split at `at`.
    fn next(&self, at: u32, row: &[f32]) -> u32 {
        let node = &self.nodes[at as usize];
        let value = row.get(node.feature()).copied().unwrap_or(f32::NAN);
        let missing = value.is_nan() || (node.kind == ZERO_IS_MISSING && value.abs() <= NEAR_ZERO);
        let right = match node.kind {
            _ if missing => node.missing_right(),
            0 | ZERO_IS_MISSING => value >= node.threshold,
            kind => !set(&self.sets, kind).is_some_and(|set| holds(set, value)),
        };
        node.child + u32::from(right)
    }

    /// For each of `width` features, whether any split asks for it.
    pub(crate) fn uses(&self, width: usize) -> Vec<bool> {
        let mut uses = vec![false; width];
        for (at, node) in self.nodes.iter().enumerate() {
            if !node.is_leaf(at as u32)
                && let Some(used) = uses.get_mut(node.feature())
            {
                *used = true;
            }
        }
        uses
    }

    /// Path differences (Saabas): what each split on the way changed of the expectation, by feature. The returned
    /// start plus all contributions is the margin.
    pub fn contributions(&self, row: &[f32], width: usize) -> (f64, Vec<f64>) {
        let mut by_feature = vec![0.0; width];
        let mut start = self.base;
        for root in &self.roots {
            let mut at = *root;
            start += self.values[at as usize];
            while !self.nodes[at as usize].is_leaf(at) {
                let next = self.next(at, row);
                by_feature[self.nodes[at as usize].feature()] += self.values[next as usize] - self.values[at as usize];
                at = next;
            }
        }
        (start, by_feature)
    }
}

/// The words of the set that a node of this kind names.
fn set(sets: &[u32], kind: u32) -> Option<&[u32]> {
    let at = kind.checked_sub(FIRST_SET)? as usize;
    let count = *sets.get(at)? as usize;
    sets.get(at + 1..(at + 1).checked_add(count)?)
}

/// Whether a category (its whole part; negative is none) is in the set.
fn holds(set: &[u32], value: f32) -> bool {
    let category = value as i64;
    category >= 0 && set.get(category as usize / 32).is_some_and(|word| word >> (category % 32) & 1 == 1)
}

#[cfg(test)]
pub(crate) mod tests {
    use rand_xoshiro::{
        Xoshiro256PlusPlus,
        rand_core::{RngCore, SeedableRng},
    };

    use super::*;

    /// A forest drawn by chance: every kind of split, covers that differ, trees of different depths.
    pub(crate) fn drawn_forest(seed: u64, trees: usize, width: usize, depth: u32) -> Forest {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut flat = Flat::empty(0.25, Sum::Double);
        for _ in 0..trees {
            let mut tree = Vec::new();
            draw(&mut rng, &mut tree, width, depth);
            flat.add(&tree).unwrap();
        }
        Forest::new(flat, width).unwrap()
    }

    fn draw(rng: &mut Xoshiro256PlusPlus, tree: &mut Vec<Grown>, width: usize, depth: u32) -> usize {
        let at = tree.len();
        let value = f64::from(rng.next_u32() % 2_001) / 1_000.0 - 1.0;
        tree.push(Grown { value, cover: 1.0, split: None });
        if depth == 0 || rng.next_u32().is_multiple_of(5) {
            tree[at].cover = f64::from(1 + rng.next_u32() % 50);
            return at;
        }
        let test = match rng.next_u32() % 4 {
            0 => Test::Among((0..=rng.next_u32() % 3).map(|_| rng.next_u32()).collect()),
            1 => Test::BelowNotZero((rng.next_u32() % 9) as f32 - 4.0),
            _ => Test::Below((rng.next_u32() % 9) as f32 - 4.0),
        };
        let feature = rng.next_u64() as usize % width;
        let missing_right = rng.next_u32().is_multiple_of(2);
        let (left, right) = (draw(rng, tree, width, depth - 1), draw(rng, tree, width, depth - 1));
        tree[at].cover = tree[left].cover + tree[right].cover;
        tree[at].split = Some(Split { feature, test, missing_right, left, right });
        at
    }

    /// A row of small whole numbers, halves, zeros and missing values.
    pub(crate) fn drawn_row(seed: u64, width: usize) -> Vec<f32> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..width)
            .map(|_| match rng.next_u32() % 8 {
                0 => f32::NAN,
                1 => 0.0,
                2 => 1e-36,
                3 => (rng.next_u32() % 200) as f32,
                _ => (rng.next_u32() % 19) as f32 / 2.0 - 4.5,
            })
            .collect()
    }

    fn one_by_one(forest: &Forest, row: &[f32]) -> f64 {
        forest.roots.iter().fold(forest.base, |sum, root| {
            let mut at = *root;
            while !forest.nodes[at as usize].is_leaf(at) {
                at = forest.next(at, row);
            }
            sum + forest.values[at as usize]
        })
    }

    #[test]
    fn a_node_has_sixteen_bytes() {
        assert_eq!(size_of::<Node>(), 16);
    }

    #[test]
    fn lockstep_is_one_tree_after_another() {
        // Few and many trees, over a block; rows that are prepared narrow, wide and not at all.
        for (seed, (trees, width)) in
            [(1, 3), (7, 5), (16, 5), (17, 40), (300, 9), (40, 700), (20, 6_000)].into_iter().enumerate()
        {
            let forest = drawn_forest(seed as u64, trees, width, 7);
            for turn in 0..40 {
                let mut row = drawn_row(1_000 + turn, width);
                // What lies beyond the end is missing.
                row.truncate(width - turn as usize % 3);
                assert_eq!(
                    forest.margin(&row).to_bits(),
                    one_by_one(&forest, &row).to_bits(),
                    "{trees} trees, {width} features"
                );
            }
        }
    }

    #[test]
    fn categories_beyond_what_is_kept_beforehand_score_the_same() {
        let mut flat = Flat::empty(0.0, Sum::Double);
        for tree in 0..40_u32 {
            // 100,000 categories, another set for every tree.
            let words = (0_u32..3_125).map(|at| 2_654_435_761_u32.rotate_left(tree).wrapping_mul(at)).collect();
            let split = Split { feature: 0, test: Test::Among(words), missing_right: tree % 2 == 0, left: 1, right: 2 };
            let leaf = |value| Grown { value, cover: 1.0, split: None };
            flat.add(&[Grown { value: 0.0, cover: 2.0, split: Some(split) }, leaf(1.0), leaf(f64::from(tree))])
                .unwrap();
        }
        let forest = Forest::new(flat, 1).unwrap();
        for category in [0.0, 77.0, 31_999.0, 99_999.0, 100_000.0, 1e9, -1.0, f32::NAN] {
            assert_eq!(forest.margin(&[category]).to_bits(), one_by_one(&forest, &[category]).to_bits());
        }
    }

    #[test]
    fn damaged_nodes_are_refused() {
        let good = drawn_forest(3, 2, 4, 5);
        let flat = || Flat {
            base: good.base,
            sum: good.sum,
            nodes: good.nodes.clone(),
            values: good.values.clone(),
            covers: good.covers.clone(),
            roots: good.roots.clone(),
            sets: good.sets.clone(),
        };
        assert!(Forest::new(flat(), 4).is_ok());
        let split = (0..good.nodes.len()).find(|at| !good.nodes[*at].is_leaf(*at as u32)).unwrap();
        let refused = |damage: &dyn Fn(&mut Flat)| {
            let mut flat = flat();
            damage(&mut flat);
            assert!(Forest::new(flat, 4).is_err());
        };
        refused(&|flat| flat.nodes[split].child = u32::MAX);
        refused(&|flat| flat.nodes[split].child = 0);
        refused(&|flat| flat.nodes[split].slot = 8);
        refused(&|flat| flat.nodes[split].threshold = f32::NAN);
        refused(&|flat| flat.nodes[split].kind = u32::MAX);
        refused(&|flat| flat.roots[0] = flat.nodes.len() as u32);
        refused(&|flat| flat.values.truncate(1));
    }
}
