//! Notes on the moment of lodging: a date that is years off is a slip of the keys, and nothing may be decided by it.

use customs::{Declaration, Note, NoteCode, Severity, Timestamp};
use jiff::SignedDuration;

/// Longer than any trade contract waits; such a date was mistyped.
const BEYOND: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// How far the date of acceptance may be from the moment of lodging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Punctuality {
    /// Ahead of it: as far as clocks differ.
    pub ahead: SignedDuration,
    /// Behind it: as long as a customs system may be cut off.
    pub behind: SignedDuration,
}

impl Punctuality {
    /// When a declaration that names `date` and is recorded at `now` counts as accepted: at its date, but never in the
    /// future, and at `now` when the date is not of these days.
    pub fn accepted_at(self, date: Timestamp, now: Timestamp) -> Timestamp {
        let is_of_these_days = date <= now && now.duration_since(date) <= self.behind;
        if is_of_these_days { date } else { now }
    }
}

/// Notes on the dates of a declaration that is lodged at `now`.
pub fn lodged(declaration: &Declaration, now: Timestamp, punctuality: Punctuality) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |severity, pointer: &str, message| {
        notes.push(Note { code: NoteCode::ImpossibleDate, severity, pointer: pointer.to_owned(), message });
    };
    let date = declaration.acceptance_date_time;
    let ahead = date.duration_since(now);
    if ahead > punctuality.ahead {
        let message = format!("accepted at {date}, and it is {now}; it counts as accepted now");
        note(Severity::Error, "/acceptanceDateTime", message);
    } else if ahead < -punctuality.behind {
        let severity = if ahead < -punctuality.behind.saturating_mul(30) { Severity::Error } else { Severity::Warning };
        let message = format!("accepted at {date}, long before it was lodged at {now}; it counts as accepted now");
        note(severity, "/acceptanceDateTime", message);
    }
    let arrival = declaration.means_of_transport.as_ref().and_then(|means| means.expected_arrival);
    if let Some(arrival) = arrival.filter(|arrival| arrival.duration_since(now).abs() > BEYOND) {
        let message = format!("{arrival} is more than two years from {now}");
        note(Severity::Error, "/meansOfTransport/expectedArrival", message);
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    const PUNCTUALITY: Punctuality =
        Punctuality { ahead: SignedDuration::from_mins(15), behind: SignedDuration::from_hours(24) };

    fn noted(date: &str, now: &str) -> (Vec<(Severity, String)>, Timestamp) {
        let (date, now): (Timestamp, Timestamp) = (date.parse().unwrap(), now.parse().unwrap());
        let declaration = Declaration { acceptance_date_time: date, ..sample::full() };
        let notes = lodged(&declaration, now, PUNCTUALITY);
        assert!(notes.iter().all(|note| note.code == NoteCode::ImpossibleDate));
        let notes = notes.into_iter().map(|note| (note.severity, note.pointer)).collect();
        (notes, PUNCTUALITY.accepted_at(date, now))
    }

    #[test]
    fn date_of_these_days_counts_as_it_stands() {
        let (notes, at) = noted("2026-03-02T12:00:00Z", "2026-03-03T11:59:59Z");
        assert_eq!((notes, at.to_string().as_str()), (vec![], "2026-03-02T12:00:00Z"));
    }

    #[test]
    fn date_of_the_future_counts_as_now_and_is_noted_beyond_what_clocks_differ() {
        let now = "2026-03-02T12:00:00Z";
        let (notes, at) = noted("2026-03-02T12:10:00Z", now);
        assert_eq!((notes, at.to_string().as_str()), (vec![], now));
        for date in ["2026-03-02T12:16:00Z", "2027-03-02T12:00:00Z", "9999-12-30T22:00:00Z"] {
            let (notes, at) = noted(date, now);
            assert_eq!(notes[0], (Severity::Error, "/acceptanceDateTime".to_owned()), "{date}");
            assert_eq!(at.to_string(), now, "{date}");
        }
    }

    #[test]
    fn date_long_past_counts_as_now_and_is_noted() {
        let now = "2026-03-09T12:00:00Z";
        let (notes, at) = noted("2026-03-02T12:00:00Z", now);
        assert_eq!(notes, [(Severity::Warning, "/acceptanceDateTime".to_owned())]);
        assert_eq!(at.to_string(), now);
        let (notes, _) = noted("2006-03-09T12:00:00Z", now);
        assert_eq!(notes[0], (Severity::Error, "/acceptanceDateTime".to_owned()));
    }

    #[test]
    fn arrival_years_away_is_noted() {
        let (notes, _) = noted("2036-03-09T12:00:00Z", "2036-03-09T12:00:00Z");
        assert_eq!(notes, [(Severity::Error, "/meansOfTransport/expectedArrival".to_owned())]);
    }
}
