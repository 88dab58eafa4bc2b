//! A running service with makers of the events it listens to.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{App, test};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use customs::{Control, ControlId, Declaration, DeclarationId, ItemVector, ResultVersion, SelectionId, Timestamp};
use events::{
    ControlResulted, DeclarationAccepted, DeclarationSelected, DeclarationSummary, Envelope, LabelOrigin, VectorsServed,
};
use feature_store::{Service, Settings};
use features::{contract, keys, pack_vectors, vector_to_bytes, vectors};
use lifecycle::{Metrics, ProcessClock};
use online_store::{EmbeddedOnlineStore, OnlineStore};
use queue::{Deps, EmbeddedQueue, NewMessage, Queue, Stream};
use rest::{Access, KeySet, Principal, Role, ServiceConfig};
use serde_json::{Value, json};
use testkit::{Changes, declaration, noon};

/// The service with its online store, its stream and its folder.
pub struct World {
    pub service: Service,
    pub online: Arc<EmbeddedOnlineStore>,
    pub queue: Arc<EmbeddedQueue>,
    keys: KeySet,
    folder: testkit::Home,
}

pub fn day(day: i64) -> Timestamp {
    noon() + jiff::SignedDuration::from_hours(24 * day)
}

impl World {
    pub async fn new() -> Self {
        Self::over(testkit::Home::new()).await
    }

    /// The same database after a restart: an empty online store, and a queue that forgot what it delivered.
    pub async fn restarted(self) -> Self {
        drop(self.service);
        Self::over(self.folder).await
    }

    async fn over(folder: testkit::Home) -> Self {
        let online = Arc::new(EmbeddedOnlineStore::new());
        let queue = Arc::new(EmbeddedQueue::open("sqlite::memory:").await.unwrap());
        let deps = Deps {
            clock: testkit::driven_clock(),
            process_clock: ProcessClock::default(),
            queue: queue.clone(),
            metrics: Metrics::new(),
        };
        let store = folder.store();
        let service = Service::build(Settings { store, ..Settings::default() }, deps, online.clone()).await.unwrap();
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        Self { service, online, queue, keys, folder }
    }

    /// Publishes and does nothing else.
    pub async fn publish(&self, envelopes: &[Envelope]) {
        let stream = Stream::of(events::Service::FeatureStore);
        let messages: Vec<_> =
            envelopes.iter().map(|envelope| NewMessage { stream, envelope: envelope.clone() }).collect();
        self.queue.publish(&messages).await.unwrap();
    }

    /// Publishes and works until nothing is left.
    pub async fn hear(&self, envelopes: &[Envelope]) {
        let stream = Stream::of(events::Service::FeatureStore);
        self.publish(envelopes).await;
        for worker in self.service.workers() {
            worker.step().await.unwrap();
        }
        let depth = self.queue.depth(&stream).await.unwrap();
        assert_eq!((depth.unfinished, depth.dead), (0, 0));
    }

    /// The vectors that scoring would compute now, with the sequence they stand on.
    pub async fn vectors(&self, declaration: &Declaration) -> (Vec<Vec<f32>>, u64) {
        let keys = keys(declaration);
        let snapshot = self.online.read(keys.list()).await.unwrap();
        let at = declaration.acceptance_date_time;
        (vectors(declaration, &keys, &snapshot.states, &[], at), snapshot.sequence)
    }

    /// What scoring publishes about case `number` now.
    /// The vectors that a declaration was decided with.
    pub async fn served(&self, case: &Case, probability: f64) -> Envelope {
        let (vectors, sequence) = self.vectors(&case.declaration).await;
        let items = case.declaration.items.iter().map(|item| item.sequence);
        let (id, at) = (case.id(), case.at());
        let body = VectorsServed {
            declaration: id,
            version: 1,
            selection: SelectionId::derive(at, &[id.0.as_bytes()]),
            direction: case.declaration.direction,
            decided_at: at,
            probability,
            feature_contract: contract().hash.clone(),
            feature_sequence: sequence,
            packed: Some(pack_vectors(items.zip(vectors.iter().map(Vec::as_slice)))),
            vectors: Vec::new(),
        };
        Envelope::new(&[id.0.as_bytes()], at, 0, None, body).into_raw()
    }

