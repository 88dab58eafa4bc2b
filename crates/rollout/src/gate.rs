//! Gates: a condition under which a candidate is condemned, and one under which it may go on.
//!
//! A gate knows nothing of where its number comes from: new families bring new measurements and change nothing here.
//! What is uncertain is taken at its worse end for passing and at its better end for failing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{measure, observed::Measurement};

/// What a gate guards. For people; the planner treats all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum GateFamily {
    /// Latency and errors.
    Service,
    /// How much of the capacity the candidate takes.
    Capacity,
    /// How its scores are distributed and ranked.
    Prediction,
    /// What it finds.
    Outcome,
    /// What it is given.
    Input,
    /// What it can be estimated to find.
    Estimate,
    /// Whom it burdens.
    Fairness,
}

/// A bound on a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend("x-kubernetes-validations" = [
    {"rule": "has(self.above) != has(self.below)", "message": "give either above or below"}
])))]
pub struct Condition {
    /// The measurement, `outcome.harm`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    #[schema(example = "outcome.harm")]
    pub metric: String,
    /// Holds when it is this or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// Holds when it is this or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
}

impl Condition {
    /// Holds when `metric` is `limit` or more.
    pub fn above(metric: impl Into<String>, limit: f64) -> Self {
        Self { metric: metric.into(), above: Some(limit), below: None }
    }

    /// Holds when `metric` is `limit` or less.
    pub fn below(metric: impl Into<String>, limit: f64) -> Self {
        Self { metric: metric.into(), above: None, below: Some(limit) }
    }

    fn holds(&self, measured: &Measurement) -> bool {
        self.above.is_some_and(|limit| measured.lower.unwrap_or(measured.value) >= limit)
            || self.below.is_some_and(|limit| measured.upper.unwrap_or(measured.value) <= limit)
    }
}

/// What follows a fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum OnFail {
    /// The champion decides everything again, until a person asks for a retry.
    #[default]
    Rollback,
    /// The candidate's share is halved; if it fails on, it is rolled back.
    Throttle,
    /// Nothing moves while it fails.
    Hold,
}

/// What follows a state that is neither pass nor fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum OnOpen {
    /// Wait.
    #[default]
    Hold,
    /// Go on if a person approves.
    Approval,
    /// Go on.
    Advance,
    /// Treat it as a fail: the champion decides everything again.
    Rollback,
}

/// A condition to advance, and one to go back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gate {
    /// Its name, unique in a rollout.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 63)))]
    pub name: String,
    /// What it guards.
    pub family: GateFamily,
    /// Condemns the candidate.
    pub fail: Condition,
    /// Lets it go on; none: whatever does not fail on enough observations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<Condition>,
    /// Observations below which it is immature.
    #[serde(default)]
    pub min_observations: u64,
    /// Age in seconds from which a measurement counts as missing.
    #[serde(default = "hour")]
    pub max_age_seconds: u64,
    /// Steps from this one on are left only when it lets them; it condemns at any. What is measured of the candidate's
    /// decisions is asked for from the first share on.
    #[serde(default)]
    pub required_from_step: u32,
    /// What follows a fail.
    #[serde(default)]
    pub on_fail: OnFail,
    /// What follows when it can neither be passed nor failed.
    #[serde(default)]
    pub on_inconclusive: OnOpen,
    /// What follows too few observations.
    #[serde(default)]
    pub on_immature: OnOpen,
    /// What follows no measurement, or an old one.
    #[serde(default)]
    pub on_missing: OnOpen,
}

fn hour() -> u64 {
    3_600
}

/// Where a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum GateState {
    /// Lets it go on.
    Pass,
    /// Condemns.
    Fail,
    /// Enough was observed, and it tells neither.
    Inconclusive,
    /// Too little was observed.
    Immature,
    /// Nothing was measured, or too long ago.
    Missing,
}

/// Where a gate stands, and on what grounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GateStatus {
    /// The gate.
    pub name: String,
    /// What it guards.
    pub family: GateFamily,
    /// Where it stands.
    pub state: GateState,
    /// The measurement that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measurement>,
    /// In words.
    pub message: String,
}

