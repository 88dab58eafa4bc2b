//! A compiled set of filters, matched against a declaration and each of its items.
//!
//! Matching asks nothing of the outside: the caller gives the moment, the office and the keyed draw. Filters are held
//! in the order of their codes, so the same definitions in any order give the same matches in the same order.

use std::collections::HashMap;

use customs::{FilterId, FilterMatch, OfficeCode};
use jiff::Timestamp;

use crate::{
    Catalogue, FilterDefinition, FilterError, FilterInput, FilterScope, FilterState,
    expression::{Level, Program, Slots, UsedField, compile_condition},
    input::Value,
};

/// One filter, compiled on its own.
#[derive(Debug)]
pub struct CompiledFilter {
    definition: FilterDefinition,
    program: Program,
    slots: Slots,
}

impl CompiledFilter {
    /// The definition it was compiled from.
    pub fn definition(&self) -> &FilterDefinition {
        &self.definition
    }

    /// Whether it looks at items or at the declaration as a whole.
    pub fn level(&self) -> Level {
        self.program.level
    }

    /// The fields of its condition.
    pub fn fields(&self) -> Vec<UsedField> {
        self.slots.used(&self.program)
    }
}

/// Compiles one filter, whatever its state.
pub fn compile(definition: &FilterDefinition, catalogue: &Catalogue) -> Result<CompiledFilter, FilterError> {
    let mut slots = Slots::default();
    let program = compile_into(definition, catalogue, &mut slots)?;
    Ok(CompiledFilter { definition: definition.clone(), program, slots })
}

fn compile_into(
    definition: &FilterDefinition,
    catalogue: &Catalogue,
    slots: &mut Slots,
) -> Result<Program, FilterError> {
    compile_condition(&definition.expression, catalogue, slots).map_err(|mut errors| FilterError {
        filter: definition.id,
        version: definition.version,
        code: definition.code.clone(),
        error: errors.swap_remove(0),
    })
}

/// All filters that can match: the active and the shadow ones.
#[derive(Debug, Default)]
pub struct FilterSet {
    filters: Vec<Filter>,
    by_id: HashMap<FilterId, usize>,
    slots: Slots,
}

#[derive(Debug)]
struct Filter {
    definition: FilterDefinition,
    program: Program,
}

impl FilterSet {
    /// A set in which nothing matches.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Compiles the active and shadow ones of `definitions`; drafts and retired ones match nothing and are left out.
    /// Of several versions of a filter the highest holds. One filter that does not compile refuses the set.
    pub fn compile(definitions: &[FilterDefinition], catalogue: &Catalogue) -> Result<Self, Vec<FilterError>> {
        let (set, errors) = Self::compile_valid(definitions, catalogue);
        if errors.is_empty() { Ok(set) } else { Err(errors) }
    }

    /// As [`FilterSet::compile`], but the filters that do not compile are left out and told.
    pub fn compile_valid(definitions: &[FilterDefinition], catalogue: &Catalogue) -> (Self, Vec<FilterError>) {
        let mut held = HashMap::<FilterId, &FilterDefinition>::new();
        for definition in definitions {
            let highest = held.entry(definition.id).or_insert(definition);
            if definition.version > highest.version {
                *highest = definition;
            }
        }
        let mut held: Vec<&FilterDefinition> = held
            .into_values()
            .filter(|definition| matches!(definition.state, FilterState::Active | FilterState::Shadow))
            .collect();
        held.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));

        let mut set = Self::default();
        let mut errors = Vec::new();
        for definition in held {
            match compile_into(definition, catalogue, &mut set.slots) {
                Ok(program) => {
                    set.by_id.insert(definition.id, set.filters.len());
                    set.filters.push(Filter { definition: definition.clone(), program });
                }
                Err(error) => errors.push(error),
            }
        }
        (set, errors)
    }

    /// How many filters can match.
    pub fn len(&self) -> usize {
        self.filters.len()
    }

    /// Whether none can.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The filter with this id, with the action that a match orders.
    pub fn definition(&self, id: FilterId) -> Option<&FilterDefinition> {
        self.by_id.get(&id).map(|&at| &self.filters[at].definition)
    }

    /// All filters that can match, in the order of their codes.
    pub fn definitions(&self) -> impl Iterator<Item = &FilterDefinition> {
        self.filters.iter().map(|filter| &filter.definition)
    }

    /// The filters whose condition holds for `input` at `office` and `at`: per item, or once for those that look at
    /// the declaration as a whole; in the order of codes, then of items.
    ///
    /// `draw` gives the keyed draw of this consignment for a filter, 0 ≤ u < 1; the filter acts when it is below the
    /// sampling share. It is asked at most once per filter, and only where the share is between 0 and 1.
    pub fn matches(
        &self,
        input: &FilterInput<'_>,
        at: Timestamp,
        office: &OfficeCode,
        draw: impl Fn(&FilterDefinition) -> f64,
    ) -> Vec<FilterMatch> {
        if self.filters.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let held: Vec<bool> = self.filters.iter().map(|filter| holds(&filter.definition, at, office)).collect();
        let mut row = self.slots.empty_row();
        self.slots.read_declaration(input, &mut row);
        self.match_row(&held, Level::Declaration, &row, None, &mut found);
        for (index, item) in input.declaration.items.iter().enumerate() {
            self.slots.read_item(input, index, item, &mut row);
            self.match_row(&held, Level::Item, &row, Some(item.sequence), &mut found);
        }
        // Items were visited one after the other; the record lists filter by filter. The sort keeps the items' order.
        found.sort_by_key(|(at, _)| *at);
        self.settle(found, draw)
    }

    fn match_row(
        &self,
        held: &[bool],
        level: Level,
        row: &[Value<'_>],
        item: Option<u32>,
        found: &mut Vec<(usize, FilterMatch)>,
    ) {
        for (at, filter) in self.filters.iter().enumerate() {
            if held[at] && filter.program.level == level && filter.program.holds(row) {
                let definition = &filter.definition;
                found.push((
                    at,
                    FilterMatch {
                        filter: definition.id,
                        version: definition.version,
                        code: definition.code.clone(),
                        item,
                        mandatory: definition.action.mandatory,
                        acted: false,
                        because: self.slots.explain(&filter.program, row),
                    },
                ));
            }
        }
    }

    /// Decides for every matching filter whether it acts.
    fn settle(&self, found: Vec<(usize, FilterMatch)>, draw: impl Fn(&FilterDefinition) -> f64) -> Vec<FilterMatch> {
        let mut decided: Option<(usize, bool)> = None;
        found
            .into_iter()
            .map(|(at, mut matched)| {
                let acts = match decided {
                    Some((last, acts)) if last == at => acts,
                    _ => acts(&self.filters[at].definition, &draw),
                };
                decided = Some((at, acts));
                matched.acted = acts;
                matched
            })
            .collect()
    }
}

fn acts(definition: &FilterDefinition, draw: &impl Fn(&FilterDefinition) -> f64) -> bool {
    definition.state == FilterState::Active
        && definition.sampling_share > 0.0
        && (definition.sampling_share >= 1.0 || draw(definition) < definition.sampling_share)
}

fn holds(definition: &FilterDefinition, at: Timestamp, office: &OfficeCode) -> bool {
    let in_scope = match &definition.scope {
        FilterScope::National => true,
        FilterScope::Offices(offices) => offices.contains(office),
    };
    in_scope && definition.valid_from <= at && definition.valid_to.is_none_or(|end| at < end)
}

#[cfg(test)]
pub(crate) mod tests;
