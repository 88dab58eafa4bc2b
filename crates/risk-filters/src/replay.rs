//! What a filter would have done over stored history: matches, workload against capacity, what it found and missed.
//!
//! The caller brings the rows in the order of their history; the filter runs through the code that decides live. A
//! [`Tally`] holds everything seen so far: it can be stored as JSON at any row and gone on with ([`Replay::row`]), or
//! parts can be tallied apart and merged. Validity dates and the sampling draw are left out, since a draft has not
//! begun and its share only thins the work: [`ReplayReport`] counts matches and tells the expected orders.
//!
//! ```
//! # use risk_filters::{Catalogue, FilterDefinition, replay::{Capacity, Examined, Month, Replay, ReplayRow, Tally}};
//! # fn over(draft: &FilterDefinition, history: Vec<(customs::Declaration, Option<Examined>)>) -> Result<(), risk_filters::FilterError> {
//! let replay = Replay::new(draft, &Catalogue::standard())?;
//! let mut tally = Tally::default();
//! for (declaration, examined) in &history {
//!     let row = ReplayRow { month: Month { year: 2026, month: 3 }, ..ReplayRow::of(declaration, *examined) };
//!     replay.row(&mut tally, &row);
//! }
//! let report = replay.report(&tally, &Capacity::default());
//! # let _ = (report.declarations, tally.declarations()); Ok(()) }
//! ```
//!
//! Only examined consignments tell what was there, and they were not examined by chance. So shares weigh each by the
//! inverse of its logged probability of selection; a row without that probability counts in the plain numbers only.

mod report;
mod tally;

use customs::{Declaration, OfficeCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Catalogue, FilterDefinition, FilterError, FilterInput, FilterSet, FilterState, Vocabulary};
pub use report::{Capacity, Examinations, Example, ExampleKind, MonthOfOffice, ReplayReport};
pub use tally::Tally;

/// A calendar month where the office is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: i8,
}

impl Month {
    /// The month of a day.
    pub fn of(day: jiff::civil::Date) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// The month of a moment in a time zone by its IANA name; of UTC when the zone is not known.
    pub fn of_moment(at: Timestamp, time_zone: &str) -> Self {
        let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        Self::of(zone.to_datetime(at).date())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parsed = text.split_once('-').and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        match parsed {
            Some((year, month)) if (1..=12).contains(&month) => Ok(Self { year, month }),
            _ => Err("a month is written as 2026-03"),
        }
    }
}

/// What an examination of a declaration showed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Examined {
    /// Whether anything was found.
    pub found: bool,
    /// The logged probability with which it had been selected, 0 < p ≤ 1; none where nobody logged it (history of
    /// another system).
    pub probability: Option<f64>,
}

/// One declaration of the past.
#[derive(Clone, Copy, Debug)]
pub struct ReplayRow<'a> {
    /// The declaration with its notes and the vectors that it had then.
    pub input: FilterInput<'a>,
    /// The office that handled it.
    pub office: &'a OfficeCode,
    /// The month in which it was accepted.
    pub month: Month,
    /// The outcome, when it was examined.
    pub examined: Option<Examined>,
}

impl<'a> ReplayRow<'a> {
    /// A row without notes and features, in the month of its acceptance (UTC).
    pub fn of(declaration: &'a Declaration, examined: Option<Examined>) -> Self {
        Self {
            input: FilterInput { declaration, notes: &[], features: &[] },
            office: &declaration.office,
            month: Month::of_moment(declaration.acceptance_date_time, "UTC"),
            examined,
        }
    }
}

/// A filter ready to run over history.
#[derive(Debug)]
pub struct Replay {
    definition: FilterDefinition,
    set: FilterSet,
}

impl Replay {
    /// Compiles `definition`, whatever its state and dates.
    pub fn new(definition: &FilterDefinition, catalogue: &Catalogue) -> Result<Self, FilterError> {
        Self::with(definition, &Vocabulary::from(catalogue))
    }

    /// As [`Replay::new`], with named lists: their entries are those of the moment at which a declaration was accepted.
    pub fn with(definition: &FilterDefinition, vocabulary: &Vocabulary<'_>) -> Result<Self, FilterError> {
        let timeless = FilterDefinition {
            state: FilterState::Active,
            sampling_share: 1.0,
            valid_from: Timestamp::MIN,
            valid_to: None,
            ..definition.clone()
        };
        let (set, errors) = FilterSet::compile_with(std::slice::from_ref(&timeless), vocabulary);
        match errors.into_iter().next() {
            None => Ok(Self { definition: definition.clone(), set }),
            Some(error) => Err(error),
        }
    }

    /// The definition as it was given.
    pub fn definition(&self) -> &FilterDefinition {
        &self.definition
    }

    /// Tallies one declaration; whether the filter matched it.
    pub fn row(&self, tally: &mut Tally, row: &ReplayRow<'_>) -> bool {
        let mut matches = 0;
        let mut first = None;
        self.set.each_match(&row.input, row.input.declaration.acceptance_date_time, row.office, |matched| {
            matches += 1;
            if first.is_none() && tally.wants_example(row, true) {
                first = Some((matched.item(), matched.because()));
            }
        });
        tally.add(row, matches, first);
        matches > 0
    }

    /// Tallies rows one after the other.
    pub fn rows<'a>(&self, tally: &mut Tally, rows: impl IntoIterator<Item = ReplayRow<'a>>) {
        for row in rows {
            self.row(tally, &row);
        }
    }

    /// What the rows tallied so far say.
    pub fn report(&self, tally: &Tally, capacity: &Capacity) -> ReplayReport {
        report::report(&self.definition, tally, capacity)
    }
}

#[cfg(test)]
mod tests;
