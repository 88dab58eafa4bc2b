//! Everything in force leaves as a whole, with a risen epoch, in the transaction of the change.

use events::{CapacityChanged, Envelope, FiltersChanged, Payload, RoutingChanged};
use jiff::Timestamp;
use sea_orm::ConnectionTrait;
use store::outbox;

use crate::{
    ManagementError,
    store::{
        epochs::{self, Subject},
        filters, lists, models, plans,
    },
};

/// Publishes all filters in force with the lists in force; returns the epoch.
pub async fn filters(tx: &impl ConnectionTrait, at: Timestamp, recorded_at_ms: i64) -> Result<u64, ManagementError> {
    let epoch = epochs::raise(tx, Subject::Filters).await?;
    let body = FiltersChanged { epoch, filters: filters::in_force(tx).await?, lists: lists::in_force(tx).await? };
    append(tx, epoch, at, recorded_at_ms, body).await?;
    Ok(epoch)
}

/// Publishes all capacity plans; returns the epoch.
pub async fn capacity(tx: &impl ConnectionTrait, at: Timestamp, recorded_at_ms: i64) -> Result<u64, ManagementError> {
    let epoch = epochs::raise(tx, Subject::Capacity).await?;
    let body = CapacityChanged { epoch, plans: plans::all(tx).await? };
    append(tx, epoch, at, recorded_at_ms, body).await?;
    Ok(epoch)
}

/// Publishes all routes; returns the epoch.
pub async fn routing(tx: &impl ConnectionTrait, at: Timestamp, recorded_at_ms: i64) -> Result<u64, ManagementError> {
    let epoch = epochs::raise(tx, Subject::Routing).await?;
    let body = RoutingChanged { epoch, routes: models::routes(tx).await? };
    append(tx, epoch, at, recorded_at_ms, body).await?;
    Ok(epoch)
}

async fn append<E: Payload>(
    tx: &impl ConnectionTrait,
    epoch: u64,
    at: Timestamp,
    recorded_at_ms: i64,
    body: E,
) -> Result<(), ManagementError> {
    let envelope = Envelope::new(&[&epoch.to_le_bytes()], at, recorded_at_ms, None, body).into_raw();
    Ok(outbox::append(tx, &[envelope]).await?)
}
