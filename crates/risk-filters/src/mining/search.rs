//! The search: conditions that look promising in the half that may be looked at.

use std::collections::BTreeMap;

use super::{
    Settings,
    groups::Groups,
    table::{Cells, Examples, Selector, Test},
};

/// Values of a text column that are tried, the most frequent first.
const VALUES: usize = 60;
/// Thresholds of a number that are tried.
const THRESHOLDS: usize = 9;
/// Fewest findings that a condition must match.
const LEAST_FOUND: u32 = 3;
/// Share of common rows (of both together) from which two conditions count as one.
const SAME: f64 = 0.7;

/// What sums of equal weights may be off an integer.
const ROUNDING: f64 = 1e-6;

/// A condition that looked promising.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) tests: Vec<Test>,
    /// Positions of its selectors, ascending: what it is compared by.
    selectors: Vec<usize>,
    rows: Vec<u64>,
    score: f64,
}

/// The rows that are searched.
struct Scored {
    found: Vec<bool>,
    probability: Vec<Option<f64>>,
    /// Yield of all rows of each group.
    rates: [f64; 2],
    least: usize,
}

impl Scored {
    fn new(examples: &Examples, rows: &[usize], settings: &Settings) -> Self {
        let mut all = Groups::default();
        for row in rows {
            all.add(examples.found[*row], examples.probability[*row]);
        }
        Self {
            found: rows.iter().map(|row| examples.found[*row]).collect(),
            probability: rows.iter().map(|row| examples.probability[*row]).collect(),
            rates: all.each().map(|group| group.proportion().map_or(0.0, |share| share.estimate)),
            least: settings.least_support.max(1),
        }
    }

    /// How far the yield of `rows` is above that of all rows of the same group, over both groups in standard errors;
    /// none when too few say so, counted as rows that weigh alike.
    fn score(&self, rows: &[u64]) -> Option<f64> {
        let count: u32 = rows.iter().map(|word| word.count_ones()).sum();
        if (count as usize) < self.least {
            return None;
        }
        let (mut groups, mut found) = (Groups::default(), 0);
        for row in ones(rows) {
            groups.add(self.found[row], self.probability[row]);
            found += u32::from(self.found[row]);
        }
        let (mut effective, mut excess, mut variance) = (0.0, 0.0, 0.0);
        for (group, rate) in groups.each().into_iter().zip(self.rates) {
            let Some(share) = group.proportion() else { continue };
            effective += share.n_effective;
            excess += share.n_effective * (share.estimate - rate);
            variance += share.n_effective * rate * (1.0 - rate);
        }
        let enough = found >= LEAST_FOUND && effective + ROUNDING >= self.least as f64;
        (enough && variance > 0.0).then(|| excess / variance.sqrt())
    }
}

fn ones(rows: &[u64]) -> impl Iterator<Item = usize> + '_ {
    rows.iter()
        .enumerate()
        .flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
}

