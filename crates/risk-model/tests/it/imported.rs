use std::{fs, path::PathBuf};

use risk_model::{
    Algorithm, Artefact, CalibrationMethod, ImportError, Imported, ModelFormat, TrainingSet,
    import::{lightgbm, xgboost},
};
use serde::Deserialize;

/// What a model's own library says.
#[derive(Deserialize)]
pub struct Expected {
    pub names: Vec<String>,
    rows: Vec<Vec<Option<f32>>>,
    pub margins: Vec<f64>,
    pub probabilities: Vec<f64>,
    /// What each feature adds, then what is added without any.
    pub contributions: Vec<Vec<f64>>,
}

impl Expected {
    pub fn rows(&self) -> Vec<Vec<f32>> {
        self.rows.iter().map(|row| row.iter().map(|value| value.unwrap_or(f32::NAN)).collect()).collect()
    }
}

pub fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name)
}

pub fn expected(name: &str) -> Expected {
    serde_json::from_slice(&fs::read(file(&format!("{name}.expected.json"))).unwrap()).unwrap()
}

pub fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

pub fn contract(names: &[String]) -> TrainingSet {
    TrainingSet { contract_hash: "contract".into(), names: names.to_vec(), ..TrainingSet::default() }
}

pub const LIGHTGBM: [&str; 3] = ["lightgbm-mixed", "lightgbm-zero-as-missing", "lightgbm-no-missing"];

pub fn light(name: &str) -> (Imported, Expected) {
    let expected = expected(name);
    (lightgbm(&text(&format!("{name}.txt")), &expected.names).unwrap(), expected)
}

pub fn extreme() -> (Imported, Expected) {
    let expected = expected("xgboost-mixed");
    (xgboost(&text("xgboost-mixed.json"), &expected.names).unwrap(), expected)
}

