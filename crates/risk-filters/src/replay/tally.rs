//! Everything that a replay has seen so far.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use customs::OfficeCode;
use foldhash::quality::FixedState;
use serde::{Deserialize, Serialize};

use super::{Example, ExampleKind, Month, ReplayRow};
use crate::weighted::WeightedShare;

/// Examples kept of each kind.
const EXAMPLES: usize = 5;

/// What a replay has seen so far. Serialises, so that a replay can stop and go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    pub(super) months: BTreeMap<OfficeCode, BTreeMap<Month, Counts>>,
    pub(super) examined: Counted,
    /// Kept by the hash of the reference: the same examples whatever the order and the parts.
    pub(super) examples: BTreeMap<ExampleKind, BTreeMap<u64, Example>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub(super) declarations: u64,
    pub(super) items: u64,
    pub(super) matched_declarations: u64,
    /// Matches: of items, or of declarations for a filter on the whole.
    pub(super) matches: u64,
}

/// Of the examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counted {
    pub(super) examined: u64,
    pub(super) matched: u64,
    pub(super) found: u64,
    pub(super) missed: u64,
    pub(super) without_probability: u64,
    /// Share of findings among the matched.
    pub(super) yielded: WeightedShare,
    /// Share of findings among the others.
    pub(super) rest: WeightedShare,
    /// Share of the matched among the findings.
    pub(super) covered: WeightedShare,
}

/// The item of the first match, by sequence, and why it matched.
pub(super) type First = (Option<u32>, Vec<(String, String)>);

impl Tally {
    /// Declarations seen.
    pub fn declarations(&self) -> u64 {
        self.counts().map(|counts| counts.declarations).sum()
    }

    /// Items seen.
    pub fn items(&self) -> u64 {
        self.counts().map(|counts| counts.items).sum()
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = &Counts> {
        self.months.values().flat_map(BTreeMap::values)
    }

    pub(super) fn add(&mut self, row: &ReplayRow<'_>, matches: usize, first: Option<First>) {
        let declaration = row.input.declaration;
        let matched = matches > 0;
        if !self.months.contains_key(row.office) {
            self.months.insert(row.office.clone(), BTreeMap::new());
        }
        if let Some(months) = self.months.get_mut(row.office) {
            let counts = months.entry(row.month).or_default();
            counts.declarations += 1;
            counts.items += declaration.items.len() as u64;
            counts.matched_declarations += u64::from(matched);
            counts.matches += matches as u64;
        }
        if let Some(examined) = row.examined {
            self.examined.add(matched, examined.found, examined.probability);
        }
        let Some((kind, key)) = self.example(row, matched) else { return };
        let kept = self.examples.entry(kind).or_default();
        let (item, because) = first.unwrap_or_default();
        let (reference, office) = (declaration.reference.clone(), row.office.clone());
        kept.insert(key, Example { kind, reference, office, month: row.month, item, because });
        shorten(kept);
    }

    /// Whether the row would be kept as an example.
    pub(super) fn wants_example(&self, row: &ReplayRow<'_>, matched: bool) -> bool {
        self.example(row, matched).is_some()
    }

    /// The kind and key of the row as an example, when it would be kept.
    fn example(&self, row: &ReplayRow<'_>, matched: bool) -> Option<(ExampleKind, u64)> {
        let kind = match (matched, row.examined.map(|examined| examined.found)) {
            (true, Some(true)) => ExampleKind::Found,
            (true, Some(false)) => ExampleKind::Nothing,
            (true, None) => ExampleKind::NotExamined,
            (false, Some(true)) => ExampleKind::Missed,
            (false, _) => return None,
        };
        let declaration = row.input.declaration;
        let key = FixedState::with_seed(0).hash_one((&declaration.declarant.id, &declaration.reference));
        let full = self.examples.get(&kind).filter(|kept| kept.len() == EXAMPLES);
        let last = full.and_then(|kept| kept.last_key_value());
        last.is_none_or(|(last, _)| key < *last).then_some((kind, key))
    }

    /// Adds what another part of the history showed. Sums of weights are of the order of the parts.
    pub fn merge(&mut self, other: &Self) {
        for (office, months) in &other.months {
            let ours = self.months.entry(office.clone()).or_default();
            for (month, counts) in months {
                let sum = ours.entry(*month).or_default();
                sum.declarations += counts.declarations;
                sum.items += counts.items;
                sum.matched_declarations += counts.matched_declarations;
                sum.matches += counts.matches;
            }
        }
        self.examined.merge(&other.examined);
        for (kind, examples) in &other.examples {
            let ours = self.examples.entry(*kind).or_default();
            ours.extend(examples.iter().map(|(key, example)| (*key, example.clone())));
            shorten(ours);
        }
    }
}

fn shorten(kept: &mut BTreeMap<u64, Example>) {
    while kept.len() > EXAMPLES {
        kept.pop_last();
    }
}

impl Counted {
    fn add(&mut self, matched: bool, found: bool, probability: Option<f64>) {
        self.examined += 1;
        self.matched += u64::from(matched);
        self.found += u64::from(matched && found);
        self.missed += u64::from(!matched && found);
        let Some(probability) = probability.filter(|p| *p > 0.0 && *p <= 1.0) else {
            self.without_probability += 1;
            return;
        };
        if matched { &mut self.yielded } else { &mut self.rest }.add(found, probability);
        if found {
            self.covered.add(matched, probability);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.examined += other.examined;
        self.matched += other.matched;
        self.found += other.found;
        self.missed += other.missed;
        self.without_probability += other.without_probability;
        self.yielded.merge(&other.yielded);
        self.rest.merge(&other.rest);
        self.covered.merge(&other.covered);
    }
}
