//! Capacity plans: what an office can examine, and what examining is worth to it.

use customs::{Channel, OfficeCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Exploration,
    calendar::{LocalMoment, weekday},
};

/// What an office can do in a day, and how it weighs what it may find.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityPlan {
    /// The office.
    pub office: OfficeCode,
    /// IANA time zone whose days decide capacity.
    #[schema(example = "America/Lima")]
    pub time_zone: String,
    /// Physical examinations per local day; the fraction is carried.
    pub physical_per_day: f64,
    /// Documentary examinations per local day; the fraction is carried.
    pub documentary_per_day: f64,
    /// Scanner slots per local day.
    #[serde(default)]
    pub scans_per_day: f64,
    /// Declarations expected per local day; steers the first weeks, later learned from what arrives.
    pub declarations_per_day: f64,
    /// Share of the physical capacity that belongs to the random stratum, 0 to 1.
    pub random_share: f64,
    /// Share of the physical capacity that explores what the model does not know, 0 to 1.
    pub exploration_share: f64,
    /// Whole physical examinations carried in at the start: the reserve from which the random stratum may draw at
    /// any moment without exceeding the plan.
    #[serde(default)]
    pub opening_carry: f64,
    /// Ceiling on physical examination in percent of declarations, where the law sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_ceiling_percent: Option<f64>,
    /// Minutes of an officer that a physical examination takes: base, and per item.
    #[serde(default = "CapacityPlan::default_physical_minutes")]
    #[schema(value_type = Vec<f64>, min_items = 2, max_items = 2)]
    pub physical_minutes: (f64, f64),
    /// When officers examine goods. Where there are shifts, the physical capacity of a day is what their minutes
    /// allow, in examinations of one item, whatever `physicalPerDay` says; an examination of more items takes more of
    /// it, and is compared by its value for the time it takes. Without shifts every examination counts as one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
    /// How the exploration share is spent.
    #[serde(default)]
    pub exploration: Exploration,
    /// What there is to learn, against a finding as such; for policies that add it to the value.
    #[serde(default = "CapacityPlan::default_exploration_weight")]
    pub exploration_weight: f64,
    /// What an examination is worth by what it may find.
    #[serde(default)]
    pub weights: PlanWeights,
    /// The channel when no decision comes in time.
    pub fail_safe: Channel,
}

impl CapacityPlan {
    /// An opening carry with which small offices meet every month's plan to within one control, and the random stratum
    /// practically never lacks a token. Found by simulation.
    pub const RECOMMENDED_CARRY: f64 = 6.0;

    /// A plan of `office` that examines nothing, with what is recommended for the rest: a tenth of the capacity for the
    /// random stratum, a twentieth for exploration, documents when no decision comes in time.
    pub fn of(office: OfficeCode, time_zone: &str) -> Self {
        Self {
            office,
            time_zone: time_zone.to_owned(),
            physical_per_day: 0.0,
            documentary_per_day: 0.0,
            scans_per_day: 0.0,
            declarations_per_day: 0.0,
            random_share: 0.1,
            exploration_share: 0.05,
            opening_carry: Self::RECOMMENDED_CARRY,
            physical_ceiling_percent: None,
            physical_minutes: Self::default_physical_minutes(),
            shifts: Vec::new(),
            exploration: Exploration::default(),
            exploration_weight: Self::default_exploration_weight(),
            weights: PlanWeights::default(),
            fail_safe: Channel::Orange,
        }
    }

    fn default_physical_minutes() -> (f64, f64) {
        (90.0, 10.0)
    }

    fn default_exploration_weight() -> f64 {
        1.0
    }

    /// Physical examinations by weekday, Monday first: what officers' minutes allow, or the same every day.
    pub fn physical_by_weekday(&self) -> [f64; 7] {
        if self.shifts.is_empty() {
            return [self.physical_per_day; 7];
        }
        let mut minutes = [0.0; 7];
        for shift in &self.shifts {
            for (weekday, by_day) in shift.officer_minutes().into_iter().enumerate() {
                minutes[weekday] += by_day;
            }
        }
        let standard = self.minutes(1).max(1.0);
        minutes.map(|minutes| minutes / standard)
    }

    /// Physical examinations on an average day.
    pub fn physical_daily(&self) -> f64 {
        if self.shifts.is_empty() {
            self.physical_per_day
        } else {
            self.physical_by_weekday().iter().sum::<f64>() / 7.0
        }
    }

