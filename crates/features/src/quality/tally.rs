//! Counts by source and field.

use std::collections::BTreeMap;

use customs::Declaration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::quality::field::{Field, Observation};
use crate::quality::reference::Usual;

/// Sources of one kind with counts of their own; the next ones count together under [`OTHERS`].
const MAX_SOURCES: usize = 4_096;
/// Stands for sources beyond the most that are kept.
const OTHERS: &str = "*";

/// Whom a declaration came from or through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SourceKind {
    /// The declarant, by its identifier.
    Declarant,
    /// The office, by its code.
    Office,
    /// The format or channel it came through.
    Profile,
}

/// What was counted of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// How often it could have been filled, or could have come in time.
    pub observed: u64,
    /// Empty.
    pub missing: u64,
    /// A code that never stood there in the reference period.
    pub unseen: u64,
    /// A number beyond the quantiles of the reference period.
    pub out_of_range: u64,
    /// Came after it was due.
    pub late: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.observed += other.observed;
        self.missing += other.missing;
        self.unseen += other.unseen;
        self.out_of_range += other.out_of_range;
        self.late += other.late;
    }

    /// Everything that is wrong.
    fn flaws(&self) -> u64 {
        self.missing + self.unseen + self.out_of_range + self.late
    }
}

/// Counts of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally {
    sources: BTreeMap<SourceKind, BTreeMap<String, BTreeMap<Field, Counts>>>,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityRow {
    /// Kind of the source.
    pub kind: SourceKind,
    /// The source; `*` for those that are too many to tell apart.
    #[schema(example = "118")]
    pub source: String,
    /// The field.
    pub field: Field,
    /// What was counted.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Tally {
    /// Counts for each of `sources` what [`observe`](crate::quality::observe) saw in a declaration, against what was
    /// usual.
    pub fn declaration<'s>(
        &mut self,
        sources: impl IntoIterator<Item = (SourceKind, &'s str)>,
        seen: &[(Field, Observation)],
        usual: &Usual,
    ) {
        let mut own: BTreeMap<Field, Counts> = BTreeMap::new();
        for (field, observation) in seen {
            let counts = own.entry(*field).or_default();
            counts.observed += 1;
            match observation {
                Observation::Missing => counts.missing += 1,
                Observation::Present => {}
                Observation::Code(code) => counts.unseen += u64::from(usual.is_unseen(*field, *code)),
                Observation::Number(value) => {
                    let range = usual.range(*field);
                    let beyond = range.is_some_and(|range| *value < range.low || *value >= range.high);
                    counts.out_of_range += u64::from(beyond);
                }
            }
        }
        for (kind, source) in sources {
            self.count(kind, source, &own);
        }
    }

    /// Counts for each of `sources` that `what` arrived, in time or late: a declaration after the goods it announces, a
    /// result after its due time.
    pub fn arrival<'s>(&mut self, sources: impl IntoIterator<Item = (SourceKind, &'s str)>, what: Field, late: bool) {
        let counts = BTreeMap::from([(what, Counts { observed: 1, late: u64::from(late), ..Counts::default() })]);
        for (kind, source) in sources {
            self.count(kind, source, &counts);
        }
    }

    /// Adds another period, or another part of the same. In any order, as long as no kind has more than 4,096 sources.
    pub fn merge(&mut self, other: &Self) {
        for (kind, by_source) in &other.sources {
            for (source, counts) in by_source {
                self.count(*kind, source, counts);
            }
        }
    }

    /// The report: fields observed at least `least` times that have a flaw, the worst share of flaws first.
    pub fn rows(&self, least: u64) -> Vec<QualityRow> {
        let mut rows: Vec<QualityRow> = Vec::new();
        for (kind, by_source) in &self.sources {
            for (source, fields) in by_source {
                let flawed = fields.iter().filter(|(_, counts)| counts.observed >= least && counts.flaws() > 0);
                rows.extend(flawed.map(|(field, counts)| QualityRow {
                    kind: *kind,
                    source: source.clone(),
                    field: *field,
                    counts: *counts,
                }));
            }
        }
        // Shares are compared crosswise, without rounding; rows of equal share keep the order of their sources.
        let weight =
            |row: &QualityRow, other: &QualityRow| u128::from(row.counts.flaws()) * u128::from(other.counts.observed);
        rows.sort_by(|a, b| weight(b, a).cmp(&weight(a, b)));
        rows
    }

    /// What was counted of a field of a source.
    pub fn counts(&self, kind: SourceKind, source: &str, field: Field) -> Counts {
        let fields = self.sources.get(&kind).and_then(|sources| sources.get(source));
        fields.and_then(|fields| fields.get(&field)).copied().unwrap_or_default()
    }

    /// Counts what was counted for `source` for `other` from now on. Whether there was anything.
    pub fn rename(&mut self, kind: SourceKind, source: &str, other: &str) -> bool {
        let counts = self.sources.get_mut(&kind).and_then(|by_source| by_source.remove(source));
        if let Some(counts) = &counts {
            self.count(kind, other, counts);
        }
        counts.is_some()
    }

    fn count(&mut self, kind: SourceKind, source: &str, counts: &BTreeMap<Field, Counts>) {
        let by_source = self.sources.entry(kind).or_default();
        let full = by_source.len() >= MAX_SOURCES && !by_source.contains_key(source);
        let fields = by_source.entry(if full { OTHERS } else { source }.to_owned()).or_default();
        for (field, counts) in counts {
            fields.entry(*field).or_default().add(counts);
        }
    }
}

/// Whom a declaration that came through `profile` came from.
pub fn sources<'a>(declaration: &'a Declaration, profile: &'a str) -> [(SourceKind, &'a str); 3] {
    [
        (SourceKind::Declarant, declaration.declarant.id.as_str()),
        (SourceKind::Office, declaration.office.as_str()),
        (SourceKind::Profile, profile),
    ]
}
