//! What every backend of the store does. `testkit::store_contract!` turns each function into a test.

use customs::EventId;
use events::{Envelope, Service};
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use store::retention::Time;
use store::{Database, Forgets, Retention, Settings, Sql, SqlMigration, StoreError, inbox, outbox};

use crate::database::MessagingTables;
use crate::envelope;

/// One test per fact, for the backend whose empty databases `$settings` (an expression giving [`Settings`] and whatever
/// keeps the database in being; nothing where there is no such backend) names.
#[macro_export]
macro_rules! store_contract {
    ($settings:expr) => {
        $crate::store_contract!($settings;
            outbox_keeps_the_order_and_the_content_of_commits,
            rows_given_back_are_those_that_are_read,
            what_is_rolled_back_is_not_published,
            relays_have_places_of_their_own,
            purging_keeps_what_is_not_published,
            places_are_never_used_twice,
            inbox_admits_a_message_once_per_subscriber,
            inbox_forgets_old_messages_only,
            inbox_knows_every_message_among_others,
            migrating_again_changes_nothing,
            errors_tell_what_happened,
            places_rise_in_the_order_of_commits,
            tables_of_a_later_program_are_left_alone,
            what_is_older_than_it_must_be_kept_goes,
            months_are_kept_of_tables_that_may_forget_alone,
        );
    };
    ($settings:expr; $($fact:ident),* $(,)?) => {
        $(#[tokio::test]
        async fn $fact() {
            if let Some((settings, _keep)) = $settings {
                $crate::store_contract::$fact(settings).await;
            }
        })*
    };
}

async fn open(settings: &Settings) -> Database {
    let db = Database::open(settings).await.expect("the database opens");
    db.migrate::<MessagingTables>().await.expect("the tables are made");
    db
}

fn moved(numbers: std::ops::Range<u64>) -> Vec<Envelope> {
    numbers.map(|number| envelope("declaration.moved", number, 2_000)).collect()
}

fn ids(numbers: impl IntoIterator<Item = u64>) -> Vec<EventId> {
    numbers.into_iter().map(|number| envelope("declaration.moved", number, 0).id).collect()
}

async fn append(db: &Database, envelopes: &[Envelope]) {
    let tx = db.begin().await.expect("a transaction begins");
    outbox::append(&tx, envelopes).await.expect("the outbox takes messages");
    tx.commit().await.expect("the transaction commits");
}

async fn unpublished(db: &Database, relay: &str) -> Vec<outbox::OutboxRow> {
    outbox::unpublished(db.reader(), relay, 1_000).await.expect("the outbox is read")
}

/// Outbox rows come back in order, with every field as it was.
pub async fn outbox_keeps_the_order_and_the_content_of_commits(settings: Settings) {
    let db = open(&settings).await;
    let mut sent = moved(0..300);
    sent[7].trace = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    append(&db, &[]).await;
    append(&db, &sent[..255]).await;
    append(&db, &sent[255..]).await;
    let rows = unpublished(&db, "relay").await;
    assert!(rows.is_sorted_by(|a, b| a.seq < b.seq));
    let text = |envelope: &Envelope| serde_json::to_string(envelope).expect("envelopes are JSON");
    assert_eq!(
        rows.iter().map(|row| text(&row.envelope)).collect::<Vec<_>>(),
        sent.iter().map(text).collect::<Vec<_>>()
    );
}

/// Rows that are given back when they are appended are the rows that are read after the commit.
pub async fn rows_given_back_are_those_that_are_read(settings: Settings) {
    let db = open(&settings).await;
    let mut given = Vec::new();
    for numbers in [0..1, 1..40, 40..40, 40..41] {
        let tx = db.begin().await.expect("a transaction begins");
        given.extend(outbox::append_handed(&tx, moved(numbers)).await.expect("the outbox takes messages"));
        tx.commit().await.expect("the transaction commits");
    }
    let shown = |rows: Vec<outbox::OutboxRow>| -> Vec<_> {
        rows.iter().map(|row| (row.seq, serde_json::to_string(&row.envelope).expect("envelopes are JSON"))).collect()
    };
    assert_eq!(given.len(), 41);
    assert_eq!(shown(given), shown(unpublished(&db, "relay").await));
}

