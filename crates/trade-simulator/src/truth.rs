//! What a declaration hides. Nobody but the simulator and its evaluation ever sees it.

use customs::{FindingKind, Method};
use serde::{Deserialize, Serialize};

use crate::spec::{FraudKind, MethodDetection};

/// The truth about one declaration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// What a control would call the offence; none for an honest declaration.
    pub kind: Option<FindingKind>,
    /// The fraud behind it.
    pub fraud: Option<FraudKind>,
    /// Sequences of the items concerned; 0 for goods that belong to no declared item.
    pub items: Vec<u32>,
    /// Duty and taxes that would be lost, in US dollars. Zero for an honest declaration and for goods that bear no duty.
    pub duty_at_stake: f64,
    /// Probability of detection by an examination of everything, by method. All zero for an honest declaration.
    pub detection: MethodDetection,
    /// P(offence | what the declaration and the past of its trader show): the best score there can be.
    pub bayes_score: f64,
}

impl Truth {
    /// Whether there is an offence.
    pub fn is_offence(&self) -> bool {
        self.fraud.is_some()
    }

    /// Probability that an examination of everything by `method` detects an offence.
    pub fn detection_probability(&self, method: Method) -> f64 {
        self.detection.by(method)
    }
}
