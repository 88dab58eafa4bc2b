//! Writing a batch: at most one statement per table.

use std::collections::{BTreeMap, BTreeSet};

use customs::office::local_day;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

use super::{
    hot_sqlite as sql,
    rows::{PlanRow, ResultRow, hex},
};
use crate::{
    ServiceError,
    worker::batch::{Batch, Zones},
};

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

async fn insert<T: Serialize>(tx: &impl ConnectionTrait, sql: &str, rows: &[T]) -> Result<(), ServiceError> {
    if !rows.is_empty() {
        tx.execute_raw(statement(sql, [serde_json::to_string(rows)?.into()])).await?;
    }
    Ok(())
}

/// The time zone of every office that has a plan.
pub async fn time_zones(tx: &impl ConnectionTrait) -> Result<Zones, ServiceError> {
    Ok(plans_now(tx).await?.into_iter().map(|(office, plan)| (office, plan.time_zone)).collect())
}

async fn plans_now(tx: &impl ConnectionTrait) -> Result<BTreeMap<String, PlanRow>, ServiceError> {
    let mut plans = BTreeMap::new();
    for row in tx.query_all_raw(statement(sql::PLANS_NOW, [])).await? {
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
    insert(tx, sql::SELECTIONS, &batch.selections).await?;
    insert(tx, sql::MOVEMENTS, &batch.movements).await?;
    insert(tx, sql::CONTROLS, &batch.controls).await?;
    write_results(tx, batch).await?;
    write_units(tx, batch).await?;
    if let Some((epoch, filters)) = &batch.filters
        && raise(tx, "filters", *epoch).await?
    {
        tx.execute_raw(statement(sql::CLEAR_FILTERS, [])).await?;
        insert(tx, sql::FILTERS, filters).await?;
    }
    if let Some((epoch, routes)) = &batch.routes
        && raise(tx, "routing", *epoch).await?
    {
        insert(tx, sql::ROUTES, routes).await?;
    }
    Ok(())
}

/// Matches of filters, and what became of the declarations that they matched.
async fn write_units(tx: &impl ConnectionTrait, batch: &Batch) -> Result<(), ServiceError> {
    let replaced: Vec<&str> =
        batch.selections.iter().filter(|row| row.version > 1).map(|row| row.id.as_str()).collect();
    insert(tx, sql::SUPERSEDED, &replaced).await?;
    insert(tx, sql::UNITS, &batch.units).await?;
    let matched = batch.units.iter().map(|row| row.declaration.as_str());
    let judged: BTreeSet<&str> =
        batch.results.iter().filter_map(|row| row.declaration.as_deref()).chain(matched).collect();
    insert(tx, sql::JUDGED, &judged.into_iter().collect::<Vec<_>>()).await
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
    insert(tx, sql::RESULTS, &results).await?;
    insert(tx, sql::FINDINGS, &batch.findings).await?;
    insert(tx, sql::DUTIES, &batch.duties).await?;
    insert(tx, sql::SEIZURES, &batch.seizures).await?;
    // A late first version is as stale as an early one that was revised.
    let touched: Vec<&str> = results.iter().map(|row| row.id.as_str()).collect();
    if batch.results.iter().any(|row| row.version > 1) || !batch.findings.is_empty() {
        for sql in sql::FORGET {
            insert(tx, sql, &touched).await?;
        }
    }
    Ok(())
}

async fn raise(tx: &impl ConnectionTrait, name: &str, epoch: u64) -> Result<bool, ServiceError> {
    let result = tx.execute_raw(statement(sql::EPOCH, [name.into(), (epoch as i64).into()])).await?;
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
    tx.execute_raw(statement(sql::PLANS, [(epoch as i64).into(), rows.into()])).await?;
    for plan in &changed {
        let zone = before.get(&plan.office).map_or("UTC", |old| old.time_zone.as_str());
        if zone != plan.time_zone {
            move_days(tx, plan).await?;
        }
    }
    Ok(())
}

async fn move_days(tx: &impl ConnectionTrait, plan: &PlanRow) -> Result<(), ServiceError> {
    for (times, days) in sql::TIMES.into_iter().zip(sql::DAYS) {
        let mut moved: Vec<(String, i32)> = Vec::new();
        for row in tx.query_all_raw(statement(times, [plan.office.as_str().into()])).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            let at = jiff::Timestamp::from_microsecond(row.try_get_by_index(1)?)
                .map_err(|_| ServiceError::Stored("time"))?;
            moved.push((hex(id), local_day(&plan.time_zone, at)));
        }
        insert(tx, days, &moved).await?;
    }
    Ok(())
}
