//! A service with its queue and database, and the people who call it.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{App, test};
use controls_tracking::{Service, Settings};
use customs::{
    Channel, ControlOrder, DecisionPoint, DeclarationId, Direction, Extent, Form, Modality, OrderReason, ReasonFor,
    Selection, SelectionId, Timestamp, Trigger,
};
use events::{DeclarationCancelled, DeclarationSelected, DeclarationSummary, Envelope, Payload};
use lifecycle::{ProcessClock, Secret};
use queue::{Deps, NewMessage, Stream};
use rest::{Access, KeySet, Principal, Role, ServiceConfig};
use serde_json::Value;
use testkit::Home;

pub struct World {
    pub service: Service,
    pub deps: Deps,
    keys: KeySet,
    directory: Home,
}

/// What came back: status and body.
pub type Answer = (u16, Value);

impl World {
    pub async fn new() -> Self {
        Self::on(testkit::Home::new(), testkit::deps().await).await
    }

    async fn on(directory: Home, deps: Deps) -> Self {
        let settings = Settings {
            store: directory.store(),
            assignment_key: Secret::new("key of the tests"),
            ..Settings::default()
        };
        let service = Service::build(settings, deps.clone()).await.unwrap();
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        Self { service, deps, keys, directory }
    }

    /// The same database and queue in a new process.
    pub async fn restarted(self) -> Self {
        let deps = Deps { metrics: lifecycle::Metrics::new(), ..self.deps };
        drop(self.service);
        Self::on(self.directory, deps).await
    }

    /// Publishes messages and lets the service work on them.
    pub async fn hear(&self, envelopes: impl IntoIterator<Item = Envelope>) {
        let stream = Stream::of(events::Service::ControlsTracking);
        let messages: Vec<NewMessage> = envelopes.into_iter().map(|envelope| NewMessage { stream, envelope }).collect();
        self.deps.queue.publish(&messages).await.unwrap();
        self.settle().await;
    }

    pub fn directory(&self) -> &Home {
        &self.directory
    }

    pub async fn settle(&self) {
        for worker in self.service.workers() {
            worker.step().await.unwrap();
        }
    }

    /// Events of one kind that were published since the last look; all of them are taken.
    pub async fn told<E: Payload>(&self) -> Vec<E> {
        self.settle().await;
        let stream = Stream::of(events::Service::PerformanceMonitoring);
        let deliveries = self.deps.queue.receive(&stream, 10_000, Duration::ZERO).await.unwrap();
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
        self.deps.queue.acknowledge(&stream, &ids).await.unwrap();
        let envelopes = deliveries.iter().map(|delivery| &delivery.envelope);
        envelopes.filter(|envelope| envelope.is::<E>()).map(|envelope| envelope.decode().unwrap()).collect()
    }

