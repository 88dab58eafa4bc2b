//! A service on a free port, with a queue that tests can put decisions into and read announcements from.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clients::Client;
use customs::{
    Channel, ControlOrder, DecisionPoint, Declaration, DeclarationId, Extent, Method, Selection, SelectionId, Trigger,
};
use declaration_intake::{Service, Settings};
use events::{DeclarationAccepted, DeclarationSelected, DeclarationSummary, Envelope, Service as Name};
use lifecycle::{Clock, Metrics, ProcessClock, Shutdown, Tasks, Worker};
use queue::{Deps, EmbeddedQueue, NewMessage, Queue, Stream};
use rest::{KeySet, Principal, Role, Server, ServerError};

pub struct World {
    pub folder: Arc<testkit::Home>,
    pub clock: Clock,
    pub process_clock: ProcessClock,
    pub queue: Arc<dyn Queue>,
    pub service: Service,
    pub keys: KeySet,
    pub url: String,
    shutdown: Shutdown,
    tasks: Tasks,
}

pub fn settings(folder: &testkit::Home) -> Settings {
    Settings { store: folder.store(), ..Settings::default() }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = Arc::new(testkit::Home::new());
        Self::open(folder, testkit::fixed_clock(), change).await
    }

    pub async fn open(folder: Arc<testkit::Home>, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let path: PathBuf = folder.path().join("queue.db");
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::open(&format!("sqlite:{}", path.display())).await.unwrap());
        let process_clock = ProcessClock::default();
        let metrics = Metrics::new();
        let deps = Deps {
            clock: clock.clone(),
            process_clock: process_clock.clone(),
            queue: Arc::clone(&queue),
            metrics: metrics.clone(),
        };
        let mut settings = settings(&folder);
        change(&mut settings);
        let service = Service::build(settings, deps).await.unwrap();
        let keys = KeySet::ephemeral(process_clock.clone()).unwrap();
        let listen = rest::Settings { address: "127.0.0.1:0".into(), workers: 1, ..rest::Settings::default() };
        let server = Server::new(listen, keys.clone(), metrics).mount(service.routes()).bind().unwrap();
        let url = server.url();
        let shutdown = Shutdown::default();
        let tasks = Tasks::new(shutdown.clone());
        let stop = shutdown.clone();
        tasks.spawn::<_, ServerError>("server", async move { server.run(stop).await });
        Self { folder, clock, process_clock, queue, service, keys, url, shutdown, tasks }
    }

    /// Ends everything and starts again on the same files.
    pub async fn restart(self, clock: Clock) -> Self {
        let folder = Arc::clone(&self.folder);
        self.stop().await;
        Self::open(folder, clock, |_| {}).await
    }

    pub async fn stop(self) {
        self.shutdown.trigger();
        self.tasks.join(Duration::from_secs(5)).await.unwrap();
    }

    pub fn token(&self, roles: &[Role]) -> String {
        self.keys.issue(&Principal::new("test", roles.iter().copied()), Duration::from_mins(10))
    }

    pub fn client(&self) -> Client {
        Client::new(&self.url, self.token(&[Role::CustomsSystem])).unwrap()
    }

    pub fn client_for(&self, offices: &[&str]) -> Client {
        let principal = Principal::new("test", [Role::CustomsSystem])
            .only_for(offices.iter().map(|office| customs::OfficeCode::from(*office)));
        Client::new(&self.url, self.keys.issue(&principal, Duration::from_mins(10))).unwrap()
    }

    /// Runs one worker until it has nothing left: 0 relay, 1 projection, 2 sweeper.
    pub async fn step(&self, worker: usize) -> usize {
        let worker: Arc<dyn Worker> = Arc::clone(&self.service.workers()[worker]);
        worker.step().await.unwrap()
    }

    /// What was announced to `subscriber` since this was last asked.
    pub async fn announced(&self, subscriber: Name) -> Vec<Envelope> {
        self.step(0).await;
        let stream = Stream::of(subscriber);
        let mut all = Vec::new();
        loop {
            let batch = self.queue.receive(&stream, 100, Duration::ZERO).await.unwrap();
            if batch.is_empty() {
                return all;
            }
            let ids: Vec<_> = batch.iter().map(|delivery| delivery.id).collect();
            self.queue.acknowledge(&stream, &ids).await.unwrap();
            all.extend(batch.into_iter().map(|delivery| delivery.envelope));
        }
    }

    /// Lets the projection hear messages.
    pub async fn hear(&self, envelopes: impl IntoIterator<Item = Envelope>) {
        let stream = Stream::of(Name::DeclarationIntake);
        let messages: Vec<_> = envelopes.into_iter().map(|envelope| NewMessage { stream, envelope }).collect();
        self.queue.publish(&messages).await.unwrap();
        self.step(1).await;
    }

    /// Lets scoring decide.
    pub async fn decide(&self, id: DeclarationId, version: u32, channel: Channel) {
        let envelope = selected(id, version, channel, self.clock.now());
        let stream = Stream::of(Name::DeclarationIntake);
        self.queue.publish(&[NewMessage { stream, envelope }]).await.unwrap();
        self.step(1).await;
    }
}

pub fn numbered(number: u32) -> Declaration {
    Declaration { reference: format!("2026-{number:06}"), ..testkit::declaration() }
}

pub fn line(declaration: &Declaration) -> String {
    serde_json::to_string(declaration).unwrap()
}

pub fn accepted(envelopes: &[Envelope]) -> Vec<DeclarationAccepted> {
    envelopes.iter().filter_map(|envelope| envelope.decode().ok()).collect()
}

pub fn selected(id: DeclarationId, version: u32, channel: Channel, at: customs::Timestamp) -> Envelope {
    let method = match channel {
        Channel::Green => None,
        Channel::Orange => Some(Method::Documentary),
        Channel::Red => Some(Method::Physical),
    };
    let order = |method| ControlOrder {
        method,
        extent: Extent::Full,
        trigger: Trigger::Model,
        verify: vec!["value".into()],
        over_plan: false,
        because: Vec::new(),
    };
    let key: [&[u8]; 3] = [id.0.as_bytes(), &version.to_be_bytes(), channel.as_str().as_bytes()];
    let declaration = testkit::declaration();
    let body = DeclarationSelected {
        consignment_key: declaration.consignment_key(),
        summary: DeclarationSummary::of(&testkit::accepted(declaration.clone())),
        received_at_ms: 0,
        selection: Selection {
            id: SelectionId::derive(at, &key),
            declaration: id,
            declaration_version: version,
            office: declaration.office.clone(),
            decision_point: DecisionPoint::Lodgement,
            decided_at: at,
            channel,
            channel_without_draw: channel,
            orders: method.map(order).into_iter().collect(),
            probability: 0.1,
            random_probability: 0.01,
            draw: 0.5,
            matches: Vec::new(),
            scores: Vec::new(),
            probability_of_finding: None,
            value: 0.0,
            price: 1.0,
            learning: None,
            novelty: None,
            vectors: Vec::new(),
            feature_contract: None,
            feature_sequence: None,
            trial: None,
            routing_epoch: 0,
            filters_epoch: 0,
            capacity_epoch: 0,
            degraded: false,
            supersedes: None,
        },
    };
    Envelope::new(&key, at, 0, Some(declaration.office), body).into_raw()
}
