//! Writing a batch: at most one statement per table.

use std::collections::{BTreeMap, BTreeSet};

use customs::office::local_day;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use store::{Sql, hot, rounds};
use uuid::Uuid;

use super::rows::{PlanRow, ResultRow, hex};
use crate::{
    ServiceError,
    worker::batch::{Batch, Zones},
};

async fn insert<T: Serialize>(tx: &impl ConnectionTrait, sql: Sql, rows: &[T]) -> Result<(), ServiceError> {
    if !rows.is_empty() {
        tx.execute_raw(sql.on(tx, [serde_json::to_string(rows)?.into()])).await?;
    }
    Ok(())
}

/// The time zone of every office that has a plan.
pub async fn time_zones(tx: &impl ConnectionTrait) -> Result<Zones, ServiceError> {
    Ok(plans_now(tx).await?.into_iter().map(|(office, plan)| (office, plan.time_zone)).collect())
}

async fn plans_now(tx: &impl ConnectionTrait) -> Result<BTreeMap<String, PlanRow>, ServiceError> {
    let mut plans = BTreeMap::new();
    for row in tx.query_all_raw(hot!(PLANS_NOW).on(tx, [])).await? {
        let plan = PlanRow {
            office: row.try_get_by_index(0)?,
            since: row.try_get_by_index(1)?,
            time_zone: row.try_get_by_index(2)?,
            physical: row.try_get_by_index(3)?,
            documentary: row.try_get_by_index(4)?,
            carry: row.try_get_by_index(5)?,
        };
        plans.insert(plan.office.clone(), plan);
    }
    Ok(plans)
}

/// Writes everything a batch holds.
pub async fn apply(tx: &impl ConnectionTrait, batch: &Batch) -> Result<(), ServiceError> {
    for (epoch, plans) in &batch.capacity {
        write_plans(tx, *epoch, plans).await?;
    }
    for round in rounds(&batch.selections, |row| row.id.as_str()) {
        insert(tx, hot!(SELECTIONS), &round).await?;
    }
    for round in rounds(&batch.exposures, |row| row.declaration.as_str()) {
        insert(tx, hot!(EXPOSURES), &round).await?;
    }
    for round in rounds(&batch.movements, |row| row.id.as_str()) {
        insert(tx, hot!(MOVEMENTS), &round).await?;
    }
    insert(tx, hot!(CONTROLS), &batch.controls).await?;
    write_results(tx, batch).await?;
    write_units(tx, batch).await?;
    for (epoch, filters) in &batch.filters {
        if raise(tx, "filters", *epoch).await? {
            let rows = serde_json::to_string(filters)?;
            tx.execute_raw(hot!(FORGET_FILTERS).on(tx, [rows.into()])).await?;
            insert(tx, hot!(FILTERS), filters).await?;
        }
    }
    if let Some((epoch, routes)) = &batch.routes
        && raise(tx, "routing", *epoch).await?
    {
        insert(tx, hot!(ROUTES), routes).await?;
    }
    Ok(())
}

/// Matches of filters, and what became of the declarations that they matched.
async fn write_units(tx: &impl ConnectionTrait, batch: &Batch) -> Result<(), ServiceError> {
    let replaced: Vec<&str> =
        batch.selections.iter().filter(|row| row.version > 1).map(|row| row.id.as_str()).collect();
    insert(tx, hot!(SUPERSEDED), &replaced).await?;
    insert(tx, hot!(UNITS), &batch.units).await?;
    let matched = batch.units.iter().map(|row| row.declaration.as_str());
    let judged: BTreeSet<&str> =
        batch.results.iter().filter_map(|row| row.declaration.as_deref()).chain(matched).collect();
    insert(tx, hot!(JUDGED), &judged.into_iter().collect::<Vec<_>>()).await
}

async fn write_results(tx: &impl ConnectionTrait, batch: &Batch) -> Result<(), ServiceError> {
    // Of two versions of one result in a batch only the higher holds; joining both would leave the choice to chance.
    let mut highest: BTreeMap<&str, &ResultRow> = BTreeMap::new();
    for row in &batch.results {
        let held = highest.entry(&row.id).or_insert(row);
        if row.version > held.version {
            *held = row;
        }
    }
    let results: Vec<&ResultRow> = highest.into_values().collect();
    insert(tx, hot!(RESULTS), &results).await?;
    insert(tx, hot!(FINDINGS), &batch.findings).await?;
    insert(tx, hot!(DUTIES), &batch.duties).await?;
    insert(tx, hot!(SEIZURES), &batch.seizures).await?;
    // A late first version is as stale as an early one that was revised.
    let touched: Vec<&str> = results.iter().map(|row| row.id.as_str()).collect();
    if batch.results.iter().any(|row| row.version > 1) || !batch.findings.is_empty() {
        for sql in [hot!(FORGET_FINDINGS), hot!(FORGET_DUTIES), hot!(FORGET_SEIZURES)] {
            insert(tx, sql, &touched).await?;
        }
    }
    Ok(())
}

async fn raise(tx: &impl ConnectionTrait, name: &str, epoch: u64) -> Result<bool, ServiceError> {
    let result = tx.execute_raw(hot!(EPOCH).on(tx, [name.into(), (epoch as i64).into()])).await?;
    Ok(result.rows_affected() > 0)
}

/// Writes the plans that changed. An office that is no longer planned gets a plan of nothing; one that moved to another
/// time zone gets its local days anew.
async fn write_plans(tx: &impl ConnectionTrait, epoch: u64, plans: &[PlanRow]) -> Result<(), ServiceError> {
    if !raise(tx, "capacity", epoch).await? {
        return Ok(());
    }
    let before = plans_now(tx).await?;
    let same = |plan: &PlanRow| {
        before.get(&plan.office).is_some_and(|old| PlanRow { since: plan.since, ..old.clone() } == *plan)
    };
    let mut changed: Vec<PlanRow> = plans.iter().filter(|plan| !same(plan)).cloned().collect();
    let since = plans.first().map_or(0, |plan| plan.since);
    for old in before.values().filter(|old| plans.iter().all(|plan| plan.office != old.office)) {
        if old.physical > 0.0 || old.documentary > 0.0 {
            changed.push(PlanRow { since: since.max(old.since), physical: 0.0, documentary: 0.0, ..old.clone() });
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(&changed)?;
    tx.execute_raw(hot!(PLANS).on(tx, [(epoch as i64).into(), rows.into()])).await?;
    for plan in &changed {
        let zone = before.get(&plan.office).map_or("UTC", |old| old.time_zone.as_str());
        if zone != plan.time_zone {
            move_days(tx, plan).await?;
        }
    }
    Ok(())
}

async fn move_days(tx: &impl ConnectionTrait, plan: &PlanRow) -> Result<(), ServiceError> {
    let declarations = (hot!(DECLARATION_TIMES), hot!(DECLARATION_DAYS));
    for (times, days) in [declarations, (hot!(CONTROL_TIMES), hot!(CONTROL_DAYS))] {
        let mut moved: Vec<(String, i32)> = Vec::new();
        for row in tx.query_all_raw(times.on(tx, [plan.office.as_str().into()])).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            let at = jiff::Timestamp::from_microsecond(row.try_get_by_index(1)?)
                .map_err(|_| ServiceError::Stored("time"))?;
            moved.push((hex(id), local_day(&plan.time_zone, at)));
        }
        insert(tx, days, &moved).await?;
    }
    Ok(())
}
