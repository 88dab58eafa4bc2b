//! Deciding one declaration: who orders what, with which probability.
//!
//! In this order: what an earlier selection ordered stays; mandates; the value against the price; the plan's fail-safe;
//! the random stratum from everything that is left, green and orange; exploration. Only the last two are chance, and the
//! value under a policy that draws what there is to learn; the probability is recorded for every declaration, drawn or
//! not.

mod lesson;
mod price;
mod standing;

use customs::{Channel, ControlOrder, Extent, Method, Timestamp, Trigger};

use crate::{
    Candidate, CapacityPlan, DrawSecret, NationalState, OfficeState, OfficeView,
    calendar::LocalMoment,
    trials::Trials,
    values::{Rank, RecentValues},
};
use lesson::Lesson;
use price::{documentary_price, physical_price};
pub use standing::Standing;
use standing::{Cost, Costs};

/// The price when nothing more may be ordered by value.
pub const CLOSED_PRICE: f64 = 1e9;
/// Values an office remembers: those of this many days, within these numbers.
const REMEMBERED_DAYS: f64 = 20.0;
const REMEMBERED: (f64, f64) = (64.0, 512.0);
/// The most exploration may order of what it is offered.
const MOST_EXPLORED: f64 = 0.5;
/// What is decided about one declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The channel.
    pub channel: Channel,
    /// The channel without the random stratum.
    pub channel_without_draw: Channel,
    /// Controls ordered.
    pub orders: Vec<ControlOrder>,
    /// Probability of selection for full physical examination.
    pub probability: f64,
    /// Probability of the random stratum, had nothing else ordered it.
    pub random_probability: f64,
    /// The draw for the random stratum, 0 ≤ u < 1.
    pub draw: f64,
    /// What a physical examination is worth, with what there is to learn; in a plan by shifts for the time that an
    /// examination of one item takes.
    pub value: f64,
    /// Of this value, what there is to learn.
    pub learning: f64,
    /// The price of a physical examination.
    pub price: f64,
    /// What it found of office and nation.
    pub standing: Standing,
}

/// Decides one declaration at `at`, and lets office and nation learn from it.
pub fn decide(
    plan: &CapacityPlan,
    state: &mut OfficeState,
    nation: &mut NationalState,
    candidate: &Candidate<'_>,
    at: Timestamp,
    secret: &DrawSecret,
) -> Decision {
    let moment = state.advance(plan, nation, LocalMoment::of(&plan.time_zone, at));
    let (tie, rollout) = (tie(candidate, secret), candidate.decided_in());
    let standing = Standing::of(plan, state, nation, candidate, moment, (tie, rollout));
    let taken = take(plan, standing, candidate, secret);
    // What the other side of a rollout would have decided: for what it compares goods as.
    let other = candidate.other_side().map(|(rollout, other)| {
        take(plan, Standing::of(plan, state, nation, &other, moment, (tie, rollout)), &other, secret)
    });
    taken.costs.pay(state);
    learn(plan, state, nation, candidate, moment, (&taken, other.as_ref()));
    taken.decision
}

/// The decision that [`decide`] takes, or took, where it finds office and nation as `standing`. Nobody learns from it.
pub fn decide_again(
    plan: &CapacityPlan,
    standing: Standing,
    candidate: &Candidate<'_>,
    secret: &DrawSecret,
) -> Decision {
    take(plan, standing, candidate, secret).decision
}

/// What equal values are told apart by.
fn tie(candidate: &Candidate<'_>, secret: &DrawSecret) -> u16 {
    secret.hash("tie", candidate.consignment_key) as u16
}

/// A decision, with what it costs and teaches.
struct Taken {
    decision: Decision,
    costs: Costs,
    /// What it was compared as for a physical examination.
    physical: Rank,
    /// For a documentary one; none when the goods are examined for their value.
    documentary: Option<Rank>,
}

