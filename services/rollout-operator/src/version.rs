//! Looking after a `ModelVersion`: whether its bytes are what it says, whether they can be loaded, whether its features are
//! served.

use std::sync::Arc;
use std::time::Duration;

use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
    runtime::controller::Action,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    OperatorError,
    conditions::{Says, conditions},
    context::{Context, MANAGER, within},
    crd::{ModelVersion, ModelVersionSpec, ModelVersionStatus},
};

/// How often a version that is as it should be is looked at again.
const SETTLED: Duration = Duration::from_mins(10);
/// How often one that is not yet.
const OPEN: Duration = Duration::from_secs(10);

/// Looks at a version.
pub async fn reconcile(version: Arc<ModelVersion>, ctx: Arc<Context>) -> Result<Action, OperatorError> {
    let before = version.status.clone().unwrap_or_default();
    let mut status =
        ModelVersionStatus { observed_generation: version.metadata.generation.unwrap_or_default(), ..before.clone() };
    // Bytes that had both digests have them for ever.
    if status.verified != Some(true) {
        let (verified, words) = verify(&version.spec, &ctx).await;
        (status.verified, status.message) = (verified, words);
    }
    let (loadable, served, words) = known(&version.spec, &ctx).await;
    (status.loadable, status.features_served) = (loadable, served);
    if status.verified == Some(true) {
        status.message = words;
    }
    let says = [
        ("Verified", status.verified, "Digests"),
        ("Loadable", status.loadable, "ModelManagement"),
        ("FeaturesServed", status.features_served, "FeatureContract"),
    ];
    let says = says.into_iter().map(|(type_, state, reason)| Says::new(type_, state, reason, status.message.clone()));
    status.conditions = conditions(&before.conditions, says.collect(), status.observed_generation, ctx.real_now());
    if status != before {
        let name = version.name_any();
        ctx.lease.token()?;
        let api: Api<ModelVersion> = Api::namespaced(ctx.kube.clone(), &ctx.namespace);
        let patch = json!({"apiVersion": "aforo.io/v1alpha1", "kind": "ModelVersion", "status": status});
        api.patch_status(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(patch)).await?;
        ctx.wrote("ModelVersion", &format!("ModelVersion/{name}"));
    }
    let settled = [status.verified, status.loadable, status.features_served].iter().all(|state| *state == Some(true));
    Ok(Action::requeue(if settled { SETTLED } else { OPEN }))
}

/// Whether the bytes have both digests; none when they cannot be had now.
async fn verify(spec: &ModelVersionSpec, ctx: &Context) -> (Option<bool>, String) {
    let bytes = if let Some(uri) = &spec.artefact.uri {
        fetch(uri).await
    } else {
        let call = async { ctx.peers.model_management().artefact(&spec.artefact.digest).await };
        within("model-management", call).await.map(|bytes| bytes.to_vec()).map_err(|error| told(&error))
    };
    match bytes {
        Err(words) => (None, format!("the artefact cannot be had: {words}")),
        Ok(bytes) => {
            let sha256 = Sha256::digest(&bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            let digest = blake3::hash(&bytes).to_hex().to_string();
            if sha256 != spec.artefact.sha256 {
                (Some(false), format!("its SHA-256 is {sha256}; the bytes are not those that were named"))
            } else if digest != spec.artefact.digest {
                (Some(false), format!("its BLAKE3 digest is {digest}; the bytes are not those that were named"))
            } else {
                (Some(true), "its bytes are those that were named".to_owned())
            }
        }
    }
}

async fn fetch(uri: &str) -> Result<Vec<u8>, String> {
    let client = clients::http::https(None).map_err(|error| error.to_string())?;
    let answer = client.get(uri).send().await.map_err(|error| error.to_string())?;
    let answer = answer.error_for_status().map_err(|error| error.to_string())?;
    Ok(answer.bytes().await.map_err(|error| error.to_string())?.to_vec())
}

/// Whether model-management has it, and whether its features are those that are served.
async fn known(spec: &ModelVersionSpec, ctx: &Context) -> (Option<bool>, Option<bool>, String) {
    let client = ctx.peers.model_management();
    let models = within("model-management", client.models()).await;
    let contract = within("model-management", client.feature_contract()).await;
    let (loadable, words) = match &models {
        Err(error) => (None, told(error)),
        Ok(models) if has(models, &spec.artefact.digest) => (Some(true), "it is ready".to_owned()),
        Ok(_) => (Some(false), "model-management has no version with this digest; bring it there first".to_owned()),
    };
    match contract {
        Err(error) => (loadable, None, told(&error)),
        Ok(contract) if contract == spec.feature_contract => (loadable, Some(true), words),
        Ok(contract) => (loadable, Some(false), format!("features of contract {contract} are served")),
    }
}

fn has(models: &Value, digest: &str) -> bool {
    let models = models.as_array().into_iter().flatten();
    models
        .flat_map(|model| model["versions"].as_array().into_iter().flatten())
        .any(|version| version["digest"] == digest)
}

/// An error with what caused it.
pub fn told(error: &OperatorError) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