/// The best conditions among those tried over `rows`, and how many were tried.
pub(super) fn search(examples: &Examples, rows: &[usize], settings: &Settings) -> (Vec<Candidate>, u64) {
    let scored = Scored::new(examples, rows, settings);
    let selectors: Vec<(Test, Vec<u64>)> = selectors(examples, rows, scored.least)
        .into_iter()
        .map(|test| {
            let mut bits = vec![0; rows.len().div_ceil(64)];
            for (at, row) in rows.iter().enumerate() {
                bits[at / 64] |= u64::from(examples.matches(*row, &test)) << (at % 64);
            }
            (test, bits)
        })
        .collect();
    let mut tried = 0;
    let mut all: BTreeMap<Vec<usize>, Candidate> = BTreeMap::new();
    let everything = Candidate {
        tests: Vec::new(),
        selectors: Vec::new(),
        rows: vec![u64::MAX; rows.len().div_ceil(64)],
        score: 0.0,
    };
    let mut beam = vec![everything];
    for _ in 0..settings.depth {
        let mut next: BTreeMap<Vec<usize>, Candidate> = BTreeMap::new();
        for parent in &beam {
            for (at, (test, bits)) in selectors.iter().enumerate() {
                if parent.tests.iter().any(|known| excludes(known, test)) {
                    continue;
                }
                let mut key = parent.selectors.clone();
                key.insert(key.partition_point(|known| *known < at), at);
                if next.contains_key(&key) {
                    continue;
                }
                tried += 1;
                let rows: Vec<u64> = parent.rows.iter().zip(bits).map(|(a, b)| a & b).collect();
                // A test that does not sharpen the condition only makes it longer.
                if let Some(score) = scored.score(&rows).filter(|score| *score > parent.score) {
                    let mut tests = parent.tests.clone();
                    tests.push(*test);
                    next.insert(key.clone(), Candidate { tests, selectors: key, rows, score });
                }
            }
        }
        let mut best: Vec<Candidate> = next.into_values().collect();
        best.sort_by(better);
        best.truncate(settings.beam);
        for candidate in &best {
            all.insert(candidate.selectors.clone(), candidate.clone());
        }
        beam = best;
    }
    let mut best: Vec<Candidate> = all.into_values().collect();
    best.sort_by(better);
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in best {
        if kept.len() == settings.judged {
            break;
        }
        if kept.iter().all(|other| overlap(&other.rows, &candidate.rows) < SAME) {
            kept.push(candidate);
        }
    }
    (kept, tried)
}

/// The higher score first; of equal ones the shorter, then the earlier.
fn better(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then(a.tests.len().cmp(&b.tests.len())).then(a.selectors.cmp(&b.selectors))
}

/// Whether the second test says nothing new, or nothing possible, after the first.
fn excludes((column, known): &Test, (other, test): &Test) -> bool {
    column == other
        && !matches!(
            (known, test),
            (Selector::AtLeast(_), Selector::AtMost(_)) | (Selector::AtMost(_), Selector::AtLeast(_))
        )
}

fn overlap(a: &[u64], b: &[u64]) -> f64 {
    let (mut both, mut either) = (0, 0);
    for (a, b) in a.iter().zip(b) {
        both += (a & b).count_ones();
        either += (a | b).count_ones();
    }
    f64::from(both) / f64::from(either.max(1))
}

/// Tests that at least `least` rows pass.
fn selectors(examples: &Examples, rows: &[usize], least: usize) -> Vec<Test> {
    let mut made = Vec::new();
    for (column, cells) in examples.columns.iter().enumerate() {
        match cells {
            Cells::Text { numbers, dictionary, .. } => {
                let mut counts = vec![0_usize; dictionary.len()];
                for number in rows.iter().filter_map(|row| numbers[*row]) {
                    counts[number as usize] += 1;
                }
                let mut frequent: Vec<usize> = (0..counts.len()).filter(|number| counts[*number] >= least).collect();
                frequent.sort_by_key(|number| (std::cmp::Reverse(counts[*number]), &dictionary[*number]));
                made.extend(frequent.into_iter().take(VALUES).map(|number| (column, Selector::Is(number as u32))));
            }
            Cells::Number(numbers) | Cells::Whole(numbers) => {
                let mut sorted: Vec<f64> =
                    rows.iter().map(|row| numbers[*row]).filter(|number| number.is_finite()).collect();
                sorted.sort_by(f64::total_cmp);
                let mut last = None;
                for step in 1..=THRESHOLDS {
                    let Some(threshold) = sorted.get(sorted.len() * step / (THRESHOLDS + 1)).copied() else { break };
                    if last != Some(threshold.to_bits()) {
                        made.push((column, Selector::AtLeast(threshold)));
                        made.push((column, Selector::AtMost(threshold)));
                    }
                    last = Some(threshold.to_bits());
                }
            }
            Cells::Boolean(_) => made.extend([true, false].map(|value| (column, Selector::Yes(value)))),
        }
    }
    made
}
