//! Judges policies with the truth in hand, on the same declarations and with the same capacity.
//!
//! Per office and local day every policy gets as many ordinary physical examinations as the system used. What a policy
//! would have found is counted in expectation (the detection probabilities of what it would have examined), so that the
//! comparison carries no luck beyond the world itself. The table policy learns from the same reports as the system.

mod policies;
mod rate_table;

use customs::{Channel, ControlId, Declaration, Method, NewResult, OfficeCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::{Truth, WorldSpec};
use policies::Case;
use rate_table::RateTable;

/// What happened to one declaration.
#[derive(Clone, Copy, Debug)]
pub struct Considered<'a> {
    /// The world's key.
    pub key: u64,
    /// What was lodged.
    pub declaration: &'a Declaration,
    /// What it hides.
    pub truth: &'a Truth,
    /// Local day of its office at acceptance, days since 1970-01-01.
    pub local_day: i32,
    /// The channel it was told.
    pub channel: Channel,
    /// Whether the system ordered an ordinary physical examination within the plan.
    pub ordinary_physical: bool,
    /// Whether an acting filter that asks for physical examination matched.
    pub filter_matched: bool,
}

/// A figure for each policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PerPolicy {
    /// What the system chose.
    pub system: f64,
    /// Any declarations.
    pub random: f64,
    /// Those that filters matched first, any others after them.
    pub filters: f64,
    /// The highest smoothed rate of findings by subheading and origin.
    pub table: f64,
    /// The highest true probability of detection.
    pub oracle: f64,
}

/// The judgement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Declarations considered.
    pub declarations: u64,
    /// Those that hide an offence.
    pub offences: u64,
    /// Ordinary physical examinations that every policy had.
    pub examinations: u64,
    /// Expected number of detections.
    pub detections: PerPolicy,
    /// Expected additional duty, US dollars.
    pub additional_duty: PerPolicy,
    /// Detections of the system over those of the random policy.
    pub lift: f64,
    /// Detections of the table over those of the random policy.
    pub table_lift: f64,
    /// Detections of the system over those of the table.
    pub ratio_to_table: f64,
    /// Detections of the system over those of the filters.
    pub ratio_to_filters: f64,
    /// Detections of the system over those of the oracle.
    pub share_of_oracle: f64,
    /// Area under the curve of the best possible score, over all declarations.
    pub bayes_auc: f64,
    /// Declarations old enough for every first report to be known.
    pub matured: u64,
    /// Share of matured green declarations in which a full physical examination would detect an offence, in expectation.
    pub green_non_compliance: f64,
    /// Number of matured green declarations.
    pub matured_green: u64,
    /// Share of the offences in matured declarations that no ordinary physical examination within the plan met.
    pub undetected_share: f64,
    /// Share of the offences in matured declarations that no standing finding established.
    pub unfound_share: f64,
}

/// The judge.
#[derive(Clone, Debug)]
pub struct Evaluation {
    maturity_seconds: i64,
    table: RateTable,
    offices: BTreeMap<OfficeCode, u32>,
    cases: Vec<Case>,
    by_key: BTreeMap<u64, usize>,
    found: BTreeMap<ControlId, u64>,
}

impl Evaluation {
    /// A judge for the world of `spec`.
    pub fn new(spec: &WorldSpec) -> Self {
        Self {
            maturity_seconds: (spec.delays.longest_days * 86_400.0) as i64,
            table: RateTable::new(spec.offence_rate),
            offices: BTreeMap::new(),
            cases: Vec::new(),
            by_key: BTreeMap::new(),
            found: BTreeMap::new(),
        }
    }

