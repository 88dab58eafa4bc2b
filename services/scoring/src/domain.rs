//! Pure decisions: what the vectors say, what is asked of the selection, and the record of what it answered.

pub mod candidate;
pub mod judgement;
pub mod record;
