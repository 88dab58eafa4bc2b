//! The feed of channels: what was told, in the order in which it was told, for ever.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use rest::{Authorized, Problem, QueryParams, ReadProblems};
use serde::Deserialize;
use utoipa::IntoParams;

use super::views::{ChannelEntryView, ChannelPageView};
use super::{Followers, examples};
use crate::app::Intake;
use crate::error::IntakeError;

const MOST: u64 = 5_000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedParams {
    /// The cursor of the last entry that was read; 0 or absent starts at the beginning.
    #[serde(default)]
    #[param(minimum = 0)]
    after: i64,
    /// Wait for the next entry, at most so many milliseconds (30,000).
    #[serde(default, deserialize_with = "rest::params::count")]
    wait_ms: Option<u64>,
    /// The most entries, 1 to 5,000; 500 unless told.
    #[param(minimum = 1, maximum = 5_000)]
    limit: Option<u64>,
}

impl FeedParams {
    fn check(&self) -> Result<(), Problem> {
        let problem = || Problem::bad_request("query-invalid", "The query cannot be understood");
        if self.after < 0 {
            return Err(problem().with_error("/after", "out-of-range", "cursors begin at 0"));
        }
        if self.limit.is_some_and(|limit| limit == 0 || limit > MOST) {
            return Err(problem().with_error("/limit", "out-of-range", format!("1 to {MOST}")));
        }
        Ok(())
    }
}

/// Follow the channels
///
/// An entry tells the channel and the controls ordered, never the reasons. A token for certain offices sees theirs.
#[utoipa::path(
    tag = "channels",
    operation_id = "channels_list",
    params(FeedParams),
    responses(
        (status = 200, description = "The next entries.", body = ChannelPageView,
            example = json!(examples::channel_page())),
        ReadProblems,
    ),
    security(("bearer" = ["customs-system", "supervisor", "auditor", "service"])),
)]
#[get("/v1/channels")]
pub(crate) async fn list(
    caller: Authorized<Followers>,
    params: QueryParams<FeedParams>,
    intake: web::Data<Intake>,
) -> Result<HttpResponse, Problem> {
    params.0.check()?;
    let FeedParams { after, wait_ms, limit } = params.0;
    let limit = limit.unwrap_or(500);
    let entries = intake.feed(&caller.offices, after, limit, Duration::from_millis(wait_ms.unwrap_or(0))).await?;
    let items = entries.into_iter().map(ChannelEntryView::try_from).collect::<Result<Vec<_>, IntakeError>>()?;
    let next = items.last().map_or(after, |entry| entry.cursor);
    Ok(HttpResponse::Ok().json(ChannelPageView { items, next }))
}
