//! The binary as a user runs it.

mod demo;
mod files;
mod interval;
mod lift;
mod killed;
mod support;
mod verbs;
