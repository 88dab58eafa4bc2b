//! Beginning: what has to be so before anything is routed.

use super::{Action, Planner, Wait};
use crate::{
    spec::{Concurrency, Version},
    status::{Change, Phase},
};

impl Planner<'_> {
    /// Begins, or says why not.
    pub(super) fn start(&mut self) {
        if let Some(reason) = &self.spec.abort {
            self.change(Change::Ended { phase: Phase::Aborted, reason: reason.clone() });
            return;
        }
        let faults = self.spec.faults();
        if !faults.is_empty() {
            let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
            self.change(Change::Ended { phase: Phase::Rejected, reason: words.join("; ") });
            return;
        }
        if let Some(other) = self.observed.other_active.clone() {
            return self.concur(&other);
        }
        if self.spec.suspend {
            return self.wait(Wait::Suspended, "it is suspended");
        }
        match (self.observed.artefact_ready, self.observed.features_ready) {
            (Some(true), Some(true)) => {}
            (Some(true), None) => return self.wait(Wait::Features, "whether its features are served is not known"),
            (Some(true), Some(false)) => {
                return self.wait(Wait::Features, "it was trained for features that are not served");
            }
            (Some(false), _) => {
                return self.wait(Wait::Artefact, "its artefact is not there, has another digest or cannot be loaded");
            }
            (None, _) => return self.wait(Wait::Artefact, "whether its artefact is there is not known"),
        }
        let Some(routing) = &self.observed.routing else {
            return self.wait(Wait::Routing, "model-management does not tell what the routing is");
        };
        let Some(digest) = routing.champion.clone() else {
            return self.wait(Wait::Champion, "no version decides yet; the first one is put in force by training");
        };
        if let Some(asked) = self.spec.champion.as_ref().filter(|asked| asked.digest != digest) {
            let reason = format!("champion.digest: {} is asked for, and {digest} decides", asked.digest);
            self.change(Change::Ended { phase: Phase::Rejected, reason });
            return;
        }
        if digest == self.spec.candidate.digest {
            let reason = "candidate.digest: is the champion's; a version cannot replace itself".to_owned();
            self.change(Change::Ended { phase: Phase::Rejected, reason });
            return;
        }
        let champion =
            self.spec.champion.clone().unwrap_or_else(|| Version { name: digest.chars().take(12).collect(), digest });
        let mut assignment = self.spec.assignment.clone();
        if assignment.salt.is_empty() {
            self.name.clone_into(&mut assignment.salt);
        }
        self.change(Change::Started {
            champion,
            gates: self.spec.gates.clone(),
            assignment,
            nonce: self.spec.retry_nonce.clone(),
        });
        self.intend(self.target_at(0));
        self.change(Change::StepEntered { step: 0 });
    }

    fn concur(&mut self, other: &str) {
        match self.spec.concurrency {
            Concurrency::Reject => {
                let reason = format!("rollout {other} is under way in an overlapping scope; concurrency is reject");
                self.change(Change::Ended { phase: Phase::Rejected, reason });
            }
            Concurrency::Queue => self.wait(Wait::Queued, format!("rollout {other} is under way")),
            Concurrency::Supersede => {
                self.plan.actions.push(Action::Supersede { other: other.to_owned() });
                self.wait(Wait::Queued, format!("rollout {other} makes room"));
                self.plan.again_seconds = 1;
            }
        }
    }
}
