//! A lane: one kind of control of one office, with the whole controls it may still order.
//!
//! Controls are granted by local day (the fraction of the plan is carried to the day that completes a whole one) and
//! what is not used stays. Each calendar month has a target: the whole controls it is granted, so that the reserve at its
//! end is what it was; ordering by value stops there, and the price falls towards the month's end until it is met.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::{LocalMoment, next_month},
    plan::Supply,
    trials::{Known, Trials},
    values::RecentValues,
};

const PARTS: i64 = Supply::PARTS as i64;
/// Months planned below this many controls are not held to a share of it.
const HELD_FROM: i64 = 20;
/// The share of a month's plan that its use may differ by.
const HELD_TO: f64 = 0.05;

/// Share of the expected arrivals that is counted on at the end of a month, and standard deviations below it.
const COUNTED_ON: (f64, f64) = (0.95, 3.0);
/// Chance that more draws come after the month's target is met than the month bears.
const HOLD_RISK: f64 = 3e-3;

/// The controls of one kind that an office may still order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// Whole controls on hand.
    pub tokens: i64,
    /// What has been granted of the next whole control, in billionths.
    fraction: i64,
    /// What was ordered beyond whole controls, in billionths: less than one.
    #[serde(default)]
    owed: i64,
    /// Whole controls to hold at the end of a month.
    reserve: i64,
    /// Whole controls granted this month, today's included.
    month_granted: i64,
    /// First day of the next month.
    month_end: i32,
    /// Controls ordered this month within the plan.
    pub month_used: i64,
    /// Controls ordered today within the plan.
    pub today_used: i64,
    /// Controls that the month is to order.
    pub month_target: i64,
    /// Controls above the target that the month bears.
    spare: i64,
    /// Ordered by mandatory matches beyond the plan, ever.
    pub over_plan: u64,
    /// Ordered by the random stratum without a token, ever: the reserve was too small.
    pub overruns: u64,
    /// Latest values.
    pub values: RecentValues,
    /// The same with candidates on trial.
    #[serde(default, skip_serializing_if = "Trials::is_empty")]
    pub on_trial: Trials,
}

impl Lane {
    /// Opens on `day` with `carry` whole controls and the day's grant.
    pub fn open(day: i32, supply: &Supply, carry: f64) -> Self {
        let carry = carry.max(0.0).floor() as i64;
        let mut lane = Self {
            tokens: carry,
            fraction: 0,
            owed: 0,
            reserve: carry,
            month_granted: 0,
            month_end: next_month(day),
            month_used: 0,
            today_used: 0,
            month_target: 0,
            spare: 0,
            over_plan: 0,
            overruns: 0,
            values: RecentValues::default(),
            on_trial: Trials::default(),
        };
        lane.grant(day, supply);
        lane
    }

    /// Begins `day`: grants its whole controls.
    pub fn begin_day(&mut self, day: i32, supply: &Supply) {
        self.today_used = 0;
        if day >= self.month_end {
            self.month_end = next_month(day);
            self.month_granted = 0;
            self.month_used = 0;
        }
        self.grant(day, supply);
    }

    fn grant(&mut self, day: i32, supply: &Supply) {
        self.fraction += supply.on(day);
        let whole = self.fraction / PARTS;
        self.fraction %= PARTS;
        self.tokens += whole;
        self.month_granted += whole;
        let coming = (self.fraction + supply.between(day, self.month_end - 1)) / PARTS;
        self.aim_at(self.month_granted + coming);
    }

    /// The whole controls that the month is `planned` at; one more where the reserve grows and the month bears even
    /// two, one less where it runs low and the month bears that two are missing.
    fn aim_at(&mut self, planned: i64) {
        let surplus = self.tokens - self.month_granted + self.month_used - self.reserve;
        self.month_target = if surplus > 0 && bears(planned, planned + 2) {
            planned + 1
        } else if surplus < 0 && bears(planned, planned - 2) {
            (planned - 1).max(0)
        } else {
            planned
        };
        self.spare = (1..=40).take_while(|more| bears(planned, self.month_target + more)).count() as i64;
    }

