//! Channels told by webhook, to a receiver within the test that fails and comes back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use customs::Channel;
use declaration_intake::WebhookSettings;
use hmac::{Hmac, KeyInit, Mac};
use lifecycle::{Shutdown, Tasks, Worker};
use rest::{Principal, Role};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{World, numbered};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What the receiver took, and how it answers.
#[derive(Default)]
struct Received {
    entries: Vec<i64>,
    forged: u32,
    asked: u32,
    /// The status of every answer; 0 takes what comes.
    status: u16,
    /// The one cursor that is refused.
    poison: i64,
}

#[derive(Clone)]
struct Receiver {
    state: Arc<Mutex<Received>>,
    origin: String,
    _tasks: Arc<Tasks>,
}

async fn take(request: HttpRequest, body: web::Bytes, state: web::Data<Arc<Mutex<Received>>>) -> HttpResponse {
    let mut state = state.lock().unwrap();
    state.asked += 1;
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(header("aforo-timestamp").as_bytes());
    mac.update(b".");
    mac.update(&body);
    let expected = mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    if header("aforo-signature") != format!("v1={expected}") {
        state.forged += 1;
        return HttpResponse::Unauthorized().finish();
    }
    if state.status != 0 {
        let status = actix_web::http::StatusCode::from_u16(state.status).unwrap();
        return HttpResponse::build(status).insert_header(("location", "/elsewhere")).finish();
    }
    let page: Value = serde_json::from_slice(&body).unwrap();
    let cursors: Vec<i64> =
        page["items"].as_array().unwrap().iter().map(|item| item["cursor"].as_i64().unwrap()).collect();
    assert_eq!(page["next"].as_i64(), cursors.last().copied());
    if cursors.contains(&state.poison) {
        return HttpResponse::UnprocessableEntity().finish();
    }
    state.entries.extend(cursors);
    HttpResponse::NoContent().finish()
}

