//! Models from elsewhere, as their own libraries score and explain them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[cfg(feature = "onnx")]
mod onnx;

mod explained;
mod imported;
mod tables;
