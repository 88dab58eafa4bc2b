//! Searching the past for filters: what results suggest becomes drafts, for an analyst to judge.
//!
//! A search goes over the past once, keeps what was examined in memory, and begins anew after a restart: what was
//! searched so far is of no use without the rest.

use std::sync::{Arc, Mutex, PoisonError};

use clients::HistoryQuery;
use customs::{FilterId, Method};
use jiff::Timestamp;
use rest::Principal;
use risk_filters::{
    Catalogue, FilterAction, FilterScope,
    mining::{Examples, Mined, Proposal, Settings, mine},
    replay::Examined,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App,
    past::{self, Past},
    replays::period,
};
use crate::{
    ManagementError,
    domain::filter::{NewFilter, Provenance, names_owner},
    store::{
        from_text,
        replays::{self, Asked, Kind, Work, WorkState},
        to_text,
    },
};

/// Fields that conditions are made of unless others are asked for: what is declared, no names and numbers of persons.
const FIELDS: [&str; 24] = [
    "declaration.office",
    "declaration.regime",
    "declaration.modality",
    "declaration.form",
    "declaration.port",
    "declaration.routeCountry",
    "declaration.transportMode",
    "declaration.itemCount",
    "declaration.totalValue",
    "declaration.trader.aeo",
    "declaration.counterparty.country",
    "item.hs2",
    "item.hs4",
    "item.hs6",
    "item.origin",
    "item.purchaseCountry",
    "item.loadingPort",
    "item.procedure",
    "item.preference",
    "item.incoterm",
    "item.taxRate",
    "item.customsValue",
    "item.unitValuePerKg",
    "item.netMassKg",
];

/// The examined items of the search under way.
pub type Searched = Arc<Mutex<Option<(Uuid, Examples)>>>;

/// What is asked of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(example = json!({"from": "2026-01-01T05:00:00Z", "until": "2026-07-01T05:00:00Z", "leastSupport": 50,
    "area": "value", "verify": "Invoice and price list"}))]
pub struct SearchRequest {
    /// Declarations accepted from this moment; the beginning of records when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Declarations accepted before this moment; now when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Fields that conditions may be made of; those usually declared when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// Most tests of a condition, 1 to 4.
    pub depth: usize,
    /// Fewest examined items that a condition must match in the half that is searched, counted as items that weigh alike
    /// (Kish).
    pub least_support: usize,
    /// Chance of proposing anything when nothing is there, above 0 and at most 0.2.
    pub level: f64,
    /// The area of risk of the drafts.
    pub area: String,
    /// What officers are told to verify.
    pub verify: String,
    /// Who will answer for the drafts; `unassigned` when absent: nobody has written them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The entry of the risk register that the drafts cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// Whether drafts are made; otherwise the proposals are told alone.
    pub draft: bool,
}

impl Default for SearchRequest {
    fn default() -> Self {
        let Settings { depth, least_support, level, .. } = Settings::default();
        Self {
            from: None,
            until: None,
            fields: None,
            depth,
            least_support,
            level,
            area: "pattern of findings".to_owned(),
            verify: "All that was declared".to_owned(),
            owner: None,
            risk: None,
            draft: true,
        }
    }
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Searching {
    /// Examined items looked at, conditions tried, and what is left of them.
    #[serde(flatten)]
    pub mined: Mined,
    /// The drafts, in the order of the proposals.
    pub drafts: Vec<Draft>,
}

/// A draft made of a proposal; none of one that names a code which is not in the reference data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// The filter.
    pub filter: FilterId,
    /// Its code.
    pub code: String,
    /// Its condition.
    pub expression: String,
}

/// What a search works with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    request: SearchRequest,
    query: HistoryQuery,
}

impl SearchRequest {
    fn settings(&self) -> Settings {
        Settings { depth: self.depth, least_support: self.least_support, level: self.level, ..Settings::default() }
    }

    fn examples(&self, catalogue: &Catalogue) -> Result<Examples, ManagementError> {
        let usual = || FIELDS.iter().map(|name| (*name).to_owned()).collect();
        let fields: Vec<String> = self.fields.clone().unwrap_or_else(usual);
        Examples::new(catalogue, fields).map_err(|error| ManagementError::ReplayInvalid(error.to_string()))
    }

    fn validate(&self, catalogue: &Catalogue) -> Result<(), ManagementError> {
        let refuse = |message: &str| Err(ManagementError::ReplayInvalid(message.to_owned()));
        if !(1..=4).contains(&self.depth) {
            return refuse("a condition has 1 to 4 tests");
        }
        if self.least_support < 5 {
            return refuse("fewer than 5 items say nothing");
        }
        if self.level.is_nan() || self.level <= 0.0 || self.level > 0.2 {
            return refuse("the level lies above 0 and at most at 0.2");
        }
        if self.area.trim().is_empty() || self.verify.trim().is_empty() {
            return refuse("officers need to know the area of risk and what to verify");
        }
        if !names_owner(self.owner.as_deref()) {
            return refuse("an owner has 1 to 200 characters; without one, the drafts are unassigned");
        }
        self.examples(catalogue).map(|_| ())
    }
}

