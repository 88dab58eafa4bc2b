//! What an office remembers between decisions, and what the nation remembers for all of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    CapacityPlan,
    calendar::LocalMoment,
    lane::{Lane, poisson_quantile},
    plan::Supply,
    trials::{Rerouted, Trials},
    values::RecentValues,
    volume::{NationalVolume, Volume},
};

/// Values of the nation that are remembered.
const NATIONAL_VALUES: usize = 1_024;
/// The least probability of the random stratum: it must reach every declaration.
const LEAST_RANDOM: f64 = 1e-4;
/// What remains of the random stratum's probability where the plan cannot bear a draw.
const SLOWED: f64 = 0.002;
/// Chance, per moment, that more random draws come before the next grant than the floor holds.
const FLOOR_RISK: f64 = 1e-6;

/// What all offices have in common. Kept so that small and new offices need not learn it alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NationalState {
    pub(crate) volume: NationalVolume,
    pub(crate) physical: RecentValues,
    pub(crate) documentary: RecentValues,
    /// The same with candidates on trial.
    #[serde(default, skip_serializing_if = "Trials::is_empty")]
    pub(crate) physical_on_trial: Trials,
    #[serde(default, skip_serializing_if = "Trials::is_empty")]
    pub(crate) documentary_on_trial: Trials,
}

impl NationalState {
    pub(crate) const CAPACITY: usize = NATIONAL_VALUES;

    /// Where so much is known of a candidate that became champion, its values are the champion's from now on, here and in
    /// the `offices`; what is known of rollouts that are over is forgotten. Returns the places in `offices` that changed.
    pub fn reroute<'a, K>(
        &mut self,
        offices: impl Iterator<Item = (K, &'a mut Arc<OfficeState>)>,
        rerouted: &Rerouted<'_>,
    ) -> Vec<K> {
        let turned: Vec<&str> =
            rerouted.turned.iter().copied().filter(|rollout| self.physical_on_trial.knows(rollout)).collect();
        let follow = |lists: [(&mut RecentValues, &mut Trials); 2]| {
            for (champions, on_trial) in lists {
                for rollout in &turned {
                    on_trial.turn(rollout, champions);
                }
                on_trial.keep(&rerouted.on_trial);
            }
        };
        let mut changed = Vec::new();
        for (place, office) in offices {
            if turned.is_empty() && office.physical.on_trial.is_empty() && office.documentary.on_trial.is_empty() {
                continue;
            }
            let OfficeState { physical, documentary, .. } = Arc::make_mut(office);
            follow([
                (&mut physical.values, &mut physical.on_trial),
                (&mut documentary.values, &mut documentary.on_trial),
            ]);
            changed.push(place);
        }
        follow([
            (&mut self.physical, &mut self.physical_on_trial),
            (&mut self.documentary, &mut self.documentary_on_trial),
        ]);
        changed
    }
}

/// What one office remembers. Written as text it is exact: a restart decides the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfficeState {
    pub(crate) day: i32,
    pub(crate) physical: Lane,
    pub(crate) documentary: Lane,
    pub(crate) scans: Lane,
    pub(crate) volume: Volume,
    /// The day's probability of the random stratum; lanes of `f32` survive as text exactly.
    pub(crate) random_probability: f32,
    /// The day's probability of exploration at average interest.
    pub(crate) exploration_rate: f32,
    /// Controls that exploration may still order; may owe one.
    pub(crate) exploration: f32,
    /// Average interest of the plan's policy; that of `novelty` gave it its name.
    pub(crate) mean_novelty: f32,
    /// Average effort of an examination of what arrives.
    #[serde(default = "OfficeState::standard_effort")]
    pub(crate) mean_effort: f32,
}

/// An office's capacity at a moment, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfficeView {
    /// Whole physical examinations on hand, the reserve included.
    pub physical_tokens: i64,
    /// Physical examinations ordered today within the plan.
    pub physical_used_today: i64,
    /// Physical examinations ordered this month within the plan.
    pub physical_used_month: i64,
    /// Physical examinations that the month is to order.
    pub physical_target_month: i64,
    /// Value from which a physical examination is ordered now.
    pub physical_price: f64,
    /// Documentary examinations on hand.
    pub documentary_tokens: i64,
    /// Documentary examinations ordered today within the plan.
    pub documentary_used_today: i64,
    /// Value from which a documentary examination is ordered now.
    pub documentary_price: f64,
    /// Mandatory controls ordered beyond the plan, ever.
    pub over_plan: u64,
    /// Random draws ordered without a token, ever.
    pub overruns: u64,
    /// Today's probability of the random stratum.
    pub random_probability: f64,
    /// Declarations expected on an average day.
    pub declarations_per_day: f64,
}

