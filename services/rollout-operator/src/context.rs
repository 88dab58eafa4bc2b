//! What every reconciliation works with.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use clients::Client;
use jiff::Timestamp;
use kube::runtime::{events::Recorder, reflector::Store};
use lifecycle::{ProcessClock, Shutdown};
use rest::{KeySet, Principal, Role};

use crate::{
    OperatorError, crd::ModelRollout, lease::Lease, metrics::Metrics, ports::sight::Memory, settings::Settings,
};

/// The field manager of everything that the operator applies.
pub const MANAGER: &str = "rollout-operator";
/// The longest that another service is waited for.
pub const PATIENCE: Duration = Duration::from_secs(4);
/// How long a token lasts that is made for a call.
const TOKEN: Duration = Duration::from_mins(5);
/// The wait after a first failure; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_mins(2);

/// The other services.
pub struct Peers {
    keys: KeySet,
    model_management: Client,
    monitoring: Client,
    scoring: Client,
}

impl Peers {
    /// The services at the addresses of `settings`, with tokens of `keys`.
    pub fn new(settings: &Settings, keys: KeySet) -> Result<Self, OperatorError> {
        let first = Client::new(&settings.model_management_url, "")?;
        let other = |url: &str| if url.is_empty() { Ok(first.clone()) } else { Client::new(url, "") };
        Ok(Self {
            monitoring: other(&settings.monitoring_url)?,
            scoring: other(&settings.scoring_url)?,
            model_management: first,
            keys,
        })
    }

    fn token(&self) -> String {
        self.keys.issue(&Principal::new("rollout-operator", [Role::Service]), TOKEN)
    }

    /// Model-management.
    pub fn model_management(&self) -> Client {
        self.model_management.with_token(self.token())
    }

    /// Model-management, for what `person` said: the API server has vouched for them.
    pub fn model_management_for(&self, person: &str) -> Client {
        self.model_management.with_token(self.keys.issue(&Principal::new(person, [Role::Service]), TOKEN))
    }

    /// Performance monitoring.
    pub fn monitoring(&self) -> Client {
        self.monitoring.with_token(self.token())
    }

    /// Scoring.
    pub fn scoring(&self) -> Client {
        self.scoring.with_token(self.token())
    }
}

/// What every reconciliation works with.
pub struct Context {
    /// The API server.
    pub kube: kube::Client,
    /// The namespace that is looked after.
    pub namespace: String,
    /// Who acts.
    pub lease: Lease,
    /// The other services.
    pub peers: Peers,
    /// Tells what happened.
    pub recorder: Recorder,
    /// The metrics.
    pub metrics: Metrics,
    /// Measures.
    pub clock: ProcessClock,
    /// Stops everything.
    pub shutdown: Shutdown,
    /// The settings.
    pub settings: Settings,
    /// Failures in a row, by resource.
    pub failures: Mutex<HashMap<String, u32>>,
    /// When a resource's status was last written, by resource.
    pub written: Mutex<HashMap<String, Instant>>,
    /// Every rollout, as it was last heard of.
    pub rollouts: OnceLock<Store<ModelRollout>>,
    /// What is remembered of workloads.
    pub ports: Memory,
}

impl Context {
    /// The real time, for conditions.
    pub fn real_now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.clock.unix_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How long to wait after the failure of `resource`.
    pub fn back_off(&self, resource: &str) -> Duration {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failures.entry(resource.to_owned()).or_default();
        *failed = failed.saturating_add(1);
        FIRST_BACK_OFF.saturating_mul(1 << (*failed - 1).min(10)).min(LONGEST_BACK_OFF)
    }

    /// `resource` was looked after.
    pub fn succeeded(&self, resource: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(resource);
    }

    /// Whether `resource`'s status was not written for `pause`.
    pub fn quiet_for(&self, resource: &str, pause: Duration) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(resource).is_none_or(|at| self.clock.instant().duration_since(*at) >= pause)
    }

    /// `resource`'s status was written.
    pub fn wrote(&self, kind: &str, resource: &str) {
        let now = self.clock.instant();
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(resource.to_owned(), now);
        self.metrics.wrote(kind);
    }

    /// Forgets a resource that is gone.
    pub fn forget(&self, resource: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(resource);
        self.written.lock().unwrap_or_else(PoisonError::into_inner).remove(resource);
    }
}

/// What `call` answers, unless it takes too long.
pub async fn within<T, E: Into<OperatorError>>(
    who: &'static str,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, OperatorError> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(OperatorError::Late(who)),
    }
}
