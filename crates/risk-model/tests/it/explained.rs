use crate::imported::{LIGHTGBM, contract, extreme, light};

#[test]
fn shapley_values_are_lightgbms_to_a_billionth() {
    for name in LIGHTGBM {
        let (model, expected) = light(name);
        let artefact = model.into_artefact(&contract(&expected.names), None).unwrap();
        for (row, theirs) in expected.rows().iter().zip(&expected.contributions) {
            let (start, ours) = artefact.shapley(row);
            for (feature, (ours, theirs)) in ours.iter().chain([&start]).zip(theirs).enumerate() {
                assert!((ours - theirs).abs() < 1e-9, "{name}, feature {feature}: {ours} is not {theirs}");
            }
            let sum = start + ours.iter().sum::<f64>();
            assert!((sum - artefact.margin(row)).abs() < 1e-9, "{name}: {sum}");
        }
    }
}

#[test]
fn shapley_values_are_xgboosts_to_what_32_bits_hold() {
    let (model, expected) = extreme();
    let artefact = model.into_artefact(&contract(&expected.names), None).unwrap();
    for (row, theirs) in expected.rows().iter().zip(&expected.contributions) {
        let (start, ours) = artefact.shapley(row);
        for (ours, theirs) in ours.iter().chain([&start]).zip(theirs) {
            assert!((ours - theirs).abs() < 2e-6, "{ours} is not {theirs}");
        }
    }
}
