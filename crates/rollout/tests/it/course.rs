//! The course of single rollouts.

use jiff::SignedDuration;
use rollout::{
    Action, Approval, Change, Concurrency, Decision, Emergency, FreezeWindow, OnFail, OnOpen, Phase, Purpose, Status,
    Step, StepKind, Wait, Wave,
};

use crate::world::{Driver, World, approval, at, digest, gate, spec};

/// A world whose candidate has passed everything up to the approval.
fn at_approval() -> World {
    let mut world = World::new(spec());
    world.measure("outcome", 0.1, 50.0, 100);
    world.measure("capacity", 0.1, 50.0, 100);
    world.run();
    world.second += 20;
    let plan = world.run();
    assert_eq!(plan.wait.map(|(wait, _)| wait), Some(Wait::Approval));
    world
}

#[test]
fn a_good_model_goes_from_the_shadow_to_champion_and_the_former_one_stands_by() {
    let mut world = at_approval();
    assert_eq!((world.status().step, world.status().served.weight), (3, 2_500));
    world.approvals.push(approval("ben", 3, world.now()));
    let plan = world.run();
    assert_eq!((world.status().phase, plan.wait.map(|(wait, _)| wait)), (Phase::Promoted, Some(Wait::StandingBy)));
    assert_eq!(world.champion, digest('b'));
    assert!(world.trial.is_some(), "the former champion is kept warm");
    world.second += 100;
    world.run();
    assert_eq!(world.status().phase, Phase::Settled);
    assert!(world.trial.is_none());
    assert_eq!(world.intended(), [0, 1_000, 2_500, 10_000, 10_000]);
    assert_eq!(Status::replay(&world.history), *world.status());
}

#[test]
fn a_shadow_does_not_wait_for_gates_on_what_the_candidate_decides() {
    let mut spec = spec();
    for gate in &mut spec.gates {
        gate.required_from_step = 0;
    }
    let mut world = World::new(spec);
    world.measure("outcome", 1.0, 1.0, 0);
    world.measure("capacity", 1.0, 1.0, 0);
    world.run();
    assert_eq!((world.status().step, world.status().served.weight), (0, 0), "the shadow lasts its time");
    world.second += 20;
    let plan = world.run();
    assert_eq!((world.status().step, world.status().served.weight), (1, 1_000));
    assert_eq!(plan.wait.map(|(wait, _)| wait), Some(Wait::Gates), "with a share they are asked for");
}

#[test]
fn nobody_approves_what_they_asked_for_nor_twice_nor_too_late() {
    let mut world = at_approval();
    world.spec.steps[3].approvals = Some(2);
    let now = world.now();
    let mut late = approval("cy", 3, now - SignedDuration::from_hours(2));
    late.expires_at = now;
    world.approvals = vec![approval("ana", 3, now), approval("ben", 3, now), approval("ben", 3, now), late];
    assert_eq!(world.run().wait.map(|(wait, _)| wait), Some(Wait::Approval));
    let again = world.now();
    world.approvals.push(approval("cy", 3, again));
    world.run();
    assert_eq!(world.status().phase, Phase::Promoted);
}

#[test]
fn a_failed_gate_rolls_back_while_people_are_awaited_and_is_latched_until_a_retry() {
    let mut world = at_approval();
    world.measure("outcome", 30.0, 0.1, 100);
    let mut driver = crate::world::Driver::default();
    let first = world.step(&mut driver);
    assert!(first.actions.contains(&Action::ListLetThrough), "what it let through is listed");
    assert_eq!(world.status().phase, Phase::RollingBack);
    world.run();
    assert_eq!(world.status().phase, Phase::RolledBack);
    assert_eq!(world.status().cause.as_ref().unwrap().gate.as_deref(), Some("outcome"));
    assert!(world.trial.is_none() && world.champion == digest('a'));

    world.measure("outcome", 0.1, 50.0, 100);
    let now = world.now();
    world.approvals.push(approval("ben", 3, now));
    world.second += 1_000;
    world.run();
    assert_eq!(world.status().phase, Phase::RolledBack, "nothing but a retry begins it again");
    world.spec.retry_nonce = "2".into();
    world.run();
    assert_eq!((world.status().phase, world.status().run, world.status().step), (Phase::Progressing, 1, 0));
    assert_eq!(Status::replay(&world.history), *world.status());
}

#[test]
fn a_promoted_model_that_fails_gives_way_to_the_champion_that_stood_by() {
    let mut world = at_approval();
    world.approvals.push(approval("ben", 3, world.now()));
    world.run();
    world.measure("outcome", 30.0, 0.1, 100);
    world.run();
    assert_eq!((world.status().phase, world.champion.clone()), (Phase::RolledBack, digest('a')));
}

