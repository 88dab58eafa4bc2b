//! Yields of two groups of rows that cannot be weighed against each other.
//!
//! A row that was selected with a known probability p stands for 1/p rows like it. A row whose probability nobody
//! logged (imported history, mostly) stands for itself and nobody knows how many others, so that 1/p of one row and 1
//! of another are not on one scale: a single row with p = 0.005 would outweigh two hundred of them. Each group
//! therefore has its own yield (Hájek's with the weights 1/p; the plain share without), and is compared with the rest
//! of the same group. What is told of both together counts each group by its effective rows (Kish: (Σw)² / Σw²), which
//! is what it is worth as evidence; no row then counts for more than one.

use crate::weighted::WeightedShare;

/// Sums of rows with a known probability of selection, and of rows without.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Groups([WeightedShare; 2]);

impl Groups {
    /// Counts a row.
    pub(super) fn add(&mut self, found: bool, probability: Option<f64>) {
        self.0[usize::from(probability.is_none())].add(found, probability.unwrap_or(1.0));
    }

    /// Of each group the sums; known probabilities first.
    pub(super) fn each(&self) -> [&WeightedShare; 2] {
        self.0.each_ref()
    }

    /// Effective rows of each group; 0 of an empty one.
    pub(super) fn effective(&self) -> [f64; 2] {
        self.each().map(|group| group.proportion().map_or(0.0, |share| share.n_effective))
    }

    /// Both groups together, each with `total` for the sum of its weights; a group without rows or total adds nothing.
    pub(super) fn together(&self, totals: [f64; 2]) -> WeightedShare {
        let mut all = WeightedShare::default();
        for (group, total) in self.0.iter().zip(totals).filter(|(_, total)| *total > 0.0) {
            all.merge(&group.weighing(total));
        }
        all
    }
}
