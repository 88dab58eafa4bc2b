//! One log of several processes: every line begins with whose it is.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Columns of the name.
const NAME_COLUMNS: usize = 22;

/// Where lines go. Cloning shares it.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Sink>>);

enum Sink {
    StandardError,
    File(std::fs::File),
    #[cfg(test)]
    Kept(String),
}

impl Log {
    /// On the standard error.
    pub fn to_standard_error() -> Self {
        Self(Arc::new(Mutex::new(Sink::StandardError)))
    }

    /// Into a file.
    pub fn to_file(file: std::fs::File) -> Self {
        Self(Arc::new(Mutex::new(Sink::File(file))))
    }

    /// Writes a line of `name`.
    pub fn line(&self, name: &str, line: &str) {
        let text = format!("{name:NAME_COLUMNS$} | {}\n", line.trim_end());
        // A log that cannot be written stops nobody.
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Sink::StandardError => drop(std::io::stderr().write_all(text.as_bytes())),
            Sink::File(file) => drop(file.write_all(text.as_bytes())),
            #[cfg(test)]
            Sink::Kept(kept) => kept.push_str(&text),
        }
    }

    /// A log that is kept, to be looked at.
    #[cfg(test)]
    pub fn kept() -> Self {
        Self(Arc::new(Mutex::new(Sink::Kept(String::new()))))
    }

    /// What was kept.
    #[cfg(test)]
    pub fn text(&self) -> String {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Sink::Kept(kept) => kept.clone(),
            _ => String::new(),
        }
    }
}
