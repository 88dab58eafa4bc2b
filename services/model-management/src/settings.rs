//! Settings of the service, with what training may cost.

use std::path::PathBuf;

use lifecycle::Secret;
use risk_model::{Algorithm, BoostedParams, ForestParams, LogisticParams, OnlineParams, TrainError};
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
    /// Base URL of scoring, which knows who decides by which routing; the feature store's when empty.
    pub scoring_url: String,
    /// The token of this service for them.
    pub token: Secret,
    /// What writing filters is held to.
    pub filters: FilterSettings,
    /// Training.
    pub training: TrainingSettings,
    /// Rollouts.
    pub rollout: RolloutSettings,
}

/// How rollouts are driven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RolloutSettings {
    /// Who drives them.
    pub driver: Driver,
}

/// Who drives rollouts: one of both, never both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Driver {
    /// This service itself.
    #[default]
    Worker,
    /// The operator on Kubernetes.
    Operator,
}

impl Driver {
    /// The name in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Operator => "operator",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: store::Settings::default(),
            feature_store_url: "http://127.0.0.1:8080".to_owned(),
            monitoring_url: String::new(),
            scoring_url: String::new(),
            token: Secret::default(),
            filters: FilterSettings::default(),
            training: TrainingSettings::default(),
            rollout: RolloutSettings::default(),
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
    /// Folder of reference data, the one of `intake.reference`: conditions, scopes and lists with a code that is not in
    /// its `tariff.csv`, or an office that is neither in its `offices.csv` nor planned, are refused. None: the folder
    /// `reference` of the data folder. Where a file is absent, answers say what was not checked.
    pub reference: Option<PathBuf>,
    /// Codes that exist beside those of the folder.
    pub codes: CodeTables,
}

/// Codes of the administration, beside the countries of ISO 3166-1 and the currencies of ISO 4217.
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
    /// The share by which a candidate must have learned from more findings than a champion of its algorithm for "no
    /// worse" to be enough.
    pub fresh_findings: f64,
    /// About the most rows that are learned from; of more, every finding and a share of the rest are kept.
    pub max_rows: usize,
    /// What is trained each time, in the order in which ties are decided.
    pub candidates: Vec<Candidate>,
    /// The boosted candidate.
    pub boosted: BoostedParams,
    /// The logistic candidate.
    pub logistic: LogisticParams,
    /// The most rows the logistic candidate learns from: a line needs few, and its solver is dear.
    pub logistic_max_rows: usize,
    /// The online candidate.
    pub online: OnlineParams,
    /// Days after which an online candidate learns on from what has matured since, between two trainings; 0: it does
    /// not.
    pub online_days: u32,
    /// The random forest.
    pub forest: ForestParams,
    /// The most rows the random forest learns from: its trees are dear.
    pub forest_max_rows: usize,
}

/// What a training can train.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Candidate {
    /// Gradient-boosted trees.
    Boosted,
    /// Logistic regression.
    Logistic,
    /// Logistic regression by FTRL-proximal.
    Online,
    /// Random forest: a challenger that errs elsewhere than boosting.
    Forest,
}

impl Candidate {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Boosted, Self::Logistic, Self::Online, Self::Forest];

    /// The name in settings and of versions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boosted => "boosted",
            Self::Logistic => "logistic",
            Self::Online => "online",
            Self::Forest => "forest",
        }
    }
}

/// Candidates that cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCandidates {
    /// None is named.
    #[error("training.candidates names none; name at least one of boosted, logistic, online, forest")]
    None,
    /// One is named twice.
    #[error("training.candidates names {0} twice")]
    Twice(&'static str),
    /// A hyper-parameter is out of its range.
    #[error("training.{candidate} cannot be used")]
    Parameter {
        /// Whose.
        candidate: &'static str,
        /// What is wrong.
        source: TrainError,
    },
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
            fresh_findings: 0.2,
            max_rows: 6_000,
            boosted: BoostedParams { trees: 80, bags: 1, learning_rate: 0.07, folds: 2, ..BoostedParams::default() },
            logistic: LogisticParams { folds: 2, iterations: 40, tolerance: 1e-3, ..LogisticParams::default() },
            logistic_max_rows: 1_500,
            candidates: vec![Candidate::Boosted, Candidate::Logistic],
            online: OnlineParams { folds: 2, ..OnlineParams::default() },
            online_days: 1,
            forest: ForestParams { folds: 2, ..ForestParams::default() },
            forest_max_rows: 4_000,
        }
    }
}

impl TrainingSettings {
    /// The candidates with the most rows they learn from, in the order in which ties are decided.
    pub fn algorithms(&self) -> Vec<(Algorithm, usize)> {
        let of = |candidate: &Candidate| match candidate {
            Candidate::Boosted => (Algorithm::Boosted(self.boosted.clone()), self.max_rows),
            Candidate::Logistic => {
                (Algorithm::Logistic(self.logistic.clone()), self.logistic_max_rows.min(self.max_rows))
            }
            Candidate::Online => (Algorithm::Online(self.online.clone()), self.max_rows),
            Candidate::Forest => (Algorithm::Forest(self.forest.clone()), self.forest_max_rows.min(self.max_rows)),
        };
        self.candidates.iter().map(of).collect()
    }

    /// Refuses candidates that cannot be trained, before anything is.
    pub fn check(&self) -> Result<(), InvalidCandidates> {
        if self.candidates.is_empty() {
            return Err(InvalidCandidates::None);
        }
        for (at, candidate) in self.candidates.iter().enumerate() {
            if self.candidates[..at].contains(candidate) {
                return Err(InvalidCandidates::Twice(candidate.as_str()));
            }
        }
        for (algorithm, _) in self.algorithms() {
            let candidate = algorithm.as_str();
            algorithm.check().map_err(|source| InvalidCandidates::Parameter { candidate, source })?;
        }
        Ok(())
    }
}
