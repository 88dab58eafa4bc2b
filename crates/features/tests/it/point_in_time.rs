//! Whatever the log holds, and in whatever order it came: replaying it up to the sequence that was recorded with a
//! vector gives that vector again, bit for bit.

use customs::{DeclarationId, Timestamp, Trigger};
use features::{ByEntity, EntityKey, EntityState, Fact, MemoryStates, Resulted, Timeline, keys, vectors};
use proptest::prelude::*;

use crate::world::{at, cancelled, declaration, lodged, resulted};

/// What happens, in the order in which the feature store hears of it.
#[derive(Clone, Debug)]
enum Step {
    /// A fact is written to the log.
    Heard(Box<Fact>),
    /// A declaration is decided with what is known.
    Served { number: u64, day: u64, items: u32 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..10_u8, 0..9_u64, 0..60_u64, 1..4_u32, 0..2_u8, any::<[bool; 2]>()).prop_map(
        |(kind, number, day, version, control, [found, past])| {
            // What a version says is fixed by what it is a version of; the day on which it comes is not.
            let said = found && version > 1;
            let fact = match kind {
                0..=2 => lodged(number, version, number * 6 + u64::from(version), 1 + version % 3),
                3..=5 => {
                    let trigger = if number % 2 == 0 { Trigger::Random } else { Trigger::Model };
                    let fact = resulted(number, control, version, day, said, trigger);
                    if past { of_the_past(fact) } else { fact }
                }
                6 => cancelled(number, day),
                _ => return Step::Served { number, day, items: version },
            };
            Step::Heard(Box::new(fact))
        },
    );
    prop::collection::vec(step, 1..60)
}

/// The result of an imported past: it waits until it was known.
fn of_the_past(fact: Fact) -> Fact {
    match fact {
        Fact::Resulted(result) => Fact::Resulted(Resulted { history: true, ..result }),
        other => other,
    }
}

fn bits(vectors: &[Vec<f32>]) -> Vec<Vec<u32>> {
    vectors.iter().map(|vector| vector.iter().map(|value| value.to_bits()).collect()).collect()
}

fn serve(states: &[Option<EntityState>], number: u64, day: u64, items: u32) -> Vec<Vec<u32>> {
    let declaration = declaration(number, day, items);
    bits(&vectors(&declaration, &keys(&declaration), states, &[], at(day)))
}

/// The running system: states by key as the online store has them, the log as bytes, records read from the log for
/// what a batch touches.
#[derive(Default)]
struct Live {
    online: ByEntity<EntityState>,
    log: Vec<Vec<u8>>,
    timeline: Timeline,
}

impl Live {
    fn read(&self, keys: &[EntityKey]) -> Vec<Option<EntityState>> {
        keys.iter().map(|key| self.online.get(key).copied()).collect()
    }

    /// As the feature store works: records of what is touched are made from the log, without what still waits.
    fn batch(&mut self, facts: &[Fact]) {
        let waiting: Vec<u64> = self.timeline.waiting().map(|(sequence, _)| sequence).collect();
        let touched: Vec<DeclarationId> =
            facts.iter().chain(self.timeline.waiting().map(|(_, fact)| fact)).map(Fact::declaration).collect();
        let mut states = MemoryStates { states: self.online.clone(), ..MemoryStates::default() };
        for (sequence, bytes) in (1..).zip(&self.log) {
            let fact = Fact::from_bytes(bytes).expect("written as a fact");
            if touched.contains(&fact.declaration()) && !waiting.contains(&sequence) {
                features::StateMap::record(&mut states, fact.declaration()).absorb(&fact);
            }
        }
        for fact in facts {
            self.log.push(fact.to_bytes());
            self.timeline.take(self.log.len() as u64, fact.clone(), &mut states);
        }
        self.online = states.states;
    }
}

/// The states after the first `sequence` facts of the log.
fn replayed(log: &[Vec<u8>], sequence: usize) -> MemoryStates {
    let (mut timeline, mut states) = (Timeline::default(), MemoryStates::default());
    for (sequence, bytes) in (1..).zip(&log[..sequence]) {
        timeline.take(sequence, Fact::from_bytes(bytes).expect("written as a fact"), &mut states);
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn replaying_to_the_recorded_sequence_gives_the_served_vectors(steps in steps(), size in 1..7_usize) {
        let mut live = Live::default();
        let mut served = Vec::new();
        let mut heard: Vec<Fact> = Vec::new();
        // A version of a result says one thing: what is other under the same number is refused where it is reported.
        let mut told = std::collections::HashMap::new();
        for step in steps {
            match step {
                Step::Heard(fact) => {
                    if let Fact::Resulted(result) = &*fact
                        && *told.entry((result.control, result.version)).or_insert_with(|| result.clone()) != *result
                    {
                        continue;
                    }
                    heard.push(*fact);
                    if heard.len() == size {
                        live.batch(&std::mem::take(&mut heard));
                    }
                }
                // Decided with what the online store has; what was heard since is not applied yet.
                Step::Served { number, day, items } => {
                    let wanted = keys(&declaration(number, day, items));
                    let vectors = serve(&live.read(wanted.list()), number, day, items);
                    served.push((live.log.len(), number, day, items, vectors));
                }
            }
        }
        live.batch(&heard);
        for (sequence, number, day, items, vectors) in served {
            let states = replayed(&live.log, sequence);
            let wanted = keys(&declaration(number, day, items));
            let again = serve(&states.read(wanted.list()), number, day, items);
            prop_assert_eq!(again, vectors, "declaration {} at sequence {}", number, sequence);
        }
    }

    #[test]
    fn states_survive_their_bytes(steps in steps()) {
        let mut states = MemoryStates::default();
        for step in steps {
            if let Step::Heard(fact) = step {
                fact.apply(&mut states);
            }
        }
        for state in states.states.values() {
            for state in [*state, state.negated()] {
                let mut bytes = Vec::new();
                state.pack(&mut bytes);
                let full = bytes.len();
                bytes.push(7);
                prop_assert_eq!(EntityState::unpack(&bytes), Some((state, &[7_u8][..])));
                prop_assert_eq!(EntityState::unpack(&bytes[..full - 1]), None);
            }
        }
    }

    #[test]
    fn any_bytes_are_a_state_or_none(mut bytes: Vec<u8>, values: bool) {
        bytes.insert(0, if values { b'V' } else { b'H' });
        let _ = EntityState::unpack(&bytes);
    }
}

#[test]
fn a_late_fact_changes_later_vectors_and_no_earlier_one() {
    let log: Vec<Vec<u8>> = [
        lodged(1, 1, 3, 2),
        lodged(4, 1, 4, 2),
        // Known on day 5, heard of after the decision of day 9.
        resulted(1, 0, 1, 5, true, Trigger::Random),
    ]
    .iter()
    .map(Fact::to_bytes)
    .collect();
    let wanted = keys(&declaration(7, 9, 2));
    let vector = |sequence| serve(&replayed(&log, sequence).read(wanted.list()), 7, 9, 2);
    assert_ne!(vector(2), vector(3));
    assert_eq!(vector(2), {
        let mut states = MemoryStates::default();
        lodged(1, 1, 3, 2).apply(&mut states);
        lodged(4, 1, 4, 2).apply(&mut states);
        serve(&states.read(wanted.list()), 7, 9, 2)
    });
    let moment: Timestamp = at(9);
    assert!(moment > at(5));
}
