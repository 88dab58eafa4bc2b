//! Which arm a declaration belongs to: a keyed hash, the same for whoever asks, at any time, in any order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Hundredths of a percent in the whole.
pub const WHOLE: u16 = 10_000;

/// What is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum AssignmentKey {
    /// The consignment: each declaration on its own, its amendments with it.
    #[default]
    Consignment,
    /// The importer: all that one trader lodges has the same arm.
    Importer,
    /// The declarant.
    Declarant,
}

/// How declarations are assigned. Fixed once a rollout has started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assignment {
    /// What is hashed.
    #[serde(default)]
    pub key: AssignmentKey,
    /// Hashed with it, so that two rollouts do not share their arms.
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    #[serde(default)]
    pub salt: String,
}

/// The place of `value` between 0 and 9,999: the candidate has those below its weight in hundredths of a percent. A
/// greater weight keeps everyone who was with the candidate before.
pub fn bucket(salt: &str, value: &str) -> u16 {
    let mut hasher = blake3::Hasher::new_derive_key("aforo rollout arm v1");
    hasher.update(&(salt.len() as u64).to_le_bytes());
    hasher.update(salt.as_bytes());
    hasher.update(value.as_bytes());
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    (u64::from_le_bytes(bytes) % u64::from(WHOLE)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_are_even_and_depend_on_the_salt() {
        let below = |salt: &str| (0..20_000).filter(|n| bucket(salt, &n.to_string()) < 2_500).count();
        assert!((4_750..5_250).contains(&below("a")), "{}", below("a"));
        let same = (0..2_000).filter(|n| bucket("a", &n.to_string()) == bucket("b", &n.to_string())).count();
        assert!(same < 10);
        assert_eq!(bucket("a", "x"), bucket("a", "x"));
    }
}
