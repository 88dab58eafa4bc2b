//! The contract of a vector: names, types and a hash that changes when any of them does.

use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;

use crate::definitions::DEFINITIONS;
pub use crate::definitions::{Label, Lineage, StateSource};

/// What a feature's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FeatureType {
    /// A number on a scale.
    Number,
    /// A whole number of things.
    Count,
    /// Between 0 and 1.
    Share,
    /// 0 or 1.
    Flag,
    /// One of few codes.
    Code,
}

/// What a vector consists of.
#[derive(Debug)]
pub struct FeatureContract {
    /// Names in the order of the vector.
    pub names: Vec<&'static str>,
    /// Types in the same order.
    pub types: Vec<FeatureType>,
    /// BLAKE3 of version, names, types and units, hex.
    pub hash: String,
}

/// Raised when the meaning of a feature changes under the same name.
const VERSION: u32 = 2;

/// The contract of the vectors that this program computes.
pub fn contract() -> &'static FeatureContract {
    static CONTRACT: LazyLock<FeatureContract> = LazyLock::new(|| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&VERSION.to_le_bytes());
        for definition in DEFINITIONS.iter() {
            hasher.update(format!("{}|{:?}|{};", definition.name, definition.kind, definition.unit).as_bytes());
        }
        FeatureContract {
            names: DEFINITIONS.iter().map(|definition| definition.name.as_str()).collect(),
            types: DEFINITIONS.iter().map(|definition| definition.kind).collect(),
            hash: hasher.finalize().to_hex().to_string(),
        }
    });
    &CONTRACT
}

impl FeatureContract {
    /// Position of the feature `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| *other == name)
    }
}

/// One line of the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueEntry {
    /// Name.
    pub name: &'static str,
    /// Type.
    #[serde(rename = "type")]
    pub kind: FeatureType,
    /// Unit, empty when it has none.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// The same for forms and reports, in both languages.
    pub label: &'static Label,
    /// What it is computed from, in one line.
    pub lineage: &'static str,
    /// What it is computed from: event, state, field.
    pub sources: &'static Lineage,
    /// Models that use it, by name; empty unless the catalogue was made with them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
}

/// The features with what they mean and where they come from, in the order of the vector.
pub fn catalogue() -> Vec<CatalogueEntry> {
    let entry = |definition: &'static crate::definitions::Definition| CatalogueEntry {
        name: &definition.name,
        kind: definition.kind,
        unit: definition.unit,
        description: &definition.description,
        label: &definition.label,
        lineage: &definition.origin,
        sources: &definition.lineage,
        models: Vec::new(),
    };
    DEFINITIONS.iter().map(entry).collect()
}

/// The catalogue with the models that use each feature: pairs of a model's name and the features it uses. The end of
/// the lineage: event → state → feature → model.
pub fn catalogue_with<'m>(models: impl IntoIterator<Item = (&'m str, &'m [String])>) -> Vec<CatalogueEntry> {
    let mut entries = catalogue();
    for (model, features) in models {
        for feature in features {
            if let Some(entry) = contract().position(feature).and_then(|at| entries.get_mut(at)) {
                entry.models.push(model.to_owned());
            }
        }
    }
    entries
}

/// The values of a vector by name; missing ones are NaN.
pub fn item_values(vector: &[f32]) -> impl Iterator<Item = (&'static str, f32)> + '_ {
    contract().names.iter().copied().zip(vector.iter().copied())
}
