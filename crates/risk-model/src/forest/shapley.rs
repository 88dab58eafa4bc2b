//! Exact path-dependent `TreeSHAP` (Lundberg, Erion and Lee 2018, algorithm 2).
//!
//! What a feature's knowledge is worth over all orders in which features become known, where what is not known is
//! averaged by how many rows went either way. Some hundred times the work of a score: for what is asked about, not for
//! every row.

use super::Forest;

/// One feature on the way from the root, with the shares of the ways on which it is unknown or known.
#[derive(Clone, Copy, Debug)]
struct Step {
    feature: usize,
    /// Share of the cover that goes this way when the feature is unknown.
    unknown: f64,
    /// 1 when the row goes this way, else 0.
    known: f64,
    /// Summed weight of the subsets of each size.
    weight: f64,
}

/// The root's feature.
const NONE: usize = usize::MAX;

impl Forest {
    /// The expected margin, and what each of `width` features adds; together they are the margin.
    pub fn shapley(&self, row: &[f32], width: usize) -> (f64, Vec<f64>) {
        let mut by_feature = vec![0.0; width];
        let mut start = self.base;
        for root in &self.roots {
            start += self.expectation(*root);
            let entered = Step { feature: NONE, unknown: 1.0, known: 1.0, weight: 0.0 };
            self.descend_all(*root, row, &[], entered, &mut by_feature);
        }
        (start, by_feature)
    }

    /// The mean of a tree's leaves by their cover.
    pub(crate) fn expectation(&self, root: u32) -> f64 {
        let (mut sum, mut open) = (0.0, vec![(root, 1.0)]);
        while let Some((at, share)) = open.pop() {
            let node = &self.nodes[at as usize];
            if node.is_leaf(at) {
                sum += share * self.values[at as usize];
            } else {
                let (left, right) = self.shares(at);
                open.extend([(node.child, share * left), (node.child + 1, share * right)]);
            }
        }
        sum
    }

    /// Shares of a split's cover that go left and right; halves when it has none.
    fn shares(&self, at: u32) -> (f64, f64) {
        let child = self.nodes[at as usize].child as usize;
        let (left, right) = (self.covers[child], self.covers[child + 1]);
        let total = left + right;
        if total > 0.0 { (left / total, right / total) } else { (0.5, 0.5) }
    }

    fn descend_all(&self, at: u32, row: &[f32], above: &[Step], entered: Step, by_feature: &mut [f64]) {
        let mut path = above.to_vec();
        extend(&mut path, entered);
        let node = &self.nodes[at as usize];
        if node.is_leaf(at) {
            for place in 1..path.len() {
                let step = path[place];
                let weight = unwound_sum(&path, place);
                by_feature[step.feature] += weight * (step.known - step.unknown) * self.values[at as usize];
            }
            return;
        }
        let (left, right) = self.shares(at);
        let hot = self.next(at, row);
        let (cold, hot_share, cold_share) =
            if hot == node.child { (node.child + 1, left, right) } else { (node.child, right, left) };
        let (mut unknown, mut known) = (1.0, 1.0);
        if let Some(place) = (1..path.len()).find(|place| path[*place].feature == node.feature()) {
            (unknown, known) = (path[place].unknown, path[place].known);
            unwind(&mut path, place);
        }
        let step = |unknown, known| Step { feature: node.feature(), unknown, known, weight: 0.0 };
        self.descend_all(hot, row, &path, step(unknown * hot_share, known), by_feature);
        self.descend_all(cold, row, &path, step(unknown * cold_share, 0.0), by_feature);
    }
}

fn extend(path: &mut Vec<Step>, entered: Step) {
    let depth = path.len();
    path.push(Step { weight: if depth == 0 { 1.0 } else { 0.0 }, ..entered });
    let count = (depth + 1) as f64;
    for at in (0..depth).rev() {
        path[at + 1].weight += entered.known * path[at].weight * (at + 1) as f64 / count;
        path[at].weight = entered.unknown * path[at].weight * (depth - at) as f64 / count;
    }
}

