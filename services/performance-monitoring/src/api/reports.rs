//! The reports.

use actix_web::{HttpResponse, get, web::Data};
use jiff::Timestamp;
use rest::{Authorized, Principal, Problem, QueryParams, ReadProblems};
use serde::Deserialize;
use utoipa::IntoParams;

use super::period::{DateOrTime, Period, parameter};
use crate::app::{
    Reports, channels::ChannelsReport, findings::FindingsReport, green::GreenReport, novelty::NoveltyReport,
    release::ReleaseReport, summary::SummaryReport,
};
use crate::store::read::Window;

rest::roles!(pub Readers = Supervisor | Analyst | ModelManager | Auditor);

/// Days from selection after which a declaration counts, unless asked otherwise.
pub(crate) const MATURITY_DAYS: u32 = 45;

/// Which cohort a rate with its results is about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CohortParams {
    /// First selection: RFC 3339, or a date (midnight UTC). The beginning of records when absent.
    #[param(example = "2026-01-01", value_type = Option<DateOrTime>, inline)]
    pub from: Option<String>,
    /// Selections before this: RFC 3339, or a date (midnight UTC). Open when absent.
    #[param(example = "2027-01-01", value_type = Option<DateOrTime>, inline)]
    pub to: Option<String>,
    /// One office; all when absent. Callers who are not there for all offices must name one of theirs.
    #[param(example = "118")]
    pub office: Option<String>,
    /// The moment whose knowledge counts: RFC 3339, or a date (midnight UTC). Now when absent.
    #[param(example = "2027-01-01", value_type = Option<DateOrTime>, inline)]
    pub as_of: Option<String>,
    /// Days between selection and that moment from which a declaration counts, 3,650 at most; 45 when absent.
    #[param(example = 45)]
    pub maturity_days: Option<u32>,
}

impl CohortParams {
    /// The window, the moment whose knowledge counts, and the days of maturity.
    fn cohort(self, caller: &Principal, reports: &Reports) -> Result<(Window, Timestamp, u32), Problem> {
        let Self { from, to, office, as_of, maturity_days } = self;
        let window = Period { from, to, office }.window(caller)?;
        let as_of = as_of.as_deref().map(|text| parameter("asOf", text)).transpose()?;
        Ok((window, as_of.unwrap_or_else(|| reports.now()), maturity_days.unwrap_or(MATURITY_DAYS).min(3_650)))
    }
}

/// The figures at a glance.
#[utoipa::path(
    operation_id = "summary_read",
    params(Period),
    responses((status = 200, description = "The summary of the period.", body = SummaryReport), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "model-manager", "auditor"])),
)]
#[get("/v1/reports/summary")]
pub async fn summary(
    caller: Authorized<Readers>,
    period: QueryParams<Period>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let window = period.0.window(&caller)?;
    Ok(HttpResponse::Ok().json(reports.summary(&window).await?))
}

/// Channels and capacity by office and month.
#[utoipa::path(
    operation_id = "channels_report",
    params(Period),
    responses((status = 200, description = "Channels and capacity of the period.", body = ChannelsReport), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "model-manager", "auditor"])),
)]
#[get("/v1/reports/channels")]
pub async fn channels(
    caller: Authorized<Readers>,
    period: QueryParams<Period>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let window = period.0.window(&caller)?;
    Ok(HttpResponse::Ok().json(reports.channels(&window).await?))
}

/// Findings per examination by month, trigger and filter.
#[utoipa::path(
    operation_id = "findings_report",
    params(Period),
    responses((status = 200, description = "Findings of the period.", body = FindingsReport), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "model-manager", "auditor"])),
)]
#[get("/v1/reports/findings")]
pub async fn findings(
    caller: Authorized<Readers>,
    period: QueryParams<Period>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let window = period.0.window(&caller)?;
    Ok(HttpResponse::Ok().json(reports.findings(&window).await?))
}

/// The share of green declarations that hide an offence, estimated from the random stratum.
#[utoipa::path(
    operation_id = "greennoncompliance_read",
    params(CohortParams),
    responses((status = 200, description = "The estimate with its interval, or why there is none.", body = GreenReport), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "model-manager", "auditor"])),
)]
#[get("/v1/reports/green-non-compliance")]
pub async fn green_non_compliance(
    caller: Authorized<Readers>,
    params: QueryParams<CohortParams>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let (window, as_of, maturity_days) = params.0.cohort(&caller, &reports)?;
    Ok(HttpResponse::Ok().json(reports.green(&window, as_of, maturity_days).await?))
}

/// What novelty brings: findings among declarations that nobody knew anything about, beside those among the rest.
///
/// Estimated for all of them, examined or not, with the probability of each selection; and by what was new. A new
/// installation flags nothing at first: `note` says from when on.
#[utoipa::path(
    operation_id = "novelty_report",
    params(CohortParams),
    responses((status = 200, description = "Findings among what was flagged as novel and what was not.", body = NoveltyReport), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "model-manager", "auditor"])),
)]
#[get("/v1/reports/novelty")]
pub async fn novelty(
    caller: Authorized<Readers>,
    params: QueryParams<CohortParams>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let (window, as_of, maturity_days) = params.0.cohort(&caller, &reports)?;
    Ok(HttpResponse::Ok().json(reports.novelty(&window, as_of, maturity_days).await?))
}

/// From lodgement to release by channel and regime.
#[utoipa::path(
    operation_id = "releasetimes_read",
    params(Period),
    responses((status = 200, description = "Release times of the period.", body = ReleaseReport), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "model-manager", "auditor"])),
)]
#[get("/v1/reports/release-times")]
pub async fn release_times(
    caller: Authorized<Readers>,
    period: QueryParams<Period>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    let window = period.0.window(&caller)?;
    Ok(HttpResponse::Ok().json(reports.release_times(&window).await?))
}
