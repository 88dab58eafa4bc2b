//! Taking stored decisions again, for auditors.

use actix_web::{HttpResponse, get, web::Data};
use customs::SelectionId;
use rest::{Authorized, PathParams, Problem, QueryParams, ReadProblems};
use serde::{Deserialize, Serialize};
use store::{Cursor, Limit};
use utoipa::{IntoParams, ToSchema};

use super::State;
use crate::app::verify::{Difference, Verdict, Verified};

rest::roles!(pub Auditors = Auditor);

/// Decisions taken again at a time, unless asked otherwise, and at most.
const PAGE: (u32, u32) = (500, 5_000);

/// Which decisions to take again.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerificationParams {
    /// `next` of the answer before; the beginning when absent.
    #[param(pattern = "^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$")]
    pub after: Option<String>,
    /// The most decisions, 1 to 5,000; 500 unless told.
    pub limit: Option<u32>,
}

/// What came of taking a decision again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum VerdictName {
    /// The same.
    Equal,
    /// Something else.
    Different,
    /// A person was taken out of it, and with them what its draws were made from.
    Erased,
    /// It cannot be taken again.
    Unknown,
}

/// A place where the record and the decision taken again are not the same.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// JSON pointer into the record.
    #[schema(example = "/channel")]
    pointer: String,
    /// What is recorded.
    #[schema(value_type = Value)]
    recorded: serde_json::Value,
    /// What it comes to.
    #[schema(value_type = Value)]
    again: serde_json::Value,
}

/// A decision and what came of taking it again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerificationView {
    /// The decision.
    selection: SelectionId,
    /// What came of it.
    verdict: VerdictName,
    /// What is not the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<DifferenceView>,
    /// Why it cannot be taken again.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Verified> for VerificationView {
    fn from(Verified { selection, verdict }: Verified) -> Self {
        let view = |verdict| Self { selection: selection.id, verdict, differences: Vec::new(), reason: None };
        match verdict {
            Verdict::Equal => view(VerdictName::Equal),
            Verdict::Erased => view(VerdictName::Erased),
            Verdict::Unknown(reason) => Self { reason: Some(reason), ..view(VerdictName::Unknown) },
            Verdict::Different(differences) => {
                let shown = differences.into_iter().map(|Difference { pointer, recorded, again }| DifferenceView {
                    pointer,
                    recorded,
                    again,
                });
                Self { differences: shown.collect(), ..view(VerdictName::Different) }
            }
        }
    }
}

/// Decisions that were taken again, in the order of deciding.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerificationPage {
    /// How many were taken again.
    verified: u64,
    /// How many came to the same.
    equal: u64,
    /// The others.
    items: Vec<VerificationView>,
    /// Ask for `after` this to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "selection": "019515e8-7c80-7abc-8def-0123456789ab", "verdict": "different",
        "differences": [{ "pointer": "/channel", "recorded": "green", "again": "red" }]
    })
}

/// Take decisions again
///
/// Each from its record: the vectors that were served, the filters that held, and what was left of the office's capacity
/// at which price. Tells those that do not come to what is recorded. A token for certain offices may not: decisions of
/// all of them are taken again.
#[utoipa::path(
    tag = "selections",
    operation_id = "verifications_list",
    params(VerificationParams),
    responses((status = 200, description = "What came of it.", body = VerificationPage, example = json!({
        "verified": 500, "equal": 499, "items": [example()], "next": "AAAAAAAAAfQ"
    })), ReadProblems),
    security(("bearer" = ["auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/selections/verification")]
pub async fn list(
    caller: Authorized<Auditors>,
    params: QueryParams<VerificationParams>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    if caller.offices != rest::Offices::All {
        return Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
            .with_detail("decisions of all offices are taken again"));
    }
    let VerificationParams { after, limit } = params.0;
    let after = after.map_or(Ok(0), |text| text.parse::<Cursor>().and_then(Cursor::number)).map_err(|error| {
        Problem::bad_request("query-invalid", "The query cannot be understood").with_error(
            "/after",
            "invalid",
            error.to_string(),
        )
    })?;
    let limit = Limit::new(limit, PAGE.0, PAGE.1).rows();
    let (verified, last) = state.decider.verify_after(after, limit as u64).await.map_err(Problem::from)?;
    let count = verified.len();
    let others = verified.into_iter().filter(|verified| verified.verdict != Verdict::Equal);
    let items: Vec<VerificationView> = others.map(VerificationView::from).collect();
    Ok(HttpResponse::Ok().json(VerificationPage {
        verified: count as u64,
        equal: (count - items.len()) as u64,
        items,
        next: last.filter(|_| count == limit).map(|last| Cursor::Number(last).to_string()),
    }))
}

/// Take a decision again
///
/// From its record, and tell whether it comes to the same, or what differs.
#[utoipa::path(
    tag = "selections",
    operation_id = "verifications_read",
    params(("id" = SelectionId, Path, description = "The selection.")),
    responses(
        (status = 200, description = "What came of it.", body = VerificationView, example = json!(example())),
        ReadProblems,
    ),
    security(("bearer" = ["auditor"])),
    extensions(("x-audit" = json!("look"))),
)]
#[get("/v1/selections/{id}/verification")]
pub async fn read(
    caller: Authorized<Auditors>,
    id: PathParams<SelectionId>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let verified = state.decider.verify(id.0).await.map_err(Problem::from)?;
    caller.check_office(&verified.selection.office)?;
    Ok(HttpResponse::Ok().json(VerificationView::from(verified)))
}
