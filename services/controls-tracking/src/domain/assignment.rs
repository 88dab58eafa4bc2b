//! Who gets a control: a lottery among those who can, so that neither officer nor trader chooses the other.
//!
//! Each candidate draws a keyed hash of the control; the lowest draw wins. The draw of one officer does not depend on who
//! else is there, nor on the order of a list.

use customs::{ControlId, Method, Timestamp};

use super::{NewOffice, Officer};

/// What the lottery needs to know of a control.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The control.
    pub control: ControlId,
    /// How it is examined.
    pub method: Method,
    /// Identifiers of the parties behind the goods.
    pub parties: &'a [String],
}

impl Job<'_> {
    /// Whether the officer may not examine these goods.
    pub fn conflicts_with(&self, officer: &Officer) -> bool {
        self.parties.iter().any(|party| officer.conflicts.contains(party))
    }
}

/// The officer on shift at `at`, able and without conflict, whom the lottery under `key` chooses.
pub fn draw(office: &NewOffice, job: &Job<'_>, at: Timestamp, key: &str) -> Option<Officer> {
    office
        .on_shift(at)
        .into_iter()
        .filter(|officer| officer.skills.contains(&job.method) && !job.conflicts_with(officer))
        .min_by_key(|officer| lot(job.control, officer, key))
}

/// BLAKE3 of key, control and officer.
fn lot(control: ControlId, officer: &Officer, key: &str) -> u128 {
    let parts = [key.as_bytes(), control.0.as_bytes(), officer.id.as_bytes()];
    customs::ids::derive_v7(Timestamp::UNIX_EPOCH, "assignment", &parts).as_u128()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use customs::Shift;
    use proptest::prelude::*;

    use super::*;

    fn office(officers: &[(&str, &[Method], &[&str])]) -> NewOffice {
        NewOffice {
            code: None,
            name: "Callao".to_owned(),
            time_zone: "UTC".to_owned(),
            shifts: vec![Shift {
                name: "day".to_owned(),
                from_hour: 8,
                to_hour: 18,
                officers: officers.iter().map(|(id, ..)| (*id).to_owned()).collect(),
            }],
            officers: officers
                .iter()
                .map(|(id, skills, conflicts)| Officer {
                    id: (*id).to_owned(),
                    skills: skills.iter().copied().collect(),
                    conflicts: conflicts.iter().map(|id| (*id).to_owned()).collect(),
                })
                .collect(),
        }
    }

    fn control(number: u128) -> ControlId {
        ControlId(uuid::Uuid::from_u128(number))
    }

    fn noon() -> Timestamp {
        "2026-03-02T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn only_the_able_on_shift_without_conflict_are_drawn() {
        let office = office(&[
            ("able", &[Method::Physical], &[]),
            ("unable", &[Method::Documentary], &[]),
            ("cousin", &[Method::Physical], &["20123456786"]),
        ]);
        let parties = ["20123456786".to_owned()];
        for number in 0..50 {
            let job = Job { control: control(number), method: Method::Physical, parties: &parties };
            assert_eq!(draw(&office, &job, noon(), "key").unwrap().id, "able");
            assert!(draw(&office, &job, "2026-03-02T19:00:00Z".parse().unwrap(), "key").is_none());
        }
    }

    #[test]
    fn the_lottery_is_fair_and_needs_the_key() {
        let physical: &[Method] = &[Method::Physical];
        let office = office(&[("a", physical, &[]), ("b", physical, &[]), ("c", physical, &[])]);
        let draws = |key: &str| -> Vec<String> {
            (0..3_000)
                .map(|number| Job { control: control(number), method: Method::Physical, parties: &[] })
                .map(|job| draw(&office, &job, noon(), key).unwrap().id)
                .collect()
        };
        let mut counts = BTreeMap::<String, u32>::new();
        for officer in draws("key") {
            *counts.entry(officer).or_default() += 1;
        }
        assert!(counts.values().all(|count| (900..1_100).contains(count)), "{counts:?}");
        assert_ne!(draws("key"), draws("other key"));
    }

    proptest! {
        #[test]
        fn the_order_of_the_list_does_not_matter(number: u128, swap in 0_usize..3) {
            let physical: &[Method] = &[Method::Physical];
            let mut office = office(&[("a", physical, &[]), ("b", physical, &[]), ("c", physical, &[])]);
            let job = Job { control: control(number), method: Method::Physical, parties: &[] };
            let first = draw(&office, &job, noon(), "key").unwrap().id;
            office.shifts[0].officers.swap(0, swap);
            // Whoever lost does not matter either.
            office.shifts[0].officers.retain(|officer| *officer == first || officer != "c");
            prop_assert_eq!(&draw(&office, &job, noon(), "key").unwrap().id, &first);
        }
    }
}
