//! Sums do not depend on order.

use customs::Trigger;
use features::{EntityState, Fact, History, MemoryStates, Values};
use proptest::prelude::*;

use crate::world::{cancelled, lodged, resulted};

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact =
        (0..5_u8, 0..4_u64, 0..2_u8, 1..4_u32, any::<bool>()).prop_map(|(kind, number, control, version, yes)| {
            let trigger = if yes { Trigger::Random } else { Trigger::Model };
            // What a version says is fixed by what it is a version of: the same version never says two things.
            let found = (number + u64::from(version)).is_multiple_of(2);
            match kind {
                0 | 1 => lodged(number, version, number * 45 + u64::from(version), 2 + version),
                2 | 3 => {
                    resulted(number, control, version, 200, found, if control == 0 { Trigger::Model } else { trigger })
                }
                _ => cancelled(number, 210),
            }
        });
    prop::collection::vec(fact, 1..14).prop_map(|facts| {
        // Documentary results with either trigger are one class, but not equal records: keep the first of a version.
        let mut seen = std::collections::HashSet::new();
        facts
            .into_iter()
            .filter(|fact| match fact {
                Fact::Resulted(result) => seen.insert((result.control, result.version)),
                _ => true,
            })
            .collect()
    })
}

fn applied(facts: &[Fact]) -> MemoryStates {
    let mut states = MemoryStates::default();
    for fact in facts {
        fact.apply(&mut states);
    }
    states
}

fn history() -> impl Strategy<Value = History> {
    (any::<[u32; 3]>(), any::<i64>(), 1..400_u16, 0..50_u32).prop_map(|(counts, duty_cents, day, declared)| {
        let mut history = History { duty_cents, declared, examined: counts, ..History::seen(day) };
        history.tiles[0].declared = declared;
        history.tiles[0].found = counts[0];
        history
    })
}

proptest! {
    #[test]
    fn facts_in_any_order_give_the_same_states((facts, shuffled) in facts().prop_flat_map(|facts| {
        (Just(facts.clone()), Just(facts).prop_shuffle())
    })) {
        prop_assert_eq!(applied(&facts), applied(&shuffled));
    }

    #[test]
    fn redelivered_facts_change_nothing(facts in facts()) {
        let once = applied(&facts);
        let mut twice = once.clone();
        for fact in &facts {
            fact.apply(&mut twice);
        }
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn merging_histories_is_associative_and_commutative(a in history(), b in history(), c in history()) {
        let sum = |parts: &[&History]| {
            let mut sum = History::default();
            for part in parts {
                sum.merge(part);
            }
            sum
        };
        let right = { let mut right = b; right.merge(&c); let mut sum = a; sum.merge(&right); sum };
        prop_assert_eq!(sum(&[&a, &b, &c]), right);
        prop_assert_eq!(sum(&[&a, &b, &c]), sum(&[&c, &b, &a]));
    }

    #[test]
    fn what_was_added_can_be_taken_back(a in history(), b in history(), value in -500_000..500_000_i32) {
        let both = |first: History| EntityState::History(first);
        let mut state = both(a);
        state.merge(&both(b));
        let with = state;
        state.merge(&both(b));
        state.merge(&both(b).negated());
        prop_assert_eq!(state, with);
        let mut values = Values::of(value);
        values.merge(&Values::of(value).negated());
        prop_assert_eq!(values, Values::default());
    }

    #[test]
    fn facts_survive_their_bytes(facts in facts()) {
        for fact in facts {
            prop_assert_eq!(Fact::from_bytes(&fact.to_bytes()).unwrap(), fact);
        }
    }

    #[test]
    fn any_bytes_are_a_fact_or_an_error(mut bytes: Vec<u8>) {
        bytes.insert(0, b'L');
        let _ = Fact::from_bytes(&bytes);
        bytes[0] = b'M';
        let _ = Fact::from_bytes(&bytes);
    }
}

#[test]
fn a_finding_that_is_annulled_leaves_what_a_conform_result_leaves() {
    let conform = [lodged(1, 1, 3, 2), resulted(1, 0, 1, 9, false, Trigger::Model)];
    let revised = [
        lodged(1, 1, 3, 2),
        resulted(1, 0, 1, 9, false, Trigger::Model),
        resulted(1, 0, 2, 40, true, Trigger::Model),
        resulted(1, 0, 3, 99, false, Trigger::Model),
    ];
    assert_eq!(applied(&conform).states, applied(&revised).states);
    assert_ne!(applied(&conform).states, applied(&revised[..3]).states);
}

#[test]
fn a_result_that_comes_before_its_declaration_counts_once_both_are_known() {
    let (declaration, result) = (lodged(1, 1, 3, 2), resulted(1, 0, 1, 9, true, Trigger::Random));
    let early = applied(&[result.clone(), declaration.clone()]);
    assert_eq!(early, applied(&[declaration, result.clone()]));
    assert!(applied(&[result]).states.is_empty());
}

#[test]
fn what_was_packed_before_masses_were_kept_is_read_without() {
    let fact = crate::world::lodged(1, 1, 1, 1);
    let mut bytes = fact.to_bytes();
    // The form before had its own first byte, and nothing behind the unit value of an item.
    bytes[0] = b'L';
    bytes.truncate(bytes.len() - 4);
    let (Fact::Lodged(mut now), Fact::Lodged(before)) = (fact, Fact::from_bytes(&bytes).unwrap()) else {
        unreachable!("both were lodged")
    };
    assert!(now.outline.items[0].mass.take().is_some());
    assert_eq!(before, now);
}