fn take(plan: &CapacityPlan, standing: Standing, candidate: &Candidate<'_>, secret: &DrawSecret) -> Taken {
    let tie = tie(candidate, secret);
    let mut costs = Costs::default();
    let physical = physical_order(plan, &standing, candidate, tie, secret, &mut costs);
    let documents = documentary_order(plan, &standing, candidate, tie, &physical, &mut costs);
    let scan = scan_order(&standing, candidate, &mut costs);

    let least = if scan.is_some() { Channel::Orange } else { Channel::Green };
    let paper = if documents.wanted { Channel::Orange } else { least };
    let told = candidate.told_channel.unwrap_or(Channel::Green);
    // What was told is kept; a red that was told may itself have been drawn, which the earlier selection knows.
    let kept = match candidate.earlier {
        Some(earlier) if told == Channel::Red => earlier.channel_without_draw,
        Some(earlier) => earlier.channel_without_draw.max(told),
        None => told,
    };
    let decision = Decision {
        channel: if physical.order.is_some() { Channel::Red } else { paper.max(told) },
        channel_without_draw: if physical.without_draw { Channel::Red } else { paper.max(kept) },
        orders: physical.order.iter().chain(&documents.order).chain(&scan).cloned().collect(),
        probability: physical.probability,
        random_probability: physical.random_probability,
        draw: physical.draw,
        value: physical.value,
        learning: physical.learning,
        price: standing.physical_price.value().min(CLOSED_PRICE),
        standing,
    };
    Taken { decision, costs, physical: physical.rank, documentary: documents.rank }
}

struct Physical {
    order: Option<ControlOrder>,
    /// Ordered even without the random stratum.
    without_draw: bool,
    probability: f64,
    random_probability: f64,
    draw: f64,
    value: f64,
    learning: f64,
    rank: Rank,
}

fn physical_order(
    plan: &CapacityPlan,
    standing: &Standing,
    candidate: &Candidate<'_>,
    tie: u16,
    secret: &DrawSecret,
    costs: &mut Costs,
) -> Physical {
    let known = value(plan, candidate);
    let mandated = candidate.mandates(Method::Physical);
    let Standing { physical_price: price, affords_physical: affords, random_probability, .. } = *standing;
    let effort = plan.effort(candidate.items);
    let told = candidate.told_channel == Some(Channel::Red);
    let fail_safe = candidate.degraded && plan.fail_safe == Channel::Red;
    let draw = secret.draw("stratum", candidate.consignment_key);
    let lesson = Lesson::of(plan, standing, candidate, secret);
    let value = (known + lesson.worth).max(0.0);
    let rank = if mandated { Rank::TOP } else { Rank::new(value, tie) };
    let mut decided = Physical {
        order: None,
        without_draw: true,
        probability: 1.0,
        random_probability,
        draw,
        value,
        learning: value - known,
        rank,
    };

    let ordering = affords && !candidate.degraded;
    let by_value = rank >= price && ordering;
    // With a drawn lesson the value itself is chance; its probability is recorded whether or not it came so.
    let by_draw = lesson.probability(candidate, known, price).map(|likely| if ordering { likely } else { 0.0 });
    if let Some(order) = candidate.earlier.and_then(|earlier| earlier.order(Method::Physical)) {
        // It has its token, and its chance is the one it was drawn with, unless it is ordered anyway by now.
        decided.order = Some(order.clone());
        if let Some(earlier) = candidate.earlier
            && !(mandated || by_value)
        {
            decided.without_draw = earlier.channel_without_draw == Channel::Red;
            decided.probability = earlier.probability;
            decided.random_probability = earlier.random_probability;
        }
        return decided;
    }
    if mandated || by_value || told || fail_safe {
        let without_filters = known - candidate.weight(Method::Physical) / effort;
        let trigger = match () {
            () if mandated => Trigger::Mandate,
            () if by_value && Rank::new(known, tie) < price => Trigger::Exploration,
            () if by_value && Rank::new(without_filters, tie) < price => Trigger::Filter,
            () if by_value => Trigger::Model,
            () => Trigger::FailSafe,
        };
        if trigger == Trigger::Exploration {
            costs.exploration = effort;
        }
        if let Some(likely) = by_draw.filter(|_| by_value && !(mandated || told || fail_safe)) {
            decided.probability = random_probability + (1.0 - random_probability) * likely;
        }
        costs.physical = if affords { Cost::Effort(effort) } else { Cost::OverPlan };
        decided.order = Some(order(Method::Physical, trigger, candidate, !affords));
        return decided;
    }

    let exploration = by_draw.unwrap_or_else(|| exploration_probability(plan, standing, candidate));
    let explores = by_draw.is_none() && secret.draw("exploration", candidate.consignment_key) < exploration;
    decided.probability = random_probability + (1.0 - random_probability) * exploration;
    decided.without_draw = explores;
    if draw < random_probability {
        // The draw stands even when the reserve failed it: an honest probability comes before the plan.
        let overrun = !standing.physical_on_hand;
        costs.physical = if overrun { Cost::Overrun } else { Cost::Effort(effort) };
        decided.order = Some(order(Method::Physical, Trigger::Random, candidate, overrun));
    } else if explores {
        costs.physical = Cost::Effort(effort);
        costs.exploration = effort;
        decided.order = Some(order(Method::Physical, Trigger::Exploration, candidate, false));
    }
    decided
}

