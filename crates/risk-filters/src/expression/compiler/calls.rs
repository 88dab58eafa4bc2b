//! Operators and functions: which operands each takes.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators},
};
use regex::RegexBuilder;

use super::{
    super::{
        parse::literal_integer,
        print::printed,
        tree::{Arithmetic, Comparison, Condition, Integer, Number, Text, TextList, TextTest},
    },
    Compiler, MAX_PATTERN_BYTES, Typed,
};
use crate::{ExpressionErrorCode as Code, FieldType, catalogue::edit_distance};

impl Compiler<'_> {
    pub(super) fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Typed> {
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), arguments.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => {
                Some(Typed::Condition(Condition::Not(Box::new(self.condition(inner)?))))
            }
            (operators::LOGICAL_AND, [a, b]) => {
                let (a, b) = (self.condition(a), self.condition(b));
                let both = Condition::And(joined(a?, b?, |condition| match condition {
                    Condition::And(parts) => Ok(parts),
                    other => Err(other),
                }));
                self.judge(expr, &both, false);
                Some(Typed::Condition(both))
            }
            (operators::LOGICAL_OR, [a, b]) => {
                let (a, b) = (self.condition(a), self.condition(b));
                let either = Condition::Or(joined(a?, b?, |condition| match condition {
                    Condition::Or(parts) => Ok(parts),
                    other => Err(other),
                }));
                self.judge(expr, &either, false);
                Some(Typed::Condition(either))
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
                // In an order, a literal is a place and no code.
                if matches!(how, Comparison::Equal | Comparison::NotEqual) {
                    self.known_value(b, &left, &right);
                    self.known_value(a, &right, &left);
                }
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
                let slot = self.slots.of_key(self.vocabulary.catalogue.field(&name)?, key.inner());
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
        let (typed, typed_part) = (self.text(text), self.text(part));
        let (typed, typed_part) = (typed?, typed_part?);
        if let (TextTest::StartsWith, Text::Field(slot), Text::Constant(literal)) = (test, &typed, &typed_part) {
            self.known_code(part, *slot, literal, true);
        }
        Some(Typed::Condition(Condition::Test(test, typed, typed_part)))
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
    pub(super) fn quantified(&mut self, expr: &IdedExpr, comprehension: &ComprehensionExpr) -> Option<Typed> {
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
        // What a variable is looked up in a list for, or beside what, is told by nothing else of the loop either.
        let asks_lists = printed(expr).contains("lists.");
        let (list, body) = self.looked_up(asks_lists, |compiler| compiler.loop_over(comprehension, body))?;
        let quantified = Condition::Quantified(one, list, Box::new(body));
        self.judge(expr, &quantified, false);
        Some(Typed::Condition(quantified))
    }

    /// The list of a loop, and the condition on its elements.
    fn loop_over(&mut self, comprehension: &ComprehensionExpr, body: &IdedExpr) -> Option<(TextList, Condition)> {
        let list = match self.typed(&comprehension.iter_range)? {
            Typed::List(list) => list,
            other => {
                let message = format!("exists and all take a list of text, not {}", other.field_type());
                return self.refuse(&comprehension.iter_range, Code::TypeMismatch, message);
            }
        };
        let elements_of = match list {
            TextList::Field(slot) => Some(slot),
            TextList::Constant(_) => None,
        };
        self.variables.push((comprehension.iter_var.clone(), elements_of));
        let body = self.condition(body);
        self.variables.pop();
        Some((list, body?))
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
            .filter(|(distance, _)| *distance <= 1 + name.len() / 3)
            .map(|(_, function)| function.to_owned());
        let _: Option<()> =
            self.refuse_with(expr, Code::UnknownFunction, format!("there is no function {name}"), suggestion);
        // The parser places a call at its parenthesis; what is wrong is the name before.
        if let Some(error) = self.errors.last_mut() {
            error.column = error.column.saturating_sub(name.chars().count() as u32).max(1);
        }
        None
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
