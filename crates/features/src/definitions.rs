//! The table of features: name, type, unit, labels, lineage and computation, in one place each.
//!
//! Everything else is derived from it: the vector, the contract and its hash, the catalogue. A line that changes its
//! meaning keeps its name only together with a new contract version. What is declared stands line by line; what is
//! remembered is a measure of a group, so that every rate has its count beside it.

mod declared;
mod groups;
mod remembered;

use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;

use crate::contract::FeatureType;
use crate::entity::Group;
use crate::state::Class;
use crate::vector::view::{Shared, View};

/// A feature.
pub struct Definition {
    pub name: String,
    pub kind: FeatureType,
    pub unit: &'static str,
    pub label: Label,
    /// The English label as a sentence.
    pub description: String,
    pub lineage: Lineage,
    /// The lineage in one line.
    pub origin: String,
    pub value: Value,
}

/// How a value is computed.
#[derive(Clone, Copy)]
pub enum Value {
    Plain(fn(&Shared, &View) -> f32),
    Of(fn(&Shared, &View, Group) -> f32, Group),
    OfClass(fn(&View, Group, Class) -> f32, Group, Class),
    Lift(Group, Group),
}

impl Value {
    pub fn compute(self, shared: &Shared, view: &View) -> f32 {
        match self {
            Self::Plain(compute) => compute(shared, view),
            Self::Of(compute, group) => compute(shared, view, group),
            Self::OfClass(compute, group, class) => compute(view, group, class),
            Self::Lift(group, base) => remembered::lift(view, group, base),
        }
    }
}

/// A name for people, in the two languages of the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Label {
    /// Spanish.
    #[schema(example = "Tasa suavizada de hallazgos en reconocimientos físicos del capítulo")]
    pub es: String,
    /// English.
    #[schema(example = "Smoothed rate of findings by physical examination for the chapter")]
    pub en: String,
}

/// From which events, through which states and fields, a feature comes to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Lineage {
    /// Events that change it, by name.
    #[schema(value_type = Vec<String>)]
    pub events: Vec<&'static str>,
    /// States it is read from: what it is about first, then what its rate starts from.
    pub states: Vec<StateSource>,
    /// Declared fields it is computed from, those that name its entities included.
    #[schema(value_type = Vec<String>)]
    pub fields: Vec<&'static str>,
}

/// A state that a feature is read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateSource {
    /// The group of entities.
    #[schema(value_type = String, example = "hs6Tuple")]
    pub group: &'static str,
    /// What is read of the state.
    #[schema(value_type = Vec<String>)]
    pub reads: Vec<&'static str>,
}

/// Events of the feature log.
pub(crate) const ACCEPTED: &str = "declaration.accepted";
pub(crate) const CANCELLED: &str = "declaration.cancelled";
pub(crate) const RESULTED: &str = "control.resulted";

impl Definition {
    fn new(
        name: impl Into<String>,
        (kind, unit): (FeatureType, &'static str),
        (en, es): (String, String),
        lineage: Lineage,
        value: Value,
    ) -> Self {
        let description = format!("{en}.");
        let groups = lineage.states.iter().map(|state| state.group).collect::<Vec<_>>().join(", ");
        let fields = lineage.fields.join(", ");
        let origin = if groups.is_empty() { fields } else { format!("history of {groups}, by {fields}") };
        Self { name: name.into(), kind, unit, label: Label { es, en }, description, lineage, origin, value }
    }
}

/// Every feature, in the order of the vector.
pub static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let mut definitions = declared::definitions();
    definitions.extend(remembered::definitions());
    definitions
});
