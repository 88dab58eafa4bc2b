//! Projecting what others decide onto what traders are told.
//!
//! Selections: compare and set; a decision for an older version, or a lower one than what was told, is recorded and not
//! told. Controls that a person or a rule ordered beside them are told too. Results close controls, and the plans say
//! which channel is the fail-safe. Messages are taken in their order.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use customs::{Basis, Channel, ControlId, ControlOrder, DeclarationId, Method, SelectionId, Timestamp};
use events::{
    CapacityChanged, ControlOrdered, ControlResulted, DeclarationSelected, DecodeError, Envelope, LabelOrigin, Payload,
    Service,
};
use queue::{Delivery, Handler, HandlerError};
use serde::Deserialize;

use super::Intake;
use super::plans::Plans;
use crate::domain::telling::{Added, Order, Reason, Superseded, Telling, compose, tell};
use crate::error::IntakeError;
use crate::store::standings::{self, Subject, Told, Untold};
use crate::store::{controls, plans as stored_plans};

/// The handler of this service's stream.
pub(crate) struct Projection(pub(crate) Arc<Intake>);

/// A message of the stream.
enum Message {
    Selected(Decision),
    Ordered(Box<ControlOrdered>),
    Resulted(ControlId),
    Capacity(CapacityChanged),
    /// Nothing to do here.
    Nothing,
}

/// The part of [`DeclarationSelected`] that is told; vectors, scores and matches are not even read.
#[derive(Deserialize)]
struct Selected {
    selection: Decision,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decision {
    id: SelectionId,
    declaration: DeclarationId,
    declaration_version: u32,
    channel: Channel,
    orders: Vec<ControlOrder>,
    decided_at: Timestamp,
}

/// The part of [`ControlResulted`] that matters here.
#[derive(Deserialize)]
struct Resulted {
    control: ResultedControl,
    origin: LabelOrigin,
}

#[derive(Deserialize)]
struct ResultedControl {
    id: ControlId,
}

fn read(envelope: &Envelope) -> Result<Message, DecodeError> {
    Ok(match envelope.name.as_str() {
        DeclarationSelected::NAME => Message::Selected(part::<DeclarationSelected, Selected>(envelope)?.selection),
        ControlOrdered::NAME => Message::Ordered(Box::new(envelope.decode()?)),
        ControlResulted::NAME => match part::<ControlResulted, Resulted>(envelope)? {
            // The past has no control that a release could be compared with.
            Resulted { origin: LabelOrigin::History, .. } => Message::Nothing,
            Resulted { control, .. } => Message::Resulted(control.id),
        },
        CapacityChanged::NAME => Message::Capacity(envelope.decode()?),
        _ => Message::Nothing,
    })
}

/// The part `T` of a message `E`.
fn part<E: Payload, T: serde::de::DeserializeOwned>(envelope: &Envelope) -> Result<T, DecodeError> {
    let (name, version) = (envelope.name.clone(), envelope.version);
    if !envelope.is::<E>() {
        return Err(DecodeError::Unexpected { expected: E::NAME, got: name, version });
    }
    serde_json::from_str(envelope.body.get()).map_err(|source| DecodeError::Body { name, version, source })
}

#[async_trait::async_trait]
impl Handler for Projection {
    async fn handle(&self, batch: &[Delivery]) -> Result<(), HandlerError> {
        let messages = batch.iter().map(|delivery| read(&delivery.envelope)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = batch.iter().map(|delivery| delivery.envelope.id).collect();
        let tx = self.0.db.begin().await?;
        let new = store::inbox::admit(&tx, Service::DeclarationIntake, &ids).await?;
        let messages: Vec<Message> =
            messages.into_iter().zip(new).filter_map(|(message, new)| new.then_some(message)).collect();
        let plans = put_plans(&tx, &messages).await?;
        let projected = project(&tx, messages).await?;
        tx.commit().await?;
        if let Some(plans) = plans {
            self.0.put_plans(plans);
        }
        self.0.metrics.told.inc_by(projected.told);
        self.0.metrics.superseded.inc_by(projected.superseded);
        if !projected.about.is_empty() {
            self.0.ring(&projected.about);
        }
        Ok(())
    }
}

/// Stores the plans that came; those that hold now, when they changed.
async fn put_plans(tx: &impl sea_orm::ConnectionTrait, messages: &[Message]) -> Result<Option<Plans>, IntakeError> {
    let mut changed = None;
    for message in messages {
        let Message::Capacity(capacity) = message else { continue };
        let plans = Plans::of(capacity);
        if stored_plans::replace(tx, capacity.epoch, plans.fail_safes()).await? {
            changed = Some(plans);
        }
    }
    Ok(changed)
}

struct Projected {
    told: u64,
    superseded: u64,
    about: Vec<DeclarationId>,
}

/// What follows from a batch for what is told.
struct Projecting<'a> {
    subjects: &'a HashMap<DeclarationId, Subject>,
    /// The subjects as the batch leaves them.
    now: HashMap<DeclarationId, Subject>,
    told: Vec<Told<'a>>,
    untold: Vec<Untold>,
    added: BTreeSet<DeclarationId>,
}

async fn project(tx: &impl sea_orm::ConnectionTrait, messages: Vec<Message>) -> Result<Projected, IntakeError> {
    let about = messages.iter().filter_map(|message| match message {
        Message::Selected(decision) => Some(decision.declaration),
        Message::Ordered(ordered) => ordered.control.declaration,
        _ => None,
    });
    let about: BTreeSet<DeclarationId> = about.collect();
    let about: Vec<DeclarationId> = about.into_iter().collect();
    let subjects = if about.is_empty() { HashMap::new() } else { standings::find(tx, &about).await? };
    let mut batch = Projecting {
        now: subjects.clone(),
        subjects: &subjects,
        told: Vec::new(),
        untold: Vec::new(),
        added: BTreeSet::new(),
    };
    let (mut ordered, mut resulted) = (Vec::new(), Vec::new());
    for message in messages {
        match message {
            Message::Selected(decision) => batch.select(&decision)?,
            Message::Ordered(order) => {
                let control = &order.control;
                if let Some(declaration) = control.declaration {
                    ordered.push((control.id, declaration, control.order.method));
                }
                batch.order(&order);
            }
            Message::Resulted(control) => resulted.push(control),
            Message::Capacity(_) | Message::Nothing => {}
        }
    }
    let Projecting { now, told, untold, added, .. } = batch;
    let added: Vec<_> = added.iter().filter_map(|id| Some((*id, now.get(id)?.added.as_slice()))).collect();
    standings::add(tx, &added).await?;
    standings::tell(tx, &told).await?;
    standings::supersede(tx, &untold).await?;
    controls::ordered(tx, &ordered).await?;
    controls::resulted(tx, &resulted).await?;
    Ok(Projected { told: told.len() as u64, superseded: untold.len() as u64, about })
}

impl Projecting<'_> {
    fn select(&mut self, decision: &Decision) -> Result<(), IntakeError> {
        let unknown = || IntakeError::Unreadable(format!("declaration {} of a selection", decision.declaration));
        let subject = self.subjects.get(&decision.declaration).ok_or_else(unknown)?;
        let now = self.now.get_mut(&decision.declaration).ok_or_else(unknown)?;
        let Decision { declaration, declaration_version: version, channel: selected, decided_at, .. } = *decision;
        // What stands beside the selection may be more than what it says.
        let orders = decision.orders.iter().map(Order::from).collect();
        let (channel, orders) = compose(selected, orders, &now.added);
        let telling = tell(now.standing, version, channel);
        // A decision about the version in force ends the waiting, told or not.
        now.awaiting = now.awaiting && version < now.standing.version;
        match telling {
            Telling::Tell => {
                now.standing.told = Some((channel, version));
                now.orders.clone_from(&orders);
                let (reason, awaiting) = (Reason::Selection, now.awaiting);
                self.told.push(Told { subject, version, channel, orders, decided_at, reason, awaiting });
            }
            Telling::Supersede(reason) => {
                let before = now.standing.told;
                if reason == Superseded::Lower {
                    now.standing.told = before.map(|(told, _)| (told, version));
                }
                self.untold.push(Untold {
                    selection: decision.id,
                    declaration,
                    version,
                    channel: selected,
                    told: before.map(|(told, _)| told),
                    decided_at,
                    reason,
                });
            }
        }
        Ok(())
    }

