//! Rates out of fold: no label of a row's own fold enters its vector.

use customs::Trigger;
use features::{Fact, Known, MemoryStates, OutOfFold, keys, vectors_knowing};

use crate::world::{at, declaration, id, lodged, resulted};

const CASES: u64 = 60;

fn facts(found: impl Fn(u64) -> bool) -> Vec<Fact> {
    let of = |number: u64| {
        [lodged(number, 1, number, 2), resulted(number, 0, 1, number + 1, found(number), Trigger::Random)]
    };
    (0..CASES).flat_map(of).collect()
}

fn period(facts: &[Fact]) -> OutOfFold {
    let mut known = OutOfFold::new(5);
    for fact in facts {
        known.take(fact);
    }
    known
}

fn vector(known: &OutOfFold, number: u64) -> Vec<u32> {
    let declaration = declaration(number, number, 2);
    let keys = keys(&declaration);
    let counted = known.read(id(number), keys.list());
    let past = vec![None; keys.list().len()];
    let known = Known { counted: &counted, past: &past };
    let vectors = vectors_knowing(&declaration, &keys, &known, &[], at(number));
    vectors.iter().flatten().map(|value| value.to_bits()).collect()
}

#[test]
fn labels_of_the_own_fold_change_no_vector_and_others_do() {
    let usual = |number: u64| number.is_multiple_of(3);
    let known = period(&facts(usual));
    for fold in 0..5 {
        let turned = period(&facts(|number| usual(number) != (known.fold(id(number)) == fold)));
        let (inside, outside): (Vec<u64>, Vec<u64>) = (0..CASES).partition(|number| known.fold(id(*number)) == fold);
        assert!(!inside.is_empty());
        for number in inside {
            assert_eq!(vector(&turned, number), vector(&known, number), "declaration {number}");
        }
        assert!(outside.iter().any(|number| vector(&turned, *number) != vector(&known, *number)));
    }
}

#[test]
fn out_of_fold_states_count_what_the_other_folds_count() {
    let facts = facts(|number| number.is_multiple_of(4));
    let known = period(&facts);
    for number in 0..CASES {
        let mut others = MemoryStates::default();
        for fact in facts.iter().filter(|fact| known.fold(fact.declaration()) != known.fold(id(number))) {
            fact.apply(&mut others);
        }
        let keys = keys(&declaration(number, number, 2));
        let counts = |state: &Option<features::EntityState>| {
            let state = state.as_ref();
            let history =
                state.and_then(|state| state.history()).map(|h| (h.declared, h.examined, h.found, h.critical));
            let values = state.and_then(|state| state.values()).copied();
            (history.filter(|(declared, ..)| *declared > 0), values.filter(|values| values.count > 0))
        };
        let read: Vec<_> = known.read(id(number), keys.list()).iter().map(counts).collect();
        let expected: Vec<_> = others.read(keys.list()).iter().map(counts).collect();
        assert_eq!(read, expected);
    }
}

#[test]
fn the_whole_is_what_all_facts_leave_in_any_order() {
    let facts = facts(|number| number.is_multiple_of(4));
    let mut states = MemoryStates::default();
    for fact in &facts {
        fact.apply(&mut states);
    }
    let mut backwards: Vec<Fact> = facts.clone();
    backwards.reverse();
    backwards.extend(facts);
    assert_eq!(period(&backwards).into_whole().states, states.states);
}