    pub async fn call(&self, caller: &Principal, method: Method, path: &str, body: Value) -> Answer {
        let (status, text) = self.send(caller, method, path, body.to_string(), "application/json").await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub async fn get(&self, caller: &Principal, path: &str) -> Answer {
        self.call(caller, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, caller: &Principal, path: &str, body: Value) -> Answer {
        self.call(caller, Method::POST, path, body).await
    }

    /// Posts lines and reads lines.
    pub async fn post_lines(&self, caller: &Principal, path: &str, lines: &[Value]) -> Vec<Value> {
        let body = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        let (status, text) = self.send(caller, Method::POST, path, body, "application/x-ndjson").await;
        assert_eq!(status, 200, "{text}");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    async fn send(&self, caller: &Principal, method: Method, path: &str, body: String, media: &str) -> (u16, String) {
        let routes = self.service.routes();
        let app = App::new()
            .app_data(Access::local(self.keys.clone()))
            .configure(|config| routes(&mut ServiceConfig::new(config)));
        let app = test::init_service(app).await;
        let token = self.keys.issue(caller, Duration::from_mins(1));
        let request = test::TestRequest::with_uri(path)
            .method(method)
            .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
            .insert_header((header::CONTENT_TYPE, media))
            .set_payload(body)
            .to_request();
        match test::try_call_service(&app, request).await {
            Ok(response) => {
                let status: StatusCode = response.status();
                let body = test::read_body(response).await;
                (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
            }
            Err(error) => {
                let response = error.error_response();
                let status = response.status();
                let body = actix_web::body::to_bytes(response.into_body()).await.unwrap_or_default();
                (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
            }
        }
    }

    /// The worklist of office 118.
    pub async fn worklist(&self) -> Vec<Value> {
        let (status, page) = self.get(&officer(), "/v1/worklists/118").await;
        assert_eq!(status, 200, "{page}");
        page["items"].as_array().unwrap().clone()
    }

    /// Everything recorded, as an auditor sees it.
    pub async fn record(&self) -> Vec<Value> {
        let (status, page) = self.get(&auditor(), "/v1/controls?limit=1000").await;
        assert_eq!(status, 200, "{page}");
        page["items"].as_array().unwrap().clone()
    }
}

pub fn officer() -> Principal {
    Principal::new("officer-7", [Role::Officer]).only_for(["118".into()])
}

pub fn stranger() -> Principal {
    Principal::new("officer-9", [Role::Officer]).only_for(["235".into()])
}

pub fn supervisor() -> Principal {
    Principal::new("supervisor-1", [Role::Supervisor]).only_for(["118".into()])
}

pub fn auditor() -> Principal {
    Principal::new("auditor", [Role::Auditor])
}

pub fn scanner() -> Principal {
    Principal::new("scanner-system", [Role::CustomsSystem])
}

pub fn declaration(number: u128) -> DeclarationId {
    DeclarationId::derive(accepted(), &[&number.to_be_bytes()])
}

/// When every declaration of these tests is accepted: an hour before the clock's noon.
pub fn accepted() -> Timestamp {
    testkit::noon() - jiff::SignedDuration::from_hours(1)
}

pub fn order(method: customs::Method) -> ControlOrder {
    let verify = vec!["origin".to_owned()];
    let because = [
        (ReasonFor::Supervisor, "Drawn for the random stratum"),
        (ReasonFor::Analyst, "filter F-1 holds: item.netMassKg = 3"),
        (ReasonFor::Officer, "Item 1: Net mass: 3 kg"),
    ];
    let because = because.map(|(least, text)| OrderReason { least, text: text.to_owned() }).to_vec();
    ControlOrder { method, extent: Extent::Full, trigger: Trigger::Random, verify, over_plan: true, because }
}

/// A selection of office 118 that orders these methods; two items, trader 20123456786.
pub fn selected(number: u128, version: u32, methods: &[customs::Method], containers: &[&str]) -> Envelope {
    let declaration = declaration(number);
    let selection = Selection {
        id: SelectionId::derive(accepted(), &[declaration.0.as_bytes(), &version.to_be_bytes()]),
        declaration,
        declaration_version: version,
        office: "118".into(),
        decision_point: DecisionPoint::Lodgement,
        decided_at: accepted(),
        channel: Channel::Red,
        channel_without_draw: Channel::Green,
        orders: methods.iter().map(|method| order(*method)).collect(),
        probability: 0.05,
        random_probability: 0.005,
        draw: 0.001,
        matches: Vec::new(),
        scores: Vec::new(),
        probability_of_finding: Some(0.1),
        value: 1.0,
        price: 0.5,
        learning: None,
        novelty: None,
        vectors: Vec::new(),
        feature_contract: None,
        feature_sequence: None,
        trial: None,
        routing_epoch: 1,
        filters_epoch: 1,
        capacity_epoch: 1,
        degraded: false,
        supersedes: None,
    };
    let summary = DeclarationSummary {
        accepted_at: accepted(),
        direction: Direction::In,
        regime: "10".to_owned(),
        modality: Modality::Advance,
        form: Form::Full,
        declarant: "20100000001".to_owned(),
        trader: Some("20123456786".to_owned()),
        items: vec![1, 2],
        containers: containers.iter().map(|id| (*id).to_owned()).collect(),
        transport_documents: Vec::new(),
        place: "DPW-3".to_owned(),
        arrived_at: None,
    };
    let id = selection.id;
    let body = DeclarationSelected { consignment_key: number.to_string(), summary, received_at_ms: 0, selection };
    Envelope::new(&[id.0.as_bytes()], accepted(), 0, Some("118".into()), body).into_raw()
}

pub fn cancelled(number: u128) -> Envelope {
    let id = declaration(number);
    let body = DeclarationCancelled { id, version: 1, cancelled_at: accepted(), reason: "lodged twice".to_owned() };
    Envelope::new(&[id.0.as_bytes()], accepted(), 0, Some("118".into()), body).into_raw()
}

/// How often each state stands in the record.
pub fn states(record: &[Value]) -> BTreeMap<&str, usize> {
    let mut states = BTreeMap::new();
    for control in record {
        *states.entry(control["state"].as_str().unwrap()).or_default() += 1;
    }
    states
}
