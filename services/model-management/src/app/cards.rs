//! What is known of a model version for those who must answer for it: its card, and the features it goes by.

use customs::ModelVersionId;
use features::contract::{CatalogueEntry, catalogue_with};
use jiff::Timestamp;
use risk_model::{Artefact, CardNotes, card::Card};

use super::App;
use crate::{
    Candidate, ManagementError,
    domain::card::notes,
    store::{
        cards,
        models::{self, ModelState, ModelVersion},
    },
};

impl App {
    /// The card of a version. One from before cards were kept gets it from its artefact.
    pub async fn card(&self, id: ModelVersionId) -> Result<Card, ManagementError> {
        let version = models::version(self.db.reader(), id).await?;
        if let Some(card) = cards::find(self.db.reader(), id).await? {
            return Ok(card);
        }
        let artefact = self.artefact(&version).await?;
        let notes = CardNotes { label_cutoff: String::new(), ..card_notes(&version, &artefact) };
        Ok(artefact.card(&notes))
    }

    /// The catalogue of features with the versions that use each, and those versions: the champions, and the candidates
    /// that were brought.
    pub async fn features(&self) -> Result<(Vec<ModelVersion>, Vec<CatalogueEntry>), ManagementError> {
        let db = self.db.reader();
        let mut used = Vec::new();
        for version in models::versions(db).await? {
            let trained_here = Candidate::ALL.iter().any(|own| own.as_str() == version.algorithm);
            if version.state == ModelState::Champion || (version.state == ModelState::Candidate && !trained_here) {
                let uses = self.artefact(&version).await?.used_features();
                used.push((version, uses));
            }
        }
        let ids: Vec<String> = used.iter().map(|(version, _)| version.id.to_string()).collect();
        let entries = catalogue_with(ids.iter().map(String::as_str).zip(used.iter().map(|(_, uses)| uses.as_slice())));
        Ok((used.into_iter().map(|(version, _)| version).collect(), entries))
    }

    async fn artefact(&self, version: &ModelVersion) -> Result<Artefact, ManagementError> {
        let bytes = models::artefact(self.db.reader(), &version.digest).await?;
        Artefact::from_bytes(&bytes).map_err(|error| ManagementError::Unreadable(error.to_string()))
    }
}

/// The notes of a version whose training is not at hand.
fn card_notes(version: &ModelVersion, artefact: &Artefact) -> CardNotes {
    let at: Timestamp = version.created_at;
    notes(&version.algorithm, version.direction, (at, at), 0, Vec::new(), artefact)
}
