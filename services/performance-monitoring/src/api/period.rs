//! The period and office of a report.

use customs::OfficeCode;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rest::{Offices, Principal, Problem};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{ServiceError, store::read::Window};

/// Which declarations and controls a report is about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// First moment: RFC 3339, or a date (midnight UTC). The beginning of records when absent.
    #[param(example = "2026-01-01")]
    pub from: Option<String>,
    /// End, excluded: RFC 3339, or a date (midnight UTC). Open when absent.
    #[param(example = "2027-01-01")]
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
        let from = self.from.as_deref().map(moment).transpose()?.map_or(i64::MIN, Timestamp::as_microsecond);
        let to = self.to.as_deref().map(moment).transpose()?.map_or(i64::MAX, Timestamp::as_microsecond);
        if from >= to {
            return Err(ServiceError::Period("the period ends before it begins".to_owned()).into());
        }
        Ok(Window { from, to, office: self.office.clone() })
    }
}

/// RFC 3339, or a date at midnight UTC.
pub fn moment(text: &str) -> Result<Timestamp, Problem> {
    let date = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(date)
        .ok_or_else(|| ServiceError::Period(format!("{text:?} is neither an RFC 3339 time nor a date")).into())
}
