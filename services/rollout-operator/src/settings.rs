//! What a platform team may set.

use std::path::PathBuf;

use lifecycle::telemetry;
use serde::{Deserialize, Serialize};

use crate::crd::Scaling;

/// The settings. Environment variables begin with `AFORO_OPERATOR_`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The namespace whose resources are looked after; that of the kubeconfig or of the pod when empty.
    pub namespace: String,
    /// The address of health and metrics.
    pub admin_address: String,
    /// Logging.
    pub log: telemetry::Settings,
    /// Base URL of model-management.
    pub model_management_url: String,
    /// Base URL of performance monitoring; model-management's when empty.
    pub monitoring_url: String,
    /// Base URL of scoring; model-management's when empty.
    pub scoring_url: String,
    /// The key set of the installation, with which it makes its own tokens.
    pub tokens_file: PathBuf,
    /// The lease: who of several operators acts.
    pub lease: LeaseSettings,
    /// Scaling.
    pub scaling: ScalingSettings,
    /// Seconds that the deletion of a rollout waits for the champion to be back, at most.
    pub finalizer_seconds: u64,
    /// The most resources that are looked after at once.
    pub concurrency: u16,
}

/// The lease.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeaseSettings {
    /// Its name.
    pub name: String,
    /// Who this process is; the name of its machine, which is the pod's, when empty.
    pub holder: String,
    /// Seconds after which a holder that does not renew it has lost it.
    pub duration_seconds: u64,
    /// Seconds between two renewals.
    pub renew_seconds: u64,
}

/// Scaling per port.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScalingSettings {
    /// Who sets the number of scorers.
    pub mode: Scaling,
    /// The Deployment of the shared scorers; that of a dedicated pool is named after it and its `PortWorkload`.
    pub deployment: String,
    /// KEDA: address of Redis, `host:port`.
    pub redis_address: String,
    /// KEDA: what the keys of streams begin with.
    pub redis_prefix: String,
    /// KEDA: the `TriggerAuthentication` with the password; none when empty.
    pub redis_authentication: String,
    /// Seconds without need before scorers are taken away.
    pub cooldown_seconds: u32,
    /// Seconds after which every process that publishes has heard of a change of the shards.
    pub settle_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespace: String::new(),
            admin_address: "127.0.0.1:8081".to_owned(),
            log: telemetry::Settings::default(),
            model_management_url: "http://127.0.0.1:8080".to_owned(),
            monitoring_url: String::new(),
            scoring_url: String::new(),
            tokens_file: PathBuf::from("tokens.key"),
            lease: LeaseSettings::default(),
            scaling: ScalingSettings::default(),
            finalizer_seconds: 60,
            concurrency: 8,
        }
    }
}

impl Default for LeaseSettings {
    fn default() -> Self {
        Self { name: "rollout-operator".to_owned(), holder: String::new(), duration_seconds: 15, renew_seconds: 4 }
    }
}

impl Default for ScalingSettings {
    fn default() -> Self {
        Self {
            mode: Scaling::Operator,
            deployment: "aforo-scoring".to_owned(),
            redis_address: String::new(),
            redis_prefix: "aforo".to_owned(),
            redis_authentication: String::new(),
            cooldown_seconds: 30,
            settle_seconds: 10,
        }
    }
}
