//! Arrivals with weekday and intraday peaks, values that drift, and the bookkeeping of what was ordered.

use customs::{Method, OfficeCode, Timestamp, Trigger};
use selection::simulation::Chance;
use selection::{Candidate, CapacityPlan, Decision, DrawSecret, FilterOrder, NationalState, OfficeState, decide};

pub fn plan(office: &str, physical_per_day: f64) -> CapacityPlan {
    CapacityPlan {
        physical_per_day,
        documentary_per_day: 2.0 * physical_per_day,
        declarations_per_day: 20.0 * physical_per_day,
        ..CapacityPlan::of(OfficeCode::from(office), "America/Lima")
    }
}

pub fn secret() -> DrawSecret {
    DrawSecret::new([3; 32])
}

pub fn at_start() -> Timestamp {
    "2025-01-01T05:00:00Z".parse().expect("a time")
}

pub struct Arrival {
    pub at: Timestamp,
    pub day: usize,
    pub office: usize,
    pub key: String,
    pub probability: f64,
    pub novelty: f64,
    pub mandatory: bool,
    pub filter: bool,
}

/// What kind of world values come from.
#[derive(Clone, Copy, PartialEq)]
pub enum Values {
    Spread,
    Null,
}

/// A year of arrivals at offices of the given daily volumes, in order.
pub fn arrivals(volumes: &[f64], days: usize, values: Values, seed: u64) -> Vec<Arrival> {
    const WEEKDAYS: [f64; 7] = [1.25, 1.2, 1.2, 1.15, 1.2, 0.7, 0.3];
    const HOURS: [f64; 24] = [
        0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1.0, 2.0, 2.6, 2.6, 2.2, 1.6, 1.4, 1.8, 2.0, 1.8, 1.4, 0.9, 0.6, 0.4, 0.3,
        0.3, 0.2,
    ];
    let whole: f64 = HOURS.iter().sum();
    let mut chance = Chance::of(seed);
    let mut all = Vec::new();
    for (office, volume) in volumes.iter().enumerate() {
        for day in 0..days {
            // 2025-01-01 was a Wednesday; volumes swing with the season and from day to day.
            let season = 1.0 + 0.15 * (day as f64 / 365.0 * std::f64::consts::TAU).sin();
            let mean = volume * WEEKDAYS[(day + 2) % 7] * season * (0.1 * chance.normal()).exp();
            for n in 0..chance.poisson(mean) {
                let mut place = chance.uniform() * whole;
                let mut hour = 0;
                while hour < 23 && place > HOURS[hour] {
                    place -= HOURS[hour];
                    hour += 1;
                }
                let second = hour as i64 * 3_600 + (chance.uniform() * 3_600.0) as i64;
                let micros = (day as i64 * 86_400 + second) * 1_000_000 + (chance.bits() % 1_000_000) as i64;
                // Every two months another model scores on another level.
                let level = [-4.4, -4.0, -3.6][(day / 60) % 3];
                let logit = level + 1.4 * chance.normal();
                all.push(Arrival {
                    at: at_start() + jiff::SignedDuration::from_micros(micros),
                    day,
                    office,
                    key: format!("BL{seed}-{office}-{day}-{n}/T"),
                    probability: if values == Values::Null { 0.03 } else { 1.0 / (1.0 + (-logit).exp()) },
                    novelty: chance.uniform(),
                    mandatory: values == Values::Spread && chance.uniform() < 0.003,
                    filter: values == Values::Spread && chance.uniform() < 0.01,
                });
            }
        }
    }
    all.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
    all
}

pub fn candidate(arrival: &Arrival) -> Candidate<'_> {
    let filter = |mandatory, weight, verify: &str| FilterOrder {
        method: Method::Physical,
        mandatory,
        weight,
        verify: verify.to_owned(),
    };
    let mut filters = Vec::new();
    if arrival.mandatory {
        filters.push(filter(true, 0.0, "permit"));
    }
    if arrival.filter {
        filters.push(filter(false, 0.1, "value"));
    }
    Candidate {
        consignment_key: &arrival.key,
        probability_of_finding: Some(arrival.probability),
        filters,
        novelty: arrival.novelty,
        arrival: true,
        ..Candidate::default()
    }
}

/// Decides all arrivals in order.
pub fn run(plans: &[CapacityPlan], arrivals: &[Arrival]) -> (Vec<Decision>, Vec<OfficeState>) {
    let mut nation = NationalState::default();
    let mut states: Vec<OfficeState> = plans.iter().map(|plan| OfficeState::open(plan, at_start())).collect();
    let secret = secret();
    let decisions = arrivals
        .iter()
        .map(|arrival| {
            let plan = &plans[arrival.office];
            decide(plan, &mut states[arrival.office], &mut nation, &candidate(arrival), arrival.at, &secret)
        })
        .collect();
    (decisions, states)
}

/// Whether a decision ordered a physical examination within the plan, and why.
pub fn physical(decision: &Decision) -> Option<(Trigger, bool)> {
    decision.orders.iter().find(|order| order.method == Method::Physical).map(|order| (order.trigger, order.over_plan))
}
