//! The service in process, with its queue and an in-memory or on-disk database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, test};
use async_trait::async_trait;
use clients::{HistoryExtent, HistoryLine, HistoryQuery};
use customs::Direction;
use events::Envelope;
use jiff::{SignedDuration, Timestamp};
use lifecycle::{Clock, Metrics, ProcessClock, Worker};
use model_management::{
    EvidenceSource, FilterFigures, HistorySource, Service, Settings, SourceError, Sources, StatisticsSource,
    TrainingSource, Wanted,
};
use queue::{Deps, EmbeddedQueue, Queue, Stream};
use rest::{Access, KeySet, Principal, Role, ServiceConfig};
use risk_model::TrainingSet;
use rollout::{Outcome, Report, Scorer};
use serde_json::{Value, json};
use testkit::Home;

/// When the tests begin.
pub fn start() -> Timestamp {
    "2026-01-01T05:00:00Z".parse().unwrap()
}

/// A risk as it is written.
pub fn risk(code: &str) -> Value {
    json!({
        "code": code, "title": "Undervalued textiles", "description": "Knitwear below the price of its cotton",
        "likelihood": "likely", "consequence": "major", "owner": "textiles desk", "treatment": "Filters on unit value",
        "findingKinds": ["undervaluation"], "direction": "in", "identifiedAt": "2026-01-01T05:00:00Z"
    })
}

/// Gives the set that was put in; none is an empty one. Remembers what it was asked.
#[derive(Default)]
pub struct Rows {
    pub set: Mutex<Option<TrainingSet>>,
    pub asked: Mutex<Vec<(Direction, Timestamp)>>,
    pub broken: Mutex<bool>,
    pub past: Mutex<Vec<HistoryLine>>,
    pub figures: Mutex<BTreeMap<String, FilterFigures>>,
    pub report: Mutex<Option<Report>>,
    pub scorers: Mutex<Vec<Scorer>>,
}

