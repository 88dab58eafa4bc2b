//! Which service needs what: the one place where services are put together, be it all of them in one process or each in
//! a process of its own. Services do not see each other: they share the queue, the online features and their HTTP contracts.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use events::Service;
use lifecycle::{Secret, Worker};
use online_store::OnlineStore;
use queue::Deps;
use rest::{Server, ServiceConfig};
use store::StoreError;

use crate::settings::Settings;

/// The order in which services are built: feature-store fills what scoring reads.
const ORDER: [Service; 6] = [
    Service::ModelManagement,
    Service::DeclarationIntake,
    Service::FeatureStore,
    Service::Scoring,
    Service::ControlsTracking,
    Service::PerformanceMonitoring,
];

/// Where the services of a process find what is not in their settings.
pub struct Places {
    /// The folder of keys, and of the databases where no URL names others.
    pub data: PathBuf,
    /// The address of a service, for those who call it.
    pub url: Box<dyn Fn(Service) -> String + Send + Sync>,
    /// The token they show.
    pub token: Secret,
    /// Seed of the key that the draws hash with; none draws a fresh key once and keeps it.
    pub draw_seed: Option<u64>,
}

/// A service that is put together: its work, and its routes.
pub struct Part {
    service: Service,
    /// Its background work, in the order in which a step runs it.
    pub workers: Vec<Arc<dyn Worker>>,
    mount: Box<dyn FnOnce(Server) -> Server + Send>,
}

impl Part {
    fn new(
        service: Service,
        workers: Vec<Arc<dyn Worker>>,
        routes: impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static,
        ready: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        let mount = move |server: Server| server.mount(routes).ready_when(service.as_str(), ready);
        Self { service, workers, mount: Box::new(mount) }
    }

    /// Adds its routes and its readiness to `server`.
    pub fn mount(self, server: Server) -> Server {
        (self.mount)(server)
    }
}

/// Builds `services`: opens and migrates their databases and wires them up. They come in the order in which a declaration
/// meets them; nothing runs yet.
pub async fn build(
    services: &[Service],
    settings: &Settings,
    places: &Places,
    deps: &Deps,
    online: &Arc<dyn OnlineStore>,
) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::with_capacity(services.len());
    for service in ORDER.into_iter().filter(|service| services.contains(service)) {
        let built = build_one(service, settings, places, deps.clone(), Arc::clone(online)).await;
        parts.push(built.with_context(|| format!("{service} cannot start"))?);
    }
    parts.sort_by_key(|part| Service::ALL.iter().position(|service| *service == part.service));
    Ok(parts)
}

async fn build_one(
    service: Service,
    settings: &Settings,
    places: &Places,
    deps: Deps,
    online: Arc<dyn OnlineStore>,
) -> anyhow::Result<Part> {
    let store = settings.store(service, &places.data);
    let (url, token) = (&places.url, places.token.clone());
    Ok(match service {
        Service::DeclarationIntake => {
            let given = settings.intake.clone();
            let built =
                declaration_intake::Service::build(declaration_intake::Settings { store, ..given }, deps).await?;
            Part::new(service, built.workers(), built.routes(), move || built.ready())
        }
        Service::FeatureStore => {
            let given = settings.features.clone();
            let built = feature_store::Service::build(feature_store::Settings { store, ..given }, deps, online).await?;
            Part::new(service, built.workers(), built.routes(), move || built.ready())
        }
        Service::Scoring => {
            let given = scoring::Settings {
                store,
                model_management_url: url(Service::ModelManagement),
                feature_store_url: Some(url(Service::FeatureStore)),
                token,
                draw_key: settings.keys.draw(&places.data),
                draw_seed: places.draw_seed,
                ..settings.scoring.clone()
            };
            let built = scoring::Service::build(given, deps, online).await?;
            Part::new(service, built.workers(), built.routes(), move || built.ready())
        }
        Service::ControlsTracking => {
            let given = settings.controls.clone();
            let built = controls_tracking::Service::build(controls_tracking::Settings { store, ..given }, deps).await?;
            Part::new(service, built.workers(), built.routes(), move || built.ready())
        }
        Service::PerformanceMonitoring => {
            let given = settings.monitoring.clone();
            let built =
                performance_monitoring::Service::build(performance_monitoring::Settings { store, ..given }, deps)
                    .await?;
            Part::new(service, built.workers(), built.routes(), move || built.ready())
        }
        Service::ModelManagement => {
            let given = model_management::Settings {
                store,
                feature_store_url: url(Service::FeatureStore),
                monitoring_url: url(Service::PerformanceMonitoring),
                scoring_url: url(Service::Scoring),
                token,
                ..settings.models.clone()
            };
            let built = model_management::Service::build(given, deps).await?;
            Part::new(service, built.workers(), built.routes(), move || built.ready())
        }
    })
}

/// Whether a service reads or writes the online features.
pub fn uses_online_features(service: Service) -> bool {
    matches!(service, Service::FeatureStore | Service::Scoring)
}

/// Brings the tables of `service` to the shape that this program needs.
pub async fn migrate(service: Service, store: &store::Settings) -> Result<(), StoreError> {
    let db = store::Database::open(store).await?;
    match service {
        Service::DeclarationIntake => db.migrate::<declaration_intake::Migrator>().await?,
        Service::FeatureStore => db.migrate::<feature_store::Migrator>().await?,
        Service::Scoring => db.migrate::<scoring::Migrator>().await?,
        Service::ControlsTracking => db.migrate::<controls_tracking::Migrator>().await?,
        Service::PerformanceMonitoring => db.migrate::<performance_monitoring::Migrator>().await?,
        Service::ModelManagement => db.migrate::<model_management::Migrator>().await?,
    }
    db.close().await
}
