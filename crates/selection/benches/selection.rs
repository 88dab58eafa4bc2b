//! Streaming selection against the day's hindsight: an office that does not know its volume, with peaks within the day,
//! weak weekends, and scores that move in the middle of each month. Nothing is random or mandatory here.
//!
//! The day's hindsight spends a day's controls on that day, weak Sundays too; the stream may keep them for Monday, and
//! can therefore come out above it. `evenWeek` is the same office with every weekday alike, where nothing is to be
//! gained that way: the stricter comparison.

use benchkit::{Report, cpu_seconds};
use customs::OfficeCode;
use selection::simulation::{
    streaming::{self, Streamed},
    trade::Trade,
};
use selection::{CapacityPlan, DrawSecret};
use serde_json::{Map, json};

/// Examinations a day.
const SIZES: [f64; 6] = [5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
/// Declarations for each examination.
const VOLUME: f64 = 20.0;
/// What the plan expects of the volume that comes.
const EXPECTED: [f64; 3] = [0.5, 1.0, 2.0];
const DAYS: usize = 90;
const SEEDS: u64 = 2;

fn plan(physical_per_day: f64, declarations_per_day: f64) -> CapacityPlan {
    CapacityPlan {
        physical_per_day,
        declarations_per_day,
        random_share: 0.0,
        exploration_share: 0.0,
        ..CapacityPlan::of(OfficeCode::from("118"), "UTC")
    }
}

fn main() {
    let mut report = Report::of("selection");
    let secret = DrawSecret::new([3; 32]);
    let (mut shares, mut even_week, mut by_expectation, mut used) = (Map::new(), Map::new(), Map::new(), Map::new());
    let (mut decided, mut over_plan, mut seconds) = (0_u64, 0, 0.0);
    for size in SIZES {
        let (mut all, mut even) = (Streamed::default(), Streamed::default());
        let mut apart = Map::new();
        for expected in EXPECTED {
            let mut those = Streamed::default();
            for seed in 1..=SEEDS {
                let volume = VOLUME * size;
                let mut trade = Trade::usual("2025-01-01T00:00:00Z".parse().expect("a time"), DAYS, volume);
                trade.shifts = vec![(15, 0.5), (45, -0.9), (75, 0.6)];
                let arrivals = trade.arrivals(seed);
                decided += arrivals.len() as u64;
                let (took, streamed) =
                    cpu_seconds(|| streaming::run(&plan(size, expected * volume), &arrivals, &secret));
                seconds += took;
                those = those.and(streamed);
                trade.weekdays = [1.0; 7];
                let arrivals = trade.arrivals(seed);
                even = even.and(streaming::run(&plan(size, expected * volume), &arrivals, &secret));
            }
            apart.insert(format!("{expected}"), json!(those.share()));
            all = all.and(those);
        }
        over_plan += all.over_plan + even.over_plan;
        let name = format!("{size}");
        even_week.insert(name.clone(), json!(even.share()));
        used.insert(name.clone(), json!(all.ordered as f64 / all.planned));
        by_expectation.insert(name.clone(), apart.into());
        shares.insert(name, json!(all.share()));
    }
    report
        .figure("shareOfHindsight", shares)
        .figure("evenWeek", even_week)
        .figure("byExpectedVolume", by_expectation)
        .figure("shareOfPlanUsed", used)
        .figure("overPlan", over_plan)
        .figure("days", DAYS)
        .figure("seeds", SEEDS)
        .figure("decisions", decided)
        .figure("cpuMicrosPerOp", seconds * 1e6 / decided as f64);
    report.print();
}
