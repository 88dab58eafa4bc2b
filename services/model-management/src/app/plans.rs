//! Setting capacity plans.

use std::collections::BTreeSet;

use customs::OfficeCode;
use rest::Offices;
use selection::CapacityPlan;

use super::{App, publish};
use crate::{
    ManagementError,
    domain::{Fault, plan::validate},
    store::{epochs, plans},
};

impl App {
    /// Sets the plan of one office. Returns the epoch of the plans, risen if this plan is another one.
    pub async fn put_plan(
        &self,
        office: &OfficeCode,
        plan: &CapacityPlan,
        by: &str,
        offices: &Offices,
    ) -> Result<u64, ManagementError> {
        let faults = validate(plan, Some(office), "");
        self.write_plans(std::slice::from_ref(plan), faults, by, offices).await
    }

    /// Sets the plans of several offices; the others keep theirs. Returns the epoch.
    pub async fn put_plans(&self, given: &[CapacityPlan], by: &str, offices: &Offices) -> Result<u64, ManagementError> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, plan) in given.iter().enumerate() {
            faults.extend(validate(plan, None, &format!("/{at}")));
            if !seen.insert(&plan.office) {
                let message = format!("office {} stands twice", plan.office);
                faults.push(Fault::new(format!("/{at}/office"), "duplicate", message));
            }
        }
        self.write_plans(given, faults, by, offices).await
    }

    async fn write_plans(
        &self,
        given: &[CapacityPlan],
        faults: Vec<Fault>,
        by: &str,
        offices: &Offices,
    ) -> Result<u64, ManagementError> {
        if !faults.is_empty() {
            return Err(ManagementError::PlanInvalid(faults));
        }
        if let Some(plan) = given.iter().find(|plan| !offices.contain(&plan.office)) {
            return Err(ManagementError::OfficeForbidden(plan.office.clone()));
        }
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let known = plans::all(&tx).await?;
        let changed: Vec<CapacityPlan> = given.iter().filter(|plan| !known.contains(plan)).cloned().collect();
        if changed.is_empty() {
            return epochs::current(&tx, epochs::Subject::Capacity).await;
        }
        plans::put(&tx, &changed, by, at).await?;
        let epoch = publish::capacity(&tx, at, self.process_clock.unix_ms()).await?;
        tx.commit().await?;
        self.relay.wake();
        tracing::info!(epoch, offices = changed.len(), by, "capacity plans changed");
        Ok(epoch)
    }
}
