//! The binary as a user runs it.

mod demo;
mod killed;
mod support;
mod verbs;
