//! Arrivals, presentations and releases, one by one or by means of transport.
//!
//! Each happens once: told again with the same time it is known, with another time it is refused.

use std::collections::{BTreeSet, HashMap};

use customs::{DeclarationId, Method, Timestamp};
use events::{DeclarationMoved, Envelope, Movement};
use rest::{Offices, Problem};

use super::Intake;
use crate::error::IntakeError;
use crate::store::movements::Goods;
use crate::store::{arrivals, controls, movements};

/// What moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mover {
    /// The goods of one declaration.
    Declaration(DeclarationId, Movement),
    /// A means of transport (with voyage) arrived, and all goods with it.
    Means(String, String),
}

/// Something that happened to goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    pub(crate) mover: Mover,
    pub(crate) at: Timestamp,
}

/// What became of it.
pub(crate) enum Moved {
    /// Recorded, for so many declarations; of a release, with the methods of controls that have no result yet.
    Recorded(u64, BTreeSet<Method>),
    /// Recorded before.
    Known,
    /// Not recorded.
    Refused(Problem),
}

impl Intake {
    /// Records `happened`, in its order, in one transaction. The answer is aligned with it.
    pub(crate) async fn move_goods(&self, offices: &Offices, happened: &[Happened]) -> Result<Vec<Moved>, IntakeError> {
        let tx = self.db.begin().await?;
        let mut ids = Vec::new();
        let mut means = Vec::new();
        for event in happened {
            match &event.mover {
                Mover::Declaration(id, _) => ids.push(*id),
                Mover::Means(id, voyage) => means.push((id.as_str(), voyage.as_str())),
            }
        }
        let mut batch = Batch { goods: movements::find(&tx, &ids).await?, moved: Vec::new(), order: Vec::new() };
        let mut aboard: Vec<Vec<DeclarationId>> = vec![Vec::new(); means.len()];
        for (place, goods) in movements::find_under_way(&tx, &means).await? {
            aboard[place].push(goods.id);
            batch.goods.entry(goods.id).or_insert(goods);
        }
        let mut arrived = Vec::new();
        let mut aboard = aboard.into_iter();
        let mut answers = Vec::with_capacity(happened.len());
        let latest = self.clock.now().saturating_add(self.settings.punctuality().ahead).unwrap_or(Timestamp::MAX);
        for Happened { mover, at } in happened {
            answers.push(match mover {
                _ if *at > latest => {
                    if matches!(mover, Mover::Means(..)) {
                        aboard.next();
                    }
                    Moved::Refused(Problem::unprocessable("movement-invalid", "The movement cannot be").with_error(
                        "/at",
                        "in-the-future",
                        format!("it is {} now", self.clock.now()),
                    ))
                }
                Mover::Declaration(id, movement) => batch.one(offices, *id, *movement, *at),
                Mover::Means(means, voyage) => {
                    let aboard = aboard.next().unwrap_or_default();
                    if matches!(offices, Offices::Only(_)) {
                        Moved::Refused(
                            Problem::forbidden("office-forbidden", "The token does not cover this office")
                                .with_detail("a means of transport concerns every office"),
                        )
                    } else {
                        arrived.push((means.as_str(), voyage.as_str(), at.as_microsecond()));
                        batch.arrived(&aboard, *at)
                    }
                }
            });
        }
        let moved: Vec<&Goods> = batch.order.iter().filter_map(|id| batch.goods.get(id)).collect();
        movements::update(&tx, &moved).await?;
        arrivals::insert(&tx, &arrived).await?;
        let recorded_at_ms = self.process_clock.unix_ms();
        let envelopes: Vec<Envelope> = batch
            .moved
            .iter()
            .filter_map(|moved| Some(announce(*moved, batch.goods.get(&moved.id)?, recorded_at_ms)))
            .collect();
        store::outbox::append(&tx, &envelopes).await?;
        let released: Vec<DeclarationId> =
            batch.moved.iter().filter(|step| step.movement == Movement::Released).map(|step| step.id).collect();
        let mut open = controls::open(&tx, &released).await?;
        for (event, answer) in happened.iter().zip(&mut answers) {
            if let (Mover::Declaration(id, Movement::Released), Moved::Recorded(_, methods)) = (&event.mover, answer) {
                *methods = open.remove(id).unwrap_or_default();
            }
        }
        tx.commit().await?;
        if !envelopes.is_empty() {
            self.relay.wake();
        }
        Ok(answers)
    }
}

#[derive(Clone, Copy)]
struct Step {
    id: DeclarationId,
    movement: Movement,
    at: Timestamp,
}

/// The goods of a batch while it is applied.
struct Batch {
    goods: HashMap<DeclarationId, Goods>,
    moved: Vec<Step>,
    /// Every declaration that moved, once, in the order of its first movement.
    order: Vec<DeclarationId>,
}

impl Batch {
    fn one(&mut self, offices: &Offices, id: DeclarationId, movement: Movement, at: Timestamp) -> Moved {
        // What is lodged elsewhere does not exist for this caller: the refusal does not tell whether it does.
        let Some(goods) = self.goods.get_mut(&id).filter(|goods| offices.contain(&goods.office)) else {
            return Moved::Refused(Problem::not_found(format!("declaration {id}")));
        };
        // Stored times hold microseconds.
        match goods.happened(movement) {
            Some(recorded) if recorded.as_microsecond() == at.as_microsecond() => return Moved::Known,
            Some(recorded) => {
                return Moved::Refused(
                    Problem::conflict("movement-conflict", "The movement was recorded with another time")
                        .with_member("recordedAt", recorded.to_string()),
                );
            }
            None => {}
        }
        if goods.state == "cancelled" {
            return Moved::Refused(
                Problem::conflict("declaration-closed", "The declaration can no longer be changed")
                    .with_detail("it is cancelled"),
            );
        }
        self.record(id, movement, at);
        Moved::Recorded(1, BTreeSet::new())
    }

    fn arrived(&mut self, aboard: &[DeclarationId], at: Timestamp) -> Moved {
        let mut count = 0;
        for id in aboard {
            // An earlier line of the same batch may have told of the arrival.
            if self.goods.get(id).is_some_and(|goods| goods.arrived_at.is_none()) {
                self.record(*id, Movement::Arrived, at);
                count += 1;
            }
        }
        Moved::Recorded(count, BTreeSet::new())
    }

    fn record(&mut self, id: DeclarationId, movement: Movement, at: Timestamp) {
        let Some(goods) = self.goods.get_mut(&id) else { return };
        *goods.happened(movement) = Some(at);
        if movement == Movement::Released {
            "released".clone_into(&mut goods.state);
        }
        self.moved.push(Step { id, movement, at });
        if !self.order.contains(&id) {
            self.order.push(id);
        }
    }
}

fn announce(step: Step, goods: &Goods, recorded_at_ms: i64) -> Envelope {
    let Step { id, movement, at } = step;
    let key: [&[u8]; 2] = [id.0.as_bytes(), &[movement as u8]];
    let body = DeclarationMoved { id, movement, at };
    Envelope::new(&key, at, recorded_at_ms, Some(goods.office.clone()), body).into_raw()
}
