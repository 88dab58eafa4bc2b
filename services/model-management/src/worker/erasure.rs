//! Listening: persons who are taken out of everything.

use async_trait::async_trait;
use events::{Payload, PersonErased, Service};
use queue::{Delivery, Handler, HandlerError};
use store::inbox;

use crate::ManagementError;
use crate::app::App;
use crate::store::erasure;
use crate::store::lists::{self, NewEvent};

/// The effect of the stream's messages.
pub struct Erasures(pub App);

#[async_trait]
impl Handler for Erasures {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        let named = batch.iter().map(|delivery| &delivery.envelope);
        let erased = named
            .map(|envelope| {
                (envelope.name == PersonErased::NAME).then(|| envelope.decode::<PersonErased>()).transpose()
            })
            .collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = batch.iter().map(|delivery| delivery.envelope.id).collect();
        Ok(self.0.erase(&ids, erased).await?)
    }
}

impl App {
    /// Takes persons out. Where a list in force names one, its readers find so in its trail.
    async fn erase(&self, ids: &[customs::EventId], erased: Vec<Option<PersonErased>>) -> Result<(), ManagementError> {
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let new = inbox::admit(&tx, Service::ModelManagement, ids).await?;
        for (erased, _) in erased.into_iter().zip(new).filter(|(_, new)| *new) {
            let Some(erased) = erased else { continue };
            for (list, version) in erasure::erase(&tx, &erased).await? {
                let reason = format!("erasure {} left an entry of this version, which is in force", erased.erasure);
                let event = NewEvent {
                    version: Some(version),
                    action: "erasure asked",
                    subject: Service::DeclarationIntake.as_str(),
                    reason: Some(&reason),
                    epoch: None,
                };
                lists::append_event(&tx, &list, event, at).await?;
            }
            tracing::info!(erasure = %erased.erasure, "a person was taken out of lists, filters and replays");
        }
        tx.commit().await?;
        Ok(())
    }
}
