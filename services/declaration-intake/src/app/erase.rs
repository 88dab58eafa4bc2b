//! Taking a person out of everything that is kept.
//!
//! Asked for once, looked after until it is done: declarations that wait for a decision or a result, or were lodged a
//! short time ago, are left until they have come to rest, so that no message about them is under way when the other
//! services are told. What the person is known by is kept until then and no longer.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use customs::DeclarationId;
use events::erasure::pseudonym;
use events::{Envelope, Mask, PersonErased};
use lifecycle::{Worker, WorkerError};
use rest::Problem;
use uuid::Uuid;

use super::Intake;
use crate::domain::erasure::{SHORTEST, is_party};
use crate::error::IntakeError;
use crate::store::erasures::{self, Model};

/// Declarations of one transaction, and of one message.
const AT_ONCE: usize = 500;
/// The longest identifier.
const LONGEST: usize = 100;
/// How long declarations that are under way are left before they are looked at again, milliseconds.
const AGAIN_MS: i64 = 3_600_000;
/// Nobody is to be taken out.
const NOBODY: i64 = i64::MAX;

/// Looks after erasures.
pub(crate) struct Eraser(pub(crate) Arc<Intake>);

/// When erasures are looked after next (Unix milliseconds).
pub(crate) struct Due(AtomicI64);

impl Default for Due {
    fn default() -> Self {
        Self(AtomicI64::new(0))
    }
}

#[async_trait::async_trait]
impl Worker for Eraser {
    fn name(&self) -> &'static str {
        "intake-eraser"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let due = &self.0.erasing.0;
        let (now, asked) = (self.0.process_clock.unix_ms(), due.load(Ordering::Acquire));
        if now < asked {
            return Ok(0);
        }
        let (mut done, mut next) = (0, NOBODY);
        for erasure in erasures::open(self.0.db.reader()).await? {
            let again = erasure.looked_at_ms.map_or(0, |at| at + AGAIN_MS);
            if again <= now {
                done += self.0.erase(erasure).await?;
                next = next.min(self.0.process_clock.unix_ms() + AGAIN_MS);
            } else {
                next = next.min(again);
            }
        }
        // Who asks meanwhile is not forgotten.
        let _ = due.compare_exchange(asked, next, Ordering::AcqRel, Ordering::Acquire);
        Ok(done)
    }

    async fn idle(&self) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

impl Intake {
    /// Has `person` taken out. Asked again before it is done, it is the same erasure, and looked after at once.
    pub(crate) async fn request_erasure(&self, person: &str) -> Result<Model, Problem> {
        let person = person.trim();
        let length = person.chars().filter(|c| c.is_alphanumeric()).count();
        if length < SHORTEST || person.chars().count() > LONGEST {
            let message =
                format!("an identifier has {SHORTEST} letters and digits or more, and at most {LONGEST} characters");
            return Err(Problem::unprocessable("erasure-invalid", "Nobody can be erased by this identifier")
                .with_error("/person", "out-of-range", message));
        }
        let tx = self.db.begin().await.map_err(IntakeError::from)?;
        let known = erasures::find_open(&tx, person).await.map_err(IntakeError::from)?;
        let model = if let Some(known) = known {
            known
        } else {
            let model = Model {
                id: random_id()?,
                person: Some(person.to_owned()),
                requested_at_ms: self.process_clock.unix_ms(),
                erased: 0,
                under_way: 0,
                told: false,
                looked_at_ms: None,
                done_at_ms: None,
            };
            erasures::insert(&tx, model.clone()).await.map_err(IntakeError::from)?;
            model
        };
        tx.commit().await.map_err(IntakeError::from)?;
        self.erasing.0.store(0, Ordering::Release);
        Ok(model)
    }

    /// How far an erasure has come.
    pub(crate) async fn read_erasure(&self, id: Uuid) -> Result<Model, Problem> {
        let found = erasures::find(self.db.reader(), id).await.map_err(IntakeError::from)?;
        found.ok_or_else(|| Problem::not_found(format!("erasure {id}")))
    }

