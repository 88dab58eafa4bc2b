//! What the messages say.

use customs::{
    Channel, Control, ControlId, Declaration, DeclarationId, Direction, ItemVector, ModelVersionId, Note,
    PackedVectors, ResultVersion, Selection, SelectionId,
};
use jiff::Timestamp;
use risk_filters::{FilterDefinition, FilterList};
use selection::CapacityPlan;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// A message body with its name and version.
pub trait Payload: Serialize + DeserializeOwned + ToSchema {
    /// Past tense, `subject.verb`.
    const NAME: &'static str;
    /// Version of the shape.
    const VERSION: u16;
}

macro_rules! payload {
    ($type:ty, $name:literal, $version:literal) => {
        impl Payload for $type {
            const NAME: &'static str = $name;
            const VERSION: u16 = $version;
        }
    };
}

/// A declaration version is stored: version 1 is a lodgement, a higher one an amendment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationAccepted {
    /// The declaration.
    pub id: DeclarationId,
    /// Its version, from 1.
    pub version: u32,
    /// What the keyed draws hash.
    pub consignment_key: String,
    /// When this version was accepted (domain time).
    pub accepted_at: Timestamp,
    /// When it was received (process time, Unix milliseconds).
    pub received_at_ms: i64,
    /// When the goods arrived, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<Timestamp>,
    /// Recorded from the incumbent system's past: never decided, never used by unbiased estimators.
    #[serde(default)]
    pub history: bool,
    /// What was lodged.
    pub declaration: Declaration,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Told by an earlier version to the trader: automation may only raise it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_channel: Option<Channel>,
}
payload!(DeclarationAccepted, "declaration.accepted", 1);

/// A declaration is withdrawn.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationCancelled {
    /// The declaration.
    pub id: DeclarationId,
    /// The version that was in force.
    pub version: u32,
    /// When (domain time).
    pub cancelled_at: Timestamp,
    /// Why.
    pub reason: String,
}
payload!(DeclarationCancelled, "declaration.cancelled", 1);

/// What happened to the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Movement {
    /// The means of transport arrived.
    Arrived,
    /// The goods were presented for examination.
    Presented,
    /// The goods may leave (Spanish: *levante*).
    Released,
}

/// The goods of a declaration arrived, were presented, or were released.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationMoved {
    /// The declaration.
    pub id: DeclarationId,
    /// What happened.
    pub movement: Movement,
    /// When (domain time).
    pub at: Timestamp,
}
payload!(DeclarationMoved, "declaration.moved", 1);

/// The few facts of a declaration that every listener needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationSummary {
    /// When the version was accepted (domain time).
    pub accepted_at: Timestamp,
    /// Direction.
    pub direction: customs::Direction,
    /// National procedure code.
    pub regime: String,
    /// Advance, urgent or deferred.
    pub modality: customs::Modality,
    /// Full, simplified or express.
    pub form: customs::Form,
    /// Identifier of the declarant.
    pub declarant: String,
    /// Identifier of the importer or exporter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trader: Option<String>,
    /// Sequences of the goods items.
    pub items: Vec<u32>,
    /// Container numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
    /// Transport document numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transport_documents: Vec<String>,
    /// Where the goods can be examined; the office itself when the declaration does not say.
    pub place: String,
    /// When the goods arrived, where that was known at the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<Timestamp>,
}

impl DeclarationSummary {
    /// The summary of an accepted declaration version.
    pub fn of(accepted: &DeclarationAccepted) -> Self {
        let declaration = &accepted.declaration;
        Self {
            accepted_at: accepted.accepted_at,
            direction: declaration.direction,
            regime: declaration.regime.clone(),
            modality: declaration.modality,
            form: declaration.form,
            declarant: declaration.declarant.id.clone(),
            trader: declaration.trader().map(|party| party.id.clone()),
            items: declaration.items.iter().map(|item| item.sequence).collect(),
            containers: declaration.containers.iter().map(|container| container.id.clone()).collect(),
            transport_documents: declaration.transport_documents.iter().map(|document| document.id.clone()).collect(),
            place: declaration.goods_location.clone().unwrap_or_else(|| declaration.office.0.clone()),
            arrived_at: accepted.arrived_at,
        }
    }
}

/// A declaration version has a channel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationSelected {
    /// What the keyed draws hash.
    pub consignment_key: String,
    /// What listeners need of the declaration without reading all of it.
    pub summary: DeclarationSummary,
    /// When the declaration version was received (process time, Unix milliseconds).
    pub received_at_ms: i64,
    /// The decision record.
    pub selection: Selection,
}
payload!(DeclarationSelected, "declaration.selected", 1);

