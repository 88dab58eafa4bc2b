//! Controls that people order: extraordinary ones, and physical ones that grow out of another.

use customs::{
    Basis, Control, ControlId, ControlOrder, DeclarationId, Extent, Method, OfficeCode, Subject, Timestamp, Trigger,
};
use rest::Principal;
use serde::{Deserialize, Serialize};
use store::outbox;
use utoipa::ToSchema;

use super::{App, Done, SYSTEM, check_office, unknown};
use crate::ControlsError;
use crate::domain::record::control_id;
use crate::domain::{Fault, Record, limits, names, scan};
use crate::store::controls::{self, PersonalOrder};

/// A control that an officer orders on their own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "reference": "2026-118-0042", "office": "118", "place": "gate 3", "subject": {"type": "vehicle", "id": "A1B-123"},
    "method": "physical", "reason": "came back loaded from a depot that is closed", "openedAt": "2026-03-02T08:00:00-05:00",
}))]
pub struct NewControl {
    /// The office's own reference, unique per office: repeating the order repeats the answer. Without one, subject,
    /// method and `openedAt` are the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The office that examines.
    pub office: OfficeCode,
    /// Where; the office itself when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What.
    pub subject: Subject,
    /// The declaration it concerns, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationId>,
    /// How.
    pub method: Method,
    /// How much; all of it when absent.
    #[serde(default = "full", skip_serializing_if = "is_full")]
    pub extent: Extent,
    /// What to verify.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<String>,
    /// Why.
    pub reason: String,
    /// On whose account: `officer` when absent, `intelligence`, `otherAgency` or `traderRequest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// When it was opened; RFC 3339 with offset. May be absent, and means now, where there is a reference.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "customs::rfc3339::deserialize_option"
    )]
    pub opened_at: Option<Timestamp>,
}

fn full() -> Extent {
    Extent::Full
}

fn is_full(extent: &Extent) -> bool {
    *extent == Extent::Full
}

/// A wider control that grows out of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"reason": "the invoice names other goods than the bill of lading", "verify": ["description"]}))]
pub struct NewEscalation {
    /// What the documents or the image showed.
    pub reason: String,
    /// How much; all of it when absent.
    #[serde(default = "full", skip_serializing_if = "is_full")]
    pub extent: Extent,
    /// What to verify.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<String>,
}

/// What is wrong with the areas to verify.
fn verify(areas: &[String]) -> Vec<Fault> {
    let long = areas
        .iter()
        .enumerate()
        .find_map(|(index, area)| limits::fault(area, format!("/verify/{index}"), limits::NAME));
    limits::entries(areas.len(), "/verify").into_iter().chain(long).collect()
}

impl NewControl {
    fn faults(&self, now: Timestamp) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.reference.as_ref().map_or(self.opened_at.is_none(), |reference| reference.trim().is_empty()) {
            faults.push(Fault::new("/reference", "empty-text", "a reference, or the time it was opened, is needed"));
        }
        if self.reason.trim().is_empty() {
            faults.push(Fault::new("/reason", "empty-text", "must say something"));
        }
        let subject = match &self.subject {
            Subject::Declaration(_) => None,
            Subject::TransportDocument(id)
            | Subject::Container(id)
            | Subject::Vehicle(id)
            | Subject::Warehouse(id)
            | Subject::Person(id)
            | Subject::Company(id) => Some(id),
        };
        let texts = [
            (self.reference.as_ref(), "/reference", limits::NAME),
            (self.place.as_ref(), "/place", limits::NAME),
            (Some(&self.reason), "/reason", limits::WORDS),
            (subject, "/subject/id", limits::NAME),
        ];
        faults.extend(texts.into_iter().filter_map(|(text, pointer, most)| limits::fault(text?, pointer, most)));
        faults.extend(limits::office(&self.office, "/office"));
        faults.extend(verify(&self.verify));
        if self.opened_at.is_some_and(|at| at > now) {
            faults.push(Fault::new("/openedAt", "in-the-future", format!("it is {now} now")));
        }
        let own = [None, Some(Trigger::Officer), Some(Trigger::Intelligence), Some(Trigger::OtherAgency)];
        if !own.contains(&self.trigger) && self.trigger != Some(Trigger::TraderRequest) {
            let message = "a person orders as officer, intelligence, otherAgency or traderRequest";
            faults.push(Fault::new("/trigger", "bad-trigger", message));
        }
        if let (Subject::Declaration(subject), Some(declaration)) = (&self.subject, self.declaration)
            && *subject != declaration
        {
            faults.push(Fault::new("/declaration", "other-declaration", "the subject is another declaration"));
        }
        faults
    }

    /// What makes the order unique.
    fn identity(&self) -> Result<String, serde_json::Error> {
        Ok(match (&self.reference, self.opened_at) {
            (None, Some(at)) => {
                let subject = serde_json::to_string(&self.subject)?;
                format!("order/{}//{}/{at}/{subject}", self.office, names::method(self.method))
            }
            (reference, _) => format!("order/{}/{}", self.office, reference.as_deref().unwrap_or_default()),
        })
    }

    fn control(&self, identity: &str, now: Timestamp) -> Control {
        let ordered_at = self.opened_at.unwrap_or(now);
        let subject_declaration = match self.subject {
            Subject::Declaration(id) => Some(id),
            _ => None,
        };
        Control {
            id: control_id(ordered_at, &[identity.as_bytes()]),
            office: self.office.clone(),
            place: self.place.clone().unwrap_or_else(|| self.office.0.clone()),
            subject: self.subject.clone(),
            declaration: self.declaration.or(subject_declaration),
            declaration_version: None,
            selection: None,
            basis: Basis::Extraordinary,
            order: ControlOrder {
                method: self.method,
                extent: self.extent.clone(),
                trigger: self.trigger.unwrap_or(Trigger::Officer),
                verify: self.verify.clone(),
                over_plan: false,
                because: Vec::new(),
            },
            ordered_at,
        }
    }
}

