//! A training set: served vectors with the labels that were known at a time.
//!
//! Nothing is recomputed, so nothing can leak: a vector was fixed when the declaration was decided, and of the labels
//! only those count that were known by then. Read from the latest declaration back, a page at a time, so that what is
//! not asked for is never held.

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderStringWriter;
use features::contract;
use std::io::Write as _;
use uuid::Uuid;

use crate::ServiceError;
use crate::domain::label::{self, ItemLabel};
use crate::store::read::{self, Labels, Vectors, Window};

/// Declarations read at a time.
const PAGE: usize = 512;

/// How much is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Rows; the latest are kept.
    pub rows: usize,
    /// Rows from which no earlier declaration is taken, unless it was decided at the same moment as the last one.
    pub latest: usize,
}

/// Rows by columns.
#[derive(Debug, Default)]
pub struct TrainingSet {
    /// All values, row after row, in base64.
    pub values: String,
    pub declarations: Vec<Uuid>,
    pub items: Vec<u32>,
    pub times: Vec<i64>,
    pub labels: Vec<bool>,
    pub weights: Vec<f32>,
    pub probabilities: Vec<Option<f64>>,
    pub random: Vec<bool>,
    pub known_at: Vec<i64>,
}

/// The labelled items of a declaration, with their values one after the other.
struct Labelled {
    declaration: Uuid,
    decided_at: i64,
    probability: Option<f64>,
    items: Vec<(u32, ItemLabel)>,
    values: Vec<u8>,
}

impl Labelled {
    fn of(vectors: &Vectors, labels: &Labels, width: usize) -> Self {
        let Vectors { declaration, decided_at, probability, .. } = *vectors;
        let mut own = Self { declaration, decided_at, probability, items: Vec::new(), values: Vec::new() };
        let known = labels.get(&declaration).map_or(&[][..], Vec::as_slice);
        for (item, values) in vectors.items.iter().zip(vectors.bytes.chunks_exact(width)) {
            let labels = known.iter().filter(|(labelled, _)| labelled == item).map(|(_, label)| *label);
            if let Some(label) = label::together(declaration, labels) {
                own.items.push((*item, label));
                own.values.extend_from_slice(values);
            }
        }
        own
    }
}

/// The training set of `window`, in the order of time.
pub async fn training_set(
    database: &::store::Database,
    window: &Window,
    most: Most,
    weight_limit: f32,
) -> Result<TrainingSet, ServiceError> {
    let width = contract().names.len() * 4;
    let (labelled, rows) = labelled(database, window, most, width).await?;
    let mut set = TrainingSet::default();
    let mut values = EncoderStringWriter::new(&STANDARD);
    let mut surplus = rows.saturating_sub(most.rows);
    // The latest was read first.
    for declaration in labelled.into_iter().rev() {
        let left_out = surplus.min(declaration.items.len());
        surplus -= left_out;
        let taken = declaration.values.get(left_out * width..).unwrap_or_default();
        values.write_all(taken).map_err(|_| ServiceError::Stored("vector"))?;
        for (item, label) in declaration.items.into_iter().skip(left_out) {
            set.declarations.push(declaration.declaration);
            set.items.push(item);
            set.times.push(declaration.decided_at);
            set.labels.push(label.found);
            set.weights.push(label.weight(declaration.probability, weight_limit));
            set.probabilities.push(declaration.probability);
            set.random.push(label.random);
            set.known_at.push(label.known_at);
        }
    }
    set.values = values.into_inner();
    Ok(set)
}

/// The labelled declarations that are asked for, latest first, and how many rows they have.
async fn labelled(
    database: &::store::Database,
    window: &Window,
    most: Most,
    width: usize,
) -> Result<(Vec<Labelled>, usize), ServiceError> {
    let (db, contract) = (database.reader(), &contract().hash);
    let (mut labelled, mut rows): (Vec<Labelled>, usize) = (Vec::new(), 0);
    let mut end = (window.until, Uuid::nil());
    loop {
        let page = read::labelled_vectors(db, window, contract, end, PAGE).await?;
        let labels = read::labels_of(db, window.known_at, page.iter().map(|vectors| vectors.declaration)).await?;
        for vectors in &page {
            let same_moment = labelled.last().is_some_and(|last| last.decided_at == vectors.decided_at);
            if rows >= most.rows || (rows >= most.latest && !same_moment) {
                return Ok((labelled, rows));
            }
            let own = Labelled::of(vectors, &labels, width);
            if !own.items.is_empty() {
                rows += own.items.len();
                labelled.push(own);
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => end = (last.decided_at, last.declaration),
            _ => return Ok((labelled, rows)),
        }
    }
}
