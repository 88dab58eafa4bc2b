//! Following the tables that decide: a higher epoch replaces, a lower one is refused.
//!
//! A routing is put in force only when the artefacts of all its champions are here and loaded; until then the routing
//! before it decides and the new one waits, so that a model that cannot be fetched never makes decisions worse.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use customs::{Direction, ModelVersionId};
use events::{CapacityChanged, FiltersChanged, Route, RoutingChanged, Trial};
use features::contract;
use risk_filters::{Catalogue, FilterDefinition, FilterList, FilterSet, Lists, Vocabulary};
use risk_model::Artefact;
use sea_orm::ConnectionTrait;
use selection::{CapacityPlan, Rerouted};

use super::artefacts::ArtefactSource;
use super::live::{Live, OnTrial, Tables};
use crate::domain::judgement::Champion;
use crate::domain::record::Epochs;
use crate::error::ServiceError;
use crate::metrics::Metrics;
use crate::store::tables as stored;

/// Artefacts by digest: loaded, with the bytes to keep.
pub type Fetched = BTreeMap<String, (Arc<Artefact>, Bytes)>;

/// The catalogue that filters are compiled against.
pub fn catalogue() -> Catalogue {
    Catalogue::standard().with_features(&features::contract().names)
}

/// Compiles the filters that replace `before`, with the lists they name. Those that do not compile here are left out
/// and told, the others still decide.
pub fn compile(before: &FilterSet, filters: &[FilterDefinition], lists: &[FilterList]) -> FilterSet {
    let lists = Lists::new(lists.iter().cloned()).unwrap_or_else(|error| {
        tracing::error!(%error, "the lists cannot be used; filters that name one are left out");
        Lists::default()
    });
    let vocabulary = Vocabulary { catalogue: &catalogue(), lists: &lists, codes: None };
    let (set, errors) = before.succeeded_by(filters, &vocabulary);
    for error in errors {
        tracing::error!(%error, "a filter does not compile here and is left out");
    }
    set
}

/// The tables as stored; a champion whose artefact is not usable any more is marked so.
pub async fn load(db: &impl ConnectionTrait, unplanned: CapacityPlan) -> Result<Tables, ServiceError> {
    let mut epochs = Epochs::default();
    let (mut routes, mut loaded) = (Vec::new(), BTreeMap::new());
    if let Some(routing) = stored::load::<RoutingChanged>(db, stored::ROUTING).await? {
        epochs.routing = routing.epoch;
        for digest in routing.routes.iter().flat_map(Route::digests) {
            let Some(bytes) = stored::load_artefact(db, digest).await? else { continue };
            match Artefact::load(&bytes, &contract().hash) {
                Ok(artefact) => {
                    loaded.insert(digest.to_owned(), Arc::new(artefact));
                }
                Err(error) => tracing::error!(digest, %error, "a model in the routing cannot be used"),
            }
        }
        routes = routing.routes;
    }
    let (champions, trials) = casts(&routes, &loaded);
    let filters = match stored::load::<FiltersChanged>(db, stored::FILTERS).await? {
        Some(changed) => {
            epochs.filters = changed.epoch;
            compile(&FilterSet::empty(), &changed.filters, &changed.lists)
        }
        None => FilterSet::empty(),
    };
    let mut plans = BTreeMap::new();
    if let Some(changed) = stored::load::<CapacityChanged>(db, stored::CAPACITY).await? {
        epochs.capacity = changed.epoch;
        plans.extend(changed.plans.into_iter().map(|plan| (plan.office.clone(), Arc::new(plan))));
    }
    Ok(Tables {
        epochs,
        routes: Arc::new(routes),
        champions: Arc::new(champions),
        trials: Arc::new(trials),
        loaded: Arc::new(loaded),
        filters: Arc::new(filters),
        plans: Arc::new(plans),
        unplanned: Arc::new(unplanned),
    })
}

/// Who decides and who is on trial, by direction; one whose artefact is not among `loaded` cannot be used.
fn casts(
    routes: &[Route],
    loaded: &BTreeMap<String, Arc<Artefact>>,
) -> (BTreeMap<Direction, Champion>, BTreeMap<Direction, Vec<OnTrial>>) {
    let cast = |version: ModelVersionId, digest: &str| match loaded.get(digest) {
        Some(artefact) => Champion::Model(version, Arc::clone(artefact)),
        None => Champion::Unusable,
    };
    let champions = routes.iter().map(|route| (route.direction, cast(route.champion, &route.champion_digest)));
    let on_trial =
        |trial: &Trial| OnTrial { trial: trial.clone(), candidate: cast(trial.candidate, &trial.candidate_digest) };
    let trials = routes.iter().map(|route| (route.direction, route.trials.iter().map(on_trial).collect()));
    (champions.collect(), trials.collect())
}

/// Whether every artefact that `routing` names is in force already or fetched.
pub fn complete(tables: &Tables, routing: &RoutingChanged, fetched: &Fetched) -> bool {
    let mut digests = routing.routes.iter().flat_map(Route::digests);
    digests.all(|digest| fetched.contains_key(digest) || tables.loaded.contains_key(digest))
}