impl Rows {
    fn check(&self) -> Result<(), SourceError> {
        if *self.broken.lock().unwrap() {
            return Err(SourceError::Shape("broken for the test".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl HistorySource for Rows {
    async fn extent(&self, _: &HistoryQuery) -> Result<HistoryExtent, SourceError> {
        let past = self.past.lock().unwrap();
        let last_sequence = past.last().map_or(0, |line| line.sequence);
        Ok(HistoryExtent { last_sequence, declarations: past.len() as u64, ..HistoryExtent::default() })
    }

    async fn page(&self, query: &HistoryQuery, after: u64, limit: usize) -> Result<Vec<HistoryLine>, SourceError> {
        self.check()?;
        let past = self.past.lock().unwrap();
        let wanted = |line: &&HistoryLine| {
            line.sequence > after
                && query.up_to.is_none_or(|up_to| line.sequence <= up_to)
                && query.from.is_none_or(|from| line.accepted_at >= from)
                && query.until.is_none_or(|until| line.accepted_at < until)
        };
        Ok(past.iter().filter(wanted).take(limit).cloned().collect())
    }
}

#[async_trait]
impl StatisticsSource for Rows {
    async fn figures(&self) -> Result<BTreeMap<String, FilterFigures>, SourceError> {
        self.check()?;
        Ok(self.figures.lock().unwrap().clone())
    }
}

#[async_trait]
impl EvidenceSource for Rows {
    async fn report(&self, _: &str, _: Timestamp, _: &Outcome) -> Result<Report, SourceError> {
        self.check()?;
        self.report.lock().unwrap().clone().ok_or_else(|| SourceError::Shape("nothing to report".to_owned()))
    }

    async fn scorers(&self) -> Result<Vec<Scorer>, SourceError> {
        self.check()?;
        Ok(self.scorers.lock().unwrap().clone())
    }
}

#[async_trait]
impl TrainingSource for Rows {
    async fn fetch(&self, direction: Direction, as_of: Timestamp, _: Wanted) -> Result<TrainingSet, SourceError> {
        self.check()?;
        self.asked.lock().unwrap().push((direction, as_of));
        Ok(self.set.lock().unwrap().clone().unwrap_or_default())
    }
}

pub struct Running {
    pub service: Service,
    pub clock: Clock,
    pub rows: Arc<Rows>,
    pub queue: Arc<dyn Queue>,
    keys: KeySet,
    /// Where the tables are, unless the test keeps that itself.
    _home: Option<Home>,
}

pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Running {
    pub async fn new() -> Self {
        Self::changed(|_| {}).await
    }

    /// With other settings.
    pub async fn changed(change: impl FnOnce(&mut Settings)) -> Self {
        let home = Home::of_postgres();
        let store = home.as_ref().map(Home::store).unwrap_or_default();
        Self { _home: home, ..Self::with(store, Clock::driven(start()), change).await }
    }

    /// With risk R-1 in its register.
    pub async fn registered() -> Self {
        let running = Self::new().await;
        running.register().await;
        running
    }

    /// Puts risk R-1 into the register.
    pub async fn register(&self) {
        let answer = self.post("/v1/risks", "ana", Role::Analyst, &risk("R-1")).await;
        assert!(answer.status.is_success(), "{}", answer.body);
    }

    pub async fn on(store: store::Settings, clock: Clock) -> Self {
        Self::with(store, clock, |_| {}).await
    }

    /// The same with other settings.
    pub async fn with(store: store::Settings, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let process_clock = ProcessClock::default();
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::open("sqlite::memory:").await.unwrap());
        let rows = Arc::new(Rows::default());
        let mut settings = Settings { store, ..Settings::default() };
        settings.training.boosted.trees = 20;
        change(&mut settings);
        let deps = Deps {
            clock: clock.clone(),
            process_clock: process_clock.clone(),
            queue: queue.clone(),
            metrics: Metrics::new(),
        };
        let sources =
            Sources { training: rows.clone(), history: rows.clone(), statistics: rows.clone(), evidence: rows.clone() };
        let service = Service::build_with(settings, deps, sources).await.unwrap();
        Self { service, clock, rows, queue, keys: KeySet::ephemeral(process_clock).unwrap(), _home: None }
    }

    pub fn advance(&self, hours: i64) {
        self.clock.advance_to(self.clock.now() + SignedDuration::from_hours(hours)).unwrap();
    }

    /// Every worker, until none has anything left.
    pub async fn settle(&self) -> usize {
        let mut all = 0;
        loop {
            let mut done = 0;
            for worker in self.service.workers() {
                done += worker.step().await.unwrap();
            }
            if done == 0 {
                return all;
            }
            all += done;
        }
    }

    pub fn worker(&self, name: &str) -> Arc<dyn Worker> {
        self.service.workers().into_iter().find(|worker| worker.name() == name).unwrap()
    }

    /// What scoring hears, in order.
    pub async fn heard(&self) -> Vec<Envelope> {
        self.settle().await;
        let stream = Stream::of(events::Service::Scoring);
        let deliveries = self.queue.receive(&stream, 1_000, Duration::ZERO).await.unwrap();
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
        self.queue.acknowledge(&stream, &ids).await.unwrap();
        deliveries.into_iter().map(|delivery| delivery.envelope).collect()
    }

    pub async fn call(&self, method: Method, path: &str, subject: &str, role: Role, body: &Value) -> Answer {
        let principal = Principal::new(subject, [role]);
        self.call_as(method, path, &principal, body).await
    }

    pub async fn call_as(&self, method: Method, path: &str, principal: &Principal, body: &Value) -> Answer {
        let routes = self.service.routes();
        let app = App::new()
            .app_data(Access::local(self.keys.clone()))
            .configure(|config| routes(&mut ServiceConfig::new(config)));
        let app = test::init_service(app).await;
        let token = self.keys.issue(principal, Duration::from_mins(1));
        let mut request = test::TestRequest::with_uri(path)
            .method(method)
            .insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        request = match body {
            Value::Null => request,
            // A text is a file.
            Value::String(file) => request.set_payload(file.clone()),
            body => request.set_json(body),
        };
        let response: ServiceResponse = match app.call(request.to_request()).await {
            Ok(response) => response,
            Err(error) => panic!("{path}: {error}"),
        };
        let status = response.status();
        let bytes = test::read_body(response).await.to_vec();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default(), bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "audrey", Role::Auditor, &Value::Null).await
    }

    pub async fn post(&self, path: &str, subject: &str, role: Role, body: &Value) -> Answer {
        self.call(Method::POST, path, subject, role, body).await
    }
}
