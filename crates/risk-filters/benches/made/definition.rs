//! A filter of a condition, and the catalogue that conditions are written against.

use customs::{FilterId, Method, Timestamp};
use risk_filters::{Catalogue, FilterAction, FilterDefinition, FilterScope, FilterState};

use super::goods::FEATURES;

pub fn catalogue() -> Catalogue {
    Catalogue::standard().with_features(FEATURES)
}

pub fn definition(number: usize, expression: String) -> FilterDefinition {
    let from = Timestamp::from_second(1_760_000_000 + (number % 500) as i64 * 3_600).expect("a moment of this era");
    let code = format!("F{number:05}");
    FilterDefinition {
        id: FilterId::derive(from, &[code.as_bytes()]),
        version: 1,
        code,
        expression,
        area: "value".to_owned(),
        verify: "invoice".to_owned(),
        owner: "analyst".to_owned(),
        action: FilterAction { method: Method::Physical, mandatory: false, weight: 0.1 },
        sampling_share: 1.0,
        valid_from: from,
        valid_to: None,
        scope: FilterScope::National,
        state: FilterState::Active,
        emergency: false,
        risk: None,
    }
}
