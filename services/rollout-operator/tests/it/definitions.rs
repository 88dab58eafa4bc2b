//! What the API server itself refuses.

use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::stand::Stand;

/// Makes a good rollout one that cannot be.
type Spoil = fn(&mut Value);

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_refuses_what_cannot_be() {
    let Some(stand) = Stand::new("refuse").await else { return };
    let refused: [(&str, Spoil); 7] = [
        ("the last step promotes", |body| {
            body["spec"]["steps"].as_array_mut().unwrap().pop();
        }),
        ("has a weightPercent", |body| body["spec"]["steps"][1]["weightPercent"] = Value::Null),
        ("weightPercent", |body| body["spec"]["steps"][1]["weightPercent"] = json!(100.0)),
        ("either above or below", |body| body["spec"]["gates"][0]["fail"]["below"] = json!(1.0)),
        ("digest", |body| body["spec"]["candidate"]["digest"] = json!("x")),
        ("replace itself", |body| {
            body["spec"]["champion"] = json!({"name": "c", "digest": body["spec"]["candidate"]["digest"]});
        }),
        ("requestedBy", |body| body["spec"]["requestedBy"] = json!("")),
    ];
    for (word, change) in refused {
        let error = stand.rollouts().create(&PostParams::default(), &stand.rollout(change)).await.unwrap_err();
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    stand.create().await;
    let patch = Patch::Merge(json!({"spec": {"assignment": {"salt": "another"}}}));
    let error = stand.rollouts().patch("second", &PatchParams::default(), &patch).await.unwrap_err();
    assert!(error.to_string().contains("assignment never changes"), "{error}");
    let versions: kube::Api<rollout_operator::crd::ModelVersion> = stand.api();
    let patch = Patch::Merge(json!({"spec": {"model": "another"}}));
    let error = versions.patch("second", &PatchParams::default(), &patch).await.unwrap_err();
    assert!(error.to_string().contains("never changes"), "{error}");
    stand.approve("ben", 0).await;
    let approvals: kube::Api<rollout_operator::crd::RolloutApproval> = stand.api();
    let patch = Patch::Merge(json!({"spec": {"approver": "mia"}}));
    let error = approvals.patch("ben-step-0", &PatchParams::default(), &patch).await.unwrap_err();
    assert!(error.to_string().contains("never changes"), "{error}");
    stand.gone().await;
}
