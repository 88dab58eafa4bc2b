//! What an operator may set.

use std::path::PathBuf;

use customs::OfficeCode;
use lifecycle::Secret;
use selection::CapacityPlan;
use serde::{Deserialize, Serialize};

/// Settings of scoring.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database this service owns.
    pub store: store::Settings,
    /// Where model artefacts are fetched from.
    pub model_management_url: String,
    /// Where past cases come from, for explanations; the address of model-management when absent.
    pub feature_store_url: Option<String>,
    /// The bearer token for both, of role `service`.
    pub token: Secret,
    /// The file with the secret of the keyed draws; created for its owner alone where there is none.
    pub draw_key: PathBuf,
    /// Makes the secret from a number instead of from chance. For worlds that are to be repeated, never in earnest.
    pub draw_seed: Option<u64>,
    /// The most messages in one transaction.
    pub batch: usize,
    /// Which part of the declarations is decided here: 0, or the shard of some offices (`shards` of the queue).
    pub shard: u16,
    /// Vectors are told to those who learn from them.
    pub publish_vectors: bool,
    /// The name under which this process reports; the machine's, which is the pod's, with the process id when empty.
    pub name: String,
    /// The plan of an office for which there is none.
    pub unplanned: CapacityPlan,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: store::Settings::default(),
            model_management_url: "http://127.0.0.1:8080".to_owned(),
            feature_store_url: None,
            token: Secret::default(),
            draw_key: PathBuf::from("draw.key"),
            draw_seed: None,
            batch: 256,
            shard: 0,
            publish_vectors: true,
            name: String::new(),
            unplanned: CapacityPlan {
                physical_per_day: 1.0,
                documentary_per_day: 2.0,
                declarations_per_day: 20.0,
                exploration_share: 0.0,
                ..CapacityPlan::of(OfficeCode::default(), "UTC")
            },
        }
    }
}
