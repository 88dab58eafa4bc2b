//! Telling to which declaration a control belongs that was opened without one.

use customs::{ControlId, DeclarationId, Method};
use rest::Principal;
use store::outbox;

use super::{App, Done, check_office, unknown};
use crate::ControlsError;
use crate::domain::Record;
use crate::store::{controls, declarations, results};

impl App {
    /// Links the control to the declaration. What was established is told again, now with the declaration.
    pub async fn link_control(
        &self,
        caller: &Principal,
        id: ControlId,
        declaration: DeclarationId,
    ) -> Result<(Done, Record), ControlsError> {
        let tx = self.db.begin().await?;
        let row = controls::find(&tx, id).await?.ok_or_else(|| unknown(id))?;
        let mut record = row.record()?;
        check_office(caller, &record.control.office)?;
        match record.control.declaration {
            Some(linked) if linked == declaration => return Ok((Done::Repeated, record)),
            Some(linked) => return Err(ControlsError::Linked(linked)),
            None => {}
        }
        let known = declarations::read(&tx, &[declaration].into()).await?;
        let known = known.get(&declaration).ok_or(ControlsError::UnknownDeclaration(declaration))?;
        record.control.declaration = Some(declaration);
        record.control.declaration_version = Some(known.version);
        let now = self.clock.now();
        let mut envelopes = vec![self.linked(record.control.clone(), declaration, now)];
        if let Some((version, _)) = record.latest {
            let stored = results::read(&tx, &[(id, version)].into()).await?;
            if let Some(stored) = stored.get(&(id, version)) {
                let result = stored.version(&record.control);
                envelopes.push(self.resulted(record.control.clone(), result, Some((declaration, now))));
                if record.control.order.method == Method::Scan && stored.result.has_finding() {
                    envelopes.extend(self.open_by_rule(&tx, &record.control, now).await?);
                }
            }
        }
        controls::update(&tx, [&record]).await?;
        outbox::append(&tx, &envelopes).await?;
        tx.commit().await?;
        self.relay.wake();
        self.metrics.linked(1);
        Ok((Done::Created, record))
    }
}
