//! An invented trade for one office: days of the week, peaks within the day, a season, and scores that move.

use customs::Timestamp;
use jiff::SignedDuration;

use super::Chance;
use crate::calendar::DAY_SECONDS;

/// What arrives at the office.
#[derive(Clone, Debug)]
pub struct Trade {
    /// First local midnight.
    pub start: Timestamp,
    /// Days.
    pub days: usize,
    /// Declarations on an average day.
    pub per_day: f64,
    /// Relative volume of the weekdays, of the weekday of `start` first.
    pub weekdays: [f64; 7],
    /// Relative volume of the hours of the day.
    pub hours: [f64; 24],
    /// Swing of the season, and standard deviation of a day's volume (of its logarithm).
    pub swing: (f64, f64),
    /// Mean and deviation of the log odds of a finding.
    pub log_odds: (f64, f64),
    /// Days on which the mean of the log odds moves by so much: another model, another season.
    pub shifts: Vec<(usize, f64)>,
}

/// A declaration that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// When.
    pub at: Timestamp,
    /// Day since the start.
    pub day: usize,
    /// Consignment.
    pub key: String,
    /// Probability of a finding, as scored.
    pub probability: f64,
    /// Uniform, 0 ≤ u < 1: for whatever else the simulation wants to know of it.
    pub other: f64,
}

impl Trade {
    /// Five working days of two peaks each, a weak Saturday and a weaker Sunday; begins on a Wednesday.
    pub fn usual(start: Timestamp, days: usize, per_day: f64) -> Self {
        Self {
            start,
            days,
            per_day,
            weekdays: [1.2, 1.15, 1.2, 0.7, 0.3, 1.25, 1.2],
            hours: [
                0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1.0, 2.0, 2.6, 2.6, 2.2, 1.6, 1.4, 1.8, 2.0, 1.8, 1.4, 0.9, 0.6,
                0.4, 0.3, 0.3, 0.2,
            ],
            swing: (0.15, 0.1),
            log_odds: (-4.0, 1.4),
            shifts: Vec::new(),
        }
    }

    /// Everything that arrives, in order of time. The same seed gives the same trade.
    pub fn arrivals(&self, seed: u64) -> Vec<Arrived> {
        let whole: f64 = self.hours.iter().sum();
        let mut chance = Chance::of(seed);
        let mut all = Vec::new();
        for day in 0..self.days {
            let season = 1.0 + self.swing.0 * (day as f64 / 365.0 * std::f64::consts::TAU).sin();
            let mean = self.per_day * self.weekdays[day % 7] * season * (self.swing.1 * chance.normal()).exp();
            let moved: f64 = self.shifts.iter().filter(|(from, _)| *from <= day).map(|(_, by)| by).sum();
            for n in 0..chance.poisson(mean) {
                let mut place = chance.uniform() * whole;
                let mut hour = 0;
                while hour < 23 && place > self.hours[hour] {
                    place -= self.hours[hour];
                    hour += 1;
                }
                let second = hour as f64 * 3_600.0 + chance.uniform() * 3_600.0;
                let micros = ((day as i64 * DAY_SECONDS) as f64 + second) * 1e6;
                let log_odds = self.log_odds.0 + moved + self.log_odds.1 * chance.normal();
                all.push(Arrived {
                    at: self.start + SignedDuration::from_micros(micros as i64),
                    day,
                    key: format!("S{seed}-{day}-{n}"),
                    probability: 1.0 / (1.0 + (-log_odds).exp()),
                    other: chance.uniform(),
                });
            }
        }
        all.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        all
    }
}
