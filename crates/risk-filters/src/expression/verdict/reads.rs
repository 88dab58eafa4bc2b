//! What a condition reads.

use std::collections::BTreeSet;

use super::super::{
    normal::Atom,
    tree::{Condition, Integer, Number, Text, TextList},
};

/// What a condition reads.
#[derive(Default)]
pub(super) struct Reads {
    /// The fields.
    pub(super) fields: BTreeSet<usize>,
    /// Whether it asks named lists, or has to do with loops: then its fields alone do not decide it.
    pub(super) more: bool,
}

impl Reads {
    pub(super) fn of(condition: &Condition) -> Self {
        let mut reads = Self::default();
        reads.condition(condition);
        reads
    }

    fn condition(&mut self, of: &Condition) {
        match of {
            Condition::Constant(_) => {}
            Condition::Field(slot) | Condition::Has(slot) => self.field(*slot),
            Condition::Not(inner) => self.condition(inner),
            Condition::And(parts) | Condition::Or(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Integers(_, a, b) => {
                self.integer(a);
                self.integer(b);
            }
            Condition::Numbers(_, a, b) => {
                self.number(a);
                self.number(b);
            }
            Condition::Texts(_, a, b) | Condition::Test(_, a, b) => {
                self.text(a);
                self.text(b);
            }
            Condition::Conditions(_, sides) => {
                self.condition(&sides.0);
                self.condition(&sides.1);
            }
            Condition::TextIn(text, _) | Condition::Matches(text, _) => self.text(text),
            Condition::IntegerIn(number, _) => self.integer(number),
            Condition::NumberIn(number, _) => self.number(number),
            Condition::Among(text, list) => {
                self.text(text);
                self.list(list);
            }
            Condition::Listed(text, _) => {
                self.text(text);
                self.more = true;
            }
            Condition::Choice(parts) => {
                self.condition(&parts.0);
                self.condition(&parts.1);
                self.condition(&parts.2);
            }
            Condition::Quantified(_, list, body) => {
                self.list(list);
                self.condition(body);
                self.more = true;
            }
        }
    }

    fn integer(&mut self, of: &Integer) {
        match of {
            Integer::Constant(_) => {}
            Integer::Field(slot) => self.field(*slot),
            Integer::SizeOfText(text) | Integer::FromText(text) => self.text(text),
            Integer::SizeOfList(list) => self.list(list),
            Integer::Negated(inner) => self.integer(inner),
            Integer::Computed(_, sides) => {
                self.integer(&sides.0);
                self.integer(&sides.1);
            }
            Integer::FromNumber(number) => self.number(number),
            Integer::Choice(parts) => {
                self.condition(&parts.0);
                self.integer(&parts.1);
                self.integer(&parts.2);
            }
        }
    }

    fn number(&mut self, of: &Number) {
        match of {
            Number::Constant(_) => {}
            Number::Field(slot) => self.field(*slot),
            Number::Negated(inner) => self.number(inner),
            Number::Computed(_, sides) => {
                self.number(&sides.0);
                self.number(&sides.1);
            }
            Number::FromInteger(number) => self.integer(number),
            Number::FromText(text) => self.text(text),
            Number::Choice(parts) => {
                self.condition(&parts.0);
                self.number(&parts.1);
                self.number(&parts.2);
            }
        }
    }

    fn text(&mut self, of: &Text) {
        match of {
            Text::Constant(_) => {}
            Text::Field(slot) => self.field(*slot),
            Text::Variable(_) => self.more = true,
            Text::Joined(sides) => {
                self.text(&sides.0);
                self.text(&sides.1);
            }
            Text::Choice(parts) => {
                self.condition(&parts.0);
                self.text(&parts.1);
                self.text(&parts.2);
            }
        }
    }

    fn list(&mut self, of: &TextList) {
        if let TextList::Field(slot) = of {
            self.field(*slot);
        }
    }

    fn field(&mut self, slot: usize) {
        self.fields.insert(slot);
    }
}

/// The one field that decides a test, if one does.
pub(super) fn only_field(atom: &Atom<'_>) -> Option<usize> {
    let Atom::Opaque { condition, .. } = atom else { return atom.slot() };
    let reads = Reads::of(condition);
    let mut fields = reads.fields.into_iter();
    let only = fields.next().filter(|_| !reads.more)?;
    fields.next().is_none().then_some(only)
}
