//! What a server leaves on record, and who may read it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, get, post};
use audit::Ledger;
use lifecycle::metrics::Metrics;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use rest::{
    Authorized, KeySet, Principal, Problem, ReadProblems, Role, Server, ServerError, ServiceConfig, Settings,
    WriteProblems,
};
use serde_json::Value;
use testkit::Home;

rest::roles!(Approvers = Approver);
rest::roles!(Lodgers = CustomsSystem);

/// Puts something in force.
#[utoipa::path(operation_id = "things_activate", responses((status = 200, description = "Done."), WriteProblems),
    security(("bearer" = ["approver"])))]
#[post("/v1/things/{id}/activation")]
async fn activate(_: Authorized<Approvers>, id: rest::PathParams<u32>) -> Result<HttpResponse, Problem> {
    if id.0 == 0 {
        return Err(Problem::conflict("filter-retired", "It is retired"));
    }
    Ok(HttpResponse::Ok().json(id.0))
}

/// Shows something that is not for everybody.
#[utoipa::path(operation_id = "things_read", responses((status = 200, description = "It."), ReadProblems),
    security(("bearer" = ["approver"])), extensions(("x-audit" = json!("look"))))]
#[get("/v1/things/{id}")]
async fn read(_: Authorized<Approvers>, id: rest::PathParams<u32>) -> HttpResponse {
    HttpResponse::Ok().json(id.0)
}

/// Takes what the trade brings.
#[utoipa::path(operation_id = "things_create", responses((status = 200, description = "Done."), WriteProblems),
    security(("bearer" = ["customs-system"])))]
#[post("/v1/things")]
async fn create(_: Authorized<Lodgers>) -> HttpResponse {
    HttpResponse::Ok().json(1)
}

fn things(config: &mut ServiceConfig<'_>) {
    config.service(activate).service(read).service(create);
}

struct World {
    _home: Home,
    ledger: Ledger,
    keys: KeySet,
    url: String,
    _tasks: Tasks,
}

impl World {
    async fn new() -> Self {
        let home = Home::new();
        let ledger = Ledger::open(&home.store(), ProcessClock::default()).await.unwrap();
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let settings = Settings { address: "127.0.0.1:0".into(), workers: 1, ..Settings::default() };
        let server = Server::new(settings, keys.clone(), Metrics::new())
            .mount(things)
            .mount(audit::routes(ledger.clone()))
            .audited(Arc::new(ledger.clone()))
            .bind()
            .unwrap();
        let url = server.url();
        let tasks = Tasks::new(Shutdown::default());
        tasks.spawn::<_, ServerError>("server", server.run(Shutdown::default()));
        Self { _home: home, ledger, keys, url, _tasks: tasks }
    }

    async fn call(&self, method: &str, path: &str, principal: Principal) -> (u16, Value) {
        let token = self.keys.issue(&principal, Duration::from_mins(1));
        let request = clients::http::http().unwrap().request(method.parse().unwrap(), format!("{}{path}", self.url));
        let answer = request.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn trail(&self, query: &str) -> Vec<Value> {
        self.ledger.flush().await.unwrap();
        let auditor = Principal::new("auditor", [Role::Auditor]);
        let (status, body) = self.call("GET", &format!("/v1/audit{query}"), auditor).await;
        assert_eq!(status, 200, "{body}");
        body["items"].as_array().unwrap().clone()
    }
}

fn approver() -> Principal {
    Principal::new("rosa", [Role::Approver])
}

#[tokio::test]
async fn acts_are_on_record_before_and_after_looks_once_and_the_trade_not_at_all() {
    let world = World::new().await;
    world.call("POST", "/v1/things/7/activation", approver()).await;
    world.call("POST", "/v1/things/0/activation", approver()).await;
    // Who may not is on record, too.
    let officer = Principal::new("luis", [Role::Officer]);
    assert_eq!(world.call("POST", "/v1/things/7/activation", officer).await.0, 403);
    world.call("GET", "/v1/things/7?why=curious", approver()).await;
    world.call("POST", "/v1/things", Principal::new("sunad", [Role::CustomsSystem])).await;
    let trail = world.trail("").await;
    let told: Vec<_> = trail
        .iter()
        .map(|record| {
            let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
            (text("stage"), text("subject"), text("object"), record["status"].as_u64().unwrap_or_default())
        })
        .collect();
    let row = |stage: &str, subject: &str, object: &str, status| {
        (stage.to_owned(), subject.to_owned(), object.to_owned(), status)
    };
    let expected = [
        row("begun", "rosa", "/v1/things/7/activation", 0),
        row("ended", "", "", 200),
        row("begun", "rosa", "/v1/things/0/activation", 0),
        row("ended", "", "", 409),
        row("begun", "luis", "/v1/things/7/activation", 0),
        row("ended", "", "", 403),
        row("noted", "rosa", "/v1/things/7", 200),
    ];
    assert_eq!(told, expected);
    assert_eq!(trail[1]["begun"], trail[0]["number"]);
    assert_eq!(trail[0]["operation"], "things_activate");

    // Reading the trail is a look, as everything an auditor is curious about.
    let looks = world.trail("?operation=audit_list").await;
    assert_eq!(looks.len(), 1);
    assert_eq!(world.trail("?subject=luis").await.len(), 1);
    assert!(world.ledger.verify(None).await.unwrap().is_intact());
}

#[tokio::test]
async fn trail_is_for_auditors_of_every_office_alone_and_comes_in_pages() {
    let world = World::new().await;
    for _ in 0..3 {
        world.call("POST", "/v1/things/7/activation", approver()).await;
    }
    let of_one_office = Principal::new("auditor", [Role::Auditor]).only_for(["118".into()]);
    let (status, body) = world.call("GET", "/v1/audit", of_one_office).await;
    assert_eq!((status, body["code"].as_str()), (403, Some("office-forbidden")));
    assert_eq!(world.call("GET", "/v1/audit", approver()).await.0, 403);
    world.ledger.flush().await.unwrap();
    let auditor = Principal::new("auditor", [Role::Auditor]);
    let (_, first) = world.call("GET", "/v1/audit?limit=4&operation=things_activate", auditor.clone()).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 3, "acts alone name the operation: {first}");
    let (_, first) = world.call("GET", "/v1/audit?limit=4", auditor.clone()).await;
    let next = first["next"].as_str().unwrap();
    let (_, second) = world.call("GET", &format!("/v1/audit?limit=4&after={next}"), auditor).await;
    assert_eq!(second["items"][0]["number"], 5);
}

#[actix_web::test]
async fn document_tells_what_callers_need_and_its_roles_are_let_in() {
    assert_eq!(rest::contract::lint(&audit::openapi()), Vec::<String>::new());
    let world = World::new().await;
    let faults = rest::contract::denials(&audit::openapi(), audit::routes(world.ledger.clone())).await;
    assert_eq!(faults, Vec::<String>::new());
}
