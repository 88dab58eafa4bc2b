//! Withdrawing a declaration.

use customs::DeclarationId;
use events::{DeclarationCancelled, Envelope};
use rest::{Offices, Problem};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::Intake;
use crate::error::IntakeError;
use crate::store::entity::declaration;

impl Intake {
    /// Withdraws declaration `id`. Again, for the same reason, changes nothing.
    pub(crate) async fn cancel(&self, offices: &Offices, id: DeclarationId, reason: &str) -> Result<(), Problem> {
        let tx = self.db.begin().await.map_err(IntakeError::from)?;
        let model = self.load(&tx, offices, id).await?;
        if model.state == "cancelled" {
            if model.cancel_reason.as_deref() == Some(reason) {
                return Ok(());
            }
            return Err(Problem::conflict("declaration-closed", "The declaration can no longer be changed")
                .with_detail("it was cancelled for another reason"));
        }
        if model.state == "released" || model.history {
            return Err(Problem::conflict("declaration-closed", "The declaration can no longer be changed")
                .with_detail(if model.history { "it belongs to the past" } else { "its goods were released" }));
        }
        let cancelled_at = self.clock.now();
        let version = model.version;
        let body = DeclarationCancelled { id, version, cancelled_at, reason: reason.to_owned() };
        let key: [&[u8]; 2] = [id.0.as_bytes(), &version.to_be_bytes()];
        let recorded_at_ms = self.process_clock.unix_ms();
        let envelope = Envelope::new(&key, cancelled_at, recorded_at_ms, Some(model.office.as_str().into()), body);
        let change = declaration::ActiveModel {
            id: Set(model.id),
            state: Set("cancelled".to_owned()),
            cancelled_at: Set(Some(cancelled_at.as_microsecond())),
            cancel_reason: Set(Some(reason.to_owned())),
            awaiting: Set(false),
            ..Default::default()
        };
        change.update(&tx).await.map_err(IntakeError::from)?;
        store::outbox::append(&tx, &[envelope.into_raw()]).await.map_err(IntakeError::from)?;
        tx.commit().await.map_err(IntakeError::from)?;
        self.relay.wake();
        self.ring(&[id]);
        Ok(())
    }
}