/// A dropped transaction leaves nothing.
pub async fn what_is_rolled_back_is_not_published(settings: Settings) {
    let db = open(&settings).await;
    let tx = db.begin().await.expect("a transaction begins");
    outbox::append(&tx, &moved(0..3)).await.expect("the outbox takes messages");
    assert_eq!(inbox::admit(&tx, Service::Scoring, &ids([1])).await.expect("admits"), [true]);
    drop(tx);
    assert!(unpublished(&db, "relay").await.is_empty());
    let tx = db.begin().await.expect("a transaction begins");
    assert_eq!(inbox::admit(&tx, Service::Scoring, &ids([1])).await.expect("admits"), [true]);
}

/// Every relay reads on from its own place, which never goes back.
pub async fn relays_have_places_of_their_own(settings: Settings) {
    let db = open(&settings).await;
    append(&db, &moved(0..10)).await;
    let rows = unpublished(&db, "one").await;
    outbox::published(db.writer(), "one", rows[5].seq).await.expect("the place is kept");
    outbox::published(db.writer(), "one", rows[2].seq).await.expect("the place is kept");
    assert_eq!(unpublished(&db, "one").await.len(), 4);
    assert_eq!(unpublished(&db, "two").await.len(), 10);
    assert_eq!(outbox::unpublished(db.reader(), "two", 3).await.expect("the outbox is read").len(), 3);
}

/// Purging takes only rows that are old and that every relay has published.
pub async fn purging_keeps_what_is_not_published(settings: Settings) {
    let db = open(&settings).await;
    for envelope in moved(0..10) {
        append(&db, &[envelope]).await;
    }
    let rows = unpublished(&db, "one").await;
    let recorded = |place: usize| rows[place].envelope.recorded_at_ms;
    let purge = async |before_ms| outbox::purge(db.writer(), before_ms, 100).await.expect("old rows go");
    assert_eq!(purge(i64::MAX).await, 0, "nobody has published anything");
    outbox::published(db.writer(), "one", rows[5].seq).await.expect("the place is kept");
    assert_eq!(purge(recorded(3)).await, 3, "the others are too young");
    assert_eq!(purge(i64::MAX).await, 3, "the others are not published");
    assert_eq!(unpublished(&db, "one").await.len(), 4);
}

/// New rows come after the place of every relay, also when the outbox was emptied.
pub async fn places_are_never_used_twice(settings: Settings) {
    let db = open(&settings).await;
    append(&db, &moved(0..3)).await;
    let last = unpublished(&db, "relay").await.last().map(|row| row.seq).expect("three rows");
    outbox::published(db.writer(), "relay", last).await.expect("the place is kept");
    assert_eq!(outbox::purge(db.writer(), i64::MAX, 100).await.expect("old rows go"), 3);
    append(&db, &moved(3..4)).await;
    assert_eq!(unpublished(&db, "relay").await.len(), 1);
}

/// A message is new once, for each subscriber.
pub async fn inbox_admits_a_message_once_per_subscriber(settings: Settings) {
    let db = open(&settings).await;
    let tx = db.begin().await.expect("a transaction begins");
    let first = inbox::admit(&tx, Service::Scoring, &ids([1, 2, 1])).await.expect("admits");
    assert_eq!(first, [true, true, false]);
    tx.commit().await.expect("the transaction commits");
    let tx = db.begin().await.expect("a transaction begins");
    assert_eq!(inbox::admit(&tx, Service::Scoring, &ids([3, 2, 4])).await.expect("admits"), [true, false, true]);
    assert_eq!(inbox::admit(&tx, Service::FeatureStore, &ids([2])).await.expect("admits"), [true]);
    assert!(inbox::admit(&tx, Service::Scoring, &[]).await.expect("admits").is_empty());
    let many = inbox::admit(&tx, Service::Scoring, &ids(0..256)).await.expect("admits");
    assert_eq!(many.iter().filter(|new| !**new).count(), 4);
}

