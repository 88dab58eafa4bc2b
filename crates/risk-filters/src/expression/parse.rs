//! Parsing within limits, and places in the text.

use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, SourceInfo},
    parser::Parser,
};

use super::{MAX_DEPTH, MAX_LENGTH};
use crate::{ExpressionError, ExpressionErrorCode as Code};

/// A parsed expression with the places of its parts.
pub(crate) struct Parsed {
    pub(crate) root: IdedExpr,
    pub(super) info: SourceInfo,
}

/// Parses within the limits of length and depth.
pub(crate) fn parse(expression: &str) -> Result<Parsed, Vec<ExpressionError>> {
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

/// Line and column in characters, both from 1, of what stands at `offset`, which the parser counts in bytes.
pub(super) fn place_of(source: &str, offset: usize) -> (u32, u32) {
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
pub(crate) fn path(expr: &IdedExpr) -> Option<Vec<&str>> {
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

pub(super) fn is_integer(expr: &IdedExpr) -> bool {
    literal_integer(expr).is_some()
}

pub(super) fn literal_integer(expr: &IdedExpr) -> Option<i64> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Int(value)) => Some(*value.inner()),
        _ => None,
    }
}

pub(super) fn literal_number(expr: &IdedExpr) -> Option<f64> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Int(value)) => Some(*value.inner() as f64),
        Expr::Literal(LiteralValue::Double(value)) => Some(*value.inner()),
        _ => None,
    }
}
