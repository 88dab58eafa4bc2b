//! The walk: groups of sixteen trees of like depth, each step the same few instructions for all of them.
//!
//! It has its own copy of the nodes, laid out in the order in which they are met: the levels of a group's trees one
//! after another, so that what every row passes lies together. A set of categories is no longer one: for each category
//! it is known beforehand which sets hold it, and those answers are copied into the row, where a split by categories
//! compares like any other.

use std::collections::{BTreeMap, VecDeque};

use super::{FIRST_SET, Flat, Forest, Node, Sum, ZERO_IS_MISSING, set};

/// Trees walked together.
const LANES: usize = 16;
/// Trees whose leaves are kept before they are added in their order.
const BLOCK: usize = 256;
/// Slots of the widest row that is prepared.
const WIDEST: usize = 8192;
/// Answers about categories that are worth keeping for a model (4 MiB); further features are asked at every node.
const ANSWERS: usize = 1 << 20;

/// Sixteen trees; the last group repeats its last tree.
#[derive(Clone, Debug)]
struct Group {
    /// Whether its trees must be asked node by node: zero is missing somewhere, or there are too many categories.
    asked: bool,
    /// Of the deepest.
    depth: u32,
    /// Nodes to begin at.
    roots: [u32; LANES],
    /// Positions within the block.
    places: [u16; LANES],
}

/// In which order trees are walked, and what is known of categories.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    width: usize,
    /// Groups of each block of [`BLOCK`] trees.
    blocks: Vec<Vec<Group>>,
    /// As in the forest, but for the order; a set's node compares with its own slot, and the `slot` of a leaf is its
    /// place in `leaves`.
    nodes: Vec<Node>,
    leaves: Vec<f64>,
    categorical: Vec<Categorical>,
    /// Slots of a prepared row.
    slots: usize,
}

/// A feature that is split by sets.
#[derive(Clone, Debug)]
struct Categorical {
    feature: usize,
    /// Slot of its first set.
    first: usize,
    /// Different sets.
    sets: usize,
    /// Categories that any set may hold.
    categories: usize,
    /// For each category, then for one in no set, then for missing: 0 for each set that it goes left at, else 1.
    answers: Vec<f32>,
}

/// A feature's different sets, with whether missing goes right, and their places.
type Sets<'a> = BTreeMap<(&'a [u32], bool), usize>;

impl Plan {
    pub(super) fn of(flat: &Flat, depth: &[u32], width: usize) -> Self {
        let mut plan = Self { width, slots: 2 * width, ..Self::default() };
        let sets = plan.answer(flat);
        for roots in flat.roots.chunks(BLOCK) {
            let mut order: Vec<(bool, u32, u16)> = roots
                .iter()
                .enumerate()
                .map(|(place, root)| (asked(flat, *root, &sets), depth[*root as usize], place as u16))
                .collect();
            order.sort_unstable();
            // A group is either asked or not.
            let (plain, asked) = order.split_at(order.partition_point(|tree| !tree.0));
            let trees = plain.chunks(LANES).chain(asked.chunks(LANES));
            let groups = trees.map(|trees| plan.group(flat, roots, trees, &sets)).collect();
            plan.blocks.push(groups);
        }
        plan
    }

    /// Slots for the sets of every feature that has few enough.
    fn answer<'a>(&mut self, flat: &'a Flat) -> BTreeMap<usize, (usize, Sets<'a>)> {
        let mut features: BTreeMap<usize, Sets<'a>> = BTreeMap::new();
        for node in flat.nodes.iter().filter(|node| node.kind >= FIRST_SET) {
            let Some(words) = set(&flat.sets, node.kind) else { continue };
            let sets = features.entry(node.feature()).or_default();
            let next = sets.len();
            sets.entry((words, node.missing_right())).or_insert(next);
        }
        let mut room = ANSWERS;
        let mut kept = BTreeMap::new();
        for (feature, sets) in features {
            let categories = sets.keys().map(|(words, _)| words.len() * 32).max().unwrap_or(0);
            let answers = (categories + 2).saturating_mul(sets.len());
            if answers > room || self.slots + sets.len() > WIDEST {
                continue;
            }
            room -= answers;
            let mut categorical =
                Categorical { feature, first: self.slots, sets: sets.len(), categories, answers: vec![1.0; answers] };
            for ((words, missing_right), place) in &sets {
                for category in (0..categories).filter(|at| words.get(at / 32).is_some_and(|w| w >> (at % 32) & 1 == 1))
                {
                    categorical.answers[category * sets.len() + place] = 0.0;
                }
                categorical.answers[(categories + 1) * sets.len() + place] = f32::from(u8::from(*missing_right));
            }
            self.slots += sets.len();
            kept.insert(feature, (categorical.first, sets));
            self.categorical.push(categorical);
        }
        kept
    }

    fn group(
        &mut self,
        flat: &Flat,
        roots: &[u32],
        trees: &[(bool, u32, u16)],
        sets: &BTreeMap<usize, (usize, Sets<'_>)>,
    ) -> Group {
        let first = self.nodes.len() as u32;
        let group = Group {
            asked: trees.iter().any(|tree| tree.0),
            depth: trees.iter().map(|tree| tree.1).max().unwrap_or(0),
            roots: std::array::from_fn(|lane| first + lane.min(trees.len() - 1) as u32),
            places: std::array::from_fn(|lane| trees[lane.min(trees.len() - 1)].2),
        };
        if group.asked {
            return group;
        }
        let mut queue = VecDeque::new();
        for (lane, tree) in trees.iter().enumerate() {
            self.nodes.push(Node::leaf(first + lane as u32));
            queue.push_back((roots[usize::from(tree.2)], first + lane as u32));
        }
        while let Some((from, to)) = queue.pop_front() {
            let source = flat.nodes[from as usize];
            if source.is_leaf(from) {
                self.nodes[to as usize].slot = self.leaves.len() as u32;
                self.leaves.push(flat.values[from as usize]);
                continue;
            }
            let child = self.nodes.len() as u32;
            self.nodes.extend([Node::leaf(child), Node::leaf(child + 1)]);
            self.nodes[to as usize] = match place(flat, &source, sets) {
                Some(slot) => Node { threshold: 0.5, child, slot: slot as u32, kind: 0 },
                None => Node { child, ..source },
            };
            queue.extend([(source.child, child), (source.child + 1, child + 1)]);
        }
        group
    }
}

