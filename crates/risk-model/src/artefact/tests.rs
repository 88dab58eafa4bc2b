use super::*;
use crate::{
    metrics::{auc, log_loss},
    sigmoid, train,
    training_set::tests::{interacting, null},
};

fn every_algorithm() -> [Algorithm; 4] {
    [Algorithm::boosted(), Algorithm::logistic(), Algorithm::online(), Algorithm::forest()]
}

fn held_out_auc(artefact: &Artefact, set: &crate::TrainingSet) -> f64 {
    auc(&artefact.score_batch(&set.rows), &set.labels, None).unwrap()
}

#[test]
fn boosted_trees_find_the_interaction_and_beat_the_line() {
    let (learn, judge) = (interacting(2_000, 12, 1), interacting(4_000, 12, 2));
    let boosted = train(&Algorithm::boosted(), &learn, 7).unwrap();
    let logistic = train(&Algorithm::logistic(), &learn, 7).unwrap();
    let (trees, line) = (held_out_auc(&boosted, &judge), held_out_auc(&logistic, &judge));
    assert!(trees > 0.74, "trees {trees}");
    assert!(line > 0.62, "line {line}");
    assert!(trees > line);
    let online = held_out_auc(&train(&Algorithm::online(), &learn, 7).unwrap(), &judge);
    assert!((online - line).abs() < 0.03, "online {online}, line {line}");
    let forest = held_out_auc(&train(&Algorithm::forest(), &learn, 7).unwrap(), &judge);
    assert!(forest > line, "forest {forest}, line {line}");
    let best = crate::train_best(&[Algorithm::logistic(), Algorithm::boosted()], &learn, 7).unwrap().unwrap();
    assert_eq!(best.algorithm().as_str(), "boosted");
}

#[test]
fn a_first_months_sample_is_enough_to_beat_chance() {
    let judge = interacting(4_000, 70, 2);
    let mean = (0..5)
        .map(|seed| held_out_auc(&train(&Algorithm::boosted(), &interacting(500, 70, 10 + seed), 7).unwrap(), &judge))
        .sum::<f64>()
        / 5.0;
    assert!(mean > 0.65, "mean AUC {mean}");
}

