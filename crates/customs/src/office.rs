//! Offices: places with a time zone and people in shifts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::OfficeCode;

/// A customs office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Office {
    /// The administration's code.
    pub code: OfficeCode,
    /// Name.
    pub name: String,
    /// IANA time zone; its local days decide capacity.
    #[schema(example = "America/Lima")]
    pub time_zone: String,
    /// Shifts, in local time.
    pub shifts: Vec<Shift>,
}

/// A working shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shift {
    /// Name.
    pub name: String,
    /// First hour, local, 0 to 23.
    #[schema(maximum = 23)]
    pub from_hour: u8,
    /// Hour it ends before, local, 1 to 24; below `from_hour` when it crosses midnight.
    #[schema(maximum = 24)]
    pub to_hour: u8,
    /// Identifiers of the officers.
    pub officers: Vec<String>,
}

impl Office {
    /// Days since 1970-01-01 of the office-local calendar at `at`. An unknown time zone counts as UTC.
    pub fn local_day(&self, at: jiff::Timestamp) -> i32 {
        local_day(&self.time_zone, at)
    }
}

/// Days since 1970-01-01 of the local calendar of `time_zone` at `at`. An unknown time zone counts as UTC.
pub fn local_day(time_zone: &str, at: jiff::Timestamp) -> i32 {
    let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let offset = zone.to_offset(at);
    i32::try_from((at.as_second() + i64::from(offset.seconds())).div_euclid(86_400)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_local_midnight() {
        let before: jiff::Timestamp = "2026-03-02T04:59:59Z".parse().unwrap();
        let after: jiff::Timestamp = "2026-03-02T05:00:00Z".parse().unwrap();
        assert_eq!(local_day("America/Lima", before) + 1, local_day("America/Lima", after));
        assert_eq!(local_day("Nowhere/Land", before), local_day("UTC", before));
    }
}
