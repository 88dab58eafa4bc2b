//! Trying filters over the past before they act: asked for, worked on page by page, kept as evidence.
//!
//! A replay is of a fixed past: results as known when it was asked for, up to the end of the log at that moment. How far
//! it has come is written down with every page, so it goes on after a restart and gives what it would have given.

use std::collections::BTreeMap;
use std::sync::Arc;

use clients::HistoryQuery;
use customs::{FilterId, Method, OfficeCode};
use jiff::Timestamp;
use rest::Principal;
use risk_filters::{
    Catalogue, FilterDefinition, FilterList, Lists, Vocabulary,
    replay::{Capacity, Replay, Tally},
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App,
    lists::NamedVersion,
    past::{self, Past},
};
use crate::{
    ManagementError,
    store::{
        filters::{self, FilterVersion},
        from_text,
        lists::{self, NewEvent},
        plans,
        replays::{self, Asked, Kind, Work, WorkState},
        to_text,
    },
};

/// Lines of the past that are worked on at a time.
const PAGE: usize = 2_000;
/// Days of a mean month.
const DAYS_OF_MONTH: f64 = 365.25 / 12.0;

/// What is asked of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"version": 2, "from": "2026-01-01T05:00:00Z", "until": "2026-07-01T05:00:00Z"}))]
pub struct ReplayRequest {
    /// The version, in whatever state; the latest when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Declarations accepted from this moment; the beginning of records when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Declarations accepted before this moment; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What a replay works with: written down when it is asked for, so that later changes do not change it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    definition: FilterDefinition,
    /// Names and versions of the lists it names; entries stay where they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lists: Vec<NamedVersion>,
    query: HistoryQuery,
}

