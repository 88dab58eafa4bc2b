//! The decision record.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use customs::{
    DecisionPoint, DeclarationId, FilterMatch, ItemVector, OfficeCode, PackedVectors, Selection, SelectionId,
    Timestamp, TrialArm,
};
use events::DeclarationAccepted;
use selection::{Decision, Earlier};

use super::judgement::Judgement;

/// The decision point of a declaration version.
pub fn decision_point(version: u32) -> DecisionPoint {
    if version > 1 { DecisionPoint::Amendment } else { DecisionPoint::Lodgement }
}

/// The wire name of a decision point.
pub fn point_name(point: DecisionPoint) -> &'static str {
    match point {
        DecisionPoint::Lodgement => "lodgement",
        DecisionPoint::Amendment => "amendment",
    }
}

/// The id of the selection of a declaration version: the same for whoever decides it again.
pub fn selection_id(accepted: &DeclarationAccepted) -> SelectionId {
    id_of(accepted.accepted_at, accepted.id, accepted.version)
}

/// The same of a version accepted at `at`.
pub fn id_of(at: Timestamp, declaration: DeclarationId, version: u32) -> SelectionId {
    let point = point_name(decision_point(version));
    SelectionId::derive(at, &[declaration.0.as_bytes(), &version.to_be_bytes(), point.as_bytes()])
}

/// The epochs that a decision was taken under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epochs {
    /// Of the routing table.
    pub routing: u64,
    /// Of the filter set.
    pub filters: u64,
    /// Of the capacity plans.
    pub capacity: u64,
}

/// What a decision was taken on.
pub struct Grounds<'a> {
    /// The message.
    pub accepted: &'a DeclarationAccepted,
    /// What the model made of it.
    pub judgement: Judgement,
    /// One vector per item.
    pub vectors: &'a [Vec<f32>],
    /// Filters whose condition held.
    pub matches: Vec<FilterMatch>,
    /// How far the online features were.
    pub feature_sequence: Option<u64>,
    /// On which side of a rollout it was decided.
    pub trial: Option<TrialArm>,
    /// The tables.
    pub epochs: Epochs,
    /// What it replaces.
    pub supersedes: Option<SelectionId>,
}

/// The vectors of the items that are recorded; none where nothing was scored.
pub fn served_vectors(
    accepted: &DeclarationAccepted,
    judgement: &Judgement,
    vectors: &[Vec<f32>],
) -> Option<PackedVectors> {
    let items = &accepted.declaration.items;
    let recorded =
        judgement.recorded.iter().filter_map(|&at| Some((items.get(at)?.sequence, vectors.get(at)?.as_slice())));
    let packed = features::pack_vectors(recorded);
    (!packed.items.is_empty()).then_some(packed)
}

/// Packed vectors one by one, as they are shown; none where they cannot be read.
pub fn shown_vectors(packed: &PackedVectors) -> Option<Vec<ItemVector>> {
    let bytes = features::unpack_vectors(packed)?;
    let vectors = bytes.chunks_exact(bytes.len() / packed.items.len());
    let shown = packed.items.iter().zip(vectors);
    Some(shown.map(|(item, vector)| ItemVector { item: *item, values: STANDARD.encode(vector) }).collect())
}

/// The record of `decision`, without its vectors, which are kept and told beside it.
pub fn record(grounds: Grounds<'_>, decision: Decision) -> Selection {
    let Grounds { accepted, judgement, vectors, matches, feature_sequence, trial, epochs, supersedes } = grounds;
    let office: OfficeCode = accepted.declaration.office.clone();
    Selection {
        id: selection_id(accepted),
        declaration: accepted.id,
        declaration_version: accepted.version,
        office,
        decision_point: decision_point(accepted.version),
        decided_at: accepted.accepted_at,
        channel: decision.channel,
        channel_without_draw: decision.channel_without_draw,
        orders: decision.orders,
        probability: exact(decision.probability),
        random_probability: exact(decision.random_probability),
        draw: exact(decision.draw),
        matches,
        probability_of_finding: judgement.probability.map(exact),
        novelty: judgement.flag.clone(),
        value: exact(decision.value),
        price: exact(decision.price),
        learning: (decision.learning.abs() >= 1e-12).then(|| exact(decision.learning)),
        feature_contract: (!vectors.is_empty()).then(|| features::contract().hash.clone()),
        vectors: Vec::new(),
        scores: judgement.scores,
        feature_sequence,
        trial: trial.map(|arm| TrialArm {
            champion_probability: arm.champion_probability.map(exact),
            candidate_probability: arm.candidate_probability.map(exact),
            ..arm
        }),
        routing_epoch: epochs.routing,
        filters_epoch: epochs.filters,
        capacity_epoch: epochs.capacity,
        degraded: judgement.probability.is_none(),
        supersedes,
    }
}

/// Twelve decimal places: few enough digits that every reader of the text gets the same number back.
pub fn exact(number: f64) -> f64 {
    if number.abs() < 1e3 { (number * 1e12).round() / 1e12 } else { number.round() }
}

/// What a later decision has to respect of this one.
pub fn as_earlier(selection: &Selection) -> Earlier {
    Earlier {
        channel: selection.channel,
        channel_without_draw: selection.channel_without_draw,
        orders: selection.orders.clone(),
        probability: selection.probability,
        random_probability: selection.random_probability,
    }
}
