//! What the crate promises, from outside.

mod order;
mod past_only;
mod vectors;
mod world;
