//! Pure arithmetic of the reports: no await, no I/O, no clock.

pub mod capacity;
pub mod rates;
pub mod retirement;
pub mod spread;
