//! How many requests one caller may make: a bucket of tokens per caller, filled at a steady rate.
//!
//! Persons, systems and strangers (requests without a token that holds, by the address they come from) have rates of
//! their own. A caller whose bucket is empty is told when to come again. Full buckets are forgotten, so that callers
//! who went away cost nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::http::StatusCode;
use lifecycle::ProcessClock;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// Callers after which full buckets are looked for.
const SWEEP: usize = 4_096;

/// The rate of one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests per second in the long run; 0 sets no limit.
    pub per_second: u32,
    /// Requests at once after a pause.
    pub burst: u32,
}

/// The rates of callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Of a person: every role but the systems'.
    pub person: Rate,
    /// Of a customs system or another service.
    pub system: Rate,
    /// Of an address whose tokens do not hold.
    pub stranger: Rate,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            person: Rate { per_second: 200, burst: 4_000 },
            system: Rate { per_second: 10_000, burst: 20_000 },
            stranger: Rate { per_second: 50, burst: 2_000 },
        }
    }
}

impl Settings {
    /// No limits: for a program that calls nobody but itself.
    pub fn unlimited() -> Self {
        let rate = Rate { per_second: 0, burst: 0 };
        Self { person: rate, system: rate, stranger: rate }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Caller {
    Known(String),
    Stranger(Option<IpAddr>),
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn fill(&mut self, rate: Rate, now: Instant) {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(rate.per_second);
        self.left = (self.left + gained).min(f64::from(rate.burst.max(1)));
        self.at = now;
    }
}

/// Every caller's bucket. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    settings: Settings,
    clock: ProcessClock,
    buckets: Arc<Mutex<HashMap<Caller, (Rate, Bucket)>>>,
}

impl Rates {
    pub(crate) fn new(settings: Settings, clock: ProcessClock) -> Self {
        Self { settings, clock, buckets: Arc::default() }
    }

    /// One request of a caller whose token holds.
    pub(crate) fn take(&self, subject: &str, system: bool) -> Result<(), Problem> {
        let rate = if system { self.settings.system } else { self.settings.person };
        self.take_from(Caller::Known(subject.to_owned()), rate)
    }

    /// One request of somebody at `peer`.
    pub(crate) fn take_stranger(&self, peer: Option<IpAddr>) -> Result<(), Problem> {
        self.take_from(Caller::Stranger(peer), self.settings.stranger)
    }

    fn take_from(&self, caller: Caller, rate: Rate) -> Result<(), Problem> {
        if rate.per_second == 0 {
            return Ok(());
        }
        let now = self.clock.instant();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP && !buckets.contains_key(&caller) {
            buckets.retain(|_, (rate, bucket)| {
                bucket.fill(*rate, now);
                bucket.left < f64::from(rate.burst.max(1))
            });
        }
        let full = Bucket { left: f64::from(rate.burst.max(1)), at: now };
        let (_, bucket) = buckets.entry(caller).or_insert((rate, full));
        bucket.fill(rate, now);
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let seconds = ((1.0 - bucket.left) / f64::from(rate.per_second)).ceil().max(1.0);
        Err(limited(seconds as u32, rate))
    }
}

fn limited(seconds: u32, rate: Rate) -> Problem {
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", "The caller makes too many requests")
        .with_detail(format!("at most {} requests per second, {} at once after a pause", rate.per_second, rate.burst));
    problem.retry_after = Some(seconds);
    problem
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rates() -> Rates {
        let rate = Rate { per_second: 2, burst: 3 };
        let settings = Settings { person: rate, system: Rate { per_second: 0, burst: 0 }, stranger: rate };
        Rates::new(settings, ProcessClock::default())
    }

    #[test]
    fn caller_beyond_the_rate_is_told_when_to_come_again_and_others_are_not_held_up() {
        let rates = rates();
        (0..3).for_each(|_| rates.take("a", false).unwrap());
        let refusal = rates.take("a", false).unwrap_err();
        assert_eq!((refusal.status, refusal.retry_after), (429, Some(1)));
        rates.take("b", false).unwrap();
        rates.take_stranger(None).unwrap();
        rates.clock.skip(Duration::from_secs(1));
        rates.take("a", false).unwrap();
        rates.take("a", false).unwrap();
        assert!(rates.take("a", false).is_err());
        (0..50).for_each(|_| rates.take("system", true).unwrap());
    }

    #[test]
    fn callers_who_went_away_are_forgotten() {
        let rates = rates();
        for number in 0..SWEEP {
            rates.take(&number.to_string(), false).unwrap();
        }
        rates.clock.skip(Duration::from_secs(10));
        rates.take("one more", false).unwrap();
        assert_eq!(rates.buckets.lock().unwrap().len(), 1);
    }
}
