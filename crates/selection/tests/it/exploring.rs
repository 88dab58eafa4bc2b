//! What policies of exploration order, and that the probability on record is the one that chance had.

use customs::Trigger;
use selection::simulation::Chance;
use selection::{Candidate, CapacityPlan, DrawSecret, Exploration, NationalState, OfficeState, decide};

use crate::world::{Values, arrivals, at_start, physical, plan};

/// Selections of a quarter, with the sum of the probabilities on record and its variance.
struct Quarter {
    explored: usize,
    selected: usize,
    expected: f64,
    variance: f64,
}

fn live(exploration: Exploration, seed: u64) -> Quarter {
    let plan = CapacityPlan { exploration, exploration_share: 0.4, exploration_weight: 1.0, ..plan("1", 10.0) };
    let (mut state, mut nation) = (OfficeState::open(&plan, at_start()), NationalState::default());
    let secret = DrawSecret::new([seed as u8; 32]);
    let mut chance = Chance::of(seed);
    let mut quarter = Quarter { explored: 0, selected: 0, expected: 0.0, variance: 0.0 };
    for arrival in arrivals(&[200.0], 90, Values::Spread, seed) {
        let candidate = Candidate {
            consignment_key: &arrival.key,
            probability_of_finding: Some(arrival.probability),
            novelty: arrival.novelty,
            examined_alike: (4.0 * chance.uniform()).floor(),
            declared_alike: (12.0 * chance.uniform()).floor(),
            counted_days: arrival.day as f64,
            arrival: true,
            ..Candidate::default()
        };
        let decision = decide(&plan, &mut state, &mut nation, &candidate, arrival.at, &secret);
        let ordered = physical(&decision);
        quarter.explored += usize::from(ordered.is_some_and(|(trigger, _)| trigger == Trigger::Exploration));
        quarter.selected += usize::from(ordered.is_some());
        quarter.expected += decision.probability;
        quarter.variance += decision.probability * (1.0 - decision.probability);
    }
    quarter
}

#[test]
fn every_policy_explores_within_its_share_and_tells_its_chances() {
    for exploration in Exploration::ALL {
        let (mut selected, mut expected, mut variance) = (0, 0.0, 0.0);
        for seed in 1..=3 {
            let quarter = live(exploration, seed);
            // The share of the capacity, three days of it saved up, and one owed.
            let share = 0.4 * 10.0 * 93.0 + 1.0;
            assert!(quarter.explored > 20, "{exploration:?}: {}", quarter.explored);
            assert!(quarter.explored as f64 <= share, "{exploration:?}: {}", quarter.explored);
            selected += quarter.selected;
            expected += quarter.expected;
            variance += quarter.variance;
        }
        let deviation = (f64::from(selected as u32) - expected) / variance.sqrt();
        assert!(deviation.abs() < 4.0, "{exploration:?}: {selected} of {expected:.1}, {deviation:.2}");
    }
}

#[test]
fn a_policy_that_adds_to_the_value_prefers_what_was_never_examined() {
    let plan = CapacityPlan { exploration: Exploration::Learning, exploration_share: 0.5, ..plan("1", 5.0) };
    let (mut state, mut nation) = (OfficeState::open(&plan, at_start()), NationalState::default());
    let secret = crate::world::secret();
    let candidate = |key, examined_alike| Candidate {
        consignment_key: key,
        probability_of_finding: Some(0.2),
        examined_alike,
        declared_alike: 4.0,
        counted_days: 100.0,
        arrival: true,
        ..Candidate::default()
    };
    let new = decide(&plan, &mut state, &mut nation, &candidate("A/T", 0.0), at_start(), &secret);
    let old = decide(&plan, &mut state, &mut nation, &candidate("B/T", 9.0), at_start(), &secret);
    assert!(new.learning > old.learning && old.learning > 0.0, "{} {}", new.learning, old.learning);
    assert!((new.value - new.learning - 0.2).abs() < 1e-9);
}
