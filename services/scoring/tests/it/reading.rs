use std::time::Duration;

use clients::Client;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use rest::{KeySet, Principal, Role, Server};
use serde_json::Value;

use crate::world::{World, accepted, capacity, filter, filters, lodged};

pub struct Served {
    url: String,
    keys: KeySet,
    shutdown: Shutdown,
    tasks: Tasks,
}

impl Served {
    pub fn new(world: &World) -> Self {
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let settings = rest::Settings { address: "127.0.0.1:0".into(), ..rest::Settings::default() };
        let server = Server::new(settings, keys.clone(), world.deps.metrics.clone());
        let server = server.mount(world.service.routes()).bind().unwrap();
        let shutdown = Shutdown::new();
        let tasks = Tasks::new(shutdown.clone());
        let url = server.url();
        tasks.spawn("http", server.run(shutdown.clone()));
        Self { url, keys, shutdown, tasks }
    }

    pub fn client(&self, principal: &Principal) -> Client {
        Client::new(&self.url, self.keys.issue(principal, Duration::from_mins(5))).unwrap()
    }

    pub async fn get(&self, principal: &Principal, path: &str) -> (u16, Value) {
        let token = self.keys.issue(principal, Duration::from_mins(5));
        let request = clients::http::http().unwrap().get(format!("{}{path}", self.url));
        let response = request.bearer_auth(token).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub async fn post(&self, principal: &Principal, path: &str, body: &impl serde::Serialize) -> Value {
        let token = self.keys.issue(principal, Duration::from_mins(5));
        let request = clients::http::http().unwrap().post(format!("{}{path}", self.url));
        request.bearer_auth(token).json(body).send().await.unwrap().json().await.unwrap()
    }

    pub async fn stop(self) {
        self.shutdown.trigger();
        self.tasks.join(Duration::from_secs(10)).await.unwrap();
    }
}

#[tokio::test]
async fn auditors_follow_all_decisions_page_by_page() {
    let world = World::new().await;
    let mut messages = vec![capacity(1, 5.0), filters(1, vec![filter("F-1", "declaration.regime == '10'", false)])];
    messages.extend((0..25).map(|n| accepted(&lodged(n))));
    world.handle(&messages).await;
    let served = Served::new(&world);
    let auditor = Principal::new("auditor", [Role::Auditor]);
    let client = served.client(&auditor);

    let (mut seen, mut after) = (Vec::new(), None::<String>);
    let mut pages = 0;
    loop {
        let page = client.selections(after.as_deref(), Some(10)).await.unwrap();
        let items = page["items"].as_array().unwrap();
        // The cursor stays, so that a follower goes on from there when more is decided.
        let next = page["next"].as_str().map(str::to_owned);
        assert!(next.is_some());
        if items.is_empty() {
            assert_eq!(next, after);
            break;
        }
        seen.extend(items.clone());
        after = next;
        pages += 1;
    }
    assert_eq!(pages, 3);
    world.handle(&[accepted(&lodged(25))]).await;
    let later = client.selections(after.as_deref(), None).await.unwrap();
    assert_eq!(later["items"].as_array().unwrap().len(), 1);
    let selections = world.selections().await;
    assert_eq!(seen.len(), 25);
    assert_eq!(later["items"][0]["id"], selections[25].id.to_string());
    for (seen, selection) in seen.iter().zip(&selections) {
        assert_eq!(seen["id"], selection.id.to_string());
        assert!(seen["probabilityOfFinding"].as_f64().unwrap() > 0.0 && seen["probability"].as_f64().unwrap() > 0.0);
        assert_eq!(seen["matches"].as_array().unwrap().len(), 1);
        assert!(seen.get("vectors").is_none());
    }
    let (_, with_vectors) = served.get(&auditor, "/v1/selections?limit=1&vectors=true").await;
    assert_eq!(with_vectors["items"][0]["vectors"].as_array().unwrap().len(), selections[0].vectors.len());
    assert_eq!(client.selection(selections[4].id).await.unwrap(), selections[4]);
    let of_one = client.declaration_selections(selections[4].declaration).await.unwrap();
    assert_eq!(of_one["items"].as_array().unwrap().len(), 1);

    assert_eq!(served.get(&auditor, "/v1/selections?after=nonsense").await.0, 400);
    let absent = served.get(&auditor, &format!("/v1/selections/{}", selections[0].declaration)).await;
    assert_eq!(absent.0, 404);
    let local = Principal::new("analyst", [Role::Analyst]).only_for(["235".into()]);
    assert_eq!(served.get(&local, "/v1/selections").await.0, 403);
    assert_eq!(served.get(&local, &format!("/v1/selections/{}", selections[0].id)).await.0, 403);
    served.stop().await;
}

#[tokio::test]
async fn advice_stores_nothing_and_is_not_for_declarants() {
    let world = World::new().await;
    let everything = filters(1, vec![filter("F-1", "declaration.regime == '10'", false)]);
    world.handle(&[capacity(1, 5.0), everything, accepted(&lodged(1))]).await;
    let served = Served::new(&world);
    let analyst = served.client(&Principal::new("analyst", [Role::Analyst]));
    let declaration = lodged(2).declaration;
    let advice = analyst.score(&declaration).await.unwrap();
    assert_eq!(advice, analyst.score(&declaration).await.unwrap());
    assert!(advice["probabilityOfFinding"].as_f64().unwrap() > 0.0);
    assert!(advice["value"].as_f64().unwrap() >= 0.5, "{advice}");
    assert_eq!(advice["matches"].as_array().unwrap().len(), 1);
    assert_eq!(world.selections().await.len(), 1);
    let customs = served.client(&Principal::new("asycuda", [Role::CustomsSystem]));
    assert_eq!(customs.score(&declaration).await.unwrap_err().problem().unwrap().status, 403);
    served.stop().await;
}

#[tokio::test]
async fn supervisors_see_what_their_office_can_still_order() {
    let world = World::new().await;
    world.handle(&[capacity(1, 5.0), accepted(&lodged(1))]).await;
    let served = Served::new(&world);
    let supervisor = Principal::new("supervisor", [Role::Supervisor]).only_for(["118".into(), "999".into()]);
    let (status, view) = served.get(&supervisor, "/v1/offices/118/capacity").await;
    assert_eq!(status, 200, "{view}");
    assert!(view["physicalTokens"].as_i64().unwrap() >= 5 && view["planned"].as_bool().unwrap());
    assert_eq!(view["overruns"], 0);
    assert_eq!(served.get(&supervisor, "/v1/offices/999/capacity").await.0, 404);
    assert_eq!(served.get(&supervisor, "/v1/offices/235/capacity").await.0, 403);
    served.stop().await;
}
