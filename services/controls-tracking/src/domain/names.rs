//! Wire names of the vocabulary, for columns and labels; a test holds them against serde.

use customs::{Basis, ControlState, Method, ResultStage};

/// Every method.
pub const METHODS: [Method; 5] =
    [Method::Documentary, Method::Physical, Method::Scan, Method::LaboratorySample, Method::Audit];

/// The wire name of a method.
pub fn method(method: Method) -> &'static str {
    match method {
        Method::Documentary => "documentary",
        Method::Physical => "physical",
        Method::Scan => "scan",
        Method::LaboratorySample => "laboratorySample",
        Method::Audit => "audit",
    }
}

/// The wire name of a basis.
pub fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Ordinary => "ordinary",
        Basis::Extraordinary => "extraordinary",
        Basis::PostClearance => "postClearance",
    }
}

const STATES: [(ControlState, &str); 4] = [
    (ControlState::Open, "open"),
    (ControlState::Assigned, "assigned"),
    (ControlState::Resulted, "resulted"),
    (ControlState::Withdrawn, "withdrawn"),
];

/// The wire name of a state.
pub fn state(state: ControlState) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("", |(_, name)| name)
}

/// The state of a wire name.
pub fn parse_state(name: &str) -> Option<ControlState> {
    STATES.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
}

const STAGES: [(ResultStage, &str); 5] = [
    (ResultStage::Preliminary, "preliminary"),
    (ResultStage::Final, "final"),
    (ResultStage::Appealed, "appealed"),
    (ResultStage::Confirmed, "confirmed"),
    (ResultStage::Annulled, "annulled"),
];

/// The wire name of a stage.
pub fn stage(stage: ResultStage) -> &'static str {
    STAGES.iter().find(|(known, _)| *known == stage).map_or("", |(_, name)| name)
}

/// The stage of a wire name.
pub fn parse_stage(name: &str) -> Option<ResultStage> {
    STAGES.iter().find(|(_, known)| *known == name).map(|(stage, _)| *stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        let wire = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for (state, name) in STATES {
            assert_eq!(wire(serde_json::to_value(state).unwrap()), name);
        }
        for (stage, name) in STAGES {
            assert_eq!(wire(serde_json::to_value(stage).unwrap()), name);
        }
        for one in METHODS {
            assert_eq!(wire(serde_json::to_value(one).unwrap()), method(one));
        }
        for one in [Basis::Ordinary, Basis::Extraordinary, Basis::PostClearance] {
            assert_eq!(wire(serde_json::to_value(one).unwrap()), basis(one));
        }
    }
}
