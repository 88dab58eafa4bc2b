//! Giving a control to an officer: by lottery, or by a supervisor with a reason.

use std::collections::BTreeSet;

use customs::{ControlId, ControlState, Subject};
use rest::{Principal, Role};

use super::{App, Done, SYSTEM, check_office, unknown};
use crate::ControlsError;
use crate::domain::assignment::{Job, draw};
use crate::domain::{Fault, NewOffice, Record, limits};
use crate::store::assignments::Model;
use crate::store::{assignments, controls, declarations, offices};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct AssignmentRequest {
    /// The officer a supervisor names; none leaves it to the lottery.
    pub officer: Option<String>,
    /// Why the supervisor names one.
    pub reason: Option<String>,
}

impl App {
    /// Gives the control to an officer. Without a name, a control that somebody has stays with them.
    pub async fn assign_control(
        &self,
        caller: &Principal,
        id: ControlId,
        request: &AssignmentRequest,
    ) -> Result<(Done, Model), ControlsError> {
        let texts = [(&request.officer, "/officer", limits::IDENTIFIER), (&request.reason, "/reason", limits::WORDS)];
        let faults: Vec<Fault> = texts
            .into_iter()
            .filter_map(|(text, pointer, most)| limits::fault(text.as_deref()?, pointer, most))
            .collect();
        if !faults.is_empty() {
            return Err(ControlsError::Invalid { what: "assignment", faults });
        }
        let tx = self.db.begin().await?;
        let row = controls::find(&tx, id).await?.ok_or_else(|| unknown(id))?;
        let mut record = row.record()?;
        check_office(caller, &record.control.office)?;
        if !record.is_live() {
            return Err(ControlsError::Closed(id));
        }
        let history = assignments::history(&tx, id).await?;
        if let Some(last) = history.last().filter(|last| stands(last, request)) {
            return Ok((Done::Repeated, last.clone()));
        }
        let office_code = record.control.office.clone();
        let Some((_, office)) = offices::read(&tx, &office_code).await? else {
            return Err(ControlsError::UnknownOffice(office_code));
        };
        let parties = parties(&tx, &record).await?;
        let job = Job { control: id, method: record.control.order.method, parties: &parties };
        let (officer, by) = match &request.officer {
            None => (self.by_lottery(&office, &job)?, SYSTEM.to_owned()),
            Some(name) => (by_name(caller, &office, &job, name, request)?, caller.subject.clone()),
        };
        let assignment = Model {
            control: id.0,
            number: history.last().map_or(0, |last| last.number) + 1,
            officer: officer.clone(),
            assigned_by: by,
            reason: request.officer.as_ref().and(request.reason.clone()),
            assigned_at: self.clock.now().as_microsecond(),
        };
        record.state = ControlState::Assigned;
        record.officer = Some(officer);
        assignments::add(&tx, assignment.clone()).await?;
        controls::update(&tx, [&record]).await?;
        tx.commit().await?;
        Ok((Done::Created, assignment))
    }

    fn by_lottery(&self, office: &NewOffice, job: &Job<'_>) -> Result<String, ControlsError> {
        let now = self.clock.now();
        let drawn = draw(office, job, now, &self.assignment_key).map(|officer| officer.id);
        drawn.ok_or_else(|| {
            let message = "no officer on shift has the skill and is without conflict";
            ControlsError::NoOfficer(Fault::new("/officer", "none-available", message))
        })
    }
}

/// Whether what was decided last is what is asked for.
fn stands(last: &Model, request: &AssignmentRequest) -> bool {
    match &request.officer {
        None => true,
        Some(officer) => last.officer == *officer && last.assigned_by != SYSTEM && last.reason == request.reason,
    }
}

fn by_name(
    caller: &Principal,
    office: &NewOffice,
    job: &Job<'_>,
    name: &str,
    request: &AssignmentRequest,
) -> Result<String, ControlsError> {
    if !caller.has(Role::Supervisor) {
        return Err(ControlsError::SupervisorOnly("only a supervisor names the officer; leave it to the lottery"));
    }
    if request.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
        let faults = vec![Fault::new("/reason", "reason-missing", "naming an officer needs a reason")];
        return Err(ControlsError::Invalid { what: "assignment", faults });
    }
    let Some(officer) = office.officer(name) else {
        let message = format!("{name} is not an officer of the office");
        return Err(ControlsError::NoOfficer(Fault::new("/officer", "unknown-officer", message)));
    };
    if job.conflicts_with(&officer) {
        let message = format!("officer {name} is in conflict with a party of the declaration");
        return Err(ControlsError::OfficerConflict(Fault::new("/officer", "in-conflict", message)));
    }
    Ok(officer.id)
}

/// Identifiers of everyone behind the goods.
async fn parties(tx: &impl sea_orm::ConnectionTrait, record: &Record) -> Result<Vec<String>, ControlsError> {
    let asked: BTreeSet<_> = record.control.declaration.into_iter().collect();
    let known = declarations::read(tx, &asked).await?;
    let mut parties: Vec<String> = known.into_values().flat_map(|known| known.parties).collect();
    if let Subject::Company(party) | Subject::Person(party) = &record.control.subject {
        parties.push(party.clone());
    }
    Ok(parties)
}
