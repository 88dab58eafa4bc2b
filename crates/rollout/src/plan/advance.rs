//! Going on: everything that a step asks for, in the order in which it is cheapest to say what is missing.

use super::{Planner, Wait};
use crate::{
    approval::{Decision, Purpose, voices},
    assignment::WHOLE,
    gate::{Gate, GateState, OnOpen},
    spec::StepKind,
    status::{Change, Stage, Target},
};

impl Planner<'_> {
    /// Leaves the step when everything it asks for is there.
    pub(super) fn advance(&mut self) {
        if self.emergency() {
            return;
        }
        if self.spec.suspend {
            return self.wait(Wait::Suspended, "it is suspended");
        }
        let step_at = self.plan.status.step;
        let Some(step) = self.spec.steps.get(step_at as usize) else {
            return self.wait(Wait::Over, "the step does not exist any more");
        };
        let wanted = self.target_at(step_at);
        if self.plan.status.cap.is_none() && wanted != self.plan.status.served && step.kind != StepKind::Promote {
            // A share that was throttled and may rise again, or a wave that was edited.
            if self.rises(&wanted) && (self.failing_at_all() || self.frozen()) {
                return;
            }
            return self.intend(wanted);
        }
        if self.capped(step_at) {
            return;
        }
        let since = self.plan.status.step_since.unwrap_or(self.now);
        let lasted = self.seconds_since(since);
        let until = step.until.map_or(0, |until| until.duration_since(self.now).as_secs().max(0) as u64);
        let left = step.min_seconds.saturating_sub(lasted).max(until);
        if left > 0 {
            self.plan.again_seconds = left.clamp(1, super::LATER);
            return self.wait(Wait::Duration, format!("step {step_at} lasts {left} s more"));
        }
        if self.short_of_evidence() || self.held_by_gates(step.kind) || self.unapproved(step.kind) {
            return;
        }
        let next = step_at + 1;
        let Some(following) = self.spec.steps.get(next as usize) else { return };
        let target =
            if following.kind == StepKind::Promote { Target::champion(Stage::Champion) } else { self.target_at(next) };
        if self.rises(&target) && self.frozen() {
            return;
        }
        let approvers = std::mem::take(&mut self.approvers);
        if !approvers.is_empty() {
            self.change(Change::Approved { approvers, step: step_at });
        }
        if target != self.plan.status.served {
            self.intend(target);
        }
        self.change(Change::StepEntered { step: next });
        self.plan.again_seconds = 0;
    }

    fn rises(&self, target: &Target) -> bool {
        let served = &self.plan.status.served;
        target.weight > served.weight || target.offices != served.offices
    }

    fn failing_at_all(&mut self) -> bool {
        let Some(gate) = self.plan.gates.iter().find(|gate| gate.state == GateState::Fail) else { return false };
        let words = format!("gate {} fails: {}", gate.name, gate.message);
        self.wait(Wait::Gates, words);
        true
    }

    fn frozen(&mut self) -> bool {
        let window = self.spec.freeze_windows.iter().find(|window| window.from <= self.now && self.now < window.until);
        let Some(window) = window else { return false };
        let words = format!("no share rises before {}", window.until);
        self.wait(Wait::Frozen, words);
        true
    }

    /// Whether the share was throttled and the next step would raise it.
    fn capped(&mut self, step: u32) -> bool {
        let Some(cap) = self.plan.status.cap else { return false };
        let throttled = self.plan.status.throttled_at;
        let resume = voices(self.spec, &self.plan.status, &self.observed.approvals, Purpose::Resume, self.now);
        let voice = resume.into_iter().find(|voice| {
            voice.decision == Decision::Approve && throttled.is_none_or(|throttled| voice.at >= throttled)
        });
        if let Some(voice) = voice {
            let approver = voice.approver.clone();
            self.change(Change::Resumed { approver });
            self.plan.again_seconds = 0;
            return true;
        }
        let words = format!(
            "the share was throttled to {:.2} % in step {step}; an approval with purpose resume lets it rise",
            f64::from(cap) / f64::from(WHOLE) * 100.0
        );
        self.wait(Wait::Throttled, words);
        true
    }

    fn short_of_evidence(&mut self) -> bool {
        let Some(step) = self.spec.steps.get(self.plan.status.step as usize) else { return false };
        if step.min_declarations == 0 && step.min_examinations == 0 && step.min_matured_labels == 0 {
            return false;
        }
        let Some(counts) = self.observed.counts else {
            self.wait(Wait::Counts, "performance-monitoring does not tell what happened in this step");
            return true;
        };
        let asked = [
            ("declarations", counts.declarations, step.min_declarations),
            ("examinations", counts.examinations, step.min_examinations),
            ("matured labels", counts.matured_labels, step.min_matured_labels),
        ];
        let Some((what, have, need)) = asked.into_iter().find(|(_, have, need)| have < need) else { return false };
        self.wait(Wait::Counts, format!("{have} of {need} {what}"));
        true
    }

    fn held_by_gates(&mut self, kind: StepKind) -> bool {
        let mut asks_approval = None;
        let mut held = None;
        for gate in &self.plan.gates {
            let Some(asked) = self.plan.status.gates.iter().find(|asked| asked.name == gate.name) else { continue };
            if gate.state != GateState::Fail && !self.asks_for(asked) {
                continue;
            }
            match asked.open_policy(gate.state) {
                OnOpen::Advance => {}
                OnOpen::Approval if kind == StepKind::Approval => {}
                OnOpen::Approval => asks_approval = asks_approval.or(Some(gate)),
                OnOpen::Hold | OnOpen::Rollback => held = held.or(Some(gate)),
            }
        }
        if let Some(gate) = held {
            let words = format!("gate {} is {:?}: {}", gate.name, gate.state, gate.message);
            self.wait(Wait::Gates, words);
            return true;
        }
        let Some(gate) = asks_approval else { return false };
        let words = format!("gate {} is {:?}: {}; a person may let it go on", gate.name, gate.state, gate.message);
        if self.approved(1) {
            return false;
        }
        self.wait(Wait::Approval, words);
        true
    }

    /// Whether the present step is left only when the gate lets it. Before the first share there is nothing to measure of
    /// the candidate's decisions, and waiting for that would never end.
    pub(super) fn asks_for(&self, gate: &Gate) -> bool {
        let step = self.plan.status.step;
        let share_follows = || self.spec.steps.iter().skip(step as usize).any(|step| step.kind == StepKind::Canary);
        let too_early = gate.of_decisions() && self.target_at(step).weight == 0 && share_follows();
        gate.required_from_step <= step && !too_early
    }

    fn unapproved(&mut self, kind: StepKind) -> bool {
        if kind != StepKind::Approval {
            return false;
        }
        let step = self.spec.steps.get(self.plan.status.step as usize);
        let needed = step.and_then(|step| step.approvals).unwrap_or(1);
        if self.approved(needed) {
            return false;
        }
        let words = format!("step {} needs {needed} approval(s) by others than the requester", self.plan.status.step);
        self.wait(Wait::Approval, words);
        true
    }

    /// Whether so many people approve; who they are is remembered for when the step is left.
    fn approved(&mut self, needed: u32) -> bool {
        let approvers = self.yes(Purpose::Step);
        let enough = approvers.len() >= needed as usize;
        if enough {
            self.approvers = approvers;
        }
        enough
    }

    fn yes(&self, purpose: Purpose) -> Vec<String> {
        let voices = voices(self.spec, &self.plan.status, &self.observed.approvals, purpose, self.now);
        let approving = voices.into_iter().filter(|voice| voice.decision == Decision::Approve);
        approving.map(|voice| voice.approver.clone()).collect()
    }

    /// Two people promote without waiting; tells whether they did.
    fn emergency(&mut self) -> bool {
        let Some(emergency) = &self.spec.emergency else { return false };
        let approvers = self.yes(Purpose::Emergency);
        if approvers.len() < 2 {
            return false;
        }
        self.change(Change::EmergencyPromoted { approvers, reason: emergency.reason.clone() });
        self.intend(Target::champion(Stage::Champion));
        let last = self.spec.steps.len().saturating_sub(1) as u32;
        self.change(Change::StepEntered { step: last });
        true
    }
}
