//! What the selection is asked about a declaration.

use std::sync::LazyLock;

use customs::{Declaration, FilterMatch, Timestamp};
use features::{DeclarationKeys, EntityState, contract};
use risk_filters::{FilterDefinition, FilterSet};
use selection::{Candidate, CapacityPlan, FilterOrder, LocalMoment};

use super::declared::{self, Stakes};
use super::judgement::Judgement;

/// The salt of a filter's sampling draw.
pub fn sampling_salt(filter: &FilterDefinition) -> String {
    format!("filter/{}", filter.id)
}

/// What the acting matches ask for, each filter once.
pub fn filter_orders(filters: &FilterSet, matches: &[FilterMatch]) -> Vec<FilterOrder> {
    let mut orders = Vec::new();
    let mut last = None;
    // Matches of one filter stand together.
    for matched in matches.iter().filter(|matched| matched.acted) {
        if last == Some(matched.filter) {
            continue;
        }
        last = Some(matched.filter);
        if let Some(filter) = filters.definition(matched.filter) {
            let verify = if filter.verify.is_empty() { &filter.area } else { &filter.verify };
            orders.push(FilterOrder {
                method: filter.action.method,
                mandatory: filter.action.mandatory,
                weight: filter.action.weight,
                verify: verify.clone(),
            });
        }
    }
    orders
}

/// What is known of the goods, beyond how suspicious they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Goods {
    /// What a finding would bring.
    pub stakes: Stakes,
    /// Physical examinations of goods like the most suspicious item: same code, route, origin, taxes and band of the
    /// unit value.
    pub examined_alike: f64,
    /// Such goods declared before.
    pub declared_alike: f64,
    /// Days over which they were counted.
    pub counted_days: f64,
}

impl Goods {
    /// What `states` and `vectors` say of the goods, counted over so many days; without states nothing is known.
    pub fn of(
        declaration: &Declaration,
        keys: &DeclarationKeys,
        states: Option<&[Option<EntityState>]>,
        vectors: &[Vec<f32>],
        judgement: &Judgement,
        counted_days: f64,
    ) -> Self {
        let Some(states) = states else { return Self::default() };
        let [examined_alike, declared_alike] = alike(judgement.recorded.first().and_then(|item| vectors.get(*item)));
        Self {
            stakes: declared::stakes(declaration, keys, states, &judgement.suspects),
            examined_alike,
            declared_alike,
            counted_days,
        }
    }
}

/// How often goods like the most suspicious item, with the vector `most`, were examined and declared.
pub fn alike(most: Option<&Vec<f32>>) -> [f64; 2] {
    static ALIKE: LazyLock<[Option<usize>; 2]> =
        LazyLock::new(|| ["pricedTupleExamined", "pricedTupleDeclared"].map(|name| contract().position(name)));
    ALIKE.map(|position| most.zip(position).map_or(0.0, |(vector, at)| f64::from(vector[at]).max(0.0)))
}

/// The candidate that a declaration is at `at`, with goods that arrived at `arrived` where that is known; before
/// anything is known of what came before it.
pub fn candidate(
    declaration: &Declaration,
    plan: &CapacityPlan,
    (at, arrived): (Timestamp, Option<Timestamp>),
    judgement: &Judgement,
    goods: Goods,
    filters: Vec<FilterOrder>,
) -> Candidate<'static> {
    Candidate {
        probability_of_finding: judgement.probability,
        duty_at_stake: goods.stakes.duty,
        probability_of_critical: judgement.probability.unwrap_or(0.0) * goods.stakes.critical,
        filters,
        verify: judgement.areas.clone(),
        novelty: judgement.novelty,
        examined_alike: goods.examined_alike,
        declared_alike: goods.declared_alike,
        counted_days: goods.counted_days,
        items: declaration.items.len() as u32,
        hold_hours: hold_hours(plan, declaration, (at, arrived)),
        degraded: judgement.probability.is_none(),
        ..Candidate::default()
    }
}

