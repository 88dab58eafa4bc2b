//! How many scorers there are to be: pure. Follows the backlog upwards at once, and downwards by one at a time when fewer
//! would have done for a while; holds when the backlog is not known; never goes to zero while work is pending.

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::crd::{PortWorkloadSpec, ScheduleEntry, Weekday};

/// The backlog, and when it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// Declarations without a channel; none when that is not known.
    pub backlog: Option<u64>,
    /// When it was last known.
    pub taken: Option<Timestamp>,
}

/// How many, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Scorers.
    pub replicas: i32,
    /// Fewest at this moment, by plan and schedule.
    pub least: i32,
    /// One stable word.
    pub reason: &'static str,
}

/// What there is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Scorers that are asked for.
    pub replicas: i32,
    /// Scorers that were last decided on; 0: never.
    pub desired: i32,
    /// Whether for long enough fewer would have done.
    pub rested: bool,
}

/// Scorers that the backlog needs; none where it is not known.
pub fn needed(spec: &PortWorkloadSpec, figure: &Figure) -> Option<i32> {
    let per_replica = u64::from(spec.target.backlog_per_replica.max(1));
    figure.backlog.map(|backlog| i32::try_from(backlog.div_ceil(per_replica)).unwrap_or(i32::MAX))
}

/// How many scorers `spec` wants where `held` are there.
pub fn wanted(spec: &PortWorkloadSpec, figure: &Figure, held: Held, now: Timestamp) -> Wanted {
    let Held { replicas: held, desired, rested } = held;
    let most = spec.max_replicas;
    let scheduled = spec.schedule.iter().filter(|entry| falls_in(entry, now)).map(|entry| entry.min_replicas).max();
    let expected = spec.vessels.iter().filter(|vessel| {
        let time = |text: &str| text.parse::<Timestamp>().ok();
        time(&vessel.from).is_some_and(|from| from <= now) && time(&vessel.until).is_some_and(|until| now < until)
    });
    let vessels = expected.map(|vessel| vessel.min_replicas).max();
    let (planned, why) = match (scheduled, vessels) {
        (scheduled, Some(vessels)) if Some(vessels) >= scheduled => (vessels, "VesselExpected"),
        (Some(scheduled), _) => (scheduled, "Scheduled"),
        (None, _) => (spec.min_replicas, "Minimum"),
    };
    let why = if planned > spec.min_replicas { why } else { "Minimum" };
    let least = planned.max(spec.min_replicas).min(most);
    let (Some(backlog), Some(needed)) = (figure.backlog, needed(spec, figure)) else {
        let fallback = spec.fallback_replicas.unwrap_or(spec.min_replicas);
        let hold = if desired > 0 || held > 0 { held.max(least) } else { fallback.max(least) };
        return Wanted { replicas: hold.min(most), least, reason: "FigureMissing" };
    };
    let pending = i32::from(backlog > 0);
    let why = if pending > least { "Backlog" } else { why };
    let least = least.max(pending).min(most.max(pending));
    if needed > held.max(least) {
        let replicas = needed.min(most);
        return Wanted { replicas, least, reason: if needed > most { "AtMaximum" } else { "Backlog" } };
    }
    let fewer = held > needed.max(least);
    let replicas = if fewer && rested { held - 1 } else { held }.max(least).min(most);
    let reason = match () {
        () if fewer && !rested && replicas == held => "CoolingDown",
        () if replicas > least => "Backlog",
        () => why,
    };
    Wanted { replicas, least, reason }
}

/// Whether `now` is in the times of `entry`; one that ends before it begins ends the next day.
fn falls_in(entry: &ScheduleEntry, now: Timestamp) -> bool {
    let Ok(zone) = TimeZone::get(&entry.time_zone) else { return false };
    let local = now.to_zoned(zone);
    let minute = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        Some(hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?)
    };
    let (Some(from), Some(until)) = (minute(&entry.from), minute(&entry.until)) else { return false };
    let at = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let listed = |weekday: civil::Weekday| entry.days.is_empty() || entry.days.iter().any(|day| same(*day, weekday));
    let (today, yesterday) = (local.weekday(), local.weekday().previous());
    if from <= until {
        listed(today) && from <= at && at < until
    } else {
        (listed(today) && at >= from) || (listed(yesterday) && at < until)
    }
}

