//! Labelled rows: one per examined goods item, grouped by declaration and dated.

use std::collections::BTreeMap;

use crate::TrainError;

/// The fewest declarations with, and without, a finding that a model is trained on.
pub const MIN_GROUPS: usize = 10;

/// Columns of the CSV before the features.
pub const CSV_COLUMNS: [&str; 4] = ["_declaration", "_time", "_weight", "_finding"];

/// Rows to learn from. Columns of equal length except `rows`, which holds `names.len()` values per row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingSet {
    /// Hash of the feature contract that `names` and their meaning follow.
    pub contract_hash: String,
    /// Feature names, in the order of a row.
    pub names: Vec<String>,
    /// Feature values, row after row; NaN is missing.
    pub rows: Vec<f32>,
    /// Whether the examination found something.
    pub labels: Vec<bool>,
    /// How much a row counts: finite, 0 or more. The mean is normalised to 1.
    pub weights: Vec<f32>,
    /// The declaration a row belongs to. Its rows are never split between learning and judging.
    pub groups: Vec<u64>,
    /// When the declaration was lodged (microseconds since 1970). Folds are blocks of time.
    pub times: Vec<i64>,
}

impl TrainingSet {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of features.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The values of row `index`.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.rows[index * self.width()..(index + 1) * self.width()]
    }

    /// Adds a row.
    pub fn push(&mut self, values: &[f32], label: bool, weight: f32, group: u64, time: i64) {
        self.rows.extend_from_slice(values);
        self.labels.push(label);
        self.weights.push(weight);
        self.groups.push(group);
        self.times.push(time);
    }

    /// Declarations with and without a finding.
    pub fn group_labels(&self) -> (usize, usize) {
        let mut found: BTreeMap<u64, bool> = BTreeMap::new();
        for (group, label) in self.groups.iter().zip(&self.labels) {
            *found.entry(*group).or_default() |= label;
        }
        let with = found.values().filter(|found| **found).count();
        (with, found.len() - with)
    }

    /// Whether a model can be trained on it at all.
    pub fn check(&self) -> Result<(), TrainError> {
        self.check_shape()?;
        let (with, without) = self.group_labels();
        if with < MIN_GROUPS || without < MIN_GROUPS {
            return Err(TrainError::TooFewLabels { with, without });
        }
        Ok(())
    }

    /// Whether lengths belong together and values are ones that a model can take.
    pub fn check_shape(&self) -> Result<(), TrainError> {
        let rows = self.len();
        let shape = |what, got, expected| {
            if got == expected { Ok(()) } else { Err(TrainError::Shape { what, got, expected }) }
        };
        if self.names.is_empty() || self.names.len() > usize::from(u16::MAX) {
            return Err(TrainError::Shape { what: "names", got: self.names.len(), expected: 1 });
        }
        shape("rows", self.rows.len(), rows * self.width())?;
        shape("weights", self.weights.len(), rows)?;
        shape("groups", self.groups.len(), rows)?;
        shape("times", self.times.len(), rows)?;
        if let Some(at) = self.rows.iter().position(|value| value.is_infinite()) {
            let feature = self.names[at % self.width()].clone();
            return Err(TrainError::Infinite { feature, row: at / self.width() });
        }
        if let Some(row) = self.weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(TrainError::Weight { weight: self.weights[row], row });
        }
        Ok(())
    }

    /// As CSV: `_declaration`, `_time`, `_weight`, `_finding`, then the features by name; missing is empty. Numbers are
    /// written so that reading them as 32 bits gives the same.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |record: Vec<String>| writer.write_record(record).expect("memory takes every record");
        write(CSV_COLUMNS.iter().map(|name| (*name).to_owned()).chain(self.names.iter().cloned()).collect());
        for at in 0..self.len() {
            let finding = u8::from(self.labels[at]).to_string();
            let lead = [self.groups[at].to_string(), self.times[at].to_string(), self.weights[at].to_string(), finding];
            let missing_empty = |value: &f32| if value.is_nan() { String::new() } else { value.to_string() };
            write(lead.into_iter().chain(self.row(at).iter().map(missing_empty)).collect());
        }
        let bytes = writer.into_inner().expect("memory takes every record");
        String::from_utf8(bytes).expect("names and numbers are text")
    }

    /// The rows lodged after `time` (microseconds since 1970), whole declarations only: what a model that learned until
    /// then has not seen.
    pub fn after(&self, time: i64) -> Self {
        let mut first: BTreeMap<u64, i64> = BTreeMap::new();
        for (group, lodged) in self.groups.iter().zip(&self.times) {
            let entry = first.entry(*group).or_insert(*lodged);
            *entry = (*entry).min(*lodged);
        }
        let rows: Vec<usize> = (0..self.len()).filter(|row| first[&self.groups[*row]] > time).collect();
        self.subset(&rows)
    }

    /// The rows at `indices`, in that order.
    pub fn subset(&self, indices: &[usize]) -> Self {
        let mut subset =
            Self { contract_hash: self.contract_hash.clone(), names: self.names.clone(), ..Self::default() };
        subset.rows.reserve(indices.len() * self.width());
        for &index in indices {
            subset.push(
                self.row(index),
                self.labels[index],
                self.weights[index],
                self.groups[index],
                self.times[index],
            );
        }
        subset
    }

    /// The fold (0 to `folds` − 1) of every row: blocks of consecutive declarations in the order of (first time,
    /// group), so that a fold is judged by a model of other times, and no declaration is on both sides.
    pub fn blocks(&self, folds: usize) -> Vec<usize> {
        let mut first: BTreeMap<u64, i64> = BTreeMap::new();
        for (group, time) in self.groups.iter().zip(&self.times) {
            let entry = first.entry(*group).or_insert(*time);
            *entry = (*entry).min(*time);
        }
        let mut order: Vec<(i64, u64)> = first.into_iter().map(|(group, time)| (time, group)).collect();
        order.sort_unstable();
        let count = order.len().max(1);
        let fold: BTreeMap<u64, usize> =
            order.iter().enumerate().map(|(rank, (_, group))| (*group, rank * folds / count)).collect();
        self.groups.iter().map(|group| fold[group]).collect()
    }

    /// Weights with mean 1.
    pub(crate) fn normalised_weights(&self) -> Vec<f64> {
        let sum: f64 = self.weights.iter().map(|weight| f64::from(*weight)).sum();
        let scale = if sum > 0.0 { self.len() as f64 / sum } else { 1.0 };
        self.weights.iter().map(|weight| f64::from(*weight) * scale).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use rand_xoshiro::{
        Xoshiro256PlusPlus,
        rand_core::{RngCore, SeedableRng},
    };

    use super::*;

    /// A tenth positives, told by an interaction of the first two features and a little by the third; some missing.
    pub(crate) fn interacting(rows: usize, width: usize, seed: u64) -> TrainingSet {
        labelled(rows, width, seed, 1.0)
    }

    /// Labels that no feature tells.
    pub(crate) fn null(rows: usize, width: usize, seed: u64) -> TrainingSet {
        labelled(rows, width, seed, 0.0)
    }

    fn labelled(rows: usize, width: usize, seed: u64, strength: f64) -> TrainingSet {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut uniform = move || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut set = TrainingSet {
            contract_hash: "contract".into(),
            names: (0..width).map(|at| format!("feature{at}")).collect(),
            ..TrainingSet::default()
        };
        for row in 0..rows {
            let values: Vec<f32> = (0..width)
                .map(|at| {
                    let value = uniform() as f32;
                    if at > 2 && uniform() < 0.1 { f32::NAN } else { value }
                })
                .collect();
            let both = values[0] > 0.6 && values[1] > 0.6;
            let signal = if both { 3.5 } else { -0.4 } + f64::from(values[2] - 0.5);
            let p = crate::sigmoid(-2.4 + strength * signal);
            set.push(&values, uniform() < p, 1.0, (row / 2) as u64, 1_000_000 * row as i64);
        }
        set
    }

    #[test]
    fn a_declaration_is_never_split_between_blocks() {
        let set = interacting(101, 3, 1);
        let blocks = set.blocks(5);
        for pair in blocks.chunks(2) {
            assert!(pair.iter().all(|block| *block == pair[0]));
        }
        assert!(blocks.is_sorted());
        assert_eq!(blocks.last(), Some(&4));
    }

    #[test]
    fn csv_reads_back_as_the_same_numbers() {
        let set = interacting(50, 6, 1);
        let text = set.to_csv();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().nth(4), Some("feature0"));
        for (at, record) in reader.records().enumerate() {
            let record = record.unwrap();
            assert_eq!(record[0].parse::<u64>().unwrap(), set.groups[at]);
            assert_eq!(&record[3] == "1", set.labels[at]);
            for (field, value) in record.iter().skip(4).zip(set.row(at)) {
                let read = if field.is_empty() { f32::NAN } else { field.parse().unwrap() };
                assert!(read.to_bits() == value.to_bits() || (read.is_nan() && value.is_nan()));
            }
        }
    }

    #[test]
    fn what_comes_after_a_time_is_whole_declarations() {
        let set = interacting(100, 3, 1);
        // Row 41 is later, but its declaration began at row 40.
        let later = set.after(40_000_000);
        assert_eq!(later.len(), 58);
        assert!(later.groups.iter().all(|group| *group > 20));
    }

    #[test]
    fn unusable_sets_are_refused_with_the_reason() {
        let mut set = interacting(400, 3, 1);
        set.rows[4] = f32::INFINITY;
        assert_eq!(set.check().unwrap_err().to_string(), "feature feature1 is infinite in row 1");
        let mut set = interacting(400, 3, 1);
        set.labels.fill(false);
        assert!(matches!(set.check(), Err(TrainError::TooFewLabels { with: 0, .. })));
        set.times.pop();
        assert!(matches!(set.check(), Err(TrainError::Shape { what: "times", .. })));
    }
}
