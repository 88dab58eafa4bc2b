//! The asynchronous contract: versioned messages, and which service subscribes to which.
//!
//! A name and version fix a payload's shape; within a version changes only add. Consumers read the version before
//! theirs. Every payload has a JSON Schema under `openapi/events/`.

pub mod envelope;
pub mod erasure;
pub mod payload;
pub mod schema;
pub mod subscription;

pub use envelope::{DecodeError, Envelope};
pub use erasure::Mask;
pub use payload::{
    CapacityChanged, ControlOrdered, ControlResulted, DeclarationAccepted, DeclarationCancelled, DeclarationMoved,
    DeclarationSelected, DeclarationSummary, FiltersChanged, LabelOrigin, Movement, Payload, PersonErased, Route,
    RoutingChanged, Trial, VectorsServed,
};
pub use subscription::{Service, subscribers};
