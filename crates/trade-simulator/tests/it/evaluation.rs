use crate::drive::{DAY, examine_many, run, small};
use customs::Channel;
use trade_simulator::{Considered, Evaluation, WorldSpec};

#[test]
fn a_policy_that_looks_at_nothing_is_as_good_as_chance() {
    let spec = WorldSpec { declarations: 12_000, ..small(0, 4) };
    let (world, log) = run(spec.clone(), DAY, 60, examine_many);
    let mut evaluation = Evaluation::new(&spec);
    for (actions, feedback) in &log {
        for report in &actions.results {
            evaluation.learn(report.control, report.key, &report.result);
        }
        for (lodgement, told) in actions.lodgements.iter().zip(&feedback.channels) {
            evaluation.consider(&Considered {
                key: lodgement.key,
                declaration: &lodgement.declaration,
                truth: world.truth(lodgement.key).unwrap(),
                local_day: world.offices()[0].local_day(lodgement.declaration.acceptance_date_time),
                channel: told.channel,
                ordinary_physical: told.channel == Channel::Red,
                filter_matched: false,
            });
        }
    }
    let comparison = evaluation.finish(world.end() + DAY * 60);
    assert!((0.8..1.2).contains(&comparison.lift), "{comparison:?}");
    assert!(comparison.table_lift > 1.1 && comparison.detections.oracle > comparison.detections.table);
    assert!((comparison.detections.filters - comparison.detections.random).abs() < 1e-6);
    assert!((0.8..0.9).contains(&comparison.bayes_auc), "{comparison:?}");
    assert_eq!(comparison.matured, comparison.declarations);
    assert!((0.02..0.04).contains(&comparison.green_non_compliance), "{comparison:?}");
    // A third is examined physically, another third by documents, which find some of what they meet.
    assert!((0.58..0.75).contains(&comparison.undetected_share), "{comparison:?}");
    assert!((0.45..comparison.undetected_share).contains(&comparison.unfound_share), "{comparison:?}");
}