impl OfficeState {
    /// An office that begins under `plan` at `at`: with the opening carry and the grant of that day.
    pub fn open(plan: &CapacityPlan, at: customs::Timestamp) -> Self {
        let day = LocalMoment::of(&plan.time_zone, at).day;
        let mut state = Self {
            day,
            physical: Lane::open(day, &Supply::by_weekday(plan.physical_by_weekday()), plan.opening_carry),
            documentary: Lane::open(day, &Supply::daily(plan.documentary_per_day), 0.0),
            scans: Lane::open(day, &Supply::daily(plan.scans_per_day), 0.0),
            volume: Volume::planned(plan.declarations_per_day),
            random_probability: 0.0,
            exploration_rate: 0.0,
            exploration: 0.0,
            mean_novelty: 0.5,
            mean_effort: Self::standard_effort(),
        };
        state.plan_day(plan);
        state
    }

    fn standard_effort() -> f32 {
        1.0
    }

    /// Days begin one by one until the day of `moment`; a moment of an earlier day belongs to the day that is.
    pub(crate) fn advance(&mut self, plan: &CapacityPlan, nation: &NationalState, moment: LocalMoment) -> LocalMoment {
        if moment.day < self.day {
            return LocalMoment::midnight(self.day);
        }
        while self.day < moment.day {
            self.volume.end_day(self.day, &nation.volume);
            self.day += 1;
            self.physical.begin_day(self.day, &self.physical_supply(plan));
            self.documentary.begin_day(self.day, &Supply::daily(plan.documentary_per_day));
            self.scans.begin_day(self.day, &Supply::daily(plan.scans_per_day));
            self.plan_day(plan);
        }
        moment
    }

    fn plan_day(&mut self, plan: &CapacityPlan) {
        let rate = self.physical_per_day(plan).max(0.0) / self.volume.daily();
        self.random_probability = (plan.random_share.clamp(0.0, 1.0) * rate).clamp(LEAST_RANDOM, 1.0) as f32;
        let drawn = if plan.exploration.policy().draws() { plan.exploration_share.clamp(0.0, 1.0) } else { 0.0 };
        self.exploration_rate = (drawn * rate).clamp(0.0, 1.0) as f32;
        let share = (plan.exploration_share.clamp(0.0, 1.0) * self.physical_per_day(plan)) as f32;
        self.exploration = (self.exploration + share).min(1.0_f32.max(3.0 * share));
    }

    /// Physical examinations on an average day: the plan's, or what the law's ceiling leaves of it.
    pub(crate) fn physical_per_day(&self, plan: &CapacityPlan) -> f64 {
        let planned = plan.physical_daily();
        match plan.physical_ceiling_percent {
            Some(percent) => planned.min(percent.max(0.0) / 100.0 * self.volume.daily()),
            None => planned,
        }
    }

    /// What the physical lane is granted by weekday.
    pub(crate) fn physical_supply(&self, plan: &CapacityPlan) -> Supply {
        let (planned, allowed) = (plan.physical_daily(), self.physical_per_day(plan));
        let scale = if planned > 0.0 { allowed / planned } else { 1.0 };
        Supply::by_weekday(plan.physical_by_weekday().map(|controls| controls * scale))
    }

    /// Whole controls that only the random stratum may take: as many as it could need before the next grant.
    pub(crate) fn floor(&self, plan: &CapacityPlan, moment: LocalMoment) -> i64 {
        let days = self.physical.days_to_grant(moment.day, &self.physical_supply(plan));
        let until = LocalMoment::midnight(moment.day + days as i32);
        let draws = f64::from(self.random_probability) * self.volume.expected(moment, until);
        let effort = f64::from(self.mean_effort).max(1.0);
        (poisson_quantile(draws, FLOOR_RISK) as f64 * effort).ceil() as i64
    }

    /// The probability of the random stratum now: the day's, and a five-hundredth of it where one more draw would break the
    /// month's plan or find no token. It slows, and never stops.
    pub(crate) fn random_probability_now(&self) -> f64 {
        let slow = if self.physical.bears_a_draw() { 1.0 } else { SLOWED };
        f64::from(self.random_probability) * slow
    }

    /// Whether the plan can pay a physical examination of this `effort` now. One that takes longer than a day's capacity
    /// waits for no more than that: otherwise nobody would ever examine it.
    pub(crate) fn affords_physical(&self, plan: &CapacityPlan, moment: LocalMoment, effort: f64) -> bool {
        let left = self.volume.expected(moment, self.physical.month_end());
        let draws = f64::from(self.random_probability) * left * f64::from(self.mean_effort).max(1.0);
        let held = self.physical.held_for(draws);
        let beyond_one = (effort.min(self.physical_per_day(plan)).ceil() as i64 - 1).max(0);
        self.physical.affords(self.floor(plan, moment) + beyond_one, held)
    }
}
