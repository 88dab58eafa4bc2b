//! Training and judging on files, without services.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::run;

const HEADER: &str = "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,Mode of Transport,\
Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,Country of Departure,Country of Origin,Tax Rate,Tax Type,\
Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud\n";

/// Rows of one month: every third code from every second country is fraud.
fn file(folder: &Path, name: &str, rows: u32, month: u32) -> String {
    let mut text = HEADER.to_owned();
    for row in 0..rows {
        let (code, country) = (row * 7 % 9, row * 5 % 4);
        let fraud = u8::from(code % 3 == 0 && country % 2 == 0);
        let (day, trader, country) = (1 + row * 27 / rows, row % 50, ["CN", "US", "DE", "JP"][country as usize]);
        writeln!(
            text,
            "{row},2020-{month:02}-{day:02},40,B,11,21,11,10,D{},I{trader},S1,,{},{country},CN,8.0,A,Y,{}.0,{}.5,{fraud},0",
            row % 7,
            610_910 + code,
            10 + row % 90,
            100 + row % 900,
        )
        .expect("writing to a string does not fail");
    }
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the temporary folder is writable");
    path.to_str().expect("temporary paths are text").to_owned()
}

#[test]
fn a_model_trained_on_files_is_judged_beside_its_baselines() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (file(folder.path(), "a.csv", 300, 1), file(folder.path(), "b.csv", 300, 2));
    let later = file(folder.path(), "c.csv", 200, 3);
    let model = folder.path().join("m.aforo").to_str().unwrap().to_owned();
    let trained = run(&["train", "--profile", "kcs", &first, &second, "--model", &model]);
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    assert!(trained.stdout.is_empty() && !trained.stderr.is_empty());
    let judged = run(&["evaluate", "--model", &model, "--profile", "kcs", &later, "--json"]);
    let report: Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert_eq!(report["rows"], 200);
    let baselines = &report["baselines"];
    for of in [&report, &baselines["table"], &baselines["logistic"], &baselines["randomForest"]] {
        for key in ["precisionAt5", "precisionAt10", "recallAt5", "recallAt10", "auc"] {
            assert!(of[key].as_f64().is_some_and(|figure| (0.0..=1.0).contains(&figure)), "{key} in {of}");
        }
    }
    assert!(report["precisionAt10"].as_f64().unwrap() > 0.9, "{report}");
    let words = run(&["evaluate", "--model", &model, "--profile", "kcs", &later]);
    assert!(String::from_utf8(words.stdout).unwrap().contains("randomForest"));
}

#[test]
fn a_wrong_value_is_told_with_file_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.csv", 30, 1);
    let text = std::fs::read_to_string(&path).unwrap().replacen(",17.0,", ",heavy,", 1);
    std::fs::write(&path, text).unwrap();
    let model = folder.path().join("m").to_str().unwrap().to_owned();
    let refused = run(&["train", "--profile", "kcs", &path, "--model", &model, "--quiet"]);
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("a.csv:9:Net Mass: expected") && message.contains("heavy"), "{message}");
    assert!(!Path::new(&model).exists());
}

#[test]
fn a_file_that_is_no_model_is_refused_with_what_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.csv", 30, 1);
    let refused = run(&["evaluate", "--model", &path, "--profile", "kcs", &path, "--json"]);
    assert!(!refused.status.success() && refused.stdout.is_empty());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("a.csv") && message.contains("not a model file"), "{message}");
}
