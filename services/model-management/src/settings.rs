//! Settings of the service, with what training may cost.

use lifecycle::Secret;
use risk_model::{Algorithm, BoostedParams, LogisticParams};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the tables are.
    pub store: store::Settings,
    /// Base URL of the feature store, which makes the training sets.
    pub feature_store_url: String,
    /// Base URL of performance monitoring, which knows what filters bring; the feature store's when empty.
    pub monitoring_url: String,
    /// The token of this service for them.
    pub token: Secret,
    /// What writing filters is held to.
    pub filters: FilterSettings,
    /// Training.
    pub training: TrainingSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: store::Settings { url: "sqlite:data/models.db".to_owned() },
            feature_store_url: "http://127.0.0.1:8080".to_owned(),
            monitoring_url: String::new(),
            token: Secret::default(),
            filters: FilterSettings::default(),
            training: TrainingSettings::default(),
        }
    }
}

/// What writing and activating filters is held to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterSettings {
    /// Whether a version must have been tried over the past before it is put in force or in the shadow. Emergency
    /// orders are excepted.
    pub replay_before_activation: bool,
    /// The codes that exist; a condition that compares with another one is refused.
    pub codes: CodeTables,
}

/// Codes of the administration. An empty table is not checked; countries are those of ISO 3166-1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeTables {
    /// Tariff codes, or the subheadings before them.
    pub tariff: Vec<String>,
    /// Customs offices.
    pub offices: Vec<String>,
    /// Ports and airports.
    pub ports: Vec<String>,
    /// Currencies.
    pub currencies: Vec<String>,
}

/// When to train, on what, and when the result is good enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingSettings {
    /// Days after the first start until the first scheduled training.
    pub first_training_after_days: u32,
    /// Days between scheduled trainings.
    pub interval_days: u32,
    /// Age in days from which labels count as matured: findings close later than clean results, so younger labels
    /// would show too few of them.
    pub maturity_days: u32,
    /// Days of the latest matured labels that are held out to judge on.
    pub held_out_days: u32,
    /// The most of the matured declarations that are held out, 0 to 1; matters in the first weeks.
    pub held_out_share: f64,
    /// Share of the weight that counts as "what can be examined" when precision is compared.
    pub capacity_share: f64,
    /// Findings needed among the matured rows before a first model is considered.
    pub min_positives: usize,
    /// The most that one held-out declaration counts when models are compared, however unlikely its selection was.
    pub judged_weight_limit: f64,
    /// Standard errors by which a candidate must be better, and may not be worse.
    pub evidence_errors: f64,
    /// About the most rows that are learned from; of more, every finding and a share of the rest are kept.
    pub max_rows: usize,
    /// The boosted candidate.
    pub boosted: BoostedParams,
    /// The logistic candidate.
    pub logistic: LogisticParams,
    /// The most rows the logistic candidate learns from: a line needs few, and its solver is dear.
    pub logistic_max_rows: usize,
}

impl Default for TrainingSettings {
    fn default() -> Self {
        Self {
            first_training_after_days: 28,
            interval_days: 7,
            maturity_days: 14,
            held_out_days: 28,
            held_out_share: 0.3,
            capacity_share: 0.05,
            min_positives: 25,
            judged_weight_limit: 5.0,
            evidence_errors: 1.0,
            max_rows: 6_000,
            boosted: BoostedParams { trees: 80, bags: 1, learning_rate: 0.07, folds: 2, ..BoostedParams::default() },
            logistic: LogisticParams { folds: 2, iterations: 40, tolerance: 1e-3, ..LogisticParams::default() },
            logistic_max_rows: 1_500,
        }
    }
}

impl TrainingSettings {
    /// The candidates with the most rows they learn from, in the order in which ties are decided.
    pub fn candidates(&self) -> [(Algorithm, usize); 2] {
        [
            (Algorithm::Boosted(self.boosted.clone()), self.max_rows),
            (Algorithm::Logistic(self.logistic.clone()), self.logistic_max_rows.min(self.max_rows)),
        ]
    }
}
