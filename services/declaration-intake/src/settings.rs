//! Settings of the service.

use std::collections::BTreeMap;
use std::time::Duration;

use customs::{Channel, OfficeCode};
use serde::{Deserialize, Serialize};

/// Settings of the service. Nested settings belong to the crates they are named after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Its own database.
    pub store: store::Settings,
    /// Milliseconds after which an undecided declaration gets the fail-safe channel. Time of the process; with a
    /// driven clock, domain time, so that a slow machine decides nothing.
    pub decision_deadline_ms: u64,
    /// The fail-safe channel.
    pub fail_safe: Channel,
    /// The fail-safe channel of offices that have another one.
    pub fail_safe_by_office: BTreeMap<OfficeCode, Channel>,
    /// Declarations that may wait to be committed before the next is refused with 503.
    pub queue_length: usize,
    /// The most declarations of one transaction.
    pub batch: usize,
    /// Milliseconds a bulk request waits for a batch to fill before it is committed as it is.
    pub bulk_linger_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: store::Settings::default(),
            decision_deadline_ms: 2_000,
            fail_safe: Channel::Orange,
            fail_safe_by_office: BTreeMap::new(),
            queue_length: 4_096,
            batch: 256,
            bulk_linger_ms: 20,
        }
    }
}

impl Settings {
    pub(crate) fn bulk_linger(&self) -> Duration {
        Duration::from_millis(self.bulk_linger_ms)
    }

    pub(crate) fn batch_size(&self) -> usize {
        self.batch.clamp(1, 1_024)
    }

    /// The fail-safe channel of `office`.
    pub(crate) fn fail_safe_of(&self, office: &OfficeCode) -> Channel {
        self.fail_safe_by_office.get(office).copied().unwrap_or(self.fail_safe)
    }
}