/// The vectors that a declaration version was decided with, for who learns from them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VectorsServed {
    /// The declaration.
    pub declaration: DeclarationId,
    /// Its version.
    pub version: u32,
    /// The decision.
    pub selection: SelectionId,
    /// Where the goods go.
    pub direction: Direction,
    /// When it was decided (domain time).
    pub decided_at: Timestamp,
    /// Probability with which it was selected for examination.
    pub probability: f64,
    /// Hash of the feature contract of the vectors.
    pub feature_contract: String,
    /// Sequence of the feature log that the online features had applied.
    pub feature_sequence: u64,
    /// The vectors of the recorded items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed: Option<PackedVectors>,
    /// The same as version 1 tells them, which knows nothing packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<ItemVector>,
}
payload!(VectorsServed, "vectors.served", 2);

/// A control is ordered: by a selection, a person or another agency.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlOrdered {
    /// The control.
    pub control: Control,
    /// The control whose result asked for this one: documents that do not agree, an image that does not fit. It raises
    /// the channel; an extraordinary control without this stands beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_from: Option<ControlId>,
}
payload!(ControlOrdered, "control.ordered", 1);

/// Whether a label may enter unbiased estimators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LabelOrigin {
    /// Selected here, with a logged probability.
    Selected,
    /// Imported from the incumbent system's past, with unknown probability.
    History,
}

/// A control has a result, or a new version of one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlResulted {
    /// The control.
    pub control: Control,
    /// The version of the result that now holds.
    pub result: ResultVersion,
    /// Whether the label may enter unbiased estimators.
    pub origin: LabelOrigin,
}
payload!(ControlResulted, "control.resulted", 1);

/// Which model version decides for a direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// The direction.
    pub direction: customs::Direction,
    /// The version that decides.
    pub champion: ModelVersionId,
    /// Digest (BLAKE3, hex) of its artefact.
    pub champion_digest: String,
    /// Versions that are kept loaded, to take over at once, with their digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub challengers: Vec<(ModelVersionId, String)>,
    /// Candidates on their way to champion; of several the first whose scope has a declaration counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trials: Vec<Trial>,
}

impl Route {
    /// The artefacts that it needs: the champion's first.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        let others = self.challengers.iter().map(|(_, digest)| digest.as_str());
        let candidates = self.trials.iter().map(|trial| trial.candidate_digest.as_str());
        std::iter::once(self.champion_digest.as_str()).chain(others).chain(candidates)
    }
}

/// A candidate that scores, and decides its share, of the declarations in a scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// The rollout.
    #[schema(example = "boosted-7")]
    pub rollout: String,
    /// The version on trial.
    pub candidate: ModelVersionId,
    /// Digest (BLAKE3, hex) of its artefact.
    pub candidate_digest: String,
    /// What it does, with which share, at which offices.
    pub target: rollout::Target,
    /// Which declarations take part.
    #[serde(default)]
    pub scope: rollout::Scope,
    /// How they are assigned.
    #[serde(default)]
    pub assignment: rollout::Assignment,
}

impl Trial {
    /// Whether a declaration of this office, regime and mode of transport takes part.
    pub fn has(&self, office: &str, regime: &str, mode: Option<&str>) -> bool {
        let within = |codes: &[String], code: &str| codes.is_empty() || codes.iter().any(|one| one == code);
        self.target.offices.as_ref().is_none_or(|offices| offices.iter().any(|one| one == office))
            && within(&self.scope.offices, office)
            && within(&self.scope.regimes, regime)
            && (self.scope.transport_modes.is_empty()
                || mode.is_some_and(|mode| within(&self.scope.transport_modes, mode)))
    }
}

/// The routing table changed. A reader refuses a lower epoch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoutingChanged {
    /// Rises with every change.
    pub epoch: u64,
    /// All routes.
    pub routes: Vec<Route>,
}
payload!(RoutingChanged, "routing.changed", 1);

/// The filter set changed. A reader refuses a lower epoch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FiltersChanged {
    /// Rises with every change.
    pub epoch: u64,
    /// All filters in force, shadow ones included.
    pub filters: Vec<FilterDefinition>,
    /// The lists in force that filters name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<FilterList>,
}
payload!(FiltersChanged, "filters.changed", 1);

/// The capacity plans changed. A reader refuses a lower epoch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityChanged {
    /// Rises with every change.
    pub epoch: u64,
    /// All plans in force.
    pub plans: Vec<CapacityPlan>,
}
payload!(CapacityChanged, "capacity.changed", 1);

/// A person is taken out of everything that is kept about these declarations, and out of whatever else names them. It is
/// forgotten with the outbox, like every message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonErased {
    /// The erasure.
    pub erasure: uuid::Uuid,
    /// The identifier of the person.
    #[schema(example = "20123456786")]
    pub person: String,
    /// Names, addresses and contacts under which the person was lodged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
    /// What stands for the person from then on.
    pub pseudonym: String,
    /// The declarations that named the person; nothing happens to them any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declarations: Vec<DeclarationId>,
}
payload!(PersonErased, "person.erased", 1);