/// Fetches the artefacts that `routings` name and that are not in force already. What cannot be had is left out.
pub async fn fetch(
    source: &dyn ArtefactSource,
    tables: &Tables,
    routings: &[&RoutingChanged],
    metrics: &Metrics,
) -> Fetched {
    let mut fetched = Fetched::new();
    let newer = routings.iter().filter(|routing| routing.epoch > tables.epochs.routing).flat_map(|r| &r.routes);
    for digest in newer.flat_map(Route::digests) {
        if fetched.contains_key(digest) || tables.loaded.contains_key(digest) {
            continue;
        }
        match fetch_one(source, digest).await {
            Ok(loaded) => {
                fetched.insert(digest.to_owned(), loaded);
            }
            Err(error) => {
                metrics.artefact_failures.inc();
                tracing::error!(digest, error, "an artefact cannot be had; the routing before it decides on");
            }
        }
    }
    fetched
}

async fn fetch_one(source: &dyn ArtefactSource, digest: &str) -> Result<(Arc<Artefact>, Bytes), String> {
    let bytes = source.fetch(digest).await.map_err(|error| error.to_string())?;
    let artefact = Artefact::load(&bytes, &contract().hash).map_err(|error| error.to_string())?;
    if artefact.digest() == digest {
        Ok((Arc::new(artefact), bytes))
    } else {
        Err(format!("its digest is {}", artefact.digest()))
    }
}

/// Puts `routing` in force, or lets it wait for its artefacts.
pub async fn apply_routing(
    tx: &impl ConnectionTrait,
    live: &mut Live,
    routing: &RoutingChanged,
    fetched: &Fetched,
    metrics: &Metrics,
) -> Result<(), ServiceError> {
    if routing.epoch <= live.tables.epochs.routing {
        metrics.refuse_epoch(stored::ROUTING);
        return Ok(());
    }
    if !complete(&live.tables, routing, fetched) {
        return stored::store(tx, stored::ROUTING_PENDING, routing.epoch, routing).await;
    }
    let mut loaded = BTreeMap::new();
    for digest in routing.routes.iter().flat_map(Route::digests) {
        let artefact = match fetched.get(digest) {
            Some((artefact, bytes)) => {
                stored::store_artefact(tx, digest, bytes).await?;
                Some(artefact)
            }
            None => live.tables.loaded.get(digest),
        };
        loaded.extend(artefact.map(|artefact| (digest.to_owned(), Arc::clone(artefact))));
    }
    for route in &routing.routes {
        stored::remember_model(tx, route.champion, &route.champion_digest).await?;
        for trial in &route.trials {
            stored::remember_model(tx, trial.candidate, &trial.candidate_digest).await?;
        }
    }
    let kept: Vec<&str> = routing.routes.iter().flat_map(Route::digests).collect();
    stored::forget_artefacts_but(tx, &kept).await?;
    let (champions, trials) = casts(&routing.routes, &loaded);
    let before = Arc::clone(&live.tables.routes);
    live.reroute(&rerouted(&before, &routing.routes));
    stored::store(tx, stored::ROUTING, routing.epoch, routing).await?;
    stored::forget(tx, stored::ROUTING_PENDING).await?;
    live.tables.epochs.routing = routing.epoch;
    live.tables.routes = Arc::new(routing.routes.clone());
    live.tables.champions = Arc::new(champions);
    live.tables.trials = Arc::new(trials);
    live.tables.loaded = Arc::new(loaded);
    metrics.show_epoch(stored::ROUTING, routing.epoch);
    Ok(())
}

/// What becomes of the rollouts of the routes `before` with those `after`.
fn rerouted<'a>(before: &'a [Route], after: &'a [Route]) -> Rerouted<'a> {
    let mut rerouted = Rerouted::default();
    for route in after {
        let former = before.iter().find(|former| former.direction == route.direction);
        let leads = |trial: &Trial, route: &Route| trial.candidate_digest == route.champion_digest;
        let trials = former.into_iter().chain([route]).flat_map(|route| &route.trials);
        let turned = trials.filter(|trial| former.is_some_and(|former| leads(trial, former)) != leads(trial, route));
        rerouted.turned.extend(turned.map(|trial| trial.rollout.as_str()));
        rerouted.on_trial.extend(route.trials.iter().map(|trial| trial.rollout.as_str()));
    }
    rerouted
}

/// Puts `changed` in force, unless its epoch is lower.
pub async fn apply_filters(
    tx: &impl ConnectionTrait,
    live: &mut Live,
    changed: &FiltersChanged,
    metrics: &Metrics,
) -> Result<(), ServiceError> {
    if changed.epoch <= live.tables.epochs.filters {
        metrics.refuse_epoch(stored::FILTERS);
        return Ok(());
    }
    stored::store(tx, stored::FILTERS, changed.epoch, changed).await?;
    live.tables.filters = Arc::new(compile(&live.tables.filters, &changed.filters, &changed.lists));
    live.tables.epochs.filters = changed.epoch;
    metrics.show_epoch(stored::FILTERS, changed.epoch);
    Ok(())
}

/// Puts `changed` in force, unless its epoch is lower. Offices that it brings begin at `at`.
pub async fn apply_capacity(
    tx: &impl ConnectionTrait,
    live: &mut Live,
    changed: CapacityChanged,
    at: customs::Timestamp,
    metrics: &Metrics,
) -> Result<(), ServiceError> {
    if changed.epoch <= live.tables.epochs.capacity {
        metrics.refuse_epoch(stored::CAPACITY);
        return Ok(());
    }
    stored::store(tx, stored::CAPACITY, changed.epoch, &changed).await?;
    stored::keep_plans(tx, &changed).await?;
    metrics.show_epoch(stored::CAPACITY, changed.epoch);
    live.plan(changed.epoch, changed.plans, at);
    Ok(())
}
