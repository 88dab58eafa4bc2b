//! Pure decisions: what is a label and what it weighs; how the past is packed.

pub mod blocks;
pub mod found;
pub mod label;
pub mod quality;
