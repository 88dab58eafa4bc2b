use crate::drive::{DAY, examine_many, run, small};
use customs::{Extent, FindingKind, ItemOutcome, Measure, Method, ResultStage};
use std::collections::BTreeMap;
use trade_simulator::{ControlReport, WorldSpec};

fn histories(spec: WorldSpec) -> BTreeMap<customs::ControlId, Vec<ControlReport>> {
    let (_, log) = run(spec, DAY, 90, examine_many);
    let mut histories = BTreeMap::<_, Vec<ControlReport>>::new();
    for (actions, _) in log {
        for report in actions.results {
            histories.entry(report.control).or_default().push(report);
        }
    }
    histories
}

#[test]
fn a_revision_has_the_next_version_and_an_annulled_finding_no_longer_stands() {
    let spec = WorldSpec { offence_rate: 0.2, ..small(8_000, 1) };
    let histories = histories(spec);
    let (mut findings, mut appealed, mut annulled) = (0.0, 0.0, 0.0);
    for versions in histories.values() {
        for (index, report) in versions.iter().enumerate() {
            assert_eq!(report.result.version as usize, index + 1);
            assert!(report.result.examined_at <= report.result.established_at);
        }
        assert!(versions.is_sorted_by_key(|report| report.result.established_at));
        findings += f64::from(u8::from(versions[0].result.has_finding()));
        if let [first, appeal, answer] = versions.as_slice() {
            appealed += 1.0;
            assert!(first.result.has_finding());
            assert_eq!(appeal.result.stage, ResultStage::Appealed);
            let days = answer.result.established_at.duration_since(first.result.established_at).as_hours() / 24;
            assert!((19..=40).contains(&days), "{days}");
            if answer.result.stage == ResultStage::Annulled {
                annulled += 1.0;
                assert!(!answer.result.has_finding());
            }
        }
    }
    assert!((0.03..0.1).contains(&(appealed / findings)), "{appealed} of {findings}");
    assert!((0.08..0.45).contains(&(annulled / appealed)), "{annulled} of {appealed}");
}

#[test]
fn findings_take_longer_than_conformity_and_nothing_takes_more_than_forty_days() {
    let spec = WorldSpec { offence_rate: 0.2, ..small(6_000, 2) };
    let (_, log) = run(spec, DAY, 60, examine_many);
    let ordered: BTreeMap<_, _> =
        log.iter().flat_map(|(_, feedback)| &feedback.controls).map(|order| (order.control, order)).collect();
    let (mut conform, mut found) = (Vec::new(), Vec::new());
    for report in log.iter().flat_map(|(actions, _)| &actions.results).filter(|report| report.result.version == 1) {
        let order = ordered[&report.control];
        let days = report.result.established_at.duration_since(order.at).as_secs_f64() / 86_400.0;
        assert!(days <= 40.0, "{days}");
        if order.method == Method::Documentary {
            if report.result.has_finding() { found.push(days) } else { conform.push(days) }
        }
    }
    let median = |mut days: Vec<f64>| {
        days.sort_by(f64::total_cmp);
        days[days.len() / 2]
    };
    let (conform, found) = (median(conform), median(found));
    assert!((0.8..1.4).contains(&conform) && (5.0..7.5).contains(&found), "{conform} {found}");
}

#[test]
fn officers_find_what_is_there_and_nothing_else() {
    let spec = WorldSpec { offence_rate: 0.1, ..small(8_000, 3) };
    let (world, log) = run(spec, DAY, 60, examine_many);
    let (mut offences, mut detected) = (0.0, 0.0);
    for report in log.iter().flat_map(|(actions, _)| &actions.results).filter(|report| report.result.version == 1) {
        let Some(truth) = world.truth(report.key) else { continue };
        if report.key / 16 % 3 == 0 {
            offences += f64::from(u8::from(truth.is_offence()));
            detected += f64::from(u8::from(report.result.has_finding()));
        }
        for (sequence, finding) in report.result.findings() {
            assert!(truth.items.contains(&sequence) && truth.kind == Some(finding.kind));
            let seized = finding.measures.iter().any(|measure| matches!(measure, Measure::Seizure { .. }));
            let hidden = [FindingKind::Drugs, FindingKind::Contraband, FindingKind::Undeclared].contains(&finding.kind);
            assert_eq!(seized, hidden);
        }
        for item in &report.result.items {
            assert_eq!(item.outcome == ItemOutcome::Finding, !item.findings.is_empty());
        }
    }
    assert!((0.85..0.95).contains(&(detected / offences)), "{detected} of {offences}");
}

#[test]
fn only_the_named_items_are_examined() {
    let spec = small(2_000, 4);
    let (_, log) = run(spec, DAY, 60, |actions| {
        let mut feedback = examine_many(actions);
        for order in &mut feedback.controls {
            order.extent = Extent::Items(vec![1]);
        }
        feedback
    });
    for report in log.iter().flat_map(|(actions, _)| &actions.results) {
        for item in report.result.items.iter().filter(|item| item.sequence > 1) {
            assert_eq!(item.outcome, ItemOutcome::NotExamined);
        }
    }
}

#[test]
fn officers_open_controls_and_scan_containers() {
    let spec = WorldSpec { extraordinary_share: 0.02, ..small(6_000, 5) };
    let (_, log) = run(spec, DAY, 60, examine_many);
    let controls: Vec<_> = log.iter().flat_map(|(actions, _)| &actions.extraordinary).collect();
    assert!(controls.iter().any(|control| control.vehicle.is_some()));
    assert!(controls.iter().any(|control| control.declaration.is_some()));
    let reports: Vec<_> = log.iter().flat_map(|(actions, _)| &actions.results).collect();
    for control in &controls {
        assert!(reports.iter().any(|report| report.key == control.key), "{control:?}");
    }
    let scans: Vec<_> = log.iter().flat_map(|(actions, _)| &actions.scans).collect();
    assert!(scans.len() > 30, "{}", scans.len());
    assert!(scans.iter().all(|scan| scan.container.len() == 11));
}
