use actix_web::http::{Method, StatusCode};
use customs::Direction;
use events::RoutingChanged;
use jiff::Timestamp;
use lifecycle::Clock;
use model_management::Candidate;
use rest::Role;
use risk_model::{Artefact, TrainingSet};
use serde_json::{Value, json};

use crate::support::{Running, start};

const DAY_MICROS: i64 = 86_400_000_000;

/// Declarations over `days` before `end`; a finding is likely where the first feature is high, by `signal`.
pub fn rows(end: Timestamp, days: i64, declarations: u64, signal: f64) -> TrainingSet {
    let mut set = TrainingSet {
        contract_hash: "contract".to_owned(),
        names: ["signal", "combinedRate", "noise"].map(str::to_owned).to_vec(),
        ..TrainingSet::default()
    };
    let uniform = |at: u64, salt: u64| {
        let mut x = (at + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
        x ^= x >> 32;
        x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        x ^= x >> 32;
        (x >> 11) as f64 / (1_u64 << 53) as f64
    };
    for at in 0..declarations {
        let x = uniform(at, 1);
        let time = end.as_microsecond() - days * DAY_MICROS * (declarations - at) as i64 / declarations as i64;
        let row = [x as f32, (0.1 + 0.1 * uniform(at, 2)) as f32, uniform(at, 3) as f32];
        set.push(&row, uniform(at, 4) < 0.15 + signal * (x - 0.5), 1.0, at, time);
    }
    set
}

fn put_rows(running: &Running, signal: f64) {
    *running.rows.set.lock().unwrap() = Some(rows(running.clock.now(), 120, 2_000, signal));
}

async fn runs(running: &Running) -> Vec<Value> {
    running.get("/v1/training-runs?limit=500").await.body["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn trainings_are_due_by_the_domain_clock_and_each_is_run_once() {
    let running = Running::new().await;
    running.advance(24 * 28 - 1);
    assert_eq!(running.settle().await, 0);
    running.advance(1);
    assert_eq!(running.settle().await, 2);
    assert_eq!(running.settle().await, 0);
    // Two weeks at once: both weeks' trainings, each with what was known when it was due.
    running.advance(24 * 15);
    assert_eq!(running.settle().await, 4);
    let day = |days: i64| start() + jiff::SignedDuration::from_hours(24 * days);
    let expected = [28, 35, 42].into_iter().flat_map(|days| [(Direction::In, day(days)), (Direction::Out, day(days))]);
    assert_eq!(*running.rows.asked.lock().unwrap(), expected.collect::<Vec<_>>());
    let recorded = runs(&running).await;
    assert_eq!(recorded.len(), 6);
    assert!(recorded.iter().all(|run| run["record"]["outcome"] == "skipped"), "{recorded:?}");
}

#[actix_web::test]
async fn a_training_that_broke_off_is_run_later_and_once() {
    let home = testkit::Home::new();
    {
        let running = Running::on(home.store(), Clock::driven(start())).await;
        running.advance(24 * 28);
        *running.rows.broken.lock().unwrap() = true;
        assert!(running.worker("model-management-training").step().await.is_err());
        assert_eq!(runs(&running).await.len(), 0);
    }
    // Another process goes on with the same schedule.
    let running = Running::on(home.store(), Clock::driven(start())).await;
    running.advance(24 * 28);
    assert_eq!(running.settle().await, 2);
    assert_eq!(runs(&running).await.len(), 2);
}

#[actix_web::test]
async fn a_better_model_is_promoted_told_and_served_by_digest() {
    let running = Running::new().await;
    put_rows(&running, 0.29);
    let body = json!({"direction": "in"});
    let run = running.post("/v1/training-runs", "dora", Role::DataScientist, &body).await;
    assert_eq!(run.status, StatusCode::CREATED, "{}", run.body);
    assert_eq!(run.body["record"]["outcome"], "promoted", "{}", run.body);
    let again = running.post("/v1/training-runs", "dora", Role::DataScientist, &body).await;
    assert_eq!((again.status, &again.body["id"]), (StatusCode::OK, &run.body["id"]));
    assert_eq!(running.rows.asked.lock().unwrap().len(), 1);

    let heard = running.heard().await;
    let told: RoutingChanged = heard[0].decode().unwrap();
    assert_eq!((heard.len(), told.epoch, told.routes.len()), (1, 1, 1));
    let route = &told.routes[0];
    let path = format!("/v1/model-versions/{}/artefact", route.champion_digest);
    let bytes = running.call(Method::GET, &path, "scoring", Role::Service, &Value::Null).await.bytes;
    assert_eq!(Artefact::from_bytes(&bytes).unwrap().digest(), route.champion_digest);
    let version = running.get(&format!("/v1/model-versions/{}", route.champion)).await.body;
    assert_eq!((&version["state"], &version["direction"]), (&json!("champion"), &json!("in")));
    assert_eq!(running.get("/v1/routing").await.body["routes"][0]["championDigest"], route.champion_digest.as_str());
    let models = running.get("/v1/models").await.body;
    assert_eq!((&models[0]["champion"], &models[1]["versions"]), (&version["id"], &json!([])));
}

#[actix_web::test]
async fn only_a_better_model_takes_the_place_of_the_champion() {
    let running = Running::new().await;
    let train =
        async || running.post("/v1/training-runs", "dora", Role::DataScientist, &json!({"direction": "in"})).await.body;
    put_rows(&running, 0.20);
    let first = train().await;
    assert_eq!(first["record"]["outcome"], "promoted", "{first}");
    let routing = running.get("/v1/routing").await.body;

    // The same rows an hour later: nothing that could be better.
    running.advance(1);
    let same = train().await;
    assert_eq!(same["record"]["outcome"], "kept", "{same}");
    assert_eq!(running.get("/v1/routing").await.body, routing);
    let models = running.get("/v1/models").await.body;
    assert_eq!(models[0]["versions"][0]["state"], "candidate");

    // Eight weeks on the world has turned round, and the champion is wrong about it.
    running.advance(24 * 56);
    running.rows.asked.lock().unwrap().clear();
    put_rows(&running, -0.29);
    let turned = train().await;
    assert_eq!(turned["record"]["outcome"], "promoted", "{turned}");
    assert!(
        turned["record"]["champion"]["logLoss"].as_f64()
            > turned["record"]["candidates"][0]["performance"]["logLoss"].as_f64()
    );
    let routing = running.get("/v1/routing").await.body;
    assert_eq!(routing["epoch"], 2);
    let states: Vec<Value> = running.get("/v1/models").await.body[0]["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["state"].clone())
        .collect();
    assert_eq!(states, ["champion", "candidate", "retired"]);
}

#[actix_web::test]
async fn nothing_is_trained_for_transit_or_on_the_future() {
    let running = Running::new().await;
    for body in [
        json!({"direction": "transit"}),
        json!({"direction": "in", "asOf": "2030-01-01T00:00:00Z"}),
        json!({"direction": "in", "maxRows": 0}),
    ] {
        let refused = running.post("/v1/training-runs", "dora", Role::DataScientist, &body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "training-invalid"));
    }
}

#[actix_web::test]
async fn a_past_whose_results_are_all_known_is_learned_from_up_to_its_last_day() {
    let running = Running::new().await;
    put_rows(&running, 0.29);
    let body = json!({"direction": "in", "maturityDays": 0, "maxRows": 1_000});
    let run = running.post("/v1/training-runs", "dora", Role::DataScientist, &body).await.body;
    let last = running.rows.set.lock().unwrap().as_ref().unwrap().times.iter().max().copied();
    assert_eq!((run["record"]["matured"]["to"].as_i64(), &run["record"]["matured"]["rows"]), (last, &json!(2_000)));
}

#[actix_web::test]
async fn runs_are_paged_latest_first() {
    let running = Running::new().await;
    running.advance(24 * 42);
    running.settle().await;
    let first = running.get("/v1/training-runs?limit=4").await.body;
    let next = first["next"].as_str().unwrap();
    let second = running.get(&format!("/v1/training-runs?limit=4&after={next}")).await.body;
    let ids: Vec<&Value> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|run| &run["id"])
        .collect();
    let mut unique = ids.clone();
    unique.sort_by_key(ToString::to_string);
    unique.dedup();
    assert_eq!((ids.len(), unique.len()), (6, 6));
    assert_eq!(second["next"], Value::Null);
    assert_eq!(running.get("/v1/training-runs?direction=out").await.body["items"].as_array().unwrap().len(), 3);
    assert_eq!(running.get("/v1/training-runs?after=nonsense").await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn the_online_model_learns_on_between_trainings_and_is_judged_before() {
    let running = Running::changed(|settings| {
        settings.training.candidates = vec![Candidate::Boosted, Candidate::Online];
        settings.training.boosted.trees = 10;
    })
    .await;
    // The whole past and what is still to come: what is not matured yet counts later.
    running.advance(24 * 28);
    *running.rows.set.lock().unwrap() = Some(rows(running.clock.now(), 120, 2_000, 0.29));
    running.settle().await;
    let online = async || {
        let versions = running.get("/v1/models").await.body[0]["versions"].as_array().unwrap().clone();
        let routes = running.get("/v1/routing").await.body["routes"].clone();
        (versions.into_iter().filter(|version| version["algorithm"] == "online").collect::<Vec<_>>(), routes)
    };
    let (begun, routes) = online().await;
    assert!(!begun.is_empty());

    // Three days on, a lesson each.
    running.advance(24 * 3);
    running.settle().await;
    let (grown, after) = online().await;
    assert_eq!((grown.len(), &after), (begun.len() + 3, &routes), "a lesson decides nothing");
    let metrics = &grown[0]["metrics"];
    assert_eq!(grown[0]["state"], "candidate");
    assert_eq!(grown[0]["run"], begun[0]["run"]);
    // Some seventeen declarations a day.
    let learned_on = |version: &Value| version["metrics"]["learnedOn"].as_u64().unwrap();
    let learned = learned_on(&grown[0]) - learned_on(&begun[0]);
    assert!((40..60).contains(&learned), "{metrics}");
    let ahead = &metrics["ahead"];
    assert!((10..25).contains(&ahead["rows"].as_u64().unwrap()), "{ahead}");
    assert!(ahead["performance"]["logLoss"].as_f64().is_some() && ahead["champion"]["logLoss"].as_f64().is_some());
    assert_eq!(running.settle().await, 0);

    // The next training begins a line of its own.
    running.advance(24 * 4);
    running.settle().await;
    let (renewed, _) = online().await;
    assert_ne!(renewed[0]["run"], begun[0]["run"]);
    assert_eq!(renewed.iter().filter(|version| version["run"] == begun[0]["run"]).count(), grown.len() + 3);
}

#[actix_web::test]
async fn without_an_online_candidate_nothing_is_learned_between_trainings() {
    let running = Running::new().await;
    running.advance(24 * 28);
    put_rows(&running, 0.29);
    running.settle().await;
    let asked = running.rows.asked.lock().unwrap().len();
    running.advance(24 * 6);
    assert_eq!(running.settle().await, 0);
    assert_eq!(running.rows.asked.lock().unwrap().len(), asked);
}

/// What LightGBM writes of one tree with one split.
const BROUGHT: &str = "tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=0
objective=binary sigmoid:1
feature_names=signal
feature_infos=[0:1]
tree_sizes=280

Tree=0
num_leaves=2
num_cat=0
split_feature=0
split_gain=10
threshold=0.5
decision_type=2
left_child=-1
right_child=-2
leaf_value=-3 -1
leaf_weight=100 100
leaf_count=1000 1000
internal_value=-2
internal_weight=200
internal_count=2000
is_linear=0
shrinkage=1


end of trees
";

#[actix_web::test]
async fn a_model_that_was_brought_is_kept_once_and_served_like_any_other() {
    let running = Running::new().await;
    put_rows(&running, 0.29);
    let until = running.clock.now().as_microsecond() - 30 * DAY_MICROS;
    let path = format!("/v1/models/imports?name=ours&format=lightgbm&direction=in&trainedUntil={until}");
    let bring = async |file: &str| running.post(&path, "dora", Role::DataScientist, &json!(file)).await;
    let brought = bring(BROUGHT).await;
    assert_eq!(brought.status, StatusCode::CREATED, "{}", brought.body);
    let id = brought.body["version"]["id"].as_str().unwrap_or_else(|| panic!("{}", brought.body));
    assert_eq!(bring(BROUGHT).await.status, StatusCode::OK, "the same file is the same version");
    assert_eq!(bring("tree\nversion=v4\n").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let version = running.get(&format!("/v1/model-versions/{id}")).await.body;
    assert_eq!((&version["state"], &version["algorithm"]), (&json!("candidate"), &json!("lightgbm")), "{version}");
    let digest = version["digest"].as_str().unwrap();
    let path = format!("/v1/model-versions/{digest}/artefact");
    let bytes = running.call(Method::GET, &path, "scoring", Role::Service, &Value::Null).await.bytes;
    let artefact = Artefact::from_bytes(&bytes).unwrap();
    let margin = |x: f64| 1.0 / (1.0 + x.exp());
    assert!((artefact.score(&[0.9, 0.1, 0.1]) - margin(1.0)).abs() < 1e-6, "{}", artefact.score(&[0.9, 0.1, 0.1]));
    assert!((artefact.score(&[0.1, 0.1, 0.1]) - margin(3.0)).abs() < 1e-6);
    assert_eq!(running.get(&format!("/v1/models/{id}/card")).await.status, StatusCode::OK);
}
