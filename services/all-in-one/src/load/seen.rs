//! What a load saw of the system: receipts, channels, failures; and what they come to.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use clients::ChannelEntry;
use customs::DeclarationId;
use serde::Serialize;

/// The reason of a feed entry that tells a decision.
const SELECTION: &str = "selection";
/// The reason of one that nobody decided in time.
const FAIL_SAFE: &str = "failSafe";

/// Everything seen so far.
#[derive(Default)]
pub struct Seen(RefCell<Inner>);

#[derive(Default)]
struct Inner {
    accepted: HashMap<DeclarationId, (String, Instant)>,
    told: HashMap<DeclarationId, Instant>,
    selected: HashSet<(DeclarationId, u32)>,
    twice: HashSet<DeclarationId>,
    fail_safe: HashSet<DeclarationId>,
    failures: BTreeMap<String, u64>,
    results: u64,
}

impl Seen {
    /// A declaration was accepted for `office`.
    pub fn accepted(&self, id: DeclarationId, office: &str) {
        self.0.borrow_mut().accepted.entry(id).or_insert_with(|| (office.to_owned(), Instant::now()));
    }

    /// The feed told an entry.
    pub fn told(&self, entry: &ChannelEntry) {
        let mut seen = self.0.borrow_mut();
        let id = entry.declaration;
        seen.told.entry(id).or_insert_with(Instant::now);
        match entry.reason.as_deref() {
            Some(SELECTION) if !seen.selected.insert((id, entry.version)) => drop(seen.twice.insert(id)),
            Some(FAIL_SAFE) => drop(seen.fail_safe.insert(id)),
            _ => {}
        }
    }

    /// A request failed; it will be sent again.
    pub fn failed(&self, how: String) {
        *self.0.borrow_mut().failures.entry(how).or_default() += 1;
    }

    /// A result was accepted.
    pub fn resulted(&self) {
        self.0.borrow_mut().results += 1;
    }

    /// Accepted declarations without a channel.
    pub fn untold(&self) -> usize {
        let seen = self.0.borrow();
        seen.accepted.keys().filter(|id| !seen.told.contains_key(id)).count()
    }

    /// What it came to.
    pub fn outcome(&self) -> Outcome {
        let seen = self.0.borrow();
        let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
        let mut all = Vec::new();
        for (id, (office, accepted)) in &seen.accepted {
            let Some(told) = seen.told.get(id) else { continue };
            // The feed may be read before the receipt.
            let took = told.saturating_duration_since(*accepted);
            times.entry(office).or_default().push(took);
            all.push(took);
        }
        let own = |ids: &HashSet<DeclarationId>| ids.iter().filter(|id| seen.accepted.contains_key(id)).count() as u64;
        Outcome {
            declarations: seen.accepted.len() as u64,
            failed_requests: seen.failures.values().sum(),
            failures: seen.failures.clone(),
            lost: seen.accepted.keys().filter(|id| !seen.told.contains_key(id)).count() as u64,
            twice: own(&seen.twice),
            fail_safe: own(&seen.fail_safe),
            results: seen.results,
            median_ms: quantile(&mut all, 0.5),
            p99_ms: quantile(&mut all, 0.99),
            slowest_ms: quantile(&mut all, 1.0),
            office_median_ms: times
                .into_iter()
                .map(|(office, mut times)| (office.to_owned(), quantile(&mut times, 0.5)))
                .collect(),
        }
    }
}

/// What came of a load.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Declarations that were accepted.
    pub declarations: u64,
    /// Requests that failed, and were sent again.
    pub failed_requests: u64,
    /// The same by what was answered.
    pub failures: BTreeMap<String, u64>,
    /// Accepted, and without a channel.
    pub lost: u64,
    /// Told two decisions of one version.
    pub twice: u64,
    /// Told the fail-safe, because nobody had decided.
    pub fail_safe: u64,
    /// Results that were accepted.
    pub results: u64,
    /// From the receipt to the channel: half take less.
    pub median_ms: u64,
    /// 99 of 100 take less.
    pub p99_ms: u64,
    /// The longest.
    pub slowest_ms: u64,
    /// The median by office.
    pub office_median_ms: BTreeMap<String, u64>,
}

impl Outcome {
    /// Whether nothing was lost or done twice.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.twice == 0
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { declarations, failed_requests, lost, twice, fail_safe, results, .. } = self;
        writeln!(
            f,
            "{declarations} declarations accepted, {lost} lost, {twice} told twice, {fail_safe} by the fail-safe"
        )?;
        writeln!(f, "{results} results accepted, {failed_requests} requests failed and were sent again")?;
        let Self { median_ms, p99_ms, slowest_ms, .. } = self;
        write!(
            f,
            "from receipt to channel: half within {median_ms} ms, 99 of 100 within {p99_ms} ms, all within {slowest_ms} ms"
        )
    }
}

/// The smallest time that a share `q` of `times` does not exceed; zero without any.
fn quantile(times: &mut [Duration], q: f64) -> u64 {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let place = (q * times.len() as f64).ceil() as usize;
    times.get(place.saturating_sub(1).min(last)).map_or(0, |time| time.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let mut times: Vec<Duration> = [40, 10, 30, 20].map(Duration::from_millis).to_vec();
        assert_eq!([0.5, 0.99, 1.0].map(|q| quantile(&mut times, q)), [20, 40, 40]);
        assert_eq!(quantile(&mut [], 0.5), 0);
    }

    #[test]
    fn what_has_no_channel_is_lost_and_failures_are_counted_by_answer() {
        let seen = Seen::default();
        let id = |text: &[u8]| DeclarationId::derive(customs::Timestamp::UNIX_EPOCH, &[text]);
        seen.accepted(id(b"a"), "118");
        seen.failed("503 overloaded".to_owned());
        seen.failed("503 overloaded".to_owned());
        let outcome = seen.outcome();
        assert_eq!((outcome.declarations, outcome.lost, outcome.failed_requests), (1, 1, 2));
        assert!(!outcome.holds());
    }
}
