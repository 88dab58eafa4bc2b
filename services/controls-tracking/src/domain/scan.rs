//! Scanner images as controls: a pass through a scanner is a control with a result, like any other.

use customs::{
    Basis, Control, ControlId, ControlOrder, Extent, Finding, FindingKind, ItemOutcome, ItemResult, Method, Nature,
    NewResult, OfficeCode, ResultStage, ScanId, ScanVerdict, Subject, Timestamp, Trigger,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::record::control_id;
use super::{Fault, Record, limits};

/// What a scanner reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "office": "118", "scanner": "DPW-2", "container": "MSKU1234565", "takenAt": "2026-03-02T08:00:00-05:00",
    "verdict": "suspicious", "image": "pacs://118/2026/03/02/4711", "algorithm": "voids 3.1",
}))]
pub struct NewScan {
    /// The office the scanner belongs to.
    pub office: OfficeCode,
    /// Where it stands; the office itself when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The scanner.
    pub scanner: String,
    /// The container, by ISO 6346 number.
    pub container: String,
    /// When the image was taken; RFC 3339 with offset.
    #[serde(deserialize_with = "customs::rfc3339::deserialize")]
    pub taken_at: Timestamp,
    /// What it showed.
    pub verdict: ScanVerdict,
    /// Where the image is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What judged it, with its version; a person when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
}

impl NewScan {
    /// One scanner takes one image of a container at a time.
    pub fn id(&self) -> ScanId {
        ScanId::derive(self.taken_at, &[self.scanner.as_bytes(), self.container.as_bytes()])
    }

    /// What is wrong with it.
    pub fn faults(&self, now: Timestamp) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (text, pointer) in [(&self.scanner, "/scanner"), (&self.container, "/container")] {
            if text.trim().is_empty() {
                faults.push(Fault::new(pointer, "empty-text", "must say something"));
            }
        }
        let texts = [
            (Some(&self.scanner), "/scanner", limits::IDENTIFIER),
            (Some(&self.container), "/container", limits::IDENTIFIER),
            (self.place.as_ref(), "/place", limits::NAME),
            (self.image.as_ref(), "/image", limits::WORDS),
            (self.algorithm.as_ref(), "/algorithm", limits::NAME),
        ];
        faults.extend(texts.into_iter().filter_map(|(text, pointer, most)| limits::fault(text?, pointer, most)));
        faults.extend(limits::office(&self.office, "/office"));
        if self.taken_at > now {
            faults.push(Fault::new("/takenAt", "in-the-future", format!("it is {now} now")));
        }
        faults
    }

    /// The control of an image that nobody ordered. A port's scanners run by `Mandate`, a mobile one by an officer.
    pub fn control(&self, trigger: Trigger) -> Control {
        Control {
            id: control_id(self.taken_at, &[self.id().0.as_bytes()]),
            office: self.office.clone(),
            place: self.place.clone().unwrap_or_else(|| self.office.0.clone()),
            subject: Subject::Container(self.container.clone()),
            declaration: None,
            declaration_version: None,
            selection: None,
            basis: Basis::Extraordinary,
            order: ControlOrder {
                method: Method::Scan,
                extent: Extent::Full,
                trigger,
                verify: Vec::new(),
                over_plan: false,
                because: Vec::new(),
            },
            ordered_at: self.taken_at,
        }
    }

    /// What the image established. It shows no items, so it speaks of the whole (sequence 0), and stays preliminary: a
    /// suspicion is confirmed by opening. An image that does not tell examined nothing.
    pub fn result(&self, version: u32) -> NewResult {
        let (outcome, findings) = match self.verdict {
            ScanVerdict::Conforming => (ItemOutcome::Conform, Vec::new()),
            ScanVerdict::NotConclusive => (ItemOutcome::NotExamined, Vec::new()),
            ScanVerdict::Suspicious => (ItemOutcome::Finding, vec![suspicion()]),
        };
        NewResult {
            version,
            stage: ResultStage::Preliminary,
            examined_at: self.taken_at,
            established_at: self.taken_at,
            items: vec![ItemResult { sequence: 0, outcome, findings }],
            remarks: self.image.as_ref().map(|image| format!("image {image}")),
            targeting: None,
        }
    }
}

fn suspicion() -> Finding {
    Finding {
        kind: FindingKind::Other,
        national_code: None,
        field: None,
        declared: None,
        found: Some("suspicious scanner image".to_owned()),
        nature: Nature::SuspectedFraud,
        in_traders_favour: false,
        measures: Vec::new(),
    }
}

/// What makes the control unique that grows out of another.
pub fn escalation_identity(from: ControlId) -> String {
    format!("escalation/{from}")
}

/// The physical control that a suspicious image of a declaration's goods asks for: all of them, by rule, beside the
/// day's plan. None for an image that belongs to no declaration.
pub fn opening(scan: &Control, at: Timestamp) -> Option<Control> {
    let declaration = scan.declaration?;
    Some(Control {
        id: control_id(at, &[b"suspicious", scan.id.0.as_bytes()]),
        subject: Subject::Declaration(declaration),
        selection: None,
        basis: Basis::Ordinary,
        order: ControlOrder {
            method: Method::Physical,
            extent: Extent::Full,
            trigger: Trigger::Mandate,
            verify: vec!["image".to_owned()],
            over_plan: true,
            because: Vec::new(),
        },
        ordered_at: at,
        ..scan.clone()
    })
}

/// The ordered scan that this image answers: the first live one.
pub fn answers(live: &[Record]) -> Option<&Record> {
    live.iter().find(|record| record.is_live() && record.control.order.method == Method::Scan)
}
