use crate::drive::{DAY, declarations, run, silent, small};
use std::collections::BTreeMap;
use trade_simulator::evaluation::area_under_curve;
use trade_simulator::{FraudKind, WorldSpec};

fn world_of(spec: WorldSpec) -> (f64, f64, BTreeMap<FraudKind, u32>) {
    let (world, log) = run(spec, DAY, 0, silent);
    let truths: Vec<_> = declarations(&log).filter_map(|(key, _)| world.truth(key).cloned()).collect();
    let mut kinds = BTreeMap::new();
    for fraud in truths.iter().filter_map(|truth| truth.fraud) {
        *kinds.entry(fraud).or_default() += 1;
    }
    let offences = truths.iter().filter(|truth| truth.is_offence()).count();
    let auc = area_under_curve(truths.iter().map(|truth| (truth.bayes_score, truth.is_offence())));
    (offences as f64 / truths.len() as f64, auc, kinds)
}

#[test]
fn the_rate_is_as_specified_and_the_best_score_as_good_as_designed() {
    for seed in 1..=4 {
        let spec = WorldSpec { seed, declarations: 30_000, ..WorldSpec::default() };
        let (rate, auc, kinds) = world_of(spec);
        assert!((0.026..0.034).contains(&rate), "seed {seed}: rate {rate}");
        assert!((0.80..0.88).contains(&auc), "seed {seed}: auc {auc}");
        assert_eq!(kinds.len(), FraudKind::ALL.len(), "seed {seed}: {kinds:?}");
    }
}

#[test]
fn the_null_world_has_the_rate_and_no_shape() {
    let spec = WorldSpec { seed: 2, declarations: 30_000, ..WorldSpec::null() };
    let (rate, auc, _) = world_of(spec);
    assert!((0.026..0.034).contains(&rate), "{rate}");
    assert!((auc - 0.5).abs() < 0.01, "{auc}");
}

#[test]
fn in_the_null_world_nothing_declared_tells_an_offence() {
    let spec = WorldSpec { offence_rate: 0.2, ..WorldSpec { null_world: true, ..small(12_000, 3) } };
    let (world, log) = run(spec, DAY, 0, silent);
    let mut brokers = BTreeMap::<&str, (f64, f64)>::new();
    let mut values = Vec::new();
    for (key, declaration) in declarations(&log) {
        let offence = world.truth(key).unwrap().is_offence();
        let (count, offences) = brokers.entry(&declaration.declarant.id).or_default();
        *count += 1.0;
        *offences += f64::from(u8::from(offence));
        let item = &declaration.items[0];
        values.push((f64::try_from(item.net_mass_kg.unwrap() / item.gross_mass_kg.unwrap()).unwrap(), offence));
    }
    // Bursts of a split purchase share their fate, so brokers may vary a little more than by chance.
    let spread: f64 = brokers
        .values()
        .filter(|(count, _)| *count > 100.0)
        .map(|(count, offences)| (offences - count * 0.2).powi(2) / (count * 0.2 * 0.8))
        .sum::<f64>()
        / brokers.values().filter(|(count, _)| *count > 100.0).count() as f64;
    assert!(spread < 2.0, "{spread}");
    assert!((area_under_curve(values.into_iter()) - 0.5).abs() < 0.03);
}

#[test]
fn the_truth_tells_what_is_where() {
    let (world, log) = run(small(8_000, 5), DAY, 0, silent);
    for (key, declaration) in declarations(&log) {
        let truth = world.truth(key).unwrap();
        assert!((0.0..=1.0).contains(&truth.bayes_score));
        assert!(truth.items.iter().all(|sequence| *sequence as usize <= declaration.items.len()));
        let physical = truth.detection_probability(customs::Method::Physical);
        assert!(truth.duty_at_stake >= 0.0 && truth.duty_at_stake.is_finite());
        match truth.fraud {
            Some(fraud) => {
                assert_eq!(truth.kind, Some(fraud.finding()));
                assert!((0.85..=0.95).contains(&physical) && !truth.items.is_empty());
            }
            None => assert!(physical.abs() < 1e-12 && truth.items.is_empty() && truth.duty_at_stake.abs() < 1e-12),
        }
    }
}

#[test]
fn companies_that_close_leave_their_premises_to_others() {
    let (_, log) = run(WorldSpec { days: 365, ..small(20_000, 6) }, DAY, 0, silent);
    let mut telephones = BTreeMap::<&str, std::collections::BTreeSet<&str>>::new();
    for (_, declaration) in declarations(&log) {
        let trader = declaration.trader().unwrap();
        telephones.entry(&trader.contacts[0]).or_default().insert(&trader.id);
    }
    let shared = telephones.values().filter(|traders| traders.len() > 1).count();
    assert!(shared > 5 && shared < telephones.len() / 10, "{shared} of {}", telephones.len());
}
