//! A running service with makers of the events it listens to.

use std::{sync::Arc, time::Duration};

use actix_web::{App, http::StatusCode, test};
use customs::{Channel, Control, ControlId, DeclarationId, ResultVersion, SelectionId, Timestamp};
use events::{
    CapacityChanged, ControlOrdered, ControlResulted, DeclarationCancelled, DeclarationMoved, DeclarationSelected,
    Envelope, LabelOrigin, Movement, Payload,
};
use lifecycle::{Clock, Metrics, ProcessClock};
use performance_monitoring::{Service, Settings};
use queue::{Deps, EmbeddedQueue, NewMessage, Queue, Stream};
use rest::{Access, KeySet, Principal, Role, ServiceConfig};
use serde_json::{Value, json};

/// The service, its stream and its folder.
pub struct World {
    pub service: Service,
    pub queue: Arc<EmbeddedQueue>,
    pub metrics: Metrics,
    keys: KeySet,
    folder: testkit::Home,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Start of the year plus `days` and `hours`.
pub fn moment(days: i64, hours: i64) -> Timestamp {
    at("2026-01-01T12:00:00Z") + jiff::SignedDuration::from_hours(24 * days + hours)
}

impl World {
    pub async fn new() -> Self {
        Self::over(testkit::Home::new()).await
    }

    /// The same database behind a queue that forgot what it delivered.
    pub async fn with_lost_queue(self) -> Self {
        drop(self.service);
        Self::over(self.folder).await
    }

    async fn over(folder: testkit::Home) -> Self {
        let queue = Arc::new(EmbeddedQueue::open("sqlite::memory:").await.unwrap());
        let metrics = Metrics::new();
        let deps = Deps {
            clock: Clock::fixed(at("2027-01-01T00:00:00Z")),
            process_clock: ProcessClock::default(),
            queue: queue.clone(),
            metrics: metrics.clone(),
        };
        let store = folder.store();
        let service = Service::build(Settings { store, ..Settings::default() }, deps).await.unwrap();
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        Self { service, queue, metrics, keys, folder }
    }

    /// Publishes without working.
    pub async fn publish(&self, envelopes: &[Envelope]) {
        let stream = Stream::of(events::Service::PerformanceMonitoring);
        let messages: Vec<_> =
            envelopes.iter().map(|envelope| NewMessage { stream, envelope: envelope.clone() }).collect();
        self.queue.publish(&messages).await.unwrap();
    }

    /// Works until nothing is left.
    pub async fn settle(&self) {
        for worker in self.service.workers() {
            worker.step().await.unwrap();
        }
        let depth = self.queue.depth(&Stream::of(events::Service::PerformanceMonitoring)).await.unwrap();
        assert_eq!((depth.unfinished, depth.dead), (0, 0));
    }

    /// Publishes and works.
    pub async fn hear(&self, envelopes: &[Envelope]) {
        self.publish(envelopes).await;
        self.settle().await;
    }

    /// Asks as `principal`.
    pub async fn ask_as(&self, principal: &Principal, path: &str) -> (StatusCode, Value) {
        let routes = self.service.routes();
        let app = App::new()
            .app_data(Access::local(self.keys.clone()))
            .configure(|config| routes(&mut ServiceConfig::new(config)));
        let app = test::init_service(app).await;
        let token = self.keys.issue(principal, Duration::from_mins(1));
        let request = test::TestRequest::get().uri(path).insert_header(("authorization", format!("Bearer {token}")));
        let response = test::call_service(&app, request.to_request()).await;
        let status = response.status();
        (status, serde_json::from_slice(&test::read_body(response).await).unwrap())
    }

    /// Asks as an auditor, who may.
    pub async fn ask(&self, path: &str) -> Value {
        let (status, body) = self.ask_as(&Principal::new("a", [Role::Auditor]), path).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }
}

fn envelope<E: Payload>(key: &[&[u8]], at: Timestamp, body: E) -> Envelope {
    Envelope::new(key, at, 1_000_040, None, body).into_raw()
}

/// A declaration with a number, decided `day` days into the year.
#[derive(Clone, Copy)]
pub struct Case {
    pub number: u32,
    pub day: i64,
    pub office: &'static str,
    pub channel: Channel,
    pub without_draw: Channel,
    /// Trigger of the physical order; none for no order.
    pub trigger: Option<&'static str>,
    pub random_probability: f64,
    /// Probability of selection for full physical examination.
    pub probability: f64,
    /// What was new about it; none where nothing was flagged.
    pub novelty: &'static [&'static str],
    pub version: u32,
}

impl Case {
    pub fn green(number: u32, day: i64) -> Self {
        Self {
            number,
            day,
            office: "118",
            channel: Channel::Green,
            without_draw: Channel::Green,
            trigger: None,
            random_probability: 0.02,
            probability: 0.05,
            novelty: &[],
            version: 1,
        }
    }

    pub fn red(number: u32, day: i64, trigger: &'static str) -> Self {
        let without_draw = if trigger == "random" { Channel::Green } else { Channel::Red };
        Self { channel: Channel::Red, without_draw, trigger: Some(trigger), ..Self::green(number, day) }
    }

    pub fn id(&self) -> DeclarationId {
        DeclarationId::derive(moment(self.day, 0), &[&self.number.to_be_bytes()])
    }

