//! The office's calendar: local days, months and the moment within the day. Capacity is a matter of local days.

use customs::Timestamp;
use jiff::{civil::Date, tz::TimeZone};

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 86_400;

/// A moment on an office's wall calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalMoment {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Seconds since local midnight, 0 to 86,399.
    pub second: i32,
}

impl LocalMoment {
    /// The wall calendar of `time_zone` at `at`. An unknown time zone counts as UTC.
    pub fn of(time_zone: &str, at: Timestamp) -> Self {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        let local = at.as_second() + i64::from(zone.to_offset(at).seconds());
        Self { day: local.div_euclid(DAY_SECONDS) as i32, second: local.rem_euclid(DAY_SECONDS) as i32 }
    }

    /// The first moment of `day`.
    pub fn midnight(day: i32) -> Self {
        Self { day, second: 0 }
    }

    /// This moment, `days` later.
    pub fn plus_days(self, days: f64) -> Self {
        let seconds = i64::from(self.second) + (days * DAY_SECONDS as f64) as i64;
        Self { day: self.day + seconds.div_euclid(DAY_SECONDS) as i32, second: seconds.rem_euclid(DAY_SECONDS) as i32 }
    }
}

/// Monday is 0.
pub fn weekday(day: i32) -> usize {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

/// The first day of the calendar month after the one that holds `day`.
pub fn next_month(day: i32) -> i32 {
    let date = date_of(day);
    let (year, month) = if date.month() == 12 { (date.year() + 1, 1) } else { (date.year(), date.month() + 1) };
    Date::new(year, month, 1).map_or(day + 31, days_since_epoch)
}

fn date_of(day: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(day.clamp(-700_000, 2_900_000)))
}

fn days_since_epoch(date: Date) -> i32 {
    (date.to_datetime(jiff::civil::Time::midnight()).duration_since(Date::constant(1970, 1, 1).into()).as_secs()
        / DAY_SECONDS) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_where_the_calendar_says() {
        let day = LocalMoment::of("UTC", "2024-02-10T12:00:00Z".parse().unwrap()).day;
        assert_eq!(next_month(day), day + 20);
        assert_eq!(next_month(next_month(day) - 1), day + 20);
        let december = LocalMoment::of("UTC", "2025-12-31T23:00:00Z".parse().unwrap()).day;
        assert_eq!(next_month(december), december + 1);
        assert_eq!(weekday(december), 2);
    }

    #[test]
    fn the_moment_is_local() {
        let moment = LocalMoment::of("America/Lima", "2026-03-02T04:59:59Z".parse().unwrap());
        assert_eq!(moment.second, 86_399);
        assert_eq!(moment.plus_days(1.5).second, 43_199);
        assert_eq!(moment.plus_days(1.5).day, moment.day + 2);
    }
}
