//! A compiled set of filters, matched against a declaration and each of its items.
//!
//! Matching asks nothing of the outside: the caller gives the moment, the office and the keyed draw. Filters are held
//! in the order of their codes, so the same definitions in any order give the same matches in the same order. A set
//! never changes: a change of filters is a new set ([`FilterSet::succeeded_by`]), compiled beside the one in force and
//! exchanged for it, so that nobody who matches ever waits.

use std::collections::HashMap;
use std::sync::Arc;

use customs::{FilterId, FilterMatch, OfficeCode};
use jiff::Timestamp;

use crate::{
    Catalogue, FilterDefinition, FilterError, FilterInput, FilterScope, FilterState, Vocabulary,
    expression::{Level, Program, Slots, Told, UsedField, Words, compile_condition},
    index::{Index, Indexed, build},
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
    let program = compile_into(definition, &Vocabulary::from(catalogue), &mut slots)?;
    Ok(CompiledFilter { definition: definition.clone(), program, slots })
}

fn compile_into(
    definition: &FilterDefinition,
    vocabulary: &Vocabulary<'_>,
    slots: &mut Slots,
) -> Result<Program, FilterError> {
    compile_condition(&definition.expression, vocabulary, slots).map_err(|mut errors| FilterError {
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
    /// Slots that each filter's condition names, one filter after the other.
    fields: Vec<Told>,
    /// Where those of each filter begin and end.
    of_filter: Vec<(u32, u32)>,
    by_id: HashMap<FilterId, usize>,
    slots: Slots,
    index: Index,
    /// Of the vocabulary it was compiled with.
    fingerprint: u64,
}

#[derive(Debug)]
struct Filter {
    definition: FilterDefinition,
    program: Arc<Program>,
}

impl Filter {
    fn looks_up(&self) -> bool {
        !self.program.lists.is_empty()
    }
}

/// A filter whose condition holds, before anybody asked why.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'m> {
    set: &'m FilterSet,
    at: usize,
    row: &'m [Value<'m>],
    words: &'m Words,
    item: Option<u32>,
}

