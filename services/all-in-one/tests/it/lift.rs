//! What targeting is worth, through the whole system: much where traders make a habit of fraud, nothing where fraud
//! depends on nothing that a declaration shows.

use std::path::Path;

use serde_json::Value;

use crate::support::{report, run, world_file};

/// Nearly all offences are of traders who cheat again and again; results come soon, so that models learn within weeks.
const WORLD: &str = "declarations = 2000\noffices = 2\ndays = 50\noffence_rate = 0.1\nhabitual_share = 0.95\n\
    habitual_rate = 0.9\nadaptation = 0.0\nphysical_share = 0.2\n[delays]\nlongest_days = 14.0\n\
    finding_median_days = 1.5\n";

fn live(folder: &Path, more: &[&str]) -> Value {
    let (world, page) = (world_file(folder, WORLD), folder.join("report.html"));
    let page = page.to_str().expect("temporary paths are text");
    let arguments = ["demo", "--world", &world, "--report", page, "--quiet", "--json"];
    report(&run(&[&arguments[..], more].concat()))
}

#[test]
fn habitual_offenders_are_found_more_often_than_by_lot() {
    let folder = tempfile::tempdir().unwrap();
    let report = live(folder.path(), &["--seed", "1"]);
    assert!(report["promotions"].as_u64() > Some(0), "no model decided: {report}");
    let lift = report["lift"].as_f64().unwrap();
    // As measured about 2; the examined share of a fifth alone bounds it at 4.2.
    assert!(lift >= 1.5, "lift {lift}");
}

#[test]
fn nothing_beats_the_lot_where_fraud_depends_on_nothing_observable() {
    let folder = tempfile::tempdir().unwrap();
    let report = live(folder.path(), &["--seed", "1", "--null-world"]);
    let figure = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).unwrap();
    // Some forty offences are met: three standard errors of such a count are half of it.
    let (met, expected) = (figure("/detections/system"), figure("/detections/random"));
    assert!((met - expected).abs() <= 3.0 * expected.sqrt(), "{met} offences met, {expected} by lot");
}
