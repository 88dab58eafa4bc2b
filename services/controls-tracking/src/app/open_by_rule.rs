//! What an image asks for by rule: suspicious goods of a declaration are opened.

use customs::{Control, Timestamp};
use events::Envelope;
use sea_orm::ConnectionTrait;

use super::{App, SYSTEM};
use crate::ControlsError;
use crate::domain::{Record, scan};
use crate::store::controls::{self, PersonalOrder};

impl App {
    /// Opens the physical control that the suspicious image behind `scan` asks for at `at`, unless it belongs to no
    /// declaration or one of its declaration's is open or done. The control is stored; the message is the caller's.
    pub(super) async fn open_by_rule(
        &self,
        tx: &impl ConnectionTrait,
        scan: &Control,
        at: Timestamp,
    ) -> Result<Option<Envelope>, ControlsError> {
        let Some(declaration) = scan.declaration else { return Ok(None) };
        if controls::physical(tx, &[declaration].into()).await?.contains(&declaration) {
            return Ok(None);
        }
        let Some(control) = scan::opening(scan, at) else { return Ok(None) };
        controls::insert(tx, [&Record::open(control.clone())], Some(&order_of(scan))).await?;
        self.metrics.ordered(&control);
        Ok(Some(self.ordered(control, Some(scan.id))))
    }
}

/// The order behind such a control.
pub(super) fn order_of(scan: &Control) -> PersonalOrder {
    PersonalOrder {
        identity: scan::escalation_identity(scan.id),
        request: String::new(),
        ordered_by: SYSTEM.to_owned(),
        reason: Some("a suspicious image".to_owned()),
        escalated_from: Some(scan.id),
    }
}
