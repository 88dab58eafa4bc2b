//! A namespace of its own in the cluster at hand, with operators that a test starts and stops.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use lifecycle::{Metrics, ProcessClock, Shutdown};
use rest::KeySet;
use rollout_operator::{
    LeaseSettings, Operator, ScalingSettings, Settings,
    crd::{self, ModelRollout, ModelRolloutStatus, ModelVersion, RolloutApproval},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::system::{self, Shared};

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Stand {
    pub client: Client,
    pub namespace: String,
    pub system: Shared,
    pub digest: String,
    pub sha256: String,
    address: String,
}

pub struct Running {
    shutdown: Shutdown,
    task: tokio::task::JoinHandle<bool>,
    pub metrics: Metrics,
}

/// An operator in a process of its own; killed when dropped.
pub struct Process {
    child: std::process::Child,
    _folder: tempfile::TempDir,
}

impl Process {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
    }

    /// Waits until it has ended; tells whether well.
    pub async fn ended(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Stops it in good order; tells whether it had acted to the end.
    pub async fn stop(self) -> bool {
        self.shutdown.trigger();
        self.task.await.unwrap()
    }

    /// Ends it on the spot, as a crash would.
    pub fn kill(self) {
        self.task.abort();
    }
}

impl Stand {
    /// None, with a line that says so, where no cluster can be reached.
    pub async fn new(test: &str) -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = match Client::try_default().await {
            Ok(client) => client,
            Err(error) => {
                eprintln!("skipped: no cluster ({error}); set KUBECONFIG");
                return None;
            }
        };
        if let Err(error) = client.apiserver_version().await {
            eprintln!("skipped: the cluster does not answer ({error})");
            return None;
        }
        let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
        for definition in crd::definitions() {
            let name = definition.name_any();
            definitions.patch(&name, &PatchParams::apply("tests").force(), &Patch::Apply(&definition)).await.unwrap();
        }
        let namespace = format!("rollout-{test}-{}", std::process::id());
        let body: Namespace = serde_json::from_value(json!({"metadata": {"name": namespace}})).unwrap();
        Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &body).await.unwrap();
        let artefact = b"not quite a model".to_vec();
        let (address, system) = system::start(&artefact, &"a".repeat(64));
        let sha256 = Sha256::digest(&artefact).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let digest = blake3::hash(&artefact).to_hex().to_string();
        let stand = Self { client, namespace, system, digest, sha256, address };
        // A definition that was just written is not served at once.
        stand
            .until("definitions are served", async || stand.rollouts().list(&ListParams::default()).await.is_ok())
            .await;
        Some(stand)
    }

    pub fn operator(&self, holder: &str) -> Running {
        let settings = Settings {
            namespace: self.namespace.clone(),
            model_management_url: self.address.clone(),
            lease: LeaseSettings {
                holder: holder.into(),
                // Long enough for an API server on a busy machine: what cannot be renewed in time is lost.
                duration_seconds: 20,
                renew_seconds: 2,
                ..LeaseSettings::default()
            },
            finalizer_seconds: 4,
            scaling: ScalingSettings { settle_seconds: 1, cooldown_seconds: 600, ..ScalingSettings::default() },
            ..Settings::default()
        };
        let (shutdown, metrics) = (Shutdown::new(), Metrics::new());
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let operator = Operator::new(self.client.clone(), settings, keys, metrics.clone(), ProcessClock::default());
        let signal = shutdown.clone();
        #[expect(clippy::disallowed_methods, reason = "a test joins it itself")]
        let task = tokio::spawn(async move { operator.run(signal).await.is_ok() });
        Running { shutdown, task, metrics }
    }

    /// An operator in a process of its own: the binary that was built, or that `AFORO_TEST_OPERATOR` names.
    pub fn process(&self, holder: &str) -> Process {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("tokens.key");
        std::fs::write(&keys, "0".repeat(64)).unwrap();
        std::fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let binary = std::env::var_os("AFORO_TEST_OPERATOR").unwrap_or(env!("CARGO_BIN_EXE_rollout-operator").into());
        let mut command = std::process::Command::new(binary);
        command.arg("run").env("AFORO_OPERATOR_NAMESPACE", &self.namespace);
        command.env("AFORO_OPERATOR_MODEL_MANAGEMENT_URL", &self.address).env("AFORO_OPERATOR_TOKENS_FILE", &keys);
        command.env("AFORO_OPERATOR_ADMIN_ADDRESS", "127.0.0.1:0").env("AFORO_OPERATOR_LEASE__HOLDER", holder);
        command.env("AFORO_OPERATOR_LEASE__DURATION_SECONDS", "8").env("AFORO_OPERATOR_LEASE__RENEW_SECONDS", "2");
        let child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        Process { child, _folder: folder }
    }

    pub fn rollouts(&self) -> Api<ModelRollout> {
        self.api()
    }

    pub fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub fn version(&self) -> ModelVersion {
        serde_json::from_value(json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "ModelVersion", "metadata": {"name": "second"},
            "spec": {"model": "boosted", "direction": "in", "featureContract": "contract-1",
                "artefact": {"sha256": self.sha256, "digest": self.digest}},
        }))
        .unwrap()
    }

    pub fn rollout(&self, change: impl FnOnce(&mut Value)) -> ModelRollout {
        let mut body = json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "ModelRollout", "metadata": {"name": "second"},
            "spec": {
                "direction": "in", "requestedBy": "mia", "candidate": {"name": "second", "digest": self.digest},
                "steps": [{"kind": "shadow"}, {"kind": "canary", "weightPercent": 25.0}, {"kind": "approval"},
                    {"kind": "promote"}],
                "gates": [{"name": "harm", "family": "outcome", "requiredFromStep": 1, "maxAgeSeconds": 1_000_000,
                    "fail": {"metric": "outcome.harm", "above": 20.0}}],
                "rollback": {"automatic": true, "keepChampionSeconds": 0, "throttleSeconds": 60},
            },
        });
        change(&mut body);
        serde_json::from_value(body).unwrap()
    }

    pub async fn create(&self) {
        self.create_as(|_| {}).await;
    }

    /// The version, and its rollout with a change.
    pub async fn create_as(&self, change: impl FnOnce(&mut Value)) {
        self.api().create(&PostParams::default(), &self.version()).await.unwrap();
        self.rollouts().create(&PostParams::default(), &self.rollout(change)).await.unwrap();
    }

    /// A further rollout of the version, with this concurrency.
    pub async fn create_beside(&self, name: &str, concurrency: &str) {
        let rollout = self.rollout(|body| {
            body["metadata"]["name"] = json!(name);
            body["spec"]["concurrency"] = json!(concurrency);
        });
        self.rollouts().create(&PostParams::default(), &rollout).await.unwrap();
    }

    pub async fn approve(&self, approver: &str, step: u32) {
        self.approve_for("step", approver, step).await;
    }

    pub async fn approve_for(&self, purpose: &str, approver: &str, step: u32) {
        let approval: RolloutApproval = serde_json::from_value(json!({
            "apiVersion": "aforo.io/v1alpha1", "kind": "RolloutApproval",
            "metadata": {"name": format!("{approver}-{purpose}-{step}")},
            "spec": {"rollout": "second", "step": step, "approver": approver, "purpose": purpose},
        }))
        .unwrap();
        self.api().create(&PostParams::default(), &approval).await.unwrap();
    }

    pub async fn merge(&self, spec: Value) {
        let patch = Patch::Merge(json!({"spec": spec}));
        self.rollouts().patch("second", &PatchParams::default(), &patch).await.unwrap();
    }

    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            if begun.elapsed() > PATIENCE {
                let told = self.rollouts().list(&ListParams::default()).await;
                let told =
                    told.map(|all| all.into_iter().map(|one| (one.metadata.name, one.status)).collect::<Vec<_>>());
                panic!("not within {PATIENCE:?}: {what}; {told:?}; {:?}", self.system.lock().unwrap().written);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn until_phase(&self, phase: rollout::Phase) {
        self.until_phase_of("second", phase).await;
    }

    pub async fn until_phase_of(&self, name: &str, phase: rollout::Phase) {
        self.until_status(name, phase.as_str(), |status| status.phase == phase).await;
    }

    /// Waits until the status of the rollout is there and `holds`.
    async fn until_status(&self, name: &str, what: &str, holds: impl Fn(&ModelRolloutStatus) -> bool) {
        self.until(what, async || {
            let rollout = self.rollouts().get(name).await.unwrap();
            rollout.status.as_ref().is_some_and(&holds)
        })
        .await;
    }

    pub async fn until_intent(&self) {
        self.until_status("second", "an intent", |status| status.state.intent.is_some()).await;
    }

    /// What was written of a rollout that stands before its approval: the shadow and the canary, once each.
    pub fn each_decision_once(&self) -> Vec<(u64, u64, u16)> {
        let written = self.system.lock().unwrap().written.clone();
        assert_eq!(written.iter().map(|line| line.2).collect::<Vec<_>>(), [0, 2_500], "each decision once");
        written
    }

    pub async fn until_waiting(&self, word: &str) {
        self.until_waiting_of("second", word).await;
    }

    pub async fn until_waiting_of(&self, name: &str, word: &str) {
        self.until_status(name, word, |status| status.waiting == word).await;
    }

    /// Deletes the namespace; its rollouts are let go first, for nobody looks after them any more.
    pub async fn gone(self) {
        let patch = Patch::Merge(json!({"metadata": {"finalizers": []}}));
        for rollout in self.rollouts().list(&ListParams::default()).await.unwrap().items {
            self.rollouts().patch(&rollout.name_any(), &PatchParams::default(), &patch).await.unwrap();
        }
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.delete(&self.namespace, &DeleteParams::default()).await.unwrap();
    }
}
