//! The reports: ask, add up, say.

pub mod channels;
pub mod filters;
pub mod findings;
pub mod green;
pub mod novelty;
pub mod release;
pub mod rollouts;
pub mod summary;

use std::collections::BTreeMap;

use customs::{Decimal, Money};

use crate::ServiceError;

/// Answers reports from the database.
#[derive(Clone)]
pub struct Reports {
    database: ::store::Database,
    clock: lifecycle::Clock,
}

impl Reports {
    /// Reads from `database`; the present is `clock`'s.
    pub fn new(database: ::store::Database, clock: lifecycle::Clock) -> Self {
        Self { database, clock }
    }

    /// The domain time.
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }
}

/// Exact sums by currency.
fn sums<'a>(amounts: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<Money>, ServiceError> {
    let mut by_currency: BTreeMap<&str, Decimal> = BTreeMap::new();
    for (amount, currency) in amounts {
        *by_currency.entry(currency).or_default() += decimal(amount)?;
    }
    Ok(by_currency.into_iter().map(|(currency, sum)| Money::new(sum.normalize(), currency)).collect())
}

fn decimal(text: &str) -> Result<Decimal, ServiceError> {
    text.parse().map_err(|_| ServiceError::Stored("amount"))
}
