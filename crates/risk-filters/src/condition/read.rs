//! From text to the tree.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

use super::{ConditionTree, FieldTest, Operand, Operator, Scalar};
use crate::{
    Catalogue, ExpressionError, FieldType,
    expression::{parse, path, printed},
};

pub(super) fn read(expression: &str, catalogue: &Catalogue) -> Result<ConditionTree, Vec<ExpressionError>> {
    let parsed = parse(expression)?;
    Ok(Reader { catalogue }.tree(&parsed.root))
}

struct Reader<'c> {
    catalogue: &'c Catalogue,
}

impl Reader<'_> {
    fn tree(&self, expr: &IdedExpr) -> ConditionTree {
        self.known(expr).unwrap_or_else(|| ConditionTree::Expression { expression: printed(expr) })
    }

    /// The tree of what is in the form.
    fn known(&self, expr: &IdedExpr) -> Option<ConditionTree> {
        match &expr.expr {
            Expr::Select(select) if select.test => {
                let mut names = path(&select.operand)?;
                names.push(&select.field);
                Some(test(self.field(&names)?.0, Operator::Present, None))
            }
            Expr::Ident(_) | Expr::Select(_) => {
                let (name, field_type) = self.field(&path(expr)?)?;
                (field_type == FieldType::Boolean).then(|| boolean(name, true))
            }
            Expr::Call(call) => self.call(call),
            _ => None,
        }
    }

    fn call(&self, call: &CallExpr) -> Option<ConditionTree> {
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), arguments.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => {
                let mut all = flat(self.tree(a), self.tree(b), |tree| match tree {
                    ConditionTree::All { all } => Ok(all),
                    other => Err(other),
                });
                ranges(&mut all);
                Some(if all.len() == 1 { all.swap_remove(0) } else { ConditionTree::All { all } })
            }
            (operators::LOGICAL_OR, [a, b]) => {
                let any = flat(self.tree(a), self.tree(b), |tree| match tree {
                    ConditionTree::Any { any } => Ok(any),
                    other => Err(other),
                });
                Some(ConditionTree::Any { any })
            }
            (operators::LOGICAL_NOT, [inner]) => Some(negated(self.tree(inner))),
            (operators::EQUALS, [a, b]) => self.comparison(Operator::Equal, a, b),
            (operators::NOT_EQUALS, [a, b]) => self.comparison(Operator::NotEqual, a, b),
            (operators::LESS, [a, b]) => self.comparison(Operator::Less, a, b),
            (operators::LESS_EQUALS, [a, b]) => self.comparison(Operator::LessOrEqual, a, b),
            (operators::GREATER, [a, b]) => self.comparison(Operator::Greater, a, b),
            (operators::GREATER_EQUALS, [a, b]) => self.comparison(Operator::GreaterOrEqual, a, b),
            (operators::IN, [a, b]) => self.membership(a, b),
            ("startsWith", [text, part]) if call.target.is_some() => self.text_test(Operator::StartsWith, text, part),
            ("endsWith", [text, part]) if call.target.is_some() => self.text_test(Operator::EndsWith, text, part),
            ("contains", [text, part]) if call.target.is_some() => self.text_test(Operator::Contains, text, part),
            ("matches", [text, part]) if call.target.is_some() => self.text_test(Operator::Matches, text, part),
            _ => None,
        }
    }

    /// The field that an expression names, by its name in the catalogue.
    fn named(&self, expr: &IdedExpr) -> Option<(String, FieldType)> {
        if let Expr::Call(call) = &expr.expr
            && call.func_name == operators::INDEX
            && let [map, key] = call.args.as_slice()
            && let Expr::Literal(LiteralValue::String(key)) = &key.expr
        {
            let map = path(map)?.join(".");
            return self.keyed(&map, key.inner());
        }
        self.field(&path(expr)?)
    }

    fn field(&self, path: &[&str]) -> Option<(String, FieldType)> {
        let name = path.join(".");
        if let Some(field) = self.catalogue.field(&name) {
            return Some((name, field.field_type));
        }
        let (key, map) = path.split_last()?;
        self.keyed(&map.join("."), key)
    }

    fn keyed(&self, map: &str, key: &str) -> Option<(String, FieldType)> {
        let field = self.catalogue.field(map).filter(|field| field.field_type == FieldType::TextMap)?;
        Some((format!("{}['{key}']", field.name), FieldType::Text))
    }

    fn comparison(&self, op: Operator, a: &IdedExpr, b: &IdedExpr) -> Option<ConditionTree> {
        let (field, literal, op) = match (self.named(a), literal(b)) {
            (Some(field), Some(literal)) => (field, literal, op),
            _ => (self.named(b)?, literal(a)?, turned(op)),
        };
        let ((name, field_type), value) = (field, literal);
        if let (Operator::Equal | Operator::NotEqual, Scalar::Boolean(wanted)) = (op, &value)
            && field_type == FieldType::Boolean
        {
            return Some(boolean(name, *wanted == (op == Operator::Equal)));
        }
        (fits(field_type, &value) && Operator::of(field_type).contains(&op))
            .then(|| test(name, op, Some(Operand::One(value))))
    }

    fn membership(&self, element: &IdedExpr, list: &IdedExpr) -> Option<ConditionTree> {
        if let Expr::List(literals) = &list.expr {
            let (name, field_type) = self.named(element)?;
            let values: Vec<Scalar> = literals.elements.iter().map(literal).collect::<Option<_>>()?;
            let right = !values.is_empty() && values.iter().all(|value| fits(field_type, value));
            let several = Some(Operand::Several(values));
            return (right && Operator::of(field_type).contains(&Operator::OneOf))
                .then(|| test(name, Operator::OneOf, several));
        }
        if let Some(["lists", list]) = path(list).as_deref() {
            let (name, field_type) = self.named(element)?;
            let value = Some(Operand::One(Scalar::Text((*list).to_owned())));
            return (field_type == FieldType::Text).then(|| test(name, Operator::Listed, value));
        }
        let Scalar::Text(text) = literal(element)? else { return None };
        let (name, field_type) = self.named(list)?;
        match field_type {
            FieldType::TextList => Some(test(name, Operator::Includes, Some(Operand::One(Scalar::Text(text))))),
            FieldType::TextMap => Some(test(format!("{name}['{text}']"), Operator::Present, None)),
            _ => None,
        }
    }

    fn text_test(&self, op: Operator, text: &IdedExpr, part: &IdedExpr) -> Option<ConditionTree> {
        let (name, field_type) = self.named(text)?;
        let value = literal(part).filter(|value| matches!(value, Scalar::Text(_)))?;
        (field_type == FieldType::Text).then(|| test(name, op, Some(Operand::One(value))))
    }
}

