//! Processor time of other processes of this machine, as the kernel counts it.

use std::collections::BTreeMap;

use anyhow::Context;
use sea_orm::{ConnectionTrait, DatabaseConnection};

/// Units of `/proc/PID/stat` in a second, on every Linux.
const TICKS: f64 = 100.0;

/// Processor seconds by name of process.
pub type Spent = BTreeMap<String, f64>;

/// The fields of `/proc/PID/stat` behind the name.
fn stat(process: u32) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
}

fn ticks(process: u32, fields: std::ops::Range<usize>) -> f64 {
    stat(process).map_or(0.0, |stat| stat[fields].iter().sum::<u64>() as f64 / TICKS)
}

/// Seconds of a process itself.
pub fn of_process(process: u32) -> f64 {
    ticks(process, 11..13)
}

/// Most memory that a process has had in MiB, and what it has now.
pub fn memory_mib(process: u32) -> Option<(f64, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
    };
    Some((field("VmHWM:")?, field("VmRSS:")?))
}

/// The process from which all others of a PostgreSQL stem.
pub async fn postmaster(db: &DatabaseConnection) -> anyhow::Result<u32> {
    let asked = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SELECT pg_backend_pid()");
    let row = db.query_one_raw(asked).await?.context("the server tells no process")?;
    let backend: i32 = row.try_get_by_index(0)?;
    let stat = stat(backend as u32).context("the PostgreSQL is not on this machine")?;
    Ok(stat[1] as u32)
}

/// Seconds of a PostgreSQL: its first process, those that have ended, and those that run.
pub fn of_postgres(postmaster: u32) -> f64 {
    let running = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = running
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|process| stat(*process).is_some_and(|stat| stat[1] == u64::from(postmaster)));
    ticks(postmaster, 11..15) + children.map(of_process).sum::<f64>()
}

/// Seconds of a Redis.
pub async fn of_redis(redis: &mut redis::aio::MultiplexedConnection) -> anyhow::Result<f64> {
    let told: String = redis::cmd("INFO").arg("cpu").query_async(redis).await?;
    let seconds = |name: &str| -> anyhow::Result<f64> {
        let line = told.lines().find_map(|line| line.strip_prefix(name)).context("Redis does not tell its time")?;
        Ok(line.trim_start_matches(':').trim().parse()?)
    };
    Ok(seconds("used_cpu_sys:")? + seconds("used_cpu_user:")?)
}

/// Microseconds per operation by process.
pub fn per_operation(before: &Spent, after: &Spent, operations: usize) -> Spent {
    after
        .iter()
        .map(|(name, spent)| {
            let micros = (spent - before.get(name).copied().unwrap_or_default()) * 1e6 / operations as f64;
            (name.clone(), (micros * 10.0).round() / 10.0)
        })
        .collect()
}
