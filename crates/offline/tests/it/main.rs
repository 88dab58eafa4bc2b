//! What the crate promises, from outside, on an invented file of the KCS columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use offline::{Case, FileError, ModelFile, Options, judge, kcs_cases, train};
use risk_model::{Algorithm, BoostedParams};

const HEADER: &str = "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,Mode of Transport,\
Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,Country of Departure,Country of Origin,Tax Rate,Tax Type,\
Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud\n";

/// `rows` rows from day `from` on. What is risky is a chapter from a country; a tenth of the labels are noise.
fn file(rows: u64, from: u64) -> String {
    let mut text = HEADER.to_owned();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ from;
    let mut draw = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for row in 0..rows {
        let (code, country, noise) = (draw(12), draw(5), draw(10) == 0);
        let risky = (code * 7 + country * 3) % 11 < 2;
        let fraud = u8::from(risky != noise);
        let day = from + row / 40;
        let (month, day) = (1 + day / 28, 1 + day % 28);
        let (mass, price) = (10 + draw(90), 100 + draw(900));
        writeln!(
            text,
            "{row},2020-{month:02}-{day:02},{},B,11,21,11,10,D{},I{},S{},,{},{},CN,8.0,A,Y,{mass}.0,{price}.5,{fraud},0",
            draw(4),
            draw(30),
            draw(200),
            draw(50),
            610_910 + code * 100,
            ["CN", "US", "DE", "JP", "VN"][country as usize],
        )
        .expect("a text takes text");
    }
    text
}

fn cases(rows: u64, from: u64) -> Vec<Case> {
    kcs_cases(file(rows, from).as_bytes()).expect("readable")
}

fn quick() -> Options {
    let params =
        BoostedParams { trees: 20, bags: 1, max_depth: 3, learning_rate: 0.2, folds: 2, ..BoostedParams::default() };
    let algorithm = Algorithm::Boosted(params);
    let baselines = BTreeMap::from([("smaller".to_owned(), algorithm.clone())]);
    Options { profile: "kcs".to_owned(), algorithm, baselines, ..Options::default() }
}

fn trained() -> ModelFile {
    train(&cases(1_600, 0), &quick(), |_| {}).expect("enough to learn from")
}

#[test]
fn the_defaults_learn_what_is_risky_and_stand_beside_their_baselines() {
    let options = Options { profile: "kcs".to_owned(), ..Options::default() };
    let mut told = Vec::new();
    let file = train(&cases(1_200, 0), &options, |what| told.push(what.to_owned())).expect("enough to learn from");
    let report = judge(&file, &cases(400, 40));
    assert_eq!(report.rows, 400);
    assert!(report.model.auc.is_some_and(|auc| auc > 0.8), "{report:?}");
    assert!(report.model.precision_at10.is_some_and(|precision| precision > 0.75), "{report:?}");
    let names: Vec<&str> = report.baselines.keys().map(String::as_str).collect();
    assert_eq!(names, ["logistic", "randomForest", "table"]);
    assert!(told.iter().any(|what| what.contains("randomForest")));
}

#[test]
fn the_same_cases_and_seed_give_the_same_bytes_and_a_file_survives_them() {
    let bytes = trained().to_bytes();
    assert_eq!(trained().to_bytes(), bytes);
    let read = ModelFile::from_bytes(&bytes).expect("just written");
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!((read.origin.rows, read.origin.profile.as_str()), (1_600, "kcs"));
    let later = cases(300, 60);
    assert_eq!(judge(&read, &later), judge(&trained(), &later));
}

#[test]
fn labels_of_the_judged_files_change_no_score() {
    let file = trained();
    let later = cases(300, 60);
    let mut turned = later.clone();
    for case in &mut turned {
        case.found = !case.found;
    }
    let areas = [&later, &turned].map(|cases| judge(&file, cases).model.auc.expect("both kinds"));
    // The same scores, judged by the opposite labels.
    assert!((areas[0] + areas[1] - 1.0).abs() < 1e-12, "{areas:?}");
}

#[test]
fn two_files_are_one_period_in_any_order() {
    let (first, second) = (cases(800, 0), cases(800, 30));
    let both = |a: &[Case], b: &[Case]| train(&[a, b].concat(), &quick(), |_| {}).expect("enough").to_bytes();
    assert_eq!(both(&first, &second), both(&second, &first));
}

#[test]
fn a_wrong_file_says_what_is_wrong() {
    let bytes = train(&cases(400, 0), &quick(), |_| {}).expect("enough to learn from").to_bytes();
    let why = |bytes: &[u8]| ModelFile::from_bytes(bytes).expect_err("unusable");
    assert!(matches!(why(b"Declaration ID,Date\n"), FileError::Foreign));
    assert!(matches!(why(&bytes[..9]), FileError::Damaged(_)));
    for at in (10..bytes.len()).step_by(bytes.len() / 60) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(matches!(why(&damaged), FileError::Damaged(_)), "byte {at}");
    }
    let mut later = bytes.clone();
    later[8] = 9;
    assert_eq!(why(&later).to_string(), "the model file has format version 9, this program reads 1");
    let contract = features::contract().hash.as_bytes();
    let at = bytes.windows(64).position(|window| window == contract).expect("the header names it");
    let mut other = bytes[..bytes.len() - 32].to_vec();
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    let checksum = blake3::hash(&other);
    other.extend_from_slice(checksum.as_bytes());
    assert!(matches!(why(&other), FileError::Contract { .. }));
}

#[test]
fn too_few_labels_are_refused() {
    assert!(train(&cases(12, 0), &quick(), |_| {}).is_err());
}
