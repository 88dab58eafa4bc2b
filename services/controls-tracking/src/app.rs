//! Operations: load, decide, save, publish. One file each; called by the API and the worker.
//!
//! Every operation is one transaction, its events included, and repeating it changes nothing.

pub mod apply_messages;
pub mod assign_control;
pub mod link_control;
mod open_by_rule;
pub mod order_control;
pub mod record_results;
pub mod record_scan;
pub mod set_up_office;

use std::sync::Arc;

use customs::{Control, ControlId, DeclarationId, OfficeCode, ResultVersion, Timestamp};
use events::{ControlOrdered, ControlResulted, Envelope, LabelOrigin};
use jiff::SignedDuration;
use lifecycle::{Clock, ProcessClock};
use queue::Relay;
use rest::Principal;
use store::Database;

use crate::ControlsError;
use crate::metrics::ControlsMetrics;

/// What operations work with. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The parts of an [`App`].
pub struct Inner {
    /// The tables.
    pub db: Database,
    /// Domain time.
    pub clock: Clock,
    /// Process time.
    pub process_clock: ProcessClock,
    /// Publishes the outbox.
    pub relay: Arc<Relay>,
    /// Counters.
    pub metrics: ControlsMetrics,
    /// Key of the lottery among officers.
    pub assignment_key: String,
    /// How far a scan and a declaration of the same container may lie apart.
    pub scan_window: SignedDuration,
    /// Lines of a bulk report per transaction.
    pub batch: usize,
}

impl App {
    /// Operations on these parts.
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// `control.ordered` for a new control, and the one that asked for it, if one did.
    fn ordered(&self, control: Control, escalated_from: Option<ControlId>) -> Envelope {
        let id = control.id;
        self.envelope_of_order(&[id.0.as_bytes()], control.ordered_at, control, escalated_from)
    }

    /// `control.ordered` for a control that now belongs to a declaration.
    fn linked(&self, control: Control, declaration: DeclarationId, at: Timestamp) -> Envelope {
        let id = control.id;
        self.envelope_of_order(&[id.0.as_bytes(), b"linked", declaration.0.as_bytes()], at, control, None)
    }

    fn envelope_of_order(
        &self,
        key: &[&[u8]],
        at: Timestamp,
        control: Control,
        escalated_from: Option<ControlId>,
    ) -> Envelope {
        let office = Some(control.office.clone());
        let body = ControlOrdered { control, escalated_from };
        Envelope::new(key, at, self.process_clock.unix_ms(), office, body).into_raw()
    }

    /// `control.resulted` for a version of a result. `linked` when it is told again, now with its declaration.
    fn resulted(
        &self,
        control: Control,
        result: ResultVersion,
        linked: Option<(DeclarationId, Timestamp)>,
    ) -> Envelope {
        let (id, version, known_at) = (control.id, result.result.version.to_le_bytes(), result.known_at);
        let office = Some(control.office.clone());
        let body = ControlResulted { control, result, origin: LabelOrigin::Selected };
        let recorded = self.process_clock.unix_ms();
        let envelope = match linked {
            None => Envelope::new(&[id.0.as_bytes(), &version], known_at, recorded, office, body),
            Some((declaration, at)) => {
                let key: [&[u8]; 4] = [id.0.as_bytes(), &version, b"linked", declaration.0.as_bytes()];
                Envelope::new(&key, at, recorded, office, body)
            }
        };
        envelope.into_raw()
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Who decides when no person does.
const SYSTEM: &str = "system";

/// Whether something was done now, or had been done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Now.
    Created,
    /// Now, in place of what stood.
    Changed,
    /// Before, word for word.
    Repeated,
}

fn check_office(caller: &Principal, office: &OfficeCode) -> Result<(), ControlsError> {
    if caller.offices.contain(office) { Ok(()) } else { Err(ControlsError::OfficeForbidden(office.clone())) }
}

fn unknown(id: ControlId) -> ControlsError {
    ControlsError::UnknownControl(id)
}
