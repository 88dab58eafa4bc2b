//! The index: which of ten thousand conditions hold for a row, at the cost of those that nearly do.
//!
//! Every filter is a few alternatives of simple tests (a *conjunct* each), and every conjunct a bit. For each field that
//! conjuncts test by equality, list, prefix or presence a [`Column`] knows the bits that a value leaves standing; the
//! columns are combined by `&`. What survives has its thresholds compared, and then what no index can hold is evaluated. Validity
//! and offices are bits as well. The index never decides otherwise than the condition itself would: it only finds out
//! sooner.

mod ask;
mod bits;
mod build;
mod classes;
mod column;
mod validity;

use std::sync::Arc;

use customs::{OfficeCode, Timestamp};

use crate::{
    expression::{Condition, ListInForce, Scope},
    input::Value,
};
use bits::Bits;
pub(crate) use build::{Indexed, build};
use column::{Column, narrow};
use validity::{Offices, Validity};

/// Conditions of a set of filters, ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct Index {
    conjuncts: Vec<Conjunct>,
    tests: Vec<Test>,
    opaque: Vec<Opaque>,
    /// Conjuncts of filters that look at items.
    of_items: Bits,
    columns: Vec<Column>,
    item_columns: Vec<Column>,
    validity: Validity,
    offices: Offices,
}

/// One alternative of a filter.
#[derive(Clone, Copy, Debug)]
struct Conjunct {
    filter: u32,
    tests: (u32, u32),
    opaque: (u32, u32),
}

/// A comparison that is made with the survivors; beginnings are those that are longer than columns go.
#[derive(Clone, Debug)]
enum Test {
    Number { slot: u32, low: f64, high: f64 },
    Whole { slot: u32, low: i64, high: i64 },
    Holds { slot: u32, element: Box<str> },
    Begins { slot: u32, beginning: Box<str>, inside: bool },
}

/// What is evaluated whole.
#[derive(Clone, Debug)]
struct Opaque {
    condition: Condition,
    truth: bool,
    lists: Arc<[ListInForce]>,
}

/// What is left standing while a declaration is looked at.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Of the declaration, and then of the item that is looked at.
    both: Bits,
}

impl Standing {
    fn halves(&mut self) -> (&mut [u64], &mut [u64]) {
        let half = self.both.len() / 2;
        self.both.split_at_mut(half)
    }
}

impl Index {
    /// Conjuncts that are in force at `at` in `office`.
    pub(crate) fn in_force(&self, at: Timestamp, office: &OfficeCode) -> Standing {
        let valid = self.validity.at(at);
        let mut both = Bits::with_capacity(2 * valid.len());
        both.extend_from_slice(&valid);
        self.offices.narrow(office, &mut both);
        both.resize(2 * valid.len(), 0);
        Standing { both }
    }

    /// Asks what all items share; whether any filter on items is left.
    pub(crate) fn declaration(&self, row: &[Value<'_>], standing: &mut Standing, found: impl FnMut(u32)) -> bool {
        let (declaration, item) = standing.halves();
        narrow(&self.columns, row, declaration);
        let mut left = 0;
        for ((whole, item), of_items) in declaration.iter_mut().zip(item.iter_mut()).zip(&self.of_items) {
            *item = *whole & !of_items;
            *whole &= of_items;
            left |= *whole;
        }
        self.verify(item, row, found);
        left != 0
    }

    /// Asks about one item, after the declaration.
    pub(crate) fn item(&self, row: &[Value<'_>], standing: &mut Standing, found: impl FnMut(u32)) {
        let (declaration, item) = standing.halves();
        item.copy_from_slice(declaration);
        narrow(&self.item_columns, row, item);
        self.verify(item, row, found);
    }

    /// Filters of the surviving conjuncts whose other tests hold, each once, in their order.
    fn verify(&self, standing: &[u64], row: &[Value<'_>], mut found: impl FnMut(u32)) {
        let mut last = u32::MAX;
        for (word, conjuncts) in standing.iter().zip(self.conjuncts.chunks(64)) {
            let mut rest = *word;
            while rest != 0 {
                let conjunct = &conjuncts[rest.trailing_zeros() as usize];
                rest &= rest - 1;
                if conjunct.filter != last && self.holds(conjunct, row) {
                    last = conjunct.filter;
                    found(last);
                }
            }
        }
    }

    fn holds(&self, conjunct: &Conjunct, row: &[Value<'_>]) -> bool {
        let tests = &self.tests[conjunct.tests.0 as usize..conjunct.tests.1 as usize];
        let opaque = &self.opaque[conjunct.opaque.0 as usize..conjunct.opaque.1 as usize];
        tests.iter().all(|test| test.holds(row))
            && opaque.iter().all(|part| part.condition.evaluate(&Scope::new(row, &part.lists)) == Some(part.truth))
    }
}

impl Test {
    fn holds(&self, row: &[Value<'_>]) -> bool {
        match self {
            Self::Number { slot, low, high } => {
                matches!(&row[*slot as usize], Value::Number(number) if low <= number && number <= high)
            }
            Self::Whole { slot, low, high } => {
                matches!(&row[*slot as usize], Value::Integer(number) if low <= number && number <= high)
            }
            Self::Holds { slot, element } => {
                matches!(&row[*slot as usize], Value::Texts(texts) if texts.contains(&element.as_ref()))
            }
            Self::Begins { slot, beginning, inside } => {
                matches!(&row[*slot as usize], Value::Text(text) if text.starts_with(&**beginning) == *inside)
            }
        }
    }
}
