//! `in`: lists of literals, lists of the input, keys, and named lists.

use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue},
};

use super::{
    super::{
        parse::{is_integer, literal_integer, literal_number, path},
        tree::{Condition, Text, TextList},
    },
    Compiler, Typed,
};
use crate::{CodeKind, ExpressionErrorCode as Code, catalogue::edit_distance};

impl Compiler<'_> {
    /// Refuses to compare a field with a literal that it can never have.
    pub(super) fn known_value(&mut self, at: &IdedExpr, field: &Text, literal: &Text) {
        if let (Text::Field(slot), Text::Constant(literal)) = (field, literal) {
            self.known_literal(at, *slot, literal);
        }
    }

    fn known_literal(&mut self, at: &IdedExpr, slot: usize, literal: &str) {
        self.known_code(at, slot, literal, false);
        let (name, values) = self.slots.values(slot);
        if values.is_empty() || values.iter().any(|value| value == literal) {
            return;
        }
        let message = format!("{name} is never '{literal}'; it is one of {}", values.join(", "));
        let suggestion = values
            .iter()
            .min_by_key(|value| edit_distance(&value.to_lowercase(), &literal.to_lowercase()))
            .map(|value| format!("'{value}'"));
        let _: Option<()> = self.refuse_with(at, Code::UnknownValue, message, suggestion);
    }

    /// Refuses a code that the reference table of its kind does not have. `partly`: the beginning of one.
    pub(super) fn known_code(&mut self, at: &IdedExpr, slot: usize, literal: &str, partly: bool) {
        let Some(codes) = self.vocabulary.codes else { return };
        let name = self.slots.name(slot);
        let Some(kind) = CodeKind::of_field(name) else { return };
        if codes.lack(kind) {
            self.unchecked.insert(kind);
        }
        let refused = codes.refuses(kind, name, literal, partly);
        if let Some((message, suggestion)) = refused {
            let _: Option<()> = self.refuse_with(at, Code::UnknownCode, message, suggestion);
        }
    }

    /// Text in a named list, whose entries must be what the text is.
    fn listed_membership(&mut self, expr: &IdedExpr, text: Text, name: Box<str>, kind: CodeKind) -> Option<Typed> {
        if let Text::Field(slot) = text {
            let field = self.slots.name(slot);
            let wanted = CodeKind::of_field(field);
            if kind != CodeKind::Text && wanted.is_some_and(|wanted| wanted != kind) {
                let message = format!("lists.{name} holds {}, {field} is none of them", kind.in_words());
                let fitting = self.vocabulary.lists.names().find(|(_, other)| Some(*other) == wanted);
                let suggestion = fitting.map(|(name, _)| format!("lists.{name}"));
                return self.refuse_with(expr, Code::TypeMismatch, message, suggestion);
            }
        }
        Some(Typed::Condition(Condition::Listed(text, name)))
    }

    pub(super) fn membership(&mut self, expr: &IdedExpr, element: &IdedExpr, list: &IdedExpr) -> Option<Typed> {
        let in_named = matches!(path(list).as_deref(), Some(["lists", _]));
        let typed = self.looked_up(in_named, |compiler| compiler.typed(element))?;
        if let Expr::List(literals) = &list.expr {
            return self.literal_membership(expr, typed, list, &literals.elements);
        }
        match (typed, self.typed(list)?) {
            (Typed::Text(text), Typed::List(list)) => {
                if let (Text::Constant(literal), TextList::Field(slot)) = (&text, &list) {
                    self.known_literal(element, *slot, literal);
                }
                Some(Typed::Condition(Condition::Among(text, list)))
            }
            (Typed::Text(text), Typed::Listed(name, kind)) => self.listed_membership(list, text, name, kind),
            (Typed::Text(Text::Constant(key)), Typed::Map(map)) => {
                let slot = self.slots.of_key(self.vocabulary.catalogue.field(&map)?, &key);
                self.used(slot);
                Some(Typed::Condition(Condition::Has(slot)))
            }
            (element, list) => {
                let message = format!("{} cannot be in {}", element.field_type(), list.field_type());
                self.refuse(expr, Code::TypeMismatch, message)
            }
        }
    }

    fn literal_membership(
        &mut self,
        expr: &IdedExpr,
        element: Typed,
        list: &IdedExpr,
        literals: &[IdedExpr],
    ) -> Option<Typed> {
        let condition = match element {
            Typed::Text(text) => {
                let mut texts = self.literal_texts(list)?;
                if let Text::Field(slot) = text {
                    for (literal, at) in texts.iter().zip(literals) {
                        self.known_literal(at, slot, literal);
                    }
                }
                texts.sort_unstable();
                Condition::TextIn(text, texts)
            }
            Typed::Integer(number) if literals.iter().all(is_integer) => {
                Condition::IntegerIn(number, literals.iter().filter_map(literal_integer).collect())
            }
            element => match element.into_number() {
                Ok(number) => {
                    let mut numbers = Vec::with_capacity(literals.len());
                    for literal in literals {
                        let Some(value) = literal_number(literal) else {
                            let message = "this list holds number literals only".to_owned();
                            return self.refuse(literal, Code::TypeMismatch, message);
                        };
                        numbers.push(value);
                    }
                    Condition::NumberIn(number, numbers)
                }
                Err(other) => {
                    let message = format!("{} cannot be in a list of literals", other.field_type());
                    return self.refuse(expr, Code::TypeMismatch, message);
                }
            },
        };
        Some(Typed::Condition(condition))
    }

    /// The elements of a list of text literals, in the order of the text.
    pub(super) fn literal_texts(&mut self, list: &IdedExpr) -> Option<Vec<Box<str>>> {
        let Expr::List(literals) = &list.expr else { return None };
        let mut texts = Vec::with_capacity(literals.elements.len());
        for literal in &literals.elements {
            let Expr::Literal(LiteralValue::String(text)) = &literal.expr else {
                let message = "this list holds text literals only".to_owned();
                let suggestion = literal_number(literal).map(|number| format!("'{number}'"));
                return self.refuse_with(literal, Code::TypeMismatch, message, suggestion);
            };
            texts.push(text.inner().into());
        }
        Some(texts)
    }
}
