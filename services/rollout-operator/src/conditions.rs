//! Conditions of a status: a time changes only with the state it belongs to, so that a status at rest stays the same.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// What a condition says.
#[derive(Clone, Debug)]
pub struct Says {
    /// Its type.
    pub type_: &'static str,
    /// True, false, or none for unknown.
    pub state: Option<bool>,
    /// One stable word.
    pub reason: String,
    /// In words.
    pub message: String,
}

impl Says {
    /// A condition.
    pub fn new(type_: &'static str, state: Option<bool>, reason: &str, message: impl Into<String>) -> Self {
        Self { type_, state, reason: reason.to_owned(), message: message.into() }
    }
}

/// The conditions that `says` makes of those of `before`.
pub fn conditions(before: &[Condition], says: Vec<Says>, generation: i64, now: Timestamp) -> Vec<Condition> {
    says.into_iter()
        .map(|says| {
            let status = match says.state {
                Some(true) => "True",
                Some(false) => "False",
                None => "Unknown",
            };
            let held = before.iter().find(|held| held.type_ == says.type_ && held.status == status);
            Condition {
                type_: says.type_.to_owned(),
                status: status.to_owned(),
                reason: says.reason,
                message: says.message.chars().take(1_024).collect(),
                observed_generation: Some(generation),
                last_transition_time: held.map_or(Time(now), |held| held.last_transition_time.clone()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_changes_only_with_its_state() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let ready = |state, words: &str| vec![Says::new("Ready", state, "Why", words)];
        let first = conditions(&[], ready(Some(true), "a"), 1, at(1));
        let second = conditions(&first, ready(Some(true), "b"), 1, at(2));
        assert_eq!((second[0].last_transition_time.clone(), second[0].message.as_str()), (Time(at(1)), "b"));
        let third = conditions(&second, ready(None, "c"), 1, at(3));
        assert_eq!((third[0].status.as_str(), third[0].last_transition_time.clone()), ("Unknown", Time(at(3))));
    }
}