    /// The vectors one by one, as the version before told them.
    pub async fn one_by_one(&self, case: &Case) -> Vec<ItemVector> {
        let (vectors, _) = self.vectors(&case.declaration).await;
        let items = vectors.iter().zip(&case.declaration.items);
        let values = |vector: &[f32]| STANDARD.encode(vector_to_bytes(vector));
        items.map(|(vector, item)| ItemVector { item: item.sequence, values: values(vector) }).collect()
    }

    /// The same as version 1 of the message told it.
    pub async fn served_singly(&self, case: &Case, probability: f64) -> Envelope {
        let served = self.served(case, probability).await;
        let body: VectorsServed = served.decode().unwrap();
        let body = VectorsServed { packed: None, vectors: self.one_by_one(case).await, ..body };
        Envelope { version: 1, body: serde_json::value::to_raw_value(&body).unwrap(), ..served }
    }

    /// The same as was told before that: within the selection.
    pub async fn selected(&self, case: &Case, probability: f64) -> Envelope {
        let served: VectorsServed = self.served(case, probability).await.decode().unwrap();
        let vectors = self.one_by_one(case).await;
        let accepted = case.accepted_body(false);
        let at = case.at();
        let selection = json!({
            "id": served.selection, "declaration": case.id(),
            "declarationVersion": 1, "office": "118", "decisionPoint": "lodgement", "decidedAt": at,
            "channel": "red", "channelWithoutDraw": "red", "orders": [], "probability": probability,
            "randomProbability": 0.01, "draw": 0.5, "value": 0.1, "price": 0.2, "vectors": vectors,
            "featureContract": served.feature_contract, "featureSequence": served.feature_sequence,
            "routingEpoch": 1, "filtersEpoch": 1, "capacityEpoch": 1,
        });
        let body = DeclarationSelected {
            consignment_key: accepted.consignment_key.clone(),
            summary: DeclarationSummary::of(&accepted),
            received_at_ms: 0,
            selection: serde_json::from_value(selection).unwrap(),
        };
        Envelope::new(&[case.id().0.as_bytes()], at, 0, None, body).into_raw()
    }

    pub async fn request(&self, role: Role, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.request_as(&Principal::new("tester", [role]), method, path, body).await
    }

    pub async fn request_as(
        &self,
        caller: &Principal,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let routes = self.service.routes();
        let app = App::new()
            .app_data(Access::local(self.keys.clone()))
            .configure(|config| routes(&mut ServiceConfig::new(config)));
        let app = test::init_service(app).await;
        let token = self.keys.issue(caller, Duration::from_mins(1));
        let mut request = test::TestRequest::with_uri(path)
            .method(method)
            .insert_header(("authorization", format!("Bearer {token}")));
        if let Some(body) = body {
            request = request.set_json(body);
        }
        let response = test::call_service(&app, request.to_request()).await;
        let status = response.status();
        (status, serde_json::from_slice(&test::read_body(response).await).unwrap())
    }

    /// An answer as text.
    pub async fn text(&self, role: Role, path: &str) -> (StatusCode, String) {
        let routes = self.service.routes();
        let app = App::new()
            .app_data(Access::local(self.keys.clone()))
            .configure(|config| routes(&mut ServiceConfig::new(config)));
        let app = test::init_service(app).await;
        let token = self.keys.issue(&Principal::new("tester", [role]), Duration::from_mins(1));
        let request = test::TestRequest::get().uri(path).insert_header(("authorization", format!("Bearer {token}")));
        let response = test::call_service(&app, request.to_request()).await;
        let status = response.status();
        (status, String::from_utf8(test::read_body(response).await.to_vec()).unwrap())
    }

