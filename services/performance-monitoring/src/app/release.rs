//! How long goods waited from lodgement to release.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reports;
use crate::{ServiceError, domain::spread::Spread, store::read::Window};

/// Hours from lodgement to release, in domain time; quantiles to the minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseLine {
    /// The channel.
    pub channel: String,
    /// The regime; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regime: Option<String>,
    /// Released declarations.
    pub n: u64,
    /// Median.
    pub median_hours: f64,
    /// 90th percentile.
    pub p90_hours: f64,
    /// Mean.
    pub mean_hours: f64,
}

/// Times from lodgement to release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "byChannel": [{"channel": "green", "n": 80_000, "medianHours": 3.2, "p90Hours": 20.5, "meanHours": 8.1}],
    "byChannelAndRegime": [{"channel": "green", "regime": "10", "n": 50_000, "medianHours": 3.0, "p90Hours": 19.0,
        "meanHours": 7.7}]
}))]
pub struct ReleaseReport {
    /// By channel.
    pub by_channel: Vec<ReleaseLine>,
    /// By channel and regime.
    pub by_channel_and_regime: Vec<ReleaseLine>,
}

impl Reports {
    /// Release times of the declarations lodged in a period and released since.
    pub async fn release_times(&self, window: &Window) -> Result<ReleaseReport, ServiceError> {
        let mut by_channel: BTreeMap<String, Spread> = BTreeMap::new();
        let mut by_both: BTreeMap<(String, String), Spread> = BTreeMap::new();
        for row in window.releases(self.database.reader()).await? {
            let total = row.total_us as f64;
            by_channel.entry(row.channel.clone()).or_default().add(row.minutes, row.n, total);
            by_both.entry((row.channel, row.regime)).or_default().add(row.minutes, row.n, total);
        }
        Ok(ReleaseReport {
            by_channel: by_channel.iter().map(|(channel, spread)| line(channel, None, spread)).collect(),
            by_channel_and_regime: by_both
                .iter()
                .map(|((channel, regime), spread)| line(channel, Some(regime), spread))
                .collect(),
        })
    }
}

fn line(channel: &str, regime: Option<&str>, spread: &Spread) -> ReleaseLine {
    let hours = |q| spread.quantile(q).unwrap_or(0) as f64 / 60.0;
    ReleaseLine {
        channel: channel.to_owned(),
        regime: regime.map(str::to_owned),
        n: spread.n(),
        median_hours: hours(0.5),
        p90_hours: hours(0.9),
        mean_hours: spread.mean().unwrap_or(0.0) / 3.6e9,
    }
}
