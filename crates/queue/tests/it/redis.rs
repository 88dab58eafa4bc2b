//! What is Redis' own: consumers that die, leases that grow old, names, and what it loses while it runs. Runs where
//! `AFORO_TEST_REDIS_URL` names a Redis that may be written to; a password stands in `AFORO_TEST_REDIS_PASSWORD`. The same
//! server's address with TLS may stand in `AFORO_TEST_REDIS_TLS_URL`, the file of who signs it in `AFORO_TEST_REDIS_CA_FILE`.

mod killing;
mod world;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lifecycle::{ProcessClock, Secret, Worker};
use queue::{QueueError, RedisQueue, Relay, RelaySettings, Settings};
use store::outbox;
use testkit::queue_contract::Backend;
use testkit::{envelope, message, messaging_database, numbered};

use world::{MONITORING, Redis, SCORING, SOON, World, keys, lose, publish, receive, redis, variable};

testkit::queue_contract!(Redis);

#[tokio::test]
async fn dead_consumers_messages_go_to_another_and_it_is_forgotten() {
    let Some(world) = World::new() else { return };
    let (one, other) = (world.open_as("one").await, world.open_as("other").await);
    publish(&one, 0..5).await;
    assert_eq!(receive(&one, 3, Duration::ZERO).await, [0, 1, 2]);
    assert_eq!(receive(&other, 10, Duration::ZERO).await, [3, 4]);
    drop(one);
    let died = Instant::now();
    assert_eq!(receive(&other, 10, SOON).await, [0, 1, 2]);
    assert!(died.elapsed() > Duration::from_millis(500), "it had its time to give a sign of life");
    let mut connection = redis().await;
    let consumers: Vec<redis::Value> = redis::cmd("XINFO")
        .arg("CONSUMERS")
        .arg(world.key("stream:scoring/0"))
        .arg("workers")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(consumers.len(), 1);
}

#[tokio::test]
async fn lease_older_than_the_longest_handling_goes_to_another() {
    let Some(world) = World::new() else { return };
    let short = |settings: &mut Settings| settings.longest_handling_seconds = 1;
    let (one, other) = (world.open_with("one", short).await, world.open_with("other", short).await);
    publish(&one, 0..3).await;
    let started = Instant::now();
    let held = one.receive(&SCORING, 10, Duration::ZERO).await.unwrap();
    assert_eq!(receive(&other, 10, SOON).await, [0, 1, 2]);
    assert!(started.elapsed() >= Duration::from_secs(1), "one is alive and had its time");
    one.fail(&SCORING, held[0].id, "too late").await.unwrap();
    assert_eq!(other.depth(&SCORING).await.unwrap().unfinished, 3, "who lost a lease counts no failure");
    let ids: Vec<_> = held.iter().map(|delivery| delivery.id).collect();
    one.acknowledge(&SCORING, &ids).await.unwrap();
    assert_eq!(other.depth(&SCORING).await.unwrap().unfinished, 0, "who did the work may say so");
}

#[tokio::test]
async fn message_that_kills_every_process_goes_to_the_dead_letters() {
    let Some(world) = World::new() else { return };
    let mut deaths = 0;
    loop {
        let queue = world.open_with("one", |settings| settings.max_deliveries = 3).await;
        if deaths == 0 {
            publish(&queue, 0..1).await;
        }
        if receive(&queue, 10, Duration::ZERO).await.is_empty() {
            let dead = queue.dead_letters(&SCORING, 10).await.unwrap();
            assert_eq!((dead.len(), numbered(&dead[0].envelope), dead[0].attempts), (1, 0, 0));
            assert!(dead[0].error.contains("delivered 3 times"), "{}", dead[0].error);
            assert_eq!(queue.redrive(&SCORING, &[dead[0].id]).await.unwrap(), 1);
            assert_eq!(receive(&queue, 10, Duration::ZERO).await, [0]);
            break;
        }
        deaths += 1;
    }
    assert_eq!(deaths, 3);
}

