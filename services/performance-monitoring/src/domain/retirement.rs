//! When a filter should go: what speaks for retiring it, with the figures.
//!
//! A proposal for people, never an act. Only what was measured counts: a filter of which nothing is known is not
//! proposed for that alone.

use evidence::clopper_pearson;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rates::LEVEL;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// From when on something speaks for retirement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Days without any match, in force all the while.
    pub quiet_days: i64,
    /// Days since the last finding, or since the first match when there never was one, in force all the while.
    pub barren_days: i64,
    /// Examinations from which a yield or a lack of findings says something.
    pub least_examined: u64,
    /// Matches that acted from which redundancy says something.
    pub least_acted: u64,
    /// Share of these on which another filter acted as well.
    pub redundancy: f64,
    /// Verdicts of officers from which they say something.
    pub least_verdicts: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            quiet_days: 180,
            barren_days: 365,
            least_examined: 60,
            least_acted: 60,
            redundancy: 0.95,
            least_verdicts: 20,
        }
    }
}

/// What is known of a filter in force.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Record {
    /// Matches that acted.
    pub acted: u64,
    /// Of these, those on which no other filter acted.
    pub alone: u64,
    /// Matched declarations with a final physical examination.
    pub examined: u64,
    /// Of these, with a standing finding.
    pub findings: u64,
    /// Officers who found no reason for the targeting.
    pub unjustified: u64,
    /// All officers who said something.
    pub verdicts: u64,
    /// Since when its version is in force, microseconds.
    pub since: Option<i64>,
    /// The first match, microseconds.
    pub first_match: Option<i64>,
    /// The last match, microseconds.
    pub last_match: Option<i64>,
    /// When the last finding became known, microseconds.
    pub last_finding: Option<i64>,
}

/// What speaks for retirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// Nothing matched for long.
    Quiet,
    /// Nothing was found for long.
    Barren,
    /// Drawing at random finds more.
    BelowRandom,
    /// Examinations that models order find more: the capacity would bring more there.
    BelowModel,
    /// Other filters act on the same declarations.
    Redundant,
    /// Officers see no reason for the targeting.
    Unjustified,
}

/// A reason with its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// What speaks for it.
    pub code: ReasonCode,
    /// In words, with the figures.
    pub message: String,
}

/// What a filter is compared with: physical examinations, and those with a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Of the random stratum.
    pub random: (u64, u64),
    /// Ordered by models.
    pub model: (u64, u64),
}

/// Everything that speaks for retiring a filter at `now`.
pub fn reasons(record: &Record, others: &Others, now: i64, limits: &Thresholds) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |code, message| reasons.push(Reason { code, message });
    let days = |since: i64| now.saturating_sub(since) / DAY;

    // What a version did not match or find before it was in force speaks against nothing.
    if let Some(since) = record.last_match.max(record.since).filter(|since| days(*since) >= limits.quiet_days) {
        add(ReasonCode::Quiet, format!("no match for {} days", days(since)));
    }
    let last = record.last_finding.or(record.first_match).max(record.since);
    if record.examined >= limits.least_examined
        && let Some(last) = last.filter(|last| days(*last) >= limits.barren_days)
    {
        add(ReasonCode::Barren, format!("no finding for {} days, in {} examinations", days(last), record.examined));
    }
    let high = 100.0 * clopper_pearson(record.findings as f64, record.examined as f64, LEVEL).high;
    let better = |(examined, found): (u64, u64)| {
        let rate = 100.0 * found as f64 / examined as f64;
        (record.examined.min(examined) >= limits.least_examined && high < rate).then_some(rate)
    };
    if let Some(chance) = better(others.random) {
        let message =
            format!("at most {high:.1} % of its examinations find something, of those drawn at random {chance:.1} %");
        add(ReasonCode::BelowRandom, message);
    }
    if let Some(model) = better(others.model) {
        let message =
            format!("at most {high:.1} % of its examinations find something, of those ordered by models {model:.1} %");
        add(ReasonCode::BelowModel, message);
    }
    if record.acted >= limits.least_acted {
        let shared = 1.0 - record.alone as f64 / record.acted as f64;
        if shared >= limits.redundancy {
            let message = format!("another filter acted on {:.0} % of what it acted on", 100.0 * shared);
            add(ReasonCode::Redundant, message);
        }
    }
    if record.verdicts >= limits.least_verdicts {
        let low = clopper_pearson(record.unjustified as f64, record.verdicts as f64, LEVEL).low;
        if low > 0.5 {
            let message = format!("{} of {} officers saw no reason for it", record.unjustified, record.verdicts);
            add(ReasonCode::Unjustified, message);
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tenth of what is drawn at random is found out, and a quarter of what models order.
    const OTHERS: Others = Others { random: (200, 20), model: (200, 50) };

    fn codes(record: &Record, now_days: i64) -> Vec<ReasonCode> {
        let found = reasons(record, &OTHERS, now_days * DAY, &Thresholds::default());
        found.into_iter().map(|reason| reason.code).collect()
    }

    fn good() -> Record {
        Record {
            acted: 100,
            alone: 60,
            examined: 80,
            findings: 20,
            unjustified: 3,
            verdicts: 25,
            since: Some(0),
            first_match: Some(DAY),
            last_match: Some(100 * DAY),
            last_finding: Some(99 * DAY),
        }
    }

    #[test]
    fn a_filter_that_brings_something_stays() {
        assert_eq!(codes(&good(), 110), []);
        assert_eq!(codes(&Record { since: Some(0), ..Record::default() }, 100), []);
    }

    #[test]
    fn each_reason_needs_its_own_figures() {
        use ReasonCode::{Barren, BelowModel, BelowRandom, Quiet, Redundant, Unjustified};
        assert_eq!(codes(&good(), 280), [Quiet]);
        assert_eq!(codes(&Record { since: Some(0), ..Record::default() }, 180), [Quiet]);
        assert_eq!(codes(&Record { last_match: Some(470 * DAY), ..good() }, 470), [Barren]);
        assert_eq!(codes(&Record { findings: 1, ..good() }, 110), [BelowRandom, BelowModel]);
        assert_eq!(codes(&Record { findings: 10, ..good() }, 110), [BelowModel]);
        assert_eq!(codes(&Record { alone: 4, ..good() }, 110), [Redundant]);
        assert_eq!(codes(&Record { unjustified: 20, ..good() }, 110), [Unjustified]);
        // Too little is no reason.
        let thin = Record { examined: 10, findings: 0, acted: 10, alone: 0, unjustified: 5, verdicts: 5, ..good() };
        assert_eq!(codes(&thin, 110), []);
    }
}
