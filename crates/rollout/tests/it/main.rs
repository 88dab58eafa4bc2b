//! The planner from outside: what it promises whatever happens, and the course of single rollouts.

mod course;
mod properties;
mod world;