    /// Share of an examination of one item that an examination of `items` takes: 1 where the plan counts examinations.
    pub fn effort(&self, items: u32) -> f64 {
        if self.shifts.is_empty() { 1.0 } else { self.minutes(items.max(1)) / self.minutes(1).max(1.0) }
    }

    /// Hours that an examination of `items` goods items holds them when it is asked for at `moment`: until officers are
    /// there who have the time for it, and while they examine. Without shifts only the latter.
    pub fn hold_hours(&self, items: u32, moment: LocalMoment) -> f64 {
        let minutes = self.minutes(items.max(1));
        let now = (weekday(moment.day) as f64).mul_add(f64::from(DAY_MINUTES), f64::from(moment.second) / 60.0);
        let waits = self.shifts.iter().flat_map(|shift| shift.waits(now, minutes));
        let wait = waits.min_by(f64::total_cmp).unwrap_or(0.0);
        (wait + minutes) / 60.0
    }

    fn minutes(&self, items: u32) -> f64 {
        self.physical_minutes.0.max(0.0) + self.physical_minutes.1.max(0.0) * f64::from(items)
    }
}

/// Officers who examine goods at the same hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shift {
    /// Days on which it begins: 1 is Monday, 7 Sunday.
    #[schema(schema_with = weekdays)]
    pub weekdays: Vec<u8>,
    /// First minute of the local day.
    #[schema(example = 480, maximum = 65_535)]
    pub from_minute: u16,
    /// Minute at which it ends; at or before the first, it ends on the next day.
    #[schema(example = 960, maximum = 65_535)]
    pub to_minute: u16,
    /// Officers.
    #[schema(example = 3)]
    pub officers: f64,
}

/// One to seven days, as a document says it.
fn weekdays() -> utoipa::openapi::schema::Array {
    use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
    let day = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1))
        .maximum(Some(7));
    ArrayBuilder::new()
        .description(Some("Days on which it begins: 1 is Monday, 7 Sunday."))
        .items(day)
        .min_items(Some(1))
        .max_items(Some(7))
        .examples([serde_json::json!([1, 2, 3, 4, 5])])
        .build()
}

/// Minutes of a day, and of a week.
const DAY_MINUTES: u16 = 1_440;
const WEEK_MINUTES: f64 = 7.0 * 1_440.0;

impl Shift {
    fn bounds(&self) -> (u16, u16) {
        (self.from_minute.min(DAY_MINUTES), self.to_minute.min(DAY_MINUTES))
    }

    /// Minutes from `now` (of the week) until an examination of `minutes` can begin in it, for each of its weekdays: at
    /// once where enough of it is left, else when it begins again.
    fn waits(&self, now: f64, minutes: f64) -> impl Iterator<Item = f64> + '_ {
        let (from, to) = self.bounds();
        let length = f64::from(if to > from { to - from } else { DAY_MINUTES - from + to });
        let days =
            self.weekdays.iter().filter(move |day| (1..=7).contains(*day) && self.officers > 0.0 && length > 0.0);
        days.map(move |day| {
            let begins = f64::from(day - 1) * f64::from(DAY_MINUTES) + f64::from(from);
            let since = (now - begins).rem_euclid(WEEK_MINUTES);
            if since + minutes.min(length) <= length { 0.0 } else { WEEK_MINUTES - since }
        })
    }

    /// Officers' minutes by weekday, Monday first; what lies after midnight belongs to the next day.
    fn officer_minutes(&self) -> [f64; 7] {
        let (from, to) = self.bounds();
        let (today, tomorrow) = if to > from { (to - from, 0) } else { (DAY_MINUTES - from, to) };
        let mut minutes = [0.0; 7];
        for day in self.weekdays.iter().filter(|day| (1..=7).contains(*day)) {
            let day = usize::from(day - 1);
            minutes[day] += self.officers.max(0.0) * f64::from(today);
            minutes[(day + 1) % 7] += self.officers.max(0.0) * f64::from(tomorrow);
        }
        minutes
    }
}

/// What a lane is granted on each weekday, in billionths of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply([i64; 7]);

impl Supply {
    /// Parts of a control in which plans are added up: exact, and fine enough for any plan.
    pub const PARTS: f64 = 1e9;

    /// So many controls on each weekday, Monday first.
    pub fn by_weekday(controls: [f64; 7]) -> Self {
        Self(controls.map(|controls| (controls.max(0.0) * Self::PARTS).round() as i64))
    }

    /// The same every day.
    pub fn daily(controls: f64) -> Self {
        Self::by_weekday([controls; 7])
    }

