//! A scanner image: a control with its result, before or after there is a declaration.

use customs::{ControlId, ControlState, DeclarationId, ScanId, ScanVerdict, Trigger};
use rest::{Principal, Role};
use store::outbox;

use super::{App, Done, check_office};
use crate::ControlsError;
use crate::domain::scan::answers;
use crate::domain::{NewScan, Record};
use crate::store::controls::PersonalOrder;
use crate::store::results::Stored;
use crate::store::{controls, declarations, results, scans};

/// A scan as it stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedScan {
    /// The image.
    pub id: ScanId,
    /// Its control.
    pub control: ControlId,
    /// Its declaration, once there is one.
    pub declaration: Option<DeclarationId>,
}

impl App {
    /// Records the image. It answers the scan that a selection ordered for its container; otherwise it is a control of
    /// its own. A suspicious one opens the goods of its declaration.
    pub async fn record_scan(&self, caller: &Principal, scan: &NewScan) -> Result<(Done, RecordedScan), ControlsError> {
        check_office(caller, &scan.office)?;
        let now = self.clock.now();
        let faults = scan.faults(now);
        if !faults.is_empty() {
            return Err(ControlsError::Invalid { what: "scan", faults });
        }
        let tx = self.db.begin().await?;
        let id = scan.id();
        if let Some(row) = scans::find(&tx, id).await? {
            if row.scan()? != *scan {
                let message = format!("scan {id} stands with other content");
                return Err(ControlsError::Conflict(message));
            }
            let control = ControlId(row.control);
            let stands = controls::find(&tx, control).await?;
            let declaration = stands.and_then(|row| row.declaration).map(DeclarationId);
            return Ok((Done::Repeated, RecordedScan { id, control, declaration }));
        }
        let known = declarations::of_container(&tx, &scan.container, scan.taken_at, self.scan_window).await?;
        let mut record = match &known {
            Some(known) => {
                let live = controls::live(&tx, &[known.id].into()).await?;
                live.get(&known.id).and_then(|live| answers(live)).cloned()
            }
            None => None,
        };
        let is_new = record.is_none();
        let mut record = record.take().unwrap_or_else(|| {
            let trigger = if caller.has(Role::Officer) { Trigger::Officer } else { Trigger::Mandate };
            let mut control = scan.control(trigger);
            control.declaration = known.as_ref().map(|known| known.id);
            control.declaration_version = known.as_ref().map(|known| known.version);
            Record::open(control)
        });
        let result = scan.result(record.latest.map_or(1, |(version, _)| version + 1));
        let (version, stage) = (result.version, result.stage);
        record.state = ControlState::Resulted;
        record.latest = Some((version, stage));
        let stored = Stored { known_at: now, reported_by: scan.scanner.clone(), result };
        let mut envelopes = Vec::new();
        if is_new {
            let order = PersonalOrder {
                identity: format!("scan/{id}"),
                request: serde_json::to_string(scan)?,
                ordered_by: caller.subject.clone(),
                reason: None,
                escalated_from: None,
            };
            controls::insert(&tx, [&record], Some(&order)).await?;
            envelopes.push(self.ordered(record.control.clone(), None));
        } else {
            controls::update(&tx, [&record]).await?;
        }
        results::insert(&tx, [(record.control.id, &stored)]).await?;
        scans::add(&tx, id, record.control.id, scan.taken_at, scan).await?;
        envelopes.push(self.resulted(record.control.clone(), stored.version(&record.control), None));
        if scan.verdict == ScanVerdict::Suspicious {
            envelopes.extend(self.open_by_rule(&tx, &record.control, now).await?);
        }
        outbox::append(&tx, &envelopes).await?;
        tx.commit().await?;
        self.relay.wake();
        if is_new {
            self.metrics.ordered(&record.control);
        }
        self.metrics.resulted(record.control.order.method, stage);
        let (control, declaration) = (record.control.id, record.control.declaration);
        Ok((Done::Created, RecordedScan { id, control, declaration }))
    }
}