    /// Tells of a control that no selection ordered. One of a declaration that nobody lodged here concerns nobody.
    fn order(&mut self, ordered: &ControlOrdered) {
        let control = &ordered.control;
        let raises = ordered.escalated_from.is_some();
        let is_beside = control.selection.is_none() && (raises || control.basis == Basis::Extraordinary);
        // An image comes with its verdict, and an audit after release: neither is anything to arrange.
        if !is_beside || matches!(control.order.method, Method::Scan | Method::Audit) {
            return;
        }
        let Some(id) = control.declaration else { return };
        let (Some(subject), Some(now)) = (self.subjects.get(&id), self.now.get_mut(&id)) else { return };
        if now.standing.cancelled {
            return;
        }
        let added = Added { order: Order::from(&control.order), raises };
        if !now.added.contains(&added) {
            now.added.push(added);
            self.added.insert(id);
        }
        // Before anything is told, it goes with the first telling.
        let Some((told, version)) = now.standing.told else { return };
        let (channel, orders) = compose(told, now.orders.clone(), &now.added);
        if (channel, &orders) == (told, &now.orders) {
            return;
        }
        now.standing.told = Some((channel, version));
        now.orders.clone_from(&orders);
        let reason = if raises { Reason::Escalation } else { Reason::Extraordinary };
        let (decided_at, awaiting) = (control.ordered_at, now.awaiting);
        self.told.push(Told { subject, version, channel, orders, decided_at, reason, awaiting });
    }
}