    /// Takes the person out of every declaration that has come to rest, and tells the other services. Returns how many
    /// declarations that were.
    async fn erase(&self, mut erasure: Model) -> Result<usize, IntakeError> {
        let Some(person) = erasure.person.clone() else { return Ok(0) };
        let (before, mut under_way) = (erasure.erased, 0);
        for ids in erasures::naming(self.db.reader(), &person).await?.chunks(AT_ONCE) {
            let tx = self.db.begin().await?;
            let (own, open, texts) = self.named(&tx, &person, ids).await?;
            under_way += open;
            if !own.is_empty() {
                let erased = erased(&erasure, &person, texts, own);
                erasures::erase(&tx, &erased.declarations, &Mask::of(&erased)).await?;
                erasure.erased += erased.declarations.len() as i64;
                self.tell(&tx, &mut erasure, erased).await?;
            }
            tx.commit().await?;
            self.relay.wake();
        }
        let tx = self.db.begin().await?;
        if !erasure.told {
            // Others may know the person from elsewhere.
            let nobody = erased(&erasure, &person, BTreeSet::new(), Vec::new());
            self.tell(&tx, &mut erasure, nobody).await?;
        }
        let now = self.process_clock.unix_ms();
        let is_done = under_way == 0;
        erasure.under_way = under_way;
        erasure.looked_at_ms = Some(now);
        erasure.person = erasure.person.filter(|_| !is_done);
        erasure.done_at_ms = is_done.then_some(now);
        let (id, count) = (erasure.id, erasure.erased - before);
        erasures::put(&tx, erasure).await?;
        tx.commit().await?;
        self.relay.wake();
        tracing::info!(erasure = %id, declarations = count, under_way, "a person was taken out of declarations");
        Ok(count as usize)
    }

    /// Of these declarations those to which the person is a party: the ones that are at rest, how many are not, and what
    /// else the person is called.
    async fn named(
        &self,
        tx: &impl sea_orm::ConnectionTrait,
        person: &str,
        ids: &[DeclarationId],
    ) -> Result<(Vec<DeclarationId>, i64, BTreeSet<String>), IntakeError> {
        let (standings, bodies) = erasures::standings(tx, ids).await?;
        let rest_ms = i64::from(self.settings.erasure_rest_hours) * 3_600_000;
        let rested_since = self.process_clock.unix_ms() - rest_ms;
        let mut texts = BTreeSet::new();
        let parties: HashSet<DeclarationId> =
            bodies.iter().filter(|(_, body)| is_party(person, body, &mut texts)).map(|(id, _)| *id).collect();
        let theirs = |standing: &&erasures::Standing| {
            let of_key = || standing.consignment.rsplit('/').next() == Some(person);
            parties.contains(&standing.id) || standing.declarant == person || of_key()
        };
        let (mut own, mut open) = (Vec::new(), 0);
        for standing in standings.iter().filter(theirs) {
            if standing.is_open || standing.received_at_ms > rested_since {
                open += 1;
            } else {
                own.push(standing.id);
            }
        }
        Ok((own, open, texts))
    }

    async fn tell(
        &self,
        tx: &impl sea_orm::ConnectionTrait,
        erasure: &mut Model,
        erased: PersonErased,
    ) -> Result<(), IntakeError> {
        let (id, now, at_ms) = (erasure.id, self.clock.now(), self.process_clock.unix_ms());
        let first = erased.declarations.first().map(|id| *id.0.as_bytes()).unwrap_or_default();
        let count = erasure.erased.to_be_bytes();
        let envelope = Envelope::new(&[id.as_bytes(), &first, &count], now, at_ms, None, erased).into_raw();
        store::outbox::append(tx, &[envelope]).await?;
        erasure.told = true;
        erasures::put(tx, erasure.clone()).await?;
        Ok(())
    }
}

fn erased(erasure: &Model, person: &str, texts: BTreeSet<String>, declarations: Vec<DeclarationId>) -> PersonErased {
    PersonErased {
        erasure: erasure.id,
        person: person.to_owned(),
        texts: texts.into_iter().filter(|text| text != person).collect(),
        pseudonym: pseudonym(erasure.id),
        declarations,
    }
}

/// An id that tells nothing, not even when.
fn random_id() -> Result<Uuid, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| IntakeError::Randomness(error.to_string()))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