/// Forgetting spares what was admitted since.
pub async fn inbox_forgets_old_messages_only(settings: Settings) {
    let db = open(&settings).await;
    inbox::admit(db.writer(), Service::Scoring, &ids(0..5)).await.expect("admits");
    let now_ms = lifecycle::ProcessClock::default().unix_ms();
    let purge = async |before_ms, limit| inbox::purge(db.writer(), before_ms, limit).await.expect("old messages go");
    assert_eq!(purge(now_ms - 60_000, 100).await, 0);
    assert_eq!(purge(now_ms + 60_000, 100).await, 1, "what was admitted together goes together");
    assert_eq!(inbox::admit(db.writer(), Service::Scoring, &ids(0..5)).await.expect("admits"), [true; 5]);
}

/// What was admitted is found again among batches that lie about it, before and behind it, and far from it.
pub async fn inbox_knows_every_message_among_others(settings: Settings) {
    let db = open(&settings).await;
    let at = |number: i64| {
        // Some in one millisecond, some within a second, some months apart.
        let ms = 1_700_000_000_000 + [0, number * 10, number * 2_600_000_000][number as usize % 3];
        let at = jiff::Timestamp::from_millisecond(ms).expect("a time of this century");
        EventId::derive(at, &[&number.to_be_bytes()])
    };
    let all: Vec<EventId> = (0..300).map(at).collect();
    for batch in [200..260, 0..50, 40..120, 100..300, 0..300] {
        let known: Vec<EventId> = all[batch].to_vec();
        inbox::admit(db.writer(), Service::Scoring, &known).await.expect("admits");
        let again = inbox::admit(db.writer(), Service::Scoring, &known).await.expect("admits");
        assert!(again.iter().all(|new| !new));
    }
    assert_eq!(inbox::admit(db.writer(), Service::Scoring, &[at(300), at(7)]).await.expect("admits"), [true, false]);
}

/// Migrations run once.
pub async fn migrating_again_changes_nothing(settings: Settings) {
    let db = open(&settings).await;
    append(&db, &moved(0..3)).await;
    db.migrate::<MessagingTables>().await.expect("migrating again is fine");
    assert_eq!(unpublished(&db, "relay").await.len(), 3);
}

/// A duplicate key is a duplicate key, and what may succeed later says so.
pub async fn errors_tell_what_happened(settings: Settings) {
    let db = open(&settings).await;
    let insert = "INSERT INTO relay_position (relay, published) VALUES ('one', 1)";
    db.writer().execute_unprepared(insert).await.expect("the first is fine");
    let error = StoreError::from(db.writer().execute_unprepared(insert).await.expect_err("the second is not"));
    assert!(error.is_unique() && !error.is_transient(), "{error:?}");
    let wrong = db.writer().execute_unprepared("SELECT nothing FROM nowhere").await.expect_err("no such table");
    assert!(matches!(StoreError::from(wrong), StoreError::Database(_)));
}

/// What is appended while a transaction with lower places is open gets higher ones, and is not seen before it.
pub async fn places_rise_in_the_order_of_commits(settings: Settings) {
    let db = open(&settings).await;
    let tx = db.begin().await.expect("a transaction begins");
    outbox::append(&tx, &moved(0..3)).await.expect("the outbox takes messages");
    let other = db.clone();
    #[expect(clippy::disallowed_methods, reason = "the test waits for it")]
    let second = tokio::spawn(async move { append(&other, &moved(3..5)).await });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!second.is_finished(), "it has passed over three messages that are not committed");
    tx.commit().await.expect("the transaction commits");
    second.await.expect("the other goes on");
    let numbers: Vec<_> = unpublished(&db, "relay").await.into_iter().map(|row| row.envelope.id).collect();
    assert_eq!(numbers, ids(0..5));
}

