//! Formats of declarations: the JSON of the API, the data-quality notes of what was read, and the CSV of the KCS set.
//!
//! Reading refuses only what cannot be read, and then says everything that is wrong, each with its place. What can be
//! read is accepted and described by notes. The crate is pure: bytes in, values out; no clock, no file, no network.

pub mod fault;
pub mod json;
pub mod kcs;
pub mod quality;
#[cfg(test)]
mod sample;

pub use fault::{Fault, FaultCode};
pub use quality::{ReferenceData, notes};
