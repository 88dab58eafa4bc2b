//! A stand-in for model-management, scoring and performance monitoring: a routing table that compares and sets, scorers that
//! follow it, evidence that the test decides on.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpResponse, HttpServer, web};
use rollout::{ArmReport, FindingsAtWeight, LetThrough, Report, Routing, Stage, Target};
use serde_json::{Value, json};

/// What the stand-in knows.
pub struct Known {
    pub now: jiff::Timestamp,
    pub epoch: u64,
    pub champion: String,
    pub former: String,
    pub trials: BTreeMap<String, Target>,
    /// Every share that was written, with its epoch and the token of who wrote it.
    pub written: Vec<(u64, u64, u16)>,
    pub token: u64,
    /// The highest intent that was written, by rollout.
    pub intents: BTreeMap<String, u64>,
    /// Changes of the routing that are refused before one is taken.
    pub refuse: u32,
    pub scorers_follow: bool,
    pub served: u64,
    pub found: (u64, u64),
    pub artefact: Vec<u8>,
    pub backlog: Option<u64>,
    /// Offices with streams of their own.
    pub shards: Vec<Value>,
    /// What people said, as it was put on record: rollout and person.
    pub recorded: Vec<(String, String)>,
}

pub type Shared = Arc<Mutex<Known>>;

/// Starts it; returns its address.
pub fn start(artefact: &[u8], champion: &str) -> (String, Shared) {
    let known = Arc::new(Mutex::new(Known {
        now: "2026-03-02T12:00:00Z".parse().unwrap(),
        epoch: 5,
        champion: champion.to_owned(),
        former: champion.to_owned(),
        trials: BTreeMap::new(),
        written: Vec::new(),
        token: 0,
        intents: BTreeMap::new(),
        refuse: 0,
        scorers_follow: true,
        served: 5,
        found: (10, 30),
        artefact: artefact.to_vec(),
        backlog: Some(0),
        shards: Vec::new(),
        recorded: Vec::new(),
    }));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let shared = known.clone();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(web::Data::new(shared.clone()))
                    .route("/v1/clock", web::get().to(clock))
                    .route("/v1/routing/trials/{name}", web::get().to(routing))
                    .route("/v1/routing/trials/{name}", web::put().to(route))
                    .route("/v1/routing/trials/{name}/approvals/{id}", web::put().to(record))
                    .route("/v1/models", web::get().to(models))
                    .route("/v1/models/features", web::get().to(features))
                    .route("/v1/model-versions/{digest}/artefact", web::get().to(artefact_of))
                    .route("/v1/scorers", web::get().to(scorers))
                    .route("/v1/reports/rollouts/{name}", web::get().to(report))
                    .route("/v1/reports/rollouts/{name}/let-through", web::get().to(let_through))
                    .route("/v1/queues", web::get().to(queues))
                    .route("/v1/shards", web::get().to(shards))
                    .route("/v1/shards", web::put().to(put_shards))
            });
            server.workers(1).listen(listener).unwrap().run().await.unwrap();
        });
    });
    (address, known)
}

type State = web::Data<Shared>;

async fn clock(state: State) -> HttpResponse {
    HttpResponse::Ok().json(json!({"now": state.lock().unwrap().now}))
}

async fn routing(state: State, name: web::Path<String>) -> HttpResponse {
    let known = state.lock().unwrap();
    HttpResponse::Ok().json(Routing {
        epoch: known.epoch,
        champion: Some(known.champion.clone()),
        trial: known.trials.get(name.as_str()).cloned(),
        written: known.intents.get(name.as_str()).copied().unwrap_or(0),
    })
}

