//! National additions reach the vector, within bounds, and cost nothing where there are none.

use customs::{Declaration, Trigger};
use features::outline::Addition;
use features::{Fact, Group, Lodged, MemoryStates, OutOfFold, Outline, item_values, keys, vectors};

use crate::world::{at, declaration, id, resulted};

/// Declaration `number` with additions of its own and of its first item.
fn with(number: u64, day: u64, own: &[(&str, &str)], item: &[(&str, &str)]) -> Declaration {
    let mut declaration = declaration(number, day, 2);
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    (declaration.extensions, declaration.items[0].extensions) = (owned(own), owned(item));
    declaration
}

fn lodge(declaration: &Declaration, number: u64, day: u64) -> Fact {
    Fact::Lodged(Lodged::of(id(number), 1, at(day), false, declaration))
}

fn told(states: &MemoryStates, declaration: &Declaration, name: &str) -> Vec<f32> {
    let keys = keys(declaration);
    let vectors = vectors(declaration, &keys, &states.read(keys.list()), &[], declaration.acceptance_date_time);
    vectors.iter().map(|vector| item_values(vector).find(|(other, _)| *other == name).expect("a feature").1).collect()
}

/// Nine declarations, three with the risky channel, each with a finding.
fn record() -> MemoryStates {
    let mut states = MemoryStates::default();
    for number in 0..9 {
        let channel = if number % 3 == 0 { "courier" } else { "sea" };
        let lodged = with(number, number, &[("salesChannel", channel)], &[("finish", "matt")]);
        lodge(&lodged, number, number).apply(&mut states);
        resulted(number, 0, 1, 20, number % 3 == 0, Trigger::Model).apply(&mut states);
    }
    states
}

#[test]
fn an_addition_that_brought_findings_shows_in_the_vector() {
    let states = record();
    let risky = with(20, 30, &[("salesChannel", "courier")], &[]);
    let harmless = with(20, 30, &[("salesChannel", "sea")], &[]);
    for name in ["extensionRate", "extensionLift"] {
        assert!(told(&states, &risky, name)[0] > told(&states, &harmless, name)[0], "{name}");
    }
    assert!((told(&states, &risky, "extensionExamined")[0] - 3.0).abs() < 1e-6);
    assert!((told(&states, &harmless, "extensionDeclared")[0] - 6.0).abs() < 1e-6);
    assert!((told(&states, &harmless, "newExtension")[0]).abs() < 1e-6);
    // Two additions: the riskier one is told, the evidence of both is added up.
    let both = with(20, 30, &[("salesChannel", "courier"), ("unheardOf", "x")], &[("finish", "matt")]);
    assert_eq!(told(&states, &both, "extensions"), [3.0, 2.0]);
    assert!((told(&states, &both, "extensionRate")[1] - told(&states, &risky, "extensionRate")[0]).abs() < 1e-6);
    assert!(
        (told(&states, &both, "newExtension")[0] - 1.0).abs() < 1e-6
            && told(&states, &both, "extensionDeclared")[0] < 0.5
    );
    // The item's own additions speak for it alone.
    let lifts = told(&states, &both, "extensionLift");
    assert!((lifts[0] - lifts[1]).abs() > 1e-3, "{lifts:?}");
}

#[test]
fn a_value_that_was_never_seen_has_the_rate_of_all_goods() {
    let states = record();
    let unseen = with(20, 30, &[("salesChannel", "drone")], &[]);
    assert_eq!(told(&states, &unseen, "extensionRate"), told(&states, &unseen, "everythingRate"));
    assert!(told(&states, &unseen, "extensionLift")[0].abs() < 1e-6);
    assert!((told(&states, &unseen, "newExtension")[0] - 1.0).abs() < 1e-6);
}

#[test]
fn without_additions_nothing_is_kept_and_nothing_is_known() {
    let plain = declaration(20, 30, 2);
    let groups = |declaration: &Declaration, group| {
        keys(declaration).list().iter().filter(|key| key.group() == Some(group)).count()
    };
    assert_eq!(groups(&plain, Group::Extension) + groups(&plain, Group::ItemExtension), 0);
    for name in ["extensionRate", "extensionExamined", "extensionLift", "extensionDeclared", "newExtension"] {
        assert!(told(&record(), &plain, name).iter().all(|value| value.is_nan()), "{name}");
    }
    let blank = with(20, 30, &[("salesChannel", "  ")], &[]);
    assert_eq!(Outline::of(&blank), Outline::of(&plain));
    assert_eq!(lodge(&plain, 20, 30).to_bytes()[0], b'M');
}

#[test]
fn additions_are_bounded_by_declaration_and_by_key() {
    let names: Vec<String> = (0..40).map(|n| format!("key{n:02}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let outline = Outline::of(&with(1, 1, &many, &many));
    assert_eq!((outline.extensions.len(), outline.item_extensions.len()), (8, 4));
    assert_eq!(outline.extensions[0], Addition::of("key00", "x").unwrap());
    let values: std::collections::HashSet<u32> =
        (0..50_000).map(|n| Addition::of("invoice", &format!("F001-{n}")).unwrap().0).collect();
    assert!(values.len() <= 4_096, "{}", values.len());
}

#[test]
fn additions_survive_being_written_and_are_taken_back_exactly() {
    let fact = lodge(&with(1, 1, &[("a", "1"), ("b", "2")], &[("c", "3")]), 1, 1);
    assert_eq!(Fact::from_bytes(&fact.to_bytes()).unwrap(), fact);
    let cut = &fact.to_bytes()[..fact.to_bytes().len() - 1];
    assert!(Fact::from_bytes(cut).is_err());
    let Fact::Lodged(lodged) = &fact else { unreachable!("it was lodged") };
    let text = serde_json::to_string(&lodged.outline).unwrap();
    assert_eq!(serde_json::from_str::<Outline>(&text).unwrap(), lodged.outline);
    // Its own fold knows nothing of a declaration: its findings do not reach its own vector.
    let mut folds = OutOfFold::new(2);
    folds.take(&fact);
    folds.take(&resulted(1, 0, 1, 20, true, Trigger::Model));
    let keys = keys(&with(1, 1, &[("a", "1")], &[("c", "3")]));
    let states = folds.read(id(1), keys.list());
    for (key, state) in keys.list().iter().zip(states) {
        if matches!(key.group(), Some(Group::Extension | Group::ItemExtension)) {
            let history = *state.unwrap().history().unwrap();
            assert_eq!((history.declared, history.physical(), history.physical_found()), (0, 0, 0));
        }
    }
}
