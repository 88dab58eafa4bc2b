//! Models trained elsewhere: read, judged on what they have not seen, kept as candidates.
//!
//! An import decides nothing. The next training of its direction judges it beside its own candidates, on declarations
//! lodged after the moment up to which it learned, and promotes it by the same rules.

use customs::{Direction, ModelVersionId};
use jiff::Timestamp;
use risk_model::{CalibrationMethod, ModelFormat, import::import};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, source::Wanted};
use crate::{
    ManagementError,
    domain::card,
    store::models::{self, ModelState, ModelVersion, NewVersion},
};

/// What is said of a model that is brought.
#[derive(Clone, Debug)]
pub struct Brought {
    /// Its name, to tell it from others.
    pub name: String,
    /// The format of the bytes.
    pub format: ModelFormat,
    /// The direction it scores.
    pub direction: Direction,
    /// It has learned from nothing lodged later (microseconds since 1970).
    pub trained_until: i64,
    /// How its probabilities are calibrated; none keeps its own.
    pub calibration: Option<CalibrationMethod>,
}

/// A model that was brought.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "version": {"id": "019b0000-0000-7000-8000-000000000001", "direction": "in", "algorithm": "lightgbm",
        "digest": "5f1c…", "contractHash": "a90e…", "run": "019b0000-0000-7000-8000-000000000002",
        "state": "candidate", "createdAt": "2026-03-01T05:00:00Z", "metrics": {"rows": 820, "positives": 71}},
    "unused": ["hour"], "judgedRows": 820
}))]
pub struct ImportedVersion {
    /// The version; `metrics` says how it did on what it has not seen.
    pub version: ModelVersion,
    /// Features of the contract that it does not use.
    pub unused: Vec<String>,
    /// Goods items it was judged on; 0 when nothing was lodged after it had learned.
    pub judged_rows: usize,
}

impl App {
    /// The labelled rows of a direction, as known now, as CSV.
    pub async fn training_csv(&self, direction: Direction) -> Result<String, ManagementError> {
        let set = self.trainer.source.fetch(direction, self.clock.now(), Wanted::default()).await?;
        Ok(tokio::task::spawn_blocking(move || set.to_csv()).await?)
    }

    /// Reads, judges and keeps a model. The same bytes for the same direction and name are the same version.
    pub async fn import_model(
        &self,
        brought: Brought,
        bytes: Vec<u8>,
    ) -> Result<(ImportedVersion, bool), ManagementError> {
        let now = self.clock.now();
        if Timestamp::from_microsecond(brought.trained_until).is_ok_and(|until| until > now) {
            return Err(ManagementError::TrainingInvalid("trainedUntil is in the future"));
        }
        let set = self.trainer.source.fetch(brought.direction, now, Wanted::default()).await?;
        let Brought { format, trained_until, calibration, .. } = brought;
        let work = move || {
            let model = import(format, &bytes, &set.names)?;
            let unused = model.unused().to_vec();
            let judged = set.after(trained_until);
            let quality = card::quality(&judged);
            let artefact = model.into_artefact(&judged, calibration)?;
            Ok::<_, risk_model::import::ImportError>((artefact, unused, judged.len(), quality))
        };
        let (artefact, unused, judged_rows, quality) = tokio::task::spawn_blocking(work).await??;
        let source = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("import/{}", brought.name).as_bytes());
        let metrics =
            serde_json::to_value(artefact.summary()).map_err(|error| ManagementError::Unreadable(error.to_string()))?;
        let until = Timestamp::from_microsecond(trained_until)
            .map_err(|_| ManagementError::TrainingInvalid("trainedUntil is in microseconds since 1970"))?;
        let version = ModelVersion {
            id: ModelVersionId::derive(until, &[source.as_bytes(), artefact.digest().as_bytes()]),
            direction: brought.direction,
            algorithm: artefact.algorithm().as_str().to_owned(),
            digest: artefact.digest().to_owned(),
            contract_hash: artefact.contract_hash().to_owned(),
            run: source,
            state: ModelState::Candidate,
            created_at: now,
            metrics,
        };
        let tx = self.db.begin().await?;
        if let Some(version) = models::find(&tx, version.id).await? {
            return Ok((ImportedVersion { version, unused, judged_rows }, false));
        }
        let new = NewVersion {
            version: &version,
            artefact: artefact.to_bytes(),
            twin: artefact.to_bytes(),
            twin_until: trained_until,
            card: artefact.card(&card::notes(&brought.name, brought.direction, (now, now), 0, quality, &artefact)),
        };
        models::insert(&tx, new).await?;
        tx.commit().await?;
        Ok((ImportedVersion { version, unused, judged_rows }, true))
    }
}