/// What a physical examination of `candidate` is worth under `plan`, its filters' weights included, without what there
/// is to learn; in a plan by shifts for the time that an examination of one item takes.
pub fn value(plan: &CapacityPlan, candidate: &Candidate<'_>) -> f64 {
    let held = plan.weights.delay_per_hour.clamp(0.0, 1e9) * candidate.hold_hours.clamp(0.0, 1e6);
    let worth = worth(plan, candidate) + candidate.weight(Method::Physical) - held;
    (worth / plan.effort(candidate.items)).max(0.0)
}

/// What examining is worth: P(finding) × (base + duty × expected duty) + critical × P(critical).
fn worth(plan: &CapacityPlan, candidate: &Candidate<'_>) -> f64 {
    let weights = &plan.weights;
    let finding = candidate.probability_of_finding.unwrap_or(0.0).clamp(0.0, 1.0);
    let duty = weights.duty_per_thousand * candidate.duty_at_stake.max(0.0) / 1_000.0;
    let worth = finding * (weights.finding + duty) + weights.critical * candidate.probability_of_critical;
    if worth.is_finite() { worth.max(0.0) } else { 0.0 }
}

/// By interest against the average of the office, so that the share is spent on what interests most.
fn exploration_probability(plan: &CapacityPlan, standing: &Standing, candidate: &Candidate<'_>) -> f64 {
    let interest = plan.exploration.policy().interest(&candidate.prospect());
    if !standing.affords_physical || !standing.explores || candidate.degraded || !interest.is_finite() {
        return 0.0;
    }
    let relative = interest / f64::from(standing.mean_novelty.max(1e-3));
    (f64::from(standing.exploration_rate) * relative).min(MOST_EXPLORED)
}

struct Documents {
    order: Option<ControlOrder>,
    /// Ordered, or would be if the goods were not examined by chance.
    wanted: bool,
    /// What it was compared as; none when the goods are examined for their value.
    rank: Option<Rank>,
}

fn documentary_order(
    plan: &CapacityPlan,
    standing: &Standing,
    candidate: &Candidate<'_>,
    tie: u16,
    physical: &Physical,
    costs: &mut Costs,
) -> Documents {
    let value = worth(plan, candidate) + candidate.weight(Method::Documentary);
    let mandated = candidate.mandates(Method::Documentary);
    let rank = if mandated { Rank::TOP } else { Rank::new(value, tie) };
    if let Some(order) = candidate.earlier.and_then(|earlier| earlier.order(Method::Documentary)) {
        return Documents { order: Some(order.clone()), wanted: true, rank: Some(rank) };
    }
    if physical.order.is_some() && physical.without_draw {
        return Documents { order: None, wanted: false, rank: None };
    }
    let Standing { documentary_price: price, affords_documentary: affords, .. } = *standing;
    let by_value = rank >= price && affords && !candidate.degraded;
    let told = candidate.told_channel == Some(Channel::Orange) && candidate.earlier.is_none();
    let fail_safe = candidate.degraded && plan.fail_safe == Channel::Orange;
    let wanted = mandated || by_value || told || fail_safe;
    if !wanted || physical.order.is_some() {
        return Documents { order: None, wanted, rank: Some(rank) };
    }
    let trigger = match () {
        () if mandated => Trigger::Mandate,
        () if by_value && Rank::new(worth(plan, candidate), tie) < price => Trigger::Filter,
        () if by_value => Trigger::Model,
        () => Trigger::FailSafe,
    };
    costs.documentary = if affords { Cost::Effort(1.0) } else { Cost::OverPlan };
    Documents { order: Some(order(Method::Documentary, trigger, candidate, !affords)), wanted, rank: Some(rank) }
}

