//! A parsed expression as text again, for the parts that a tree of conditions keeps as text.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators},
};

/// A text literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        match character {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            plain => quoted.push(plain),
        }
    }
    quoted.push('\'');
    quoted
}

/// The expression as text that parses to the same.
pub(crate) fn printed(expr: &IdedExpr) -> String {
    match &expr.expr {
        Expr::Unspecified => String::new(),
        Expr::Ident(name) => name.clone(),
        Expr::Literal(literal) => of_literal(literal),
        Expr::Select(select) if select.test => format!("has({}.{})", inner(&select.operand), select.field),
        Expr::Select(select) => format!("{}.{}", inner(&select.operand), select.field),
        Expr::List(list) => format!("[{}]", list.elements.iter().map(printed).collect::<Vec<_>>().join(", ")),
        Expr::Call(call) => of_call(call),
        Expr::Comprehension(comprehension) => of_loop(comprehension),
        // Filters have neither, and the check says so; what was written is told in its outline.
        Expr::Map(_) => "{}".to_owned(),
        Expr::Struct(made) => format!("{}{{}}", made.type_name),
    }
}

fn of_literal(literal: &LiteralValue) -> String {
    match literal {
        LiteralValue::Boolean(value) => value.inner().to_string(),
        LiteralValue::Int(value) => value.inner().to_string(),
        LiteralValue::UInt(value) => format!("{}u", value.inner()),
        LiteralValue::Double(value) => format!("{:?}", value.inner()),
        LiteralValue::String(value) => quoted(value.inner()),
        LiteralValue::Null => "null".to_owned(),
        LiteralValue::Bytes(value) => format!("b{}", quoted(&String::from_utf8_lossy(value.inner()))),
    }
}

/// In parentheses, unless it holds together by itself.
fn inner(expr: &IdedExpr) -> String {
    let text = printed(expr);
    let tight = match &expr.expr {
        Expr::Call(call) => !call.func_name.contains('_') && call.func_name != operators::IN,
        Expr::Literal(LiteralValue::Int(value)) => *value.inner() >= 0,
        Expr::Literal(LiteralValue::Double(value)) => *value.inner() >= 0.0,
        _ => true,
    };
    if tight { text } else { format!("({text})") }
}

fn of_call(call: &CallExpr) -> String {
    let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
    match (call.func_name.as_str(), arguments.as_slice()) {
        (operators::CONDITIONAL, [condition, yes, no]) => {
            format!("{} ? {} : {}", inner(condition), inner(yes), inner(no))
        }
        (operators::INDEX, [map, key]) => format!("{}[{}]", inner(map), printed(key)),
        (operators::LOGICAL_NOT, [of]) => format!("!{}", inner(of)),
        (operators::NEGATE, [of]) => format!("-{}", inner(of)),
        (operators::IN, [a, b]) => format!("{} in {}", inner(a), inner(b)),
        (name, [a, b]) if operators::find_operator(name).is_some() || sign(name).is_some() => {
            format!("{} {} {}", inner(a), sign(name).unwrap_or_default(), inner(b))
        }
        (name, arguments) => {
            let listed = |of: &[&IdedExpr]| of.iter().map(|of| printed(of)).collect::<Vec<_>>().join(", ");
            match (&call.target, arguments) {
                (Some(target), [_, rest @ ..]) => format!("{}.{name}({})", inner(target), listed(rest)),
                (_, all) => format!("{name}({})", listed(all)),
            }
        }
    }
}

/// `==` for `_==_`.
fn sign(name: &str) -> Option<&str> {
    name.strip_prefix('_')?.strip_suffix('_').filter(|sign| !sign.is_empty())
}

/// `exists` and `all`, which the parser has expanded.
fn of_loop(comprehension: &ComprehensionExpr) -> String {
    let (name, body) = match &comprehension.loop_step.expr {
        Expr::Call(step) if step.args.len() == 2 => {
            let name = if step.func_name == operators::LOGICAL_OR { operators::EXISTS } else { operators::ALL };
            (name, printed(&step.args[1]))
        }
        _ => (operators::EXISTS, printed(&comprehension.loop_step)),
    };
    format!("{}.{name}({}, {body})", inner(&comprehension.iter_range), comprehension.iter_var)
}
