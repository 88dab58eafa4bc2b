use std::collections::BTreeMap;
use trade_simulator::{FraudKind, MethodDetection, World, WorldSpec};

fn only(kind: FraudKind) -> BTreeMap<FraudKind, f64> {
    BTreeMap::from([(kind, 1.0)])
}

#[test]
fn the_default_survives_its_own_file() {
    let text = toml::to_string(&WorldSpec::default()).unwrap();
    assert_eq!(WorldSpec::from_toml(&text).unwrap(), WorldSpec::default());
}

#[test]
fn a_file_may_name_only_what_differs() {
    let spec =
        WorldSpec::from_toml("declarations = 500\n[delays]\nsigma = 0.1\n[fraud]\nundervaluation = 1.0").unwrap();
    assert_eq!(spec.declarations, 500);
    assert!((spec.delays.sigma - 0.1).abs() < 1e-12 && (spec.delays.finding_median_days - 6.0).abs() < 1e-12);
    assert_eq!(spec.fraud.len(), 1);
    assert!(World::new(spec).is_ok());
}

#[test]
fn errors_name_the_key() {
    for (text, key) in [
        ("declaratons = 5", "declaratons"),
        ("offence_rate = 0.9", "offence_rate"),
        ("offence_rate = nan", "offence_rate"),
        ("offices = 0", "offices"),
        ("physical_share = 1.5", "physical_share"),
        ("habitual_share = 1.0\nhabitual_rate = 0.05\noffence_rate = 0.4", "habitual_rate"),
        ("[fraud]\norigin = 0.0", "fraud"),
        ("[fraud]\norigin = -1.0", "fraud.origin"),
        ("[delays]\nappealed_share = 2.0", "delays.appealed_share"),
        (
            "[detection.origin]\nphysical = 1.2\ndocumentary = 0.1\nscan = 0.0\nlaboratory_sample = 0.0\naudit = 0.0",
            "detection.origin.physical",
        ),
    ] {
        let error = WorldSpec::from_toml(text).unwrap_err().to_string();
        assert!(error.contains(key), "{text}: {error}");
    }
}

#[test]
fn capacity_is_the_specified_share_of_what_is_expected() {
    let world = World::new(WorldSpec::default()).unwrap();
    let capacity = world.capacity();
    assert_eq!(capacity.len(), 40);
    let daily: f64 = capacity.iter().map(|office| office.declarations_per_day).sum();
    let physical: f64 = capacity.iter().map(|office| office.physical_per_day).sum();
    assert!((daily * 365.0 - 100_000.0).abs() < 1.0 && (physical / daily - 0.05).abs() < 1e-9);
    for office in world.offices() {
        assert!(office.shifts.iter().all(|shift| !shift.officers.is_empty()));
    }
}

#[test]
fn small_and_odd_worlds_work() {
    for spec in [
        WorldSpec { declarations: 1, offices: 1, days: 1, ..WorldSpec::default() },
        WorldSpec { declarations: 300, offices: 100, days: 10, ..WorldSpec::default() },
        WorldSpec { declarations: 300, days: 10, fraud: only(FraudKind::ContaminatedExport), ..WorldSpec::default() },
        WorldSpec { declarations: 300, offices: 2, days: 10, offence_rate: 0.0, ..WorldSpec::default() },
    ] {
        let (_, log) = crate::drive::run(spec, crate::drive::DAY, 5, crate::drive::examine_many);
        assert!(!log.is_empty());
    }
}

#[test]
fn a_detection_table_may_name_some_methods_only() {
    let spec = WorldSpec::from_toml("[detection.origin]\nphysical = 0.5\n").unwrap();
    let (given, built_in) = (spec.detection(FraudKind::Origin), MethodDetection::of(FraudKind::Origin));
    assert!((given.physical - 0.5).abs() < 1e-12 && (given.scan - built_in.scan).abs() < 1e-12);
    assert_eq!(spec.detection(FraudKind::Quantity), MethodDetection::of(FraudKind::Quantity));
    // The default world tells every value, so that it can be edited.
    assert_eq!(WorldSpec::default().detection.len(), FraudKind::ALL.len());
}

#[test]
fn random_and_exploration_do_not_take_more_than_everything() {
    let error = WorldSpec::from_toml("random_share_of_physical = 1.0\n").unwrap_err();
    assert!(error.to_string().contains("exploration_share"), "{error}");
}
