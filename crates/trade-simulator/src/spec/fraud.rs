//! The kinds of fraud that traders of this world commit, and what a control calls them.

use customs::FindingKind;
use serde::{Deserialize, Serialize};

/// A kind of fraud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FraudKind {
    /// A value far below what was paid.
    Undervaluation,
    /// The code of neighbouring goods with less duty.
    Misclassification,
    /// A preferential origin that is not the true one.
    Origin,
    /// More than is declared of the same goods.
    Quantity,
    /// Other goods besides the declared ones.
    Undeclared,
    /// One purchase in many small express consignments.
    ExpressSplitting,
    /// Drugs in an export container.
    ContaminatedExport,
    /// Smuggled goods under a cover load.
    Contraband,
}

impl FraudKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Undervaluation,
        Self::Misclassification,
        Self::Origin,
        Self::Quantity,
        Self::Undeclared,
        Self::ExpressSplitting,
        Self::ContaminatedExport,
        Self::Contraband,
    ];

    /// What a control calls it.
    pub fn finding(self) -> FindingKind {
        match self {
            Self::Undervaluation => FindingKind::Undervaluation,
            Self::Misclassification => FindingKind::Misclassification,
            Self::Origin => FindingKind::Origin,
            Self::Quantity => FindingKind::Quantity,
            Self::Undeclared => FindingKind::Undeclared,
            Self::ExpressSplitting => FindingKind::Other,
            Self::ContaminatedExport => FindingKind::Drugs,
            Self::Contraband => FindingKind::Contraband,
        }
    }

    /// The national code of such a finding.
    pub fn national_code(self) -> &'static str {
        match self {
            Self::Undervaluation => "V01",
            Self::Misclassification => "C01",
            Self::Origin => "O01",
            Self::Quantity => "Q01",
            Self::Undeclared => "N01",
            Self::ExpressSplitting => "E04",
            Self::ContaminatedExport => "D01",
            Self::Contraband => "S01",
        }
    }

    /// The relative frequency in the default world.
    pub fn default_weight(self) -> f64 {
        match self {
            Self::Undervaluation => 0.36,
            Self::Misclassification => 0.16,
            Self::Quantity => 0.11,
            Self::Origin | Self::Undeclared => 0.10,
            Self::ExpressSplitting | Self::Contraband => 0.06,
            Self::ContaminatedExport => 0.05,
        }
    }
}

impl std::fmt::Display for FraudKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Undervaluation => "undervaluation",
            Self::Misclassification => "misclassification",
            Self::Origin => "origin",
            Self::Quantity => "quantity",
            Self::Undeclared => "undeclared",
            Self::ExpressSplitting => "express_splitting",
            Self::ContaminatedExport => "contaminated_export",
            Self::Contraband => "contraband",
        })
    }
}
