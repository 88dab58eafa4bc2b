//! From lodging until the channel is stored and told and every subscriber has what it needs.

use benchkit::{Report, cpu_time};
use events::Service;
use serde_json::json;

use crate::cpu::{self, Spent};
use crate::installation::Installation;
use crate::load::{self, declaration};
use crate::{naive, tables};

/// Every service that a declaration passes.
pub const SERVICES: [Service; 5] = [
    Service::DeclarationIntake,
    Service::Scoring,
    Service::ControlsTracking,
    Service::FeatureStore,
    Service::PerformanceMonitoring,
];
const WARM: u64 = 4_000;
const MEASURED: u64 = 20_000;
/// Declarations that are lodged before the feed is looked at, and those that may be untold then.
const AT_ONCE: usize = 512;
const UNDER_WAY: u64 = 512;
/// Entries of a page of the feed, and how often it is followed.
const PAGE: u32 = 1_000;
const FOLLOWED_EVERY: std::time::Duration = std::time::Duration::from_millis(50);

/// What a stretch of declarations cost.
pub struct Measured {
    /// Microseconds per declaration by process.
    pub by_process: Spent,
    /// Microseconds of the generator of the load.
    pub load: f64,
    /// Declarations a second, by the clock on the wall.
    pub rate: f64,
}

impl Measured {
    /// All processes but the generator's.
    pub fn micros(&self) -> f64 {
        self.by_process.values().sum()
    }
}

/// Follows the feed from `cursor` to its end, as a customs system does: a page that is not full is the last.
async fn told(client: &clients::Client, cursor: &mut u64) -> anyhow::Result<u64> {
    let mut told = 0;
    loop {
        let page = client.channels(*cursor, None, Some(PAGE)).await?;
        let count = page.items.len() as u64;
        told += count;
        *cursor = page.next;
        if count < PAGE.into() {
            return Ok(told);
        }
    }
}

/// Lodges `numbers`, and waits until nothing is under way.
pub async fn measure(
    installation: &mut Installation,
    cursor: &mut u64,
    numbers: std::ops::Range<u64>,
) -> anyhow::Result<Measured> {
    let token = installation.token(&["customs-system"])?;
    let client = installation.client(Service::DeclarationIntake, &["customs-system"])?;
    let url = installation.url(Service::DeclarationIntake) + "/v1/declarations";
    let count = numbers.end - numbers.start;
    let (before, own) = (installation.spent().await?, cpu_time());
    let started = std::time::Instant::now();
    let mut heard = 0;
    for from in numbers.clone().step_by(AT_ONCE) {
        let until = (from + AT_ONCE as u64).min(numbers.end);
        load::post(&url, &token, from..until, declaration).await?;
        // No more under way than is decided in time: a flood would measure the fail-safe.
        let waited_for = (until - numbers.start).saturating_sub(if until == numbers.end { 0 } else { UNDER_WAY });
        while heard < waited_for {
            heard += told(&client, cursor).await?;
            tokio::time::sleep(FOLLOWED_EVERY).await;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    installation.settle(&SERVICES).await?;
    let load = cpu_time().saturating_sub(own).as_secs_f64() * 1e6 / count as f64;
    let by_process = cpu::per_operation(&before, &installation.spent().await?, count as usize);
    Ok(Measured { by_process, load, rate: count as f64 / seconds })
}

pub async fn run() -> anyhow::Result<()> {
    let mut report = Report::of("path");
    let mut installation = Installation::prepare().await?;
    report.progress("starting the services");
    installation.start(&SERVICES).await?;
    tables::tell(&installation, &SERVICES).await?;
    let at_rest = installation.memory();
    let mut cursor = 0;
    report.progress("warming up");
    measure(&mut installation, &mut cursor, 0..WARM).await?;
    report.progress("measuring");
    let ours = measure(&mut installation, &mut cursor, WARM..WARM + MEASURED).await?;
    let loaded = installation.memory();
    report.progress("measuring the naive receipt");
    let peer = naive::measure(&mut installation, MEASURED / 4).await?;
    report
        .compared(ours.micros(), peer.micros())
        .figure("byProcess", json!(ours.by_process))
        .figure("peerByProcess", json!(peer.by_process))
        .figure("loadMicros", ours.load)
        .figure("perSecond", ours.rate)
        .figure("bodyBytes", declaration(1).len())
        .figure("memoryMibAtRestMostAndNow", json!(at_rest))
        .figure("memoryMibLoadedMostAndNow", json!(loaded));
    report.print();
    installation.remove().await
}
