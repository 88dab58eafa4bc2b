//! Pure decisions: what is a label, and what it weighs.

pub mod label;