    /// A declaration was decided. Its table score is that of this moment: call in the order of time, after `learn` has
    /// had what was known by then.
    pub fn consider(&mut self, considered: &Considered<'_>) {
        let Considered { key, declaration, truth, .. } = *considered;
        let table_score = self.table.score_and_remember(key, declaration);
        let next = u32::try_from(self.offices.len()).unwrap_or(u32::MAX);
        let office = *self.offices.entry(declaration.office.clone()).or_insert(next);
        let case = Case {
            office,
            local_day: considered.local_day,
            accepted_second: declaration.acceptance_date_time.as_second(),
            detection: truth.detection_probability(Method::Physical),
            duty: truth.duty_at_stake,
            bayes_score: truth.bayes_score,
            table_score,
            offence: truth.is_offence(),
            green: considered.channel == Channel::Green,
            examined: considered.ordinary_physical,
            filtered: considered.filter_matched,
        };
        self.by_key.insert(key, self.cases.len());
        self.cases.push(case);
    }

    /// A declaration that was considered before is examined after all: an amendment raised its control.
    pub fn examined_later(&mut self, key: u64) {
        if let Some(case) = self.by_key.get(&key).and_then(|at| self.cases.get_mut(*at)) {
            case.examined = true;
        }
    }

    /// A result became known. A higher version replaces what lower ones taught.
    pub fn learn(&mut self, control: ControlId, key: u64, result: &NewResult) {
        self.table.learn(control, key, result);
        if result.has_finding() {
            self.found.insert(control, key);
        } else {
            self.found.remove(&control);
        }
    }

    /// The judgement as of `as_of`.
    pub fn finish(&self, as_of: Timestamp) -> Comparison {
        let (examinations, detections, additional_duty) = policies::replay(&self.cases);
        let found: BTreeSet<usize> = self.found.values().filter_map(|key| self.by_key.get(key).copied()).collect();
        let latest = as_of.as_second() - self.maturity_seconds;
        let matured = || self.cases.iter().enumerate().filter(|(_, case)| case.accepted_second <= latest);
        let count = |filter: &dyn Fn(usize, &Case) -> bool| {
            matured().filter(|(index, case)| filter(*index, case)).count() as f64
        };
        let offences = count(&|_, case| case.offence);
        let matured_green = count(&|_, case| case.green);
        let green_detectable: f64 = matured().filter(|(_, case)| case.green).map(|(_, case)| case.detection).sum();
        let unexamined = count(&|_, case| case.offence && !case.examined);
        let unfound = count(&|index, case| case.offence && !found.contains(&index));
        Comparison {
            declarations: self.cases.len() as u64,
            offences: self.cases.iter().filter(|case| case.offence).count() as u64,
            examinations,
            lift: ratio(detections.system, detections.random),
            table_lift: ratio(detections.table, detections.random),
            ratio_to_table: ratio(detections.system, detections.table),
            ratio_to_filters: ratio(detections.system, detections.filters),
            share_of_oracle: ratio(detections.system, detections.oracle),
            detections,
            additional_duty,
            bayes_auc: area_under_curve(self.cases.iter().map(|case| (case.bayes_score, case.offence))),
            matured: matured().count() as u64,
            green_non_compliance: ratio(green_detectable, matured_green),
            matured_green: matured_green as u64,
            undetected_share: ratio(unexamined, offences),
            unfound_share: ratio(unfound, offences),
        }
    }
}

/// `above / below`; 0 when there is nothing to divide by.
fn ratio(above: f64, below: f64) -> f64 {
    if below > 0.0 { above / below } else { 0.0 }
}

/// Probability that a positive scores above a negative, ties counting half; 0.5 without both kinds.
pub fn area_under_curve(scored: impl Iterator<Item = (f64, bool)>) -> f64 {
    let mut scored: Vec<(f64, bool)> = scored.collect();
    scored.sort_by(|left, right| left.0.total_cmp(&right.0));
    let positives = scored.iter().filter(|(_, positive)| *positive).count() as f64;
    let negatives = scored.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return 0.5;
    }
    let mut below = 0.0;
    let mut wins = 0.0;
    for tied in scored.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
        let here = tied.iter().filter(|(_, positive)| *positive).count() as f64;
        let others = tied.len() as f64 - here;
        wins += here * (below + others / 2.0);
        below += others;
    }
    wins / (positives * negatives)
}
