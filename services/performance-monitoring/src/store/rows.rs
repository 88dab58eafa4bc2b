//! Rows as they travel into a batch statement, as JSON objects. Ids are hex, times microseconds.

use std::collections::BTreeMap;

use customs::{
    Basis, Channel, Direction, FindingKind, Form, ItemOutcome, Method, Modality, Nature, ResultStage, TargetingVerdict,
    TrialArm, Trigger,
};
use risk_filters::{FilterDefinition, FilterState};
use rollout::report::score_bin;
use selection::CapacityPlan;
use serde::Serialize;
use uuid::Uuid;

use crate::worker::message::Selection;

/// An id as the statements read it.
pub fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// The wire name of a unit variant.
pub fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}

/// A declaration's selection.
#[derive(Serialize)]
pub struct SelectionRow {
    pub id: String,
    pub selection: String,
    pub version: u32,
    pub office: String,
    pub direction: Direction,
    pub regime: String,
    pub modality: Modality,
    pub form: Form,
    pub lodged: i64,
    pub decided: i64,
    pub day: i32,
    pub channel: Channel,
    pub without_draw: Channel,
    pub probability: f64,
    pub random: f64,
    pub trigger: Option<Trigger>,
    pub full: bool,
    pub degraded: bool,
    pub latency: i64,
    pub arrived: Option<i64>,
    /// How little is known about it; none where it was not flagged.
    pub novelty: Option<f64>,
    /// Why, with spaces between.
    pub novelty_reasons: Option<String>,
}

/// A filter that matched a declaration, on one or more of its items.
#[derive(Serialize)]
pub struct UnitRow {
    pub declaration: String,
    pub selection: String,
    pub code: String,
    pub version: u32,
    pub acted: bool,
    /// Whether it looked something up in named lists.
    pub listed: bool,
    /// Other filters that acted on the same declaration.
    pub others_acted: usize,
}

/// A declaration that took part in a rollout. Flags are 0 or 1.
#[derive(Serialize)]
pub struct ExposureRow {
    pub rollout: String,
    pub declaration: String,
    pub selection: String,
    pub candidate: u8,
    pub weight: u16,
    pub office: String,
    pub decided: i64,
    pub latency: i64,
    pub degraded: u8,
    pub physical: u8,
    pub by_model: u8,
    pub champion: Option<f64>,
    pub challenger: Option<f64>,
    pub cell: Option<u16>,
}

impl ExposureRow {
    /// The part of a decision that a rollout is judged by.
    pub fn of(arm: &TrialArm, selection: &Selection, latency: i64) -> Self {
        let physical = selection.orders.iter().find(|order| order.method == Method::Physical);
        let (champion, challenger) = (arm.champion_probability, arm.candidate_probability);
        let bin = |probability: f64| u16::from(score_bin(probability));
        Self {
            rollout: arm.rollout.clone(),
            declaration: hex(selection.declaration.0),
            selection: hex(selection.id.0),
            candidate: u8::from(arm.candidate),
            weight: arm.weight,
            office: selection.office.0.clone(),
            decided: selection.decided_at.as_microsecond(),
            latency,
            degraded: u8::from(selection.degraded),
            physical: u8::from(physical.is_some()),
            by_model: u8::from(physical.is_some_and(|order| order.trigger == Trigger::Model)),
            champion,
            challenger,
            cell: champion.zip(challenger).map(|(champion, challenger)| 64 * bin(champion) + bin(challenger)),
        }
    }
}

/// Something that happened to a declaration.
#[derive(Default, Serialize)]
pub struct MovementRow {
    pub id: String,
    pub arrived: Option<i64>,
    pub presented: Option<i64>,
    pub released: Option<i64>,
    pub cancelled: Option<i64>,
}