    fn selection(&self) -> SelectionId {
        SelectionId::derive(moment(self.day, 0), &[&self.number.to_be_bytes(), &self.version.to_be_bytes()])
    }

    pub fn decided_at(&self) -> Timestamp {
        moment(self.day, i64::from(self.version) - 1)
    }

    pub fn selected(&self) -> Envelope {
        self.selected_with(&json!([]))
    }

    pub fn selected_with(&self, matches: &Value) -> Envelope {
        let order = self.trigger.map(order);
        let selected: DeclarationSelected = serde_json::from_value(json!({
            "consignmentKey": format!("key{}", self.number),
            "summary": {
                "acceptedAt": self.decided_at(), "direction": "in", "regime": "10", "modality": "advance",
                "form": "full", "declarant": "20100000001", "items": [1], "place": self.office,
            },
            "receivedAtMs": 1_000_000,
            "selection": {
                "id": self.selection(), "declaration": self.id(), "declarationVersion": self.version,
                "office": self.office, "decisionPoint": "lodgement", "decidedAt": self.decided_at(),
                "channel": self.channel, "channelWithoutDraw": self.without_draw,
                "orders": order.into_iter().collect::<Vec<_>>(),
                "novelty": (!self.novelty.is_empty()).then(|| json!({"degree": 0.7, "reasons": self.novelty})),
                "probability": self.probability, "randomProbability": self.random_probability, "draw": 0.5,
                "matches": matches, "value": 0.1, "price": 0.2,
                "routingEpoch": 1, "filtersEpoch": 1, "capacityEpoch": 1,
            },
        }))
        .unwrap();
        envelope(&[self.selection().0.as_bytes()], self.decided_at(), selected)
    }

    pub fn control(&self) -> Control {
        let trigger = self.trigger.expect("only examined declarations have a control");
        serde_json::from_value(json!({
            "id": ControlId::derive(moment(self.day, 0), &[&self.number.to_be_bytes()]),
            "office": self.office, "place": self.office,
            "subject": {"type": "declaration", "id": self.id()},
            "declaration": self.id(), "declarationVersion": self.version, "selection": self.selection(),
            "basis": "ordinary", "order": order(trigger), "orderedAt": self.decided_at(),
        }))
        .unwrap()
    }

    pub fn ordered(&self) -> Envelope {
        let control = self.control();
        let key = *control.id.0.as_bytes();
        envelope(&[&key], self.decided_at(), ControlOrdered { control, escalated_from: None })
    }

    /// Version `version` of the result, known `after` days after the decision.
    pub fn resulted(&self, version: u32, stage: &str, found: bool, after: i64) -> Envelope {
        let known = moment(self.day + after, 0);
        let control = self.control();
        let findings = json!([{
            "kind": "undervaluation", "nature": "suspectedFraud",
            "measures": [
                {"type": "additionalDuty", "tax": "IGV", "amount": {"amount": "100.10", "currency": "USD"}},
                {"type": "seizure", "quantity": "2.5", "unit": "KGM"},
            ],
        }]);
        let item = if found {
            json!({"sequence": 1, "outcome": "finding", "findings": findings})
        } else {
            json!({"sequence": 1, "outcome": "conform"})
        };
        let result: ResultVersion = serde_json::from_value(json!({
            "id": customs::ResultId::derive(self.decided_at(), &[&self.number.to_be_bytes()]),
            "control": control.id, "knownAt": known, "version": version, "stage": stage,
            "examinedAt": known, "establishedAt": known, "items": [item],
        }))
        .unwrap();
        let key = *control.id.0.as_bytes();
        envelope(
            &[&key, &version.to_be_bytes()],
            known,
            ControlResulted { control, result, origin: LabelOrigin::Selected },
        )
    }

    pub fn moved(&self, movement: Movement, hours: i64) -> Envelope {
        let at = moment(self.day, hours);
        let key = *self.id().0.as_bytes();
        let moved = DeclarationMoved { id: self.id(), movement, at };
        envelope(&[&key, format!("{movement:?}").as_bytes()], at, moved)
    }

    pub fn cancelled(&self) -> Envelope {
        let at = moment(self.day, 3);
        let cancelled =
            DeclarationCancelled { id: self.id(), version: 1, cancelled_at: at, reason: "lodged twice".to_owned() };
        envelope(&[self.id().0.as_bytes().as_slice(), b"cancelled"], at, cancelled)
    }
}

fn order(trigger: &str) -> Value {
    json!({"method": "physical", "extent": {"type": "full"}, "trigger": trigger})
}

/// A plan for office 118 from `day` on.
pub fn capacity(epoch: u64, day: i64, physical_per_day: f64, opening_carry: f64) -> Envelope {
    let changed: CapacityChanged = serde_json::from_value(json!({
        "epoch": epoch,
        "plans": [{
            "office": "118", "timeZone": "America/Lima", "physicalPerDay": physical_per_day,
            "documentaryPerDay": 4.0, "declarationsPerDay": 50.0, "randomShare": 0.1, "explorationShare": 0.05,
            "openingCarry": opening_carry, "failSafe": "orange",
        }],
    }))
    .unwrap();
    envelope(&[&epoch.to_be_bytes()], moment(day, -12), changed)
}