#[test]
fn capacity_throttles_first_and_rolls_back_if_that_does_not_help() {
    let mut world = at_approval();
    world.measure("capacity", 30.0, 0.1, 100);
    let plan = world.run();
    assert_eq!(world.status().served.weight, 1_250);
    assert_eq!(plan.wait.map(|(wait, _)| wait), Some(Wait::Throttled));
    world.second += 50;
    world.run();
    assert_eq!(world.status().phase, Phase::RolledBack);
}

#[test]
fn a_throttled_share_rises_again_only_by_a_persons_word() {
    let mut world = at_approval();
    world.measure("capacity", 30.0, 0.1, 100);
    world.run();
    world.measure("capacity", 0.1, 50.0, 100);
    world.second += 60;
    world.run();
    assert_eq!(world.status().served.weight, 1_250);
    let resume = rollout::Approval { purpose: Purpose::Resume, ..approval("ben", 3, world.now()) };
    world.approvals.push(resume);
    world.run();
    assert_eq!((world.status().served.weight, world.status().cap), (2_500, None));
}

#[test]
fn states_that_are_no_answer_follow_their_policies() {
    let mut world = World::new(spec());
    world.measure("capacity", 0.1, 50.0, 100);
    world.run();
    world.second += 20;
    let waits = |world: &mut World| world.run().wait.map(|(wait, _)| wait);
    assert_eq!(waits(&mut world), Some(Wait::Gates), "missing holds");
    world.measure("outcome", 30.0, 50.0, 9);
    assert_eq!(waits(&mut world), Some(Wait::Gates), "immature holds, however bad it looks");
    world.measure("outcome", 0.1, 1.0, 100);
    assert_eq!(waits(&mut world), Some(Wait::Gates), "inconclusive holds");
    assert_eq!(world.status().step, 1);

    let mut spec = spec();
    spec.gates[0].on_inconclusive = OnOpen::Approval;
    let mut world = World::new(spec);
    world.measure("capacity", 0.1, 50.0, 100);
    world.measure("outcome", 0.1, 1.0, 100);
    world.run();
    world.second += 20;
    assert_eq!(waits(&mut world), Some(Wait::Approval));
    let now = world.now();
    world.approvals.push(approval("ben", 1, now));
    world.run();
    assert_eq!(world.status().step, 2, "a person let it go on");

    let mut spec = self::spec();
    spec.gates[0].on_missing = OnOpen::Rollback;
    let mut world = World::new(spec);
    world.measure("capacity", 0.1, 50.0, 100);
    world.run();
    world.second += 20;
    world.run();
    assert_eq!(world.status().phase, Phase::RolledBack);
}

#[test]
fn a_denial_and_an_abort_go_back_for_their_own_reasons() {
    let mut world = at_approval();
    let denied = rollout::Approval { decision: Decision::Deny, ..approval("ben", 3, world.now()) };
    world.approvals.push(denied);
    world.run();
    assert_eq!(world.status().phase, Phase::RolledBack);
    let mut world = at_approval();
    world.spec.abort = Some("the vendor withdrew it".into());
    world.run();
    assert_eq!((world.status().phase, world.status().reason.as_str()), (Phase::Aborted, "the vendor withdrew it"));
}

#[test]
fn frozen_and_suspended_rollouts_stand_still_but_go_back() {
    for freeze in [true, false] {
        let mut spec = spec();
        if freeze {
            spec.freeze_windows = vec![FreezeWindow { from: at(0), until: at(100_000) }];
        } else {
            spec.steps[1].min_seconds = 30;
        }
        let mut world = World::new(spec);
        world.measure("outcome", 0.1, 50.0, 100);
        world.measure("capacity", 0.1, 50.0, 100);
        world.run();
        world.second += 20;
        if !freeze {
            world.run();
            world.spec.suspend = true;
        }
        world.second += 50;
        let wait = world.run().wait.map(|(wait, _)| wait);
        assert_eq!(wait, Some(if freeze { Wait::Frozen } else { Wait::Suspended }));
        world.measure("outcome", 30.0, 0.1, 100);
        world.run();
        assert_eq!(world.status().phase, Phase::RolledBack);
    }
}

#[test]
fn two_people_promote_in_an_emergency_and_one_does_not() {
    let mut world = World::new(spec());
    world.spec.emergency = Some(Emergency { reason: "the champion misses a known smuggling ring".into() });
    world.run();
    let emergency =
        |who: &str, world: &World| rollout::Approval { purpose: Purpose::Emergency, ..approval(who, 0, world.now()) };
    for who in ["ana", "ben", "ben"] {
        let voice = emergency(who, &world);
        world.approvals.push(voice);
    }
    world.run();
    assert_eq!(world.status().phase, Phase::Progressing);
    let voice = emergency("cy", &world);
    world.approvals.push(voice);
    world.run();
    assert_eq!(world.status().phase, Phase::Promoted);
    let told = |change: &Change| matches!(change, Change::EmergencyPromoted { approvers, .. } if approvers.len() == 2);
    assert!(world.history.iter().any(|dated| told(&dated.change)));
}