/// A control.
#[derive(Serialize)]
pub struct ControlRow {
    pub id: String,
    pub declaration: Option<String>,
    pub selection: Option<String>,
    pub office: String,
    pub method: Method,
    pub trigger: Trigger,
    pub basis: Basis,
    pub full: bool,
    pub over_plan: bool,
    pub ordered: i64,
    pub day: i32,
    pub history: bool,
}

/// A version of a control's result.
#[derive(Serialize)]
pub struct ResultRow {
    pub id: String,
    pub version: u32,
    pub stage: ResultStage,
    pub known: i64,
    pub examined: i64,
    pub outcome: ItemOutcome,
    pub targeting: Option<TargetingVerdict>,
    #[serde(skip)]
    pub declaration: Option<String>,
    #[serde(skip)]
    pub trigger: Trigger,
}

/// A finding of a version.
#[derive(Serialize)]
pub struct FindingRow {
    pub control: String,
    pub version: u32,
    pub ordinal: usize,
    pub kind: FindingKind,
    pub nature: Nature,
    pub favour: bool,
}

/// Additional duty of a version.
#[derive(Serialize)]
pub struct DutyRow {
    pub control: String,
    pub version: u32,
    pub ordinal: usize,
    pub amount: String,
    pub currency: String,
}

/// A seizure of a version.
#[derive(Serialize)]
pub struct SeizureRow {
    pub control: String,
    pub version: u32,
    pub ordinal: usize,
    pub kind: FindingKind,
    pub quantity: String,
    pub unit: String,
    pub amount: Option<String>,
    pub currency: Option<String>,
}

/// An office's plan from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanRow {
    pub office: String,
    pub since: i64,
    pub time_zone: String,
    pub physical: f64,
    pub documentary: f64,
    pub carry: f64,
}

impl PlanRow {
    /// The part of a plan that reports compare with.
    pub fn of(plan: &CapacityPlan, since: i64) -> Self {
        Self {
            office: plan.office.0.clone(),
            since,
            time_zone: plan.time_zone.clone(),
            physical: plan.physical_per_day,
            documentary: plan.documentary_per_day,
            carry: plan.opening_carry,
        }
    }
}

/// A filter in force.
#[derive(Serialize)]
pub struct FilterRow {
    pub code: String,
    pub id: String,
    pub version: u32,
    pub state: FilterState,
    pub area: String,
    pub owner: String,
    pub valid_from: i64,
    pub method: Method,
    pub risk: Option<String>,
    /// Since when this version holds: since it was announced, and not before its validity begins.
    pub since: i64,
}

impl FilterRow {
    /// The filters in force as of `since`, of each the highest version.
    pub fn in_force(filters: &[FilterDefinition], since: i64) -> Vec<Self> {
        let mut highest: BTreeMap<&str, &FilterDefinition> = BTreeMap::new();
        for filter in filters {
            let held = highest.entry(&filter.code).or_insert(filter);
            if filter.version > held.version {
                *held = filter;
            }
        }
        highest.into_values().map(|filter| Self::of(filter, since)).collect()
    }

    /// The part of a definition that reports show.
    fn of(filter: &FilterDefinition, since: i64) -> Self {
        Self {
            code: filter.code.clone(),
            id: hex(filter.id.0),
            version: filter.version,
            state: filter.state,
            area: filter.area.clone(),
            owner: filter.owner.clone(),
            valid_from: filter.valid_from.as_microsecond(),
            method: filter.action.method,
            risk: filter.risk.clone(),
            since: since.max(filter.valid_from.as_microsecond()),
        }
    }
}

/// A model that decides.
#[derive(Serialize)]
pub struct RouteRow {
    pub direction: Direction,
    pub champion: String,
    pub digest: String,
    pub since: i64,
}

impl RouteRow {
    /// The part of a route that reports show.
    pub fn of(route: &events::Route, since: i64) -> Self {
        Self {
            direction: route.direction,
            champion: hex(route.champion.0),
            digest: route.champion_digest.clone(),
            since,
        }
    }
}
