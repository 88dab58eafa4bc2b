//! How a declaration of the past was examined, and what the record makes of it.

use customs::{
    Basis, Control, ControlId, ControlOrder, DeclarationId, Extent, ItemOutcome, Method, NewResult, ResultId,
    ResultVersion, Subject, Timestamp, Trigger,
};
use events::{ControlResulted, Envelope, LabelOrigin};
use rest::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::lodgement::Lodgement;

/// A control of the incumbent system with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastControl {
    /// How it was examined.
    pub method: Method,
    /// When.
    #[serde(deserialize_with = "customs::rfc3339::deserialize")]
    pub examined_at: Timestamp,
    /// What was established.
    pub result: NewResult,
}

impl PastControl {
    /// Refuses a result that contradicts itself or the declaration.
    pub(crate) fn check(&self, lodgement: &Lodgement) -> Result<(), Problem> {
        let mut problem = Problem::unprocessable("result-contradictory", "The result contradicts itself");
        for (at, item) in self.result.items.iter().enumerate() {
            if (item.outcome == ItemOutcome::Finding) == item.findings.is_empty() {
                problem = problem.with_error(
                    format!("/control/result/items/{at}/findings"),
                    "outcome-mismatch",
                    "findings are given exactly when the outcome is finding",
                );
            }
            let known = item.sequence == 0
                || lodgement.declaration.items.iter().any(|declared| declared.sequence == item.sequence);
            if !known {
                problem = problem.with_error(
                    format!("/control/result/items/{at}/sequence"),
                    "unknown-item",
                    "the declaration has no such item",
                );
            }
        }
        if problem.errors.is_empty() { Ok(()) } else { Err(problem) }
    }

    /// The message of the result. Its label may never enter unbiased estimators; it was known when it was established.
    pub(crate) fn announce(&self, id: DeclarationId, lodgement: &Lodgement, recorded_at_ms: i64) -> Envelope {
        let declaration = &lodgement.declaration;
        let ordered_at = declaration.acceptance_date_time;
        let method = [self.method as u8];
        let control = ControlId::derive(ordered_at, &[id.0.as_bytes(), b"history", &method]);
        let established_at = self.result.established_at;
        let version = self.result.version.to_be_bytes();
        let body = ControlResulted {
            control: Control {
                id: control,
                office: declaration.office.clone(),
                place: declaration.goods_location.clone().unwrap_or_else(|| declaration.office.0.clone()),
                subject: Subject::Declaration(id),
                declaration: Some(id),
                declaration_version: Some(1),
                selection: None,
                basis: Basis::Ordinary,
                order: ControlOrder {
                    method: self.method,
                    extent: Extent::Full,
                    trigger: Trigger::IncumbentSystem,
                    verify: Vec::new(),
                    over_plan: false,
                    because: Vec::new(),
                },
                ordered_at,
            },
            result: ResultVersion {
                id: ResultId::derive(self.examined_at, &[control.0.as_bytes()]),
                control,
                known_at: established_at,
                result: self.result.clone(),
            },
            origin: LabelOrigin::History,
        };
        let key: [&[u8]; 2] = [control.0.as_bytes(), &version];
        Envelope::new(&key, established_at, recorded_at_ms, Some(declaration.office.clone()), body).into_raw()
    }
}
