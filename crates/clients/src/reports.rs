//! Reports of a period.

use customs::Timestamp;
use serde_json::Value;

use crate::{Client, ClientError};

/// The reports there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The figures at a glance.
    Summary,
    /// How many got which channel.
    Channels,
    /// What was found.
    Findings,
    /// What the green hid, with its interval.
    GreenNonCompliance,
    /// How long goods waited.
    ReleaseTimes,
}

impl Report {
    /// The name in the path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Channels => "channels",
            Self::Findings => "findings",
            Self::GreenNonCompliance => "green-non-compliance",
            Self::ReleaseTimes => "release-times",
        }
    }
}

impl Client {
    /// A report of the declarations from `from` until before `to`.
    pub async fn report(
        &self,
        report: Report,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Value, ClientError> {
        let query = [("from", from.map(|at| at.to_string())), ("to", to.map(|at| at.to_string()))];
        self.get(&format!("/v1/reports/{}", report.as_str()), &query).await
    }
}
