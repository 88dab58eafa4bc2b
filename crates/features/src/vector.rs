//! The vector of an item: what a model sees, computed from the declaration and from states of the past.

pub(crate) mod view;

use std::sync::LazyLock;

use customs::{Declaration, Note, Timestamp};

use crate::contract::contract;
use crate::definitions::DEFINITIONS;
use crate::entity::Group;
use crate::keys::DeclarationKeys;
use crate::number::day;
use crate::state::EntityState;
use view::{Shared, View};

/// What is known of the entities of a declaration, in the order of [`DeclarationKeys::list`]; an entity that nobody has
/// seen is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Counts, rates and distributions come from these.
    pub counted: &'a [Option<EntityState>],
    /// First sightings, ages, reuse and recent periods come from these: the past of the declaration, always.
    pub past: &'a [Option<EntityState>],
}

/// One vector per item, in the order of the items, from `states` of the past alone. `states` stand in the order of
/// [`DeclarationKeys::list`]; an entity that nobody has seen is `None`. A missing value is NaN.
pub fn vectors(
    declaration: &Declaration,
    keys: &DeclarationKeys,
    states: &[Option<EntityState>],
    notes: &[Note],
    at: Timestamp,
) -> Vec<Vec<f32>> {
    vectors_knowing(declaration, keys, &Known { counted: states, past: states }, notes, at)
}

/// Like [`vectors`], with counts from other declarations than those before: see [`crate::OutOfFold`].
pub fn vectors_knowing(
    declaration: &Declaration,
    keys: &DeclarationKeys,
    known: &Known<'_>,
    notes: &[Note],
    at: Timestamp,
) -> Vec<Vec<f32>> {
    let mut shared = Shared::of(declaration, keys, known, notes, at);
    let views: Vec<View> = (0..declaration.items.len().min(keys.outline().items.len()))
        .map(|item| View::of(&shared, declaration, keys, known, item))
        .collect();
    let summary = view::Summary::of(&views);
    shared.summary = summary;
    views
        .iter()
        .map(|view| DEFINITIONS.iter().map(|definition| definition.value.compute(&shared, view)).collect())
        .collect()
}

/// The smoothed rate of findings among goods like these, moved by what is known of the trader: the best score there
/// is before a first model exists. NaN for a vector of another contract.
pub fn baseline_rate(vector: &[f32]) -> f32 {
    static POSITION: LazyLock<Option<usize>> = LazyLock::new(|| contract().position("combinedRate"));
    POSITION.and_then(|position| vector.get(position).copied()).unwrap_or(f32::NAN)
}

/// What was counted of all goods of a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// Days since the first declaration.
    pub days: f64,
    /// Goods items declared.
    pub declared: u32,
    /// Goods items examined physically.
    pub examined: u32,
}

/// What the states know at `at` of all goods of the declaration's direction; nothing before the first one.
pub fn counted(keys: &DeclarationKeys, states: &[Option<EntityState>], at: Timestamp) -> Counted {
    let everything = keys.item(0).find(|(group, _)| *group == Group::Everything);
    let history =
        everything.and_then(|(_, at)| states.get(at)?.as_ref()?.history()).filter(|history| history.is_known());
    history.map_or_else(Counted::default, |history| Counted {
        days: f64::from(day(at).saturating_sub(history.first_day)),
        declared: history.declared,
        examined: history.physical(),
    })
}

/// Little-endian bytes of a vector.
pub fn vector_to_bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The vector of little-endian bytes; none when they are no whole number of values.
pub fn vector_from_bytes(bytes: &[u8]) -> Option<Vec<f32>> {
    let (values, rest) = bytes.as_chunks::<4>();
    rest.is_empty().then(|| values.iter().map(|value| f32::from_le_bytes(*value)).collect())
}
