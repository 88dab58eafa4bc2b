//! Selections and cancellations, a batch in one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use customs::{ControlId, DeclarationId, Timestamp};
use events::{DecodeError, Envelope, Payload, PersonErased, Service};
use queue::Delivery;
use store::{inbox, outbox};

use super::App;
use super::open_by_rule::order_of;
use crate::ControlsError;
use crate::domain::Record;
use crate::domain::selected::{Fact, Known, Outcome, apply, questions};
use crate::store::{controls, declarations, erasure, results};

/// Why a batch of messages had no effect.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// A message cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The database, or what is in it.
    #[error(transparent)]
    Controls(#[from] ControlsError),
}

impl From<store::StoreError> for MessageError {
    fn from(error: store::StoreError) -> Self {
        Self::Controls(error.into())
    }
}

impl App {
    /// Opens, widens, links and withdraws controls as the messages say.
    pub async fn apply_messages(&self, batch: &[Delivery]) -> Result<(), MessageError> {
        let heard = batch.iter().map(|delivery| read(&delivery.envelope)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = batch.iter().map(|delivery| delivery.envelope.id).collect();
        let tx = self.db.begin().await?;
        let new = inbox::admit(&tx, Service::ControlsTracking, &ids).await?;
        let (mut facts, mut erased) = (Vec::with_capacity(batch.len()), Vec::new());
        for (heard, _) in heard.into_iter().zip(new).filter(|(_, new)| *new) {
            match heard {
                Heard::Fact(fact) => facts.push(fact),
                Heard::Erased(person) => erased.push(person),
            }
        }
        if facts.is_empty() && erased.is_empty() {
            return Ok(());
        }
        let (asked, containers) = questions(&facts);
        let scans = controls::unlinked_scans(&tx, &containers).await?;
        let suspicious = suspicious(&tx, scans.values().flatten()).await?;
        let physical =
            if suspicious.is_empty() { HashSet::new() } else { controls::physical(&tx, &all(&facts)).await? };
        let known = Known {
            live: controls::live(&tx, &asked).await?,
            cancelled: declarations::cancelled(&tx, &asked).await?,
            scans,
            suspicious,
            physical,
            scan_window: self.scan_window,
        };
        let outcome = apply(&facts, known);
        let selected: Vec<_> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Selected(selected) => Some(&**selected),
                Fact::Cancelled(_) => None,
            })
            .collect();
        declarations::remember(&tx, &selected).await?;
        declarations::cancel(&tx, &outcome.cancelled).await?;
        // In one order, that of opening: where a batch ends must not show in the record.
        let by_rule: HashMap<_, _> = outcome.by_rule.iter().map(|(id, scan)| (*id, order_of(scan))).collect();
        let opened = outcome.opened.iter().filter_map(|id| Some((outcome.records.get(id)?, by_rule.get(id))));
        controls::insert_each(&tx, opened).await?;
        controls::update(&tx, outcome.changed.iter().filter_map(|id| outcome.records.get(id))).await?;
        let envelopes = self.envelopes(&tx, &outcome).await?;
        for person in &erased {
            let rows = erasure::erase(&tx, person).await?;
            tracing::info!(erasure = %person.erasure, rows, "a person was taken out of controls and results");
        }
        let tells = !envelopes.is_empty();
        let told = outbox::append_handed(&tx, envelopes).await?;
        tx.commit().await.map_err(ControlsError::from)?;
        if tells {
            self.relay.wake_with(told);
        }
        let opened: HashSet<ControlId> = outcome.opened.iter().copied().collect();
        outcome.ordered.iter().filter(|control| opened.contains(&control.id)).for_each(|it| self.metrics.ordered(it));
        self.metrics.withdrawn(outcome.withdrawn);
        self.metrics.linked(outcome.linked.len());
        Ok(())
    }

    async fn envelopes(
        &self,
        tx: &impl sea_orm::ConnectionTrait,
        outcome: &Outcome,
    ) -> Result<Vec<Envelope>, ControlsError> {
        let linked: HashMap<ControlId, Timestamp> = outcome.linked.iter().copied().collect();
        let mut envelopes = Vec::with_capacity(outcome.ordered.len());
        for control in &outcome.ordered {
            let envelope = if let (Some(at), Some(declaration)) = (linked.get(&control.id), control.declaration) {
                self.linked(control.clone(), declaration, *at)
            } else {
                let scan = outcome.by_rule.get(&control.id).map(|scan| scan.id);
                self.ordered(control.clone(), scan)
            };
            envelopes.push(envelope);
        }
        let scans: Vec<_> =
            outcome.linked.iter().filter_map(|(id, at)| Some((outcome.records.get(id)?, *at))).collect();
        let versions: BTreeSet<_> =
            scans.iter().filter_map(|(scan, _)| Some((scan.control.id, scan.latest?.0))).collect();
        let stored = results::read(tx, &versions).await?;
        for (scan, at) in scans {
            let Some((version, declaration)) = scan.latest.map(|(version, _)| version).zip(scan.control.declaration)
            else {
                continue;
            };
            if let Some(stored) = stored.get(&(scan.control.id, version)) {
                let result = stored.version(&scan.control);
                envelopes.push(self.resulted(scan.control.clone(), result, Some((declaration, at))));
            }
        }
        Ok(envelopes)
    }
}

/// The scans among these whose image is suspicious.
async fn suspicious(
    tx: &impl sea_orm::ConnectionTrait,
    scans: impl Iterator<Item = &Record>,
) -> Result<HashSet<ControlId>, ControlsError> {
    let versions: BTreeSet<_> = scans.filter_map(|scan| Some((scan.control.id, scan.latest?.0))).collect();
    let stored = results::read(tx, &versions).await?;
    Ok(stored.into_iter().filter(|(_, stored)| stored.result.has_finding()).map(|((id, _), _)| id).collect())
}

/// The declarations that a batch selects.
fn all(facts: &[Fact]) -> BTreeSet<DeclarationId> {
    let selected = facts.iter().filter_map(|fact| match fact {
        Fact::Selected(selected) => Some(selected.selection.declaration),
        Fact::Cancelled(_) => None,
    });
    selected.collect()
}

/// A message.
enum Heard {
    /// Of a declaration.
    Fact(Fact),
    /// Of a person to take out.
    Erased(PersonErased),
}

fn read(envelope: &Envelope) -> Result<Heard, DecodeError> {
    Ok(match envelope.name.as_str() {
        PersonErased::NAME => Heard::Erased(envelope.decode()?),
        events::DeclarationCancelled::NAME => Heard::Fact(Fact::Cancelled(envelope.decode()?)),
        _ => Heard::Fact(Fact::Selected(Box::new(envelope.decode()?))),
    })
}
