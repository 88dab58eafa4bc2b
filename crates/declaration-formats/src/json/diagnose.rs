//! Everything that makes a refused document unreadable, each fault with its place and with how to write it instead.

use std::collections::BTreeSet;
use std::str::FromStr;

use customs::{Decimal, Place, rfc3339};

use super::guard::{is_longer, is_too_long};
use super::shape::{ANY, DECLARATION, Field, Presence, Shape};
use super::tree::{Node, Reason, Stop, parse};
use super::{MAX_DEPTH, MAX_FAULTS, MAX_IDENTITY, MAX_TEXT};
use crate::{Fault, FaultCode};

/// The faults of `text`, at most [`MAX_FAULTS`] and one that says so.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    match parse(text) {
        Ok(node) => check(&node, &DECLARATION, Place::Root, &mut faults),
        Err(stop) => faults.0.push(stopped(text, &stop)),
    }
    faults.0
}

/// The fault of bytes that stop being UTF-8 at `offset`.
pub fn not_utf8(bytes: &[u8], offset: usize) -> Fault {
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let message = format!("byte 0x{byte:02x} at {} is not UTF-8; send the document in UTF-8", place(bytes, offset));
    Fault::new("", FaultCode::NotUtf8, message)
}

fn stopped(text: &str, stop: &Stop) -> Fault {
    let place = place(text.as_bytes(), stop.offset);
    match stop.reason {
        Reason::Truncated => {
            let message = format!("the document ends at {place}, before the declaration is complete");
            Fault::new("", FaultCode::Truncated, message)
        }
        Reason::TooDeep => {
            let message = format!("nested {MAX_DEPTH} levels deep at {place}; a declaration needs fewer than 10");
            Fault::new("", FaultCode::TooDeep, message)
        }
        Reason::Syntax(expected) => {
            let got = text[stop.offset..].chars().next().unwrap_or(' ');
            Fault::new("", FaultCode::Syntax, format!("not JSON at {place}: {expected}, got {got:?}"))
        }
    }
}

/// `byte 12 (line 1, column 13)`; columns count characters, from 1.
fn place(bytes: &[u8], offset: usize) -> String {
    let before = &bytes[..offset.min(bytes.len())];
    let line = before.split(|byte| *byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let column = 1 + String::from_utf8_lossy(&before[start..]).chars().count();
    format!("byte {offset} (line {line}, column {column})")
}

struct Faults(Vec<Fault>);

impl Faults {
    fn is_full(&self) -> bool {
        self.0.len() > MAX_FAULTS
    }

    fn push(&mut self, path: Place<'_>, code: FaultCode, message: String) {
        match self.0.len() {
            len if len < MAX_FAULTS => self.0.push(Fault::new(path.pointer(), code, message)),
            MAX_FAULTS => {
                let message = format!("more than {MAX_FAULTS} faults; only the first are listed");
                self.0.push(Fault::new("", FaultCode::MoreFaults, message));
            }
            _ => {}
        }
    }
}

fn check(node: &Node, shape: &'static Shape, path: Place<'_>, faults: &mut Faults) {
    if faults.is_full() {
        return;
    }
    match node {
        Node::NotFinite(word) => {
            let message = format!("{word} is not JSON; leave the field out, or write {}", wanted(shape));
            faults.push(path, FaultCode::NotFinite, message);
        }
        Node::Number(digits) if !is_finite(digits) => {
            let message = format!("a number beyond every range; write {}", wanted(shape));
            faults.push(path, FaultCode::NotFinite, message);
        }
        Node::Text(text) if is_too_long(text) => {
            let message = format!("{} characters; a text has at most {MAX_TEXT}", text.chars().count());
            faults.push(path, FaultCode::TextTooLong, message);
        }
        Node::Object(members) => match shape {
            Shape::Object(_, fields) => check_object(members, fields, path, faults),
            Shape::Texts => check_members(members, &Shape::Text, path, faults),
            Shape::Any => check_members(members, &ANY, path, faults),
            _ => wrong_type(node, shape, path, faults),
        },
        Node::List(elements) => match shape {
            Shape::List(shape, most) => check_list(elements, shape, *most, path, faults),
            Shape::Any => check_list(elements, &ANY, usize::MAX, path, faults),
            _ => wrong_type(node, shape, path, faults),
        },
        _ => check_scalar(node, shape, path, faults),
    }
}

fn check_object(members: &[(String, Node)], fields: &'static [Field], path: Place<'_>, faults: &mut Faults) {
    duplicates(members, path, faults);
    for (name, node) in members {
        let field = fields.iter().find(|field| field.name == name);
        let is_absent = matches!(node, Node::Null) && field.is_some_and(|field| field.presence == Presence::Optional);
        if !is_absent {
            check(node, field.map_or(&ANY, |field| field.shape), Place::Key(&path, name), faults);
        }
    }
    for field in fields.iter().filter(|field| field.presence == Presence::Required) {
        if !members.iter().any(|(name, _)| name == field.name) {
            let message = format!("required; write {}", wanted(field.shape));
            faults.push(Place::Key(&path, field.name), FaultCode::MissingField, message);
        }
    }
}

fn check_members(members: &[(String, Node)], shape: &'static Shape, path: Place<'_>, faults: &mut Faults) {
    duplicates(members, path, faults);
    for (name, node) in members {
        check(node, shape, Place::Key(&path, name), faults);
    }
}

fn check_list(elements: &[Node], shape: &'static Shape, most: usize, path: Place<'_>, faults: &mut Faults) {
    if elements.len() > most {
        let message = format!("{} goods items; a declaration has at most {most}: split it", elements.len());
        faults.push(path, FaultCode::TooManyItems, message);
    }
    for (index, element) in elements.iter().enumerate().take(most) {
        check(element, shape, Place::Index(&path, index), faults);
    }
}

fn duplicates(members: &[(String, Node)], path: Place<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (name, _) in members {
        if is_too_long(name) {
            let message = format!("a name of {} characters; at most {MAX_TEXT}", name.chars().count());
            faults.push(Place::Key(&path, name), FaultCode::TextTooLong, message);
        }
        if !seen.insert(name.as_str()) {
            let message = "stands more than once in this object; keep one".to_owned();
            faults.push(Place::Key(&path, name), FaultCode::DuplicateKey, message);
        }
    }
}

fn check_scalar(node: &Node, shape: &'static Shape, path: Place<'_>, faults: &mut Faults) {
    match (shape, node) {
        (Shape::Any, _) | (Shape::Text, Node::Text(_)) | (Shape::Flag, Node::Flag(_)) => {}
        (Shape::FilledText, Node::Text(text)) => {
            if text.trim().is_empty() {
                faults.push(path, FaultCode::EmptyText, "empty; this text identifies the declaration".to_owned());
            } else if is_longer(text, MAX_IDENTITY) {
                let length = text.chars().count();
                let message = format!("{length} characters; a text that identifies has at most {MAX_IDENTITY}");
                faults.push(path, FaultCode::TextTooLong, message);
            } else if let Some(control) = text.chars().find(|character| character.is_control()) {
                let message = format!("the control character {control:?} in a text that identifies the declaration");
                faults.push(path, FaultCode::ControlCharacter, message);
            }
        }
        (Shape::OneOf(allowed), Node::Text(text)) => {
            if !allowed.contains(&text.as_str()) {
                let message = format!("{} is not one of {}", quote(text), list(allowed));
                faults.push(path, FaultCode::UnknownValue, message);
            }
        }
        (Shape::Timestamp, Node::Text(text)) => {
            if rfc3339::parse(text).is_none() {
                let message = format!("{} is not {}", quote(text), wanted(shape));
                faults.push(path, FaultCode::BadTimestamp, message);
            }
        }
        (Shape::Decimal, Node::Text(text)) => {
            if Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).is_err() {
                let message =
                    format!("{} is not a decimal number of at most 28 digits; write {}", quote(text), wanted(shape));
                faults.push(path, FaultCode::BadDecimal, message);
            }
        }
        (Shape::Integer(most), Node::Number(digits)) => match digits.parse::<u64>() {
            Ok(value) if value <= *most => {}
            _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                let message = format!("{} is above {most}", shorten(digits));
                faults.push(path, FaultCode::OutOfRange, message);
            }
            _ => wrong_type(node, shape, path, faults),
        },
        (Shape::Signed, Node::Number(digits)) => {
            if digits.parse::<i64>().is_err() {
                let whole = digits.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
                if whole {
                    let message = format!("{} is beyond every count", shorten(digits));
                    faults.push(path, FaultCode::OutOfRange, message);
                } else {
                    wrong_type(node, shape, path, faults);
                }
            }
        }
        _ => wrong_type(node, shape, path, faults),
    }
}

