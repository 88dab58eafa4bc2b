//! Pure decisions: which controls a message opens or closes, whether a result can be, who gets a control.
//!
//! No await, no clock, no database: what is known comes in, what follows goes out.

pub mod assignment;
pub mod limits;
pub mod names;
pub mod office;
pub mod record;
pub mod result;
pub mod scan;
pub mod selected;

pub use office::{NewOffice, Officer};
pub use record::Record;
pub use scan::NewScan;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the body.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}
