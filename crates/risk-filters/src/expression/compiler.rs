//! Typing: from the parser's tree to ours, with every mistake told at its place.

mod calls;
mod membership;

use std::collections::BTreeSet;

use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, SourceInfo},
};

use super::{
    Slots,
    parse::{Parsed, path, place_of},
    tree::{Condition, Integer, Number, Text, TextList},
    verdict::verdict,
};
use crate::{CodeKind, ExpressionError, ExpressionErrorCode as Code, Field, FieldType, Vocabulary};

/// The most memory a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A part of an expression with its type.
enum Typed {
    Condition(Condition),
    Integer(Integer),
    Number(Number),
    Text(Text),
    List(TextList),
    /// Text by key: the name of the field.
    Map(String),
    /// A named list.
    Listed(Box<str>, CodeKind),
}

impl Typed {
    fn field_type(&self) -> FieldType {
        match self {
            Self::Condition(_) => FieldType::Boolean,
            Self::Integer(_) => FieldType::Integer,
            Self::Number(_) => FieldType::Number,
            Self::Text(_) => FieldType::Text,
            Self::List(_) | Self::Listed(..) => FieldType::TextList,
            Self::Map(_) => FieldType::TextMap,
        }
    }

    /// The number that a whole number or number is.
    fn into_number(self) -> Result<Number, Self> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Integer(Integer::Constant(value)) => Ok(Number::Constant(value as f64)),
            Self::Integer(number) => Ok(Number::FromInteger(Box::new(number))),
            other => Err(other),
        }
    }
}

/// A condition that is right, with what it names.
pub(super) struct Whole {
    pub(super) condition: Condition,
    /// Slots, in the order in which it names them.
    pub(super) fields: Vec<usize>,
    /// Named lists, likewise.
    pub(super) lists: Vec<Box<str>>,
    /// Of the slots, those that it looks up in named lists.
    pub(super) listed: Vec<usize>,
    /// What codes it compares with that no table of the vocabulary knows.
    pub(super) unchecked: BTreeSet<CodeKind>,
}

/// Types one expression. Methods return `None` after recording what is wrong.
pub(super) struct Compiler<'c> {
    vocabulary: Vocabulary<'c>,
    /// Whether conditions that can never hold, or always do, are mistakes.
    strict: bool,
    slots: &'c mut Slots,
    info: &'c SourceInfo,
    /// Variables of the surrounding `exists` and `all`, outermost first, with the field whose elements they are.
    variables: Vec<(String, Option<usize>)>,
    fields: Vec<usize>,
    lists: Vec<Box<str>>,
    listed: Vec<usize>,
    /// Whether what is typed now is looked up in a named list.
    looking_up: bool,
    unchecked: BTreeSet<CodeKind>,
    errors: Vec<ExpressionError>,
}

impl<'c> Compiler<'c> {
    pub(super) fn new(vocabulary: Vocabulary<'c>, strict: bool, slots: &'c mut Slots, parsed: &'c Parsed) -> Self {
        Self {
            vocabulary,
            strict,
            slots,
            info: &parsed.info,
            variables: Vec::new(),
            fields: Vec::new(),
            lists: Vec::new(),
            listed: Vec::new(),
            looking_up: false,
            unchecked: BTreeSet::new(),
            errors: Vec::new(),
        }
    }

    /// Compiles the whole: the condition unless something is wrong, in the order of the text.
    pub(super) fn whole(mut self, root: &IdedExpr) -> Result<Whole, Vec<ExpressionError>> {
        let condition = self.condition(root);
        if let Some(condition) = &condition {
            self.judge(root, condition, true);
        }
        match condition {
            Some(condition) if self.errors.is_empty() => {
                let Self { fields, lists, listed, unchecked, .. } = self;
                Ok(Whole { condition, fields, lists, listed, unchecked })
            }
            _ => {
                self.errors.sort_by_key(|error| (error.line, error.column));
                self.errors.dedup();
                Err(self.errors)
            }
        }
    }