impl Gate {
    /// Where it stands by these measurements.
    pub fn judge(&self, measurements: &BTreeMap<String, Measurement>, now: Timestamp) -> GateStatus {
        let fresh = |condition: &Condition| {
            let measured = *measurements.get(&condition.metric)?;
            let age = now.duration_since(measured.as_of).as_secs();
            let valid = measured.value.is_finite() || measured.value == f64::INFINITY;
            (valid && age <= self.max_age_seconds as i64).then_some(measured)
        };
        let stand = |state, measured, message| GateStatus {
            name: self.name.clone(),
            family: self.family,
            state,
            measured,
            message,
        };
        let (failing, passing) = (fresh(&self.fail), self.pass.as_ref().map(fresh));
        let Some(failing) = failing else {
            return stand(GateState::Missing, None, format!("{} was not measured lately", self.fail.metric));
        };
        if failing.observations < self.min_observations {
            let message = format!("{} of {} observations", failing.observations, self.min_observations);
            return stand(GateState::Immature, Some(failing), message);
        }
        if self.fail.holds(&failing) {
            let message = format!("{} is {:.4}", self.fail.metric, failing.value);
            return stand(GateState::Fail, Some(failing), message);
        }
        match (&self.pass, passing) {
            (Some(pass), Some(None)) => {
                stand(GateState::Missing, Some(failing), format!("{} was not measured lately", pass.metric))
            }
            (Some(pass), Some(Some(measured))) if measured.observations < self.min_observations => {
                let message =
                    format!("{}: {} of {} observations", pass.metric, measured.observations, self.min_observations);
                stand(GateState::Immature, Some(measured), message)
            }
            (Some(pass), Some(Some(measured))) if !pass.holds(&measured) => {
                let message = format!("{} is {:.4}", pass.metric, measured.value);
                stand(GateState::Inconclusive, Some(measured), message)
            }
            (Some(pass), Some(Some(measured))) => {
                stand(GateState::Pass, Some(measured), format!("{} is {:.4}", pass.metric, measured.value))
            }
            _ => stand(GateState::Pass, Some(failing), format!("{} is {:.4}", self.fail.metric, failing.value)),
        }
    }

    /// Whether it looks at what the candidate decides, and so at nothing while that is only in the shadow.
    pub(crate) fn of_decisions(&self) -> bool {
        std::iter::once(&self.fail).chain(&self.pass).any(|condition| measure::of_decisions(&condition.metric))
    }

    /// What follows a state that is neither pass nor fail.
    pub fn open_policy(&self, state: GateState) -> OnOpen {
        match state {
            GateState::Inconclusive => self.on_inconclusive,
            GateState::Immature => self.on_immature,
            GateState::Missing => self.on_missing,
            GateState::Pass => OnOpen::Advance,
            GateState::Fail => OnOpen::Hold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn gate() -> Gate {
        Gate {
            name: "outcome".into(),
            family: GateFamily::Outcome,
            fail: Condition::above("outcome.harm", 20.0),
            pass: Some(Condition::above("outcome.benefit", 20.0)),
            min_observations: 10,
            max_age_seconds: 60,
            required_from_step: 0,
            on_fail: OnFail::Rollback,
            on_inconclusive: OnOpen::Hold,
            on_immature: OnOpen::Hold,
            on_missing: OnOpen::Hold,
        }
    }

    fn state(harm: f64, benefit: f64, n: u64, now: i64) -> GateState {
        let measured = |value| Measurement { value, lower: None, upper: None, observations: n, as_of: at(0) };
        let all = [("outcome.harm".to_owned(), measured(harm)), ("outcome.benefit".to_owned(), measured(benefit))];
        gate().judge(&all.into_iter().collect(), at(now)).state
    }

    #[test]
    fn a_gate_has_five_states() {
        assert_eq!(state(1.0, 25.0, 10, 60), GateState::Pass);
        assert_eq!(state(25.0, 25.0, 10, 60), GateState::Fail);
        assert_eq!(state(1.0, 1.0, 10, 60), GateState::Inconclusive);
        assert_eq!(state(25.0, 1.0, 9, 60), GateState::Immature);
        assert_eq!(state(1.0, 25.0, 10, 61), GateState::Missing);
        assert_eq!(gate().judge(&BTreeMap::new(), at(0)).state, GateState::Missing);
        assert_eq!(state(f64::NAN, 25.0, 10, 0), GateState::Missing);
    }

    #[test]
    fn what_is_uncertain_neither_fails_nor_passes() {
        let gate = Gate { fail: Condition::above("x", 0.2), pass: Some(Condition::below("x", 0.2)), ..gate() };
        let state = |lower, upper| {
            let measured =
                Measurement { value: 0.2, lower: Some(lower), upper: Some(upper), observations: 10, as_of: at(0) };
            gate.judge(&[("x".to_owned(), measured)].into_iter().collect(), at(0)).state
        };
        assert_eq!(state(0.1, 0.3), GateState::Inconclusive);
        assert_eq!(state(0.25, 0.3), GateState::Fail);
        assert_eq!(state(0.1, 0.15), GateState::Pass);
    }
}