/// A program of the version before starts on tables that were changed since.
pub async fn tables_of_a_later_program_are_left_alone(settings: Settings) {
    let db = open(&settings).await;
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('of_tomorrow', 0)";
    db.writer().execute_unprepared(later).await.expect("the change is recorded");
    db.migrate::<MessagingTables>().await.expect("the program before starts");
}

/// A table that forgets, cut into months where that is possible.
struct LogTables;

impl MigratorTrait for LogTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let log = Sql {
            sqlite: "CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL);",
            postgres: "CREATE TABLE log (seq BIGINT GENERATED ALWAYS AS IDENTITY, at BIGINT NOT NULL, \
                PRIMARY KEY (seq, at)) PARTITION BY RANGE (at); CREATE TABLE log_rest PARTITION OF log DEFAULT;",
        };
        let mut all = store::migrations();
        all.push(Box::new(SqlMigration::new("log", log)));
        all
    }
}

const LOG: Forgets = Forgets { table: "log", at: "at", time: Time::Domain, key: "seq", monthly: true };

/// Whole months go when they are older than is set; what is younger stays, also what came before its month was made.
pub async fn what_is_older_than_it_must_be_kept_goes(settings: Settings) {
    let db = Database::open(&settings).await.expect("the database opens");
    db.migrate::<LogTables>().await.expect("the tables are made");
    let clock = crate::driven_clock();
    let settings = Settings { keep_months: [("log".to_owned(), 3)].into(), ..settings };
    let process_clock = lifecycle::ProcessClock::default();
    let retention = Retention::new(db.clone(), &[LOG], &settings, clock.clone(), process_clock).expect("it is known");
    let insert = async |at: jiff::Timestamp| {
        let sql = Sql::both("INSERT INTO log (at) VALUES ($1)");
        db.writer().execute_raw(sql.on(db.writer(), [at.as_microsecond().into()])).await.expect("a row is stored");
    };
    let rows = async || {
        let sql = Sql::both("SELECT count(*) FROM log");
        let row = db.reader().query_one_raw(sql.on(db.reader(), [])).await.expect("rows are counted");
        row.expect("a count").try_get_by_index::<i64>(0).expect("a number")
    };
    let day = jiff::SignedDuration::from_hours(24);
    insert(clock.now() - day * 200).await;
    retention.prepare().await.expect("months are made");
    retention.prepare().await.expect("months are made once");
    insert(clock.now()).await;
    insert(clock.now() + day * 31).await;
    retention.forget().await.expect("old rows go");
    assert_eq!(rows().await, 2, "the row of long ago is gone, though no month was made for it");
    clock.advance_to(clock.now() + day * 125).expect("the clock moves");
    insert(clock.now()).await;
    assert!(retention.forget().await.expect("old rows go") > 0);
    assert_eq!(rows().await, 2, "the month that is more than three whole months back is gone");
    assert_eq!(retention.forget().await.expect("nothing is left to go"), 0);
}

/// A name that is no table's, or none that may forget, is refused and told.
pub async fn months_are_kept_of_tables_that_may_forget_alone(settings: Settings) {
    let db = open(&settings).await;
    for (table, months) in [("logs", 3), ("outbox", 3), ("log", 0)] {
        let settings = Settings { keep_months: [(table.to_owned(), months)].into(), ..settings.clone() };
        let (clock, process_clock) = (crate::fixed_clock(), lifecycle::ProcessClock::default());
        let refused = Retention::new(db.clone(), &[LOG], &settings, clock, process_clock).err().expect("it is refused");
        assert!(refused.to_string().contains(table), "{refused}");
    }
}
