//! Accepting lodged declarations, many in one transaction.
//!
//! Declarant and reference identify a declaration. The same content again is the same declaration; other content
//! under the same identity is refused, with the digests of both.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use customs::{DeclarationId, Note, Timestamp};
use events::Envelope;
use rest::Problem;
use sea_orm::DbBackend;
use store::outbox::OutboxRow;

use super::Intake;
use crate::domain::lodgement::{Announced, Lodgement, Origin};
use crate::error::IntakeError;
use crate::store::declarations::Recorded;
use crate::store::{arrivals, declarations, erasures};

/// What became of a lodged declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) id: DeclarationId,
    pub(crate) version: u32,
    pub(crate) outcome: Outcome,
    /// The notes it got when it was stored, where that was before: the same content is answered alike.
    pub(crate) notes: Option<Vec<Note>>,
}

/// Whether it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Now.
    Stored,
    /// Before, with the same content.
    Known,
    /// Before, with the content of this digest.
    Different(String),
    /// Before; its declarant was taken out since.
    Erased,
}

impl Acceptance {
    /// The refusal of other content.
    pub(crate) fn conflict(&self, digest: &str) -> Option<Problem> {
        if self.outcome == Outcome::Erased {
            let problem = Problem::conflict("declaration-erased", "The declarant was taken out of the declaration")
                .with_detail("it was lodged before, and its declarant was erased since; lodge under another reference")
                .with_member("declaration", self.id.to_string());
            return Some(problem);
        }
        let Outcome::Different(recorded) = &self.outcome else { return None };
        let problem = Problem::conflict("declaration-conflict", "The declaration was lodged with other content")
            .with_detail(
                "the same declarant and reference were lodged with other content; amend the declaration instead",
            )
            .with_member("declaration", self.id.to_string())
            .with_member("recordedDigest", recorded.clone())
            .with_member("sentDigest", digest);
        Some(problem)
    }
}

/// What a group of lodgements comes to: an answer for each, and what is new.
type Judged<'a> = (Vec<Acceptance>, Vec<(DeclarationId, &'a Lodgement)>);

/// Judges lodgements by those that were stored before, by those that stand before them, and by whose declarant was
/// `erased`. `known`: by their place.
fn judge<'a>(
    lodgements: &[&'a Lodgement],
    mut known: HashMap<usize, Recorded>,
    erased: &HashSet<DeclarationId>,
) -> Judged<'a> {
    let mut met: HashMap<(&str, &str), (DeclarationId, &str)> = HashMap::new();
    let mut acceptances = Vec::with_capacity(lodgements.len());
    let mut new = Vec::with_capacity(lodgements.len());
    for (place, lodgement) in lodgements.iter().enumerate() {
        let id = lodgement.first_id();
        if erased.contains(&id) && !known.contains_key(&place) {
            acceptances.push(Acceptance { id, version: 1, outcome: Outcome::Erased, notes: None });
            continue;
        }
        let recorded = match known.remove(&place) {
            Some(recorded) => Some(recorded),
            None => match met.entry(identity(lodgement)) {
                Entry::Occupied(earlier) => {
                    let (id, digest) = *earlier.get();
                    Some(Recorded { id, digest: digest.to_owned(), notes: None })
                }
                Entry::Vacant(vacant) => {
                    vacant.insert((id, &lodgement.digest));
                    new.push((id, *lodgement));
                    None
                }
            },
        };
        acceptances.push(match recorded {
            None => Acceptance { id, version: 1, outcome: Outcome::Stored, notes: None },
            Some(Recorded { id, digest, notes }) => {
                let same = digest == lodgement.digest;
                let outcome = if same { Outcome::Known } else { Outcome::Different(digest) };
                Acceptance { id, version: 1, outcome, notes }
            }
        });
    }
    (acceptances, new)
}

