//! Putting the operator together: definitions there, lease ours, controllers running, and an end when the lease is lost.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use kube::{
    Api, Resource, ResourceExt,
    api::ListParams,
    runtime::{
        Controller,
        controller::{Action, Config},
        events::{Recorder, Reporter},
        reflector::ObjectRef,
        watcher,
    },
};
use lifecycle::{Metrics as Registry, ProcessClock, Shutdown, Tasks};
use rest::KeySet;
use serde::de::DeserializeOwned;

use crate::{
    OperatorError,
    context::{Context, MANAGER, Peers},
    crd::{ModelRollout, ModelVersion, PortWorkload, RolloutApproval},
    error::is_absent,
    lease::Lease,
    metrics::{ByFailure, ByKind, Metrics},
    ports, rollouts,
    settings::Settings,
    version::{self, told},
};

/// The operator, before it acts.
pub struct Operator {
    kube: kube::Client,
    namespace: String,
    settings: Settings,
    keys: KeySet,
    registry: Registry,
    clock: ProcessClock,
}

impl Operator {
    /// An operator for the cluster of `kube`.
    pub fn new(kube: kube::Client, settings: Settings, keys: KeySet, registry: Registry, clock: ProcessClock) -> Self {
        let namespace = match settings.namespace.as_str() {
            "" => kube.default_namespace().to_owned(),
            given => given.to_owned(),
        };
        Self { kube, namespace, settings, keys, registry, clock }
    }

    /// Waits for the lease and acts until `shutdown`. An error: the lease is lost, or a definition is missing.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), OperatorError> {
        let lease_settings = &self.settings.lease;
        if lease_settings.renew_seconds == 0 || lease_settings.renew_seconds * 2 >= lease_settings.duration_seconds {
            let words = "it is 0, or not less than half of lease.durationSeconds".to_owned();
            return Err(OperatorError::Setting("lease.renewSeconds", words));
        }
        self.check_definitions().await?;
        let holder = match lease_settings.holder.as_str() {
            "" => lifecycle::process_name(),
            given => given.to_owned(),
        };
        let leases = Api::namespaced(self.kube.clone(), &self.namespace);
        let lease = Lease::new(leases, lease_settings.clone(), holder.clone(), self.clock.clone());
        let metrics = Metrics::register(&self.registry);
        if !lease.acquire(&shutdown).await {
            return Ok(());
        }
        metrics.lease.set(1);
        let reporter = Reporter { controller: MANAGER.to_owned(), instance: Some(holder) };
        let context = Arc::new(Context {
            recorder: Recorder::new(self.kube.clone(), reporter),
            kube: self.kube,
            namespace: self.namespace,
            lease: lease.clone(),
            peers: Peers::new(&self.settings, self.keys)?,
            metrics: metrics.clone(),
            clock: self.clock,
            shutdown: shutdown.clone(),
            settings: self.settings,
            failures: std::sync::Mutex::default(),
            written: std::sync::Mutex::default(),
            rollouts: std::sync::OnceLock::new(),
            ports: ports::sight::Memory::default(),
        });
        let tasks = Tasks::new(shutdown.clone());
        let kept = shutdown.clone();
        tasks.spawn("lease", async move { lease.keep(kept).await });
        tasks.spawn("versions", controller(Arc::clone(&context), "ModelVersion", version::reconcile));
        tasks.spawn("rollouts", rollout_controller(Arc::clone(&context)));
        tasks.spawn("ports", port_controller(context));
        shutdown.triggered().await;
        metrics.lease.set(0);
        tasks.join(Duration::from_secs(10)).await.map_err(|error| {
            tracing::error!(%error, "the operator ends");
            OperatorError::Deposed
        })
    }

    /// A watch of an unknown kind fails softly and for ever: better to say so at once.
    async fn check_definitions(&self) -> Result<(), OperatorError> {
        self.check::<ModelVersion>().await?;
        self.check::<ModelRollout>().await?;
        self.check::<RolloutApproval>().await?;
        self.check::<PortWorkload>().await
    }

    async fn check<K>(&self) -> Result<(), OperatorError>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
    {
        let api: Api<K> = Api::namespaced(self.kube.clone(), &self.namespace);
        match api.list(&ListParams::default().limit(1)).await {
            Err(error) if is_absent(&error) => Err(OperatorError::NoDefinitions(K::plural(&()).into_owned())),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }
}

