//! What one declaration gets.

use customs::{Channel, Method, Trigger};
use selection::{Candidate, CapacityPlan, Decision, Earlier, FilterOrder, NationalState, OfficeState, decide};

use crate::world::{Values, arrivals, at_start, candidate, physical, plan, secret};

/// An office that has seen a month.
fn seasoned(plan: &CapacityPlan) -> (OfficeState, NationalState) {
    let (mut state, mut nation) = (OfficeState::open(plan, at_start()), NationalState::default());
    for arrival in arrivals(&[plan.declarations_per_day], 40, Values::Spread, 5) {
        decide(plan, &mut state, &mut nation, &candidate(&arrival), arrival.at, &secret());
    }
    (state, nation)
}

fn after_a_month(plan: &CapacityPlan, candidate: &Candidate<'_>) -> Decision {
    let (mut state, mut nation) = seasoned(plan);
    let at = at_start() + jiff::SignedDuration::from_hours(40 * 24 + 1);
    decide(plan, &mut state, &mut nation, candidate, at, &secret())
}

fn scored(key: &str, probability: f64) -> Candidate<'_> {
    Candidate { consignment_key: key, probability_of_finding: Some(probability), arrival: true, ..Candidate::default() }
}

fn earlier(decision: &Decision) -> Earlier {
    Earlier {
        channel: decision.channel,
        channel_without_draw: decision.channel_without_draw,
        orders: decision.orders.clone(),
        probability: decision.probability,
        random_probability: decision.random_probability,
    }
}

/// A consignment that the random stratum draws, and one that it does not.
fn keys() -> (String, String) {
    let key = |drawn: bool| {
        (0..100_000)
            .map(|n| format!("KEY{n}/T"))
            .find(|key| (secret().draw("stratum", key) < 0.003) == drawn && secret().draw("exploration", key) > 0.2)
            .expect("there is one")
    };
    (key(true), key(false))
}

#[test]
fn what_is_valued_above_the_price_is_examined_for_certain() {
    let (_, undrawn) = keys();
    let high = after_a_month(&plan("1", 5.0), &scored(&undrawn, 0.95));
    assert_eq!((high.channel, high.channel_without_draw), (Channel::Red, Channel::Red));
    assert_eq!(physical(&high), Some((Trigger::Model, false)));
    assert!(high.value > high.price && (high.probability - 1.0).abs() < 1e-12);
    assert!(high.random_probability > 0.0 && high.random_probability < 0.02);

    let low = after_a_month(&plan("1", 5.0), &scored(&undrawn, 1e-6));
    assert_eq!((low.channel, low.channel_without_draw), (Channel::Green, Channel::Green));
    assert!(low.orders.is_empty() && low.probability >= low.random_probability && low.probability < 0.05);
}

#[test]
fn a_drawn_consignment_is_examined_and_remembers_its_channel_without_the_draw() {
    let (drawn, _) = keys();
    let decision = after_a_month(&plan("1", 5.0), &scored(&drawn, 1e-6));
    assert_eq!((decision.channel, decision.channel_without_draw), (Channel::Red, Channel::Green));
    assert_eq!(physical(&decision), Some((Trigger::Random, false)));
    assert!(decision.draw < decision.random_probability && decision.probability < 0.05);
}

#[test]
fn mandates_are_ordered_beyond_the_plan_and_counted_apart() {
    let plan = CapacityPlan { physical_per_day: 0.0, opening_carry: 0.0, ..plan("1", 1.0) };
    let (mut state, mut nation) = (OfficeState::open(&plan, at_start()), NationalState::default());
    let permit = FilterOrder { method: Method::Physical, mandatory: true, weight: 0.0, verify: "permit".into() };
    let candidate = Candidate { filters: vec![permit], ..scored("A/T", 0.1) };
    let decision = decide(&plan, &mut state, &mut nation, &candidate, at_start(), &secret());
    assert_eq!(physical(&decision), Some((Trigger::Mandate, true)));
    assert_eq!(decision.orders[0].verify, ["permit"]);
    let view = state.view(&plan, &nation, at_start());
    assert_eq!((view.over_plan, view.overruns, view.physical_tokens), (1, 0, 0));
}

#[test]
fn a_filter_that_tips_the_value_is_the_trigger() {
    let (_, undrawn) = keys();
    let weight = FilterOrder { method: Method::Physical, mandatory: false, weight: 0.9, verify: "value".into() };
    let decision = after_a_month(&plan("1", 5.0), &Candidate { filters: vec![weight], ..scored(&undrawn, 1e-6) });
    assert_eq!(physical(&decision), Some((Trigger::Filter, false)));
}

#[test]
fn lodging_again_or_amending_inherits_draw_and_orders_without_a_second_token() {
    let (drawn, undrawn) = keys();
    for (key, probability) in [(&drawn, 1e-6), (&undrawn, 0.95), (&undrawn, 0.055)] {
        let plan = plan("1", 5.0);
        let (mut state, mut nation) = seasoned(&plan);
        let at = at_start() + jiff::SignedDuration::from_hours(40 * 24 + 1);
        let first = decide(&plan, &mut state, &mut nation, &scored(key, probability), at, &secret());
        let tokens = state.view(&plan, &nation, at).physical_tokens;
        let inherited = earlier(&first);
        let again = Candidate {
            earlier: Some(&inherited),
            told_channel: Some(first.channel),
            arrival: false,
            ..scored(key, 1e-6)
        };
        let second = decide(&plan, &mut state, &mut nation, &again, at, &secret());
        assert_eq!(second.channel, first.channel);
        assert_eq!(second.channel_without_draw, first.channel_without_draw);
        assert_eq!(second.orders, first.orders);
        assert!((second.draw - first.draw).abs() < 1e-15);
        if first.channel == Channel::Red {
            assert!((second.probability - first.probability).abs() < 1e-12);
        }
        assert_eq!(state.view(&plan, &nation, at).physical_tokens, tokens);
    }
}

#[test]
fn what_was_told_is_never_lowered() {
    let (_, undrawn) = keys();
    for told in Channel::ALL {
        let candidate = Candidate { told_channel: Some(told), ..scored(&undrawn, 1e-6) };
        let decision = after_a_month(&plan("1", 5.0), &candidate);
        assert_eq!(decision.channel, told);
        assert_eq!(decision.orders.is_empty(), told == Channel::Green);
    }
}

#[test]
fn a_degraded_decision_gets_the_fail_safe_at_least() {
    let (_, undrawn) = keys();
    for fail_safe in Channel::ALL {
        let plan = CapacityPlan { fail_safe, ..plan("1", 5.0) };
        let candidate = Candidate { degraded: true, probability_of_finding: None, ..scored(&undrawn, 0.0) };
        let decision = after_a_month(&plan, &candidate);
        assert_eq!(decision.channel, fail_safe);
        assert!(decision.orders.iter().all(|order| order.trigger == Trigger::FailSafe));
    }
}
