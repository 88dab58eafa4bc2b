//! The contract of the online store, on every backend.

mod embedded;
mod redis;
