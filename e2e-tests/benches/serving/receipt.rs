//! Lodging alone: stored, announced, and on its way to the subscribers, who do not run.

use benchkit::{Report, cpu_time};
use events::Service;
use serde_json::json;

use crate::cpu;
use crate::installation::Installation;
use crate::load::{self, declaration};
use crate::naive;
use crate::path::Measured;

const WARM: u64 = 4_000;
const MEASURED: u64 = 20_000;

pub async fn run() -> anyhow::Result<()> {
    let mut report = Report::of("receipt");
    let mut installation = Installation::prepare().await?;
    installation.start(&[Service::DeclarationIntake]).await?;
    report.progress("warming up");
    measure(&mut installation, 0..WARM).await?;
    report.progress("measuring");
    let ours = measure(&mut installation, WARM..WARM + MEASURED).await?;
    report.progress("measuring the naive receipt");
    let peer = naive::measure(&mut installation, MEASURED / 4).await?;
    report
        .compared(ours.micros(), peer.micros())
        .figure("byProcess", json!(ours.by_process))
        .figure("peerByProcess", json!(peer.by_process))
        .figure("loadMicros", ours.load)
        .figure("perSecond", ours.rate);
    report.print();
    installation.remove().await
}

async fn measure(installation: &mut Installation, numbers: std::ops::Range<u64>) -> anyhow::Result<Measured> {
    let token = installation.token(&["customs-system"])?;
    let url = installation.url(Service::DeclarationIntake) + "/v1/declarations";
    let count = numbers.end - numbers.start;
    let published = async |installation: &Installation| -> anyhow::Result<u64> {
        Ok(installation.queue.depth(&queue::Stream::of(Service::Scoring)).await?.unfinished)
    };
    let there = published(installation).await?;
    let (before, own) = (installation.spent().await?, cpu_time());
    let seconds = load::post(&url, &token, numbers, declaration).await?;
    while published(installation).await? < there + count {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let load = cpu_time().saturating_sub(own).as_secs_f64() * 1e6 / count as f64;
    let by_process = cpu::per_operation(&before, &installation.spent().await?, count as usize);
    Ok(Measured { by_process, load, rate: count as f64 / seconds })
}