#[tokio::test]
async fn message_that_kills_takes_no_other_along() {
    let Some(world) = World::new() else { return };
    let queue = world.open_as("one").await;
    publish(&queue, 0..6).await;
    drop(queue);
    let mut done = Vec::new();
    for _ in 0..world.settings.max_deliveries * 10 {
        let queue = world.open_as("one").await;
        let held = queue.receive(&SCORING, 10, Duration::ZERO).await.unwrap();
        if held.is_empty() {
            break;
        }
        let numbers: Vec<_> = held.iter().map(|delivery| numbered(&delivery.envelope)).collect();
        if numbers.contains(&3) {
            continue; // The process dies.
        }
        let ids: Vec<_> = held.iter().map(|delivery| delivery.id).collect();
        queue.acknowledge(&SCORING, &ids).await.unwrap();
        done.extend(numbers);
    }
    done.sort_unstable();
    assert_eq!(done, [0, 1, 2, 4, 5]);
    let queue = world.open_as("one").await;
    let dead = queue.dead_letters(&SCORING, 10).await.unwrap();
    assert_eq!(dead.iter().map(|letter| numbered(&letter.envelope)).collect::<Vec<_>>(), [3]);
    assert_eq!(queue.depth(&SCORING).await.unwrap().unfinished, 0);
}

