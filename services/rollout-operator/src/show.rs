//! From a plan to the status that people see, and the events that tell what happened.

use kube::runtime::events::{Event, EventType};
use rollout::{Change, Dated, GateFamily, GateState, Observed, Phase, Plan, Spec, Status, Wait, assignment::WHOLE};

use crate::{
    conditions::{Says, conditions},
    crd::ModelRolloutStatus,
};

/// Decisions that are kept in the resource.
const KEPT: usize = 100;

/// The status after `plan`, and whether anything but numbers changed in it.
pub fn status(
    before: &ModelRolloutStatus,
    spec: &Spec,
    plan: &Plan,
    observed: &Observed,
    gaps: &[String],
    generation: i64,
    now: jiff::Timestamp,
) -> (ModelRolloutStatus, bool) {
    let state = &plan.status;
    let (waiting, message) = match &plan.wait {
        Some((wait, words)) => (wait.as_str().to_owned(), words.clone()),
        None => (String::new(), state.reason.clone()),
    };
    let message: String =
        gaps.first().map_or(message.clone(), |gap| format!("{message} ({gap})")).chars().take(1_024).collect();
    let gates = if state.phase.is_active() { plan.gates.clone() } else { before.gates.clone() };
    let mut history = before.history.clone();
    history.extend(plan.changes.iter().cloned());
    let kept = history.split_off(history.len().saturating_sub(KEPT));
    let after = ModelRolloutStatus {
        observed_generation: generation,
        phase: state.phase,
        step: step(state, spec),
        weight: format!("{}%", f64::from(state.served.weight) * 100.0 / f64::from(WHOLE)),
        gates_passed: ModelRolloutStatus::passed(&gates),
        waiting,
        epoch: state.epoch,
        conditions: conditions(&before.conditions, says(state, plan, observed, gaps, &message), generation, now),
        message,
        gates,
        gates_hash: if state.gates.is_empty() { String::new() } else { hash(state) },
        let_through: before.let_through.clone().filter(|_| state.run == before.state.run),
        state: state.clone(),
        history: kept,
    };
    let states = |status: &ModelRolloutStatus| -> Vec<(String, String)> {
        status.conditions.iter().map(|held| (held.type_.clone(), held.status.clone())).collect()
    };
    let material = !plan.changes.is_empty()
        || after.state != before.state
        || after.waiting != before.waiting
        || after.observed_generation != before.observed_generation
        || states(&after) != states(before);
    (after, material)
}

fn step(state: &Status, spec: &Spec) -> String {
    if state.phase == Phase::Pending || state.phase == Phase::Rejected {
        return format!("0/{}", spec.steps.len());
    }
    format!("{}/{}", (state.step as usize + 1).min(spec.steps.len()), spec.steps.len())
}

/// Hash of the gates that were in force when it started.
fn hash(state: &Status) -> String {
    let text = serde_json::to_vec(&state.gates).unwrap_or_default();
    blake3::hash(&text).to_hex().to_string()
}

