//! Trees as flat 16-byte nodes, walked eight at a time.
//!
//! Children stand beside each other, so a step is one index and one comparison; a leaf points at itself with a
//! threshold nothing reaches, so that short trees wait for long ones without a branch.

use crate::LoadError;

/// Trees walked together.
const LANES: usize = 8;
/// More than any checked hyper-parameter allows.
const MAX_DEPTH: u32 = 64;

/// A split, or a leaf (`child` is itself and `threshold` NaN).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// Values at or above go to `child + 1`, values below to `child`.
    pub threshold: f32,
    /// The margin's expectation here; a leaf's contribution.
    pub value: f32,
    /// Index of the left child.
    pub child: u32,
    /// Index of the feature.
    pub feature: u16,
    /// Whether missing goes right.
    pub missing_right: bool,
}

impl Node {
    pub(crate) fn leaf(value: f32, at: u32) -> Self {
        Self { threshold: f32::NAN, value, child: at, feature: 0, missing_right: false }
    }

    pub(crate) fn is_leaf(&self, at: u32) -> bool {
        self.child == at
    }

    #[inline]
    fn next(&self, row: &[f32]) -> u32 {
        let value = row.get(usize::from(self.feature)).copied().unwrap_or(f32::NAN);
        let right = if value.is_nan() { self.missing_right } else { value >= self.threshold };
        self.child + u32::from(right)
    }
}

/// A sum of trees on the logit scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    pub(crate) base: f64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) roots: Vec<u32>,
    /// The deepest tree of each group of [`LANES`].
    depths: Vec<u32>,
}

impl Forest {
    /// Checks that every index stays within and every path ends.
    pub(crate) fn new(base: f64, nodes: Vec<Node>, roots: Vec<u32>, width: usize) -> Result<Self, LoadError> {
        let count = nodes.len() as u32;
        let mut depth = vec![0_u32; nodes.len()];
        for (at, node) in nodes.iter().enumerate().rev() {
            let at = at as u32;
            if node.is_leaf(at) {
                continue;
            }
            if node.child <= at || node.child + 1 >= count || usize::from(node.feature) >= width {
                return Err(LoadError::Format("a tree's node points outside"));
            }
            depth[at as usize] = 1 + depth[node.child as usize].max(depth[node.child as usize + 1]);
        }
        if roots.iter().any(|root| *root >= count) || depth.iter().any(|depth| *depth > MAX_DEPTH) {
            return Err(LoadError::Format("a tree's root points outside or it is too deep"));
        }
        let depths = roots
            .chunks(LANES)
            .map(|lanes| lanes.iter().map(|root| depth[*root as usize]).max().unwrap_or(0))
            .collect();
        Ok(Self { base, nodes, roots, depths })
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// The margin (logit scale) of a row. A value beyond the row's end counts as missing.
    pub fn margin(&self, row: &[f32]) -> f64 {
        let mut sum = self.base;
        for (lanes, depth) in self.roots.chunks(LANES).zip(&self.depths) {
            let mut at = [0_u32; LANES];
            at[..lanes.len()].copy_from_slice(lanes);
            for _ in 0..*depth {
                for at in &mut at[..lanes.len()] {
                    *at = self.nodes[*at as usize].next(row);
                }
            }
            for at in &at[..lanes.len()] {
                sum += f64::from(self.nodes[*at as usize].value);
            }
        }
        sum
    }

    /// Path differences (Saabas): what each split on the way changed of the expectation, by feature. The returned
    /// start plus all contributions is the margin.
    pub fn contributions(&self, row: &[f32], width: usize) -> (f64, Vec<f64>) {
        let mut by_feature = vec![0.0; width];
        let mut start = self.base;
        for root in &self.roots {
            let mut at = *root;
            start += f64::from(self.nodes[at as usize].value);
            loop {
                let node = self.nodes[at as usize];
                if node.is_leaf(at) {
                    break;
                }
                let next = node.next(row);
                by_feature[usize::from(node.feature)] +=
                    f64::from(self.nodes[next as usize].value) - f64::from(node.value);
                at = next;
            }
        }
        (start, by_feature)
    }
}
