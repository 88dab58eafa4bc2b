//! The rules of webhooks: how a delivery is signed, what an answer means, and what is tried when.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::settings::WebhookSettings;

/// Characters of the shortest secret.
pub(crate) const SHORTEST_SECRET: usize = 32;

/// `v1=` and the HMAC-SHA256 over the timestamp (Unix seconds), a dot and the body, in hexadecimal.
pub(crate) fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("v1=".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What came of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver refuses what it says: the same again is likely to be refused again.
    Refused(String),
    /// Nobody answered, or the receiver is not in order: nothing is said about the entries.
    Failed(String),
}

impl Outcome {
    /// What an answer with this status means.
    pub(crate) fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Delivered,
            400 | 409 | 413 | 415 | 422 => Self::Refused(format!("the receiver answered {status}")),
            _ => Self::Failed(format!("the receiver answered {status}")),
        }
    }
}

/// What is done after a delivery that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same again after a pause.
    Again(Duration),
    /// The one entry is a dead letter; the next ones follow.
    PutAside,
}

/// What is done after `failures` deliveries in a row that nobody took and `refusals` in a row that were refused, the
/// last one among them, which had `entries` entries.
pub(crate) fn next(settings: &WebhookSettings, failures: i64, refusals: i64, entries: usize) -> Next {
    // Only an entry that was refused alone is known to be what is refused.
    if entries == 1 && refusals >= i64::from(settings.refusals.max(1)) {
        return Next::PutAside;
    }
    let doublings = u32::try_from((failures + refusals - 1).clamp(0, 30)).unwrap_or(30);
    let pause = settings.first_back_off_ms.saturating_mul(1 << doublings).min(settings.longest_back_off_ms);
    Next::Again(Duration::from_millis(pause))
}

/// How many entries the next delivery may have: one after a refusal, so that what is refused is found.
pub(crate) fn size(settings: &WebhookSettings, refusals: i64) -> u64 {
    if refusals > 0 { 1 } else { settings.batch.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_the_one_that_receivers_compute() {
        // printf '1772460000.{}' | openssl dgst -sha256 -hmac key
        let expected = "v1=816526c1e530ffda99358908f067d222d8d481bd3794fccd21baebec3d63f129";
        assert_eq!(signature("key", 1_772_460_000, b"{}"), expected);
    }

    #[test]
    fn only_what_the_receiver_says_about_the_content_counts_against_it() {
        assert_eq!(Outcome::of(204), Outcome::Delivered);
        assert!(matches!(Outcome::of(422), Outcome::Refused(_)));
        for status in [301, 401, 403, 404, 408, 410, 429, 500, 503] {
            assert!(matches!(Outcome::of(status), Outcome::Failed(_)), "{status}");
        }
    }

    #[test]
    fn pauses_grow_to_a_longest_and_only_a_lone_entry_is_put_aside() {
        let settings = WebhookSettings { refusals: 3, ..WebhookSettings::default() };
        assert_eq!(next(&settings, 1, 0, 5), Next::Again(Duration::from_secs(1)));
        assert_eq!(next(&settings, 3, 0, 5), Next::Again(Duration::from_secs(4)));
        assert_eq!(next(&settings, 1_000, 0, 1), Next::Again(Duration::from_mins(5)));
        assert_eq!(next(&settings, 0, 3, 2), Next::Again(Duration::from_secs(4)));
        assert_eq!(next(&settings, 0, 3, 1), Next::PutAside);
        assert_eq!((size(&settings, 0), size(&settings, 1)), (100, 1));
    }
}
