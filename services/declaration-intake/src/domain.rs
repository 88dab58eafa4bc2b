//! What can be decided without reading or writing anything.

pub(crate) mod erasure;
pub(crate) mod lodgement;
pub(crate) mod past;
pub(crate) mod telling;
pub(crate) mod webhook;
