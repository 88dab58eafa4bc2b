use actix_web::http::{Method, StatusCode};
use events::CapacityChanged;
use rest::{Principal, Role};
use serde_json::{Value, json};

use crate::support::Running;

fn plan(office: &str, physical: f64) -> Value {
    json!({
        "office": office, "timeZone": "America/Lima", "physicalPerDay": physical, "documentaryPerDay": 10.0,
        "declarationsPerDay": 104.0, "randomShare": 0.1, "explorationShare": 0.1, "failSafe": "orange"
    })
}

#[actix_web::test]
async fn each_change_of_a_plan_raises_the_epoch_and_tells_all_plans() {
    let running = Running::new().await;
    let put = async |path: &str, body: &Value| running.call(Method::PUT, path, "max", Role::ModelManager, body).await;
    let all = put("/v1/capacity-plans", &json!([plan("118", 5.2), plan("235", 2.0)])).await;
    assert_eq!((all.status, &all.body["epoch"]), (StatusCode::OK, &json!(1)), "{}", all.body);
    assert_eq!(put("/v1/capacity-plans/235", &plan("235", 3.0)).await.body["epoch"], 2);
    // The same plan again changes nothing.
    assert_eq!(put("/v1/capacity-plans/235", &plan("235", 3.0)).await.body["epoch"], 2);

    let heard = running.heard().await;
    let told: Vec<CapacityChanged> = heard.iter().map(|message| message.decode().unwrap()).collect();
    assert_eq!(told.iter().map(|told| told.epoch).collect::<Vec<_>>(), [1, 2]);
    let physical: Vec<f64> = told[1].plans.iter().map(|plan| plan.physical_per_day).collect();
    assert_eq!(physical, [5.2, 3.0]);
    let read = running.get("/v1/capacity-plans/235").await;
    assert_eq!(read.body["physicalPerDay"], 3.0);
    assert_eq!(running.get("/v1/capacity-plans").await.body["epoch"], 2);
    assert_eq!(running.get("/v1/capacity-plans/046").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_plan_that_cannot_be_is_refused_and_none_of_its_list_is_kept() {
    let running = Running::new().await;
    let body = json!([plan("118", 5.2), plan("118", -1.0)]);
    let refused = running.call(Method::PUT, "/v1/capacity-plans", "max", Role::ModelManager, &body).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "capacity-plan-invalid"));
    assert_eq!(refused.body["errors"][0]["pointer"], "/1/physicalPerDay");
    assert_eq!(refused.body["errors"][1]["code"], "duplicate");
    assert_eq!(running.get("/v1/capacity-plans").await.body, json!({"epoch": 0, "plans": []}));
    let other = running.call(Method::PUT, "/v1/capacity-plans/235", "max", Role::ModelManager, &plan("118", 1.0)).await;
    assert_eq!(other.body["errors"][0]["pointer"], "/office");
}

#[actix_web::test]
async fn a_supervisor_plans_for_their_own_offices_alone() {
    let running = Running::new().await;
    let supervisor = Principal::new("sue", [Role::Supervisor]).only_for(["118".into()]);
    let put = async |office: &str| {
        let path = format!("/v1/capacity-plans/{office}");
        running.call_as(Method::PUT, &path, &supervisor, &plan(office, 1.0)).await.status
    };
    assert_eq!(put("118").await, StatusCode::OK);
    assert_eq!(put("235").await, StatusCode::FORBIDDEN);
}