#[test]
fn null_labels_give_chance_and_flat_probabilities() {
    let learn = null(1_500, 20, 3);
    let judge = null(6_000, 20, 4);
    for algorithm in every_algorithm() {
        let artefact = train(&algorithm, &learn, 7).unwrap();
        let scores = artefact.score_batch(&judge.rows);
        let area = auc(&scores, &judge.labels, None).unwrap();
        assert!((area - 0.5).abs() < 0.035, "{} {area}", algorithm.as_str());
        assert!(scores.iter().all(|p| *p < 0.25), "{}", algorithm.as_str());
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let set = interacting(600, 8, 5);
    for algorithm in every_algorithm() {
        let first = train(&algorithm, &set, 11).unwrap();
        let again = train(&algorithm, &set, 11).unwrap();
        assert_eq!(first.to_bytes(), again.to_bytes());
        assert_eq!(first.digest(), again.digest());
    }
    let other = train(&Algorithm::boosted(), &set, 12).unwrap();
    assert_ne!(other.digest(), train(&Algorithm::boosted(), &set, 11).unwrap().digest());
    let other = train(&Algorithm::forest(), &set, 12).unwrap();
    assert_ne!(other.digest(), train(&Algorithm::forest(), &set, 11).unwrap().digest());
}

#[test]
fn a_round_trip_changes_no_bit() {
    let set = interacting(600, 8, 5);
    let isotonic =
        crate::BoostedParams { calibration: crate::CalibrationMethod::Isotonic, ..crate::BoostedParams::default() };
    for algorithm in every_algorithm().into_iter().chain([Algorithm::Boosted(isotonic)]) {
        let artefact = train(&algorithm, &set, 11).unwrap();
        let bytes = artefact.to_bytes();
        let read = Artefact::load(&bytes, "contract").unwrap();
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(read.digest(), artefact.digest());
        assert_eq!(read.summary(), artefact.summary());
        for row in 0..set.len() {
            assert_eq!(read.score(set.row(row)).to_bits(), artefact.score(set.row(row)).to_bits());
        }
    }
}

#[test]
fn every_damaged_byte_is_refused() {
    let bytes = train(&Algorithm::logistic(), &interacting(400, 4, 5), 1).unwrap().to_bytes();
    for at in (0..bytes.len()).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(Artefact::from_bytes(&damaged).is_err(), "byte {at}");
    }
    assert!(Artefact::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(Artefact::from_bytes(&[]).is_err());
    let mut damaged = bytes;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let message = Artefact::from_bytes(&damaged).unwrap_err().to_string();
    assert!(message.contains("checksum"), "{message}");
}

#[test]
fn another_contract_and_another_scoring_are_refused() {
    let artefact = train(&Algorithm::boosted(), &interacting(400, 4, 5), 1).unwrap();
    let error = Artefact::load(&artefact.to_bytes(), "other").unwrap_err();
    assert_eq!(error.to_string(), "trained for feature contract contract, this program serves other");
    let mut parts = artefact.parts;
    parts.golden[3].score += 1e-6;
    let error = Artefact::from_bytes(&format::write(&parts)).unwrap_err();
    assert!(matches!(error, LoadError::Golden { row: 3, .. }), "{error}");
}

#[test]
fn contributions_sum_to_the_margin() {
    let set = interacting(700, 10, 8);
    for algorithm in every_algorithm() {
        let artefact = train(&algorithm, &set, 2).unwrap();
        for row in (0..set.len()).step_by(13) {
            let row = set.row(row);
            let (start, by_feature) = artefact.explain(row);
            let sum = start + by_feature.iter().sum::<f64>();
            assert!((sum - artefact.margin(row)).abs() < 1e-9);
            let top = artefact.contributions(row, 3);
            assert!(top.len() <= 3 && top.windows(2).all(|pair| pair[0].1.abs() >= pair[1].1.abs()));
        }
    }
}

#[test]
fn calibration_improves_log_loss_where_margins_are_overconfident() {
    let (learn, judge) = (interacting(900, 30, 21), interacting(6_000, 30, 22));
    let greedy = crate::BoostedParams {
        trees: 400,
        learning_rate: 0.2,
        max_depth: 6,
        min_leaf_weight: 0.1,
        l2: 0.1,
        ..crate::BoostedParams::default()
    };
    let artefact = train(&Algorithm::Boosted(greedy), &learn, 1).unwrap();
    let raw: Vec<f64> = (0..judge.len()).map(|row| sigmoid(artefact.margin(judge.row(row)))).collect();
    let calibrated = artefact.score_batch(&judge.rows);
    let (before, after) = (log_loss(&raw, &judge.labels, None), log_loss(&calibrated, &judge.labels, None));
    assert!(after < before, "{after} is not below {before}");
    let mean = calibrated.iter().sum::<f64>() / judge.len() as f64;
    let rate = judge.labels.iter().filter(|label| **label).count() as f64 / judge.len() as f64;
    assert!((mean - rate).abs() < 0.03, "mean {mean}, rate {rate}");
}

#[test]
fn declaration_probabilities_rise_with_items_and_stay_honest() {
    let (learn, judge) = (interacting(4_000, 12, 1), interacting(8_000, 12, 2));
    let artefact = train(&Algorithm::boosted(), &learn, 7).unwrap();
    assert!(artefact.declaration_probability(&[]).abs() < 1e-12);
    assert!(artefact.declaration_probability(&[0.1, 0.3]) > artefact.declaration_probability(&[0.1, 0.2]));
    assert!(artefact.declaration_probability(&[1.0, 0.0]) < 1.0);
    let scores = artefact.score_batch(&judge.rows);
    let (mut said, mut came, mut count) = (0.0, 0.0, 0.0);
    for (items, labels) in scores.chunks(2).zip(judge.labels.chunks(2)) {
        said += artefact.declaration_probability(items);
        came += f64::from(u8::from(labels.contains(&true)));
        count += 1.0;
    }
    assert!(((said - came) / count).abs() < 0.03, "said {said}, came {came}");
}

#[test]
fn weights_tell_which_rows_count() {
    let mut set = interacting(1_000, 6, 5);
    // Rows of the second half say the opposite and weigh nothing.
    for row in 500..1_000 {
        set.labels[row] = !set.labels[row];
        set.weights[row] = 0.0;
    }
    let judge = interacting(3_000, 6, 6);
    for algorithm in every_algorithm() {
        let artefact = train(&algorithm, &set, 1).unwrap();
        assert!(held_out_auc(&artefact, &judge) > 0.6, "{}", algorithm.as_str());
    }
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let params = crate::BoostedParams { max_depth: 0, ..crate::BoostedParams::default() };
    let error = train(&Algorithm::Boosted(params), &interacting(400, 3, 1), 1).unwrap_err();
    assert_eq!(error.to_string(), "maxDepth = 0 is outside 1 to 12");
}

#[test]
fn an_online_model_learns_on_and_travels_with_what_it_knows() {
    let learn = interacting(600, 6, 5);
    let model = train(&Algorithm::online(), &learn, 1).unwrap();
    let more = interacting(3_000, 6, 6);
    let judge = interacting(4_000, 6, 7);
    let after = model.learn_on(&more).unwrap();
    assert!(held_out_auc(&after, &judge) > held_out_auc(&model, &judge));
    assert_eq!(after.summary().learned_on, 3_000);
    // In one go, or in pieces with a journey between: the same model.
    let mut pieces = model.clone();
    for piece in (0..3_000).collect::<Vec<_>>().chunks(700) {
        pieces = Artefact::load(&pieces.to_bytes(), "contract").unwrap().learn_on(&more.subset(piece)).unwrap();
    }
    assert_eq!(pieces.to_bytes(), after.to_bytes());
    let mut other = more.clone();
    other.contract_hash = "other".into();
    assert!(matches!(model.learn_on(&other), Err(TrainError::Contract { .. })));
    let line = train(&Algorithm::logistic(), &learn, 1).unwrap();
    let told = line.learn_on(&more).unwrap_err().to_string();
    assert_eq!(told, "a logistic model does not learn on; train it anew");
}

#[test]
fn types_travel_with_the_names() {
    let model = train(&Algorithm::logistic(), &interacting(400, 3, 1), 1).unwrap();
    let digest = model.digest().to_owned();
    assert!(model.clone().with_types(vec!["number".into()]).is_err());
    let typed = model.with_types(vec!["number".into(), "flag".into(), "share".into()]).unwrap();
    assert_ne!(typed.digest(), digest);
    assert_eq!(Artefact::from_bytes(&typed.to_bytes()).unwrap().types(), typed.types());
}

#[test]
fn a_score_depends_on_the_features_that_are_used_and_on_no_others() {
    let mut set = interacting(1_200, 9, 3);
    // A feature that is always the same, and one that is never there.
    for row in set.rows.chunks_exact_mut(9) {
        row[7] = 4.0;
        row[8] = f32::NAN;
    }
    for algorithm in every_algorithm() {
        let model = train(&algorithm, &set, 2).unwrap();
        let used = model.used_features();
        assert!(used.contains(&"feature0".to_owned()), "{used:?}");
        assert!(!used.contains(&"feature7".to_owned()) && !used.contains(&"feature8".to_owned()), "{used:?}");
        for row in set.rows.chunks_exact(9).take(200) {
            let mut other = row.to_vec();
            for (at, name) in model.names().iter().enumerate() {
                if !used.contains(name) {
                    other[at] = 0.77;
                }
            }
            assert_eq!(model.margin(row).to_bits(), model.margin(&other).to_bits(), "{}", algorithm.as_str());
        }
    }
}
