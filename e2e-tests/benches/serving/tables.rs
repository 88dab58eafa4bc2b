//! What decides during a bench: plans, 1,000 filters, a model of 200 trees. Told to the services as model-management would
//! tell them, from a place that answers for it.

use customs::{ModelVersionId, Timestamp};
use events::{CapacityChanged, Envelope, FiltersChanged, Payload, Route, RoutingChanged, Service, subscribers};
use features::contract;
use jiff::SignedDuration;
use queue::{NewMessage, Stream};
use risk_model::{Algorithm, Artefact, BoostedParams, TrainingSet};
use selection::CapacityPlan;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::installation::Installation;
use crate::load::{CODES, OFFICES, ORIGINS};

/// Every service with its name in the settings.
pub const PEERS: [(Service, &str); 6] = [
    (Service::DeclarationIntake, "INTAKE"),
    (Service::Scoring, "SCORING"),
    (Service::ControlsTracking, "CONTROLS"),
    (Service::FeatureStore, "FEATURES"),
    (Service::PerformanceMonitoring, "MONITORING"),
    (Service::ModelManagement, "MODELS"),
];
const FILTERS: usize = 1_000;
const TREES: u32 = 200;
const ROWS: u64 = 2_000;

fn model() -> anyhow::Result<Artefact> {
    let contract = contract();
    let mut set = TrainingSet {
        contract_hash: contract.hash.clone(),
        names: contract.names.iter().map(|name| (*name).to_owned()).collect(),
        ..TrainingSet::default()
    };
    for row in 0..ROWS {
        let mixed = |column: u64| (row * 31 + column * 17).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 44;
        let values: Vec<f32> = (0..contract.names.len() as u64).map(|column| mixed(column) as f32 / 65_536.0).collect();
        let found = values[1] + values[2] * values[3] > 14.0;
        set.push(&values, found, 1.0, row, row as i64 * 3_600_000_000);
    }
    let params = BoostedParams { trees: TREES, bags: 1, max_depth: 5, folds: 2, ..BoostedParams::default() };
    Ok(risk_model::train(&Algorithm::Boosted(params), &set, 1)?)
}

fn filters(since: Timestamp) -> anyhow::Result<FiltersChanged> {
    let filter = |number: usize| {
        let (code, origin) = (CODES + (number % 90) as u64 * 1_000_000, ORIGINS[number / 90 % ORIGINS.len()]);
        let expression = format!(
            "item.hs6 == '{}' && item.origin == '{origin}' && item.unitValuePerKg < {:.2} && declaration.office == '{}'",
            &code.to_string()[..6],
            70.0 + (number % 37) as f64 / 10.0,
            OFFICES[number / 7 % OFFICES.len()],
        );
        json!({
            "id": format!("019b0000-0000-7000-8000-{number:012}"), "version": 1, "code": format!("F{number:04}"),
            "expression": expression, "area": "value", "verify": "Invoice", "owner": "desk", "samplingShare": 1.0,
            "action": {"method": "physical", "mandatory": false, "weight": 0.1}, "validFrom": since,
            "scope": {"type": "national"}, "state": "active",
        })
    };
    let filters: Vec<Value> = (0..FILTERS).map(filter).collect();
    Ok(serde_json::from_value(json!({"epoch": 1, "filters": filters}))?)
}

fn plans() -> Vec<CapacityPlan> {
    let plan = |office: &&str| CapacityPlan {
        physical_per_day: 500.0,
        documentary_per_day: 1_000.0,
        declarations_per_day: 10_000.0,
        ..CapacityPlan::of((*office).into(), "America/Lima")
    };
    OFFICES.iter().map(plan).collect()
}

fn addressed<E: Payload>(since: Timestamp, body: E) -> Vec<NewMessage> {
    let envelope = Envelope::new(&[E::NAME.as_bytes()], since, since.as_millisecond(), None, body).into_raw();
    let to = subscribers(E::NAME).iter();
    to.map(|subscriber| NewMessage { stream: Stream::of(*subscriber), envelope: envelope.clone() }).collect()
}

/// Tells plans, filters and the model to everybody who listens, and waits until they are taken. `services`: who runs.
pub async fn tell(installation: &Installation, services: &[Service]) -> anyhow::Result<()> {
    let model = model()?;
    let digest = model.digest().to_owned();
    answer(installation.port(Service::ModelManagement), model.to_bytes()).await?;
    let since = jiff::Zoned::now().timestamp() - SignedDuration::from_hours(1);
    let champion = ModelVersionId::derive(since, &[digest.as_bytes()]);
    let route = |direction| Route {
        direction,
        champion,
        champion_digest: digest.clone(),
        challengers: Vec::new(),
        trials: Vec::new(),
    };
    let routes = [customs::Direction::In].map(route).into();
    let mut messages = addressed(since, CapacityChanged { epoch: 1, plans: plans() });
    messages.extend(addressed(since, filters(since)?));
    messages.extend(addressed(since, RoutingChanged { epoch: 1, routes }));
    messages.retain(|message| services.contains(&message.stream.subscriber));
    installation.queue.publish(&messages).await?;
    installation.settle(services).await
}

/// Gives the artefact to whoever asks on `port`, in the place of model-management.
async fn answer(port: u16, artefact: Vec<u8>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", artefact.len());
    let answer = [head.into_bytes(), artefact].concat();
    #[expect(clippy::disallowed_methods, reason = "a bench has no supervisor; it ends with the bench")]
    tokio::spawn(async move {
        while let Ok((mut asking, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = asking.read(&mut request).await;
            let _ = asking.write_all(&answer).await;
        }
    });
    Ok(())
}
