use crate::drive::{DAY, declarations, examine_many, run, silent, small};
use trade_simulator::{Feedback, World, WorldSpec};

#[test]
fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let (_, one) = run(small(2_000, 1), DAY, 5, silent);
    let (_, same) = run(small(2_000, 1), DAY, 5, silent);
    let (_, other) = run(small(2_000, 2), DAY, 5, silent);
    assert!(one == same);
    assert!(one != other);
}

#[test]
fn a_replay_of_logged_feedback_gives_the_world_back() {
    let (mut world, log) = run(small(4_000, 3), DAY, -10, examine_many);
    let mut replayed = World::new(small(4_000, 3)).unwrap();
    let mut from = replayed.start();
    for (actions, feedback) in &log {
        assert!(replayed.tick(from, from + DAY) == *actions);
        let line = serde_json::to_string(feedback).unwrap();
        replayed.observe(&serde_json::from_str::<Feedback>(&line).unwrap());
        from += DAY;
    }
    for _ in 0..20 {
        assert!(world.tick(from, from + DAY) == replayed.tick(from, from + DAY));
        from += DAY;
    }
}

#[test]
fn the_length_of_ticks_changes_nothing() {
    let (_, daily) = run(small(2_000, 4), DAY, 0, silent);
    let (_, hourly) = run(small(2_000, 4), jiff::SignedDuration::from_hours(1), 0, silent);
    assert!(declarations(&daily).eq(declarations(&hourly)));
}

#[test]
fn examinations_change_trade_only_through_those_who_react() {
    let steady = WorldSpec { adaptation: 0.0, cancellation_share: 0.0, ..small(4_000, 5) };
    let (_, unseen) = run(steady.clone(), DAY, 0, silent);
    let (_, examined) = run(steady, DAY, 0, examine_many);
    assert!(declarations(&unseen).eq(declarations(&examined)));
    let nervous = WorldSpec { adaptation: 1.0, cancellation_share: 0.0, ..small(4_000, 5) };
    let (_, unseen) = run(nervous.clone(), DAY, 0, silent);
    let (_, examined) = run(nervous, DAY, 0, examine_many);
    assert!(!declarations(&unseen).eq(declarations(&examined)));
}

#[test]
fn lodgements_come_in_order_and_within_their_tick() {
    let (world, log) = run(small(3_000, 6), DAY, 0, silent);
    let mut from = world.start();
    for (actions, _) in &log {
        let times: Vec<_> =
            actions.lodgements.iter().map(|lodgement| lodgement.declaration.acceptance_date_time).collect();
        assert!(times.is_sorted() && times.iter().all(|at| (from..from + DAY).contains(at)));
        from += DAY;
    }
}