async fn route(state: State, name: web::Path<String>, body: web::Json<Value>) -> HttpResponse {
    let mut known = state.lock().unwrap();
    if known.refuse > 0 {
        known.refuse -= 1;
        return HttpResponse::ServiceUnavailable().json(json!({"status": 503, "code": "overloaded"}));
    }
    let token = body["token"].as_u64().unwrap();
    if token < known.token {
        return HttpResponse::Conflict().json(json!({"status": 409, "code": "rollout-deposed"}));
    }
    known.token = token;
    if body["expectedEpoch"].as_u64().unwrap() != known.epoch {
        return HttpResponse::Conflict().json(json!({"status": 409, "code": "routing-moved"}));
    }
    let number = body["number"].as_u64().unwrap();
    let highest = known.intents.entry(name.to_string()).or_default();
    if number < *highest {
        return HttpResponse::Conflict().json(json!({"status": 409, "code": "intent-overtaken"}));
    }
    *highest = number;
    let target: Target = serde_json::from_value(body["target"].clone()).unwrap();
    known.epoch += 1;
    let line = (known.epoch, token, target.weight);
    known.written.push(line);
    let candidate = body["candidateDigest"].as_str().unwrap().to_owned();
    match target.stage {
        Stage::Withdrawn => {
            let Known { champion, former, .. } = &mut *known;
            champion.clone_from(former);
        }
        Stage::Settled | Stage::Champion => known.champion = candidate,
        Stage::Shadow | Stage::Canary => {}
    }
    if matches!(target.stage, Stage::Withdrawn | Stage::Settled) {
        known.trials.remove(name.as_str());
    } else {
        known.trials.insert(name.into_inner(), target);
    }
    HttpResponse::Ok().json(json!({"epoch": known.epoch}))
}

async fn record(state: State, path: web::Path<(String, String)>, body: web::Json<Value>) -> HttpResponse {
    let approver = body["approver"].as_str().unwrap().to_owned();
    state.lock().unwrap().recorded.push((path.into_inner().0, approver));
    HttpResponse::Ok().json(body.into_inner())
}

async fn models(state: State) -> HttpResponse {
    let digest = blake3::hash(&state.lock().unwrap().artefact).to_hex().to_string();
    HttpResponse::Ok().json(json!([{"direction": "in", "versions": [{"digest": digest}]}]))
}

async fn features() -> HttpResponse {
    HttpResponse::Ok().json(json!({"contract": "contract-1", "versions": [], "features": []}))
}

async fn artefact_of(state: State) -> HttpResponse {
    HttpResponse::Ok().body(state.lock().unwrap().artefact.clone())
}

async fn scorers(state: State) -> HttpResponse {
    let mut known = state.lock().unwrap();
    if known.scorers_follow {
        known.served = known.epoch;
    }
    HttpResponse::Ok().json(json!([{"name": "one", "epoch": known.served}, {"name": "two", "epoch": known.served}]))
}

async fn report(state: State, name: web::Path<String>) -> HttpResponse {
    let known = state.lock().unwrap();
    HttpResponse::Ok().json(Report {
        rollout: name.into_inner(),
        as_of: known.now,
        candidate: ArmReport { declarations: 5_000, ..ArmReport::default() },
        champion: ArmReport { declarations: 5_000, ..ArmReport::default() },
        examinations: 500,
        matured_labels: 500,
        findings: vec![FindingsAtWeight { weight: 2_500, candidate: known.found.0, champion: known.found.1 }],
        scores: Vec::new(),
    })
}

async fn let_through(state: State) -> HttpResponse {
    let decided_at = state.lock().unwrap().now;
    let one = LetThrough {
        declaration: "019b0000-0000-7000-8000-000000000001".into(),
        office: "118".into(),
        decided_at,
        champion: 0.6,
        candidate: 0.1,
    };
    HttpResponse::Ok().json([one])
}

async fn queues(state: State) -> HttpResponse {
    let known = state.lock().unwrap();
    let Some(unfinished) = known.backlog else { return HttpResponse::ServiceUnavailable().finish() };
    let shards = known.shards.iter().map(|shard| shard["shard"].as_u64().unwrap());
    let streams = std::iter::once(0).chain(shards);
    let depths: Vec<Value> = streams
        .map(|shard| json!({"stream": format!("scoring/{shard}"), "unfinished": unfinished, "dead": 0}))
        .collect();
    HttpResponse::Ok().json(depths)
}

async fn shards(state: State) -> HttpResponse {
    HttpResponse::Ok().json(&state.lock().unwrap().shards)
}

async fn put_shards(state: State, body: web::Json<Vec<Value>>) -> HttpResponse {
    state.lock().unwrap().shards.clone_from(&body);
    HttpResponse::Ok().json(body.into_inner())
}
