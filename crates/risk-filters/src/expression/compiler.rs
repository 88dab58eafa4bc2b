//! Typing: from the parser's tree to ours, with every mistake told at its place.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SourceInfo, operators},
    parser::Parser,
};
use regex::RegexBuilder;

use super::{
    MAX_DEPTH, MAX_LENGTH, Slots,
    tree::{Arithmetic, Comparison, Condition, Integer, Number, Text, TextList, TextTest},
};
use crate::{Catalogue, ExpressionError, ExpressionErrorCode as Code, Field, FieldType, catalogue::edit_distance};

/// The most memory a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A parsed expression with the places of its parts.
pub(super) struct Parsed {
    pub(super) root: IdedExpr,
    info: SourceInfo,
}

/// Parses within the limits of length and depth.
pub(super) fn parse(expression: &str) -> Result<Parsed, Vec<ExpressionError>> {
    let refused = |code, message: String| vec![ExpressionError { code, message, line: 1, column: 1, suggestion: None }];
    if expression.trim().is_empty() {
        return Err(refused(Code::Syntax, "the condition is empty".to_owned()));
    }
    if expression.chars().count() > MAX_LENGTH {
        return Err(refused(Code::TooLarge, format!("a condition has at most {MAX_LENGTH} characters")));
    }
    match Parser::new().max_recursion_depth(MAX_DEPTH).parse_with_source_info(expression) {
        Ok((root, info)) => Ok(Parsed { root, info }),
        Err(failed) => Err(failed
            .errors
            .into_iter()
            .map(|error| ExpressionError {
                code: Code::Syntax,
                message: error.msg,
                line: u32::try_from(error.pos.0).unwrap_or(1).max(1),
                column: u32::try_from(error.pos.1).unwrap_or(1).max(1),
                suggestion: None,
            })
            .collect()),
    }
}

/// A part of an expression with its type.
enum Typed {
    Condition(Condition),
    Integer(Integer),
    Number(Number),
    Text(Text),
    List(TextList),
    /// Text by key: the name of the field.
    Map(String),
}

