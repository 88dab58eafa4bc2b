//! The period and office of a report.

use customs::OfficeCode;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use rest::{Offices, Principal, Problem};
use serde::Deserialize;
use utoipa::openapi::schema::{AnyOfBuilder, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::{ServiceError, store::read::Window};

/// The longest period of a report: a working life.
const LONGEST: SignedDuration = SignedDuration::from_hours(50 * 366 * 24);

/// Which declarations and controls a report is about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// First moment: RFC 3339, or a date (midnight UTC). The beginning of records when absent.
    #[param(example = "2026-01-01", value_type = Option<DateOrTime>, inline)]
    pub from: Option<String>,
    /// End, excluded: RFC 3339, or a date (midnight UTC). Open when absent.
    #[param(example = "2027-01-01", value_type = Option<DateOrTime>, inline)]
    pub to: Option<String>,
    /// One office; all when absent. Callers who are not there for all offices must name one of theirs.
    #[param(example = "118")]
    pub office: Option<String>,
}

impl Period {
    /// The window that `caller` may see.
    pub fn window(&self, caller: &Principal) -> Result<Window, Problem> {
        match &self.office {
            Some(office) => caller.check_office(&OfficeCode(office.clone()))?,
            None if caller.offices != Offices::All => {
                return Err(Problem::forbidden("office-forbidden", "The token does not cover this office")
                    .with_detail("the token does not cover all offices: name one"));
            }
            None => {}
        }
        let from = self.from.as_deref().map(|text| parameter("from", text)).transpose()?;
        let to = self.to.as_deref().map(|text| parameter("to", text)).transpose()?;
        if let (Some(from), Some(to)) = (from, to)
            && to.duration_since(from) > LONGEST
        {
            let message = format!("a period has at most {} days", LONGEST.as_hours() / 24);
            return Err(Problem::from(ServiceError::Period(message.clone())).with_error("/to", "too-long", message));
        }
        let from = from.map_or(i64::MIN, Timestamp::as_microsecond);
        let to = to.map_or(i64::MAX, Timestamp::as_microsecond);
        if from >= to {
            let message = "the period ends before it begins";
            let problem = Problem::from(ServiceError::Period(message.to_owned()));
            return Err(problem.with_error("/to", "before-from", message));
        }
        Ok(Window { from, to, office: self.office.clone() })
    }
}

/// A moment in a contract: RFC 3339, or a date.
pub struct DateOrTime;

impl PartialSchema for DateOrTime {
    fn schema() -> RefOr<Schema> {
        let written =
            |format| ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
        AnyOfBuilder::new().item(written(KnownFormat::Date)).item(written(KnownFormat::DateTime)).into()
    }
}

impl ToSchema for DateOrTime {}

/// The moment of a parameter; a problem that names it otherwise.
pub fn parameter(name: &str, text: &str) -> Result<Timestamp, Problem> {
    moment(text).map_err(|problem| {
        let message = problem.detail.clone().unwrap_or_default();
        problem.with_error(format!("/{name}"), "invalid", message)
    })
}

/// RFC 3339, or a date at midnight UTC.
fn moment(text: &str) -> Result<Timestamp, Problem> {
    let date = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(date)
        .ok_or_else(|| ServiceError::Period(format!("{text:?} is neither an RFC 3339 time nor a date")).into())
}
