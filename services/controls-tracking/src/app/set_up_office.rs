//! Setting up an office: time zone, shifts, officers.

use customs::OfficeCode;
use rest::Principal;

use super::{App, Done, check_office};
use crate::ControlsError;
use crate::domain::NewOffice;
use crate::store::offices;

impl App {
    /// Sets the office up so; every change is kept with who made it.
    pub async fn set_up_office(
        &self,
        caller: &Principal,
        code: &OfficeCode,
        office: &NewOffice,
    ) -> Result<Done, ControlsError> {
        check_office(caller, code)?;
        let faults = office.faults(code);
        if !faults.is_empty() {
            return Err(ControlsError::Invalid { what: "office", faults });
        }
        let tx = self.db.begin().await?;
        let current = offices::read(&tx, code).await?;
        if current.as_ref().is_some_and(|(_, standing)| standing == office) {
            return Ok(Done::Repeated);
        }
        let is_new = current.is_none();
        let number = current.map_or(0, |(number, _)| number) + 1;
        offices::add(&tx, code, number, office, &caller.subject, self.clock.now()).await?;
        tx.commit().await?;
        Ok(if is_new { Done::Created } else { Done::Changed })
    }

    /// The office as it is set up.
    pub async fn office(&self, caller: &Principal, code: &OfficeCode) -> Result<NewOffice, ControlsError> {
        check_office(caller, code)?;
        let office = offices::read(self.db.reader(), code).await?;
        office.map(|(_, office)| office).ok_or_else(|| ControlsError::UnknownOffice(code.clone()))
    }
}
