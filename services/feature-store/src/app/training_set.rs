//! A training set: served vectors with the labels that were known at a time.
//!
//! Nothing is recomputed, so nothing can leak: a vector was fixed when the declaration was decided, and of the labels
//! only those count that were known by then.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use features::contract;

use crate::ServiceError;
use crate::domain::label::{self, ItemLabel};
use crate::store::read::{self, Window};

/// Rows by columns.
#[derive(Debug, Default)]
pub struct TrainingSet {
    /// All values, row after row, in base64.
    pub values: String,
    pub declarations: Vec<uuid::Uuid>,
    pub items: Vec<u32>,
    pub times: Vec<i64>,
    pub labels: Vec<bool>,
    pub weights: Vec<f32>,
    pub probabilities: Vec<Option<f64>>,
    pub random: Vec<bool>,
    pub known_at: Vec<i64>,
}

struct Row<'a> {
    declaration: uuid::Uuid,
    item: u32,
    time: i64,
    probability: Option<f64>,
    label: ItemLabel,
    values: &'a [u8],
}

/// The training set of `window`: at most `max_rows` rows, the latest ones, in the order of time.
pub async fn training_set(
    database: &::store::Database,
    window: &Window,
    max_rows: usize,
    weight_limit: f32,
) -> Result<TrainingSet, ServiceError> {
    let contract = contract();
    let labels = read::labels(database.reader(), window.known_at).await?;
    let vectors = read::labelled_vectors(database.reader(), window, &contract.hash).await?;
    let width = contract.names.len() * 4;
    let mut rows = Vec::new();
    for vectors in &vectors {
        let Some(labels) = labels.get(&vectors.declaration) else { continue };
        for (item, values) in vectors.items.iter().zip(vectors.bytes.chunks_exact(width)) {
            let own = labels.iter().filter(|(labelled, _)| labelled == item).map(|(_, label)| *label);
            let Some(label) = label::together(vectors.declaration, own) else { continue };
            let (declaration, time, probability) = (vectors.declaration, vectors.decided_at, vectors.probability);
            rows.push(Row { declaration, item: *item, time, probability, label, values });
        }
    }
    let rows = &rows[rows.len().saturating_sub(max_rows)..];
    let values: Vec<u8> = rows.iter().flat_map(|row| row.values).copied().collect();
    Ok(TrainingSet {
        values: STANDARD.encode(values),
        declarations: rows.iter().map(|row| row.declaration).collect(),
        items: rows.iter().map(|row| row.item).collect(),
        times: rows.iter().map(|row| row.time).collect(),
        labels: rows.iter().map(|row| row.label.found).collect(),
        weights: rows.iter().map(|row| row.label.weight(row.probability, weight_limit)).collect(),
        probabilities: rows.iter().map(|row| row.probability).collect(),
        random: rows.iter().map(|row| row.label.random).collect(),
        known_at: rows.iter().map(|row| row.label.known_at).collect(),
    })
}
