//! What every backend of the online store does. `testkit::online_contract!` turns each function into a test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test that calls it")]

use std::sync::Arc;

use async_trait::async_trait;
use features::{EntityKey, EntityState, Group, History, Values};
use online_store::{OnlineStore, OnlineStoreError, Snapshot};

/// One test per fact, for the backend `$backend` (an expression of a type that implements
/// [`Backend`](online_contract::Backend)).
#[macro_export]
macro_rules! online_contract {
    ($backend:expr) => {
        $crate::online_contract!($backend;
            store_that_nobody_filled_answers_nobody,
            read_gives_states_in_order_with_their_sequence,
            states_come_back_as_they_were,
            write_that_begins_elsewhere_is_refused_whole,
            write_that_is_repeated_is_no_second_one,
            fill_replaces_everything,
            fill_leads_anywhere,
            many_states_are_written_and_read_at_once,
            readers_see_whole_writes_alone,
            store_that_lost_everything_says_so_until_it_is_filled,
            connections_that_are_cut_are_made_again,
        );
    };
    ($backend:expr; $($fact:ident),* $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $fact() {
            let backend = $backend;
            if let Some(reason) = $crate::online_contract::Backend::missing(&backend) {
                return eprintln!("skipped: {reason}");
            }
            let name = format!("{}-{}", stringify!($fact), std::process::id());
            $crate::online_contract::$fact(&backend, &name).await;
            $crate::online_contract::Backend::lose_everything(&backend, &name).await;
        })*
    };
}

/// A backend under test.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Opens the store of the installation `name`. Opening again is another process.
    async fn open(&self, name: &str) -> Arc<dyn OnlineStore>;

    /// Loses everything that the store holds. Returns whether this backend can, without its process.
    async fn lose_everything(&self, name: &str) -> bool;

    /// Cuts every connection to the store. By default it has none.
    async fn cut_connections(&self, _name: &str) {}

    /// Why this backend cannot be tested here. By default it can.
    fn missing(&self) -> Option<String> {
        None
    }
}

fn key(number: u64) -> EntityKey {
    EntityKey::new(Group::Trader, &[number])
}

fn entry(number: u64, day: u16) -> (EntityKey, EntityState) {
    (key(number), EntityState::History(History::seen(day)))
}

async fn filled(backend: &impl Backend, name: &str, sequence: u64) -> Arc<dyn OnlineStore> {
    let store = backend.open(name).await;
    store.fill(sequence, Box::new(std::iter::empty())).await.expect("filled");
    store
}

async fn sequence(store: &Arc<dyn OnlineStore>) -> u64 {
    store.read(&[]).await.expect("it is filled").sequence
}

/// A store that nobody filled answers nobody, and takes no write.
pub async fn store_that_nobody_filled_answers_nobody(backend: &impl Backend, name: &str) {
    let store = backend.open(name).await;
    for keys in [&[][..], &[key(1)]] {
        assert!(matches!(store.read(keys).await, Err(OnlineStoreError::Empty)));
    }
    assert!(matches!(store.write(0, 1, &[entry(1, 5)]).await, Err(OnlineStoreError::Empty)));
    store.fill(0, Box::new(std::iter::empty())).await.unwrap();
    assert_eq!(store.read(&[key(1)]).await.unwrap(), Snapshot { states: vec![None], sequence: 0 });
}

/// Reading gives states in the order of the keys, with their sequence.
pub async fn read_gives_states_in_order_with_their_sequence(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 3).await;
    let ((one, state), (two, other)) = (entry(1, 100), entry(2, 200));
    store.write(3, 7, &[(one, state), (two, other)]).await.unwrap();
    // An entity may be asked for more than once.
    let snapshot = store.read(&[two, key(9), one, two]).await.unwrap();
    assert_eq!(snapshot, Snapshot { states: vec![Some(other), None, Some(state), Some(other)], sequence: 7 });
}

/// Every part of a state survives.
pub async fn states_come_back_as_they_were(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 0).await;
    let mut history = History::seen(20_000);
    (history.duty_cents, history.declared, history.critical) = (-123_456_789, u32::MAX, 7);
    (history.examined, history.found) = ([1, 2, 300], [4, 50_000, 6]);
    history.tiles[2].found = 9;
    let mut values = Values::of(-70_000);
    values.merge(&Values::of(i32::MAX));
    let values_key = EntityKey::new(Group::ValuesHs6, &[4]);
    let entries = vec![(key(1), EntityState::History(history)), (values_key, EntityState::Values(values))];
    store.write(0, 1, &entries).await.unwrap();
    let (keys, states): (Vec<_>, Vec<_>) = entries.into_iter().map(|(key, state)| (key, Some(state))).unzip();
    assert_eq!(store.read(&keys).await.unwrap().states, states);
}

/// A write that begins elsewhere than the store stands changes nothing.
pub async fn write_that_begins_elsewhere_is_refused_whole(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 0).await;
    store.write(0, 7, &[entry(1, 100)]).await.unwrap();
    for after in [0, 6, 8] {
        let refused = store.write(after, 9, &[entry(1, 50), entry(2, 50)]).await;
        assert!(matches!(refused, Err(OnlineStoreError::Elsewhere { applied: 7, .. })), "{refused:?}");
    }
    let snapshot = store.read(&[key(1), key(2)]).await.unwrap();
    assert_eq!(snapshot, Snapshot { states: vec![Some(entry(1, 100).1), None], sequence: 7 });
}

