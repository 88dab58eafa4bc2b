//! Who of several operators acts, and the proof of it.
//!
//! The lease in the API server is taken by comparing and setting. What makes it safe is not that, but what is done with it:
//! before every write the holder looks at a deadline of its own monotonic clock, earlier than the moment from which another
//! may take over; and every change of routing carries the number of times the lease changed hands, of which
//! model-management refuses a lower one. A lease that is lost ends the process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease as LeaseResource, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, ObjectMeta, PostParams};
use lifecycle::{ProcessClock, Shutdown};

use crate::{OperatorError, settings::LeaseSettings};

/// What the holder knows.
#[derive(Clone, Copy, Debug)]
struct Held {
    until: Instant,
    token: u64,
}

/// The lease as this process sees it. Cloning shares it.
#[derive(Clone)]
pub struct Lease {
    api: Api<LeaseResource>,
    settings: Arc<LeaseSettings>,
    holder: String,
    clock: ProcessClock,
    held: Arc<Mutex<Option<Held>>>,
}

/// The lease of another, and since when it has not changed.
struct Watched {
    version: String,
    since: Instant,
}

impl Lease {
    /// Not held yet.
    pub fn new(api: Api<LeaseResource>, settings: LeaseSettings, holder: String, clock: ProcessClock) -> Self {
        Self { api, settings: Arc::new(settings), holder, clock, held: Arc::default() }
    }

    /// The fencing token, while the lease is certainly held. To be asked for before every write.
    pub fn token(&self) -> Result<u64, OperatorError> {
        let held = *self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held {
            Some(held) if self.clock.instant() < held.until => Ok(held.token),
            _ => Err(OperatorError::Deposed),
        }
    }

    /// Waits until the lease is ours, or shutdown; tells whether it is.
    pub async fn acquire(&self, shutdown: &Shutdown) -> bool {
        let mut watched = None;
        while !shutdown.is_triggered() {
            match self.try_take(&mut watched).await {
                Ok(true) => {
                    tracing::info!(holder = self.holder, token = self.token().unwrap_or_default(), "the lease is ours");
                    return true;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the lease cannot be read or written"),
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(self.settings.renew_seconds)) => {}
                () = shutdown.triggered() => {}
            }
        }
        false
    }

    /// Renews the lease until shutdown, then gives it back. An error: it is lost.
    pub async fn keep(&self, shutdown: Shutdown) -> Result<(), OperatorError> {
        while !shutdown.is_triggered() {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(self.settings.renew_seconds)) => {}
                () = shutdown.triggered() => break,
            }
            match self.renew().await {
                Ok(()) => {}
                Err(OperatorError::Deposed) => return Err(OperatorError::Deposed),
                Err(error) => {
                    tracing::warn!(%error, "the lease cannot be renewed");
                    self.token()?;
                }
            }
        }
        self.give_back().await;
        Ok(())
    }

    async fn try_take(&self, watched: &mut Option<Watched>) -> Result<bool, OperatorError> {
        let begun = self.clock.instant();
        let Some(mut lease) = self.api.get_opt(&self.settings.name).await? else {
            let metadata = ObjectMeta { name: Some(self.settings.name.clone()), ..ObjectMeta::default() };
            let lease = LeaseResource { metadata, spec: Some(self.spec(1, None)) };
            self.api.create(&PostParams::default(), &lease).await?;
            self.hold(begun, 1);
            return Ok(true);
        };
        let spec = lease.spec.clone().unwrap_or_default();
        let transitions = spec.lease_transitions.unwrap_or_default().max(0);
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        if !holder.is_empty() {
            // Clocks of two machines differ: the lease has run out when it did not change for its duration here.
            let version = lease.metadata.resource_version.clone().unwrap_or_default();
            let same = watched.as_ref().is_some_and(|watched| watched.version == version);
            if !same {
                *watched = Some(Watched { version, since: begun });
            }
            let duration = Duration::from_secs(spec.lease_duration_seconds.unwrap_or(15).max(1) as u64);
            let since = watched.as_ref().map_or(begun, |watched| watched.since);
            if begun.duration_since(since) < duration {
                return Ok(false);
            }
        }
        lease.spec = Some(self.spec(transitions + 1, None));
        self.api.replace(&self.settings.name, &PostParams::default(), &lease).await?;
        self.hold(begun, transitions as u64 + 1);
        Ok(true)
    }

    async fn renew(&self) -> Result<(), OperatorError> {
        let token = self.token()?;
        let begun = self.clock.instant();
        let mut lease = self.api.get(&self.settings.name).await?;
        let spec = lease.spec.clone().unwrap_or_default();
        let ours = spec.holder_identity.as_deref() == Some(self.holder.as_str())
            && spec.lease_transitions.map(|transitions| transitions as u64) == Some(token);
        if !ours {
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Err(OperatorError::Deposed);
        }
        lease.spec = Some(self.spec(token as i32, spec.acquire_time));
        self.api.replace(&self.settings.name, &PostParams::default(), &lease).await?;
        self.hold(begun, token);
        Ok(())
    }

    async fn give_back(&self) {
        if self.token().is_err() {
            return;
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let Ok(mut lease) = self.api.get(&self.settings.name).await else { return };
        if let Some(spec) = &mut lease.spec
            && spec.holder_identity.as_deref() == Some(self.holder.as_str())
        {
            spec.holder_identity = Some(String::new());
            if let Err(error) = self.api.replace(&self.settings.name, &PostParams::default(), &lease).await {
                tracing::warn!(%error, "the lease is not given back; another takes it when it has run out");
            }
        }
    }

    /// The lease counts from when the request began, and less than it lasts for others.
    fn hold(&self, begun: Instant, token: u64) {
        let lasts = Duration::from_secs(self.settings.duration_seconds).mul_f64(0.7);
        let held = Held { until: begun + lasts, token };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    fn spec(&self, transitions: i32, acquired: Option<MicroTime>) -> LeaseSpec {
        let now = jiff::Timestamp::from_millisecond(self.clock.unix_ms()).ok().map(MicroTime);
        LeaseSpec {
            acquire_time: acquired.or_else(|| now.clone()),
            holder_identity: Some(self.holder.clone()),
            lease_duration_seconds: Some(self.settings.duration_seconds as i32),
            lease_transitions: Some(transitions),
            renew_time: now,
            ..LeaseSpec::default()
        }
    }
}
