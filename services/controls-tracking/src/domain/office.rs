//! Offices: who works when, who can do what, and who may not examine whose goods.

use std::collections::BTreeSet;

use customs::{Method, OfficeCode, Shift};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fault, limits, names};

/// What is particular about an officer of an office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Officer {
    /// Identifier, the subject of the officer's token.
    #[schema(example = "officer-7")]
    pub id: String,
    /// Methods the officer can examine by.
    pub skills: BTreeSet<Method>,
    /// Identifiers of traders and declarants whose goods the officer may not examine.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub conflicts: BTreeSet<String>,
}

/// An office as it is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Callao", "timeZone": "America/Lima",
    "shifts": [{"name": "day", "fromHour": 7, "toHour": 19, "officers": ["officer-7"]}],
    "officers": [{"id": "officer-7", "skills": ["documentary", "physical"], "conflicts": ["20123456786"]}],
}))]
pub struct NewOffice {
    /// The administration's code, as in the path; may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<OfficeCode>,
    /// Name.
    pub name: String,
    /// IANA time zone; shifts are in its local time.
    pub time_zone: String,
    /// Shifts, in local time.
    pub shifts: Vec<Shift>,
    /// Officers with a limit to what they can examine. Whoever only appears in a shift can examine by every method and
    /// is in conflict with nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub officers: Vec<Officer>,
}

impl NewOffice {
    /// What is wrong with it as office `code`.
    pub fn faults(&self, code: &OfficeCode) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.code.as_ref().is_some_and(|own| own != code) {
            faults.push(Fault::new("/code", "other-office", format!("the path names office {code}")));
        }
        faults.extend(limits::office(code, "/code"));
        faults.extend(limits::fault(&self.name, "/name", limits::NAME));
        faults.extend(limits::entries(self.officers.len(), "/officers"));
        faults.extend(limits::entries(self.shifts.len(), "/shifts"));
        if TimeZone::get(&self.time_zone).is_err() {
            let shown: String = self.time_zone.chars().take(60).collect();
            let message = format!("{shown:?} is not an IANA time zone");
            faults.push(Fault::new("/timeZone", "unknown-time-zone", message));
        }
        let mut known = BTreeSet::new();
        for (index, officer) in self.officers.iter().enumerate().take(limits::ENTRIES) {
            faults.extend(limits::fault(&officer.id, format!("/officers/{index}/id"), limits::IDENTIFIER));
            let pointer = format!("/officers/{index}/conflicts");
            faults.extend(limits::entries(officer.conflicts.len(), &pointer));
            let long = officer.conflicts.iter().find_map(|party| limits::fault(party, &pointer, limits::IDENTIFIER));
            faults.extend(long);
            if officer.id.trim().is_empty() || !known.insert(officer.id.as_str()) {
                let message = "an officer has an identifier, once".to_owned();
                faults.push(Fault::new(format!("/officers/{index}/id"), "bad-officer", message));
            }
        }
        for (index, shift) in self.shifts.iter().enumerate().take(limits::ENTRIES) {
            faults.extend(limits::fault(&shift.name, format!("/shifts/{index}/name"), limits::NAME));
            faults.extend(limits::entries(shift.officers.len(), &format!("/shifts/{index}/officers")));
            let long = shift.officers.iter().enumerate().find_map(|(place, officer)| {
                limits::fault(officer, format!("/shifts/{index}/officers/{place}"), limits::IDENTIFIER)
            });
            faults.extend(long);
            if shift.from_hour > 23 || shift.to_hour > 24 || shift.to_hour == 0 || shift.from_hour == shift.to_hour {
                let message = format!("from {} to {} is not a shift", shift.from_hour, shift.to_hour);
                faults.push(Fault::new(format!("/shifts/{index}"), "bad-hours", message));
            }
            if let Some(place) = shift.officers.iter().position(|officer| officer.trim().is_empty()) {
                let message = "an officer has an identifier".to_owned();
                faults.push(Fault::new(format!("/shifts/{index}/officers/{place}"), "bad-officer", message));
            }
        }
        faults
    }

    /// Officers on shift at `at`, by identifier.
    pub fn on_shift(&self, at: customs::Timestamp) -> Vec<Officer> {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        let hour = u8::try_from(zone.to_datetime(at).hour()).unwrap_or(0);
        let working: BTreeSet<&str> = self
            .shifts
            .iter()
            .filter(|shift| covers(shift, hour))
            .flat_map(|shift| shift.officers.iter().map(String::as_str))
            .collect();
        working.into_iter().map(|id| self.described(id)).collect()
    }

    /// The officer, when the office knows the identifier.
    pub fn officer(&self, id: &str) -> Option<Officer> {
        let in_shift = self.shifts.iter().any(|shift| shift.officers.iter().any(|officer| officer == id));
        let is_known = in_shift || self.officers.iter().any(|officer| officer.id == id);
        is_known.then(|| self.described(id))
    }

    fn described(&self, id: &str) -> Officer {
        self.officers.iter().find(|officer| officer.id == id).cloned().unwrap_or_else(|| Officer {
            id: id.to_owned(),
            skills: names::METHODS.into_iter().collect(),
            conflicts: BTreeSet::new(),
        })
    }
}

fn covers(shift: &Shift, hour: u8) -> bool {
    if shift.from_hour < shift.to_hour {
        (shift.from_hour..shift.to_hour).contains(&hour)
    } else {
        hour >= shift.from_hour || hour < shift.to_hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> NewOffice {
        let shift = |name: &str, from_hour, to_hour, officer: &str| Shift {
            name: name.to_owned(),
            from_hour,
            to_hour,
            officers: vec![officer.to_owned()],
        };
        NewOffice {
            code: None,
            name: "Callao".to_owned(),
            time_zone: "America/Lima".to_owned(),
            shifts: vec![shift("day", 7, 19, "day"), shift("night", 19, 7, "night")],
            officers: vec![Officer {
                id: "day".to_owned(),
                skills: [Method::Physical].into(),
                conflicts: BTreeSet::new(),
            }],
        }
    }

    fn working(at: &str) -> Vec<String> {
        office().on_shift(at.parse().unwrap()).into_iter().map(|officer| officer.id).collect()
    }

    #[test]
    fn shifts_are_in_local_time_and_may_cross_midnight() {
        assert_eq!(working("2026-03-02T11:59:59Z"), ["night"]);
        assert_eq!(working("2026-03-02T12:00:00Z"), ["day"]);
        assert_eq!(working("2026-03-03T00:00:00Z"), ["night"]);
        assert_eq!(working("2026-03-03T05:00:00Z"), ["night"]);
    }

    #[test]
    fn whoever_only_appears_in_a_shift_can_do_everything() {
        assert_eq!(office().officer("day").unwrap().skills, [Method::Physical].into());
        assert_eq!(office().officer("night").unwrap().skills.len(), names::METHODS.len());
        assert_eq!(office().officer("nobody"), None);
    }

    #[test]
    fn what_cannot_be_an_office_is_told_with_its_place() {
        let code = OfficeCode::from("118");
        assert_eq!(office().faults(&code), []);
        let mut bad = office();
        bad.code = Some("119".into());
        bad.time_zone = "Lima".to_owned();
        bad.officers.push(bad.officers[0].clone());
        bad.shifts[0].to_hour = 25;
        bad.shifts[1].officers.push(String::new());
        let pointers: Vec<String> = bad.faults(&code).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/code", "/timeZone", "/officers/1/id", "/shifts/0", "/shifts/1/officers/1"]);
    }
}