impl App {
    /// Opens an extraordinary control.
    pub async fn order_control(&self, caller: &Principal, new: &NewControl) -> Result<(Done, Record), ControlsError> {
        check_office(caller, &new.office)?;
        let now = self.clock.now();
        let faults = new.faults(now);
        if !faults.is_empty() {
            return Err(ControlsError::Invalid { what: "control", faults });
        }
        let control = new.control(&new.identity()?, now);
        let order = PersonalOrder {
            identity: new.identity()?,
            request: serde_json::to_string(new)?,
            ordered_by: caller.subject.clone(),
            reason: Some(new.reason.clone()),
            escalated_from: None,
        };
        let tx = self.db.begin().await?;
        self.open(tx, &order, Record::open(control)).await
    }

    /// Opens a physical control that grows out of a documentary one, or of a scan.
    pub async fn escalate_control(
        &self,
        caller: &Principal,
        id: ControlId,
        new: &NewEscalation,
    ) -> Result<(Done, Record), ControlsError> {
        let mut faults = Vec::new();
        if new.reason.trim().is_empty() {
            faults.push(Fault::new("/reason", "reason-missing", "an escalation needs a reason"));
        }
        faults.extend(limits::fault(&new.reason, "/reason", limits::WORDS));
        faults.extend(verify(&new.verify));
        if !faults.is_empty() {
            return Err(ControlsError::Invalid { what: "escalation", faults });
        }
        let tx = self.db.begin().await?;
        let row = controls::find(&tx, id).await?.ok_or_else(|| unknown(id))?;
        let from = row.record()?.control;
        check_office(caller, &from.office)?;
        if !matches!(from.order.method, Method::Documentary | Method::Scan) {
            let message = "only a documentary control or a scan becomes a physical one".to_owned();
            return Err(ControlsError::NotEscalable(message));
        }
        let now = self.clock.now();
        let order = PersonalOrder {
            identity: scan::escalation_identity(id),
            request: serde_json::to_string(new)?,
            ordered_by: caller.subject.clone(),
            reason: Some(new.reason.clone()),
            escalated_from: Some(id),
        };
        let control = Control {
            id: control_id(now, &[b"escalation", id.0.as_bytes()]),
            order: ControlOrder {
                method: Method::Physical,
                extent: new.extent.clone(),
                trigger: Trigger::Officer,
                verify: new.verify.clone(),
                over_plan: false,
                because: Vec::new(),
            },
            // No selection ordered it: it must not count as one.
            selection: None,
            ordered_at: now,
            ..from
        };
        self.open(tx, &order, Record::open(control)).await
    }

    /// Opens the control, or finds it open by the same order.
    async fn open(
        &self,
        tx: sea_orm::DatabaseTransaction,
        order: &PersonalOrder,
        record: Record,
    ) -> Result<(Done, Record), ControlsError> {
        if let Some(row) = controls::find_by_identity(&tx, &order.identity).await? {
            // What a rule opened before is what an officer asks for now.
            let by_rule = row.ordered_by.as_deref() == Some(SYSTEM);
            if by_rule || row.request.as_deref() == Some(order.request.as_str()) {
                return Ok((Done::Repeated, row.record()?));
            }
            let message = format!("control {} was ordered under this identity with other content", row.id);
            return Err(ControlsError::Conflict(message));
        }
        controls::insert(&tx, [&record], Some(order)).await?;
        outbox::append(&tx, &[self.ordered(record.control.clone(), order.escalated_from)]).await?;
        tx.commit().await?;
        self.relay.wake();
        self.metrics.ordered(&record.control);
        Ok((Done::Created, record))
    }
}