/// Hours that an examination is expected to hold the goods: from the decision on, or from their arrival where that is
/// still to come. Not worked out where the plan does not weigh them.
fn hold_hours(plan: &CapacityPlan, declaration: &Declaration, (at, arrived): (Timestamp, Option<Timestamp>)) -> f64 {
    if plan.weights.delay_per_hour <= 0.0 {
        return 0.0;
    }
    let expected = || declaration.means_of_transport.as_ref().and_then(|means| means.expected_arrival);
    let here = arrived.or_else(expected).map_or(at, |here| here.max(at));
    plan.hold_hours(declaration.items.len() as u32, LocalMoment::of(&plan.time_zone, here))
}

#[cfg(test)]
mod tests {
    use super::super::novelty::Past;
    use super::*;
    use customs::MeansOfTransport;
    use features::{History, Values, counted, keys, vectors};
    use testkit::{Changes, noon};

    #[test]
    fn goods_alike_are_those_of_the_most_suspicious_item() {
        let declaration = testkit::declaration().with_items(2).with(|declaration| {
            declaration.items[1].commodity_code = "6109100000".into();
        });
        let keys = keys(&declaration);
        let second: Vec<usize> = keys.item(1).map(|(_, at)| at).collect();
        let first_day = (noon().as_second() / 86_400 - 90) as u16;
        let states: Vec<Option<EntityState>> = keys
            .list()
            .iter()
            .enumerate()
            .map(|(at, key)| match EntityState::empty(*key) {
                EntityState::Values(_) => Some(EntityState::Values(Values::default())),
                EntityState::History(_) => {
                    let found = u32::from(second.contains(&at));
                    let history = History { declared: 40 + found, ..History::seen(first_day) };
                    Some(EntityState::History(History { examined: [1, 3 + found, 7], found: [0, found, 0], ..history }))
                }
            })
            .collect();
        let vectors = vectors(&declaration, &keys, &states, &[], noon());
        let judgement = super::super::judgement::judge(
            &super::super::judgement::Champion::Baseline,
            &vectors,
            &[1, 2],
            Past::Examined,
        );
        let goods =
            Goods::of(&declaration, &keys, Some(&states), &vectors, &judgement, counted(&keys, &states, noon()).days);
        assert_eq!(judgement.recorded[0], 1, "the second item has the findings");
        assert!((goods.examined_alike - 5.0).abs() < 1e-9 && (goods.declared_alike - 41.0).abs() < 1e-9, "{goods:?}");
        assert!((goods.counted_days - 90.0).abs() < 1e-9, "{goods:?}");
        assert_eq!(Goods::of(&declaration, &keys, None, &[], &Judgement::default(), 90.0), Goods::default());
    }

    #[test]
    fn hours_are_counted_from_the_arrival_and_only_where_they_weigh() {
        let mut plan = crate::Settings::default().unplanned;
        let mut declaration = testkit::declaration().with_items(3);
        let hours = |plan: &CapacityPlan, declaration: &Declaration, arrived| {
            let goods = Goods::default();
            candidate(declaration, plan, (noon(), arrived), &Judgement::default(), goods, Vec::new()).hold_hours
        };
        plan.shifts = serde_json::from_value(serde_json::json!([
            { "weekdays": [1, 2, 3, 4, 5, 6, 7], "fromMinute": 0, "toMinute": 720, "officers": 1.0 },
        ]))
        .unwrap();
        let at = LocalMoment::of("UTC", noon());
        let until_midnight = 24.0 - f64::from(at.second) / 3_600.0;
        assert!(hours(&plan, &declaration, None).abs() < 1e-12);
        plan.weights.delay_per_hour = 0.01;
        let examination = plan.hold_hours(3, LocalMoment::midnight(at.day));
        assert!((examination - 2.0).abs() < 1e-9);
        assert!((hours(&plan, &declaration, None) - until_midnight - examination).abs() < 1e-9);
        // A ship that is expected at an hour when officers are there, three days later, holds nothing up before.
        let expected = noon() + jiff::SignedDuration::from_hours(72 - 8);
        declaration.means_of_transport = Some(MeansOfTransport {
            mode: customs::TransportMode::Maritime,
            id: "IMO 9321483".into(),
            voyage: None,
            expected_arrival: Some(expected),
        });
        assert!((hours(&plan, &declaration, None) - examination).abs() < 1e-9);
        assert!((hours(&plan, &declaration, Some(noon())) - until_midnight - examination).abs() < 1e-9);
    }
}
