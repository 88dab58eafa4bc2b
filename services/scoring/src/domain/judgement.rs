//! What the deciding model makes of a declaration's vectors.

use std::sync::{Arc, LazyLock};

use customs::{ItemScore, ModelVersionId};
use features::contract;
use risk_model::Artefact;

/// Items whose scores and vectors are recorded.
const RECORDED_ITEMS: usize = 20;
/// Of these, those that are explained.
const EXPLAINED_ITEMS: usize = 3;
/// Features in an explanation.
const EXPLAINED_FEATURES: usize = 5;

/// Who decides for a direction.
#[derive(Clone, Debug, Default)]
pub enum Champion {
    /// No model was ever routed: the smoothed rate of findings among like goods scores.
    #[default]
    Baseline,
    /// A model.
    Model(ModelVersionId, Arc<Artefact>),
    /// A model that cannot be used here: decisions are degraded.
    Unusable,
}

/// What was made of a declaration.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Scores of the most suspicious items, highest first; empty without a model.
    pub scores: Vec<ItemScore>,
    /// Positions of the most suspicious items, highest first.
    pub recorded: Vec<usize>,
    /// Probability that the declaration hides a finding; none when it could not be judged.
    pub probability: Option<f64>,
    /// How little is known about it, 0 to 1.
    pub novelty: f64,
    /// Areas that moved the score most.
    pub areas: Vec<String>,
}

/// Judges the `vectors` of the items with these `sequences`.
pub fn judge(champion: &Champion, vectors: &[Vec<f32>], sequences: &[u32]) -> Judgement {
    let scores: Vec<f64> = match champion {
        Champion::Baseline => vectors.iter().map(|vector| f64::from(features::baseline_rate(vector))).collect(),
        Champion::Model(_, artefact) => vectors.iter().map(|vector| artefact.score(vector)).collect(),
        Champion::Unusable => return Judgement::default(),
    };
    let probability = match champion {
        Champion::Model(_, artefact) => artefact.declaration_probability(&scores),
        _ => 1.0 - scores.iter().map(|score| 1.0 - score).product::<f64>(),
    };
    let mut recorded: Vec<usize> = (0..scores.len()).collect();
    recorded.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    recorded.truncate(RECORDED_ITEMS);

    let mut judgement = Judgement {
        probability: Some(probability).filter(|probability| probability.is_finite()),
        novelty: vectors.iter().map(|vector| novelty(vector)).fold(0.0, f64::max),
        ..Judgement::default()
    };
    if let Champion::Model(model, artefact) = champion {
        for (place, &item) in recorded.iter().enumerate() {
            let contributions = if place < EXPLAINED_ITEMS {
                artefact.contributions(&vectors[item], EXPLAINED_FEATURES)
            } else {
                Vec::new()
            };
            let sequence = sequences.get(item).copied().unwrap_or_default();
            judgement.scores.push(ItemScore {
                item: sequence,
                model: *model,
                probability: scores[item],
                contributions,
            });
        }
        judgement.areas = judgement.scores.first().map(|first| areas(&first.contributions)).unwrap_or_default();
    }
    judgement.recorded = recorded;
    judgement
}

/// How little is known about goods and trader: what has never been seen or never been examined.
fn novelty(vector: &[f32]) -> f64 {
    static PARTS: LazyLock<Vec<(usize, f64, bool)>> = LazyLock::new(|| {
        [
            ("newTrader", 0.3, false),
            ("newTraderHs4", 0.15, false),
            ("newTraderOrigin", 0.15, false),
            ("newHs6Origin", 0.2, false),
            ("hs6OriginExamined", 0.1, true),
            ("traderExamined", 0.1, true),
        ]
        .into_iter()
        .filter_map(|(name, weight, never)| Some((contract().position(name)?, weight, never)))
        .collect()
    });
    PARTS
        .iter()
        .map(|(position, weight, never)| {
            let value = vector.get(*position).copied().unwrap_or(f32::NAN);
            let holds = if *never { value < 0.5 } else { value > 0.5 };
            if holds { *weight } else { 0.0 }
        })
        .sum()
}

/// The areas of risk behind a score, in words an officer may read: no feature, no number.
fn areas(contributions: &[(String, f64)]) -> Vec<String> {
    let mut areas: Vec<String> = Vec::new();
    for (feature, share) in contributions {
        let name = feature.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        let area = match () {
            () if *share <= 0.0 => continue,
            () if has(&["value", "mass", "priced", "freight"]) => "value",
            () if has(&["origin", "route", "preference"]) => "origin",
            () if has(&["container", "document"]) => "goods",
            () if has(&["hs", "chapter", "tax", "tuple"]) => "classification",
            () => continue,
        };
        if !areas.iter().any(|held| held == area) {
            areas.push(area.to_owned());
        }
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_told_without_features_and_only_for_what_raised_the_score() {
        let contributions = [
            ("logUnitValue".to_owned(), 1.2),
            ("hs6OriginRate".to_owned(), -0.4),
            ("hs6Rate".to_owned(), 0.3),
            ("valueScoreHs6".to_owned(), 0.2),
        ];
        assert_eq!(areas(&contributions), ["value", "classification"]);
    }

    #[test]
    fn a_model_that_cannot_be_used_judges_nothing() {
        let judgement = judge(&Champion::Unusable, &[vec![0.0; 3]], &[1]);
        assert!(judgement.probability.is_none() && judgement.scores.is_empty());
    }

    #[test]
    fn what_nobody_has_seen_is_novel() {
        let mut vector = vec![0.0; contract().names.len()];
        for name in ["traderExamined", "hs6OriginExamined"] {
            vector[contract().position(name).unwrap()] = 12.0;
        }
        assert!(novelty(&vector).abs() < 1e-9);
        for name in ["newTrader", "newTraderHs4", "newTraderOrigin", "newHs6Origin"] {
            vector[contract().position(name).unwrap()] = 1.0;
        }
        assert!((novelty(&vector) - 0.8).abs() < 1e-9);
    }
}
