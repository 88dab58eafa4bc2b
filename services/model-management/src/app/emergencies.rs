//! Ending emergency orders whose time is over. What was in force before comes back into force.

use risk_filters::FilterState;

use super::{App, publish};
use crate::{ManagementError, store::filters};

/// Who ends an order whose time is over.
const NOBODY: &str = "aforo";

impl App {
    /// Ends every order that is over by now; returns how many.
    pub async fn end_emergencies(&self) -> Result<usize, ManagementError> {
        let now = self.clock.now();
        // Most steps find nothing: look before taking the writing connection.
        if filters::emergencies_over(self.db.reader(), now).await?.is_empty() {
            return Ok(0);
        }
        let tx = self.db.begin().await?;
        let over = filters::emergencies_over(&tx, now).await?;
        let Some(&(_, _, last)) = over.last() else { return Ok(0) };
        for (id, version, until) in &over {
            filters::end_emergency(&tx, *id, *version, *until, None).await?;
            filters::set_state(&tx, *id, *version, FilterState::Retired).await?;
        }
        let epoch = publish::filters(&tx, last, self.process_clock.unix_ms()).await?;
        for (id, version, until) in &over {
            let detail = format!("the emergency order ended at {until} without confirmation");
            self.note(&tx, *id, *version, "emergency ended", NOBODY, detail, *until, Some(epoch)).await?;
        }
        tx.commit().await?;
        self.relay.wake();
        self.show_emergencies().await?;
        Ok(over.len())
    }

    /// Brings the gauge of orders in force up to date.
    pub async fn show_emergencies(&self) -> Result<(), ManagementError> {
        let open = filters::open_emergencies(self.db.reader()).await?;
        self.counters.emergencies_in_force.set(open as i64);
        Ok(())
    }
}
