//! A feature and its value in words that an officer may read.

use std::collections::HashMap;
use std::sync::LazyLock;

use features::FeatureType;
use features::contract::{CatalogueEntry, catalogue};

/// A feature with its value, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What the feature says, from the catalogue, in English; its name when the catalogue does not know it.
    pub label: String,
    /// The same in Spanish.
    pub label_es: String,
    /// The value as text.
    pub value: String,
}

/// The words for `value` of the feature `name`.
pub fn words(name: &str, value: Option<f32>) -> Words {
    static CATALOGUE: LazyLock<HashMap<&'static str, CatalogueEntry>> =
        LazyLock::new(|| catalogue().into_iter().map(|entry| (entry.name, entry)).collect());
    let entry = CATALOGUE.get(name);
    let label = entry.map_or_else(|| name.to_owned(), |entry| entry.label.en.clone());
    let label_es = entry.map_or_else(|| name.to_owned(), |entry| entry.label.es.clone());
    let value = match (value, entry) {
        (None, _) => "not known".to_owned(),
        (Some(value), Some(entry)) => typed(f64::from(value), entry.kind, entry.unit),
        (Some(value), None) => number(f64::from(value)),
    };
    Words { label, label_es, value }
}

fn typed(value: f64, kind: FeatureType, unit: &str) -> String {
    let with = |number: String, unit: &str| if unit.is_empty() { number } else { format!("{number} {unit}") };
    match kind {
        FeatureType::Share => format!("{} %", number(100.0 * value)),
        FeatureType::Flag => if value > 0.5 { "yes" } else { "no" }.to_owned(),
        FeatureType::Number if unit.starts_with("ln of ") => {
            with(number(value.exp()), unit.trim_start_matches("ln of "))
        }
        FeatureType::Number | FeatureType::Count => with(number(value), if unit == "percent" { "%" } else { unit }),
        FeatureType::Code => number(value),
    }
}

/// Three digits that count, and all digits before the point.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_in_their_unit() {
        let told = |name, value| words(name, Some(value)).value;
        assert_eq!(told("hs4Rate", 0.3125), "31.2 %");
        assert_eq!(told("newTrader", 1.0), "yes");
        assert_eq!(told("logValue", 1_000_f32.ln()), "1000 currency");
        assert_eq!(told("hs6Examined", 12.0), "12 examinations");
        assert_eq!(words("hs4Rate", None).value, "not known");
        let unknown = words("ofAnotherContract", Some(0.5));
        assert_eq!((unknown.label.as_str(), unknown.value.as_str()), ("ofAnotherContract", "0.500"));
    }

    #[test]
    fn every_feature_has_a_label() {
        for entry in catalogue() {
            let words = words(entry.name, Some(1.0));
            assert!(words.label.len() > 3 && words.label_es.len() > 3, "{}", entry.name);
        }
    }
}