    /// The latest values, of champions and with candidates.
    pub fn known(&self) -> Known<'_> {
        Known { champions: &self.values, on_trial: &self.on_trial }
    }

    /// First moment of the next month.
    pub fn month_end(&self) -> LocalMoment {
        LocalMoment::midnight(self.month_end)
    }

    /// Whole controls granted at the midnights after `from` up to `to`.
    pub fn grants_until(&self, from: LocalMoment, to: LocalMoment, supply: &Supply) -> i64 {
        let last = if to.second == 0 { to.day - 1 } else { to.day };
        (self.fraction + supply.between(from.day, last)) / PARTS
    }

    /// Days until the next whole control is granted after `day`, from 1.
    pub fn days_to_grant(&self, day: i32, supply: &Supply) -> i64 {
        let mut granted = self.fraction;
        for days in 1..=366 {
            granted += supply.on(day + days);
            if granted >= PARTS {
                return i64::from(days);
            }
        }
        366
    }

    /// Controls that may be spent until `end`, which is at most the end of the month: what is on hand above the
    /// reserve and what is granted until then, and never more than the month's target leaves.
    pub fn budget(&self, from: LocalMoment, end: LocalMoment, supply: &Supply) -> f64 {
        let month = self.month_target - self.month_used;
        if end >= self.month_end() {
            return month as f64;
        }
        (self.tokens + self.grants_until(from, end, supply) - self.reserve).min(month) as f64
    }

    /// How many of the `expected` arrivals to count on at the end of a month: a control that finds no declaration any
    /// more is one less than planned.
    pub fn counted_on(expected: f64) -> f64 {
        COUNTED_ON.0 * expected - COUNTED_ON.1 * expected.sqrt()
    }

    /// Whether a control can be ordered that leaves `floor` whole controls for the random stratum now, and `held` of
    /// the month's target for the draws until its end.
    pub fn affords(&self, floor: i64, held: i64) -> bool {
        self.tokens > floor && self.month_used + held < self.month_target
    }

    /// How many of the month's controls to hold for `draws` expected until its end: those that it could need beyond
    /// the ones that its plan bears on top of the target.
    pub fn held_for(&self, draws: f64) -> i64 {
        let left = self.month_target - self.month_used;
        if left as f64 > 10.0 + draws + 8.0 * draws.sqrt() {
            return 0;
        }
        (poisson_quantile(draws, HOLD_RISK) - self.spare).max(0)
    }

    /// Whether a random draw finds a token, and leaves the month within what its plan bears.
    pub fn bears_a_draw(&self) -> bool {
        self.tokens > 0 && self.month_used < self.month_target + self.spare
    }

    /// Takes a token.
    pub fn take(&mut self) {
        self.spend(1);
    }

    /// Takes what a control of this `effort` costs, in whole tokens; the rest is owed. Tokens may go below none by one
    /// large control: what it costs beyond is repaid by the next grants.
    pub fn take_effort(&mut self, effort: f64) {
        self.owed += (effort.clamp(0.0, 1e6) * Supply::PARTS).round() as i64;
        let whole = self.owed.div_euclid(PARTS);
        self.owed -= whole * PARTS;
        self.spend(whole);
    }

    fn spend(&mut self, whole: i64) {
        self.tokens -= whole;
        self.month_used += whole;
        self.today_used += whole;
    }
}

fn bears(planned: i64, used: i64) -> bool {
    planned < HELD_FROM || (used - planned).abs() as f64 <= HELD_TO * planned as f64
}

/// The least n that a Poisson number of mean `mean` exceeds with at most probability `risk`.
pub fn poisson_quantile(mean: f64, risk: f64) -> i64 {
    let mut term = (-mean.min(600.0)).exp();
    let mut below = term;
    let mut n = 0_i64;
    while 1.0 - below > risk && n < 2_000 {
        n += 1;
        term *= mean / n as f64;
        below += term;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_covers_the_draws_that_may_come() {
        assert_eq!(poisson_quantile(0.0, 1e-6), 0);
        assert_eq!(poisson_quantile(0.05, 1e-6), 3);
        assert!((17..=21).contains(&poisson_quantile(6.0, 1e-6)));
    }

    #[test]
    fn effort_is_paid_in_whole_tokens_and_nothing_is_lost() {
        let mut lane = Lane::open(0, &Supply::daily(0.0), 10.0);
        for _ in 0..8 {
            lane.take_effort(0.75);
        }
        assert_eq!((lane.tokens, lane.month_used), (4, 6));
        lane.take_effort(2.5);
        lane.take_effort(2.5);
        assert_eq!((lane.tokens, lane.month_used), (-1, 11));
    }

    #[test]
    fn whole_controls_are_granted_when_the_fractions_make_one() {
        let supply = Supply::daily(0.4);
        let mut lane = Lane::open(0, &supply, 2.0);
        let grants: Vec<i64> = (1..=5)
            .map(|day| {
                let before = lane.tokens;
                lane.begin_day(day, &supply);
                lane.tokens - before
            })
            .collect();
        assert_eq!(grants, [0, 1, 0, 1, 0]);
        assert_eq!(lane.days_to_grant(5, &supply), 2);
        let from = LocalMoment { day: 5, second: 100 };
        assert_eq!(lane.grants_until(from, LocalMoment::midnight(7), &supply), 0);
        assert_eq!(lane.grants_until(from, LocalMoment { day: 7, second: 1 }, &supply), 1);
    }
}
