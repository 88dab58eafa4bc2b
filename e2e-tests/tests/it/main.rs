//! What holds for the system as a whole.

mod access;
mod beside;
mod broken_bodies;
mod broken_routes;
mod crash;
mod dead_scorers;
mod documents;
mod erasing;
mod faults;
mod feedback;
mod feeds;
mod provider;
mod restore;
mod rolls;
mod stack;
mod walk;
