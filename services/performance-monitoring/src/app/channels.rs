//! Channels and capacity by office and month.

use std::collections::BTreeMap;

use customs::office::local_day;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reports, summary::Channels};
use crate::{
    ServiceError,
    domain::capacity::{Day, Plan, days, error},
    store::{
        read::{self, OrderedCount, Window},
        rows::PlanRow,
    },
};

/// Planned controls from which an office-month's error counts in the maximum.
const LEAST_PLANNED: i64 = 20;

/// Controls of one method against their plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Capacity {
    /// Whole controls that the plan granted, its fractions carried from day to day.
    pub planned: i64,
    /// Ordered by selection within the plan.
    pub ordered: i64,
    /// Ordered by mandatory matches beyond the plan.
    pub over_plan: i64,
    /// Ordered by people, other agencies and the trader: not the plan's.
    pub others: i64,
    /// Ordered by selection (a random draw, as a rule) although neither the day's plan nor what was carried had one left.
    pub overruns: i64,
    /// |ordered − planned| ÷ planned; absent without a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_error: Option<f64>,
}

/// An office in a month of its own calendar, or over the whole period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfficeMonth {
    /// The office.
    pub office: String,
    /// The month (`2026-03`); absent for the whole period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// Declarations by the channel that was selected.
    pub channels: Channels,
    /// Declarations whose goods an officer or an image asked for afterwards: told as red, and counted above as selected.
    #[serde(default)]
    pub escalated: u64,
    /// Physical examinations.
    pub physical: Capacity,
    /// Documentary examinations.
    pub documentary: Capacity,
}

/// Channels and capacity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "offices": [{"office": "118", "channels": {"green": 32_000, "orange": 3_800, "red": 1_900},
        "escalated": 7, "physical": {"planned": 1_900, "ordered": 1_897, "overPlan": 4, "others": 12, "overruns": 0,
            "capacityError": 0.0016},
        "documentary": {"planned": 3_800, "ordered": 3_799, "overPlan": 0, "others": 0, "overruns": 0,
            "capacityError": 0.0003}}],
    "months": [],
    "capacityErrorMax": 0.03, "capacityOfficeMonths": 240, "overruns": 0, "mandatoryOverPlan": 4
}))]
pub struct ChannelsReport {
    /// Offices over the whole period.
    pub offices: Vec<OfficeMonth>,
    /// Offices by month.
    pub months: Vec<OfficeMonth>,
    /// Largest error of physical examinations over office-months planned at 20 or more; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_error_max: Option<f64>,
    /// Office-months planned at 20 physical examinations or more.
    pub capacity_office_months: u64,
    /// Physical examinations ordered beyond the day's plan and what was carried.
    pub overruns: i64,
    /// Physical examinations ordered by mandatory matches beyond the plan.
    pub mandatory_over_plan: i64,
}

impl Reports {
    /// Channels and capacity of a period. Plans count until the last day on which anything was decided.
    pub async fn channels(&self, window: &Window) -> Result<ChannelsReport, ServiceError> {
        let db = self.database.reader();
        let plans = read::plans(db).await?;
        let ordered = window.ordered(db).await?;
        // Nothing is granted before its day has come, whatever the record says.
        let today = local_day("UTC", self.now()).saturating_add(1);
        let last = read::last_day(db).await?.map(|last| last.min(today));
        let mut months: BTreeMap<(String, String), OfficeMonth> = BTreeMap::new();
        for row in window.channels(db).await? {
            entry(&mut months, &row.office, &row.month).channels.add(&row.channel, row.n);
        }
        for (office, month, n) in window.escalated(db).await? {
            entry(&mut months, &office, &month).escalated += n;
        }
        let by_office = by_office(&plans, &ordered, window);
        for (office, (plans, orders)) in by_office {
            for method in ["physical", "documentary"] {
                add_method(&mut months, office, method, &plans, &orders, last, window);
            }
        }
        Ok(total(months.into_values().collect()))
    }
}

type Months = BTreeMap<(String, String), OfficeMonth>;

fn entry<'a>(months: &'a mut Months, office: &str, month: &str) -> &'a mut OfficeMonth {
    months.entry((office.to_owned(), month.to_owned())).or_insert_with(|| OfficeMonth {
        office: office.to_owned(),
        month: Some(month.to_owned()),
        ..OfficeMonth::default()
    })
}

impl OfficeMonth {
    fn capacity(&mut self, method: &str) -> &mut Capacity {
        if method == "physical" { &mut self.physical } else { &mut self.documentary }
    }
}

type ByOffice<'a> = BTreeMap<&'a str, (Vec<&'a PlanRow>, Vec<&'a OrderedCount>)>;

