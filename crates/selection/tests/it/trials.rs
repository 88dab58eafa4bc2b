//! What a candidate on trial is held against.

use std::sync::Arc;

use customs::TrialArm;
use selection::{Candidate, Decision, NationalState, OfficeState, Rerouted, decide};

use crate::world::{Arrival, Values, arrivals, at_start, candidate, physical, plan, secret};

const ROLLOUT: &str = "lower";
/// Days of the champion alone, of the shadow, of the canary, and of the candidate alone.
const DAYS: [usize; 4] = [20, 10, 15, 10];

/// Who decides an arrival.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Champion,
    Shadowed,
    Candidate,
    Promoted,
}

struct World {
    plan: selection::CapacityPlan,
    state: Arc<OfficeState>,
    nation: NationalState,
    /// The candidate's probabilities, times its champion's.
    level: f64,
}

impl World {
    fn new(level: f64) -> Self {
        let plan = plan("1", 20.0);
        Self { state: Arc::new(OfficeState::open(&plan, at_start())), nation: NationalState::default(), plan, level }
    }

    fn decide(&mut self, arrival: &Arrival, who: Who) -> Decision {
        let lower = arrival.probability * self.level;
        let decides = who == Who::Candidate;
        let arm = TrialArm {
            rollout: ROLLOUT.to_owned(),
            candidate: decides,
            weight: 5_000,
            champion_probability: Some(arrival.probability),
            candidate_probability: Some(lower),
        };
        let probability = if decides || who == Who::Promoted { lower } else { arrival.probability };
        let asked = Candidate {
            probability_of_finding: Some(probability),
            filters: Vec::new(),
            trial: matches!(who, Who::Candidate | Who::Shadowed).then_some(&arm),
            ..candidate(arrival)
        };
        decide(&self.plan, Arc::make_mut(&mut self.state), &mut self.nation, &asked, arrival.at, &secret())
    }

    fn reroute(&mut self, on_trial: &[&str], turned: &[&str]) -> usize {
        let rerouted =
            Rerouted { on_trial: on_trial.iter().copied().collect(), turned: turned.iter().copied().collect() };
        self.nation.reroute([(0, &mut self.state)].into_iter(), &rerouted).len()
    }

    fn price(&self, arrival: &Arrival) -> f64 {
        self.state.view(&self.plan, &self.nation, arrival.at).physical_price
    }
}

/// Declarations, and those ordered by a model, of those with the candidate and of those with the champion.
#[derive(Default)]
struct Share([[usize; 2]; 2]);

impl Share {
    fn count(&mut self, side: usize, decision: &Decision) {
        self.0[side][0] += 1;
        self.0[side][1] += usize::from(matches!(physical(decision), Some((customs::Trigger::Model, _))));
    }

    fn of(&self, side: usize) -> f64 {
        self.0[side][1] as f64 / self.0[side][0].max(1) as f64
    }
}

#[test]
fn a_candidate_that_says_less_orders_as_much_and_its_price_stays_when_it_is_promoted() {
    let mut world = World::new(0.1);
    let all = arrivals(&[400.0], DAYS.iter().sum(), Values::Spread, 5);
    let (mut before, mut during, mut after) = (Share::default(), Share::default(), Share::default());
    let phase = |day: usize| {
        DAYS.iter()
            .scan(0, |end, days| {
                *end += days;
                Some(*end)
            })
            .position(|end| day < end)
    };
    let mut last = Some(0);
    for arrival in &all {
        let now = phase(arrival.day);
        if now != last && now == Some(3) {
            let champions = world.price(arrival);
            // A canary goes on elsewhere: one that nobody has heard of here changes nothing.
            assert_eq!(world.reroute(&[ROLLOUT, "other"], &["other"]), 1);
            assert!((world.price(arrival) - champions).abs() < 1e-12);
            assert_eq!(world.reroute(&[ROLLOUT], &[ROLLOUT]), 1);
            let times = world.price(arrival) / champions;
            assert!((0.08..0.12).contains(&times), "the price is {times} of what it was");
            // It goes back, and is promoted once more.
            world.reroute(&[ROLLOUT], &[ROLLOUT]);
            assert!((world.price(arrival) - champions).abs() < 1e-12);
            world.reroute(&[ROLLOUT], &[ROLLOUT]);
            assert_eq!(world.reroute(&[], &[]), 1);
            assert_eq!(world.reroute(&[], &[]), 0, "nothing is kept of a rollout that is over");
        }
        last = now;
        let canary = secret().draw("arm", &arrival.key) < 0.5;
        match now {
            Some(0) if arrival.day >= 10 => before.count(0, &world.decide(arrival, Who::Champion)),
            Some(0) => drop(world.decide(arrival, Who::Champion)),
            Some(1) => drop(world.decide(arrival, Who::Shadowed)),
            Some(2) => {
                let decision = world.decide(arrival, if canary { Who::Candidate } else { Who::Shadowed });
                during.count(usize::from(canary), &decision);
            }
            _ => after.count(0, &world.decide(arrival, Who::Promoted)),
        }
    }
    let shares = [before.of(0), during.of(0), during.of(1), after.of(0)];
    assert!(shares[0] > 0.02, "{shares:?}");
    assert!(shares.iter().all(|share| (share / shares[0] - 1.0).abs() < 0.2), "{shares:?}");
}

#[test]
fn a_candidate_that_says_the_same_changes_nothing() {
    let (mut alone, mut tried) = (World::new(1.0), World::new(1.0));
    for arrival in arrivals(&[100.0], 30, Values::Spread, 6) {
        let canary = secret().draw("arm", &arrival.key) < 0.25;
        let decided = alone.decide(&arrival, Who::Champion);
        assert_eq!(decided, tried.decide(&arrival, if canary { Who::Candidate } else { Who::Shadowed }));
    }
}
