//! Pure decisions: what the vectors say, what is asked of the selection, and the record of what it answered.

pub mod basis;
pub mod because;
pub mod candidate;
pub mod declared;
pub mod judgement;
pub mod novelty;
pub mod record;