impl Receiver {
    fn start() -> Self {
        let state = Arc::<Mutex<Received>>::default();
        let data = web::Data::new(Arc::clone(&state));
        let server = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(take)));
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", server.addrs()[0]);
        let tasks = Tasks::new(Shutdown::default());
        tasks.spawn("receiver", server.run());
        Self { state, origin, _tasks: Arc::new(tasks) }
    }

    fn answer(&self, status: u16) {
        self.state.lock().unwrap().status = status;
    }

    fn refuse(&self, cursor: i64) {
        self.state.lock().unwrap().poison = cursor;
    }

    fn entries(&self) -> Vec<i64> {
        self.state.lock().unwrap().entries.clone()
    }

    /// Waits until the receiver's state is so.
    async fn until(&self, fact: &str, holds: impl Fn(&Received) -> bool) {
        for _ in 0..600 {
            if holds(&self.state.lock().unwrap()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let state = self.state.lock().unwrap();
        panic!("it never holds that {fact}: {:?}, asked {}, forged {}", state.entries, state.asked, state.forged);
    }

    fn settings(&self) -> WebhookSettings {
        WebhookSettings {
            origins: [self.origin.clone()].into(),
            batch: 2,
            timeout_ms: 2_000,
            first_back_off_ms: 20,
            longest_back_off_ms: 200,
            refusals: 3,
            ..WebhookSettings::default()
        }
    }
}

async fn call(world: &World, method: &str, path: &str, caller: &Principal, body: Value) -> (u16, Value) {
    let token = world.keys.issue(caller, Duration::from_mins(1));
    let request = clients::http::http().unwrap().request(method.parse().unwrap(), format!("{}{path}", world.url));
    let request = request.bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(&body) };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn sunad() -> Principal {
    Principal::new("sunad", [Role::CustomsSystem])
}

async fn subscribe(world: &World, receiver: &Receiver) -> String {
    let wanted = json!({"url": format!("{}/channels", receiver.origin), "secret": SECRET});
    let (status, webhook) = call(world, "POST", "/v1/webhooks", &sunad(), wanted).await;
    assert_eq!(status, 201, "{webhook}");
    assert!(webhook["secret"].is_null(), "only a secret that was made here is told: {webhook}");
    webhook["id"].as_str().unwrap().to_owned()
}

/// Lodges a declaration and decides it: one more entry of the feed.
async fn tell(world: &World, number: u32) {
    let id = world.client().lodge(&numbered(number), false).await.unwrap().id;
    world.decide(id, 1, Channel::Green).await;
}

/// The worker that delivers, with its lanes begun.
async fn deliver(world: &World) -> Arc<dyn Worker> {
    let worker = Arc::clone(&world.service.workers()[3]);
    assert_eq!(worker.name(), "intake-webhooks");
    worker.step().await.unwrap();
    worker
}

#[actix_web::test]
async fn channels_are_told_in_order_signed_and_none_is_lost_while_the_receiver_is_away() {
    let receiver = Receiver::start();
    let settings = receiver.settings();
    let world = World::with(|all| all.webhooks = settings).await;
    tell(&world, 1).await;
    let id = subscribe(&world, &receiver).await;
    let worker = deliver(&world).await;
    tell(&world, 2).await;
    receiver.until("an entry is told", |state| state.entries == [2]).await;
    receiver.answer(503);
    for number in 3..8 {
        tell(&world, number).await;
    }
    let asked = receiver.state.lock().unwrap().asked;
    receiver.until("it is tried again", |state| state.asked >= asked + 3).await;
    let (_, webhook) = call(&world, "GET", &format!("/v1/webhooks/{id}"), &sunad(), Value::Null).await;
    assert_eq!((webhook["cursor"].as_i64(), webhook["deadLetters"].as_u64()), (Some(2), Some(0)), "{webhook}");
    assert!(webhook["lastError"].as_str().unwrap().contains("503"), "{webhook}");
    assert!(!webhook.to_string().contains(SECRET));
    // Nobody is led elsewhere.
    receiver.answer(307);
    let asked = receiver.state.lock().unwrap().asked;
    receiver.until("it is tried again", |state| state.asked >= asked + 2).await;
    receiver.answer(0);
    receiver.until("every entry is told", |state| state.entries == [2, 3, 4, 5, 6, 7]).await;
    assert_eq!(receiver.state.lock().unwrap().forged, 0);

    // Told again from a cursor.
    let replay = json!({"after": 5});
    assert_eq!(call(&world, "POST", &format!("/v1/webhooks/{id}/replay"), &sunad(), replay).await.0, 200);
    receiver.until("two are told again", |state| state.entries[6..] == [6, 7]).await;
    drop(worker);
}

#[actix_web::test]
async fn restarted_service_goes_on_where_the_receiver_was() {
    let receiver = Receiver::start();
    let settings = receiver.settings();
    let world = World::with(|all| all.webhooks = settings).await;
    subscribe(&world, &receiver).await;
    let worker = deliver(&world).await;
    tell(&world, 1).await;
    receiver.until("an entry is told", |state| state.entries == [1]).await;
    receiver.answer(500);
    tell(&world, 2).await;
    receiver.until("it is tried", |state| state.asked >= 2).await;
    drop(worker);
    let folder = Arc::clone(&world.folder);
    world.stop().await;
    receiver.answer(0);
    let settings = receiver.settings();
    let world = World::open(folder, testkit::fixed_clock(), |all| all.webhooks = settings).await;
    let _worker = deliver(&world).await;
    receiver.until("the rest is told", |state| state.entries == [1, 2]).await;
}

#[actix_web::test]
async fn entry_that_is_refused_is_put_aside_and_the_next_ones_follow() {
    let receiver = Receiver::start();
    let settings = receiver.settings();
    let world = World::with(|all| all.webhooks = settings).await;
    let id = subscribe(&world, &receiver).await;
    receiver.refuse(2);
    for number in 1..5 {
        tell(&world, number).await;
    }
    let _worker = deliver(&world).await;
    receiver.until("all but one are told", |state| state.entries == [1, 3, 4]).await;
    let letters = format!("/v1/webhooks/{id}/dead-letters");
    let (_, listed) = call(&world, "GET", &letters, &sunad(), Value::Null).await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["cursor"], 2);
    receiver.refuse(0);
    call(&world, "POST", &format!("/v1/webhooks/{id}/replay"), &sunad(), json!({"after": 1})).await;
    receiver.until("it is told after all", |state| state.entries[3..] == [2, 3, 4]).await;
    for _ in 0..100 {
        if call(&world, "GET", &letters, &sunad(), Value::Null).await.1 == json!([]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is still listed: {}", receiver.entries().len());
}

#[actix_web::test]
async fn webhook_leads_only_where_the_operator_allows_and_is_its_owners_alone() {
    let receiver = Receiver::start();
    let settings = receiver.settings();
    let world = World::with(|all| all.webhooks = settings).await;
    let refused = async |wanted: Value| {
        let (status, problem) = call(&world, "POST", "/v1/webhooks", &sunad(), wanted).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("webhook-invalid")), "{problem}");
        problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(json!({"url": "http://169.254.169.254/latest"})).await, "/url");
    assert_eq!(refused(json!({"url": "file:///etc/passwd"})).await, "/url");
    let inside = receiver.origin.replace("http://", "http://aforo:aforo@");
    assert_eq!(refused(json!({"url": inside})).await, "/url");
    let url = format!("{}/channels", receiver.origin);
    assert_eq!(refused(json!({"url": url, "secret": "short"})).await, "/secret");
    assert_eq!(refused(json!({"url": url, "offices": []})).await, "/offices");
    assert_eq!(refused(json!({"url": url, "after": -1})).await, "/after");
    let of_one_office = sunad().only_for(["118".into()]);
    let elsewhere = json!({"url": url, "offices": ["235"]});
    assert_eq!(call(&world, "POST", "/v1/webhooks", &of_one_office, elsewhere).await.0, 403);

    let (status, webhook) = call(&world, "POST", "/v1/webhooks", &of_one_office, json!({"url": url})).await;
    assert_eq!((status, &webhook["offices"]), (201, &json!(["118"])), "the token's offices: {webhook}");
    assert_eq!(webhook["secret"].as_str().unwrap().len(), 64);
    let id = webhook["id"].as_str().unwrap();
    let other = Principal::new("another", [Role::CustomsSystem]);
    for (method, path) in [
        ("GET", format!("/v1/webhooks/{id}")),
        ("DELETE", format!("/v1/webhooks/{id}")),
        ("GET", format!("/v1/webhooks/{id}/dead-letters")),
    ] {
        assert_eq!(call(&world, method, &path, &other, Value::Null).await.0, 404, "{method} {path}");
    }
    let auditor = Principal::new("auditor", [Role::Auditor]);
    assert_eq!(call(&world, "GET", "/v1/webhooks", &auditor, Value::Null).await.1.as_array().unwrap().len(), 1);
    assert_eq!(call(&world, "GET", "/v1/webhooks", &other, Value::Null).await.1, json!([]));
    assert_eq!(call(&world, "DELETE", &format!("/v1/webhooks/{id}"), &sunad(), Value::Null).await.0, 200);
    assert_eq!(call(&world, "GET", &format!("/v1/webhooks/{id}"), &sunad(), Value::Null).await.0, 404);
}
