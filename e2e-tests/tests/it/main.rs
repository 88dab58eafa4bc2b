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
mod onnx;
mod provider;
mod restore;
mod rolls;
mod stack;
mod walk;

use customs::{ItemOutcome, ItemResult, NewResult, ResultStage};

/// An examination of both items that found nothing.
fn conform(at: jiff::Timestamp) -> NewResult {
    let item = |sequence| ItemResult { sequence, outcome: ItemOutcome::Conform, findings: Vec::new() };
    NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at: at,
        established_at: at,
        items: vec![item(1), item(2)],
        remarks: None,
        targeting: None,
    }
}
