//! Nobody changes the trail unseen, and erasing a person is no change of it.

use audit::Ledger;
use lifecycle::ProcessClock;
use rest::audit::{Deed, Trail};
use sea_orm::ConnectionTrait;
use store::{Database, Settings};
use testkit::Home;

fn deed(subject: &str, object: &str) -> Deed {
    Deed { subject: subject.into(), operation: "filterapprovals_create".into(), object: object.into() }
}

struct World {
    _home: Home,
    settings: Settings,
    ledger: Ledger,
}

impl World {
    /// Three acts, one of which has no end, and many looks.
    async fn new() -> Self {
        Self::in_place(Home::new()).await
    }

    async fn in_place(home: Home) -> Self {
        let settings = home.store();
        let ledger = Ledger::open(&settings, ProcessClock::default()).await.unwrap();
        for (subject, object) in [("rosa", "/v1/filters/1"), ("luis", "/v1/filters/2")] {
            let number = ledger.begin(deed(subject, object)).await.unwrap();
            ledger.end(number, 200).await;
        }
        for number in 0..300 {
            ledger.note(deed("rosa", &format!("/v1/lists/{number}")), 200).await;
        }
        ledger.begin(deed("rosa", "/v1/filters/3")).await.unwrap();
        ledger.flush().await.unwrap();
        Self { _home: home, settings, ledger }
    }

    /// What somebody with the database in his hands does.
    async fn tamper(&self, sql: &str) {
        let db = Database::open(&self.settings).await.unwrap();
        let changed = db.writer().execute_unprepared(sql).await.unwrap();
        assert!(changed.rows_affected() > 0, "{sql} changes something");
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn untouched_trail_is_intact_also_after_it_was_opened_again() {
    let world = World::new().await;
    let verdict = world.ledger.verify(None).await.unwrap();
    assert!(verdict.is_intact(), "{verdict:?}");
    assert_eq!((verdict.records, verdict.open, verdict.erased), (305, 1, 0));
    assert!(verdict.batches < 20, "notes are written in batches: {verdict:?}");

    let again = Ledger::open(&world.settings, ProcessClock::default()).await.unwrap();
    again.record(deed("luis", "/v1/filters/4"), 201).await.unwrap();
    // Two writers of one trail go on from each other.
    world.ledger.record(deed("rosa", "/v1/filters/5"), 201).await.unwrap();
    let longer = again.verify(Some(&verdict.head)).await.unwrap();
    assert!(longer.is_intact() && longer.records == 309, "{longer:?}");
    assert_eq!(longer.noted_head_met, Some(true));
}

#[tokio::test]
async fn every_change_of_the_trail_is_found_and_its_place_is_told() {
    for (sql, batch) in [
        ("UPDATE audit_entry SET operation = 'filters_check' WHERE number = 1", Some(1)),
        ("UPDATE audit_entry SET at_ms = at_ms - 1 WHERE number = 300", None),
        ("UPDATE audit_entry SET status = 403 WHERE stage = 'ended' AND begun = 1", None),
        ("UPDATE audit_person SET subject = 'luis' WHERE number = 1", Some(1)),
        ("UPDATE audit_person SET object = '/v1/filters/9' WHERE number = 1", Some(1)),
        ("DELETE FROM audit_entry WHERE number = 7", None),
        ("DELETE FROM audit_batch WHERE batch = 2", Some(3)),
        ("UPDATE audit_batch SET digest = 'x' WHERE batch = 2", Some(2)),
        ("INSERT INTO audit_entry (number, batch, at_ms, stage, operation) VALUES (1000, 1000, 0, 'noted', 'x')", None),
    ] {
        let world = World::new().await;
        world.tamper(sql).await;
        let verdict = world.ledger.verify(None).await.unwrap();
        let fault = verdict.fault.unwrap_or_else(|| panic!("{sql} is not found"));
        assert!(batch.is_none_or(|batch| batch == fault.batch), "{sql}: {fault:?}");
    }
}

#[tokio::test]
async fn trail_cut_off_at_its_end_is_found_by_a_head_that_was_noted() {
    let world = World::new().await;
    let head = world.ledger.verify(None).await.unwrap().head;
    world.tamper("DELETE FROM audit_entry WHERE batch = (SELECT max(batch) FROM audit_batch)").await;
    world.tamper("DELETE FROM audit_person WHERE number > (SELECT max(number) FROM audit_entry)").await;
    world.tamper("DELETE FROM audit_batch WHERE batch = (SELECT max(batch) FROM audit_batch)").await;
    assert!(world.ledger.verify(None).await.unwrap().is_intact(), "alone it cannot be seen");
    assert!(!world.ledger.verify(Some(&head)).await.unwrap().is_intact());
}

#[tokio::test]
async fn erased_person_is_gone_and_the_chain_still_holds() {
    let world = World::new().await;
    let before = world.ledger.verify(None).await.unwrap();
    assert_eq!(world.ledger.erase("rosa", "keeper").await.unwrap(), 302);
    let after = world.ledger.verify(Some(&before.head)).await.unwrap();
    assert!(after.is_intact(), "{after:?}");
    assert_eq!((after.erased, after.records), (302, before.records + 2));
}

#[tokio::test]
async fn nothing_that_is_kept_tells_who_an_erased_person_was() {
    let world = World::in_place(Home::of_files()).await;
    world.ledger.erase("rosa", "keeper").await.unwrap();
    // Guessing the name does not help without the salt.
    let db = Database::open(&world.settings).await.unwrap();
    let path = world.settings.url.trim_start_matches("sqlite:").to_owned();
    db.writer().execute_unprepared("VACUUM").await.unwrap();
    db.writer().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    let bytes = std::fs::read(path).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"rosa"));
    assert!(bytes.windows(4).any(|window| window == b"luis"));
}
