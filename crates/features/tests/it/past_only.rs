//! A vector sees only what was known before.

use customs::{Timestamp, Trigger};
use features::{Fact, MemoryStates, Timeline, keys, vectors};

use crate::world::{at, declaration, id, lodged, resulted};

fn vector(states: &MemoryStates, number: u64, day: u64) -> Vec<Vec<f32>> {
    let declaration = declaration(number, day, 2);
    let keys = keys(&declaration);
    vectors(&declaration, &keys, &states.read(keys.list()), &[], at(day))
}

fn bits(vectors: &[Vec<f32>]) -> Vec<Vec<u32>> {
    vectors.iter().map(|vector| vector.iter().map(|value| value.to_bits()).collect()).collect()
}

/// Forty declarations, one a day, each examined and known ten days later.
fn log() -> Vec<Fact> {
    let mut log: Vec<Fact> = Vec::new();
    for day in 0..50 {
        if day < 40 {
            log.push(lodged(day, 1, day, 2));
        }
        if day >= 10 {
            log.push(resulted(day - 10, 0, 1, day, day.is_multiple_of(3), Trigger::Model));
        }
    }
    log
}

#[test]
fn replaying_the_log_up_to_a_sequence_gives_the_vectors_that_were_served() {
    let log = log();
    let mut live = MemoryStates::default();
    let mut served = Vec::new();
    for (sequence, fact) in log.iter().enumerate() {
        if let Fact::Lodged(lodged) = fact {
            let number = (0..50).find(|number| id(*number) == lodged.declaration).unwrap();
            served.push((sequence, number, vector(&live, number, number)));
        }
        fact.apply(&mut live);
    }
    for (sequence, number, vectors) in served {
        let mut replayed = MemoryStates::default();
        for fact in &log[..sequence] {
            fact.apply(&mut replayed);
        }
        assert_eq!(bits(&vector(&replayed, number, number)), bits(&vectors), "declaration {number}");
    }
}

fn as_history(fact: Fact) -> Fact {
    match fact {
        Fact::Resulted(result) => Fact::Resulted(features::Resulted { history: true, ..result }),
        other => other,
    }
}

#[test]
fn imported_results_wait_until_they_were_known() {
    // As a past file comes: each declaration with its result right behind it, known ten days later.
    let mut import = Timeline::default();
    let mut imported = MemoryStates::default();
    let mut known = MemoryStates::default();
    let mut sequence = 0;
    for day in 0..40_u64 {
        import.reach(at(day), &mut imported);
        if day >= 10 {
            as_history(resulted(day - 10, 0, 1, day, day.is_multiple_of(3), Trigger::Model)).apply(&mut known);
        }
        assert_eq!(bits(&vector(&imported, day, day)), bits(&vector(&known, day, day)), "day {day}");
        lodged(day, 1, day, 2).apply(&mut known);
        let result = resulted(day, 0, 1, day + 10, (day + 10).is_multiple_of(3), Trigger::Model);
        for fact in [lodged(day, 1, day, 2), as_history(result)] {
            sequence += 1;
            import.take(sequence, fact, &mut imported);
        }
    }
    assert_eq!(import.waiting().count(), 10);
    import.reach(Timestamp::MAX, &mut imported);
    assert_eq!(import.waiting().count(), 0);
}
