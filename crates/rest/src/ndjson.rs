//! Newline-delimited JSON: one value a line, read as it comes.
//!
//! Lines are taken in batches and the next part is read only when a batch is asked for, so that a sender who is
//! faster than the service is slowed by the connection and not by memory.

use std::time::Duration;

use actix_web::web;
use bytes::{Buf, Bytes, BytesMut};
use futures_util::StreamExt;

use crate::{Problem, body};

/// Media type of newline-delimited JSON.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// One line that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the body, from 1; empty lines count.
    pub number: u64,
    /// Its bytes without the line end; none for a line beyond the limit, which was skipped.
    pub bytes: Option<Bytes>,
}

/// The lines of a request body.
pub struct Lines {
    payload: web::Payload,
    buffer: BytesMut,
    scanned: usize,
    max_line_bytes: usize,
    number: u64,
    skipping: bool,
    ended: bool,
}

enum Cut {
    /// The line end has not come yet.
    Incomplete,
    TooLong,
    Line(Bytes),
}

impl Lines {
    /// The lines of `payload`, none longer than `max_line_bytes`.
    pub fn new(payload: web::Payload, max_line_bytes: usize) -> Self {
        Self { payload, buffer: BytesMut::new(), scanned: 0, max_line_bytes, number: 0, skipping: false, ended: false }
    }

    /// The next lines, at most `max`; empty at the end. Waits for the first line as long as it takes, and for more
    /// no longer than `linger` in all. A body that breaks off is a problem, after the whole lines before it.
    pub async fn batch(&mut self, max: usize, linger: Duration) -> Result<Vec<Line>, Problem> {
        let mut lines = Vec::new();
        let patience = tokio::time::sleep(linger);
        tokio::pin!(patience);
        loop {
            while lines.len() < max
                && let Some(line) = self.next_buffered()
            {
                lines.push(line);
            }
            if lines.len() >= max || self.ended {
                return Ok(lines);
            }
            let part = if lines.is_empty() {
                self.payload.next().await
            } else {
                tokio::select! {
                    biased;
                    part = self.payload.next() => part,
                    () = &mut patience => return Ok(lines),
                }
            };
            match part {
                Some(Ok(part)) => self.buffer.extend_from_slice(&part),
                None => self.ended = true,
                Some(Err(error)) if lines.is_empty() => {
                    self.ended = true;
                    self.buffer.clear();
                    return Err(body::unreadable(&error));
                }
                // The whole lines are answered first; the broken payload tells again when it is asked again.
                Some(Err(_)) => return Ok(lines),
            }
        }
    }

    /// The next line that is not empty, if the buffer holds all of it.
    fn next_buffered(&mut self) -> Option<Line> {
        loop {
            match self.cut() {
                Cut::Incomplete => return None,
                Cut::TooLong => return Some(Line { number: self.number, bytes: None }),
                Cut::Line(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Cut::Line(bytes) => return Some(Line { number: self.number, bytes: Some(bytes) }),
            }
        }
    }

    /// The bytes before the next line end, whatever they are.
    fn cut(&mut self) -> Cut {
        if let Some(end) = self.buffer[self.scanned..].iter().position(|byte| *byte == b'\n') {
            let mut line = self.buffer.split_to(self.scanned + end + 1);
            line.truncate(line.len() - 1);
            if line.last() == Some(&b'\r') {
                line.truncate(line.len() - 1);
            }
            self.scanned = 0;
            self.number += 1;
            let skipped = std::mem::take(&mut self.skipping) || line.len() > self.max_line_bytes;
            return if skipped { Cut::TooLong } else { Cut::Line(line.freeze()) };
        }
        self.scanned = self.buffer.len();
        if self.buffer.len() > self.max_line_bytes {
            self.buffer.advance(self.scanned);
            self.scanned = 0;
            self.skipping = true;
        }
        if !self.ended || (self.buffer.is_empty() && !self.skipping) {
            return Cut::Incomplete;
        }
        // The last line needs no line end.
        self.number += 1;
        self.scanned = 0;
        let line = self.buffer.split().freeze();
        let skipped = std::mem::take(&mut self.skipping);
        if skipped { Cut::TooLong } else { Cut::Line(line) }
    }
}

/// `values` as lines.
pub fn render<T: serde::Serialize>(values: &[T]) -> Result<Bytes, serde_json::Error> {
    let mut text = Vec::with_capacity(values.len() * 160);
    for value in values {
        serde_json::to_writer(&mut text, value)?;
        text.push(b'\n');
    }
    Ok(text.into())
}
