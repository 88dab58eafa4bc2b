//! The reports' figures as metrics, taken anew every minute over the latest days.
//!
//! A figure that cannot be told (no random examination yet, no plan) is not a number rather than zero. The queries are
//! those of the reports, so that a dashboard and a report never say different things.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use lifecycle::{ProcessClock, Worker, WorkerError};

use crate::{
    ServiceError,
    api::reports::MATURITY_DAYS,
    app::Reports,
    metrics::{ByChannel, ByCurrency, ByKind, ByTrigger, Figures},
    store::read::Window,
};

/// Time between two takings.
const EVERY: Duration = Duration::from_mins(1);
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Takes the figures.
pub struct FiguresWorker {
    reports: Reports,
    figures: Figures,
    days: u32,
    clock: ProcessClock,
    taken: Mutex<Option<Instant>>,
}

impl FiguresWorker {
    /// Takes `figures` from `reports` over the latest `days`.
    pub fn new(reports: Reports, figures: Figures, days: u32, clock: ProcessClock) -> Self {
        Self { reports, figures, days, clock, taken: Mutex::new(None) }
    }

    async fn take(&self) -> Result<(), ServiceError> {
        let now = self.reports.now();
        let to = now.as_microsecond();
        let window = Window { from: to.saturating_sub(i64::from(self.days) * DAY), to, office: None };
        let summary = self.reports.summary(&window).await?;
        let channels = self.reports.channels(&window).await?;
        // What counts as green is only known when results are in, so its window ends earlier by itself.
        let green = self.reports.green(&Window { from: i64::MIN, ..window.clone() }, now, MATURITY_DAYS).await?;
        let release = self.reports.release_times(&window).await?;

        let figures = &self.figures;
        let told = |value: Option<f64>| value.unwrap_or(f64::NAN);
        figures.green.set(told(green.pooled.estimate));
        figures.green_low.set(told(green.pooled.interval.map(|interval| interval.low)));
        figures.green_high.set(told(green.pooled.interval.map(|interval| interval.high)));
        figures.undetected.set(told(summary.undetected_share.estimate));
        figures.finding_rate.set(told(summary.finding_rate.rate));
        figures.pre_arrival.set(told(summary.pre_arrival.share));
        figures.overruns.set(channels.overruns);
        figures.over_plan.set(channels.mandatory_over_plan);
        figures.capacity_error.set(told(channels.capacity_error_max));
        for line in &summary.finding_rate_by_trigger {
            let trigger = line.key.clone().unwrap_or_default();
            figures.rate_by_trigger.get_or_create(&ByTrigger { trigger }).set(told(line.rate));
        }
        figures.duty.clear();
        for money in &summary.additional_duty {
            let amount = money.amount.to_string().parse().unwrap_or(f64::NAN);
            figures.duty.get_or_create(&ByCurrency { currency: money.currency.0.clone() }).set(amount);
        }
        figures.seizures.clear();
        for line in &summary.seizures {
            figures.seizures.get_or_create(&ByKind { kind: line.kind.clone() }).set(line.count as i64);
        }
        for line in release.by_channel {
            figures.release.get_or_create(&ByChannel { channel: line.channel }).set(line.median_hours);
        }
        Ok(())
    }
}

#[async_trait]
impl Worker for FiguresWorker {
    fn name(&self) -> &'static str {
        "performance-monitoring-figures"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let now = self.clock.instant();
        {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            if taken.is_some_and(|taken| now.saturating_duration_since(taken) < EVERY) {
                return Ok(0);
            }
            *taken = Some(now);
        }
        self.take().await?;
        // Figures change nothing that anybody would wait for.
        Ok(0)
    }
}
