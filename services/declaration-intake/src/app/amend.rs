//! Amending a declaration: a new version of the same identity.

use customs::DeclarationId;
use rest::{Offices, Problem};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, TransactionTrait};

use super::{Acceptance, Intake, Outcome};
use crate::domain::lodgement::{Announced, Lodgement};
use crate::error::IntakeError;
use crate::store::entity::{declaration, declaration_key};
use crate::store::{channel, declarations, time};

impl Intake {
    /// Stores `lodgement` as the next version of declaration `id`, unless it is noted and `strict`. The content in force
    /// again changes nothing. Gives the lodgement back with the answer.
    pub(crate) async fn amend(
        &self,
        offices: &Offices,
        id: DeclarationId,
        lodgement: Lodgement,
        strict: bool,
    ) -> Result<(Lodgement, Acceptance), Problem> {
        let tx = self.db.begin().await.map_err(IntakeError::from)?;
        let model = self.load(&tx, offices, id).await?;
        let lodgement = self.dated(lodgement, &model);
        if strict {
            lodgement.check_strict()?;
        }
        let declaration = &lodgement.declaration;
        if (&declaration.declarant.id, &declaration.reference) != (&model.declarant, &model.reference) {
            return Err(Problem::unprocessable("amendment-identity", "An amendment keeps declarant and reference")
                .with_error("/reference", "identity", "declarant and reference identify the declaration"));
        }
        if model.state == "cancelled" || model.history {
            return Err(Problem::conflict("declaration-closed", "The declaration can no longer be changed")
                .with_detail(if model.history { "it belongs to the past" } else { "it is cancelled" }));
        }
        let digest = digest_in_force(&tx, &model).await?;
        if digest == lodgement.digest {
            let notes = Some(declarations::notes(&tx, id, model.version).await?);
            return Ok((lodgement, Acceptance { id, version: model.version, outcome: Outcome::Known, notes }));
        }
        self.check_backlog(&lodgement.declaration.office)?;
        let version = model.version + 1;
        self.store_version(&tx, model, &lodgement, version).await?;
        tx.commit().await.map_err(IntakeError::from)?;
        self.metrics.accepted.inc();
        self.count_backlog(std::iter::once(&lodgement.declaration.office));
        self.relay.wake();
        Ok((lodgement, Acceptance { id, version, outcome: Outcome::Stored, notes: None }))
    }

    /// The amendment with the moment at which it counts as accepted: when it is recorded, unless it brings a later date
    /// than the version before. A date that is kept is not judged again.
    fn dated(&self, mut lodgement: Lodgement, before: &declaration::Model) -> Lodgement {
        let now = self.clock.now();
        let date = lodgement.declaration.acceptance_date_time.as_microsecond();
        if date != before.accepted_at {
            lodgement = lodgement.lodged(now, self.settings.punctuality());
        }
        if date <= before.accepted_at {
            lodgement.accepted_at = now;
        }
        lodgement
    }

    async fn store_version(
        &self,
        tx: &(impl sea_orm::ConnectionTrait + TransactionTrait),
        model: declaration::Model,
        lodgement: &Lodgement,
        version: u32,
    ) -> Result<(), IntakeError> {
        let id = DeclarationId(model.id);
        let (known_at, received_at_ms) = (self.clock.now(), self.process_clock.unix_ms());
        let arrived_at = model.arrived_at.map(time).transpose()?;
        let announcement = lodgement.announce(&Announced {
            id,
            version,
            accepted_at: lodgement.accepted_at,
            known_at,
            received_at_ms,
            arrived_at,
            told_channel: model.channel.as_deref().map(channel).transpose()?,
        })?;
        let new = declarations::NewVersion { id, lodgement, known_at, received_at_ms, arrived_at };
        declarations::insert_version(tx, new, version).await?;
        let (means, voyage) = lodgement.means().unzip();
        declaration::ActiveModel {
            id: Set(model.id),
            version: Set(version),
            office: Set(lodgement.declaration.office.0.clone()),
            consignment_key: Set(lodgement.declaration.consignment_key()),
            accepted_at: Set(lodgement.declaration.acceptance_date_time.as_microsecond()),
            known_at: Set(known_at.as_microsecond()),
            received_at_ms: Set(received_at_ms),
            means: Set(means.map(str::to_owned)),
            voyage: Set(voyage.map(str::to_owned)),
            awaiting: Set(true),
            ..Default::default()
        }
        .update(tx)
        .await?;
        store::outbox::append(tx, &[announcement]).await?;
        Ok(())
    }

    /// The declaration `id`, for a caller of these offices.
    pub(super) async fn load(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        offices: &Offices,
        id: DeclarationId,
    ) -> Result<declaration::Model, Problem> {
        let model = declaration::Entity::find_by_id(id.0).one(db).await.map_err(IntakeError::from)?;
        // What is lodged elsewhere does not exist for this caller: the refusal does not tell whether it does.
        model
            .filter(|model| offices.contain(&model.office.as_str().into()))
            .ok_or_else(|| Problem::not_found(format!("declaration {id}")))
    }
}

async fn digest_in_force(
    tx: &impl sea_orm::ConnectionTrait,
    model: &declaration::Model,
) -> Result<String, IntakeError> {
    let key = (model.declarant.clone(), model.reference.clone(), model.version);
    let key = declaration_key::Entity::find_by_id(key).one(tx).await?;
    Ok(key.ok_or_else(|| IntakeError::Unreadable(format!("key of declaration {}", model.id)))?.digest)
}