#[test]
fn another_rollout_is_refused_awaited_or_displaced() {
    for (policy, phase) in [
        (Concurrency::Reject, Phase::Rejected),
        (Concurrency::Queue, Phase::Pending),
        (Concurrency::Supersede, Phase::Pending),
    ] {
        let mut world = World::new(spec());
        world.spec.concurrency = policy;
        world.other = Some("other".into());
        let plan = world.step(&mut crate::world::Driver::default());
        assert_eq!(world.status().phase, phase);
        let displaces = plan.actions.contains(&Action::Supersede { other: "other".into() });
        assert_eq!(displaces, policy == Concurrency::Supersede);
        world.other = None;
        world.run();
        assert_eq!(world.status().phase == Phase::Progressing, policy != Concurrency::Reject);
    }
}

#[test]
fn nothing_begins_without_artefact_and_features() {
    let mut world = World::new(spec());
    for ready in [None, Some(false)] {
        world.artefact_ready = ready;
        assert_eq!(world.run().wait.map(|(wait, _)| wait), Some(Wait::Artefact));
    }
    assert!(world.history.is_empty() && world.routed.is_empty());
}

#[test]
fn no_step_counts_before_every_scorer_serves_it() {
    let mut world = World::new(spec());
    let mut driver = crate::world::Driver::default();
    for _ in 0..10 {
        world.step(&mut driver);
        driver.act(&mut world);
        world.second += 100;
        world.scorers[0] = world.epoch;
    }
    assert_eq!((world.status().step, world.status().step_since), (0, None));
    world.serve();
    world.step(&mut driver);
    assert!(world.status().step_since.is_some());
}

#[test]
fn offices_join_in_waves() {
    let mut spec = spec();
    let wave = |name: &str, offices: &[&str], from_step| Wave {
        name: name.into(),
        offices: offices.iter().map(ToString::to_string).collect(),
        from_step,
    };
    spec.waves = vec![wave("pilot", &["118"], 0), wave("coast", &["235", "046"], 2), wave("rest", &[], 3)];
    let mut world = World::new(spec);
    world.measure("outcome", 0.1, 50.0, 100);
    world.measure("capacity", 0.1, 50.0, 100);
    world.run();
    world.second += 20;
    world.run();
    let offices: Vec<Option<Vec<String>>> = world
        .history
        .iter()
        .filter_map(|dated| match &dated.change {
            Change::Intended { target, .. } => Some(target.offices.clone()),
            _ => None,
        })
        .collect();
    let some = |codes: &[&str]| Some(codes.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(offices, [some(&["118"]), some(&["118"]), some(&["046", "118", "235"]), None]);
}

#[test]
fn every_fault_is_told_with_its_place() {
    let mut spec = spec();
    spec.candidate.digest = "x".into();
    spec.requested_by = String::new();
    spec.steps = vec![Step::canary(20.0), Step::canary(10.0), Step::of(StepKind::Pause)];
    spec.gates = vec![gate("g", OnFail::Hold), gate("g", OnFail::Hold)];
    spec.gates[0].required_from_step = 9;
    spec.outcome.margin = 1.0;
    let places: Vec<String> = spec.faults().into_iter().map(|fault| fault.at).collect();
    for place in [
        "candidate.digest",
        "requestedBy",
        "steps[2].kind",
        "steps[1].weightPercent",
        "steps[2].until",
        "gates[0].requiredFromStep",
        "gates[1].name",
        "outcome.margin",
    ] {
        assert!(places.iter().any(|at| at == place), "{place} in {places:?}");
    }
    let mut world = World::new(spec);
    world.run();
    assert_eq!(world.status().phase, Phase::Rejected);
}

#[test]
fn a_share_on_its_way_when_the_rollout_goes_back_is_not_written_any_more() {
    let mut world = World::new(spec());
    let (mut slow, mut quick) = (Driver::default(), Driver::default());
    world.step(&mut slow);
    world.step(&mut slow);
    // The slow one has decided to begin and is about to write; meanwhile somebody says no, and all is over.
    world.approvals.push(Approval {
        run: world.status().run,
        decision: Decision::Deny,
        ..approval("cy", 0, world.now())
    });
    while !world.status().phase.is_over() {
        world.serve();
        world.step(&mut quick);
        quick.act(&mut world);
    }
    slow.act(&mut world);
    assert_eq!((world.status().phase, world.trial.clone()), (Phase::RolledBack, None));
    assert_eq!(world.champion, digest('a'));
}