fn unwind(path: &mut Vec<Step>, place: usize) {
    let depth = path.len() - 1;
    let (known, unknown) = (path[place].known, path[place].unknown);
    let count = (depth + 1) as f64;
    let mut next = path[depth].weight;
    for at in (0..depth).rev() {
        if known == 0.0 {
            path[at].weight = path[at].weight * count / (unknown * (depth - at) as f64);
        } else {
            let kept = path[at].weight;
            path[at].weight = next * count / ((at + 1) as f64 * known);
            next = kept - path[at].weight * unknown * (depth - at) as f64 / count;
        }
    }
    for at in place..depth {
        let Step { feature, unknown, known, .. } = path[at + 1];
        path[at] = Step { feature, unknown, known, weight: path[at].weight };
    }
    path.pop();
}

/// The sum of the weights after unwinding `place`.
fn unwound_sum(path: &[Step], place: usize) -> f64 {
    let depth = path.len() - 1;
    let Step { known, unknown, .. } = path[place];
    let count = (depth + 1) as f64;
    let (mut next, mut sum) = (path[depth].weight, 0.0);
    for at in (0..depth).rev() {
        if known == 0.0 {
            if unknown > 0.0 {
                sum += path[at].weight * count / (unknown * (depth - at) as f64);
            }
        } else {
            let weight = next * count / ((at + 1) as f64 * known);
            sum += weight;
            next = path[at].weight - weight * unknown * (depth - at) as f64 / count;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Algorithm, BoostedParams,
        forest::tests::{drawn_forest, drawn_row},
        train,
        training_set::tests::interacting,
    };

    /// The margin expected when only the features in `known` (a bit each) are.
    fn expected(forest: &Forest, at: u32, row: &[f32], known: u32) -> f64 {
        let node = &forest.nodes[at as usize];
        if node.is_leaf(at) {
            return forest.values[at as usize];
        }
        if known >> node.feature() & 1 == 1 {
            return expected(forest, forest.next(at, row), row, known);
        }
        let (left, right) = forest.shares(at);
        left * expected(forest, node.child, row, known) + right * expected(forest, node.child + 1, row, known)
    }

    /// Shapley values by their definition, over all subsets.
    fn by_definition(forest: &Forest, row: &[f32], width: usize) -> Vec<f64> {
        let value = |known: u32| forest.roots.iter().map(|root| expected(forest, *root, row, known)).sum::<f64>();
        let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
        let all = width as u32;
        (0..all)
            .map(|feature| {
                (0..1_u32 << all)
                    .filter(|known| known >> feature & 1 == 0)
                    .map(|known| {
                        let size = known.count_ones();
                        let share = factorial(size) * factorial(all - size - 1) / factorial(all);
                        share * (value(known | 1 << feature) - value(known))
                    })
                    .sum()
            })
            .collect()
    }

    #[test]
    fn shapley_values_are_those_of_the_definition() {
        for seed in 0..40 {
            let forest = drawn_forest(seed, 4, 5, 3);
            for turn in 0..6 {
                let row = drawn_row(seed * 100 + turn, 5);
                let (start, ours) = forest.shapley(&row, 5);
                let theirs = by_definition(&forest, &row, 5);
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert!((ours - theirs).abs() < 1e-9, "seed {seed}: {ours} is not {theirs}");
                }
                let sum = start + ours.iter().sum::<f64>();
                assert!((sum - forest.margin(&row)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn trained_models_are_shared_out_completely() {
        let set = interacting(600, 8, 4);
        let deep = BoostedParams { max_depth: 6, trees: 30, ..BoostedParams::default() };
        for algorithm in [Algorithm::Boosted(deep), Algorithm::logistic(), Algorithm::online(), Algorithm::forest()] {
            let model = train(&algorithm, &set, 3).unwrap();
            for at in (0..set.len()).step_by(67) {
                let (start, by_feature) = model.shapley(set.row(at));
                let sum = start + by_feature.iter().sum::<f64>();
                assert!((sum - model.margin(set.row(at))).abs() < 1e-9, "{}", algorithm.as_str());
            }
        }
    }
}