impl<'m> Matched<'m> {
    /// The filter.
    pub fn definition(&self) -> &'m FilterDefinition {
        &self.set.filters[self.at].definition
    }

    /// The item it matched, by sequence; none for a match on the declaration as a whole.
    pub fn item(&self) -> Option<u32> {
        self.item
    }

    /// Whether it looked something up in named lists.
    pub fn looks_up(&self) -> bool {
        self.set.filters[self.at].looks_up()
    }

    /// Why: fields of the condition with the values they had, in words. A value that was looked up in a list is not told
    /// and neither is what else is known of that person: who may see the list looks at it there.
    pub fn reasons(&self) -> impl Iterator<Item = (&'m str, &'m str)> {
        let (from, to) = self.set.of_filter[self.at];
        self.set.slots.explain(&self.set.fields[from as usize..to as usize], self.row, self.words)
    }

    /// The same to keep.
    pub fn because(&self) -> Vec<(String, String)> {
        self.reasons().map(|(field, value)| (field.to_owned(), value.to_owned())).collect()
    }
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
        Self::compile_with(definitions, &Vocabulary::from(catalogue))
    }

    /// As [`FilterSet::compile_valid`], with named lists.
    pub fn compile_with(definitions: &[FilterDefinition], vocabulary: &Vocabulary<'_>) -> (Self, Vec<FilterError>) {
        Self::default().succeeded_by(definitions, vocabulary)
    }

    /// The set of `definitions`, as [`FilterSet::compile_with`] makes it; conditions that this set has under the same
    /// vocabulary are taken over and not compiled again. The lists may have other entries.
    pub fn succeeded_by(
        &self,
        definitions: &[FilterDefinition],
        vocabulary: &Vocabulary<'_>,
    ) -> (Self, Vec<FilterError>) {
        let fingerprint = vocabulary.fingerprint();
        let mut set = Self { fingerprint, ..Self::default() };
        let mut known = HashMap::<&str, &Arc<Program>>::new();
        if self.fingerprint == fingerprint {
            set.slots = self.slots.clone();
            known.extend(self.filters.iter().map(|filter| (filter.definition.expression.as_str(), &filter.program)));
        }
        let mut errors = Vec::new();
        for definition in in_force(definitions) {
            let program = match known.get(definition.expression.as_str()) {
                Some(program) => Arc::clone(program),
                None => match compile_into(definition, vocabulary, &mut set.slots) {
                    Ok(program) => Arc::new(program),
                    Err(error) => {
                        errors.push(error);
                        continue;
                    }
                },
            };
            let from = set.fields.len() as u32;
            let told = |slot: &usize| Told { slot: *slot as u16, value: !program.untold.contains(slot) };
            set.fields.extend(program.fields.iter().map(told));
            set.of_filter.push((from, set.fields.len() as u32));
            set.by_id.insert(definition.id, set.filters.len());
            set.filters.push(Filter { definition: definition.clone(), program });
        }
        let indexed: Vec<Indexed<'_>> = set
            .filters
            .iter()
            .map(|Filter { definition, program }| Indexed {
                program,
                from: definition.valid_from,
                to: definition.valid_to,
                offices: match &definition.scope {
                    FilterScope::National => None,
                    FilterScope::Offices(offices) => Some(offices),
                },
            })
            .collect();
        set.index = build(&indexed, &set.slots, vocabulary.lists);
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

    /// Whether the filter with this id looks something up in named lists.
    pub fn looks_up(&self, id: FilterId) -> bool {
        self.by_id.get(&id).is_some_and(|&at| self.filters[at].looks_up())
    }

    /// All filters that can match, in the order of their codes.
    pub fn definitions(&self) -> impl Iterator<Item = &FilterDefinition> {
        self.filters.iter().map(|filter| &filter.definition)
    }

    /// Calls `found` for each filter whose condition holds for `input` at `office` and `at`: first those that look at
    /// the declaration as a whole, then those that hold for its first item, and so on, each time in the order of codes.
    pub fn each_match(
        &self,
        input: &FilterInput<'_>,
        at: Timestamp,
        office: &OfficeCode,
        mut found: impl FnMut(Matched<'_>),
    ) {
        if self.filters.is_empty() {
            return;
        }
        self.each(input, at, office, |_, matched| found(matched));
    }

    fn each(
        &self,
        input: &FilterInput<'_>,
        at: Timestamp,
        office: &OfficeCode,
        mut found: impl FnMut(usize, Matched<'_>),
    ) {
        let mut standing = self.index.in_force(at, office);
        let mut row = self.slots.empty_row();
        let lists = self.slots.lists(input);
        self.slots.read_declaration(input, &lists, &mut row);
        let mut words = Words::default();
        let mut tell = |filter: u32, row: &[Value<'_>], words: &Words, item| {
            let at = filter as usize;
            found(at, Matched { set: self, at, row, words, item });
        };
        if !self.index.declaration(&row, &mut standing, |filter| tell(filter, &row, &words, None)) {
            return;
        }
        for (index, item) in input.declaration.items.iter().enumerate() {
            if index > 0 {
                self.slots.next_item(&mut words);
            }
            self.slots.read_item(input, &lists, index, item, &mut row);
            self.index.item(&row, &mut standing, |filter| tell(filter, &row, &words, Some(item.sequence)));
        }
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
        self.each(input, at, office, |at, matched| {
            let definition = matched.definition();
            let made = FilterMatch {
                filter: definition.id,
                version: definition.version,
                code: definition.code.clone(),
                item: matched.item,
                risk: definition.risk.clone(),
                mandatory: definition.action.mandatory,
                acted: false,
                listed: matched.looks_up(),
                because: matched.because(),
            };
            found.push((at, made));
        });
        // Items were visited one after the other; the record lists filter by filter. The sort keeps the items' order.
        found.sort_by_key(|(at, _)| *at);
        self.settle(found, draw)
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

/// The highest version of each filter, where that can match; in the order of codes.
fn in_force(definitions: &[FilterDefinition]) -> Vec<&FilterDefinition> {
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
    held
}

fn acts(definition: &FilterDefinition, draw: &impl Fn(&FilterDefinition) -> f64) -> bool {
    definition.state == FilterState::Active
        && definition.sampling_share > 0.0
        && (definition.sampling_share >= 1.0 || draw(definition) < definition.sampling_share)
}

#[cfg(test)]
pub(crate) mod tests;
