//! Examined items as a table: a column for each field that conditions may be made of.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use crate::{
    Catalogue, ConditionTree, FieldTest, FieldType, FilterInput, Operand, Operator, Scalar, expression::Slots,
    input::Value, replay::Examined,
};

/// A field that the catalogue does not have, or whose type no condition is mined from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("conditions are not mined from {0}: no such field, or no text, number or yes and no")]
pub struct UnknownField(pub String);

/// One test of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Selector {
    /// Text, by its number in the column's dictionary.
    Is(u32),
    AtLeast(f64),
    AtMost(f64),
    Yes(bool),
}

/// A test with its column.
pub(super) type Test = (usize, Selector);

#[derive(Clone, Debug)]
pub(super) enum Cells {
    Text { numbers: Vec<Option<u32>>, dictionary: Vec<String>, by_text: HashMap<String, u32> },
    Number(Vec<f64>),
    Whole(Vec<f64>),
    Boolean(Vec<Option<bool>>),
}

/// Examined items.
#[derive(Debug)]
pub struct Examples {
    fields: Vec<String>,
    slots: Slots,
    pub(super) columns: Vec<Cells>,
    pub(super) found: Vec<bool>,
    /// Of its selection; none where nobody logged it.
    pub(super) probability: Vec<Option<f64>>,
    /// Hash of the declaration's name.
    declaration: Vec<u64>,
}

impl Examples {
    /// A table without rows, of the fields that conditions may be made of.
    pub fn new<N: AsRef<str>>(
        catalogue: &Catalogue,
        fields: impl IntoIterator<Item = N>,
    ) -> Result<Self, UnknownField> {
        let mut slots = Slots::default();
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for name in fields {
            let name = name.as_ref();
            let field = catalogue.field(name).ok_or_else(|| UnknownField(name.to_owned()))?;
            columns.push(match field.field_type {
                FieldType::Text => Cells::Text { numbers: Vec::new(), dictionary: Vec::new(), by_text: HashMap::new() },
                FieldType::Number => Cells::Number(Vec::new()),
                FieldType::Integer => Cells::Whole(Vec::new()),
                FieldType::Boolean => Cells::Boolean(Vec::new()),
                FieldType::TextList | FieldType::TextMap => return Err(UnknownField(name.to_owned())),
            });
            slots.of_field(field);
            names.push(name.to_owned());
        }
        Ok(Self { fields: names, slots, columns, found: Vec::new(), probability: Vec::new(), declaration: Vec::new() })
    }

    /// Adds the item at `index` of an examined declaration with its own outcome. An item whose declaration was selected
    /// with an unknown probability is compared with others of which it is unknown. An index beyond the items adds
    /// nothing.
    pub fn add(&mut self, input: &FilterInput<'_>, index: usize, examined: Examined) {
        let Some(item) = input.declaration.items.get(index) else { return };
        let mut row = self.slots.empty_row();
        let lists = self.slots.lists(input);
        self.slots.read_declaration(input, &lists, &mut row);
        self.slots.read_item(input, &lists, index, item, &mut row);
        for (cells, value) in self.columns.iter_mut().zip(&row) {
            match (cells, value) {
                (Cells::Text { numbers, dictionary, by_text }, value) => numbers.push(match value {
                    Value::Text(text) => Some(by_text.get(*text).copied().unwrap_or_else(|| {
                        let number = dictionary.len() as u32;
                        dictionary.push((*text).to_owned());
                        by_text.insert((*text).to_owned(), number);
                        number
                    })),
                    _ => None,
                }),
                (Cells::Number(numbers) | Cells::Whole(numbers), value) => numbers.push(match value {
                    Value::Number(number) => *number,
                    Value::Integer(number) => *number as f64,
                    _ => f64::NAN,
                }),
                (Cells::Boolean(cells), Value::Boolean(value)) => cells.push(Some(*value)),
                (Cells::Boolean(cells), _) => cells.push(None),
            }
        }
        self.found.push(examined.found);
        self.probability.push(examined.probability.filter(|p| *p > 0.0 && *p <= 1.0));
        let declaration = (&input.declaration.declarant.id, &input.declaration.reference);
        self.declaration.push(FixedState::with_seed(0).hash_one(declaration));
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Rows whose probability of selection is unknown.
    pub(super) fn without_probability(&self) -> usize {
        self.probability.iter().filter(|probability| probability.is_none()).count()
    }

    /// Rows of the half that is searched, and of the other.
    pub(super) fn halves(&self, seed: u64) -> (Vec<usize>, Vec<usize>) {
        let half = FixedState::with_seed(seed);
        (0..self.len()).partition(|row| half.hash_one(self.declaration[*row]) & 1 == 0)
    }

    pub(super) fn matches(&self, row: usize, (column, selector): &Test) -> bool {
        match (&self.columns[*column], selector) {
            (Cells::Text { numbers, .. }, Selector::Is(number)) => numbers[row] == Some(*number),
            (Cells::Number(numbers) | Cells::Whole(numbers), Selector::AtLeast(least)) => numbers[row] >= *least,
            (Cells::Number(numbers) | Cells::Whole(numbers), Selector::AtMost(most)) => numbers[row] <= *most,
            (Cells::Boolean(cells), Selector::Yes(value)) => cells[row] == Some(*value),
            _ => false,
        }
    }

    /// Rows that pass all tests, and those of them with findings.
    pub(super) fn counts(&self, tests: &[Test]) -> (u64, u64) {
        let mut counts = (0, 0);
        for row in (0..self.len()).filter(|row| tests.iter().all(|test| self.matches(*row, test))) {
            counts.0 += 1;
            counts.1 += u64::from(self.found[row]);
        }
        counts
    }

    /// The tests as a condition.
    pub(super) fn tree(&self, tests: &[Test]) -> ConditionTree {
        let mut all: Vec<ConditionTree> = tests.iter().map(|test| self.leaf(test)).collect();
        if all.len() == 1 { all.swap_remove(0) } else { ConditionTree::All { all } }
    }

    fn leaf(&self, (column, selector): &Test) -> ConditionTree {
        let whole = matches!(self.columns[*column], Cells::Whole(_));
        let number = |number: f64| {
            if whole { Scalar::Integer(number as i64) } else { Scalar::Number(number) }
        };
        let (op, value) = match (selector, &self.columns[*column]) {
            (Selector::Is(number), Cells::Text { dictionary, .. }) => {
                (Operator::Equal, Scalar::Text(dictionary[*number as usize].clone()))
            }
            (Selector::Is(number), _) => (Operator::Equal, Scalar::Integer(i64::from(*number))),
            (Selector::AtLeast(least), _) => (Operator::GreaterOrEqual, number(*least)),
            (Selector::AtMost(most), _) => (Operator::LessOrEqual, number(*most)),
            (Selector::Yes(value), _) => (Operator::Equal, Scalar::Boolean(*value)),
        };
        let field = self.fields[*column].clone();
        ConditionTree::Test(FieldTest { field, op, value: Some(Operand::One(value)) })
    }
}