/// Scans are asked for by filters alone, in the order of arrival.
fn scan_order(standing: &Standing, candidate: &Candidate<'_>, costs: &mut Costs) -> Option<ControlOrder> {
    if let Some(order) = candidate.earlier.and_then(|earlier| earlier.order(Method::Scan)) {
        return Some(order.clone());
    }
    let mandated = candidate.mandates(Method::Scan);
    let asked = candidate.filters.iter().any(|filter| filter.method == Method::Scan);
    if !(mandated || asked && standing.scan_on_hand) {
        return None;
    }
    costs.scan = if standing.scan_on_hand { Cost::Effort(1.0) } else { Cost::OverPlan };
    let trigger = if mandated { Trigger::Mandate } else { Trigger::Filter };
    Some(order(Method::Scan, trigger, candidate, !standing.scan_on_hand))
}

fn order(method: Method, trigger: Trigger, candidate: &Candidate<'_>, over_plan: bool) -> ControlOrder {
    ControlOrder {
        method,
        extent: Extent::Full,
        trigger,
        verify: candidate.to_verify(),
        over_plan,
        because: Vec::new(),
    }
}

fn learn(
    plan: &CapacityPlan,
    state: &mut OfficeState,
    nation: &mut NationalState,
    candidate: &Candidate<'_>,
    moment: LocalMoment,
    (taken, other): (&Taken, Option<&Taken>),
) {
    if !candidate.arrival {
        return;
    }
    state.volume.count(moment);
    nation.volume.count(moment);
    if candidate.degraded {
        return;
    }
    let capacity = (REMEMBERED_DAYS * state.volume.daily()).clamp(REMEMBERED.0, REMEMBERED.1) as usize;
    let (champion, tried) = match candidate.trial {
        None => (Some(taken), None),
        Some(arm) if arm.candidate => (other, Some((arm.rollout.as_str(), taken))),
        Some(arm) => (Some(taken), other.map(|other| (arm.rollout.as_str(), other))),
    };
    let compared = |rank: fn(&Taken) -> Option<Rank>| {
        (champion.and_then(rank), tried.and_then(|(rollout, taken)| Some((rollout, rank(taken)?))))
    };
    let (physical, documentary) = (compared(|taken| Some(taken.physical)), compared(|taken| taken.documentary));
    for (lane, compared) in [(&mut state.physical, physical), (&mut state.documentary, documentary)] {
        remember(&mut lane.values, &mut lane.on_trial, compared, capacity);
    }
    let lists = [
        (&mut nation.physical, &mut nation.physical_on_trial, physical),
        (&mut nation.documentary, &mut nation.documentary_on_trial, documentary),
    ];
    for (champions, on_trial, compared) in lists {
        remember(champions, on_trial, compared, NationalState::CAPACITY);
    }
    state.mean_effort += (plan.effort(candidate.items).min(1e3) as f32 - state.mean_effort) / 200.0;
    let interest = plan.exploration.policy().interest(&candidate.prospect()) as f32;
    if interest.is_finite() {
        state.mean_novelty += (interest - state.mean_novelty) / 200.0;
    }
}

/// Adds what the champion compared a declaration as, and the candidate of a rollout.
fn remember(
    champions: &mut RecentValues,
    on_trial: &mut Trials,
    (champion, candidate): (Option<Rank>, Option<(&str, Rank)>),
    capacity: usize,
) {
    if let Some(rank) = champion {
        champions.push(rank, capacity);
    }
    on_trial.push(champion, candidate, capacity);
}

impl OfficeState {
    /// Capacity and prices at `at`, as the next declaration will meet them.
    pub fn view(&self, plan: &CapacityPlan, nation: &NationalState, at: Timestamp) -> OfficeView {
        let mut state = self.clone();
        let moment = state.advance(plan, nation, LocalMoment::of(&plan.time_zone, at));
        let price = |rank: Rank| rank.value().min(CLOSED_PRICE);
        OfficeView {
            physical_tokens: state.physical.tokens,
            physical_used_today: state.physical.today_used,
            physical_used_month: state.physical.month_used,
            physical_target_month: state.physical.month_target,
            physical_price: price(physical_price(plan, &state, nation, moment, (None, None))),
            documentary_tokens: state.documentary.tokens,
            documentary_used_today: state.documentary.today_used,
            documentary_price: price(documentary_price(plan, &state, nation, moment, (None, None))),
            over_plan: state.physical.over_plan + state.documentary.over_plan + state.scans.over_plan,
            overruns: state.physical.overruns,
            random_probability: f64::from(state.random_probability),
            declarations_per_day: state.volume.daily(),
        }
    }
}
