//! What a vector says.

use customs::Trigger;
use features::{MemoryStates, baseline_rate, contract, item_values, keys, vectors};

use crate::world::{at, declaration, lodged, resulted};

fn value(vector: &[f32], name: &str) -> f32 {
    item_values(vector).find(|(other, _)| *other == name).expect(name).1
}

fn of(states: &MemoryStates, declaration: &customs::Declaration) -> Vec<f32> {
    let keys = keys(declaration);
    let at = declaration.acceptance_date_time;
    vectors(declaration, &keys, &states.read(keys.list()), &[], at).swap_remove(0)
}

#[test]
fn names_are_unique_and_the_hash_stands_for_them() {
    let contract = contract();
    let names: std::collections::HashSet<_> = contract.names.iter().collect();
    assert_eq!(names.len(), contract.names.len());
    assert_eq!(contract.types.len(), contract.names.len());
    assert_eq!(contract.hash.len(), 64);
    assert!(contract.names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    assert_eq!(features::contract::catalogue().len(), contract.names.len());
}

#[test]
fn nothing_known_gives_priors_and_missing_values() {
    let vector = of(&MemoryStates::default(), &declaration(1, 5, 2));
    assert_eq!(vector.len(), contract().names.len());
    assert!((baseline_rate(&vector) - 0.05).abs() < 1e-6);
    assert!(value(&vector, "traderAgeDays").is_nan());
    assert!((value(&vector, "newTrader") - 1.0).abs() < 1e-9);
    assert!((value(&vector, "traderExamined")).abs() < 1e-9);
    assert!(value(&vector, "expressCategory").is_nan());
    assert!(baseline_rate(&[]).is_nan());
}

#[test]
fn findings_raise_the_rates_of_what_they_were_found_in() {
    let mut states = MemoryStates::default();
    let before = of(&states, &declaration(3, 30, 2));
    for number in [0, 3, 6] {
        lodged(number, 1, number, 2).apply(&mut states);
        resulted(number, 0, 1, 20, true, Trigger::Random).apply(&mut states);
    }
    let after = of(&states, &declaration(9, 30, 2));
    for name in ["hs6TupleRate", "traderRate", "traderRandomRate", "contactRate", "combinedRate", "maxItemRate"] {
        assert!(value(&after, name) > value(&before, name), "{name}");
    }
    assert!((value(&after, "traderExamined") - 3.0).abs() < 1e-9);
    assert!((value(&after, "traderFindingDays") - 0.0).abs() < 1e-9);
    assert!((value(&after, "traderAgeDays") - 30.0).abs() < 1e-9);
}

#[test]
fn a_shell_with_the_contact_of_an_offender_shows() {
    let mut states = MemoryStates::default();
    for number in [0, 6, 12] {
        lodged(number, 1, number, 2).apply(&mut states);
        resulted(number, 0, 1, 20, true, Trigger::Model).apply(&mut states);
    }
    let mut shell = declaration(6, 40, 2);
    shell.parties[0].id = "20999999999".to_owned();
    let renamed = of(&states, &shell);
    shell.parties[0].contacts = vec!["someone@else.pe".to_owned()];
    shell.parties[0].address = Some("Jr. Otro 1".to_owned());
    let stranger = of(&states, &shell);
    assert!((value(&renamed, "othersFound") - 3.0).abs() < 1e-9);
    assert!((value(&renamed, "contactsOlderDays") - 40.0).abs() < 1e-9);
    assert!((value(&stranger, "othersFound")).abs() < 1e-9);
    assert!(baseline_rate(&renamed) > baseline_rate(&stranger));
}

#[test]
fn a_low_unit_value_stands_out() {
    let mut states = MemoryStates::default();
    for number in 0..30 {
        lodged(number, 1, number, 2).apply(&mut states);
    }
    let usual = declaration(10, 40, 1);
    let mut cheap = usual.clone();
    cheap.items[0].valuation.fob.amount = 100.into();
    let (usual, cheap) = (of(&states, &usual), of(&states, &cheap));
    assert!(value(&cheap, "valueScoreHs6") < -2.0);
    assert!(value(&cheap, "valueQuantileHs6") < 0.01);
    assert!(value(&usual, "valueScoreHs6").abs() < 1.5);
    assert!((value(&usual, "valuesHs6") - 30.0).abs() < 1e-9);
}

#[test]
fn many_items_share_their_keys() {
    let few = keys(&declaration(1, 1, 2));
    let many = keys(&declaration(1, 1, 60));
    assert_eq!(few.list().len(), many.list().len());
    assert!(vectors(&declaration(1, 1, 60), &many, &vec![None; many.list().len()], &[], at(1)).len() == 60);
}
