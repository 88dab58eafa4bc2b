//! Facts about whole worlds.

mod declarations;
mod drive;
mod evaluation;
mod filters;
mod replay;
mod results;
mod specification;
mod truth;
