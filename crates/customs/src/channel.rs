//! The channel: a label that says how much control a declaration gets at clearance.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Green, orange or red (Spanish: *canal verde, naranja, rojo*), in the order of rising control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Channel {
    /// No documentary or physical control at clearance. Release is another event.
    Green,
    /// Documents are examined.
    Orange,
    /// Goods are examined.
    Red,
}

impl Channel {
    /// Every channel, in the order of rising control.
    pub const ALL: [Self; 3] = [Self::Green, Self::Orange, Self::Red];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
