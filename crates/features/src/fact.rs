//! Facts: what the feature log holds, and how a fact changes the states.
//!
//! States are the sum of what each declaration contributes, and a declaration contributes what its record says: its
//! highest version, and the highest version of each result. A fact therefore takes the old contribution back and adds
//! the new one. Nothing depends on the order of facts, and a redelivered or outrun fact changes nothing.

pub mod contribution;
pub mod packed;
pub mod record;

use std::collections::HashMap;

use customs::{
    Control, ControlId, Declaration, DeclarationId, Extent, FindingKind, ItemOutcome, Measure, Method, ResultStage,
    ResultVersion, Timestamp, Trigger,
};
use serde::{Deserialize, Serialize};

pub use record::DeclarationRecord;

use crate::entity::{ByEntity, EntityKey};
use crate::number::cents;
use crate::outline::Outline;
use crate::state::{Class, EntityState, History};
use crate::{DeclarationKeys, Values};

/// Something that happened to a declaration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "fact")]
pub enum Fact {
    /// A version of it was accepted.
    Lodged(Lodged),
    /// A control of it has a result, or another version of one.
    Resulted(Resulted),
    /// It was withdrawn.
    Cancelled(Cancelled),
}

/// A version of a declaration was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lodged {
    /// The declaration.
    pub declaration: DeclarationId,
    /// The version.
    pub version: u32,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Recorded from the past of another system.
    #[serde(default)]
    pub history: bool,
    /// What is kept of it.
    pub outline: Outline,
}

/// A version of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resulted {
    /// The declaration.
    pub declaration: DeclarationId,
    /// The control; its results replace each other.
    pub control: ControlId,
    /// Version of the result.
    pub version: u32,
    /// Where this version stands.
    pub stage: ResultStage,
    /// How it was examined.
    pub method: Method,
    /// Why.
    pub trigger: Trigger,
    /// Whether all goods were to be examined.
    pub full: bool,
    /// When the goods or documents were examined.
    pub examined_at: Timestamp,
    /// When the record learned of it.
    pub known_at: Timestamp,
    /// Recorded from the past of another system.
    #[serde(default)]
    pub history: bool,
    /// The examined items.
    pub items: Vec<ExaminedItem>,
}

/// What was established about an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExaminedItem {
    /// The goods item's sequence; 0 for what belongs to no declared item.
    pub sequence: u32,
    /// Whether a finding against the trader stands.
    pub found: bool,
    /// Kinds of the findings against the trader, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<FindingKind>,
    /// Additional duty of these findings, in hundredths.
    #[serde(default)]
    pub duty_cents: i64,
}

/// A declaration was withdrawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancelled {
    /// The declaration.
    pub declaration: DeclarationId,
    /// When.
    pub cancelled_at: Timestamp,
}

impl Lodged {
    /// The fact that `declaration` was accepted.
    pub fn of(
        id: DeclarationId,
        version: u32,
        accepted_at: Timestamp,
        history: bool,
        declaration: &Declaration,
    ) -> Self {
        // A trader's date may be years off; what entities remember goes by when the declaration was accepted.
        let outline = Outline { day: crate::number::day(accepted_at), ..Outline::of(declaration) };
        Self { declaration: id, version, accepted_at, history, outline }
    }
}

