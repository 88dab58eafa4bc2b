//! Background work: taking persons out, ending emergency orders, training, and trying filters over the past.

pub mod emergency;
pub mod erasure;
pub mod replay;
pub mod rollout;
pub mod training;