impl Typed {
    fn field_type(&self) -> FieldType {
        match self {
            Self::Condition(_) => FieldType::Boolean,
            Self::Integer(_) => FieldType::Integer,
            Self::Number(_) => FieldType::Number,
            Self::Text(_) => FieldType::Text,
            Self::List(_) => FieldType::TextList,
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

/// Types one expression. Methods return `None` after recording what is wrong.
pub(super) struct Compiler<'c> {
    catalogue: &'c Catalogue,
    slots: &'c mut Slots,
    info: &'c SourceInfo,
    /// Variables of the surrounding `exists` and `all`, outermost first.
    variables: Vec<String>,
    fields: Vec<usize>,
    errors: Vec<ExpressionError>,
}

impl<'c> Compiler<'c> {
    pub(super) fn new(catalogue: &'c Catalogue, slots: &'c mut Slots, parsed: &'c Parsed) -> Self {
        let info = &parsed.info;
        Self { catalogue, slots, info, variables: Vec::new(), fields: Vec::new(), errors: Vec::new() }
    }

    /// What is wrong, and the slots in use.
    pub(super) fn finish(self) -> (Vec<ExpressionError>, Vec<usize>) {
        (self.errors, self.fields)
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
        if let Some(outward) = self.variables.iter().rev().position(|variable| *variable == path[0]) {
            return match path.len() {
                1 => Some(Typed::Text(Text::Variable(outward))),
                _ => self.refuse(expr, Code::TypeMismatch, format!("{} is text and has no parts", path[0])),
            };
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
        let catalogue = self.catalogue;
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
        Some(Typed::Condition(Condition::Has(slot)))
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Typed> {
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), arguments.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => {
                Some(Typed::Condition(Condition::Not(Box::new(self.condition(inner)?))))
            }
            (operators::LOGICAL_AND, [a, b]) => {
                let (a, b) = (self.condition(a), self.condition(b));
                Some(Typed::Condition(Condition::And(joined(a?, b?, |condition| match condition {
                    Condition::And(parts) => Ok(parts),
                    other => Err(other),
                }))))
            }
            (operators::LOGICAL_OR, [a, b]) => {
                let (a, b) = (self.condition(a), self.condition(b));
                Some(Typed::Condition(Condition::Or(joined(a?, b?, |condition| match condition {
                    Condition::Or(parts) => Ok(parts),
                    other => Err(other),
                }))))
            }
            (operators::EQUALS, [a, b]) => self.comparison(expr, Comparison::Equal, a, b),
            (operators::NOT_EQUALS, [a, b]) => self.comparison(expr, Comparison::NotEqual, a, b),
            (operators::LESS, [a, b]) => self.comparison(expr, Comparison::Less, a, b),
            (operators::LESS_EQUALS, [a, b]) => self.comparison(expr, Comparison::LessOrEqual, a, b),
            (operators::GREATER, [a, b]) => self.comparison(expr, Comparison::Greater, a, b),
            (operators::GREATER_EQUALS, [a, b]) => self.comparison(expr, Comparison::GreaterOrEqual, a, b),
            (operators::IN, [element, list]) => self.membership(expr, element, list),
            (operators::ADD, [a, b]) => self.arithmetic(expr, Arithmetic::Add, a, b),
            (operators::SUBSTRACT, [a, b]) => self.arithmetic(expr, Arithmetic::Subtract, a, b),
            (operators::MULTIPLY, [a, b]) => self.arithmetic(expr, Arithmetic::Multiply, a, b),
            (operators::DIVIDE, [a, b]) => self.arithmetic(expr, Arithmetic::Divide, a, b),
            (operators::MODULO, [a, b]) => self.arithmetic(expr, Arithmetic::Remainder, a, b),
            (operators::NEGATE, [inner]) => match self.typed(inner)? {
                Typed::Integer(number) => Some(Typed::Integer(Integer::Negated(Box::new(number)))),
                Typed::Number(number) => Some(Typed::Number(Number::Negated(Box::new(number)))),
                other => {
                    let message = format!("- takes a number, not {}", other.field_type());
                    self.refuse(expr, Code::TypeMismatch, message)
                }
            },
            (operators::CONDITIONAL, [condition, yes, no]) => self.choice(expr, condition, yes, no),
            (operators::INDEX, [map, key]) => self.index(expr, map, key),
            ("size", [of]) => self.size(expr, of),
            ("double", [of]) if call.target.is_none() => self.as_double(expr, of),
            ("int", [of]) if call.target.is_none() => self.as_int(expr, of),
            ("startsWith", [text, part]) if call.target.is_some() => self.test(TextTest::StartsWith, text, part),
            ("endsWith", [text, part]) if call.target.is_some() => self.test(TextTest::EndsWith, text, part),
            ("contains", [text, part]) if call.target.is_some() => self.test(TextTest::Contains, text, part),
            ("matches", [text, pattern]) if call.target.is_some() => self.pattern(text, pattern),
            (name, arguments) => self.unknown_function(expr, name, arguments),
        }
    }

    fn comparison(&mut self, expr: &IdedExpr, how: Comparison, a: &IdedExpr, b: &IdedExpr) -> Option<Typed> {
        let (left, right) = (self.typed(a), self.typed(b));
        let (left, right) = (left?, right?);
        let condition = match (left, right) {
            (Typed::Text(left), Typed::Text(right)) => {
                self.known_value(b, &left, &right);
                self.known_value(a, &right, &left);
                Condition::Texts(how, left, right)
            }
            (Typed::Integer(left), Typed::Integer(right)) => Condition::Integers(how, left, right),
            (Typed::Condition(left), Typed::Condition(right))
                if matches!(how, Comparison::Equal | Comparison::NotEqual) =>
            {
                Condition::Conditions(how == Comparison::Equal, Box::new((left, right)))
            }
            (left, right) => {
                let found = (left.field_type(), right.field_type());
                let (Ok(left), Ok(right)) = (left.into_number(), right.into_number()) else {
                    let message = format!("{} and {} cannot be compared like this", found.0, found.1);
                    let suggestion = quoted_for(found, a, b);
                    return self.refuse_with(expr, Code::TypeMismatch, message, suggestion);
                };
                Condition::Numbers(how, left, right)
            }
        };
        Some(Typed::Condition(condition))
    }

    /// Refuses to compare a field with a literal that it can never have.
    fn known_value(&mut self, at: &IdedExpr, field: &Text, literal: &Text) {
        if let (Text::Field(slot), Text::Constant(literal)) = (field, literal) {
            self.known_literal(at, *slot, literal);
        }
    }

    fn known_literal(&mut self, at: &IdedExpr, slot: usize, literal: &str) {
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

    fn membership(&mut self, expr: &IdedExpr, element: &IdedExpr, list: &IdedExpr) -> Option<Typed> {
        let typed = self.typed(element)?;
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
            (Typed::Text(Text::Constant(key)), Typed::Map(map)) => {
                let slot = self.slots.of_key(self.catalogue.field(&map)?, &key);
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
    fn literal_texts(&mut self, list: &IdedExpr) -> Option<Vec<Box<str>>> {
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

    fn arithmetic(&mut self, expr: &IdedExpr, how: Arithmetic, a: &IdedExpr, b: &IdedExpr) -> Option<Typed> {
        let (left, right) = (self.typed(a), self.typed(b));
        match (left?, right?) {
            (Typed::Integer(left), Typed::Integer(right)) => {
                Some(Typed::Integer(Integer::Computed(how, Box::new((left, right)))))
            }
            (Typed::Number(left), Typed::Number(right)) if how != Arithmetic::Remainder => {
                Some(Typed::Number(Number::Computed(how, Box::new((left, right)))))
            }
            (Typed::Text(left), Typed::Text(right)) if how == Arithmetic::Add => {
                Some(Typed::Text(Text::Joined(Box::new((left, right)))))
            }
            (left, right) => {
                let message = format!("{} and {} cannot be combined like this", left.field_type(), right.field_type());
                let suggestion = match (&left, &right) {
                    (Typed::Number(_), Typed::Integer(Integer::Constant(value)))
                    | (Typed::Integer(Integer::Constant(value)), Typed::Number(_)) => Some(format!("{value}.0")),
                    (Typed::Number(_), Typed::Integer(_)) | (Typed::Integer(_), Typed::Number(_)) => {
                        Some("double(…)".to_owned())
                    }
                    _ => None,
                };
                self.refuse_with(expr, Code::TypeMismatch, message, suggestion)
            }
        }
    }

    fn choice(&mut self, expr: &IdedExpr, condition: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Option<Typed> {
        let (condition, yes, no) = (self.condition(condition), self.typed(yes), self.typed(no));
        match (condition?, yes?, no?) {
            (condition, Typed::Condition(yes), Typed::Condition(no)) => {
                Some(Typed::Condition(Condition::Choice(Box::new((condition, yes, no)))))
            }
            (condition, Typed::Integer(yes), Typed::Integer(no)) => {
                Some(Typed::Integer(Integer::Choice(Box::new((condition, yes, no)))))
            }
            (condition, Typed::Number(yes), Typed::Number(no)) => {
                Some(Typed::Number(Number::Choice(Box::new((condition, yes, no)))))
            }
            (condition, Typed::Text(yes), Typed::Text(no)) => {
                Some(Typed::Text(Text::Choice(Box::new((condition, yes, no)))))
            }
            (_, yes, no) => {
                let message =
                    format!("both results must be of one type, these are {} and {}", yes.field_type(), no.field_type());
                self.refuse(expr, Code::TypeMismatch, message)
            }
        }
    }

    fn index(&mut self, expr: &IdedExpr, map: &IdedExpr, key: &IdedExpr) -> Option<Typed> {
        match (self.typed(map)?, &key.expr) {
            (Typed::Map(name), Expr::Literal(LiteralValue::String(key))) => {
                let slot = self.slots.of_key(self.catalogue.field(&name)?, key.inner());
                self.used(slot);
                Some(Typed::Text(Text::Field(slot)))
            }
            (Typed::Map(name), _) => {
                self.refuse(key, Code::TypeMismatch, format!("{name} is asked for with a text literal, ['…']"))
            }
            (other, _) => {
                let message = format!("[…] is for text by key, this is {}", other.field_type());
                let suggestion = matches!(other, Typed::List(_)).then(|| "exists(x, …)".to_owned());
                self.refuse_with(expr, Code::Unsupported, message, suggestion)
            }
        }
    }

    fn size(&mut self, expr: &IdedExpr, of: &IdedExpr) -> Option<Typed> {
        match self.typed(of)? {
            Typed::Text(text) => Some(Typed::Integer(Integer::SizeOfText(Box::new(text)))),
            Typed::List(list) => Some(Typed::Integer(Integer::SizeOfList(list))),
            other => {
                let message = format!("size() takes text or a list, not {}", other.field_type());
                self.refuse(expr, Code::TypeMismatch, message)
            }
        }
    }

    fn as_double(&mut self, expr: &IdedExpr, of: &IdedExpr) -> Option<Typed> {
        Some(Typed::Number(match self.typed(of)? {
            Typed::Text(text) => Number::FromText(Box::new(text)),
            other => match other.into_number() {
                Ok(number) => number,
                Err(other) => {
                    let message = format!("double() takes a number or text, not {}", other.field_type());
                    return self.refuse(expr, Code::TypeMismatch, message);
                }
            },
        }))
    }

    fn as_int(&mut self, expr: &IdedExpr, of: &IdedExpr) -> Option<Typed> {
        Some(Typed::Integer(match self.typed(of)? {
            Typed::Text(text) => Integer::FromText(Box::new(text)),
            Typed::Integer(number) => number,
            Typed::Number(number) => Integer::FromNumber(Box::new(number)),
            other => {
                let message = format!("int() takes a number or text, not {}", other.field_type());
                return self.refuse(expr, Code::TypeMismatch, message);
            }
        }))
    }

    fn test(&mut self, test: TextTest, text: &IdedExpr, part: &IdedExpr) -> Option<Typed> {
        let (text, part) = (self.text(text), self.text(part));
        Some(Typed::Condition(Condition::Test(test, text?, part?)))
    }

    fn pattern(&mut self, text: &IdedExpr, pattern: &IdedExpr) -> Option<Typed> {
        let text = self.text(text)?;
        let Expr::Literal(LiteralValue::String(source)) = &pattern.expr else {
            return self.refuse(pattern, Code::Unsupported, "the pattern must be a text literal".to_owned());
        };
        match RegexBuilder::new(source.inner()).size_limit(MAX_PATTERN_BYTES).build() {
            Ok(regex) => Some(Typed::Condition(Condition::Matches(text, Box::new(regex)))),
            Err(error) => self.refuse(pattern, Code::BadPattern, format!("the pattern does not compile: {error}")),
        }
    }

    fn text(&mut self, expr: &IdedExpr) -> Option<Text> {
        match self.typed(expr)? {
            Typed::Text(text) => Some(text),
            other => {
                let message = format!("text is expected here, this is {}", other.field_type());
                self.refuse(expr, Code::TypeMismatch, message)
            }
        }
    }

    /// `exists` and `all`, which the parser has expanded into a loop.
    fn quantified(&mut self, expr: &IdedExpr, comprehension: &ComprehensionExpr) -> Option<Typed> {
        let (one, body) = match (&comprehension.accu_init.expr, &comprehension.loop_step.expr) {
            (Expr::Literal(LiteralValue::Boolean(_)), Expr::Call(step))
                if comprehension.iter_var2.is_none() && step.args.len() == 2 =>
            {
                (step.func_name == operators::LOGICAL_OR, &step.args[1])
            }
            _ => {
                let message = "of the loops, filters use exists(x, …) and all(x, …)".to_owned();
                return self.refuse(expr, Code::Unsupported, message);
            }
        };
        let list = match self.typed(&comprehension.iter_range)? {
            Typed::List(list) => list,
            other => {
                let message = format!("exists and all take a list of text, not {}", other.field_type());
                return self.refuse(&comprehension.iter_range, Code::TypeMismatch, message);
            }
        };
        self.variables.push(comprehension.iter_var.clone());
        let body = self.condition(body);
        self.variables.pop();
        Some(Typed::Condition(Condition::Quantified(one, list, Box::new(body?))))
    }

    fn unknown_function(&mut self, expr: &IdedExpr, name: &str, arguments: &[&IdedExpr]) -> Option<Typed> {
        const FUNCTIONS: [&str; 9] =
            ["startsWith", "endsWith", "contains", "matches", "size", "has", "exists", "all", "double"];
        if FUNCTIONS.contains(&name) || name == "int" {
            let message = format!("{name} is not used with {} operands in this form", arguments.len());
            let suggestion = match name {
                "startsWith" | "endsWith" | "contains" | "matches" => Some(format!("field.{name}('…')")),
                "has" => Some("has(item.netMassKg)".to_owned()),
                "exists" | "all" => Some(format!("list.{name}(x, …)")),
                _ => Some(format!("{name}(…)")),
            };
            return self.refuse_with(expr, Code::TypeMismatch, message, suggestion);
        }
        let suggestion = FUNCTIONS
            .into_iter()
            .map(|function| (edit_distance(&name.to_lowercase(), &function.to_lowercase()), function))
            .min()
            .filter(|(distance, _)| *distance <= 3)
            .map(|(_, function)| function.to_owned());
        self.refuse_with(expr, Code::UnknownFunction, format!("there is no function {name}"), suggestion)
    }

    fn used(&mut self, slot: usize) {
        if !self.fields.contains(&slot) {
            self.fields.push(slot);
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

/// Line and column in characters, both from 1, of what stands at `offset`, which the parser counts in bytes.
fn place_of(source: &str, offset: usize) -> (u32, u32) {
    let (mut line, mut column) = (1, 1);
    for (_, character) in source.char_indices().take_while(|(at, _)| *at < offset) {
        if character == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

/// The dotted name that an expression spells.
fn path(expr: &IdedExpr) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut at = &expr.expr;
    loop {
        match at {
            Expr::Ident(name) => {
                parts.push(name.as_str());
                parts.reverse();
                return Some(parts);
            }
            Expr::Select(select) if !select.test => {
                parts.push(select.field.as_str());
                at = &select.operand.expr;
            }
            _ => return None,
        }
    }
}

/// Two conditions as the parts of one conjunction (or disjunction), without nesting.
fn joined(
    a: Condition,
    b: Condition,
    parts: impl Fn(Condition) -> Result<Vec<Condition>, Condition>,
) -> Vec<Condition> {
    let mut all = parts(a).unwrap_or_else(|single| vec![single]);
    all.extend(parts(b).unwrap_or_else(|single| vec![single]));
    all
}

/// `'118'` for `declaration.office == 118`.
fn quoted_for(found: (FieldType, FieldType), a: &IdedExpr, b: &IdedExpr) -> Option<String> {
    let literal = match found {
        (FieldType::Text, FieldType::Integer) => literal_integer(b),
        (FieldType::Integer, FieldType::Text) => literal_integer(a),
        _ => None,
    };
    literal.map(|value| format!("'{value}'"))
}

fn is_integer(expr: &IdedExpr) -> bool {
    literal_integer(expr).is_some()
}

fn literal_integer(expr: &IdedExpr) -> Option<i64> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Int(value)) => Some(*value.inner()),
        _ => None,
    }
}

fn literal_number(expr: &IdedExpr) -> Option<f64> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Int(value)) => Some(*value.inner() as f64),
        Expr::Literal(LiteralValue::Double(value)) => Some(*value.inner()),
        _ => None,
    }
}
