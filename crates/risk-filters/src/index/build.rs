//! From compiled conditions to the index.

use std::collections::BTreeMap;
use std::sync::Arc;

use customs::{OfficeCode, Timestamp};

use super::{
    Conjunct, Index, Opaque, Test,
    ask::{Ask, Asked},
    bits::{none, set},
    classes::{column, ranged},
    column::{Column, LONGEST},
    validity::{Offices, Validity},
};
use crate::{
    Lists,
    expression::{Atom, Level, ListInForce, Program, Slots, conjunctions},
};

/// Most alternatives of one filter; beyond these its parts are evaluated whole.
const ALTERNATIVES: usize = 16;

/// Conjuncts of a set in which thresholds have no columns. Generated sets of tests stand on both sides of it.
const SMALL: usize = if cfg!(test) { 24 } else { 2_048 };

/// A filter as the index takes it.
pub(crate) struct Indexed<'f> {
    pub(crate) program: &'f Program,
    pub(crate) from: Timestamp,
    pub(crate) to: Option<Timestamp>,
    /// None: everywhere.
    pub(crate) offices: Option<&'f [OfficeCode]>,
}

struct Builder<'c, 's> {
    slots: &'s Slots,
    /// The field in use that has most of the tariff code.
    code: Option<usize>,
    index: Index,
    windows: Vec<(Timestamp, Option<Timestamp>)>,
    scopes: Vec<Option<&'c [OfficeCode]>>,
    items: Vec<bool>,
    /// By slot: conjuncts that ask for values of it.
    asked: BTreeMap<usize, Vec<(usize, Asked<'c>)>>,
    /// By slot: conjuncts with the range that a number must be in.
    ranges: BTreeMap<usize, Vec<(usize, f64, f64)>>,
}

/// Indexes the filters; a match names one by its position.
pub(crate) fn build(filters: &[Indexed<'_>], slots: &Slots, lists: &Lists) -> Index {
    let mut builder = Builder::new(slots);
    for (at, filter) in filters.iter().enumerate() {
        builder.filter(at as u32, filter, lists);
    }
    builder.finish()
}

impl<'c, 's> Builder<'c, 's> {
    fn new(slots: &'s Slots) -> Self {
        Self {
            slots,
            code: (0..slots.len()).filter(|slot| slots.digits(*slot).is_some()).max_by_key(|slot| slots.digits(*slot)),
            index: Index::default(),
            windows: Vec::new(),
            scopes: Vec::new(),
            items: Vec::new(),
            asked: BTreeMap::new(),
            ranges: BTreeMap::new(),
        }
    }

    /// Adds a filter: once, or once for every span in which its lists stay the same.
    fn filter(&mut self, number: u32, filter: &Indexed<'c>, lists: &Lists) {
        let names = &filter.program.lists;
        let mut from = filter.from;
        let ends = if names.is_empty() { Vec::new() } else { lists.changes(names, filter.from, filter.to) };
        for to in ends.into_iter().map(Some).chain([filter.to]) {
            let in_force: Arc<[ListInForce]> = names
                .iter()
                .map(|name| (name.clone(), lists.at(name, from).map_or_else(Arc::default, Arc::clone)))
                .collect();
            for conjunction in conjunctions(&filter.program.condition, true, &in_force, ALTERNATIVES) {
                self.conjunct(number, filter, (from, to), conjunction, &in_force);
            }
            from = to.unwrap_or(from);
        }
    }

    fn conjunct(
        &mut self,
        filter: u32,
        indexed: &Indexed<'c>,
        window: (Timestamp, Option<Timestamp>),
        atoms: Vec<Atom<'c>>,
        in_force: &Arc<[ListInForce]>,
    ) {
        let at = self.index.conjuncts.len();
        let (tests, opaque) = (self.index.tests.len(), self.index.opaque.len());
        let mut by_slot = BTreeMap::<usize, Asked<'c>>::new();
        for atom in atoms {
            match atom {
                Atom::Between { slot, low, high } => self.number(tests, slot, low, high),
                Atom::Whole { slot, low, high } => self.whole(tests, slot, low, high),
                Atom::Holds { slot, element } if by_slot.contains_key(&slot) => {
                    self.index.tests.push(Test::Holds { slot: slot as u32, element: element.into() });
                }
                Atom::Opaque { condition, truth } => {
                    let lists = Arc::clone(in_force);
                    self.index.opaque.push(Opaque { condition: condition.clone(), truth, lists });
                }
                Atom::Begins { slot, prefix, inside } if prefix.len() > LONGEST => {
                    self.index.tests.push(Test::Begins { slot: slot as u32, beginning: prefix.into(), inside });
                }
                other => {
                    if let Some((slot, ask)) = Ask::of(other) {
                        let (slot, ask) = ask.of_code(slot, self.code, self.slots);
                        by_slot.entry(slot).or_default().push(ask);
                    }
                }
            }
        }
        for (slot, asked) in by_slot {
            self.asked.entry(slot).or_default().push((at, asked));
        }
        for test in &self.index.tests[tests..] {
            let (slot, low, high) = match test {
                Test::Number { slot, low, high } => (*slot, *low, *high),
                Test::Whole { slot, low, high } => (*slot, *low as f64, *high as f64),
                Test::Holds { .. } | Test::Begins { .. } => continue,
            };
            self.ranges.entry(slot as usize).or_default().push((at, low, high));
        }
        self.index.conjuncts.push(Conjunct {
            filter,
            tests: (tests as u32, self.index.tests.len() as u32),
            opaque: (opaque as u32, self.index.opaque.len() as u32),
        });
        self.windows.push(window);
        self.scopes.push(indexed.offices);
        self.items.push(indexed.program.level == Level::Item);
    }

    /// Thresholds of one field are one test.
    fn number(&mut self, from: usize, asked: usize, above: f64, below: f64) {
        for test in &mut self.index.tests[from..] {
            if let Test::Number { slot, low, high } = test
                && *slot as usize == asked
            {
                (*low, *high) = (low.max(above), high.min(below));
                return;
            }
        }
        self.index.tests.push(Test::Number { slot: asked as u32, low: above, high: below });
    }

    fn whole(&mut self, from: usize, asked: usize, above: i64, below: i64) {
        for test in &mut self.index.tests[from..] {
            if let Test::Whole { slot, low, high } = test
                && *slot as usize == asked
            {
                (*low, *high) = ((*low).max(above), (*high).min(below));
                return;
            }
        }
        self.index.tests.push(Test::Whole { slot: asked as u32, low: above, high: below });
    }

    fn finish(mut self) -> Index {
        let slots = self.slots;
        let count = self.index.conjuncts.len();
        self.index.of_items = none(count);
        for (at, item) in self.items.iter().enumerate() {
            set(&mut self.index.of_items, at, *item);
        }
        self.index.validity = Validity::new(&self.windows);
        self.index.offices = Offices::new(&self.scopes);
        let asked = std::mem::take(&mut self.asked);
        let mut columns: Vec<(usize, Column)> = asked
            .into_iter()
            .map(|(slot, asked)| (asked.len(), column(slot, &asked, slots.field_type(slot), count)))
            .collect();
        // In a small set the survivors are so few that comparing their thresholds costs less than a column does.
        for (slot, ranges) in self.ranges.iter().filter(|_| count > SMALL) {
            columns.push((ranges.len(), ranged(*slot, ranges, count)));
        }
        // Those that rule out most first.
        columns.sort_by_key(|(asking, column)| (std::cmp::Reverse(*asking), column.slot));
        for (_, column) in columns {
            let of_item = slots.is_of_item(column.slot);
            if of_item { &mut self.index.item_columns } else { &mut self.index.columns }.push(column);
        }
        self.index
    }
}
