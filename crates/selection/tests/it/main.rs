//! A year of offices of every size, and the facts that hold for every sequence of declarations.

mod deciding;
mod exploring;
mod properties;
mod shifts;
mod simulation;
mod trials;
mod world;
