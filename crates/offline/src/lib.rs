//! Training and judging on files, without services: values in, a model file and a judgement out.
//!
//! The same facts, states, vectors and trainers as in the running system. A model file holds all that judging needs:
//! the models, the baselines, and the states of every entity at the end of training. Judging never looks at a label
//! before every score is fixed. Pure: no clock, no file, no network; the same cases and seed give the same bytes.

pub mod case;
pub mod judge;
pub mod learn;
pub mod model_file;
pub mod report;

pub use case::{Case, kcs_cases};
pub use judge::judge;
pub use learn::{Options, train};
pub use model_file::{FileError, ModelFile, Origin};
pub use report::{Figures, Report};