#[tokio::test]
async fn orderly_end_hands_over_at_once_and_counts_nothing() {
    let Some(world) = World::new() else { return };
    let (one, other) = (world.open_as("one").await, world.open_as("other").await);
    publish(&one, 0..3).await;
    assert_eq!(receive(&one, 10, Duration::ZERO).await, [0, 1, 2]);
    one.close().await.unwrap();
    let started = Instant::now();
    assert_eq!(receive(&other, 10, SOON).await, [0, 1, 2]);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn second_process_of_a_name_ends_the_first() {
    let Some(world) = World::new() else { return };
    let first = world.open_as("one").await;
    publish(&first, 0..2).await;
    assert_eq!(receive(&first, 1, Duration::ZERO).await, [0]);
    let second = world.open_as("one").await;
    assert_eq!(receive(&second, 10, Duration::ZERO).await, [0, 1], "it takes over at once");
    let deadline = Instant::now() + SOON;
    loop {
        match first.receive(&SCORING, 10, Duration::from_millis(50)).await {
            Err(QueueError::Replaced { consumer }) => break assert_eq!(consumer, "one"),
            other => assert!(other.unwrap().is_empty() && Instant::now() < deadline),
        }
    }
}

#[tokio::test]
async fn call_that_is_cut_off_loses_nothing() {
    let Some(world) = World::new() else { return };
    let queue = world.open_as("one").await;
    let mut received = Vec::new();
    for number in 0..10 {
        // It blocks when it goes away; the message is given to it all the same.
        let waiting = queue.receive(&SCORING, 10, SOON);
        assert!(tokio::time::timeout(Duration::from_millis(30), waiting).await.is_err());
        publish(&queue, number..number + 1).await;
        received.extend(receive(&queue, 10, SOON).await);
    }
    assert_eq!(received, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn full_stream_takes_no_more_until_there_is_room() {
    let Some(world) = World::new() else { return };
    let queue = world.open_with("one", |settings| settings.most_unfinished = 4).await;
    publish(&queue, 0..3).await;
    let more = [message(SCORING, 3), message(MONITORING, 3), message(SCORING, 4)];
    let refused = queue.publish(&more).await.unwrap_err();
    assert!(matches!(refused, QueueError::Full { stream: SCORING, most: 4 }) && refused.is_transient());
    assert_eq!(queue.depth(&MONITORING).await.unwrap().unfinished, 0, "all or none");
    let held = queue.receive(&SCORING, 1, Duration::ZERO).await.unwrap();
    queue.acknowledge(&SCORING, &[held[0].id]).await.unwrap();
    queue.publish(&more).await.unwrap();
    assert_eq!(receive(&queue, 10, Duration::ZERO).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn message_that_cannot_be_read_holds_up_nobody() {
    let Some(world) = World::new() else { return };
    let queue = world.open_as("one").await;
    publish(&queue, 0..1).await;
    let mut connection = redis().await;
    redis::cmd("XADD")
        .arg(world.key("stream:scoring/0"))
        .arg("*")
        .arg("e")
        .arg("{\"no")
        .exec_async(&mut connection)
        .await
        .unwrap();
    publish(&queue, 1..2).await;
    assert_eq!(receive(&queue, 10, Duration::ZERO).await, [0, 1]);
    let dead = queue.dead_letters(&SCORING, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].envelope.body.get()), (1, "\"{\\\"no\""));
    assert!(dead[0].error.contains("EOF"), "{}", dead[0].error);
}

#[tokio::test]
async fn loss_is_noticed_while_everything_runs() {
    let Some(world) = World::new() else { return };
    let (queue, db, clock) = (world.open_as("one").await, messaging_database().await, ProcessClock::default());
    let relay = Relay::new("relay", (*db).clone(), Arc::clone(&queue), clock.clone());
    let append = async |numbers: std::ops::Range<u64>| {
        let sent: Vec<_> = numbers.map(|number| envelope("declaration.accepted", number, 50)).collect();
        outbox::append(db.writer(), &sent).await.unwrap();
    };
    append(0..6).await;
    assert_eq!(relay.step().await.unwrap(), 6);
    assert_eq!(receive(&queue, 2, Duration::ZERO).await, [0, 1]);
    lose(&world.settings).await;
    // With nothing new to publish it asks now and then; with something new it is told at once.
    clock.skip(RelaySettings::default().check_every);
    assert_eq!(relay.step().await.unwrap(), 6);
    assert_eq!(receive(&queue, 10, SOON).await, (0..6).collect::<Vec<_>>());
    lose(&world.settings).await;
    append(6..7).await;
    assert_eq!(relay.step().await.unwrap(), 7);
    assert_eq!(receive(&queue, 10, SOON).await, (0..7).collect::<Vec<_>>());
    assert!(world.directory.path().exists());
}

#[tokio::test]
async fn redis_put_back_from_a_snapshot_gets_what_it_lacks() {
    let Some(world) = World::new() else { return };
    let (queue, db, clock) = (world.open_as("one").await, messaging_database().await, ProcessClock::default());
    let relay = Relay::new("relay", (*db).clone(), Arc::clone(&queue), clock.clone());
    let step = async |numbers: std::ops::Range<u64>| {
        let sent: Vec<_> = numbers.map(|number| envelope("declaration.accepted", number, 50)).collect();
        outbox::append(db.writer(), &sent).await.unwrap();
        relay.step().await.unwrap()
    };
    assert_eq!(step(0..5).await, 5);
    let mut connection = redis().await;
    let mut snapshot: Vec<(String, Vec<u8>)> = Vec::new();
    for key in keys(&mut connection, &world.settings).await {
        let dump = redis::cmd("DUMP").arg(&key).query_async(&mut connection).await.unwrap();
        snapshot.push((key, dump));
    }
    assert_eq!(step(5..9).await, 4);
    lose(&world.settings).await;
    for (key, dump) in snapshot {
        redis::cmd("RESTORE").arg(key).arg(0).arg(dump).exec_async(&mut connection).await.unwrap();
    }
    assert_eq!(step(9..10).await, 5, "those that the snapshot lacks, and the new one");
    assert_eq!(receive(&queue, 100, SOON).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn wrong_settings_say_what_is_wrong_and_keep_the_password() {
    if let Some(reason) = Redis.missing() {
        return eprintln!("skipped: {reason}");
    }
    let refused = |settings: Settings| async move {
        RedisQueue::open(&settings, ProcessClock::default()).await.err().expect("refused")
    };
    let in_url = refused(Settings::new("redis://:hunter2@127.0.0.1:1")).await;
    assert!(matches!(&in_url, QueueError::Settings(_)) && !format!("{in_url:?}").contains("hunter2"), "{in_url:?}");
    let directory = tempfile::tempdir().unwrap();
    let nowhere =
        Settings { password_file: Some(directory.path().join("none")), ..Settings::new("redis://127.0.0.1:1") };
    assert!(matches!(refused(nowhere).await, QueueError::File { .. }));
    let out_of_reach = refused(Settings::new("redis://127.0.0.1:1")).await;
    assert!(matches!(&out_of_reach, QueueError::Redis(_)) && out_of_reach.is_transient(), "{out_of_reach:?}");
}

#[tokio::test]
async fn connection_is_secured_and_the_certificate_is_checked() {
    let (Some(url), Some(ca_file)) = (variable("AFORO_TEST_REDIS_TLS_URL"), variable("AFORO_TEST_REDIS_CA_FILE"))
    else {
        return eprintln!("skipped: AFORO_TEST_REDIS_TLS_URL and AFORO_TEST_REDIS_CA_FILE name no Redis");
    };
    let Some(world) = World::new() else { return };
    let password_file = world.directory.path().join("password");
    std::fs::write(&password_file, format!("{}\n", world.settings.password.expose())).unwrap();
    let secured = Settings {
        url,
        ca_file: Some(ca_file.into()),
        password: Secret::default(),
        password_file: Some(password_file),
        ..world.settings.clone()
    };
    let queue = queue::open(&secured, ProcessClock::default()).await.unwrap();
    publish(&queue, 0..3).await;
    assert_eq!(receive(&queue, 10, SOON).await, [0, 1, 2]);
    let unknown_signer = Settings { ca_file: None, ..secured };
    let refused = RedisQueue::open(&unknown_signer, ProcessClock::default()).await.err().expect("refused");
    assert!(matches!(refused, QueueError::Redis(_)), "{refused:?}");
}
