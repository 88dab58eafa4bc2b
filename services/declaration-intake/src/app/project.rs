//! Projecting `declaration.selected` onto what traders are told.
//!
//! Compare and set: a decision for an older version, or a lower one than what was told, is recorded and not told.

use std::collections::HashSet;
use std::sync::Arc;

use customs::{Channel, ControlOrder, DeclarationId, SelectionId, Timestamp};
use events::{DeclarationSelected, DecodeError, Envelope, Payload, Service};
use queue::{Delivery, Handler, HandlerError};
use serde::Deserialize;

use super::Intake;
use crate::domain::telling::{Order, Superseded, Telling, tell};
use crate::error::IntakeError;
use crate::store::standings::{self, Told, Untold};

/// The handler of this service's stream.
pub(crate) struct Projection(pub(crate) Arc<Intake>);

/// The part of [`DeclarationSelected`] that is told; vectors, scores and matches are not even read.
#[derive(Deserialize)]
struct Selected {
    selection: Decision,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decision {
    id: SelectionId,
    declaration: DeclarationId,
    declaration_version: u32,
    channel: Channel,
    orders: Vec<ControlOrder>,
    decided_at: Timestamp,
}

fn decode(envelope: &Envelope) -> Result<Decision, DecodeError> {
    if !envelope.is::<DeclarationSelected>() {
        let expected = DeclarationSelected::NAME;
        return Err(DecodeError::Unexpected { expected, got: envelope.name.clone(), version: envelope.version });
    }
    let selected: Selected = serde_json::from_str(envelope.body.get()).map_err(|source| DecodeError::Body {
        name: envelope.name.clone(),
        version: envelope.version,
        source,
    })?;
    Ok(selected.selection)
}

#[async_trait::async_trait]
impl Handler for Projection {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        let decisions = batch.iter().map(|delivery| decode(&delivery.envelope)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = batch.iter().map(|delivery| delivery.envelope.id).collect();
        let tx = self.0.db.begin().await?;
        let new = store::inbox::admit(&tx, Service::DeclarationIntake, &ids).await?;
        let decisions: Vec<Decision> =
            decisions.into_iter().zip(new).filter_map(|(decision, new)| new.then_some(decision)).collect();
        let told = project(&tx, decisions).await?;
        tx.commit().await?;
        self.0.metrics.told.inc_by(told.told);
        self.0.metrics.superseded.inc_by(told.superseded);
        self.0.ring(&told.about);
        Ok(())
    }
}

struct Projected {
    told: u64,
    superseded: u64,
    about: Vec<DeclarationId>,
}

async fn project(tx: &impl sea_orm::ConnectionTrait, decisions: Vec<Decision>) -> Result<Projected, IntakeError> {
    let about: Vec<DeclarationId> = decisions.iter().map(|decision| decision.declaration).collect();
    let distinct: HashSet<DeclarationId> = about.iter().copied().collect();
    let mut distinct: Vec<DeclarationId> = distinct.into_iter().collect();
    distinct.sort_unstable();
    let subjects = standings::find(tx, &distinct).await?;
    let mut now: std::collections::HashMap<_, _> =
        subjects.iter().map(|(id, subject)| (*id, (subject.standing, subject.awaiting))).collect();
    let (mut told, mut untold) = (Vec::new(), Vec::new());
    for decision in decisions {
        let unknown = || IntakeError::Unreadable(format!("declaration {} of a selection", decision.declaration));
        let subject = subjects.get(&decision.declaration).ok_or_else(unknown)?;
        let (standing, awaiting) = now.get_mut(&decision.declaration).ok_or_else(unknown)?;
        let Decision { declaration, declaration_version: version, channel, decided_at, .. } = decision;
        let telling = tell(*standing, version, channel);
        // A decision about the version in force ends the waiting, told or not.
        *awaiting = *awaiting && version < standing.version;
        match telling {
            Telling::Tell => {
                standing.told = Some((channel, version));
                let orders: Vec<Order> = decision.orders.iter().map(Order::from).collect();
                told.push(Told {
                    subject,
                    version,
                    channel,
                    orders,
                    decided_at,
                    fail_safe: false,
                    awaiting: *awaiting,
                });
            }
            Telling::Supersede(reason) => {
                let before = standing.told;
                if reason == Superseded::Lower {
                    standing.told = before.map(|(told, _)| (told, version));
                }
                untold.push(Untold {
                    selection: decision.id,
                    declaration,
                    version,
                    channel,
                    told: before.map(|(told, _)| told),
                    decided_at,
                    reason,
                });
            }
        }
    }
    standings::tell(tx, &told).await?;
    standings::supersede(tx, &untold).await?;
    Ok(Projected { told: told.len() as u64, superseded: untold.len() as u64, about })
}