    /// Tells when a condition that is otherwise right can never hold, or always does; parts of it were judged before.
    fn judge(&mut self, at: &IdedExpr, condition: &Condition, whole: bool) {
        if !self.strict || !self.errors.is_empty() {
            return;
        }
        if let Some(verdict) = verdict(condition, self.slots, whole) {
            let _: Option<()> = self.refuse_with(at, verdict.code, verdict.message, verdict.suggestion);
        }
    }

    /// An expression that is true or false.
    pub(super) fn condition(&mut self, expr: &IdedExpr) -> Option<Condition> {
        match self.typed(expr)? {
            Typed::Condition(condition) => Some(condition),
            other => {
                let found = other.field_type();
                self.refuse(expr, Code::NotACondition, format!("a condition is expected here, this is {found}"))
            }
        }
    }

    fn typed(&mut self, expr: &IdedExpr) -> Option<Typed> {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(expr, literal),
            Expr::Select(select) if select.test => self.presence(expr, &select.operand, &select.field),
            Expr::Ident(_) | Expr::Select(_) => self.name(expr),
            Expr::Call(call) => self.call(expr, call),
            Expr::List(_) => self.literal_texts(expr).map(|texts| Typed::List(TextList::Constant(texts))),
            Expr::Comprehension(comprehension) => self.quantified(expr, comprehension),
            Expr::Map(_) | Expr::Struct(_) => {
                self.refuse(expr, Code::Unsupported, "filters do not build maps or messages".to_owned())
            }
            Expr::Unspecified => self.refuse(expr, Code::Syntax, "an expression is missing here".to_owned()),
        }
    }

    fn literal(&mut self, expr: &IdedExpr, literal: &LiteralValue) -> Option<Typed> {
        match literal {
            LiteralValue::Boolean(value) => Some(Typed::Condition(Condition::Constant(*value.inner()))),
            LiteralValue::Int(value) => Some(Typed::Integer(Integer::Constant(*value.inner()))),
            LiteralValue::Double(value) => Some(Typed::Number(Number::Constant(*value.inner()))),
            LiteralValue::String(value) => Some(Typed::Text(Text::Constant(value.inner().into()))),
            LiteralValue::UInt(value) => {
                let suggestion = value.inner().to_string();
                self.refuse_with(expr, Code::Unsupported, "unsigned numbers are not used".to_owned(), Some(suggestion))
            }
            LiteralValue::Null => self.refuse(
                expr,
                Code::Unsupported,
                "there is no null; has(…) tells whether a field is there".to_owned(),
            ),
            LiteralValue::Bytes(_) => self.refuse(expr, Code::Unsupported, "bytes are not used".to_owned()),
        }
    }

    /// A field or variable by its dotted name.
    fn name(&mut self, expr: &IdedExpr) -> Option<Typed> {
        let Some(path) = path(expr) else {
            return self.refuse(expr, Code::Unsupported, "only fields of the catalogue have parts".to_owned());
        };
        if let Some(outward) = self.variables.iter().rev().position(|(variable, _)| *variable == path[0]) {
            if let Some((_, Some(slot))) = self.variables.iter().rev().nth(outward) {
                self.used(*slot);
            }
            return match path.len() {
                1 => Some(Typed::Text(Text::Variable(outward))),
                _ => self.refuse(expr, Code::TypeMismatch, format!("{} is text and has no parts", path[0])),
            };
        }
        if let ["lists", name] = path[..] {
            return self.listed(expr, name);
        }
        let (field, key) = self.field(expr, &path)?;
        let slot = match key {
            Some(key) => self.slots.of_key(field, &key),
            None if field.field_type == FieldType::TextMap => return Some(Typed::Map(field.name.clone())),
            None => self.slots.of_field(field),
        };
        self.used(slot);
        Some(match field.field_type {
            // A key of a map is text.
            FieldType::Text | FieldType::TextMap => Typed::Text(Text::Field(slot)),
            FieldType::Integer => Typed::Integer(Integer::Field(slot)),
            FieldType::Number => Typed::Number(Number::Field(slot)),
            FieldType::Boolean => Typed::Condition(Condition::Field(slot)),
            FieldType::TextList => Typed::List(TextList::Field(slot)),
        })
    }

    /// The field that a path names, with the key when it names a part of text by key.
    fn field(&mut self, expr: &IdedExpr, path: &[&str]) -> Option<(&'c Field, Option<String>)> {
        let catalogue = self.vocabulary.catalogue;
        let name = path.join(".");
        if let Some(field) = catalogue.field(&name) {
            return Some((field, None));
        }
        if let Some((key, map)) = path.split_last()
            && let Some(field) = catalogue.field(&map.join("."))
            && field.field_type == FieldType::TextMap
        {
            return Some((field, Some((*key).to_owned())));
        }
        if catalogue.is_group(&name) {
            return self.refuse(expr, Code::UnknownField, format!("{name} has several fields; name one of them"));
        }
        let suggestion = catalogue.nearest(&name).map(|field| field.name.clone());
        self.refuse_with(expr, Code::UnknownField, format!("there is no field {name}"), suggestion)
    }

    /// A list by its name.
    fn listed(&mut self, expr: &IdedExpr, name: &str) -> Option<Typed> {
        let lists = self.vocabulary.lists;
        let Some(kind) = lists.kind(name) else {
            let suggestion = lists.nearest(name).map(|name| format!("lists.{name}"));
            return self.refuse_with(expr, Code::UnknownList, format!("there is no list {name}"), suggestion);
        };
        if !self.lists.iter().any(|known| known.as_ref() == name) {
            self.lists.push(name.into());
        }
        Some(Typed::Listed(name.into(), kind))
    }

    /// `has(…)`.
    fn presence(&mut self, expr: &IdedExpr, operand: &IdedExpr, field: &str) -> Option<Typed> {
        let Some(mut path) = path(operand) else {
            return self.refuse(expr, Code::Unsupported, "has(…) takes a field of the catalogue".to_owned());
        };
        path.push(field);
        let (field, key) = self.field(operand, &path)?;
        let slot = match key {
            Some(key) => self.slots.of_key(field, &key),
            None if field.field_type == FieldType::TextMap => {
                let message = format!("{} is always there; name a key of it", field.name);
                return self.refuse(operand, Code::TypeMismatch, message);
            }
            None => self.slots.of_field(field),
        };
        self.used(slot);
        let has = Condition::Has(slot);
        self.judge(expr, &has, false);
        Some(Typed::Condition(has))
    }

    /// Types a part, which is looked up in a named list or not; what surrounds it may be, too.
    fn looked_up<T>(&mut self, is: bool, typed: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.looking_up;
        self.looking_up |= is;
        let part = typed(self);
        self.looking_up = outside;
        part
    }

    fn used(&mut self, slot: usize) {
        if !self.fields.contains(&slot) {
            self.fields.push(slot);
        }
        if self.looking_up && !self.listed.contains(&slot) {
            self.listed.push(slot);
        }
    }

    fn refuse<T>(&mut self, at: &IdedExpr, code: Code, message: String) -> Option<T> {
        self.refuse_with(at, code, message, None)
    }

    fn refuse_with<T>(&mut self, at: &IdedExpr, code: Code, message: String, suggestion: Option<String>) -> Option<T> {
        let (line, column) = self.place(at);
        self.errors.push(ExpressionError { code, message, line, column, suggestion });
        None
    }

    /// Line and column of the first character of what was written, or of the operator of a combined expression.
    fn place(&self, expr: &IdedExpr) -> (u32, u32) {
        let mut first = expr;
        while let Expr::Select(select) = &first.expr {
            first = &select.operand;
        }
        let offset = self.info.offset_for(first.id).or_else(|| self.info.offset_for(expr.id));
        place_of(&self.info.source, offset.map_or(0, |(start, _)| start as usize))
    }
}