    /// Billionths granted on `day`.
    pub fn on(&self, day: i32) -> i64 {
        self.0[weekday(day)]
    }

    /// Billionths granted on the days after `after`, up to and including `last`.
    pub fn between(&self, after: i32, last: i32) -> i64 {
        let days = i64::from((last - after).max(0));
        let mut parts = days / 7 * self.0.iter().sum::<i64>();
        for day in 0..(days % 7) as i32 {
            parts += self.on(last - day);
        }
        parts
    }

    /// Controls on an average day.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<i64>() as f64 / (7.0 * Self::PARTS)
    }
}

/// Weights of the value of examining: P(finding) × (base + duty × expected additional duty) + critical × P(critical),
/// and for an examination of goods − delay × hours that it holds them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanWeights {
    /// Worth of a finding as such.
    pub finding: f64,
    /// Worth per 1,000 units of statistical currency of expected additional duty.
    pub duty_per_thousand: f64,
    /// Worth of a critical finding on top.
    pub critical: f64,
    /// Cost of an hour that goods are held.
    #[serde(default)]
    pub delay_per_hour: f64,
}

impl Default for PlanWeights {
    fn default() -> Self {
        Self { finding: 1.0, duty_per_thousand: 0.0, critical: 0.0, delay_per_hour: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(shifts: &serde_json::Value) -> CapacityPlan {
        serde_json::from_value(serde_json::json!({
            "office": "118", "timeZone": "America/Lima", "physicalPerDay": 5.0, "documentaryPerDay": 10.0,
            "declarationsPerDay": 104.0, "randomShare": 0.1, "explorationShare": 0.1, "failSafe": "orange",
            "shifts": shifts,
        }))
        .unwrap()
    }

    #[test]
    fn a_plan_without_shifts_is_written_as_before() {
        let plan = plan(&serde_json::json!([]));
        assert!(plan.physical_by_weekday().iter().all(|controls| (controls - 5.0).abs() < 1e-12));
        assert!((plan.effort(40) - 1.0).abs() < 1e-12);
        assert!(!serde_json::to_string(&plan).unwrap().contains("shifts"));
        assert_eq!(plan.exploration, Exploration::Novelty);
        assert!((plan.exploration_weight - 1.0).abs() < 1e-12);
    }

    #[test]
    fn shifts_give_each_weekday_what_their_minutes_allow() {
        let plan = plan(&serde_json::json!([
            { "weekdays": [1, 2, 3, 4, 5], "fromMinute": 480, "toMinute": 980, "officers": 3.0 },
            { "weekdays": [7], "fromMinute": 1_340, "toMinute": 100, "officers": 1.0 },
        ]));
        let days = plan.physical_by_weekday();
        assert!((days[0] - 16.0).abs() < 1e-9 && (days[1] - 15.0).abs() < 1e-9);
        assert!((days[5]).abs() < 1e-9 && (days[6] - 1.0).abs() < 1e-9);
        assert!((plan.effort(11) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn goods_are_held_until_officers_have_the_time() {
        let plan = plan(&serde_json::json!([
            { "weekdays": [1, 2, 3, 4, 5], "fromMinute": 480, "toMinute": 960, "officers": 3.0 },
        ]));
        // 1970-01-05 was a Monday.
        let at = |day, hour: i32| LocalMoment { day, second: 3_600 * hour };
        let held = |items, moment| plan.hold_hours(items, moment);
        assert!((held(3, at(4, 9)) - 2.0).abs() < 1e-9, "officers are there");
        assert!((held(3, at(4, 15)) - 19.0).abs() < 1e-9, "two hours no longer fit before 16:00: Tuesday at 8");
        assert!((held(3, at(8, 16)) - 66.0).abs() < 1e-9, "over the weekend");
        assert!((held(3, at(4, 6)) - 4.0).abs() < 1e-9, "until they come");
        let unshifted = CapacityPlan { shifts: Vec::new(), ..plan.clone() };
        assert!((unshifted.hold_hours(0, at(4, 3)) - 100.0 / 60.0).abs() < 1e-9);
    }

    #[test]
    fn supply_is_added_up_day_by_day() {
        let supply = Supply::by_weekday([1.0, 2.0, 3.0, 4.0, 5.0, 0.5, 0.0]);
        for (after, last) in [(3, 3), (3, 4), (0, 16), (11, 40)] {
            let by_day: i64 = (after + 1..=last).map(|day| supply.on(day)).sum();
            assert_eq!(supply.between(after, last), by_day);
        }
    }
}
