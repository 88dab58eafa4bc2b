//! Every backend against the contract of every queue, and what is its own.

mod bench;
mod embedded;
mod redis;
mod relay;
mod upgrading;
