//! A JSON parser that keeps what serde throws away: every member of an object, and words that are no numbers.
//!
//! It reads what RFC 8259 allows plus `NaN` and `Infinity` (so that they can be pointed at), and nothing else. Used only
//! for documents that are refused anyway.

use super::MAX_DEPTH;

/// A value as written.
#[derive(Debug)]
pub enum Node<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number, as written.
    Number(&'t str),
    /// `NaN`, `Infinity`, `-Infinity`.
    NotFinite(&'t str),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node<'t>>),
    /// An object, every member in order.
    Object(Vec<(String, Node<'t>)>),
}

/// Why a text is not JSON, and at which byte.
#[derive(Debug)]
pub struct Stop {
    /// Offset in bytes.
    pub offset: usize,
    /// What stands in the way.
    pub reason: Reason,
}

/// What stands in the way.
#[derive(Debug)]
pub enum Reason {
    /// The text ends.
    Truncated,
    /// Too many levels.
    TooDeep,
    /// Something else than expected.
    Syntax(&'static str),
}

/// The one value in `text`.
pub fn parse(text: &str) -> Result<Node<'_>, Stop> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    parser.skip_space();
    let node = parser.value(0)?;
    parser.skip_space();
    if parser.at < parser.bytes.len() {
        return Err(parser.stop("nothing may follow the declaration"));
    }
    Ok(node)
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Parser<'t> {
    fn stop(&self, expected: &'static str) -> Stop {
        let reason = if self.at >= self.bytes.len() { Reason::Truncated } else { Reason::Syntax(expected) };
        Stop { offset: self.at.min(self.bytes.len()), reason }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, Stop> {
        match self.peek() {
            Some(b'{' | b'[') if depth + 1 >= MAX_DEPTH => Err(Stop { offset: self.at, reason: Reason::TooDeep }),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() => self.word(),
            _ => Err(self.stop("a value is expected")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node<'t>, Stop> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.stop("a name in double quotes is expected"));
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.stop("a colon is expected after the name"));
            }
            self.at += 1;
            self.skip_space();
            members.push((name, self.value(depth)?));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Node::Object(members));
                }
                _ => return Err(self.stop("a comma or a closing brace is expected")),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Node<'t>, Stop> {
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node::List(elements));
        }
        loop {
            self.skip_space();
            elements.push(self.value(depth)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Node::List(elements));
                }
                _ => return Err(self.stop("a comma or a closing bracket is expected")),
            }
        }
    }

    fn word(&mut self) -> Result<Node<'t>, Stop> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = &self.text[self.at..self.at + length];
        let node = match word {
            "null" => Node::Null,
            "true" => Node::Flag(true),
            "false" => Node::Flag(false),
            "NaN" | "nan" | "Infinity" | "inf" | "Inf" => Node::NotFinite(word),
            _ if length == rest.len() && ["null", "true", "false"].iter().any(|whole| whole.starts_with(word)) => {
                return Err(Stop { offset: self.bytes.len(), reason: Reason::Truncated });
            }
            _ => return Err(self.stop("true, false, null, or a text in double quotes is expected")),
        };
        self.at += length;
        Ok(node)
    }

    fn number(&mut self) -> Result<Node<'t>, Stop> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            if let Node::NotFinite(_) = self.word()? {
                return Ok(Node::NotFinite(&self.text[start..self.at]));
            }
            self.at = start + 1;
            return Err(self.stop("a digit is expected after the minus sign"));
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.stop("a number does not start with a zero that another digit follows"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Node::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.stop("a digit is expected")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<String, Stop> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.stop("a control character must be escaped, as in \\n or \\u0009")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.stop("an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, Stop> {
        const LONE: &str = "half of a surrogate pair stands alone";
        let first = self.four_digits()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.stop("an escape names no character"));
        }
        if first >= 0xDC00 {
            self.at -= 4;
            return Err(self.stop(LONE));
        }
        for expected in [b'\\', b'u'] {
            if self.peek() != Some(expected) {
                return Err(self.stop(LONE));
            }
            self.at += 1;
        }
        let second = self.four_digits()?;
        if !(0xDC00..0xE000).contains(&second) {
            self.at -= 4;
            return Err(self.stop(LONE));
        }
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or_else(|| self.stop(LONE))
    }

    fn four_digits(&mut self) -> Result<u32, Stop> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(self.stop("four hexadecimal digits are expected after \\u"));
            };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }
}
