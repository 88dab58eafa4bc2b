//! Following the tables that decide: a higher epoch replaces, a lower one is refused.
//!
//! A routing is put in force only when the artefacts of all its champions are here and loaded; until then the routing
//! before it decides and the new one waits, so that a model that cannot be fetched never makes decisions worse.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use customs::Direction;
use events::{CapacityChanged, FiltersChanged, Route, RoutingChanged};
use features::contract;
use risk_filters::{Catalogue, FilterDefinition, FilterList, FilterSet, Lists, Vocabulary};
use risk_model::Artefact;
use sea_orm::ConnectionTrait;
use selection::CapacityPlan;

use super::artefacts::ArtefactSource;
use super::live::{Live, Tables};
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
    let (mut routes, mut champions) = (Vec::new(), BTreeMap::new());
    if let Some(routing) = stored::load::<RoutingChanged>(db, stored::ROUTING).await? {
        epochs.routing = routing.epoch;
        for route in &routing.routes {
            let bytes = stored::load_artefact(db, &route.champion_digest).await?;
            let loaded = bytes.map(|bytes| Artefact::load(&bytes, &contract().hash));
            let champion = match loaded {
                Some(Ok(artefact)) => Champion::Model(route.champion, Arc::new(artefact)),
                Some(Err(error)) => {
                    tracing::error!(digest = route.champion_digest, %error, "the champion cannot be used");
                    Champion::Unusable
                }
                None => Champion::Unusable,
            };
            champions.insert(route.direction, champion);
        }
        routes = routing.routes;
    }
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
        filters: Arc::new(filters),
        plans: Arc::new(plans),
        unplanned: Arc::new(unplanned),
    })
}

/// Fetches the artefacts that `routings` name and that are not in force already. What cannot be had is left out.
pub async fn fetch(
    source: &dyn ArtefactSource,
    tables: &Tables,
    routings: &[&RoutingChanged],
    metrics: &Metrics,
) -> Fetched {
    let mut fetched = Fetched::new();
    for route in routings.iter().filter(|routing| routing.epoch > tables.epochs.routing).flat_map(|r| &r.routes) {
        let digest = &route.champion_digest;
        if fetched.contains_key(digest) || in_force(tables, route).is_some() {
            continue;
        }
        match fetch_one(source, digest).await {
            Ok(loaded) => {
                fetched.insert(digest.clone(), loaded);
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

/// The champion of `route`, if the same artefact decides already.
fn in_force(tables: &Tables, route: &Route) -> Option<Arc<Artefact>> {
    tables.champions.values().find_map(|champion| match champion {
        Champion::Model(_, artefact) if artefact.digest() == route.champion_digest => Some(Arc::clone(artefact)),
        _ => None,
    })
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
    let mut champions = BTreeMap::<Direction, Champion>::new();
    for route in &routing.routes {
        let artefact = match fetched.get(&route.champion_digest) {
            Some((artefact, bytes)) => {
                stored::store_artefact(tx, &route.champion_digest, bytes).await?;
                Some(Arc::clone(artefact))
            }
            None => in_force(&live.tables, route),
        };
        let Some(artefact) = artefact else {
            return stored::store(tx, stored::ROUTING_PENDING, routing.epoch, routing).await;
        };
        stored::remember_model(tx, route.champion, &route.champion_digest).await?;
        champions.insert(route.direction, Champion::Model(route.champion, artefact));
    }
    let kept: Vec<&str> = routing.routes.iter().map(|route| route.champion_digest.as_str()).collect();
    stored::forget_artefacts_but(tx, &kept).await?;
    stored::store(tx, stored::ROUTING, routing.epoch, routing).await?;
    stored::forget(tx, stored::ROUTING_PENDING).await?;
    live.tables.epochs.routing = routing.epoch;
    live.tables.routes = Arc::new(routing.routes.clone());
    live.tables.champions = Arc::new(champions);
    metrics.show_epoch(stored::ROUTING, routing.epoch);
    Ok(())
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
    metrics.show_epoch(stored::CAPACITY, changed.epoch);
    live.plan(changed.epoch, changed.plans, at);
    Ok(())
}