/// Rows with labels as the model would have them, each a declaration.
fn judged(names: &[String], model: &Imported) -> TrainingSet {
    let mut set = contract(names);
    for at in 0..400_u64 {
        let number = |salt: u64| {
            let mixed = (at * 31 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (mixed >> 40) as f32 / (1_u64 << 24) as f32
        };
        let row = [
            12.0 * number(1),
            number(2) - 0.5,
            (number(3) * 3.0).floor(),
            number(4),
            number(5) * 9.0,
            number(6) * 75.0,
        ];
        let chance = 1.0 / (1.0 + (-model.margin(&row)).exp());
        set.push(&row, f64::from(number(7)) < chance, 1.0, at, at as i64);
    }
    set
}

#[test]
fn lightgbm_scores_are_the_same_to_the_last_bit() {
    for name in LIGHTGBM {
        let (model, expected) = light(name);
        let artefact = model.clone().into_artefact(&contract(&expected.names), None).unwrap();
        for (at, row) in expected.rows().iter().enumerate() {
            assert_eq!(model.margin(row).to_bits(), expected.margins[at].to_bits(), "{name}, row {at}");
            let probability = model.probability(row).unwrap();
            assert_eq!(probability.to_bits(), expected.probabilities[at].to_bits(), "{name}, row {at}");
            assert_eq!(artefact.score(row).to_bits(), probability.to_bits(), "{name}, row {at}");
        }
    }
}

#[test]
fn xgboost_margins_are_the_same_and_probabilities_within_a_millionth() {
    let (model, expected) = extreme();
    for (at, row) in expected.rows().iter().enumerate() {
        assert_eq!(model.margin(row).to_bits(), expected.margins[at].to_bits(), "row {at}");
        assert!((model.probability(row).unwrap() - expected.probabilities[at]).abs() < 1e-6, "row {at}");
    }
}

#[test]
fn the_fixtures_have_every_kind_of_split() {
    let decisions: Vec<u32> = LIGHTGBM
        .iter()
        .flat_map(|name| {
            let text = text(&format!("{name}.txt"));
            let lines = text.lines().filter_map(|line| line.strip_prefix("decision_type="));
            lines
                .flat_map(|line| line.split(' ').map(|word| word.parse().unwrap()).collect::<Vec<u32>>())
                .collect::<Vec<_>>()
        })
        .collect();
    // Categories; nothing, zero and NaN missing, to the left and to the right.
    for kind in [9, 2, 4, 6, 8, 10] {
        assert!(decisions.contains(&kind), "no split of kind {kind}");
    }
    let trees: serde_json::Value = serde_json::from_str(&text("xgboost-mixed.json")).unwrap();
    assert!(trees.to_string().contains(r#""split_type":[1"#));
}

#[test]
fn an_imported_model_travels_and_proves_itself() {
    for (model, expected) in LIGHTGBM.iter().map(|name| light(name)).chain([extreme()]) {
        let rows = expected.rows();
        let artefact = model.into_artefact(&contract(&expected.names), None).unwrap();
        let read = Artefact::load(&artefact.to_bytes(), "contract").unwrap();
        assert_eq!(read.to_bytes(), artefact.to_bytes());
        for row in &rows {
            assert_eq!(read.score(row).to_bits(), artefact.score(row).to_bits());
            let (start, by_feature) = read.explain(row);
            let sum = start + by_feature.iter().sum::<f64>();
            assert!((sum - read.margin(row)).abs() < 1e-5, "{sum} is not {}", read.margin(row));
        }
        assert!(matches!(read.algorithm(), Algorithm::Imported(_)));
    }
}

#[test]
fn features_are_matched_by_name() {
    let (model, expected) = light("lightgbm-mixed");
    let mut names = expected.names.clone();
    names.reverse();
    names.insert(2, "noted".to_owned());
    let other = lightgbm(&text("lightgbm-mixed.txt"), &names).unwrap();
    assert_eq!(other.unused(), ["noted"]);
    for row in expected.rows() {
        let mut turned: Vec<f32> = row.iter().rev().copied().collect();
        turned.insert(2, 7.0);
        assert_eq!(other.margin(&turned).to_bits(), model.margin(&row).to_bits());
    }
    names.retain(|name| name != "mass");
    let error = lightgbm(&text("lightgbm-mixed.txt"), &names).unwrap_err();
    let told = "the features are not those of the contract: it does not have mass; the model does not have noted";
    assert_eq!(error.to_string(), told);
    assert_eq!(error.kind(), "features");
}

#[test]
fn an_imported_model_is_judged_and_calibrated_on_rows_it_has_not_seen() {
    let (model, expected) = light("lightgbm-mixed");
    let set = judged(&expected.names, &model);
    let own = model.clone().into_artefact(&set, None).unwrap();
    assert_eq!(own.summary().evaluation.rows, 400);
    assert!(own.summary().evaluation.auc.unwrap() > 0.6);
    assert!(!own.summary().features.is_empty());
    let row = set.row(17);
    assert_eq!(own.score(row).to_bits(), model.probability(row).unwrap().to_bits());
    let calibrated = model.clone().into_artefact(&set, Some(CalibrationMethod::Platt)).unwrap();
    assert_ne!(calibrated.score(row).to_bits(), own.score(row).to_bits());
    let Algorithm::Imported(from) = calibrated.algorithm() else { panic!("it was imported") };
    assert_eq!((from.format, from.calibration), (ModelFormat::Lightgbm, Some(CalibrationMethod::Platt)));
    assert_eq!((from.trees, from.objective.as_str()), (10, "binary sigmoid:1"));
    // Nothing to calibrate on.
    let error = model.into_artefact(&contract(&expected.names), Some(CalibrationMethod::Platt)).unwrap_err();
    assert_eq!(error.kind(), "train");
}

#[test]
fn a_margin_that_is_another_than_there_is_told() {
    let (model, expected) = light("lightgbm-mixed");
    let rows: Vec<f32> = expected.rows().concat();
    model.verify(&rows, 6, &expected.margins, 0.0).unwrap();
    let mut wrong = expected.margins;
    wrong[9] += 1e-6;
    assert!(matches!(model.verify(&rows, 6, &wrong, 1e-9), Err(ImportError::Expected { row: 9, .. })));
}

#[test]
fn an_objective_without_probabilities_needs_calibration() {
    let (model, expected) = light("lightgbm-mixed");
    let ranking = text("lightgbm-mixed.txt").replace("objective=binary sigmoid:1", "objective=lambdarank");
    let ranking = lightgbm(&ranking, &expected.names).unwrap();
    let set = judged(&expected.names, &model);
    assert!(ranking.probability(set.row(0)).is_none());
    let error = ranking.clone().into_artefact(&set, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "objective lambdarank gives no probabilities; ask for `platt` or `isotonic` calibration"
    );
    assert!(ranking.into_artefact(&set, Some(CalibrationMethod::Isotonic)).is_ok());
}

#[test]
fn what_cannot_be_exact_is_refused_with_what_to_do() {
    let names = expected("lightgbm-mixed").names;
    let whole = text("lightgbm-mixed.txt");
    let light = |from: &str, to: &str| {
        assert!(whole.contains(from));
        lightgbm(&whole.replace(from, to), &names).unwrap_err().to_string()
    };
    let refusals = [
        (
            light("is_linear=0", "is_linear=1"),
            "linear leaves (linear_tree=true) cannot be taken over exactly; train with",
        ),
        (light("num_tree_per_iteration=1", "num_tree_per_iteration=3"), "3 classes cannot be taken over"),
        (light("label_index=0", "average_output\nlabel_index=0"), "boosting=rf (an average of trees) cannot"),
        (light("version=v4", "version=v9"), "text version v9, known are v3 and v4"),
        (light("end of trees", ""), "it ends before its trees do"),
        (light("num_leaves=8", "num_leaves=9"), "tree 0: `leaf_value` is missing or cannot be read"),
        (lightgbm("{}", &names).unwrap_err().to_string(), "it does not begin with `tree`; save it with"),
    ];
    for (told, part) in refusals {
        assert!(told.contains(part), "{told}");
    }
    let whole = text("xgboost-mixed.json");
    let extreme = |from: &str, to: &str| {
        assert!(whole.contains(from));
        xgboost(&whole.replace(from, to), &names).unwrap_err().to_string()
    };
    let refusals = [
        (extreme(r#""name":"gbtree""#, r#""name":"dart""#), "booster=dart cannot be taken over exactly; train with"),
        (extreme(r#""num_class":"0""#, r#""num_class":"3""#), "several classes or targets"),
        (extreme("binary:logistic", "survival:cox"), "objective=survival:cox cannot"),
        (extreme(r#""enc":[]"#, r#""enc":[{}]"#), "keeps the names of its categories"),
        (xgboost("UBJ", &names).unwrap_err().to_string(), "save it with `booster.save_model(\"model.json\")`"),
    ];
    for (told, part) in refusals {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn leaves_that_are_no_finite_numbers_are_refused() {
    let names = expected("lightgbm-mixed").names;
    let whole = text("lightgbm-mixed.txt");
    let line = whole.lines().find(|line| line.starts_with("leaf_value=")).unwrap();
    let first = line.split(['=', ' ']).nth(1).unwrap();
    for endless in ["inf", "-inf", "NaN", "1e999"] {
        let told =
            lightgbm(&whole.replacen(line, &line.replacen(first, endless, 1), 1), &names).unwrap_err().to_string();
        assert!(told.contains("no finite value"), "{endless}: {told}");
    }
}

#[test]
fn damaged_models_are_refused_and_never_crash() {
    let names = expected("lightgbm-mixed").names;
    for name in ["lightgbm-mixed.txt", "xgboost-mixed.json"] {
        let whole = text(name);
        for at in (0..whole.len()).step_by(97) {
            let cut = &whole[..at];
            let outcome = if name.ends_with("txt") { lightgbm(cut, &names) } else { xgboost(cut, &names) };
            assert!(outcome.is_err(), "{name} cut at {at}");
            // Another digit may be another model; it must not crash.
            let mut other = whole.clone().into_bytes();
            if other[at].is_ascii_digit() {
                other[at] = b'0' + (other[at] - b'0' + 5) % 10;
            }
            let other = String::from_utf8(other).unwrap();
            let outcome = if name.ends_with("txt") { lightgbm(&other, &names) } else { xgboost(&other, &names) };
            if let Ok(model) = outcome {
                assert!(!model.margin(&[1.0; 6]).is_infinite());
            }
        }
    }
}
