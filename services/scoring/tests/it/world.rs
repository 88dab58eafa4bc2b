//! A scoring service on a database of its own, and messages for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use customs::{Channel, Declaration, FilterId, ItemVector, Method, ModelVersionId, Selection};
use events::{
    CapacityChanged, DeclarationAccepted, DeclarationCancelled, DeclarationSelected, Envelope, FiltersChanged, Payload,
    Route, RoutingChanged, Service as Name, VectorsServed,
};
use features::{EntityKey, EntityState};
use jiff::{SignedDuration, Timestamp};
use online_store::{EmbeddedOnlineStore, Entries, OnlineStore, OnlineStoreError, Snapshot};
use queue::{Deps, NewMessage, Stream};
use risk_filters::{FilterAction, FilterDefinition, FilterScope, FilterState};
use scoring::{ArtefactSource, CaseError, CaseQuestion, CaseSource, ItemCases, Service, Settings, SourceError};
use selection::{CapacityPlan, PlanWeights};
use store::Database;
use testkit::{Changes, Home, noon};

/// Artefacts by digest; what is not there cannot be fetched.
#[derive(Default)]
pub struct Artefacts(pub Mutex<HashMap<String, Vec<u8>>>);

#[async_trait]
impl ArtefactSource for Artefacts {
    async fn fetch(&self, digest: &str) -> Result<Bytes, SourceError> {
        let known = self.0.lock().unwrap().get(digest).cloned();
        known.map(Bytes::from).ok_or_else(|| SourceError::Unknown(digest.to_owned()))
    }
}

/// Past cases, the same for every item; none are told while there are none.
#[derive(Default)]
pub struct Cases {
    pub told: Mutex<Option<ItemCases>>,
    pub asked: Mutex<Vec<CaseQuestion>>,
}

#[async_trait]
impl CaseSource for Cases {
    async fn similar(&self, question: &CaseQuestion) -> Result<Vec<ItemCases>, CaseError> {
        self.asked.lock().unwrap().push(question.clone());
        let told = self.told.lock().unwrap().clone();
        let told = told.ok_or_else(|| CaseError::Shape(serde_json::from_str::<u8>("silent").unwrap_err()))?;
        Ok(question.items.iter().map(|item| ItemCases { item: *item, ..told.clone() }).collect())
    }
}

/// An online store that does not answer.
pub struct Silent;

#[async_trait]
impl OnlineStore for Silent {
    async fn read(&self, _: &[EntityKey]) -> Result<Snapshot, OnlineStoreError> {
        Err(OnlineStoreError::Empty)
    }

    async fn write(&self, _: u64, _: u64, _: &[(EntityKey, EntityState)]) -> Result<(), OnlineStoreError> {
        Err(OnlineStoreError::Empty)
    }

    async fn fill(&self, _: u64, _: Entries<'_>) -> Result<(), OnlineStoreError> {
        Err(OnlineStoreError::Empty)
    }
}

pub struct World {
    pub service: Service,
    pub deps: Deps,
    pub artefacts: Arc<Artefacts>,
    pub cases: Arc<Cases>,
    pub batch: usize,
    online: Arc<dyn OnlineStore>,
    directory: Home,
}

impl World {
    pub async fn new() -> Self {
        Self::with(256, Arc::new(EmbeddedOnlineStore::at(0))).await
    }

    pub async fn with(batch: usize, online: Arc<dyn OnlineStore>) -> Self {
        let directory = testkit::Home::new();
        let artefacts = Arc::new(Artefacts::default());
        let cases = Arc::new(Cases::default());
        let deps = testkit::deps().await;
        let service = build(&directory, batch, &deps, &online, &artefacts, &cases).await;
        Self { service, deps, artefacts, cases, batch, online, directory }
    }

    /// The same service started again, with a queue that has forgotten everything.
    pub async fn restarted(self) -> Self {
        let Self { service, artefacts, cases, batch, online, directory, .. } = self;
        drop(service);
        let deps = testkit::deps().await;
        let service = build(&directory, batch, &deps, &online, &artefacts, &cases).await;
        Self { service, deps, artefacts, cases, batch, online, directory }
    }

    /// Another scorer on the same database and queue.
    pub async fn beside(&self) -> Service {
        build(&self.directory, self.batch, &self.deps, &self.online, &self.artefacts, &self.cases).await
    }

    pub async fn publish(&self, envelopes: &[Envelope]) {
        let stream = Stream::of(Name::Scoring);
        let messages: Vec<_> =
            envelopes.iter().map(|envelope| NewMessage { stream, envelope: envelope.clone() }).collect();
        self.deps.queue.publish(&messages).await.unwrap();
    }

    /// Takes what is in the stream.
    pub async fn step(&self) {
        self.service.workers()[0].step().await.unwrap();
        let depth = self.deps.queue.depth(&Stream::of(Name::Scoring)).await.unwrap();
        assert_eq!((depth.unfinished, depth.dead), (0, 0), "a message failed");
    }

    pub async fn handle(&self, envelopes: &[Envelope]) {
        self.publish(envelopes).await;
        self.step().await;
    }

    pub fn database(&self) -> store::Settings {
        self.directory.store()
    }

