//! What a batch adds to the counts of data quality.
//!
//! A declaration is held against what the 52 weeks before its own four weeks taught. That is frozen when the first
//! declaration of the four weeks comes, so that where a batch ends, or a restart, changes no count.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use customs::Modality;
use events::DeclarationAccepted;
use features::Resulted;
use features::quality::{Field, Reference, SourceKind, Tally, Usual, observe, sources};
use sea_orm::ConnectionTrait;

use crate::ServiceError;
use crate::domain::quality::{channel, day_of, is_late, period_of};
use crate::store::quality;
use crate::worker::message::Reported;

/// Periods that a period is held against.
const REMEMBERED: i64 = 13;
/// Periods that are kept at hand.
const AT_HAND: usize = 3;

/// What periods are held against, those at hand.
pub type Usuals = BTreeMap<i64, Arc<Usual>>;

/// Counts of a batch.
#[derive(Debug, Default)]
pub struct Quality {
    days: BTreeMap<i64, Tally>,
    learned: BTreeMap<i64, Reference>,
    frozen: BTreeMap<i64, Arc<Usual>>,
}

impl Quality {
    /// Counts a declaration version, and learns from it for later periods.
    pub async fn accepted(
        &mut self,
        accepted: &DeclarationAccepted,
        usuals: &mut Usuals,
        tx: &impl ConnectionTrait,
    ) -> Result<(), ServiceError> {
        let declaration = &accepted.declaration;
        let period = period_of(accepted.accepted_at);
        let usual = self.usual(period, usuals, tx).await?;
        let seen = observe(declaration);
        let tally = self.days.entry(day_of(accepted.accepted_at)).or_default();
        let own = sources(declaration, channel(accepted.history));
        tally.declaration(own, &seen, &usual);
        // Only who declares in advance can be late, and only with the first version.
        if declaration.modality == Modality::Advance && accepted.version == 1 {
            let expected = declaration.means_of_transport.as_ref().and_then(|means| means.expected_arrival);
            let late = accepted.arrived_at.or(expected).is_some_and(|arrival| arrival < accepted.accepted_at);
            tally.arrival(own, Field::Declaration, late);
        }
        self.learned.entry(period).or_default().learn(&seen);
        Ok(())
    }

    /// Counts the first version of a result; revisions come when they come, and the past came as it did.
    pub fn resulted(&mut self, result: &Resulted, reported: &Reported, due_days: u32) {
        if result.version != 1 || result.history {
            return;
        }
        let tally = self.days.entry(day_of(result.known_at)).or_default();
        let own = [(SourceKind::Office, reported.office.as_str()), (SourceKind::Profile, reported.method.as_str())];
        tally.arrival(own, Field::Result, is_late(reported.established_at, result.known_at, due_days));
    }

    /// Writes what was counted.
    pub async fn write(&self, tx: &impl ConnectionTrait) -> Result<(), ServiceError> {
        for (period, usual) in &self.frozen {
            quality::freeze(tx, *period, usual.reference()).await?;
        }
        for (day, tally) in &self.days {
            quality::add(tx, *day, tally).await?;
        }
        for (period, learned) in &self.learned {
            quality::add(tx, *period, learned).await?;
        }
        Ok(())
    }

    async fn usual(
        &mut self,
        period: i64,
        usuals: &mut Usuals,
        tx: &impl ConnectionTrait,
    ) -> Result<Arc<Usual>, ServiceError> {
        if let Some(usual) = usuals.get(&period).or_else(|| self.frozen.get(&period)) {
            return Ok(usual.clone());
        }
        let usual: Arc<Usual> = if let Some(stored) = quality::usual(tx, period).await? {
            Arc::new(stored.into())
        } else {
            let before: Range<i64> = period - REMEMBERED..period;
            let mut reference: Reference = quality::parts(tx, before.start, before.end).await?;
            self.learned.range(before).for_each(|(_, learned)| reference.merge(learned));
            let usual = Arc::new(Usual::from(reference));
            self.frozen.insert(period, usual.clone());
            usual
        };
        if usuals.len() >= AT_HAND {
            usuals.pop_first();
        }
        usuals.insert(period, usual.clone());
        Ok(usual)
    }
}
