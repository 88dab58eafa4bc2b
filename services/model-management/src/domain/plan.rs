//! What a capacity plan may say.

use std::collections::BTreeSet;

use customs::OfficeCode;
use jiff::tz::TimeZone;
use selection::{CapacityPlan, Shift};

use super::Fault;

/// Everything wrong with the plan that was sent for `office`; pointers are below `base`.
pub fn validate(plan: &CapacityPlan, office: Option<&OfficeCode>, base: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut refuse = |wrong: bool, field: &str, message: &str| {
        if wrong {
            faults.push(Fault::new(format!("{base}/{field}"), "out-of-range", message));
        }
    };
    refuse(
        !plan.office.is_well_formed(),
        "office",
        "an office's code is one to twenty letters, digits, dots, dashes or underscores",
    );
    refuse(office.is_some_and(|office| *office != plan.office), "office", "it is the office of the path");
    refuse(TimeZone::get(&plan.time_zone).is_err(), "timeZone", "it is an IANA time zone, such as America/Lima");
    for (field, value) in [
        ("physicalPerDay", plan.physical_per_day),
        ("documentaryPerDay", plan.documentary_per_day),
        ("scansPerDay", plan.scans_per_day),
        ("declarationsPerDay", plan.declarations_per_day),
        ("openingCarry", plan.opening_carry),
    ] {
        refuse(!(0.0..=1e6).contains(&value), field, "a number per day lies between 0 and 1,000,000");
    }
    for (field, value) in [("randomShare", plan.random_share), ("explorationShare", plan.exploration_share)] {
        refuse(!(0.0..=1.0).contains(&value), field, "a share lies between 0 and 1");
    }
    refuse(
        plan.random_share + plan.exploration_share > 1.0,
        "explorationShare",
        "the random and the exploration share are parts of one capacity",
    );
    refuse(
        plan.physical_daily() > 0.0 && plan.random_share == 0.0,
        "randomShare",
        "without a random stratum nothing can be measured: a share above 0 is needed",
    );
    refuse(
        plan.physical_ceiling_percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)),
        "physicalCeilingPercent",
        "a percentage lies between 0 and 100",
    );
    for (field, minutes) in
        [("physicalMinutes/0", plan.physical_minutes.0), ("physicalMinutes/1", plan.physical_minutes.1)]
    {
        refuse(!(0.0..=10_000.0).contains(&minutes), field, "minutes lie between 0 and 10,000");
    }
    refuse(plan.shifts.len() > MOST_SHIFTS, "shifts", "an office has at most 100 shifts");
    for (number, shift) in plan.shifts.iter().enumerate().take(MOST_SHIFTS) {
        for (field, wrong, message) in shift_faults(shift) {
            refuse(wrong, &format!("shifts/{number}/{field}"), message);
        }
    }
    refuse(
        !(0.0..=1e6).contains(&plan.exploration_weight),
        "explorationWeight",
        "a weight lies between 0 and 1,000,000",
    );
    for (field, value) in [
        ("weights/finding", plan.weights.finding),
        ("weights/dutyPerThousand", plan.weights.duty_per_thousand),
        ("weights/critical", plan.weights.critical),
        ("weights/delayPerHour", plan.weights.delay_per_hour),
    ] {
        refuse(!(0.0..=1e6).contains(&value), field, "a weight lies between 0 and 1,000,000");
    }
    faults
}

/// The most shifts of an office.
const MOST_SHIFTS: usize = 100;

/// Whether each field of a shift is wrong, and what it must be.
fn shift_faults(shift: &Shift) -> [(&'static str, bool, &'static str); 4] {
    let minute = |minute: u16| !(0..=1_440).contains(&minute);
    let days = &shift.weekdays;
    let different: BTreeSet<u8> = days.iter().copied().collect();
    [
        (
            "weekdays",
            days.is_empty() || different.len() < days.len() || different.iter().any(|day| !(1..=7).contains(day)),
            "a shift begins on one to seven different days, 1 is Monday and 7 Sunday",
        ),
        ("fromMinute", minute(shift.from_minute), "a minute of the day lies between 0 and 1,440"),
        ("toMinute", minute(shift.to_minute), "a minute of the day lies between 0 and 1,440"),
        ("officers", !(0.0..=10_000.0).contains(&shift.officers), "a number of officers lies between 0 and 10,000"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> CapacityPlan {
        serde_json::from_value(serde_json::json!({
            "office": "118", "timeZone": "America/Lima", "physicalPerDay": 5.2, "documentaryPerDay": 10.0,
            "declarationsPerDay": 104.0, "randomShare": 0.1, "explorationShare": 0.1, "failSafe": "orange"
        }))
        .unwrap()
    }

    #[test]
    fn a_sound_plan_has_no_faults() {
        assert_eq!(validate(&plan(), Some(&"118".into()), ""), []);
    }

    #[test]
    fn every_impossible_number_is_told() {
        let mut wrong = plan();
        wrong.time_zone = "Lima".to_owned();
        wrong.physical_per_day = -1.0;
        wrong.documentary_per_day = f64::NAN;
        wrong.random_share = 0.7;
        wrong.exploration_share = 0.6;
        let faults = validate(&wrong, Some(&"235".into()), "/0");
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/0/office", "/0/timeZone", "/0/physicalPerDay", "/0/documentaryPerDay", "/0/explorationShare"]
        );
    }

    #[test]
    fn shifts_minutes_and_weights_are_told_by_their_place() {
        let mut wrong = plan();
        wrong.office = "11 8".into();
        wrong.physical_minutes = (90.0, f64::INFINITY);
        wrong.exploration_weight = -1.0;
        wrong.weights.delay_per_hour = f64::NAN;
        let good = Shift { weekdays: vec![1, 7], from_minute: 1_340, to_minute: 100, officers: 2.5 };
        let bad = Shift { weekdays: vec![1, 1], from_minute: 1_441, to_minute: 0, officers: -1.0 };
        wrong.shifts = vec![good, bad, Shift { weekdays: vec![0], from_minute: 0, to_minute: 0, officers: 1.0 }];
        let faults = validate(&wrong, None, "/0");
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/0/office",
                "/0/physicalMinutes/1",
                "/0/shifts/1/weekdays",
                "/0/shifts/1/fromMinute",
                "/0/shifts/1/officers",
                "/0/shifts/2/weekdays",
                "/0/explorationWeight",
                "/0/weights/delayPerHour"
            ]
        );
    }

    #[test]
    fn a_plan_without_random_stratum_is_refused() {
        let mut blind = plan();
        blind.random_share = 0.0;
        assert_eq!(validate(&blind, None, "")[0].pointer, "/randomShare");
        blind.physical_per_day = 0.0;
        assert_eq!(validate(&blind, None, ""), []);
    }
}
