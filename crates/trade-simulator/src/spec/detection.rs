//! How likely a method is to see what is there. Examinations are imperfect; they invent nothing.

use std::collections::BTreeMap;

use customs::Method;
use serde::{Deserialize, Deserializer, Serialize};

use super::{FraudKind, SpecError, within};

/// Probability that an examination of everything detects an offence, by method.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodDetection {
    /// Examining the goods.
    pub physical: f64,
    /// Examining the documents.
    pub documentary: f64,
    /// A scanner image.
    pub scan: f64,
    /// A laboratory sample.
    pub laboratory_sample: f64,
    /// The books, after release.
    pub audit: f64,
}

impl MethodDetection {
    /// Of nothing.
    pub const NONE: Self = Self::new(0.0, 0.0, 0.0, 0.0, 0.0);
    /// Of every kind alike, in the null world.
    pub const INDIFFERENT: Self = Self::new(0.9, 0.3, 0.3, 0.3, 0.3);

    const fn new(physical: f64, documentary: f64, scan: f64, laboratory_sample: f64, audit: f64) -> Self {
        Self { physical, documentary, scan, laboratory_sample, audit }
    }

    /// The built-in values for `kind`.
    pub fn of(kind: FraudKind) -> Self {
        match kind {
            FraudKind::Undervaluation => Self::new(0.87, 0.30, 0.02, 0.10, 0.80),
            FraudKind::Misclassification => Self::new(0.92, 0.45, 0.15, 0.85, 0.60),
            FraudKind::Origin => Self::new(0.86, 0.50, 0.02, 0.20, 0.70),
            FraudKind::Quantity => Self::new(0.95, 0.20, 0.50, 0.05, 0.40),
            FraudKind::Undeclared => Self::new(0.95, 0.12, 0.60, 0.05, 0.30),
            FraudKind::ExpressSplitting => Self::new(0.88, 0.40, 0.05, 0.02, 0.50),
            FraudKind::ContaminatedExport => Self::new(0.85, 0.05, 0.55, 0.10, 0.02),
            FraudKind::Contraband => Self::new(0.93, 0.15, 0.60, 0.10, 0.20),
        }
    }

    /// The probability for `method`.
    pub fn by(&self, method: Method) -> f64 {
        match method {
            Method::Physical => self.physical,
            Method::Documentary => self.documentary,
            Method::Scan => self.scan,
            Method::LaboratorySample => self.laboratory_sample,
            Method::Audit => self.audit,
        }
    }

    pub(super) fn validate(&self, kind: FraudKind) -> Result<(), SpecError> {
        for (method, value) in [
            ("physical", self.physical),
            ("documentary", self.documentary),
            ("scan", self.scan),
            ("laboratory_sample", self.laboratory_sample),
            ("audit", self.audit),
        ] {
            within(&format!("detection.{kind}.{method}"), value, 0.0..=1.0, "between 0 and 1")?;
        }
        Ok(())
    }
}

/// What a file says of one kind; the rest keeps the built-in values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    physical: Option<f64>,
    documentary: Option<f64>,
    scan: Option<f64>,
    laboratory_sample: Option<f64>,
    audit: Option<f64>,
}

/// The built-in values of every kind.
pub(super) fn built_in() -> BTreeMap<FraudKind, MethodDetection> {
    FraudKind::ALL.into_iter().map(|kind| (kind, MethodDetection::of(kind))).collect()
}

/// The built-in values with those of the file over them.
pub(super) fn overlaid<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<FraudKind, MethodDetection>, D::Error> {
    let mut all = built_in();
    for (kind, given) in BTreeMap::<FraudKind, Given>::deserialize(deserializer)? {
        let of = MethodDetection::of(kind);
        all.insert(
            kind,
            MethodDetection {
                physical: given.physical.unwrap_or(of.physical),
                documentary: given.documentary.unwrap_or(of.documentary),
                scan: given.scan.unwrap_or(of.scan),
                laboratory_sample: given.laboratory_sample.unwrap_or(of.laboratory_sample),
                audit: given.audit.unwrap_or(of.audit),
            },
        );
    }
    Ok(all)
}