/// Repeating a write whose answer was lost does no harm.
pub async fn write_that_is_repeated_is_no_second_one(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 0).await;
    store.write(0, 2, &[entry(1, 100)]).await.unwrap();
    // The answer was lost: the writer asks where it stands, or tries again.
    match store.write(0, 2, &[entry(1, 100)]).await {
        Ok(()) | Err(OnlineStoreError::Elsewhere { applied: 2, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(sequence(&store).await, 2);
}

/// Filling leaves nothing of what was there before.
pub async fn fill_replaces_everything(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 0).await;
    store.write(0, 2, &[entry(1, 100), entry(2, 100)]).await.unwrap();
    store.fill(5, Box::new([entry(2, 200), entry(3, 300)].into_iter())).await.unwrap();
    let snapshot = store.read(&[key(1), key(2), key(3)]).await.unwrap();
    assert_eq!(snapshot.states, [None, Some(entry(2, 200).1), Some(entry(3, 300).1)]);
    assert_eq!(snapshot.sequence, 5);
    store.write(5, 6, &[entry(1, 400)]).await.unwrap();
    assert_eq!(store.read(&[key(1)]).await.unwrap().states, [Some(entry(1, 400).1)]);
}

/// Filling may lead to an earlier sequence.
pub async fn fill_leads_anywhere(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 90).await;
    // The database was set back to an earlier time: the log is what counts.
    store.fill(40, Box::new([entry(1, 100)].into_iter())).await.unwrap();
    assert_eq!(sequence(&store).await, 40);
    assert!(store.write(90, 91, &[]).await.is_err());
    store.write(40, 41, &[]).await.unwrap();
}

/// No batch is too large.
pub async fn many_states_are_written_and_read_at_once(backend: &impl Backend, name: &str) {
    const MANY: u64 = 12_345;
    let store = filled(backend, name, 0).await;
    let day = |number: u64| (number % 20_000) as u16;
    store.write(0, 1, &(0..MANY).map(|number| entry(number, day(number))).collect::<Vec<_>>()).await.unwrap();
    let keys: Vec<_> = (0..MANY).map(key).collect();
    let expected: Vec<_> = (0..MANY).map(|number| Some(entry(number, day(number)).1)).collect();
    assert_eq!(store.read(&keys).await.unwrap().states, expected);
    store.fill(2, Box::new((0..MANY).map(|number| entry(number, 7)))).await.unwrap();
    let states = store.read(&keys).await.unwrap().states;
    assert!(states.len() == keys.len() && states.iter().all(|state| *state == Some(entry(0, 7).1)));
}

/// Readers see whole writes, and sequences that only rise.
pub async fn readers_see_whole_writes_alone(backend: &impl Backend, name: &str) {
    const WRITES: u64 = 300;
    let store = filled(backend, name, 0).await;
    let keys: Vec<_> = (0..50).map(key).collect();
    let states = |at: u64| (0..50).map(move |number| entry(number, at as u16));
    store.fill(1, Box::new(states(1))).await.unwrap();
    let write = async {
        for sequence in 2..=WRITES {
            if sequence % 100 == 0 {
                store.fill(sequence, Box::new(states(sequence))).await.unwrap();
            } else {
                store.write(sequence - 1, sequence, &states(sequence).collect::<Vec<_>>()).await.unwrap();
            }
        }
    };
    let read = async {
        let mut last = 0;
        while last < WRITES {
            let snapshot = store.read(&keys).await.unwrap();
            let expected = Some(EntityState::History(History::seen(snapshot.sequence as u16)));
            assert!(snapshot.states.iter().all(|state| *state == expected), "a half write at {}", snapshot.sequence);
            assert!(snapshot.sequence >= last);
            last = snapshot.sequence;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(write, read);
}

/// A store that lost everything says so until it is filled again.
pub async fn store_that_lost_everything_says_so_until_it_is_filled(backend: &impl Backend, name: &str) {
    let writer = filled(backend, name, 0).await;
    writer.write(0, 1, &[entry(1, 100)]).await.unwrap();
    let reader = backend.open(name).await;
    if !backend.lose_everything(name).await {
        return;
    }
    for store in [&reader, &writer] {
        assert!(matches!(store.read(&[key(1)]).await, Err(OnlineStoreError::Empty)));
    }
    assert!(matches!(writer.write(1, 2, &[entry(2, 100)]).await, Err(OnlineStoreError::Empty)));
    writer.fill(2, Box::new([entry(1, 100), entry(2, 200)].into_iter())).await.unwrap();
    let snapshot = reader.read(&[key(1), key(2)]).await.unwrap();
    assert_eq!(snapshot, Snapshot { states: vec![Some(entry(1, 100).1), Some(entry(2, 200).1)], sequence: 2 });
}

/// Connections that are cut are made again.
pub async fn connections_that_are_cut_are_made_again(backend: &impl Backend, name: &str) {
    let store = filled(backend, name, 0).await;
    for sequence in 1..6 {
        backend.cut_connections(name).await;
        // A call may meet the cut; the next one is over a new connection.
        let mut failures = 0;
        while let Err(error) = store.write(sequence - 1, sequence, &[entry(1, sequence as u16)]).await {
            match error {
                OnlineStoreError::Unavailable(_) => failures += 1,
                OnlineStoreError::Elsewhere { applied, .. } if applied == sequence => break,
                error => panic!("{error}"),
            }
            assert!(failures < 3, "it does not come back");
        }
    }
    // Reading may go over another connection than writing, and meet its own cut.
    let read = match store.read(&[key(1)]).await {
        Err(OnlineStoreError::Unavailable(_)) => store.read(&[key(1)]).await,
        read => read,
    };
    assert_eq!(read.unwrap().states, [Some(entry(1, 5).1)]);
}