fn test(field: String, op: Operator, value: Option<Operand>) -> ConditionTree {
    ConditionTree::Test(FieldTest { field, op, value })
}

fn boolean(field: String, value: bool) -> ConditionTree {
    test(field, Operator::Equal, Some(Operand::One(Scalar::Boolean(value))))
}

fn fits(field_type: FieldType, value: &Scalar) -> bool {
    matches!(
        (field_type, value),
        (FieldType::Text, Scalar::Text(_))
            | (FieldType::Integer, Scalar::Integer(_))
            | (FieldType::Number, Scalar::Number(_) | Scalar::Integer(_))
    )
}

/// Negations that have an operator of their own.
fn negated(tree: ConditionTree) -> ConditionTree {
    if let ConditionTree::Test(FieldTest { field, op, value }) = tree {
        let op = match (op, &value) {
            (Operator::OneOf, _) => Operator::NoneOf,
            (Operator::Listed, _) => Operator::NotListed,
            (Operator::Present, _) => Operator::Missing,
            (Operator::Equal, Some(Operand::One(Scalar::Boolean(value)))) => return boolean(field, !value),
            _ => return ConditionTree::Not { not: Box::new(test(field, op, value)) },
        };
        return test(field, op, value);
    }
    ConditionTree::Not { not: Box::new(tree) }
}

/// The parts of both, one level.
fn flat(
    a: ConditionTree,
    b: ConditionTree,
    parts: impl Fn(ConditionTree) -> Result<Vec<ConditionTree>, ConditionTree>,
) -> Vec<ConditionTree> {
    let mut all = parts(a).unwrap_or_else(|single| vec![single]);
    all.extend(parts(b).unwrap_or_else(|single| vec![single]));
    all
}

/// Makes one test of the two ends of a range that stand together.
fn ranges(all: &mut Vec<ConditionTree>) {
    let mut at = 1;
    while at < all.len() {
        match range(&all[at - 1], &all[at]) {
            Some(between) => {
                all[at - 1] = between;
                all.remove(at);
            }
            None => at += 1,
        }
    }
}

fn range(low: &ConditionTree, high: &ConditionTree) -> Option<ConditionTree> {
    match (low, high) {
        (
            ConditionTree::Test(FieldTest { field, op: Operator::GreaterOrEqual, value: Some(Operand::One(low)) }),
            ConditionTree::Test(FieldTest { field: same, op: Operator::LessOrEqual, value: Some(Operand::One(high)) }),
        ) if field == same => {
            let ends = Operand::Several(vec![low.clone(), high.clone()]);
            Some(test(field.clone(), Operator::Between, Some(ends)))
        }
        _ => None,
    }
}

fn turned(op: Operator) -> Operator {
    match op {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        same => same,
    }
}

fn literal(expr: &IdedExpr) -> Option<Scalar> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Boolean(value)) => Some(Scalar::Boolean(*value.inner())),
        Expr::Literal(LiteralValue::Int(value)) => Some(Scalar::Integer(*value.inner())),
        Expr::Literal(LiteralValue::Double(value)) => Some(Scalar::Number(*value.inner())),
        Expr::Literal(LiteralValue::String(value)) => Some(Scalar::Text(value.inner().to_owned())),
        Expr::Call(call) if call.func_name == operators::NEGATE => match literal(call.args.first()?)? {
            Scalar::Integer(value) => value.checked_neg().map(Scalar::Integer),
            Scalar::Number(value) => Some(Scalar::Number(-value)),
            _ => None,
        },
        _ => None,
    }
}
