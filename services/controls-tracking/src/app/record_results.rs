//! Results as officers report them, any number in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use customs::{ControlId, ControlState, NewResult, ResultVersion};
use rest::Principal;
use store::outbox;

use super::{App, Done, check_office, unknown};
use crate::ControlsError;
use crate::domain::result::{Refusal, Verdict, judge};
use crate::store::results::Stored;
use crate::store::{controls, declarations, results};

/// A report about one control.
#[derive(Clone, Debug)]
pub struct Report {
    /// The control.
    pub control: ControlId,
    /// Who reports.
    pub officer: String,
    /// What was established.
    pub result: NewResult,
}

/// A report that stands in the record.
pub type Recorded = (Done, ResultVersion);

impl App {
    /// Records reports in their order. The answers are aligned with them; a refused one leaves the others alone.
    pub async fn record_results(
        &self,
        caller: &Principal,
        reports: &[Report],
    ) -> Result<Vec<Result<Recorded, ControlsError>>, ControlsError> {
        let now = self.clock.now();
        let tx = self.db.begin().await?;
        let ids: BTreeSet<ControlId> = reports.iter().map(|report| report.control).collect();
        let asked: BTreeSet<_> = reports.iter().map(|report| (report.control, report.result.version)).collect();
        let mut records = controls::read(&tx, &ids).await?;
        let mut stored = results::read(&tx, &asked).await?;
        let declared = records.values().filter_map(|record| record.control.declaration).collect();
        let known = declarations::read(&tx, &declared).await?;

        let mut answers = Vec::with_capacity(reports.len());
        let mut added = Vec::new();
        let mut changed = BTreeMap::new();
        let mut envelopes = Vec::new();
        for report in reports {
            let key = (report.control, report.result.version);
            let Some(record) = records.get_mut(&report.control) else {
                answers.push(Err(unknown(report.control)));
                continue;
            };
            if let Err(error) = check_office(caller, &record.control.office) {
                answers.push(Err(error));
                continue;
            }
            let items = record.control.declaration.and_then(|id| known.get(&id)).map(|known| known.items.as_slice());
            let standing = stored.get(&key).map(|stored| &stored.result);
            match judge(&report.result, record.latest, standing, items, now) {
                Err(Refusal::Invalid(faults)) => answers.push(Err(ControlsError::Invalid { what: "result", faults })),
                Err(Refusal::Version(message)) => answers.push(Err(ControlsError::ResultVersion(message))),
                Ok(Verdict::Repeat) => {
                    answers.extend(stored.get(&key).map(|one| Ok((Done::Repeated, one.version(&record.control)))));
                }
                Ok(Verdict::New) => {
                    // Also when it was withdrawn: what officers found is never lost.
                    record.state = ControlState::Resulted;
                    record.latest = Some((report.result.version, report.result.stage));
                    let new =
                        Stored { known_at: now, reported_by: report.officer.clone(), result: report.result.clone() };
                    let version = new.version(&record.control);
                    envelopes.push(self.resulted(record.control.clone(), version.clone(), None));
                    answers.push(Ok((Done::Created, version)));
                    changed.insert(report.control, record.clone());
                    stored.insert(key, new);
                    added.push(key);
                }
            }
        }
        if added.is_empty() {
            return Ok(answers);
        }
        results::insert(&tx, added.iter().filter_map(|key| Some((key.0, stored.get(key)?)))).await?;
        controls::update(&tx, changed.values()).await?;
        outbox::append(&tx, &envelopes).await?;
        tx.commit().await?;
        self.relay.wake();
        for (control, version) in added {
            if let (Some(record), Some(stored)) = (records.get(&control), stored.get(&(control, version))) {
                self.metrics.resulted(record.control.order.method, stored.result.stage);
            }
        }
        Ok(answers)
    }
}