    pub async fn training_set(&self, as_of: Timestamp) -> Value {
        let body = json!({"direction": "in", "asOf": as_of});
        let (status, answer) = self.request(Role::Service, Method::POST, "/v1/training-sets", Some(&body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }
}

/// A declaration with two items, and what happens to it.
pub struct Case {
    pub declaration: Declaration,
}

impl Case {
    /// Declaration `number` of `trader`, accepted on `day`.
    pub fn new(number: u32, trader: &str, on: i64) -> Self {
        Self {
            declaration: declaration()
                .with_reference(&format!("2026-{number:06}"))
                .with_trader(trader)
                .with_accepted_at(day(on)),
        }
    }

    pub fn at(&self) -> Timestamp {
        self.declaration.acceptance_date_time
    }

    pub fn id(&self) -> DeclarationId {
        self.declaration.id(self.at())
    }

    pub fn accepted_body(&self, history: bool) -> DeclarationAccepted {
        DeclarationAccepted { history, ..testkit::accepted(self.declaration.clone()) }
    }

    pub fn accepted(&self) -> Envelope {
        Envelope::new(&[self.id().0.as_bytes()], self.at(), 0, None, self.accepted_body(false)).into_raw()
    }

    pub fn accepted_from_history(&self) -> Envelope {
        Envelope::new(&[self.id().0.as_bytes()], self.at(), 0, None, self.accepted_body(true)).into_raw()
    }

    /// A result version of a control by `method`, known on `on`; item 1 has the finding, if there is one.
    pub fn resulted(&self, method: &str, version: u32, stage: &str, found: bool, on: i64) -> Envelope {
        self.result_of(LabelOrigin::Selected, method, version, stage, found, on)
    }

    /// A first result without a finding that was established on `on` and became known `later` days after.
    pub fn reported_after(&self, method: &str, on: i64, later: i64) -> Envelope {
        self.result(LabelOrigin::Selected, method, 1, "final", false, (on, on + later))
    }

    pub fn resulted_in_history(&self, found: bool, on: i64) -> Envelope {
        self.result_of(LabelOrigin::History, "physical", 1, "final", found, on)
    }

    fn result_of(
        &self,
        origin: LabelOrigin,
        method: &str,
        version: u32,
        stage: &str,
        found: bool,
        on: i64,
    ) -> Envelope {
        self.result(origin, method, version, stage, found, (on, on))
    }

    fn result(
        &self,
        origin: LabelOrigin,
        method: &str,
        version: u32,
        stage: &str,
        found: bool,
        (on, known): (i64, i64),
    ) -> Envelope {
        let id = ControlId::derive(self.at(), &[self.id().0.as_bytes(), method.as_bytes()]);
        let control: Control = serde_json::from_value(json!({
            "id": id, "office": "118", "place": "3014", "subject": {"type": "declaration", "id": self.id()},
            "declaration": self.id(), "declarationVersion": 1, "basis": "ordinary", "orderedAt": self.at(),
            "order": {"method": method, "extent": {"type": "full"}, "trigger": "model"},
        }))
        .unwrap();
        let first = if found {
            json!({"sequence": 1, "outcome": "finding", "findings": [{"kind": "undervaluation", "nature": "error"}]})
        } else {
            json!({"sequence": 1, "outcome": "conform"})
        };
        let result: ResultVersion = serde_json::from_value(json!({
            "id": customs::ResultId::derive(self.at(), &[id.0.as_bytes()]), "control": id, "knownAt": day(known),
            "version": version, "stage": stage, "examinedAt": day(on), "establishedAt": day(on),
            "items": [first, {"sequence": 2, "outcome": "conform"}],
        }))
        .unwrap();
        let body = ControlResulted { control, result, origin };
        Envelope::new(&[id.0.as_bytes(), &version.to_be_bytes()], day(known), 0, None, body).into_raw()
    }
}

/// The value named `name` of a vector.
pub fn value(vector: &[f32], name: &str) -> f32 {
    vector[contract().position(name).unwrap()]
}
