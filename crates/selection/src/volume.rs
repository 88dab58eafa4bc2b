//! What arrives at an office: how many declarations, on which weekdays, at which hours.
//!
//! The plan's expectation stands until the office has days of its own; the rhythm of the week is borrowed from the
//! nation in the same way. Learned at midnight only, so that a day is decided with one expectation. Numbers are `f32`:
//! they survive being written as text exactly.

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY_SECONDS, LocalMoment, weekday};

/// What a day's count still weighs a day later: a memory of about a month.
const MEMORY: f32 = 0.97;
/// Days of the plan's expectation in that memory at the start: as many as bring so many declarations, within bounds. A
/// busy office knows its volume after a day or two, a small one needs weeks.
const PLANNED_DECLARATIONS: f32 = 60.0;
const PLANNED_DAYS: (f32, f32) = (1.0, 14.0);
/// What the expectation of a whole day weighs against what the day has brought so far, in days; and in declarations.
const DAY_EXPECTED: f64 = 0.3;
const DECLARATIONS_EXPECTED: f64 = 25.0;
/// Declarations that the flat rhythm weighs in the nation's.
const FLAT_WEIGHT: f32 = 30.0;
/// Declarations that the nation's rhythm weighs in an office's.
const NATIONAL_WEIGHT: f32 = 150.0;

/// When in the week declarations arrive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    /// Declarations by weekday, and how many of that weekday they came on.
    weekdays: [f32; 7],
    met: [f32; 7],
    hours: [f32; 24],
}

impl Rhythm {
    fn count_hour(&mut self, at: LocalMoment) {
        self.hours[(at.second / 3_600).clamp(0, 23) as usize] += 1.0;
    }

    fn end_day(&mut self, day: i32, arrived: u32) {
        let weekday = weekday(day);
        let week = MEMORY.powi(7);
        self.weekdays[weekday] = self.weekdays[weekday] * week + arrived as f32;
        self.met[weekday] = self.met[weekday] * week + 1.0;
        self.hours.iter_mut().for_each(|count| *count *= MEMORY);
    }

    /// Shares of the week and of the day, leaning on `prior` by `weight` declarations of a weekly `volume`.
    fn shares(&self, prior: &Shares, weight: f32, volume: f32) -> Shares {
        let volume = volume.max(1e-3);
        let mut shares = prior.clone();
        for (weekday, share) in shares.weekdays.iter_mut().enumerate() {
            *share = (self.weekdays[weekday] + weight * *share) / (self.met[weekday] + weight / volume);
        }
        let total: f32 = shares.weekdays.iter().sum();
        shares.weekdays.iter_mut().for_each(|share| *share /= total.max(1e-6));
        let total = self.hours.iter().sum::<f32>() + weight;
        for (hour, share) in shares.hours.iter_mut().enumerate() {
            *share = (self.hours[hour] + weight * *share) / total;
        }
        shares
    }
}

/// The share of each weekday in the week, and of each hour in the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    weekdays: [f32; 7],
    hours: [f32; 24],
}

impl Shares {
    fn flat() -> Self {
        Self { weekdays: [1.0 / 7.0; 7], hours: [1.0 / 24.0; 24] }
    }

    /// The share of its day that lies before `second`.
    fn before(&self, second: i32) -> f64 {
        let hour = (second / 3_600).clamp(0, 23) as usize;
        let part = f64::from(second - 3_600 * hour as i32) / 3_600.0;
        self.hours[..hour].iter().map(|share| f64::from(*share)).sum::<f64>() + part * f64::from(self.hours[hour])
    }
}

/// What arrives in the nation: the rhythm that small offices borrow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NationalVolume {
    day: Option<i32>,
    today: u32,
    counts: Rhythm,
}

impl NationalVolume {
    /// Counts an arrival.
    pub fn count(&mut self, at: LocalMoment) {
        let day = *self.day.get_or_insert(at.day);
        // Offices of other time zones may lag: their day is over for the nation.
        for ended in day..at.day.min(day + 400) {
            self.counts.end_day(ended, std::mem::take(&mut self.today));
        }
        self.day = Some(day.max(at.day));
        self.counts.count_hour(at);
        self.today += 1;
    }

    fn shares(&self) -> Shares {
        let met: f32 = self.counts.met.iter().sum();
        let weekly = self.counts.weekdays.iter().sum::<f32>() * 7.0 / met.max(1.0);
        self.counts.shares(&Shares::flat(), FLAT_WEIGHT, weekly)
    }
}

