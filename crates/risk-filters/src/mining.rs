//! Conditions that results suggest: subgroup discovery over examined items, as drafts for an analyst.
//!
//! Rows are examined items with what was found. Half of the declarations (by a keyed hash of their names, so that the
//! items of one stay together) are searched: a beam search over equalities and thresholds, to a depth of three. A search
//! tries thousands of conditions, so its own figures flatter what it found; they are thrown away. The few best are then
//! judged on the other half alone, which no choice has seen: a one-sided exact test of the yield within against the
//! yield outside, on effective counts where rows were selected with unequal probabilities, corrected by Holm's method
//! for the number that came so far. Rows whose probability of selection nobody logged are compared with their like
//! (`groups`). The chance of proposing anything at all when nothing is there stays below
//! [`Settings::level`]. Yields and intervals are those of the second half.
//!
//! What it cannot know: goods that were never examined, and whether a pattern is a cause. A proposal is a draft.

mod confirm;
mod groups;
mod search;
mod table;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Catalogue, ConditionTree, TreeError, weighted::Estimate};
pub use table::{Examples, UnknownField};

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Most tests of a condition.
    pub depth: usize,
    /// Conditions that each step goes on from.
    pub beam: usize,
    /// Fewest rows that a condition must match in the half that is searched, counted as rows that weigh alike (Kish).
    pub least_support: usize,
    /// Most conditions that are judged on the other half: the fewer, the more each can prove.
    pub judged: usize,
    /// Chance of proposing anything when nothing is there.
    pub level: f64,
    /// Decides which half a declaration is in.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { depth: 3, beam: 40, least_support: 30, judged: 20, level: 0.05, seed: 0 }
    }
}

/// A condition that results suggest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// The condition.
    pub condition: ConditionTree,
    /// The same as text.
    pub expression: String,
    /// Rows it matches, of both halves.
    pub support: u64,
    /// Of these, with findings.
    pub found: u64,
    /// Yield where it matches, in the half that it was not found in.
    #[serde(rename = "yield")]
    pub yield_of_matches: Estimate,
    /// Yield elsewhere, in the same half, of rows in the same mixture of known and unknown probabilities of selection.
    pub yield_of_rest: Estimate,
    /// Probability of a difference like this without any, corrected for the conditions that were judged.
    pub p_value: f64,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mined {
    /// Rows looked at.
    pub rows: u64,
    /// Of these, rows whose probability of selection nobody logged: compared among themselves.
    #[serde(default)]
    pub without_probability: u64,
    /// Conditions tried in the search.
    pub tried: u64,
    /// Conditions judged on the other half.
    pub judged: u64,
    /// What is left, the strongest evidence first.
    pub proposals: Vec<Proposal>,
}

/// Searches `examples`. The same examples and settings give the same proposals.
pub fn mine(examples: &Examples, catalogue: &Catalogue, settings: &Settings) -> Result<Mined, TreeError> {
    let (searched, other) = examples.halves(settings.seed);
    let (candidates, tried) = search::search(examples, &searched, settings);
    let confirmed = confirm::confirm(examples, &other, &candidates, settings.level);
    let mut proposals = Vec::with_capacity(confirmed.len());
    for judged in confirmed {
        let condition = examples.tree(&judged.candidate.tests);
        let expression = condition.to_expression(catalogue)?;
        let (support, found) = examples.counts(&judged.candidate.tests);
        proposals.push(Proposal {
            condition,
            expression,
            support,
            found,
            yield_of_matches: judged.within,
            yield_of_rest: judged.outside,
            p_value: judged.p_value,
        });
    }
    Ok(Mined {
        rows: examples.len() as u64,
        without_probability: examples.without_probability() as u64,
        tried,
        judged: candidates.len() as u64,
        proposals,
    })
}

#[cfg(test)]
mod tests;
