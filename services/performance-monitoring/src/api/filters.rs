//! The statistics of filters.

use actix_web::{HttpResponse, get, web::Data};
use jiff::civil::Date;
use rest::{Authorized, Offices, Page, PathParams, Principal, Problem, QueryParams, ReadProblems};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ServiceError,
    app::{
        Reports,
        filters::{FilterDetail, FilterStatistics},
    },
    store::statistics::Months,
};

rest::roles!(pub StatisticsReaders = Supervisor | Analyst | Approver | ModelManager | Auditor | Service);

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;

/// Which filters, and which months.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatisticsParams {
    /// First month of decision; the beginning of records when absent.
    #[param(example = "2026-01", pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pub from: Option<String>,
    /// Last month of decision; the latest when absent.
    #[param(example = "2026-06", pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pub to: Option<String>,
    /// Continue after this page's end.
    pub after: Option<String>,
    /// At most so many, 1 to 500; 50 when absent.
    #[serde(default, deserialize_with = "rest::params::count")]
    pub limit: Option<u64>,
}

/// Which months of a filter.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MonthParams {
    /// First month of decision; the beginning of records when absent.
    #[param(example = "2026-01", pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pub from: Option<String>,
    /// Last month of decision; the latest when absent.
    #[param(example = "2026-06", pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pub to: Option<String>,
}

fn months(from: Option<String>, to: Option<String>) -> Result<Months, Problem> {
    let check = |month: String| match format!("{month}-01").parse::<Date>() {
        Ok(_) => Ok(month),
        Err(_) => Err(ServiceError::Period(format!("{month:?} is no month (2026-03)"))),
    };
    let whole = Months::default();
    Ok(Months {
        from: from.map(check).transpose()?.unwrap_or(whole.from),
        to: to.map(check).transpose()?.unwrap_or(whole.to),
    })
}

/// Filters are judged over the whole country: who is there for some offices alone does not see that.
fn check_national(caller: &Principal) -> Result<(), Problem> {
    if caller.offices == Offices::All {
        return Ok(());
    }
    Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
        .with_detail("statistics of filters are of all offices"))
}

/// Tells what each filter brings, and which should go.
///
/// Matches, what was selected and found among them, how much other filters do the same, what officers think of the
/// targeting, and what speaks for retiring it. Kept up to date with every decision and result.
#[utoipa::path(
    operation_id = "filterstatistics_list",
    params(StatisticsParams),
    responses(
        (status = 200, description = "A page of filters, by code.", body = Page<FilterStatistics>,
         example = json!({"items": [{"code": "UV-TEXTILES", "matches": 1200, "acted": 600, "selections": 540,
            "yield": {"n": 500, "findings": 90, "rate": 0.18, "interval": {"low": 0.147, "high": 0.217}}}]})),
        ReadProblems
    ),
    security(("bearer" = ["supervisor", "analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filters/statistics")]
pub async fn list(
    caller: Authorized<StatisticsReaders>,
    params: QueryParams<StatisticsParams>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    check_national(&caller)?;
    let StatisticsParams { from, to, after, limit } = params.0;
    let months = months(from, to)?;
    let limit = limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    let (items, next) = reports.filter_statistics(&months, after.as_deref().unwrap_or_default(), limit).await?;
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// Tells what one filter brings, by version and month, with its last matches.
#[utoipa::path(
    operation_id = "filterstatistics_read",
    params(("code" = String, Path, description = "The filter's code."), MonthParams),
    responses((status = 200, description = "The filter in detail.", body = FilterDetail), ReadProblems),
    security(("bearer" = ["supervisor", "analyst", "approver", "model-manager", "auditor", "service"])),
)]
#[get("/v1/filters/statistics/{code}")]
pub async fn read(
    caller: Authorized<StatisticsReaders>,
    code: PathParams<String>,
    params: QueryParams<MonthParams>,
    reports: Data<Reports>,
) -> Result<HttpResponse, Problem> {
    check_national(&caller)?;
    let months = months(params.0.from, params.0.to)?;
    let detail = reports.filter_detail(&code.0, &months).await?;
    let detail = detail.ok_or_else(|| Problem::not_found(format!("matches of filter {}", code.0)))?;
    Ok(HttpResponse::Ok().json(detail))
}
