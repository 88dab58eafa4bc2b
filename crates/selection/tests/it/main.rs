//! A year of offices of every size, and the facts that hold for every sequence of declarations.

mod deciding;
mod properties;
mod simulation;
mod world;