/// What is stored of new declarations, and what announces them. `arrived`: by place in `new`. With when
/// they become known.
fn announce<'a>(
    new: &[(DeclarationId, &'a Lodgement)],
    arrived: &HashMap<usize, Timestamp>,
    (known_at, received_at_ms): (Timestamp, i64),
) -> Result<(Vec<declarations::NewVersion<'a>>, Vec<Envelope>), IntakeError> {
    let mut versions = Vec::with_capacity(new.len());
    let mut envelopes = Vec::with_capacity(new.len());
    for (place, (id, lodgement)) in new.iter().enumerate() {
        let arrived_at = arrived.get(&place).copied();
        envelopes.push(lodgement.announce(&Announced {
            id: *id,
            version: 1,
            accepted_at: lodgement.accepted_at,
            known_at,
            received_at_ms,
            arrived_at,
            told_channel: None,
        })?);
        if let Origin::Past(Some(control)) = &lodgement.origin {
            envelopes.push(control.announce(*id, lodgement, received_at_ms));
        }
        let accepted_at = lodgement.declaration.acceptance_date_time;
        versions.push(declarations::NewVersion {
            id: *id,
            lodgement,
            known_at: if lodgement.is_history() { accepted_at } else { known_at },
            received_at_ms,
            arrived_at,
        });
    }
    Ok((versions, envelopes))
}

impl Intake {
    /// Accepts `lodgements` in one transaction. The answer is aligned with them.
    pub(crate) async fn accept(&self, lodgements: &[&Lodgement]) -> Result<Vec<Acceptance>, IntakeError> {
        match self.accept_unless(lodgements, &HashSet::new()).await {
            Err(IntakeError::Store(error)) if error.is_unique() => {
                // What is stored under no known identity lost it when its declarant was erased.
                let ids: Vec<DeclarationId> = lodgements.iter().map(|lodgement| lodgement.first_id()).collect();
                let erased = erasures::erased_among(self.db.reader(), &ids).await?;
                if erased.is_empty() { Err(error.into()) } else { self.accept_unless(lodgements, &erased).await }
            }
            other => other,
        }
    }

    /// The same, but for what is `erased`.
    async fn accept_unless(
        &self,
        lodgements: &[&Lodgement],
        erased: &HashSet<DeclarationId>,
    ) -> Result<Vec<Acceptance>, IntakeError> {
        if lodgements.is_empty() {
            return Ok(Vec::new());
        }
        let now = (self.clock.now(), self.process_clock.unix_ms());
        let identities: Vec<(&str, &str)> = lodgements.iter().map(|lodgement| identity(lodgement)).collect();
        if erased.is_empty()
            && let Some(acceptances) = self.accept_new(lodgements, &identities, now).await?
        {
            return Ok(acceptances);
        }
        let tx = self.db.begin().await?;
        let (acceptances, new) = judge(lodgements, declarations::find_keys(&tx, &identities).await?, erased);
        let mut announced = Vec::new();
        if !new.is_empty() {
            let arrived = self.arrivals(&tx, &new).await?;
            let (versions, envelopes) = announce(&new, &arrived, now)?;
            declarations::insert(&tx, &versions).await?;
            announced = store::outbox::append_handed(&tx, envelopes).await?;
        }
        tx.commit().await?;
        self.accepted(&acceptances, &new, announced);
        Ok(acceptances)
    }

    /// The same by a single statement, which is a transaction of its own; none where that cannot be done: elsewhere than
    /// on `PostgreSQL`, when one of them was lodged before, or when goods may have arrived, which only those who have the
    /// turn can tell.
    async fn accept_new(
        &self,
        lodgements: &[&Lodgement],
        identities: &[(&str, &str)],
        now: (Timestamp, i64),
    ) -> Result<Option<Vec<Acceptance>>, IntakeError> {
        let asks = |lodgement: &&Lodgement| lodgement.may_follow_its_goods() && lodgement.means().is_some();
        if self.db.writer().get_database_backend() != DbBackend::Postgres || lodgements.iter().any(asks) {
            return Ok(None);
        }
        let known = declarations::find_keys(self.db.reader(), identities).await?;
        if !known.is_empty() {
            return Ok(None);
        }
        let (acceptances, new) = judge(lodgements, known, &HashSet::new());
        let (versions, envelopes) = announce(&new, &HashMap::new(), now)?;
        match declarations::lodge(self.db.writer(), &versions, envelopes).await {
            Ok(announced) => {
                self.accepted(&acceptances, &new, announced);
                Ok(Some(acceptances))
            }
            // Another process was faster with one of them, and nothing is stored.
            Err(IntakeError::Store(error)) if error.is_unique() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Hands on what is committed.
    fn accepted(&self, acceptances: &[Acceptance], new: &[(DeclarationId, &Lodgement)], announced: Vec<OutboxRow>) {
        if !new.is_empty() {
            let to_decide = new.iter().map(|(_, lodgement)| lodgement).filter(|lodgement| !lodgement.is_history());
            self.count_backlog(to_decide.map(|lodgement| &lodgement.declaration.office));
            self.relay.wake_with(announced);
        }
        self.count(acceptances);
    }

    async fn arrivals(
        &self,
        tx: &impl sea_orm::ConnectionTrait,
        new: &[(DeclarationId, &Lodgement)],
    ) -> Result<HashMap<usize, Timestamp>, IntakeError> {
        let (places, asked): (Vec<usize>, Vec<_>) = new
            .iter()
            .enumerate()
            .filter(|(_, (_, lodgement))| lodgement.may_follow_its_goods())
            .filter_map(|(place, (_, lodgement))| {
                let (means, voyage) = lodgement.means()?;
                Some((place, (means, voyage, lodgement.accepted_at.as_microsecond())))
            })
            .unzip();
        let found = arrivals::find(tx, &asked).await?;
        Ok(found.into_iter().map(|(at, arrived)| (places[at], arrived)).collect())
    }

    fn count(&self, acceptances: &[Acceptance]) {
        self.metrics.batch_size.observe(acceptances.len() as f64);
        for acceptance in acceptances {
            match acceptance.outcome {
                Outcome::Stored => self.metrics.accepted.inc(),
                Outcome::Known => self.metrics.known.inc(),
                Outcome::Different(_) | Outcome::Erased => self.metrics.conflicts.inc(),
            };
        }
    }
}

fn identity(lodgement: &Lodgement) -> (&str, &str) {
    (&lodgement.declaration.declarant.id, &lodgement.declaration.reference)
}
