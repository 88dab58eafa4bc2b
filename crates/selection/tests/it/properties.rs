//! What holds for every sequence of declarations, however it came about.

use customs::{Channel, Method, Trigger};
use proptest::prelude::*;
use selection::{Candidate, CapacityPlan, Exploration, FilterOrder, NationalState, OfficeState, decide};

use crate::world::{at_start, physical, plan, secret};

#[derive(Clone, Debug)]
struct Step {
    hours_later: u32,
    probability: f64,
    novelty: f64,
    mandate: bool,
    weight: f64,
    method: Method,
    degraded: bool,
    told: Option<Channel>,
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![0.0..1.0_f64, Just(0.0), Just(1.0), Just(f64::NAN), Just(f64::INFINITY)];
    let method = prop_oneof![Just(Method::Physical), Just(Method::Documentary), Just(Method::Scan)];
    let told = prop_oneof![4 => Just(None), 1 => prop::sample::select(&Channel::ALL[..]).prop_map(Some)];
    (0..60_u32, value, 0.0..1.0_f64, prop::bool::weighted(0.1), -1.0..2.0_f64, method, prop::bool::weighted(0.1), told)
        .prop_map(|(hours_later, probability, novelty, mandate, weight, method, degraded, told)| Step {
            hours_later,
            probability,
            novelty,
            mandate,
            weight,
            method,
            degraded,
            told,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn plans_are_kept_probabilities_are_honest_and_text_is_exact(
        steps in prop::collection::vec(step(), 1..250),
        per_day in 0.0..8.0_f64,
        random_share in 0.0..1.0_f64,
        carry in 0.0..9.0_f64,
        ceiling in prop::option::of(0.0..20.0_f64),
        exploration in prop::sample::select(&Exploration::ALL[..]),
        exploration_share in 0.0..1.0_f64,
    ) {
        let plan = CapacityPlan {
            random_share,
            opening_carry: carry,
            physical_ceiling_percent: ceiling,
            scans_per_day: 0.5,
            exploration,
            exploration_share,
            ..plan("1", per_day)
        };
        let (mut state, mut nation) = (OfficeState::open(&plan, at_start()), NationalState::default());
        let (mut copy, mut copied_nation) = (state.clone(), nation.clone());
        let mut at = at_start();
        let (mut used, mut overruns) = (0_i64, 0);
        for (n, step) in steps.iter().enumerate() {
            at += jiff::SignedDuration::from_hours(i64::from(step.hours_later) / 4);
            let key = format!("K{n}/T");
            let candidate = Candidate {
                consignment_key: &key,
                probability_of_finding: Some(step.probability),
                filters: vec![FilterOrder {
                    method: step.method,
                    mandatory: step.mandate,
                    weight: step.weight,
                    verify: "value".into(),
                }],
                novelty: step.novelty,
                examined_alike: 10.0 * step.novelty,
                declared_alike: 20.0 * step.novelty,
                counted_days: f64::from(step.hours_later),
                hold_hours: step.weight,
                degraded: step.degraded,
                told_channel: step.told,
                arrival: true,
                ..Candidate::default()
            };
            let decision = decide(&plan, &mut state, &mut nation, &candidate, at, &secret());
            prop_assert!(decision.probability > 0.0 && decision.probability <= 1.0);
            prop_assert!(decision.random_probability > 0.0 && decision.random_probability <= decision.probability);
            prop_assert!(decision.value.is_finite() && decision.price.is_finite());
            prop_assert!(decision.channel >= decision.channel_without_draw);
            prop_assert!(decision.channel >= step.told.unwrap_or(Channel::Green));
            prop_assert_eq!(decision.channel == Channel::Red, physical(&decision).is_some());
            prop_assert_eq!(decision.channel == Channel::Green, decision.orders.is_empty());
            if let Some((trigger, over_plan)) = physical(&decision) {
                used += i64::from(!over_plan);
                overruns += u64::from(over_plan && trigger == Trigger::Random);
            }
            // The whole controls of every day so far, and what was carried in.
            let days = (at.as_second() - at_start().as_second()) / 86_400 + 1;
            let granted = (days as f64 * per_day + 1e-6).floor() as i64 + carry.floor() as i64;
            prop_assert!(used <= granted, "{} of {}", used, granted);

            // Through text and back at every step: the same decisions.
            let text = serde_json::to_string(&(&copy, &copied_nation)).unwrap();
            (copy, copied_nation) = serde_json::from_str(&text).unwrap();
            let again = decide(&plan, &mut copy, &mut copied_nation, &candidate, at, &secret());
            prop_assert_eq!(&again, &decision);
            prop_assert_eq!(&copy, &state);
        }
        prop_assert_eq!(state.view(&plan, &nation, at).overruns, overruns);
    }
}