/// The slot of the answer to a set's node.
fn place(flat: &Flat, node: &Node, sets: &BTreeMap<usize, (usize, Sets<'_>)>) -> Option<usize> {
    let (first, sets) = sets.get(&node.feature())?;
    Some(first + sets.get(&(set(&flat.sets, node.kind)?, node.missing_right()))?)
}

/// Whether any node of a tree cannot be answered beforehand.
fn asked(flat: &Flat, root: u32, sets: &BTreeMap<usize, (usize, Sets<'_>)>) -> bool {
    let mut open = vec![root];
    while let Some(at) = open.pop() {
        let node = &flat.nodes[at as usize];
        if node.is_leaf(at) {
            continue;
        }
        if node.kind == ZERO_IS_MISSING || (node.kind >= FIRST_SET && !sets.contains_key(&node.feature())) {
            return true;
        }
        open.extend([node.child, node.child + 1]);
    }
    false
}

/// A row prepared for the walk: every value twice (missing is below everything in the first and above everything in the
/// second), then the answers about its categories. `N` is a power of two, so that a masked slot is always inside.
fn prepare<const N: usize>(row: &[f32], plan: &Plan) -> [f32; N] {
    let mut slots = [0.0; N];
    let (pairs, _) = slots.as_chunks_mut::<2>();
    let given = row.len().min(plan.width).min(pairs.len());
    for (slots, value) in pairs.iter_mut().zip(&row[..given]) {
        let missing = value.is_nan();
        slots[0] = if missing { f32::NEG_INFINITY } else { *value };
        slots[1] = if missing { f32::INFINITY } else { *value };
    }
    for slots in pairs.iter_mut().take(plan.width).skip(given) {
        *slots = [f32::NEG_INFINITY, f32::INFINITY];
    }
    for Categorical { feature, first, sets, categories, answers } in &plan.categorical {
        let value = row.get(*feature).copied().unwrap_or(f32::NAN);
        // The whole part counts; what is in no set stands behind all that are, and missing behind that.
        let category = match value {
            value if value.is_nan() => categories + 1,
            value if value > -1.0 => (value as usize).min(*categories),
            _ => *categories,
        };
        slots[*first..first + sets].copy_from_slice(&answers[category * sets..][..*sets]);
    }
    slots
}

impl Forest {
    pub(super) fn walk(&self, row: &[f32]) -> f64 {
        match self.plan.slots {
            0..=256 => self.walk_prepared(&prepare::<256>(row, &self.plan), row),
            257..=1024 => self.walk_prepared(&prepare::<1024>(row, &self.plan), row),
            1025..=2048 => self.walk_prepared(&prepare::<2048>(row, &self.plan), row),
            2049..=WIDEST => self.walk_prepared(&prepare::<WIDEST>(row, &self.plan), row),
            _ => self.roots.iter().fold(self.base, |total, root| self.add(total, &[self.descend(*root, row)])),
        }
    }

    #[inline]
    fn walk_prepared<const N: usize>(&self, slots: &[f32; N], row: &[f32]) -> f64 {
        let mut total = self.base;
        for (block, roots) in self.plan.blocks.iter().zip(self.roots.chunks(BLOCK)) {
            let mut leaves = [0.0; BLOCK];
            for group in block {
                if group.asked {
                    for place in &group.places {
                        leaves[usize::from(*place) % BLOCK] = self.descend(roots[usize::from(*place)], row);
                    }
                    continue;
                }
                for (place, at) in group.places.iter().zip(lockstep(&self.plan.nodes, group, slots)) {
                    let leaf = self.plan.nodes[at as usize].slot;
                    leaves[usize::from(*place) % BLOCK] = self.plan.leaves[leaf as usize];
                }
            }
            total = self.add(total, &leaves[..roots.len()]);
        }
        total
    }

    fn add(&self, total: f64, leaves: &[f64]) -> f64 {
        match self.sum {
            Sum::Double => leaves.iter().fold(total, |total, leaf| total + leaf),
            Sum::Single => f64::from(leaves.iter().fold(total as f32, |total, leaf| total + *leaf as f32)),
        }
    }

    fn descend(&self, root: u32, row: &[f32]) -> f64 {
        let mut at = root;
        while !self.nodes[at as usize].is_leaf(at) {
            at = self.next(at, row);
        }
        self.values[at as usize]
    }
}

/// The leaves of a group's trees.
#[inline]
fn lockstep<const N: usize>(nodes: &[Node], group: &Group, slots: &[f32; N]) -> [u32; LANES] {
    let mut at = group.roots;
    for _ in 0..group.depth {
        for at in &mut at {
            let node = &nodes[*at as usize];
            *at = node.child + u32::from(slots[node.slot as usize & (N - 1)] >= node.threshold);
        }
    }
    at
}