/// The period that is asked for, as far as it can be.
pub(super) fn period(
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<HistoryQuery, ManagementError> {
    let until = until.unwrap_or(now);
    if until > now {
        return Err(ManagementError::ReplayInvalid("the past ends now".to_owned()));
    }
    if from.is_some_and(|from| from >= until) {
        return Err(ManagementError::ReplayInvalid("the period ends before it begins".to_owned()));
    }
    Ok(HistoryQuery { from, until: Some(until), as_of: Some(now), up_to: None })
}

impl App {
    /// Asks for a replay of a version of a filter. What is under way for the same question is the same replay.
    ///
    /// A filter that names lists is tried by their readers alone, and the trail of each list tells it: what it matches
    /// tells what is on them.
    pub async fn request_replay(
        &self,
        caller: &Principal,
        id: FilterId,
        request: &ReplayRequest,
    ) -> Result<(Work, bool), ManagementError> {
        let now = self.clock.now();
        let mut query = period(request.from, request.until, now)?;
        let versions = filters::versions(self.db.reader(), id).await?;
        let version = match request.version {
            Some(number) => versions.iter().find(|version| version.version == number),
            None => versions.last(),
        };
        let version = version.ok_or_else(|| ManagementError::UnknownFilterVersion(id, request.version.unwrap_or(1)))?;
        let lists = self.lists_of(self.db.reader(), version).await?;
        let lists: Vec<NamedVersion> = lists.into_iter().map(|list| (list.name, list.version)).collect();
        let of_filter = format!("a replay of filter {}", version.content.code);
        self.look_through(caller, &lists, None, &of_filter).await?;
        let asked = (version.content.clone(), &lists, request.from, request.until);
        let digest = blake3::hash(to_text(&asked)?.as_bytes()).to_hex().to_string();
        if let Some(open) = replays::open_like(self.db.reader(), &digest).await? {
            return Ok((open, false));
        }
        let extent = self.sources.history.extent(&query).await?;
        query.up_to = Some(extent.last_sequence);
        let task = Task { definition: version.definition(), lists: lists.clone(), query };
        let filter = Some((id, version.version));
        let asked = Asked { kind: Kind::Replay, filter, digest, request: to_text(&task)? };
        let work = Work::queued(asked, &caller.subject, now, &extent);
        let tx = self.db.begin().await?;
        if let Some(same) = replays::find(&tx, work.id).await? {
            drop(tx);
            return Ok((self.replay(caller, same.id).await?, false));
        }
        replays::insert(&tx, &work).await?;
        for (name, number) in &lists {
            let reason = format!("replay {} of filter {}", work.id, version.content.code);
            let event = NewEvent {
                version: Some(*number),
                action: "replayed",
                subject: &caller.subject,
                reason: Some(&reason),
                epoch: None,
            };
            lists::append_event(&tx, name, event, now).await?;
        }
        tx.commit().await?;
        Ok((work, true))
    }

    /// The lists that a version names, in the version that holds or else the latest.
    async fn lists_of(
        &self,
        db: &impl ConnectionTrait,
        version: &FilterVersion,
    ) -> Result<Vec<FilterList>, ManagementError> {
        let names = self.words(db).await?.lists_of(&self.catalogue, &version.content.expression);
        if names.is_empty() { Ok(Vec::new()) } else { lists::latest(db, &names).await }
    }

    /// Work with its progress.
    pub async fn work(&self, id: Uuid, kind: Kind) -> Result<Work, ManagementError> {
        let found = replays::find(self.db.reader(), id).await?.filter(|work| work.kind == kind);
        found.ok_or(ManagementError::UnknownReplay(id))
    }

    /// A replay, for those who may see all lists that its filter names; whoever gets its report looked at them.
    pub async fn replay(&self, caller: &Principal, id: Uuid) -> Result<Work, ManagementError> {
        let work = self.work(id, Kind::Replay).await?;
        let task: Task = from_text(&work.request)?;
        let action = work.result.as_ref().map(|_| "looked");
        let reason = format!("replay {} of filter {}", work.id, task.definition.code);
        self.look_through(caller, &task.lists, action, &reason).await?;
        Ok(work)
    }

    /// Breaks work off. What is over stays as it is.
    pub async fn cancel_work(&self, id: Uuid, kind: Kind) -> Result<Work, ManagementError> {
        self.work(id, kind).await?;
        let tx = self.db.begin().await?;
        replays::cancel(&tx, id, self.clock.now()).await?;
        tx.commit().await?;
        self.work(id, kind).await
    }

    /// Lets work go on that was broken off or failed.
    pub async fn resume_work(&self, id: Uuid, kind: Kind) -> Result<Work, ManagementError> {
        self.work(id, kind).await?;
        let tx = self.db.begin().await?;
        replays::resume(&tx, id).await?;
        tx.commit().await?;
        self.work(id, kind).await
    }

    /// Works on one page of what was asked for first; how many pages that was.
    pub async fn work_on_replays(&self) -> Result<usize, ManagementError> {
        let _one_at_a_time = self.replaying.lock().await;
        let Some(mut work) = replays::next(self.db.reader()).await? else { return Ok(0) };
        let outcome = match work.kind {
            Kind::Replay => self.replay_page(&mut work).await,
            Kind::Search => self.search_page(&mut work).await,
        };
        match outcome {
            Ok(()) => {}
            Err(ManagementError::Source(source)) if source.is_transient() => return Err(source.into()),
            Err(ManagementError::Store(store)) if store.is_transient() => return Err(store.into()),
            Err(error) => {
                tracing::warn!(id = %work.id, %error, "a replay or search cannot be done");
                work.state = WorkState::Failed;
                work.error = Some(error.to_string());
            }
        }
        if work.state.is_over() {
            work.finished_at = Some(self.clock.now());
        }
        let tx = self.db.begin().await?;
        replays::advance(&tx, &work).await?;
        tx.commit().await?;
        Ok(1)
    }

    /// The next lines of the past for `work`, which moves on behind them; and whether they were the last.
    pub(super) async fn next_lines(
        &self,
        work: &mut Work,
        query: &HistoryQuery,
    ) -> Result<(Vec<clients::HistoryLine>, bool), ManagementError> {
        let lines = self.sources.history.page(query, work.position, PAGE).await?;
        let ended = lines.len() < PAGE;
        work.state = WorkState::Running;
        work.position = lines.last().map_or(work.position, |line| line.sequence);
        work.done += lines.len() as u64;
        self.counters.replayed.inc_by(lines.len() as u64);
        Ok((lines, ended))
    }

    async fn replay_page(&self, work: &mut Work) -> Result<(), ManagementError> {
        let task: Task = from_text(&work.request)?;
        let mut tally: Tally = work.tally.as_deref().map(from_text).transpose()?.unwrap_or_default();
        let mut lists = Vec::new();
        for (name, version) in &task.lists {
            let list = lists::find(self.db.reader(), name).await?;
            let kind = list.ok_or_else(|| ManagementError::UnknownList(name.clone()))?.kind;
            let content = lists::content(self.db.reader(), name, *version).await?;
            // Tried as if they had always held: a new list has no past of its own.
            let always =
                FilterList { valid_from: Timestamp::MIN, valid_to: None, ..content.define(name, kind, *version) };
            lists.push(always);
        }
        let zones = Arc::new(past::zones(self.db.reader()).await?);
        let (lines, ended) = self.next_lines(work, &task.query).await?;
        let catalogue = Arc::clone(&self.catalogue);
        let definition = task.definition.clone();
        let rows = move || {
            let replay = compiled(&definition, &catalogue, lists)?;
            for line in lines {
                let past = Past::of(line, &zones);
                replay.row(&mut tally, &past.row());
            }
            Ok::<Tally, ManagementError>(tally)
        };
        let tally = tokio::task::spawn_blocking(rows).await??;
        if ended {
            let capacity = capacity(self.db.reader(), task.definition.action.method).await?;
            let replay =
                Replay::new(&FilterDefinition { expression: "true".to_owned(), ..task.definition }, &self.catalogue)
                    .map_err(|error| ManagementError::Unreadable(error.to_string()))?;
            work.result = Some(to_text(&replay.report(&tally, &capacity))?);
            work.tally = None;
            work.state = WorkState::Done;
        } else {
            work.tally = Some(to_text(&tally)?);
        }
        Ok(())
    }
}

fn compiled(
    definition: &FilterDefinition,
    catalogue: &Catalogue,
    lists: Vec<FilterList>,
) -> Result<Replay, ManagementError> {
    let lists = Lists::new(lists).map_err(|error| ManagementError::ReplayInvalid(error.to_string()))?;
    let vocabulary = Vocabulary { catalogue, lists: &lists, codes: None };
    Replay::with(definition, &vocabulary).map_err(|error| ManagementError::ReplayInvalid(error.to_string()))
}

/// Controls of a method that each office can do in a mean month.
async fn capacity(db: &impl ConnectionTrait, method: Method) -> Result<Capacity, ManagementError> {
    let per_day = |plan: &selection::CapacityPlan| match method {
        Method::Physical => Some(plan.physical_per_day),
        Method::Documentary => Some(plan.documentary_per_day),
        _ => None,
    };
    let per_month: BTreeMap<OfficeCode, f64> = plans::all(db)
        .await?
        .into_iter()
        .filter_map(|plan| Some((plan.office.clone(), per_day(&plan)? * DAYS_OF_MONTH)))
        .collect();
    Ok(Capacity { per_month })
}
