//! A line of the past as filters see it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clients::{HistoryFeatures, HistoryLine};
use customs::{Declaration, OfficeCode};
use features::contract;
use risk_filters::{
    FilterInput,
    replay::{Examined, Month, ReplayRow},
};
use sea_orm::ConnectionTrait;

use crate::{ManagementError, store::plans};

/// Time zones by office; an office without a plan is in UTC.
pub type Zones = BTreeMap<OfficeCode, String>;

/// The time zone of every office that has a plan.
pub async fn zones(db: &impl ConnectionTrait) -> Result<Zones, ManagementError> {
    Ok(plans::all(db).await?.into_iter().map(|plan| (plan.office, plan.time_zone)).collect())
}

/// A declaration of the past with its vectors in the order of its items.
#[derive(Debug)]
pub struct Past {
    line: HistoryLine,
    vectors: Vec<Vec<f32>>,
    month: Month,
}

impl Past {
    /// The line, with what is made of it once.
    pub fn of(line: HistoryLine, zones: &Zones) -> Self {
        let zone = zones.get(&line.office).map_or("UTC", String::as_str);
        let month = Month::of_moment(line.accepted_at, zone);
        let vectors = line.features.as_ref().map(|features| vectors(features, &line.declaration)).unwrap_or_default();
        Self { line, vectors, month }
    }

    /// What was lodged.
    pub fn line(&self) -> &HistoryLine {
        &self.line
    }

    /// The row that filters are run over.
    pub fn row(&self) -> ReplayRow<'_> {
        let input =
            FilterInput { declaration: &self.line.declaration, notes: &self.line.notes, features: &self.vectors };
        let examined = (!self.line.examined.is_empty()).then(|| Examined {
            found: self.line.examined.iter().any(|item| item.found),
            probability: self.line.probability,
        });
        ReplayRow { input, office: &self.line.office, month: self.month, examined }
    }
}

/// One vector per item. Vectors of another contract mean something else: they are missing.
fn vectors(features: &HistoryFeatures, declaration: &Declaration) -> Vec<Vec<f32>> {
    let width = contract().names.len() * 4;
    let bytes = STANDARD.decode(&features.values).unwrap_or_default();
    if features.contract != contract().hash || bytes.len() != width * features.items.len() {
        return Vec::new();
    }
    let served: BTreeMap<u32, &[u8]> = features.items.iter().copied().zip(bytes.chunks_exact(width.max(1))).collect();
    declaration
        .items
        .iter()
        .map(|item| served.get(&item.sequence).and_then(|bytes| features::vector_from_bytes(bytes)).unwrap_or_default())
        .collect()
}
