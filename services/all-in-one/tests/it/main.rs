//! The binary as a user runs it.

mod demo;
mod files;
mod interval;
mod killed;
mod lift;
mod support;
mod verbs;