impl App {
    /// Asks for a search. What is under way for the same question is the same search.
    pub async fn request_search(
        &self,
        caller: &Principal,
        request: &SearchRequest,
    ) -> Result<(Work, bool), ManagementError> {
        let now = self.clock.now();
        let mut query = period(request.from, request.until, now)?;
        request.validate(&self.catalogue)?;
        if let Some(fault) = self.check_risk(self.db.reader(), request.risk.as_deref()).await? {
            return Err(ManagementError::ReplayInvalid(fault.message));
        }
        let digest = blake3::hash(to_text(request)?.as_bytes()).to_hex().to_string();
        if let Some(open) = replays::open_like(self.db.reader(), &digest).await? {
            return Ok((open, false));
        }
        let extent = self.sources.history.extent(&query).await?;
        query.up_to = Some(extent.last_sequence);
        let task = Task { request: request.clone(), query };
        let asked = Asked { kind: Kind::Search, filter: None, digest, request: to_text(&task)? };
        let work = Work::queued(asked, &caller.subject, now, &extent);
        let tx = self.db.begin().await?;
        if let Some(same) = replays::find(&tx, work.id).await? {
            return Ok((same, false));
        }
        replays::insert(&tx, &work).await?;
        tx.commit().await?;
        Ok((work, true))
    }

    /// One page of a search; at the end, what it comes to.
    pub(super) async fn search_page(&self, work: &mut Work) -> Result<(), ManagementError> {
        let task: Task = from_text(&work.request)?;
        let held = self.searched.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut examples = match held {
            Some((id, examples)) if id == work.id && work.position > 0 => examples,
            _ => {
                (work.position, work.done) = (0, 0);
                task.request.examples(&self.catalogue)?
            }
        };
        let zones = past::zones(self.db.reader()).await?;
        let (lines, ended) = self.next_lines(work, &task.query).await?;
        let catalogue = Arc::clone(&self.catalogue);
        let settings = task.request.settings();
        let rows = move || {
            for line in lines.into_iter().filter(|line| !line.examined.is_empty()) {
                add(&mut examples, &Past::of(line, &zones));
            }
            let mined = if ended { Some(mine(&examples, &catalogue, &settings)) } else { None };
            (examples, mined)
        };
        let (examples, mined) = tokio::task::spawn_blocking(rows).await?;
        match mined {
            None => {
                *self.searched.lock().unwrap_or_else(PoisonError::into_inner) = Some((work.id, examples));
            }
            Some(mined) => {
                let mined = mined.map_err(|error| ManagementError::ReplayInvalid(error.to_string()))?;
                let drafts = if task.request.draft {
                    self.draft(work, &task.request, &mined.proposals).await?
                } else {
                    Vec::new()
                };
                work.result = Some(to_text(&Searching { mined, drafts })?);
                work.state = WorkState::Done;
            }
        }
        Ok(())
    }

    /// Makes drafts of proposals; nobody has written them. A condition that was proposed before is the same draft.
    async fn draft(
        &self,
        work: &Work,
        request: &SearchRequest,
        proposals: &[Proposal],
    ) -> Result<Vec<Draft>, ManagementError> {
        let mut drafts = Vec::with_capacity(proposals.len());
        for proposal in proposals {
            let hash = blake3::hash(proposal.expression.as_bytes()).to_hex();
            let code = format!("MINED-{}", hash[..10].to_uppercase());
            let found = crate::store::filters::by_code(self.db.reader(), &code).await?;
            let filter = if let Some(filter) = found {
                filter
            } else {
                let content = new_filter(code.clone(), proposal, request, work.requested_at);
                match self.create_filter(&work.requested_by, Provenance::Mined, &content).await {
                    Ok(written) => written.version.id,
                    // Declarations have codes that no tariff has; nobody can act on them by a filter.
                    Err(ManagementError::FilterInvalid(_)) => continue,
                    Err(error) => return Err(error),
                }
            };
            drafts.push(Draft { filter, code, expression: proposal.expression.clone() });
        }
        Ok(drafts)
    }
}

/// Adds the items of a declaration about which something was established.
fn add(examples: &mut Examples, past: &Past) {
    let row = past.row();
    for outcome in &past.line().examined {
        let place = past.line().declaration.items.iter().position(|item| item.sequence == outcome.item);
        if let Some(index) = place {
            examples.add(&row.input, index, Examined { found: outcome.found, probability: past.line().probability });
        }
    }
}

fn new_filter(code: String, proposal: &Proposal, request: &SearchRequest, at: Timestamp) -> NewFilter {
    NewFilter {
        code,
        expression: proposal.expression.clone(),
        area: request.area.clone(),
        verify: request.verify.clone(),
        owner: request.owner.clone(),
        // Beyond what a control of other goods brings: the weight of a match is the gain in yield.
        action: FilterAction {
            method: Method::Physical,
            mandatory: false,
            weight: (proposal.yield_of_matches.share - proposal.yield_of_rest.share).clamp(0.0, 1.0),
        },
        sampling_share: 1.0,
        valid_from: at,
        valid_to: None,
        scope: FilterScope::National,
        risk: request.risk.clone(),
    }
}
