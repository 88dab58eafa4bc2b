//! Settings of the service.

use std::collections::BTreeSet;
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
    /// Undecided declarations that an office may have before its next is refused with 503; 0: any number. Counted where
    /// offices share the queue (`queue.fairness`).
    pub office_backlog: u64,
    /// The most declarations of one transaction.
    pub batch: usize,
    /// Milliseconds a bulk request waits for a batch to fill before it is committed as it is.
    pub bulk_linger_ms: u64,
    /// Hours for which a declaration is left as it is before a person is taken out of it: no message about it is under way
    /// then, and it is cleared.
    pub erasure_rest_hours: u32,
    /// Telling channels by webhook.
    pub webhooks: WebhookSettings,
}

/// Telling channels by webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Where webhooks may lead: `https://host`, with its port where it is another. Without any, none can be made: this
    /// service would call whatever its callers name.
    pub origins: BTreeSet<String>,
    /// Authorities to trust beside the machine's own (PEM).
    pub authorities: Option<PathBuf>,
    /// The most entries of one delivery.
    pub batch: u64,
    /// Milliseconds a receiver has to answer.
    pub timeout_ms: u64,
    /// Milliseconds until a delivery that failed is tried again; doubled each time.
    pub first_back_off_ms: u64,
    /// The longest of these pauses.
    pub longest_back_off_ms: u64,
    /// How often an entry may be refused before it is a dead letter.
    pub refusals: u32,
    /// The most webhooks of one customs system.
    pub per_owner: u64,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            origins: BTreeSet::new(),
            authorities: None,
            batch: 100,
            timeout_ms: 10_000,
            first_back_off_ms: 1_000,
            longest_back_off_ms: 300_000,
            refusals: 8,
            per_owner: 10,
        }
    }
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
            office_backlog: 50_000,
            batch: 256,
            bulk_linger_ms: 20,
            erasure_rest_hours: 7 * 24,
            webhooks: WebhookSettings::default(),
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
