//! An advisory score asked for over HTTP, with 1,000 filters and a model in force and features of known parties.

use benchkit::Report;
use events::Service;
use serde_json::json;

use crate::installation::Installation;
use crate::load::{self, declaration};
use crate::path::{self, SERVICES};
use crate::{cpu, tables};

const KNOWN: u64 = 4_000;
const ASKED: u64 = 20_000;
const RATE: f64 = 500.0;
const AT_RATE: u64 = 10_000;

pub async fn run() -> anyhow::Result<()> {
    let mut report = Report::of("score-now");
    let mut installation = Installation::prepare().await?;
    installation.start(&SERVICES).await?;
    tables::tell(&installation, &SERVICES).await?;
    report.progress("making parties known");
    path::measure(&mut installation, &mut 0, 0..KNOWN).await?;
    let token = installation.token(&["service"])?;
    let url = installation.url(Service::Scoring) + "/v1/scores";
    load::post(&url, &token, 0..KNOWN, declaration).await?;
    report.progress("measuring");
    let before = installation.spent().await?;
    let seconds = load::post(&url, &token, 0..ASKED, declaration).await?;
    let mut by_process = cpu::per_operation(&before, &installation.spent().await?, ASKED as usize);
    by_process.retain(|name, _| ["scoring", "redis", "postgresql"].contains(&name.as_str()));
    let mut answered = load::post_at(&url, &token, RATE, AT_RATE, declaration).await?;
    answered.sort_by(f64::total_cmp);
    let at = |share: f64| answered[(answered.len() as f64 * share) as usize];
    report
        .figure("cpuMicrosPerOp", by_process.values().sum::<f64>())
        .figure("byProcess", json!(by_process))
        .figure("perSecond", ASKED as f64 / seconds)
        .figure("p50MillisAt500", at(0.5))
        .figure("p99MillisAt500", at(0.99));
    report.print();
    installation.remove().await
}