fn wrong_type(node: &Node, shape: &Shape, path: Place<'_>, faults: &mut Faults) {
    let mut message = format!("expected {}, got {}", wanted(shape), got(node));
    match (shape, node) {
        (Shape::Decimal, Node::Number(digits)) => {
            message.push_str(": put it in quotes, \"");
            message.push_str(&shorten(digits));
            message.push_str("\", so that no reader rounds it");
        }
        (Shape::Text | Shape::FilledText, Node::Number(digits)) => {
            message.push_str(": put it in quotes, \"");
            message.push_str(&shorten(digits));
            message.push('"');
        }
        (_, Node::Null) => message.push_str(": leave the field out where it may be absent"),
        _ => {}
    }
    faults.push(path, FaultCode::WrongType, message);
}

/// What a value of `shape` is, and how it is written.
fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::FilledText => "a text".to_owned(),
        Shape::Decimal => "a decimal number as text, such as \"12.50\"".to_owned(),
        Shape::Timestamp => "a date and time of RFC 3339 with offset, such as \"2026-03-02T08:00:00-05:00\"".to_owned(),
        Shape::Integer(most) => format!("a whole number from 0 to {most}"),
        Shape::Signed => "a whole number".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::OneOf(allowed) => format!("one of {}", list(allowed)),
        Shape::Object(what, _) => (*what).to_owned(),
        Shape::List(..) => "a list".to_owned(),
        Shape::Texts => "an object of texts, such as {\"name\": \"value\"}".to_owned(),
        Shape::Any => "any JSON value".to_owned(),
    }
}

fn got(node: &Node) -> String {
    match node {
        Node::Null => "null".to_owned(),
        Node::Flag(flag) => flag.to_string(),
        Node::Number(digits) => format!("the number {}", shorten(digits)),
        Node::NotFinite(word) => (*word).to_owned(),
        Node::Text(text) => format!("the text {}", quote(text)),
        Node::List(_) => "a list".to_owned(),
        Node::Object(_) => "an object".to_owned(),
    }
}

fn is_finite(digits: &str) -> bool {
    digits.parse::<f64>().is_ok_and(f64::is_finite)
}

fn quote(text: &str) -> String {
    format!("{:?}", shorten(text))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn list(allowed: &[&str]) -> String {
    allowed.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(", ")
}
