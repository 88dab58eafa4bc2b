//! What the deciding model makes of a declaration's vectors.

use std::sync::Arc;

use customs::{ItemScore, ModelVersionId, Novelty};
use risk_model::Artefact;

use super::novelty::{self, Past};

/// Items whose scores and vectors are recorded.
const RECORDED_ITEMS: usize = 20;
/// Of these, the most that are explained.
const EXPLAINED_ITEMS: usize = 5;
/// Share of the suspicion that the explained items make up together, at least.
const EXPLAINED_SUSPICION: f64 = 0.8;
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
    /// How many of these drive the probability.
    pub drivers: usize,
    /// These with their probabilities.
    pub suspects: Vec<(usize, f64)>,
    /// Probability that the declaration hides a finding; none when it could not be judged.
    pub probability: Option<f64>,
    /// How little is known about it, 0 to 1.
    pub novelty: f64,
    /// What is new about it, where that is much.
    pub flag: Option<Novelty>,
    /// Areas that moved the score most.
    pub areas: Vec<String>,
}

/// Judges the `vectors` of the items with these `sequences`, after a `past` so long.
pub fn judge(champion: &Champion, vectors: &[Vec<f32>], sequences: &[u32], past: Past) -> Judgement {
    let Some((scores, probability)) = scored(champion, vectors) else { return Judgement::default() };
    let mut recorded: Vec<usize> = (0..scores.len()).collect();
    recorded.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    recorded.truncate(RECORDED_ITEMS);

    let suspicion = |at: &usize| -(1.0 - scores[*at].clamp(0.0, 1.0 - 1e-9)).ln();
    let together: f64 = (0..scores.len()).map(|at| suspicion(&at)).sum();
    let mut explained = 0.0;
    let driving = recorded.iter().take(EXPLAINED_ITEMS).take_while(|at| {
        let more = explained < EXPLAINED_SUSPICION * together;
        explained += suspicion(at);
        more
    });
    let drivers = driving.count();

    let (novelty, flag) = novelty::judge(vectors, past);
    let mut judgement = Judgement { probability, novelty, flag, ..Judgement::default() };
    if let Champion::Model(model, artefact) = champion {
        for (place, &item) in recorded.iter().enumerate() {
            // The areas come from the first item; the others are explained once it is known that anybody will look.
            let contributions = match place {
                0 => artefact.contributions(&vectors[item], EXPLAINED_FEATURES),
                _ => Vec::new(),
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
    judgement.suspects = judgement.recorded[..drivers].iter().map(|at| (*at, scores[*at])).collect();
    judgement.drivers = drivers;
    judgement
}

/// The score of each item, and the probability that the declaration hides a finding; none without a usable model.
fn scored(champion: &Champion, vectors: &[Vec<f32>]) -> Option<(Vec<f64>, Option<f64>)> {
    let scores: Vec<f64> = match champion {
        Champion::Baseline => vectors.iter().map(|vector| f64::from(features::baseline_rate(vector))).collect(),
        Champion::Model(_, artefact) => vectors.iter().map(|vector| artefact.score(vector)).collect(),
        Champion::Unusable => return None,
    };
    let probability = match champion {
        Champion::Model(_, artefact) => artefact.declaration_probability(&scores),
        _ => 1.0 - scores.iter().map(|score| 1.0 - score).product::<f64>(),
    };
    Some((scores, Some(probability).filter(|probability| probability.is_finite())))
}

/// The probability that a declaration with these `vectors` hides a finding, for one who only looks on.
pub fn probability(champion: &Champion, vectors: &[Vec<f32>]) -> Option<f64> {
    scored(champion, vectors).and_then(|(_, probability)| probability)
}

impl Judgement {
    /// Explains every item that drives the probability.
    pub fn explain(&mut self, champion: &Champion, vectors: &[Vec<f32>]) {
        let Champion::Model(_, artefact) = champion else { return };
        for (score, &item) in self.scores.iter_mut().zip(&self.recorded).take(self.drivers) {
            if let (true, Some(vector)) = (score.contributions.is_empty(), vectors.get(item)) {
                score.contributions = artefact.contributions(vector, EXPLAINED_FEATURES);
            }
        }
    }

    /// Positions of the items that drive the probability.
    pub fn driving(&self) -> &[usize] {
        &self.recorded[..self.drivers.min(self.recorded.len())]
    }
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
            () if has(&["container", "document"]) || name.starts_with("lot") => "goods",
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
        let judgement = judge(&Champion::Unusable, &[vec![0.0; 3]], &[1], Past::Examined);
        assert!(judgement.probability.is_none() && judgement.scores.is_empty());
    }
}
