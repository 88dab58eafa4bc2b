//! A batch in memory: what it adds to the tables, and the states it leaves.
//!
//! States and records that the batch touches are read once before it and changed in the order of the stream, so that a
//! batch of many gives what many batches of one give.

use std::collections::{BTreeSet, HashSet};

use customs::DeclarationId;
use events::{DeclarationAccepted, PersonErased};
use features::{
    DeclarationKeys, EntityKey, EntityState, Fact, Lodged, MemoryStates, StateMap, contract, keys, vector_to_bytes,
    vectors,
};
use online_store::{OnlineStore, OnlineStoreError};
use sea_orm::ConnectionTrait;

use crate::ServiceError;
use crate::app::rebuild::Progress;
use crate::domain::blocks::Blocks;
use crate::store::write::{LabelRows, ServedRow};
use crate::store::{cases, erasure, read, write};
use crate::worker::message::{Message, Served};
use crate::worker::quality::Quality;

/// What a batch does.
pub struct Batch {
    /// Facts with their places in the log.
    pub facts: Vec<(u64, Fact)>,
    /// Vectors to keep.
    pub served: Vec<ServedRow>,
    /// Labels to keep.
    pub labels: Vec<LabelRows>,
    /// Counts of data quality.
    pub quality: Quality,
    /// What was lodged, as it came.
    pub lodged: Blocks,
    /// Changed states.
    pub entries: Vec<(EntityKey, EntityState)>,
    /// Persons to take out.
    pub erased: Vec<PersonErased>,
    /// Where the log ends now.
    pub progress: Progress,
}