impl Resulted {
    /// The fact that `control` has `result`; none for a control that concerns no declaration.
    pub fn of(control: &Control, result: &ResultVersion, history: bool) -> Option<Self> {
        let stands = result.result.stage != ResultStage::Annulled;
        let examined = result.result.items.iter().filter(|item| item.outcome != ItemOutcome::NotExamined);
        let items = examined.map(|item| {
            let against = || item.findings.iter().filter(|finding| stands && !finding.in_traders_favour);
            let mut kinds: Vec<_> = against().map(|finding| finding.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let duty_cents = against().flat_map(|finding| &finding.measures).map(|measure| match measure {
                Measure::AdditionalDuty { amount, .. } => cents(amount.amount),
                _ => 0,
            });
            let duty_cents = duty_cents.fold(0, i64::saturating_add);
            let unexplained = stands && item.findings.is_empty();
            let found = item.outcome == ItemOutcome::Finding && (unexplained || !kinds.is_empty());
            ExaminedItem { sequence: item.sequence, found, kinds, duty_cents }
        });
        Some(Self {
            declaration: control.declaration?,
            control: control.id,
            version: result.result.version,
            stage: result.result.stage,
            method: control.order.method,
            trigger: control.order.trigger,
            full: control.order.extent == Extent::Full,
            examined_at: result.result.examined_at,
            known_at: result.known_at,
            history,
            items: items.collect(),
        })
    }

    /// How it counts.
    pub fn class(&self) -> Class {
        match (self.method, self.trigger) {
            (Method::Documentary, _) => Class::Documentary,
            (_, Trigger::Random) => Class::Random,
            _ => Class::Targeted,
        }
    }
}

/// The states that facts change.
pub trait StateMap {
    /// The state under `key`, made empty when it is not there.
    fn state(&mut self, key: EntityKey) -> &mut EntityState;
    /// The record of a declaration, made empty when it is not there.
    fn record(&mut self, declaration: DeclarationId) -> &mut DeclarationRecord;
}

/// States and records in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryStates {
    /// By entity.
    pub states: ByEntity<EntityState>,
    /// By declaration.
    pub records: HashMap<DeclarationId, DeclarationRecord>,
}

impl StateMap for MemoryStates {
    fn state(&mut self, key: EntityKey) -> &mut EntityState {
        self.states.entry(key).or_insert_with(|| EntityState::empty(key))
    }

    fn record(&mut self, declaration: DeclarationId) -> &mut DeclarationRecord {
        self.records.entry(declaration).or_default()
    }
}

impl MemoryStates {
    /// The states of `keys`, in their order.
    pub fn read(&self, keys: &[EntityKey]) -> Vec<Option<EntityState>> {
        keys.iter().map(|key| self.states.get(key).copied()).collect()
    }
}

impl Fact {
    /// The declaration it is about.
    pub fn declaration(&self) -> DeclarationId {
        match self {
            Self::Lodged(fact) => fact.declaration,
            Self::Resulted(fact) => fact.declaration,
            Self::Cancelled(fact) => fact.declaration,
        }
    }

    /// When it happened: accepted, examined, withdrawn.
    pub fn happened_at(&self) -> Timestamp {
        match self {
            Self::Lodged(fact) => fact.accepted_at,
            Self::Resulted(fact) => fact.examined_at,
            Self::Cancelled(fact) => fact.cancelled_at,
        }
    }

    /// When the record learned of it.
    pub fn known_at(&self) -> Timestamp {
        match self {
            Self::Lodged(fact) => fact.accepted_at,
            Self::Resulted(fact) => fact.known_at,
            Self::Cancelled(fact) => fact.cancelled_at,
        }
    }

    /// Changes the record of the declaration and the states of its entities.
    pub fn apply(&self, states: &mut impl StateMap) {
        let record = states.record(self.declaration());
        let before = contribution::of(record);
        let outrun = !record.absorb(self);
        let after = if outrun { None } else { contribution::of(record) };
        if !outrun {
            for (key, state) in before.into_iter().flatten() {
                states.state(key).merge(&state.negated());
            }
            for (key, state) in after.into_iter().flatten() {
                states.state(key).merge(&state);
            }
        } else if let Self::Lodged(lodged) = self {
            // An outrun version counts no more, but its entities were seen that day all the same.
            for key in DeclarationKeys::of(lodged.outline.clone()).list() {
                let seen = match EntityState::empty(*key) {
                    EntityState::History(_) => EntityState::History(History::seen(lodged.outline.day)),
                    EntityState::Values(_) => EntityState::Values(Values::default()),
                };
                states.state(*key).merge(&seen);
            }
        }
    }
}