/// What arrives at one office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    counts: Rhythm,
    shares: Shares,
    /// Declarations in memory, and the weeks in which they came.
    seen: f32,
    weeks: f32,
    today: u32,
}

impl Volume {
    /// Expects what the plan says.
    pub fn planned(declarations_per_day: f64) -> Self {
        let daily = declarations_per_day.max(0.0) as f32;
        let days = (PLANNED_DECLARATIONS / daily.max(1e-3)).clamp(PLANNED_DAYS.0, PLANNED_DAYS.1);
        Self { counts: Rhythm::default(), shares: Shares::flat(), seen: days * daily, weeks: days / 7.0, today: 0 }
    }

    /// Counts an arrival.
    pub fn count(&mut self, at: LocalMoment) {
        self.counts.count_hour(at);
        self.today += 1;
    }

    /// Ends `day`: what it brought is learned.
    pub fn end_day(&mut self, day: i32, nation: &NationalVolume) {
        let share = self.shares.weekdays[weekday(day)];
        self.counts.end_day(day, self.today);
        self.seen = self.seen * MEMORY + self.today as f32;
        self.weeks = self.weeks * MEMORY + share;
        self.today = 0;
        self.shares = self.counts.shares(&nation.shares(), NATIONAL_WEIGHT, self.weekly() as f32);
    }

    /// Declarations expected in a week.
    pub fn weekly(&self) -> f64 {
        f64::from(self.seen) / f64::from(self.weeks.max(1e-3))
    }

    /// Declarations expected on an average day; never quite none.
    pub fn daily(&self) -> f64 {
        (self.weekly() / 7.0).max(1e-3)
    }

    /// Declarations that have arrived today.
    pub fn today(&self) -> u32 {
        self.today
    }

    /// Declarations expected from `from` until midnight: what the rhythm says, moved by how the day has gone so far.
    pub fn rest_of_day(&self, from: LocalMoment) -> f64 {
        let midnight = LocalMoment::midnight(from.day);
        let day = self.expected(midnight, LocalMoment::midnight(from.day + 1));
        let rest = self.expected(from, LocalMoment::midnight(from.day + 1));
        let weight = DECLARATIONS_EXPECTED.max(DAY_EXPECTED * day);
        rest * (weight + f64::from(self.today)) / (weight + day - rest)
    }

    /// Declarations expected from one moment to another.
    pub fn expected(&self, from: LocalMoment, to: LocalMoment) -> f64 {
        if to <= from {
            return 0.0;
        }
        let share = |day: i32| f64::from(self.shares.weekdays[weekday(day)]);
        let mut weeks = -share(from.day) * self.shares.before(from.second);
        for day in from.day..to.day {
            weeks += share(day);
        }
        if to.second > 0 {
            weeks += share(to.day) * self.shares.before(to.second);
        }
        (weeks * self.weekly()).max(0.0)
    }
}

/// Seconds from `from` to `to`.
pub fn seconds_between(from: LocalMoment, to: LocalMoment) -> i64 {
    i64::from(to.day - from.day) * DAY_SECONDS + i64::from(to.second - from.second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_expected_until_days_have_been_seen() {
        let mut volume = Volume::planned(70.0);
        let monday = 4;
        let week = volume.expected(LocalMoment::midnight(monday), LocalMoment::midnight(monday + 7));
        assert!((week - 490.0).abs() < 0.1);
        let nation = NationalVolume::default();
        for day in monday..monday + 70 {
            for second in (0..86_400).step_by(if weekday(day) < 5 { 1_000 } else { 10_000 }) {
                volume.count(LocalMoment { day, second });
            }
            volume.end_day(day, &nation);
        }
        let next = monday + 70;
        let monday_expected = volume.expected(LocalMoment::midnight(next), LocalMoment::midnight(next + 1));
        let sunday_expected = volume.expected(LocalMoment::midnight(next + 6), LocalMoment::midnight(next + 7));
        assert!((75.0..100.0).contains(&monday_expected), "{monday_expected}");
        assert!((7.0..18.0).contains(&sunday_expected), "{sunday_expected}");
        let half = volume.expected(LocalMoment::midnight(next), LocalMoment { day: next, second: 43_200 });
        assert!((half / monday_expected - 0.5).abs() < 0.02);
    }
}
