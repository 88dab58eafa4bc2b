//! Counting afterwards, from what the system answers over HTTP.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::Context;
use clients::{ChannelEntry, Client, reports::Report};
use customs::{Channel, DeclarationId, Selection};
use events::Service;
use serde::Serialize;
use store::Database;

use super::killing::Outages;
use super::load::Load;
use crate::feed::follow;
use crate::settings::Settings;
use crate::stack::Plan;

/// What the feed and its reader may add to the deadline.
const READING: Duration = Duration::from_secs(1);
/// The reason of a feed entry that tells a decision.
const SELECTION: &str = "selection";
/// Pages of the feed of channels.
const PAGE: u32 = 1_000;

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Processes killed.
    pub kills: u64,
    /// The same, by process.
    pub killed: BTreeMap<String, u64>,
    /// Seconds for which some process was gone.
    pub outage_seconds: f64,
    /// Declarations that were accepted.
    pub declarations: u64,
    /// Of these without a selection, or without a channel.
    pub lost: u64,
    /// With two selections of a version, or told twice of one.
    pub twice: u64,
    /// Whether the counts of the reports and the online features are what a recount gives.
    pub aggregates_equal: bool,
    /// Told later than the deadline and the outages, or never.
    pub untold: u64,
    /// Results that were taken.
    pub results: u64,
    /// Messages that were given up.
    pub dead_letters: u64,
    /// The longest time from receipt to channel.
    pub slowest_told_ms: u64,
}

impl Outcome {
    /// Whether everything is as it must be.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.twice == 0 && self.untold == 0 && self.aggregates_equal && self.dead_letters == 0
    }

    /// Compares the online features with their log. Nothing may run any more but the servers.
    pub async fn compare_features(&mut self, plan: &Plan) -> anyhow::Result<()> {
        let mut settings = Settings::default();
        settings.database.url = plan.postgres.clone().unwrap_or_default();
        let store = settings.store(Service::FeatureStore, &plan.data);
        let database = Database::open(&store).await.context("the database of feature-store cannot be opened")?;
        let online = online_store::open(&online_store::Settings::new(plan.redis.clone())).await?;
        let compared =
            feature_store::compare(&database, &*online).await.context("the online features cannot be compared")?;
        if !compared.is_equal() {
            eprintln!("the online features differ from their log: {compared:?}");
            self.aggregates_equal = false;
        }
        Ok(())
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, declarations, lost, twice, untold, outage_seconds, slowest_told_ms, dead_letters, .. } = self;
        writeln!(f, "{declarations} declarations accepted, {kills} processes killed, gone for {outage_seconds:.0} s")?;
        writeln!(f, "{lost} lost, {twice} selected twice, {untold} told too late, {dead_letters} messages given up")?;
        writeln!(f, "slowest channel {slowest_told_ms} ms after its receipt")?;
        let equal = if self.aggregates_equal { "equal" } else { "differ from" };
        write!(f, "aggregates {equal} the recount")
    }
}

/// Counts what came of the load.
pub async fn count(client: &Client, load: &Load, outages: &Outages, deadline_ms: u64) -> anyhow::Result<Outcome> {
    let selections: Vec<Selection> =
        follow(&mut None, async |after| client.selections(after, Some(PAGE)).await).await.context("no selections")?;
    let entries = channels(client).await.context("no channels")?;
    let mut selected: HashMap<(DeclarationId, u32), u64> = HashMap::new();
    for selection in &selections {
        *selected.entry((selection.declaration, selection.declaration_version)).or_default() += 1;
    }
    let mut told: HashMap<(DeclarationId, u32), u64> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.reason.as_deref() == Some(SELECTION)) {
        *told.entry((entry.declaration, entry.version)).or_default() += 1;
    }
    let with_selection: HashSet<DeclarationId> = selected.keys().map(|(id, _)| *id).collect();
    let with_channel: HashSet<DeclarationId> = entries.iter().map(|entry| entry.declaration).collect();
    let twice: HashSet<DeclarationId> =
        selected.iter().chain(&told).filter(|(_, times)| **times > 1).map(|((id, _), _)| *id).collect();

    let times = load.times();
    let deadline = Duration::from_millis(deadline_ms) + READING;
    let late = |accepted: Instant, told: Option<Instant>| {
        told.is_none_or(|told| told.duration_since(accepted) > deadline + outages.between(accepted, told))
    };
    let mut untold: Vec<_> = times.iter().filter(|(_, accepted, told)| late(*accepted, *told)).collect();
    untold.sort_by_key(|(_, accepted, _)| *accepted);
    let first = times.iter().map(|(_, accepted, _)| *accepted).min();
    for (id, accepted, told) in &untold {
        let since = |at: Instant| first.map_or(0.0, |first| at.duration_since(first).as_secs_f64());
        let (at, told) =
            (since(*accepted), told.map_or_else(|| "never".to_owned(), |told| format!("at {:.1} s", since(told))));
        eprintln!("too late: {id} accepted at {at:.1} s, told {told}");
    }
    let slowest = times.iter().filter_map(|(_, accepted, told)| Some(told.as_ref()?.duration_since(*accepted))).max();
    let dead_letters = client.queues().await.context("no queues")?.iter().map(|queue| queue.dead).sum();
    Ok(Outcome {
        kills: outages.kills.values().sum(),
        killed: outages.kills.clone(),
        outage_seconds: outages.spans.iter().map(|(gone, back)| back.duration_since(*gone).as_secs_f64()).sum(),
        declarations: times.len() as u64,
        lost: times.iter().filter(|(id, ..)| !(with_selection.contains(id) && with_channel.contains(id))).count()
            as u64,
        twice: twice.len() as u64,
        aggregates_equal: reports_equal(client, &selections).await?,
        untold: untold.len() as u64,
        results: load.results(),
        dead_letters,
        slowest_told_ms: slowest.unwrap_or_default().as_millis() as u64,
    })
}

/// Whether the report of channels says what counting the selections gives.
async fn reports_equal(client: &Client, selections: &[Selection]) -> anyhow::Result<bool> {
    let counted = |channel: Channel| selections.iter().filter(|selection| selection.channel == channel).count() as u64;
    let expected = [counted(Channel::Green), counted(Channel::Orange), counted(Channel::Red)];
    let report = client.report(Report::Channels, None, None).await.context("no report of channels")?;
    let offices = report["offices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let reported = ["green", "orange", "red"]
        .map(|channel| offices.iter().filter_map(|office| office["channels"][channel].as_u64()).sum::<u64>());
    if reported != expected {
        eprintln!("the report of channels says {reported:?}, the selections {expected:?} (green, orange, red)");
    }
    Ok(reported == expected)
}

/// Every channel that was told.
async fn channels(client: &Client) -> anyhow::Result<Vec<ChannelEntry>> {
    let (mut all, mut cursor) = (Vec::new(), 0);
    loop {
        let page = client.channels(cursor, None, Some(PAGE)).await?;
        if page.items.is_empty() {
            return Ok(all);
        }
        cursor = page.next;
        all.extend(page.items);
    }
}