    /// Every decision that was told, in the order of deciding, with the vectors that were told beside it.
    pub async fn told(&self) -> Vec<DeclarationSelected> {
        let db = Database::open(&self.database()).await.unwrap();
        let rows = store::outbox::unpublished(db.reader(), "nobody", 100_000).await.unwrap();
        let (mut served, mut told) = (HashMap::new(), Vec::new());
        for row in rows {
            if row.envelope.name == VectorsServed::NAME {
                let vectors: VectorsServed = row.envelope.decode().unwrap();
                let packed = vectors.packed.expect("they are packed");
                let bytes = features::unpack_vectors(&packed).expect("they are vectors");
                let width = bytes.len() / packed.items.len();
                let shown = packed.items.iter().zip(bytes.chunks_exact(width));
                let shown = shown.map(|(item, bytes)| ItemVector { item: *item, values: STANDARD.encode(bytes) });
                served.insert(vectors.selection, shown.collect::<Vec<_>>());
            } else {
                let mut selected: DeclarationSelected = row.envelope.decode().unwrap();
                assert!(selected.selection.vectors.is_empty(), "nobody else needs them");
                selected.selection.vectors = served.remove(&selected.selection.id).unwrap_or_default();
                told.push(selected);
            }
        }
        assert!(served.is_empty(), "vectors of decisions that nobody took");
        told
    }

    /// The decisions themselves.
    pub async fn selections(&self) -> Vec<Selection> {
        self.told().await.into_iter().map(|told| told.selection).collect()
    }
}

async fn build(
    directory: &Home,
    batch: usize,
    deps: &Deps,
    online: &Arc<dyn OnlineStore>,
    artefacts: &Arc<Artefacts>,
    cases: &Arc<Cases>,
) -> Service {
    let settings = Settings {
        store: directory.store(),
        draw_key: directory.path().join("draw.key"),
        draw_seed: Some(7),
        batch,
        ..Settings::default()
    };
    let source: Arc<dyn ArtefactSource> = Arc::<Artefacts>::clone(artefacts);
    let cases: Arc<dyn CaseSource> = Arc::<Cases>::clone(cases);
    Service::build_with(settings, deps.clone(), Arc::clone(online), source, cases).await.unwrap()
}

pub fn envelope<E: Payload>(key: &str, version: u64, at: Timestamp, body: E) -> Envelope {
    Envelope::new(&[key.as_bytes(), &version.to_be_bytes()], at, 0, None, body).into_raw()
}

/// Declaration number `n`, four an hour from noon on.
pub fn lodged(n: u32) -> DeclarationAccepted {
    let at = noon() + SignedDuration::from_mins(15 * i64::from(n));
    let declaration: Declaration = testkit::declaration()
        .with_reference(&format!("R{n:05}"))
        .with_trader(&format!("2010000{:04}", n % 37))
        .with_items(1 + n % 4)
        .with_accepted_at(at);
    testkit::accepted(declaration)
}

pub fn accepted(accepted: &DeclarationAccepted) -> Envelope {
    envelope(&accepted.id.to_string(), accepted.version.into(), accepted.accepted_at, accepted.clone())
}

pub fn cancelled(of: &DeclarationAccepted) -> Envelope {
    let at = of.accepted_at + SignedDuration::from_mins(1);
    let body = DeclarationCancelled { id: of.id, version: of.version, cancelled_at: at, reason: "mistake".into() };
    envelope(&of.id.to_string(), 0, at, body)
}

pub fn plan(physical_per_day: f64) -> CapacityPlan {
    CapacityPlan {
        office: "118".into(),
        time_zone: "America/Lima".into(),
        physical_per_day,
        documentary_per_day: 2.0 * physical_per_day,
        declarations_per_day: 96.0,
        random_share: 0.1,
        exploration_share: 0.05,
        opening_carry: CapacityPlan::RECOMMENDED_CARRY,
        weights: PlanWeights::default(),
        fail_safe: Channel::Orange,
        ..Settings::default().unplanned
    }
}

pub fn capacity(epoch: u64, physical_per_day: f64) -> Envelope {
    envelope("capacity", epoch, noon(), CapacityChanged { epoch, plans: vec![plan(physical_per_day)] })
}

pub fn filter(code: &str, expression: &str, mandatory: bool) -> FilterDefinition {
    FilterDefinition {
        id: FilterId::derive(noon(), &[code.as_bytes()]),
        version: 1,
        code: code.into(),
        expression: expression.into(),
        area: "permits".into(),
        verify: "permit".into(),
        owner: "analyst".into(),
        action: FilterAction { method: Method::Physical, mandatory, weight: 0.5 },
        sampling_share: 1.0,
        valid_from: noon(),
        valid_to: None,
        scope: FilterScope::National,
        state: FilterState::Active,
        emergency: false,
        risk: None,
    }
}

pub fn filters(epoch: u64, filters: Vec<FilterDefinition>) -> Envelope {
    envelope("filters", epoch, noon(), FiltersChanged { epoch, filters, lists: Vec::new() })
}

pub fn routing(epoch: u64, digest: &str) -> Envelope {
    let route = Route {
        direction: customs::Direction::In,
        champion: ModelVersionId::derive(noon(), &[digest.as_bytes()]),
        champion_digest: digest.to_owned(),
        challengers: Vec::new(),
        trials: Vec::new(),
    };
    envelope("routing", epoch, noon(), RoutingChanged { epoch, routes: vec![route] })
}
