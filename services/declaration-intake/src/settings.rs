//! Settings of the service.

use std::path::PathBuf;
use std::time::Duration;

use customs::Channel;
use declaration_formats::quality::Punctuality;
use jiff::SignedDuration;
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
    /// The fail-safe channel of offices without a capacity plan; a plan has its own.
    pub fail_safe: Channel,
    /// Folder of reference data: `tariff.csv`, `offices.csv` and `exchange-rates.csv`, each of which may be absent. What
    /// is there is what declarations are compared with. None: codes and rates are not compared with any list.
    pub reference: Option<PathBuf>,
    /// Seconds that the date of acceptance may be ahead of the domain clock before it is noted.
    pub acceptance_ahead_seconds: u32,
    /// Hours that the date of acceptance may be behind the domain clock. What is older is noted and counts as accepted
    /// when it is recorded.
    pub acceptance_behind_hours: u32,
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
            reference: None,
            acceptance_ahead_seconds: 15 * 60,
            acceptance_behind_hours: 24,
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

    /// How far the date of acceptance may be from the moment of lodging.
    pub(crate) fn punctuality(&self) -> Punctuality {
        Punctuality {
            ahead: SignedDuration::from_secs(i64::from(self.acceptance_ahead_seconds)),
            behind: SignedDuration::from_hours(i64::from(self.acceptance_behind_hours)),
        }
    }
}
