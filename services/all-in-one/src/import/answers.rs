//! Which controls of a file get which answer, and when.
//!
//! A control may be heard of before its row is known to be lodged (a file that was lodged in part) and long after (a
//! system under load): it is answered in either case.

use std::collections::{BTreeMap, HashMap};

use customs::{Control, DeclarationId, Method};
use declaration_formats::kcs::KcsRow;
use jiff::Timestamp;

use super::target::recorded_result;

/// Rows that were lodged, and the controls of them that wait for their answer.
#[derive(Default)]
pub struct Answers<'r> {
    /// The rows.
    pub rows: HashMap<DeclarationId, &'r KcsRow>,
    /// Controls that were answered, or will be.
    pub examined: usize,
    /// Of these, with a finding.
    pub findings: usize,
    /// Of declarations that no row is known of.
    unknown: HashMap<DeclarationId, Vec<Control>>,
    due: BTreeMap<Timestamp, Vec<(Control, &'r KcsRow)>>,
    /// Other than examinations of the goods.
    others: Vec<Control>,
}

impl<'r> Answers<'r> {
    /// These rows were lodged.
    pub fn lodged(&mut self, rows: impl IntoIterator<Item = (DeclarationId, &'r KcsRow)>) {
        for (id, row) in rows {
            self.rows.insert(id, row);
            for control in self.unknown.remove(&id).unwrap_or_default() {
                self.answer(control, row);
            }
        }
    }

    /// These controls were ordered.
    pub fn ordered(&mut self, controls: impl IntoIterator<Item = Control>) {
        for control in controls {
            let Some(id) = control.declaration else { continue };
            match self.rows.get(&id) {
                _ if control.order.method != Method::Physical => self.others.push(control),
                Some(row) => self.answer(control, row),
                None => self.unknown.entry(id).or_default().push(control),
            }
        }
    }

    fn answer(&mut self, control: Control, row: &'r KcsRow) {
        self.examined += 1;
        self.findings += usize::from(row.fraud);
        self.due.entry(recorded_result(row).established_at).or_default().push((control, row));
    }

    /// What was established by `now` and not told before.
    pub fn ready(&mut self, now: Timestamp) -> Vec<(Control, &'r KcsRow)> {
        let mut ready = Vec::new();
        while let Some(first) = self.due.first_entry().filter(|first| *first.key() <= now) {
            ready.extend(first.remove());
        }
        ready
    }

    /// When the last of what is not told yet was established.
    pub fn last(&self) -> Option<Timestamp> {
        self.due.keys().next_back().copied()
    }

    /// Controls of the rows to which the file has no answer.
    pub fn unanswered(&self) -> Vec<&Control> {
        let of_rows = |control: &&Control| control.declaration.is_some_and(|id| self.rows.contains_key(&id));
        self.others.iter().filter(of_rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;
    use testkit::{declaration, noon};

    use super::*;

    fn row(day: i64, fraud: bool) -> KcsRow {
        let mut declaration = declaration();
        declaration.acceptance_date_time = noon() + SignedDuration::from_hours(24 * day);
        let date = declaration.acceptance_date_time.to_zoned(jiff::tz::TimeZone::UTC).date();
        KcsRow { declaration, fraud, critical: 0, date }
    }

    fn control(number: u8, declaration: DeclarationId, method: &str) -> Control {
        serde_json::from_value(json!({
            "id": format!("019b0000-0000-7000-8000-0000000000{number:02}"), "office": "118", "place": "terminal",
            "subject": {"type": "declaration", "id": declaration}, "declaration": declaration, "basis": "ordinary",
            "order": {"method": method, "extent": {"type": "full"}, "trigger": "model", "verify": [], "overPlan": false},
            "orderedAt": noon()
        }))
        .unwrap()
    }

    #[test]
    fn a_control_that_comes_late_or_early_is_answered() {
        let (first, second) = (row(0, true), row(1, false));
        let ids = [1, 2, 3].map(|day| DeclarationId::derive(noon(), &[&[day]]));
        let mut answers = Answers::default();
        // Of a row that is lodged later, and of a declaration of somebody else.
        answers.ordered([control(1, ids[1], "physical"), control(2, ids[2], "physical")]);
        answers.lodged([(ids[0], &first)]);
        let established = recorded_result(&first).established_at;
        assert!(answers.ready(established).is_empty() && answers.last().is_none());
        answers.lodged([(ids[1], &second)]);
        // Days after its row.
        answers.ordered([
            control(3, ids[0], "physical"),
            control(4, ids[0], "documentary"),
            control(5, ids[2], "documentary"),
        ]);
        assert_eq!((answers.examined, answers.findings), (2, 1));
        let numbers = |ready: Vec<(Control, &KcsRow)>| {
            ready.iter().map(|(control, _)| control.id.to_string()).collect::<Vec<_>>()
        };
        let ready = numbers(answers.ready(established));
        assert!(ready.len() == 1 && ready[0].ends_with("03"), "{ready:?}");
        let last = answers.last().unwrap();
        let ready = numbers(answers.ready(last));
        assert!(ready.len() == 1 && ready[0].ends_with("01") && answers.last().is_none(), "{ready:?}");
        let unanswered: Vec<String> = answers.unanswered().iter().map(|control| control.id.to_string()).collect();
        assert!(unanswered.len() == 1 && unanswered[0].ends_with("04"), "{unanswered:?}");
    }
}
