//! What the crate promises, from outside.

mod catalogue;
mod extensions;
mod folds;
mod order;
mod past_only;
mod point_in_time;
mod quality;
mod vectors;
mod world;
