//! Dates and times as they travel: RFC 3339 with offset, and nothing else that a parser may also understand.
//!
//! The reader behind [`Timestamp`] takes more (years of six digits, no seconds, names of zones), and a little less: it
//! ends before the last hours of the year 9999. What is a date of RFC 3339 is read; those last hours become [`LAST`].

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de};

/// Digits of a second's fraction that are kept.
const FRACTION: usize = 9;

/// The last whole second that a [`Timestamp`] holds: no rounding leads beyond it.
pub const LAST: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// The moment that `text` names, at most [`LAST`]; none unless it is a date and time of RFC 3339 with offset.
pub fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (local, rest) = bytes.split_at_checked(19)?;
    let is_local = local.iter().zip(b"0000-00-00T00:00:00").all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't'),
        form => byte == form,
    });
    let digits = match rest.split_first() {
        Some((b'.', rest)) => Some(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()).filter(|n| *n > 0)?,
        _ => 0,
    };
    let offset = &rest[if digits > 0 { digits + 1 } else { 0 }..];
    if !is_local || !is_offset(offset) {
        return None;
    }
    let kept = digits.min(FRACTION);
    let fraction = if kept > 0 { &text[19..=19 + kept] } else { "" };
    let plain = format!("{}{fraction}{}", &text[..19], &text[text.len() - offset.len()..]).to_ascii_uppercase();
    let held = plain.parse::<Timestamp>().ok().map(|moment| moment.min(LAST));
    held.or_else(|| {
        // A date that exists and is beyond what can be held can only be the last.
        let exists = plain[..19].parse::<jiff::civil::DateTime>().is_ok();
        (exists && plain.starts_with("9999-12-3")).then_some(LAST)
    })
}

fn is_offset(bytes: &[u8]) -> bool {
    let two = |tens: u8, ones: u8, most: u8| {
        tens.is_ascii_digit() && ones.is_ascii_digit() && (tens - b'0') * 10 + (ones - b'0') <= most
    };
    match bytes {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', a, b, b':', c, d] => two(*a, *b, 23) && two(*c, *d, 59),
        _ => false,
    }
}

fn read<E: de::Error>(text: &str) -> Result<Timestamp, E> {
    parse(text).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        E::custom(format!("{shown:?} is not a date and time of RFC 3339 with offset"))
    })
}

/// For `#[serde(deserialize_with = "customs::rfc3339::deserialize")]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    deserializer.deserialize_str(Text)
}

/// The same for a moment that may be absent or null; goes with `#[serde(default)]`.
pub fn deserialize_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    struct Moment(Timestamp);
    impl<'de> Deserialize<'de> for Moment {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserialize(deserializer).map(Self)
        }
    }
    Ok(Option::<Moment>::deserialize(deserializer)?.map(|moment| moment.0))
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Timestamp;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("a date and time of RFC 3339 with offset")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        read(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_rfc_are_read() {
        let same = |text: &str, same: &str| assert_eq!(parse(text), Some(same.parse().unwrap()), "{text}");
        same("2026-03-02T08:00:00-05:00", "2026-03-02T13:00:00Z");
        same("2026-03-02t13:00:00z", "2026-03-02T13:00:00Z");
        same("2026-03-02T13:00:00.25Z", "2026-03-02T13:00:00.25Z");
        same("2026-03-02T13:00:00.1234567891234+00:00", "2026-03-02T13:00:00.123456789Z");
        same("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
        same("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
    }

    #[test]
    fn last_hours_that_can_be_written_become_the_last_that_can_be_held() {
        assert_eq!(parse("9999-12-31T23:59:59Z"), Some(LAST));
        assert_eq!(parse("9999-12-31T23:59:59-23:00"), Some(LAST));
        assert_eq!(parse("9999-12-30T22:00:00.9999999Z"), Some(LAST));
        assert_eq!(Timestamp::from_second(Timestamp::MAX.as_second()).unwrap(), LAST);
        assert_eq!(parse("9999-13-31T23:59:59Z"), None);
        assert_eq!(parse("9999-12-32T23:59:59Z"), None);
    }

    #[test]
    fn what_other_readers_would_take_is_refused() {
        for text in [
            "",
            "yesterday",
            "-009999-01-02T01:59:59Z",
            "+002026-03-02T13:00:00Z",
            "2026-03-02",
            "2026-03-02T13:00:00",
            "2026-03-02 13:00:00Z",
            "2026-03-02T13:00Z",
            "20260302T130000Z",
            "2026-03-02T13:00:00.Z",
            "2026-03-02T13:00:00,5Z",
            "2026-03-02T13:00:00+05",
            "2026-03-02T13:00:00+0500",
            "2026-03-02T13:00:00+99:00",
            "2026-03-02T13:00:00-05:00[America/Lima]",
            "2026-02-30T13:00:00Z",
            "2026-03-02T25:00:00Z",
            "2026-03-02T13:00:00ñ",
            "２026-03-02T13:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