fn says(state: &Status, plan: &Plan, observed: &Observed, gaps: &[String], message: &str) -> Vec<Says> {
    let wait = plan.wait.as_ref().map(|(wait, _)| *wait);
    let reason = wait.map_or(state.phase.as_str(), Wait::as_str);
    let over = state.phase.is_over();
    let begun = state.phase != Phase::Pending && state.phase != Phase::Rejected;
    let gate_states = |family: Option<GateFamily>, wanted: GateState| {
        plan.gates.iter().any(|gate| family.is_none_or(|family| gate.family == family) && gate.state == wanted)
    };
    let judged = !plan.gates.is_empty();
    let mut says = vec![
        Says::new("Accepted", Some(state.phase != Phase::Rejected), reason, message),
        Says::new("ArtifactReady", if begun { Some(true) } else { observed.artefact_ready }, reason, message),
        Says::new("FeaturesReady", if begun { Some(true) } else { observed.features_ready }, reason, message),
        Says::new("Progressing", Some(!over && state.phase != Phase::Pending), reason, message),
    ];
    let healthy = judged.then(|| !gate_states(None, GateState::Fail) && !gate_states(None, GateState::Missing));
    says.push(Says::new("GatesHealthy", healthy, reason, message));
    says.push(Says::new("LabelsMature", judged.then(|| !gate_states(None, GateState::Immature)), reason, message));
    let capacity = state.cap.is_none() && !gate_states(Some(GateFamily::Capacity), GateState::Fail);
    says.push(Says::new("CapacityOK", judged.then_some(capacity), reason, message));
    says.push(Says::new("Approved", Some(begun && wait != Some(Wait::Approval)), reason, message));
    says.push(Says::new("Promoted", Some(matches!(state.phase, Phase::Promoted | Phase::Settled)), reason, message));
    let back = matches!(state.phase, Phase::RolledBack | Phase::Aborted | Phase::Superseded);
    says.push(Says::new("RolledBack", Some(back), reason, message));
    let degraded = if gaps.is_empty() { "EverythingAnswers" } else { "SomethingDoesNotAnswer" };
    says.push(Says::new("Degraded", Some(!gaps.is_empty()), degraded, gaps.join("; ")));
    for one in &mut says {
        if one.reason.is_empty() {
            "Unknown".clone_into(&mut one.reason);
        }
    }
    says
}

/// The event of a change; none for what is of no interest by itself.
pub fn event(dated: &Dated) -> Option<Event> {
    let (reason, action, note, warning) = match &dated.change {
        Change::Started { champion, .. } => {
            ("RolloutAccepted", "Start".to_owned(), format!("against champion {}", champion.name), false)
        }
        Change::StepEntered { step } => ("StepAdvanced", format!("Step{step}"), format!("step {step}"), false),
        Change::Judged { status } if status.state == GateState::Fail => {
            ("GateFailed", format!("Gate-{}", status.name), format!("{}: {}", status.name, status.message), true)
        }
        Change::Judged { status } if status.state == GateState::Missing => {
            ("MetricMissing", format!("Gate-{}", status.name), format!("{}: {}", status.name, status.message), true)
        }
        Change::Throttled { gate, cap } => {
            let share = f64::from(*cap) * 100.0 / f64::from(WHOLE);
            ("CapacityThrottled", "Throttle".to_owned(), format!("gate {gate}: at most {share} % now"), true)
        }
        Change::Resumed { approver } => ("ThrottlingEnded", "Resume".to_owned(), format!("by {approver}"), false),
        Change::Approved { approvers, step } => {
            ("ApprovalGranted", format!("Approve{step}"), format!("step {step} by {}", approvers.join(", ")), false)
        }
        Change::EmergencyPromoted { approvers, reason } => {
            ("EmergencyPromotion", "Promote".to_owned(), format!("by {}: {reason}", approvers.join(", ")), true)
        }
        Change::RollbackStarted { cause } => ("RollbackStarted", "Rollback".to_owned(), cause.reason.clone(), true),
        Change::Ended { phase: Phase::Settled, reason } => ("Promoted", "End".to_owned(), reason.clone(), false),
        Change::Ended { phase: Phase::Superseded, reason } => ("Superseded", "End".to_owned(), reason.clone(), true),
        Change::Ended { phase: Phase::Rejected, reason } => ("Rejected", "End".to_owned(), reason.clone(), true),
        Change::Ended { reason, .. } => ("RollbackCompleted", "End".to_owned(), reason.clone(), true),
        Change::Retried { nonce } => ("Retried", "Retry".to_owned(), format!("nonce {nonce}"), false),
        Change::Intended { .. } | Change::Served { .. } | Change::Judged { .. } => return None,
    };
    Some(Event {
        type_: if warning { EventType::Warning } else { EventType::Normal },
        reason: reason.to_owned(),
        note: Some(note.chars().take(1_000).collect()),
        action,
        secondary: None,
    })
}
