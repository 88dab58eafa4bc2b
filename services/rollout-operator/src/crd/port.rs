//! `PortWorkload`: how much scoring an office, or a group of offices, gets.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How scoring scales for some offices.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aforo.io",
    version = "v1alpha1",
    kind = "PortWorkload",
    plural = "portworkloads",
    shortname = "pw",
    category = "aforo",
    namespaced,
    status = "PortWorkloadStatus",
    printcolumn = r#"{"name":"Pool","type":"string","jsonPath":".spec.pool"}"#,
    printcolumn = r#"{"name":"Current","type":"integer","jsonPath":".status.current"}"#,
    printcolumn = r#"{"name":"Desired","type":"integer","jsonPath":".status.desired"}"#,
    printcolumn = r#"{"name":"Backlog","type":"integer","jsonPath":".status.backlog"}"#,
    printcolumn = r#"{"name":"Reason","type":"string","jsonPath":".status.reason"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Channel-ms","type":"integer","jsonPath":".status.channelMs","priority":1}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "self.minReplicas <= self.maxReplicas", "message": "minReplicas is more than maxReplicas"},
    {"rule": "!has(self.fallbackReplicas) || (self.fallbackReplicas >= self.minReplicas && self.fallbackReplicas <= self.maxReplicas)",
     "message": "fallbackReplicas is not between minReplicas and maxReplicas"}
]))]
pub struct PortWorkloadSpec {
    /// The offices.
    pub offices: Offices,
    /// Whether they share scorers with others or have their own.
    #[serde(default)]
    pub pool: Pool,
    /// Fewest scorers.
    #[schemars(range(min = 0, max = 200))]
    #[serde(default = "one")]
    pub min_replicas: i32,
    /// Most scorers.
    #[schemars(range(min = 1, max = 200))]
    #[serde(default = "four")]
    pub max_replicas: i32,
    /// What scorers are added for.
    #[serde(default)]
    pub target: ScaleTarget,
    /// Times that need more: working hours.
    #[schemars(length(max = 32))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<ScheduleEntry>,
    /// Vessels that are expected.
    #[schemars(length(max = 64))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vessels: Vec<Vessel>,
    /// Who is served first when nodes are short: the name of a PriorityClass.
    #[schemars(length(max = 253))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Scorers while the backlog is unknown and nothing was known before; minReplicas when absent.
    #[schemars(range(min = 0, max = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_replicas: Option<i32>,
}

fn one() -> i32 {
    1
}

fn four() -> i32 {
    4
}

/// Which offices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {"rule": "has(self.codes) != has(self.prefix)", "message": "name the offices by codes or by a prefix"}
]))]
pub struct Offices {
    /// Their codes.
    #[schemars(length(min = 1, max = 64), inner(length(min = 1, max = 16)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<String>>,
    /// All whose code begins so.
    #[schemars(length(min = 1, max = 16))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// Whose scorers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Pool {
    /// Those of everybody.
    #[default]
    Shared,
    /// Their own.
    Dedicated,
}

/// What scorers are added for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaleTarget {
    /// The oldest declaration without a channel is to be younger (seconds).
    #[schemars(range(min = 1, max = 3600))]
    pub oldest_age_seconds: u32,
    /// Declarations without a channel per scorer.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub backlog_per_replica: u32,
}

impl Default for ScaleTarget {
    fn default() -> Self {
        Self { oldest_age_seconds: 5, backlog_per_replica: 500 }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// A time of the week that needs more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleEntry {
    /// The days; empty: every day.
    #[schemars(length(max = 7))]
    #[serde(default)]
    pub days: Vec<Weekday>,
    /// From then on, `07:00`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: String,
    /// Until before then, `19:00`; earlier than `from`: of the next day.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub until: String,
    /// The time zone, `America/Lima`.
    #[schemars(length(min = 1, max = 64))]
    pub time_zone: String,
    /// Fewest scorers in that time.
    #[schemars(range(min = 0, max = 200))]
    pub min_replicas: i32,
}

/// A vessel that is expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Vessel {
    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// From then on its declarations are expected.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// Until then.
    #[schemars(extend("format" = "date-time"))]
    pub until: String,
    /// Fewest scorers in that time.
    #[schemars(range(min = 0, max = 200))]
    pub min_replicas: i32,
}

/// Who sets the number of scorers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Scaling {
    /// Nobody: the fewest.
    None,
    /// A HorizontalPodAutoscaler, by processor time.
    Hpa,
    /// A KEDA ScaledObject, by the length of the stream.
    Keda,
    /// The operator, by the same figure.
    #[default]
    Operator,
}

/// What the scorers of some offices do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PortWorkloadStatus {
    /// The generation that this speaks of.
    pub observed_generation: i64,
    /// The Deployment that scores for them.
    #[schemars(length(max = 253))]
    pub deployment: String,
    /// The shard that their declarations are in.
    #[schemars(length(max = 63))]
    pub shard: String,
    /// Scorers that there are.
    pub current: i32,
    /// Scorers that there are to be.
    pub desired: i32,
    /// Why so many, one stable word.
    #[schemars(length(max = 63))]
    pub reason: String,
    /// Declarations without a channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog: Option<u64>,
    /// Age of that figure (seconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog_age_seconds: Option<u64>,
    /// Time from lodgement to channel, median of late (milliseconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_ms: Option<u64>,
    /// Conditions.
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}
