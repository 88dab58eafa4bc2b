//! The catalogue: every feature is labelled and leads back to events, states and declared fields.

use features::contract::{catalogue, catalogue_with};
use features::{Group, contract};

#[test]
fn every_feature_is_labelled_and_leads_back_to_events_and_fields() {
    let groups: Vec<&str> = Group::ALL.iter().map(|group| group.name()).collect();
    for entry in catalogue() {
        assert!(!entry.label.en.is_empty() && !entry.label.es.is_empty() && entry.label.en != entry.label.es);
        assert!(!entry.sources.events.is_empty(), "{}", entry.name);
        assert!(!entry.sources.fields.is_empty(), "{}", entry.name);
        assert!(entry.sources.events.contains(&"declaration.accepted"), "{}", entry.name);
        for state in &entry.sources.states {
            assert!(groups.contains(&state.group) && !state.reads.is_empty(), "{}", entry.name);
        }
        let remembered = !entry.sources.states.is_empty();
        let counts_findings = remembered && (entry.name.ends_with("Rate") || entry.name.ends_with("Examined"));
        assert!(!counts_findings || entry.sources.events.contains(&"control.resulted"), "{}", entry.name);
    }
}

#[test]
fn a_rate_names_what_it_starts_from() {
    let entries = catalogue();
    let entry = entries.iter().find(|entry| entry.name == "hs6TupleRate").unwrap();
    let groups: Vec<&str> = entry.sources.states.iter().map(|state| state.group).collect();
    assert_eq!(groups[0], "hs6Tuple");
    for parent in ["hs4Tuple", "hs6", "origin", "taxes", "everything"] {
        assert!(groups.contains(&parent), "{parent}");
    }
    assert!(!groups.contains(&"trader"));
}

#[test]
fn models_stand_with_the_features_they_use() {
    let used = ["traderRate".to_owned(), "hs6Rate".to_owned(), "unknown".to_owned()];
    let entries = catalogue_with([("first", &used[..2]), ("second", &used[1..])]);
    let models = |name: &str| entries[contract().position(name).unwrap()].models.clone();
    assert_eq!(models("traderRate"), ["first"]);
    assert_eq!(models("hs6Rate"), ["first", "second"]);
    assert!(models("officeRate").is_empty());
}

#[test]
fn every_rate_of_a_group_has_its_count_beside_it() {
    let names = &contract().names;
    for group in Group::ALL {
        let rate = format!("{}Rate", group.name());
        let counted = format!("{}Examined", group.name());
        let both = [rate.as_str(), counted.as_str()].map(|name| names.contains(&name));
        assert!(both[0] == both[1] || *group == Group::Everything, "{}", group.name());
    }
    assert!((140..=170).contains(&names.len()), "{}", names.len());
}