impl Batch {
    /// Applies `messages` behind `progress`. Reads through `tx` and writes nothing.
    pub async fn apply(
        messages: Vec<Message<'_>>,
        progress: Progress,
        result_due_days: u32,
        tx: &impl ConnectionTrait,
        online: &dyn OnlineStore,
    ) -> Result<Self, ServiceError> {
        let prepared: Vec<(Message<'_>, Option<DeclarationKeys>)> = messages
            .into_iter()
            .map(|message| {
                let keys = match &message {
                    Message::Accepted(accepted, _) => Some(keys(&accepted.declaration)),
                    _ => None,
                };
                (message, keys)
            })
            .collect();
        let mut states = touched(&prepared, &progress, tx, online).await?;
        let mut batch = Self {
            facts: Vec::new(),
            served: Vec::new(),
            labels: Vec::new(),
            quality: Quality::default(),
            lodged: Blocks::default(),
            entries: Vec::new(),
            erased: Vec::new(),
            progress,
        };
        for (message, keys) in prepared {
            match (message, keys) {
                (Message::Accepted(accepted, text), Some(keys)) => {
                    batch.accept(&accepted, &keys, &mut states);
                    batch.quality.accepted(&accepted, &mut batch.progress.usuals, tx).await?;
                    batch.lodged.add(batch.progress.sequence, accepted.accepted_at, text);
                }
                (Message::Cancelled(cancelled), _) => batch.take(Fact::Cancelled(cancelled), &mut states),
                (Message::Resulted(label, reported), _) => {
                    batch.quality.resulted(&label.result, &reported, result_due_days);
                    batch.take(Fact::Resulted(label.result.clone()), &mut states);
                    batch.labels.push(label);
                }
                (Message::Erased(erased), _) => batch.erased.push(erased),
                (Message::Served(served), _) => batch.served.push(served_row(*served)),
                (Message::Accepted(..) | Message::Other, _) => {}
            }
        }
        batch.entries = states.states.into_iter().collect();
        Ok(batch)
    }

    /// Takes out the persons that are to be. Returns whether the log gives other states now: then it ends at a repetition
    /// of one of the facts that read otherwise, which changes nothing but where it ends, so that the online store, wherever
    /// this process stops, is seen to stand elsewhere and is filled from it.
    pub async fn erase(&mut self, tx: &impl ConnectionTrait) -> Result<bool, ServiceError> {
        let mut last = None;
        for erased in &self.erased {
            last = erasure::erase(tx, erased).await?.or(last);
            tracing::info!(erasure = %erased.erasure, "a person was taken out of the feature log");
        }
        let Some(fact) = last else { return Ok(false) };
        self.progress.sequence += 1;
        write::facts(tx, &[(self.progress.sequence, fact)]).await?;
        Ok(true)
    }

    /// Writes facts, what was lodged, vectors, counts and labels; returns the number of labels.
    pub async fn write(&self, tx: &impl ConnectionTrait) -> Result<u64, ServiceError> {
        write::facts(tx, &self.facts).await?;
        write::lodged(tx, &self.lodged).await?;
        write::served(tx, &self.served).await?;
        self.quality.write(tx).await?;
        let found: Vec<_> = self.labels.iter().filter_map(|label| label.found.as_ref()).collect();
        cases::keep(tx, &found, &self.facts).await?;
        write::labels(tx, &self.labels).await
    }

    fn accept(&mut self, accepted: &DeclarationAccepted, keys: &DeclarationKeys, states: &mut MemoryStates) {
        let lodged = Lodged {
            declaration: accepted.id,
            version: accepted.version,
            accepted_at: accepted.accepted_at,
            history: accepted.history,
            outline: keys.outline().clone(),
        };
        if accepted.history {
            // Nobody decided on it, so nobody served a vector: it is what would have been served then.
            self.progress.timeline.reach(accepted.accepted_at, states);
            let declaration = &accepted.declaration;
            let vectors = vectors(declaration, keys, &states.read(keys.list()), &accepted.notes, accepted.accepted_at);
            self.served.push(ServedRow {
                declaration: accepted.id.0,
                version: accepted.version,
                selection: None,
                direction: declaration.direction,
                decided_at: accepted.accepted_at.as_microsecond(),
                probability: None,
                contract: contract().hash.clone(),
                sequence: self.progress.sequence,
                items: declaration.items.iter().map(|item| item.sequence).collect(),
                vectors: vectors.iter().flat_map(|vector| vector_to_bytes(vector)).collect(),
            });
        }
        self.take(Fact::Lodged(lodged), states);
    }

    fn take(&mut self, fact: Fact, states: &mut impl StateMap) {
        self.progress.sequence += 1;
        self.facts.push((self.progress.sequence, fact.clone()));
        self.progress.timeline.take(self.progress.sequence, fact, states);
    }
}

fn served_row(served: Served) -> ServedRow {
    ServedRow {
        declaration: served.declaration.0,
        version: served.version,
        selection: Some(served.selection),
        direction: served.direction,
        decided_at: served.decided_at,
        probability: Some(served.probability),
        contract: served.contract,
        sequence: served.sequence,
        items: served.items,
        vectors: served.vectors,
    }
}

/// The records and states that the messages, and the facts that wait for their time, can change.
async fn touched(
    prepared: &[(Message<'_>, Option<DeclarationKeys>)],
    progress: &Progress,
    tx: &impl ConnectionTrait,
    online: &dyn OnlineStore,
) -> Result<MemoryStates, ServiceError> {
    let waiting: HashSet<u64> = progress.timeline.waiting().map(|(sequence, _)| sequence).collect();
    let mut declarations: BTreeSet<DeclarationId> =
        progress.timeline.waiting().map(|(_, fact)| fact.declaration()).collect();
    for (message, _) in prepared {
        match message {
            Message::Accepted(accepted, _) => declarations.insert(accepted.id),
            Message::Cancelled(cancelled) => declarations.insert(cancelled.declaration),
            Message::Resulted(label, _) => declarations.insert(label.result.declaration),
            Message::Served(_) | Message::Erased(_) | Message::Other => false,
        };
    }
    let mut states = MemoryStates::default();
    let mut wanted: Vec<EntityKey> = Vec::new();
    if !declarations.is_empty() {
        for (sequence, fact) in read::facts_of(tx, declarations).await? {
            if !waiting.contains(&sequence) {
                states.record(fact.declaration()).absorb(&fact);
            }
        }
        let known = states.records.values().filter_map(features::DeclarationRecord::outline);
        wanted.extend(known.flat_map(|outline| DeclarationKeys::of(outline.clone()).list().to_vec()));
    }
    wanted.extend(prepared.iter().filter_map(|(_, keys)| keys.as_ref()).flat_map(DeclarationKeys::list));
    wanted.sort_unstable();
    wanted.dedup();
    if !wanted.is_empty() {
        let snapshot = online.read(&wanted).await?;
        if snapshot.sequence != progress.sequence {
            // It lost what came last, or somebody else filled it.
            let (expected, applied) = (progress.sequence, snapshot.sequence);
            return Err(OnlineStoreError::Elsewhere { expected, applied }.into());
        }
        let found = wanted.into_iter().zip(snapshot.states);
        states.states = found.filter_map(|(key, state)| Some((key, state?))).collect();
    }
    Ok(states)
}
