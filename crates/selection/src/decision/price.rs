//! Prices: the rank that as many of the coming declarations reach as there are controls for them.
//!
//! One price for the days over which controls are pooled, so that a Monday is not served worse than a Sunday, and a
//! higher one where the controls on hand would otherwise be gone before the next are granted.

use crate::{
    CapacityPlan, NationalState, OfficeState,
    calendar::LocalMoment,
    lane::Lane,
    plan::Supply,
    trials::{Known, of_side},
    values::Rank,
};

/// Controls that are pooled over the days of a small office, so that its best are compared.
const POOLED_CONTROLS: f64 = 5.0;
/// Days over which a price is set, at least and at most.
const POOLED_DAYS: (f64, f64) = (7.0, 31.0);
/// Declarations that the nation's values weigh in an office's.
const BORROWED: f64 = 64.0;

/// The price of a physical examination now, to the candidate of `rollout` where there is one.
pub(super) fn physical_price(
    plan: &CapacityPlan,
    state: &OfficeState,
    nation: &NationalState,
    moment: LocalMoment,
    (tie, rollout): (Option<u16>, Option<&str>),
) -> Rank {
    // Controls are counted in the effort of one item; what arrives may take more.
    let effort = f64::from(state.mean_effort);
    let chance = effort * (f64::from(state.random_probability) + f64::from(state.exploration_rate));
    let (supply, floor) = (state.physical_supply(plan), state.floor(plan, moment));
    let national = Known { champions: &nation.physical, on_trial: &nation.physical_on_trial };
    let terms = Terms { supply, chance, offered: effort, floor, tie, rollout };
    price(&state.physical, national, state, moment, &terms)
}

/// The price of a documentary examination now, likewise.
pub(super) fn documentary_price(
    plan: &CapacityPlan,
    state: &OfficeState,
    nation: &NationalState,
    moment: LocalMoment,
    (tie, rollout): (Option<u16>, Option<&str>),
) -> Rank {
    // Those whose goods are examined are not offered.
    let examined = (state.physical_per_day(plan) / state.volume.daily()).clamp(0.0, 0.9);
    let supply = Supply::daily(plan.documentary_per_day);
    let terms = Terms { supply, chance: 0.0, offered: 1.0 - examined, floor: 0, tie, rollout };
    let national = Known { champions: &nation.documentary, on_trial: &nation.documentary_on_trial };
    price(&state.documentary, national, state, moment, &terms)
}

struct Terms<'a> {
    supply: Supply,
    /// Controls that chance will order, for each arrival.
    chance: f64,
    /// Controls that it takes to order every arrival that is offered, for each arrival.
    offered: f64,
    /// Whole controls that are not to be ordered by value now.
    floor: i64,
    tie: Option<u16>,
    /// The rollout whose candidate pays it.
    rollout: Option<&'a str>,
}

/// The rank reached by as many of the coming declarations as there are controls for them.
fn price(lane: &Lane, nation: Known<'_>, state: &OfficeState, moment: LocalMoment, terms: &Terms<'_>) -> Rank {
    let share = share(lane, state, moment, terms);
    if share <= 0.0 {
        return Rank::TOP;
    }
    if share >= 1.0 {
        return Rank::new(0.0, 0);
    }
    let (own, national) = of_side(terms.rollout, lane.known(), nation);
    match (own.reached_by(share, national, BORROWED), terms.tie) {
        (Some(rank), _) => rank,
        // Nothing is known about values: the key alone decides.
        (None, Some(tie)) if f64::from(tie) < (1.0 - share) * 65_536.0 => Rank::TOP,
        (None, _) => Rank::new(0.0, 0),
    }
}

/// The share of what is offered that can be ordered by value: one share for the days over which a price is set, and
/// less where the controls on hand would be gone before the next are granted. Monday's cannot be ordered on Friday.
fn share(lane: &Lane, state: &OfficeState, moment: LocalMoment, terms: &Terms<'_>) -> f64 {
    let days = (POOLED_CONTROLS / terms.supply.mean().max(1e-6)).clamp(POOLED_DAYS.0, POOLED_DAYS.1);
    let end = moment.plus_days(days).min(lane.month_end());
    let rest_of_today = state.volume.rest_of_day(moment);
    let arrivals = rest_of_today + state.volume.expected(LocalMoment::midnight(moment.day + 1), end);
    let budget = lane.budget(moment, end, &terms.supply) - terms.chance * arrivals;
    let mut offered = terms.offered * arrivals;
    if end == lane.month_end() {
        offered = Lane::counted_on(offered);
    }
    let mut share = budget / offered.max(1e-6);
    let (mut until, mut arrived) = (LocalMoment::midnight(moment.day + 1), rest_of_today);
    while until < end {
        let on_hand = lane.tokens - terms.floor + lane.grants_until(moment, until, &terms.supply);
        let spare = on_hand as f64 - terms.chance * arrived;
        share = share.min(spare / (terms.offered * arrived).max(1e-6));
        let next = LocalMoment::midnight(until.day + 1);
        arrived += state.volume.expected(until, next);
        until = next;
    }
    share
}
