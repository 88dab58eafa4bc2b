//! Capacity that follows officers' shifts, counted in the time that examinations take.

use customs::Trigger;
use selection::simulation::trade::Trade;
use selection::{Candidate, CapacityPlan, NationalState, OfficeState, PlanWeights, Shift, decide};

use crate::world::{at_start, physical, plan, secret};

/// Two officers on working days, one on Saturdays: 960 and 480 minutes, 60 an examination of one item.
fn by_shifts() -> CapacityPlan {
    let shift =
        |weekdays: &[u8], officers| Shift { weekdays: weekdays.to_vec(), from_minute: 480, to_minute: 960, officers };
    CapacityPlan {
        shifts: vec![shift(&[1, 2, 3, 4, 5], 2.0), shift(&[6], 1.0)],
        physical_minutes: (50.0, 10.0),
        declarations_per_day: 200.0,
        ..plan("1", 0.0)
    }
}

#[test]
fn minutes_spent_follow_the_minutes_of_the_shifts() {
    let plan = by_shifts();
    assert!((plan.physical_daily() - 88.0 / 7.0).abs() < 1e-9);
    let (mut state, mut nation) = (OfficeState::open(&plan, at_start()), NationalState::default());
    let (mut minutes, mut large, mut examined) = (0.0, 0_u32, 0_u32);
    for arrived in Trade::usual(at_start(), 120, 250.0).arrivals(5) {
        let items = 1 + (11.0 * arrived.other * arrived.other) as u32;
        let candidate = Candidate {
            consignment_key: &arrived.key,
            probability_of_finding: Some(arrived.probability),
            items,
            arrival: true,
            ..Candidate::default()
        };
        let decision = decide(&plan, &mut state, &mut nation, &candidate, arrived.at, &secret());
        if let Some((_, over_plan)) = physical(&decision) {
            assert!(
                !over_plan,
                "{:?} on day {}: {:?}",
                physical(&decision),
                arrived.day,
                state.view(&plan, &nation, arrived.at)
            );
            examined += 1;
            minutes += 50.0 + 10.0 * f64::from(items);
            large += u32::from(items > 6 && !matches!(physical(&decision), Some((Trigger::Random, _))));
        }
    }
    let given = 120.0 * 88.0 / 7.0 * 60.0 + plan.opening_carry * 60.0;
    assert!(minutes / given > 0.93 && minutes / given < 1.01, "{minutes} of {given}");
    // Fewer than minutes alone would allow of single items, and large ones are not shut out.
    assert!(f64::from(examined) < given / 60.0 && large > 20, "{examined}, {large}");
}

#[test]
fn a_quick_examination_is_worth_more_than_a_slow_one_and_delay_counts_against_both() {
    let plan = by_shifts();
    let candidate =
        |items, hold_hours| Candidate { probability_of_finding: Some(0.4), items, hold_hours, ..Candidate::default() };
    assert!((selection::value(&plan, &candidate(1, 0.0)) - 0.4).abs() < 1e-12);
    assert!((selection::value(&plan, &candidate(7, 0.0)) - 0.2).abs() < 1e-12);
    let weights = PlanWeights { delay_per_hour: 0.01, ..PlanWeights::default() };
    let plan = CapacityPlan { weights, ..plan };
    assert!((selection::value(&plan, &candidate(1, 24.0)) - 0.16).abs() < 1e-12);
    assert!(selection::value(&plan, &candidate(1, 240.0)).abs() < 1e-12);
}
