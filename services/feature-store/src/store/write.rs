//! Writing a batch: a handful of statements, whatever its size.

use std::fmt::Write as _;

use customs::{Direction, SelectionId};
use features::{Fact, Resulted};
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::hot;
use uuid::Uuid;

use crate::ServiceError;
use crate::domain::blocks::Blocks;
use crate::domain::found::Found;
use crate::domain::label::is_sampled;

/// The vectors that a declaration version was decided with.
#[derive(Debug)]
pub struct ServedRow {
    pub declaration: Uuid,
    pub version: u32,
    /// None for what was recorded from the past.
    pub selection: Option<SelectionId>,
    pub direction: Direction,
    pub decided_at: i64,
    pub probability: Option<f64>,
    pub contract: String,
    pub sequence: u64,
    pub items: Vec<u32>,
    /// Values of all items, one after the other, as bytes.
    pub vectors: Vec<u8>,
}

/// What a result version says.
#[derive(Debug)]
pub struct LabelRows {
    pub result: Resulted,
    /// Share of the offences that the control would show.
    pub power: f32,
    /// What others can learn from it.
    pub found: Option<Found>,
}

/// Appends facts to the log.
pub async fn facts(tx: &impl ConnectionTrait, facts: &[(u64, Fact)]) -> Result<(), ServiceError> {
    let (mut rows, mut bodies) = (String::from("["), Vec::new());
    for (sequence, fact) in facts {
        let body = fact.to_bytes();
        let happened = fact.happened_at().as_microsecond();
        let _ = write!(
            rows,
            "{}[{sequence},\"{}\",{happened},{},{},{}]",
            if rows.len() == 1 { "" } else { "," },
            fact.declaration().0.simple(),
            fact.known_at().as_microsecond(),
            bodies.len() + 1,
            body.len(),
        );
        bodies.extend_from_slice(&body);
    }
    rows.push(']');
    if !facts.is_empty() {
        tx.execute_raw(hot!(APPEND_FACTS).on(tx, [rows.into(), bodies.into()])).await?;
    }
    Ok(())
}

/// Keeps what was lodged.
pub async fn lodged(tx: &impl ConnectionTrait, blocks: &Blocks) -> Result<(), ServiceError> {
    for block in blocks.iter() {
        let values = [
            (block.first as i64).into(),
            (block.last as i64).into(),
            block.from.into(),
            block.until.into(),
            block.declarations.into(),
            block.pack().into(),
        ];
        tx.execute_raw(hot!(KEEP_LODGED).on(tx, values)).await?;
    }
    Ok(())
}

/// Keeps served vectors.
pub async fn served(tx: &impl ConnectionTrait, served: &[ServedRow]) -> Result<(), ServiceError> {
    if served.is_empty() {
        return Ok(());
    }
    let (mut rows, mut vectors) = (Vec::with_capacity(served.len()), Vec::new());
    for row in served {
        rows.push(json!([
            row.declaration.simple().to_string(),
            row.version,
            row.selection.map(|selection| selection.0.simple().to_string()),
            row.direction,
            row.decided_at,
            row.probability,
            row.contract,
            row.sequence,
            u8::from(row.selection.is_none()),
            serde_json::to_string(&row.items)?,
            vectors.len() + 1,
            row.vectors.len(),
        ]));
        vectors.extend_from_slice(&row.vectors);
    }
    let rows = serde_json::to_string(&rows)?;
    tx.execute_raw(hot!(KEEP_VECTORS).on(tx, [rows.into(), vectors.into()])).await?;
    Ok(())
}

/// Keeps labels. Returns how many.
pub async fn labels(tx: &impl ConnectionTrait, labels: &[LabelRows]) -> Result<u64, ServiceError> {
    let mut rows = Vec::new();
    for LabelRows { result, power, .. } in labels {
        let counts = *power >= 1.0 || is_sampled(result.declaration.0);
        for item in &result.items {
            if result.version == 1 && !item.found && !counts {
                continue;
            }
            rows.push(json!([
                result.control.0.simple().to_string(),
                result.version,
                item.sequence,
                result.declaration.0.simple().to_string(),
                result.stage,
                u8::from(item.found),
                power,
                serde_json::to_string(&item.kinds)?,
                item.duty_cents,
                result.method,
                result.trigger,
                result.known_at.as_microsecond(),
                u8::from(result.history),
            ]));
        }
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let rows = serde_json::to_string(&rows)?;
    Ok(tx.execute_raw(hot!(KEEP_LABELS).on(tx, [rows.into()])).await?.rows_affected())
}