fn config(context: &Context) -> Config {
    Config::default().concurrency(context.settings.concurrency.max(1)).debounce(Duration::from_millis(100))
}

async fn controller<K, F>(
    context: Arc<Context>,
    kind: &'static str,
    reconcile: impl Fn(Arc<K>, Arc<Context>) -> F + Clone + Send + Sync + 'static,
) -> Result<(), OperatorError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + Sync
        + 'static,
    F: Future<Output = Result<Action, OperatorError>> + Send + 'static,
{
    let api: Api<K> = Api::namespaced(context.kube.clone(), &context.namespace);
    let controller = Controller::new(api, watcher::Config::default()).with_config(config(&context));
    drive(controller, context, kind, reconcile).await
}

/// An approval wakes the rollout that it names.
async fn rollout_controller(context: Arc<Context>) -> Result<(), OperatorError> {
    let api: Api<ModelRollout> = Api::namespaced(context.kube.clone(), &context.namespace);
    let approvals: Api<RolloutApproval> = Api::namespaced(context.kube.clone(), &context.namespace);
    let namespace = context.namespace.clone();
    let controller = Controller::new(api, watcher::Config::default()).with_config(config(&context));
    context.rollouts.get_or_init(|| controller.store());
    let controller = controller.watches(approvals, watcher::Config::default(), move |approval: RolloutApproval| {
        Some(ObjectRef::new(&approval.spec.rollout).within(&namespace))
    });
    drive(controller, context, "ModelRollout", rollouts::reconcile).await
}

/// Workloads that share scorers look at each other.
async fn port_controller(context: Arc<Context>) -> Result<(), OperatorError> {
    let api: Api<PortWorkload> = Api::namespaced(context.kube.clone(), &context.namespace);
    let controller = Controller::new(api, watcher::Config::default()).with_config(config(&context));
    context.ports.follow(controller.store());
    drive(controller, context, "PortWorkload", ports::reconcile).await
}

async fn drive<K, F>(
    controller: Controller<K>,
    context: Arc<Context>,
    kind: &'static str,
    reconcile: impl Fn(Arc<K>, Arc<Context>) -> F + Clone + Send + Sync + 'static,
) -> Result<(), OperatorError>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
    F: Future<Output = Result<Action, OperatorError>> + Send + 'static,
{
    let shutdown = context.shutdown.clone();
    let measured = move |object: Arc<K>, context: Arc<Context>| {
        let reconcile = reconcile.clone();
        async move {
            let key = format!("{kind}/{}", object.name_any());
            let begun = context.clock.instant();
            let outcome = reconcile(object, Arc::clone(&context)).await;
            context.metrics.duration.observe(context.clock.instant().duration_since(begun).as_secs_f64());
            context.metrics.reconciliations.get_or_create(&ByKind { kind: kind.to_owned() }).inc();
            match &outcome {
                Ok(_) => context.succeeded(&key),
                Err(error) => {
                    tracing::warn!(resource = key, error = told(error), "reconciliation failed");
                    let failure = ByFailure { kind: kind.to_owned(), failure: error.kind().to_owned() };
                    context.metrics.failures.get_or_create(&failure).inc();
                }
            }
            outcome
        }
    };
    let back_off = move |object: Arc<K>, _: &OperatorError, context: Arc<Context>| {
        Action::requeue(context.back_off(&format!("{kind}/{}", object.name_any())))
    };
    controller
        .graceful_shutdown_on(async move { shutdown.triggered().await })
        .run(measured, back_off, context)
        .for_each(|_| std::future::ready(()))
        .await;
    Ok(())
}