fn by_office<'a>(plans: &'a [PlanRow], ordered: &'a [OrderedCount], window: &Window) -> ByOffice<'a> {
    let mut offices = ByOffice::new();
    let wanted = |office: &str| window.office.as_deref().is_none_or(|wanted| wanted == office);
    for plan in plans.iter().filter(|plan| wanted(&plan.office)) {
        offices.entry(&plan.office).or_default().0.push(plan);
    }
    for row in ordered {
        offices.entry(&row.office).or_default().1.push(row);
    }
    offices
}

/// Orders that nothing but the plan asks for.
fn by_choice(trigger: &str) -> bool {
    matches!(trigger, "filter" | "model" | "random" | "exploration")
}

/// Orders of people are not the plan's.
fn by_selection(trigger: &str) -> bool {
    by_choice(trigger) || matches!(trigger, "mandate" | "failSafe")
}

fn add_method(
    months: &mut Months,
    office: &str,
    method: &str,
    plans: &[&PlanRow],
    orders: &[&OrderedCount],
    last: Option<i32>,
    window: &Window,
) {
    let zone = plans.last().map_or("UTC", |plan| plan.time_zone.as_str());
    let day_of = |at: i64| Timestamp::from_microsecond(at).ok().map(|at| local_day(zone, at));
    let first = day_of(window.from).unwrap_or(i32::MIN);
    let end = day_of(window.to.saturating_sub(1)).unwrap_or(i32::MAX);
    let mut used: BTreeMap<i32, i64> = BTreeMap::new();
    for row in orders.iter().filter(|row| row.method == method) {
        let n = row.n as i64;
        let within = by_selection(&row.trigger) && !row.over_plan;
        if within {
            *used.entry(row.day).or_default() += n;
        }
        if row.day < first {
            continue;
        }
        let capacity = entry(months, office, &month_of(row.day)).capacity(method);
        match (row.over_plan, within) {
            // A draw stands even where nothing is left for it; no law asked for it.
            (true, _) if by_choice(&row.trigger) => capacity.overruns += n,
            (true, _) => capacity.over_plan += n,
            (false, true) => capacity.ordered += n,
            (false, false) => capacity.others += n,
        }
    }
    let steps = steps(plans, method);
    for (day, Day { granted, overruns, .. }) in days(&steps, &used, last.unwrap_or(i32::MIN).min(end)) {
        if day >= first {
            let capacity = entry(months, office, &month_of(day)).capacity(method);
            capacity.planned += granted;
            capacity.overruns += overruns;
        }
    }
    for month in months.values_mut().filter(|month| month.office == office) {
        let capacity = month.capacity(method);
        capacity.capacity_error = error(capacity.ordered, capacity.planned);
    }
}

/// The first plan grants from its own day, a later one from the day after: a day's grant is not taken back.
fn steps(plans: &[&PlanRow], method: &str) -> Vec<Plan> {
    let at = |plan: &PlanRow| Timestamp::from_microsecond(plan.since).map_or(0, |at| local_day(&plan.time_zone, at));
    plans
        .iter()
        .enumerate()
        .map(|(index, plan)| Plan {
            from: at(plan) + i32::from(index > 0),
            per_day: if method == "physical" { plan.physical } else { plan.documentary },
            opening_carry: if method == "physical" { plan.carry } else { 0.0 },
        })
        .collect()
}

fn month_of(day: i32) -> String {
    let date = jiff::civil::Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(day.clamp(0, 2_900_000)));
    format!("{:04}-{:02}", date.year(), date.month())
}

fn total(months: Vec<OfficeMonth>) -> ChannelsReport {
    let judged: Vec<f64> = months
        .iter()
        .filter(|month| month.physical.planned >= LEAST_PLANNED)
        .filter_map(|month| month.physical.capacity_error)
        .collect();
    let mut offices: BTreeMap<&str, OfficeMonth> = BTreeMap::new();
    for month in &months {
        let sum = offices
            .entry(&month.office)
            .or_insert_with(|| OfficeMonth { office: month.office.clone(), ..OfficeMonth::default() });
        sum.channels.green += month.channels.green;
        sum.channels.orange += month.channels.orange;
        sum.channels.red += month.channels.red;
        sum.escalated += month.escalated;
        sum.physical.add(&month.physical);
        sum.documentary.add(&month.documentary);
    }
    ChannelsReport {
        offices: offices.into_values().collect(),
        capacity_error_max: judged.iter().copied().reduce(f64::max),
        capacity_office_months: judged.len() as u64,
        overruns: months.iter().map(|month| month.physical.overruns).sum(),
        mandatory_over_plan: months.iter().map(|month| month.physical.over_plan).sum(),
        months,
    }
}

impl Capacity {
    fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.ordered += other.ordered;
        self.over_plan += other.over_plan;
        self.others += other.others;
        self.overruns += other.overruns;
        self.capacity_error = error(self.ordered, self.planned);
    }
}