fn same(day: Weekday, weekday: civil::Weekday) -> bool {
    let own = match day {
        Weekday::Monday => civil::Weekday::Monday,
        Weekday::Tuesday => civil::Weekday::Tuesday,
        Weekday::Wednesday => civil::Weekday::Wednesday,
        Weekday::Thursday => civil::Weekday::Thursday,
        Weekday::Friday => civil::Weekday::Friday,
        Weekday::Saturday => civil::Weekday::Saturday,
        Weekday::Sunday => civil::Weekday::Sunday,
    };
    own == weekday
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::{Offices, Pool, ScaleTarget, Vessel};

    fn spec() -> PortWorkloadSpec {
        PortWorkloadSpec {
            offices: Offices { codes: Some(vec!["118".into()]), prefix: None },
            pool: Pool::Dedicated,
            min_replicas: 1,
            max_replicas: 8,
            target: ScaleTarget { oldest_age_seconds: 5, backlog_per_replica: 100 },
            schedule: Vec::new(),
            vessels: Vec::new(),
            priority: None,
            fallback_replicas: Some(3),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn of(spec: &PortWorkloadSpec, backlog: Option<u64>, held: i32) -> (i32, &'static str) {
        let now = at("2026-03-02T15:00:00Z");
        let held = Held { replicas: held, desired: held, rested: true };
        let want = wanted(spec, &Figure { backlog, taken: Some(now) }, held, now);
        (want.replicas, want.reason)
    }

    #[test]
    fn it_shrinks_only_when_it_has_rested() {
        let now = at("2026-03-02T15:00:00Z");
        let figure = Figure { backlog: Some(0), taken: Some(now) };
        let want = |rested| wanted(&spec(), &figure, Held { replicas: 4, desired: 4, rested }, now);
        assert_eq!((want(false).replicas, want(false).reason), (4, "CoolingDown"));
        assert_eq!((want(true).replicas, want(true).reason), (3, "Backlog"));
        // A higher plan does not wait, and a limit that was lowered does not either.
        let capped = PortWorkloadSpec { max_replicas: 2, fallback_replicas: None, ..spec() };
        let held = Held { replicas: 4, desired: 4, rested: false };
        assert_eq!(wanted(&capped, &figure, held, now).replicas, 2);
    }

    #[test]
    fn it_grows_with_the_backlog_at_once_and_shrinks_by_one() {
        assert_eq!(of(&spec(), Some(450), 1), (5, "Backlog"));
        assert_eq!(of(&spec(), Some(9_000), 2), (8, "AtMaximum"));
        assert_eq!(of(&spec(), Some(0), 5), (4, "Backlog"));
        assert_eq!(of(&spec(), Some(0), 1), (1, "Minimum"));
    }

    #[test]
    fn it_holds_when_the_backlog_is_not_known() {
        assert_eq!(of(&spec(), None, 5), (5, "FigureMissing"));
        assert_eq!(of(&spec(), None, 0), (3, "FigureMissing"));
    }

    #[test]
    fn it_never_goes_to_zero_while_work_is_pending() {
        let none = PortWorkloadSpec { min_replicas: 0, ..spec() };
        assert_eq!(of(&none, Some(1), 1), (1, "Backlog"));
        assert_eq!(of(&none, Some(1), 0), (1, "Backlog"));
        assert_eq!(of(&none, Some(0), 1).0, 0);
    }

    #[test]
    fn schedules_count_in_their_own_time_zone_and_over_midnight() {
        let mut spec = spec();
        spec.schedule = vec![ScheduleEntry {
            days: vec![Weekday::Monday],
            from: "22:00".into(),
            until: "06:00".into(),
            time_zone: "America/Lima".into(),
            min_replicas: 4,
        }];
        let want = |time: &str| {
            let held = Held { replicas: 1, desired: 1, rested: true };
            wanted(&spec, &Figure { backlog: Some(0), taken: None }, held, at(time)).replicas
        };
        // Monday 2 March 2026, 23:00 in Lima; Tuesday 05:00; Tuesday 07:00; Monday 05:00.
        assert_eq!(want("2026-03-03T04:00:00Z"), 4);
        assert_eq!(want("2026-03-03T10:00:00Z"), 4);
        assert_eq!(want("2026-03-03T12:00:00Z"), 1);
        assert_eq!(want("2026-03-02T10:00:00Z"), 1);
    }

    #[test]
    fn an_expected_vessel_counts_while_it_is_expected() {
        let mut spec = spec();
        spec.vessels = vec![Vessel {
            name: "Ever Given".into(),
            from: "2026-03-02T14:00:00Z".into(),
            until: "2026-03-02T18:00:00Z".into(),
            min_replicas: 6,
        }];
        assert_eq!(of(&spec, Some(0), 1), (6, "VesselExpected"));
    }
}
