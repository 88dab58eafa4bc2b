//! What holds whatever gates say, people do and drivers are interleaved.

use proptest::prelude::*;
use rollout::{Change, GateState, OnFail, Phase, Purpose, Status};

use crate::world::{Driver, World, approval, spec};

/// Something that happens to a rollout.
#[derive(Clone, Debug)]
enum Event {
    /// A gate is measured: which, how bad, how good, on how many observations.
    Measure(bool, f64, f64, u64),
    /// A measurement is lost.
    Lose(bool),
    Approve(bool),
    Deny,
    /// Scorers take up the routing: all, or one.
    Serve(bool),
    Pass(i64),
    Suspend(bool),
    Artefact(bool),
    /// A driver reads the status.
    Look(bool),
    /// A driver decides on what it has seen.
    Decide(bool),
    /// A driver carries out what it decided.
    Act(bool),
    /// All three at once.
    Step(bool),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (any::<bool>(), 0.0..40.0_f64, 0.0..60.0_f64, 0_u64..30).prop_map(|(a, b, c, d)| Event::Measure(a, b, c, d)),
        4 => any::<bool>().prop_map(|which| Event::Measure(which, 0.1, 50.0, 100)),
        1 => any::<bool>().prop_map(Event::Lose),
        2 => any::<bool>().prop_map(Event::Approve),
        1 => Just(Event::Deny),
        4 => any::<bool>().prop_map(Event::Serve),
        3 => (1_i64..40).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Suspend),
        1 => any::<bool>().prop_map(Event::Artefact),
        2 => any::<bool>().prop_map(Event::Look),
        3 => any::<bool>().prop_map(Event::Decide),
        3 => any::<bool>().prop_map(Event::Act),
        8 => any::<bool>().prop_map(Event::Step),
    ]
}

fn happen(world: &mut World, drivers: &mut [Driver; 2], event: &Event) {
    let name = |capacity: bool| if capacity { "capacity" } else { "outcome" };
    match *event {
        Event::Measure(which, bad, good, n) => world.measure(name(which), bad, good, n),
        Event::Lose(which) => {
            world.measurements.remove(&format!("{}.bad", name(which)));
        }
        Event::Approve(resume) => {
            let mut voice = approval("ben", world.status().step, world.now());
            voice.run = world.status().run;
            voice.purpose = if resume { Purpose::Resume } else { Purpose::Step };
            world.approvals.push(voice);
        }
        Event::Deny => {
            let mut voice = approval("cy", world.status().step, world.now());
            (voice.run, voice.decision) = (world.status().run, rollout::Decision::Deny);
            world.approvals.push(voice);
        }
        Event::Serve(true) => world.serve(),
        Event::Serve(false) => world.scorers[0] = world.epoch,
        Event::Pass(seconds) => world.second += seconds,
        Event::Suspend(suspend) => world.spec.suspend = suspend,
        Event::Artefact(ready) => world.artefact_ready = Some(ready),
        Event::Look(which) => drivers[usize::from(which)].look(world),
        Event::Decide(which) => {
            drivers[usize::from(which)].decide(world);
        }
        Event::Act(which) => drivers[usize::from(which)].act(world),
        Event::Step(which) => {
            let driver = &mut drivers[usize::from(which)];
            world.step(driver);
            driver.act(world);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn after_a_fail_the_share_never_rises(events in prop::collection::vec(event(), 1..150)) {
        let mut world = World::new(spec());
        let mut drivers = [Driver::default(), Driver::default()];
        for event in &events {
            happen(&mut world, &mut drivers, event);
        }
        let mut limit = None::<u16>;
        let mut intended = 0;
        for dated in &world.history {
            match &dated.change {
                Change::Intended { target, .. } => {
                    prop_assert!(limit.is_none_or(|limit| target.weight <= limit), "{:?}", world.history);
                    intended = target.weight;
                }
                Change::Judged { status } if status.state == GateState::Fail => {
                    limit = Some(limit.map_or(intended, |limit| limit.min(intended)));
                }
                // A person's word, and nothing else, lets a throttled share rise.
                Change::Resumed { .. } => limit = None,
                Change::RollbackStarted { .. } => limit = Some(0),
                _ => {}
            }
        }
    }

    #[test]
    fn two_interleaved_drivers_keep_the_epoch_rising_and_take_each_decision_once(
        events in prop::collection::vec(event(), 1..150),
    ) {
        let mut world = World::new(spec());
        let mut drivers = [Driver::default(), Driver::default()];
        let mut served = 0;
        for event in &events {
            happen(&mut world, &mut drivers, event);
            prop_assert!(world.status().epoch >= served);
            served = world.status().epoch;
            if world.status().phase.is_over() {
                prop_assert!(world.trial.is_none(), "a candidate in the routing of a rollout that is over");
            }
        }
        prop_assert!(world.routed.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let started = world.history.iter().filter(|dated| matches!(dated.change, Change::Started { .. })).count();
        let ended = world.history.iter().filter(|dated| matches!(dated.change, Change::Ended { .. })).count();
        prop_assert!(started <= 1 && ended <= 1);
        let steps: Vec<u32> = world.history.iter().filter_map(|dated| match dated.change {
            Change::StepEntered { step } => Some(step),
            _ => None,
        }).collect();
        prop_assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", steps);
    }

    #[test]
    fn replaying_the_history_gives_the_same_state(events in prop::collection::vec(event(), 1..150)) {
        let mut world = World::new(spec());
        let mut drivers = [Driver::default(), Driver::default()];
        for event in &events {
            happen(&mut world, &mut drivers, event);
        }
        prop_assert_eq!(&Status::replay(&world.history), world.status());
        let written = serde_json::to_string(&world.history).unwrap();
        let read: Vec<rollout::Dated> = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&Status::replay(&read), world.status());
    }

    #[test]
    fn whatever_happened_before_an_abort_brings_the_champion_back(events in prop::collection::vec(event(), 1..100)) {
        let mut world = World::new(spec());
        let mut drivers = [Driver::default(), Driver::default()];
        for event in &events {
            happen(&mut world, &mut drivers, event);
        }
        let was_settled = world.status().phase == Phase::Settled;
        world.spec.abort = Some("enough".into());
        world.run();
        prop_assert!(world.status().phase.is_over());
        if !was_settled {
            prop_assert!(world.trial.is_none());
            prop_assert_eq!(world.champion.clone(), crate::world::digest('a'));
        }
    }

    #[test]
    fn a_gate_that_only_holds_never_lets_the_share_rise_while_it_fails(
        events in prop::collection::vec(event(), 1..100),
    ) {
        let mut asked = spec();
        asked.gates[0].on_fail = OnFail::Hold;
        asked.gates.truncate(1);
        let mut world = World::new(asked);
        let mut drivers = [Driver::default(), Driver::default()];
        let (mut failing, mut weight) = (false, 0);
        for event in &events {
            let before = world.history.len();
            happen(&mut world, &mut drivers, event);
            for dated in &world.history[before..] {
                match &dated.change {
                    Change::Judged { status } => failing = status.state == GateState::Fail,
                    Change::Intended { target, .. } => {
                        prop_assert!(!failing || target.weight <= weight);
                        weight = target.weight;
                    }
                    _ => {}
                }
            }
        }
    }
}
