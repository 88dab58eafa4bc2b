//! What a declaration tells of a person: whether they are a party to it, and under which texts.

use std::collections::BTreeSet;

use serde_json::Value;

/// The shortest identifier that can be told from codes and numbers that stand for something else.
pub(crate) const SHORTEST: usize = 6;

/// What a party is called by, beside its identifier.
const TEXTS: [&str; 2] = ["name", "address"];
const LISTED: &str = "contacts";

/// Whether a party with the identifier `person` stands in the received text `body`; its names, addresses and contacts go
/// to `texts`. A text that is no JSON names nobody.
pub(crate) fn is_party(person: &str, body: &str, texts: &mut BTreeSet<String>) -> bool {
    serde_json::from_str(body).is_ok_and(|value: Value| gather(person, &value, texts))
}

fn gather(person: &str, value: &Value, texts: &mut BTreeSet<String>) -> bool {
    match value {
        Value::Array(values) => each(person, values.iter(), texts),
        Value::Object(members) => {
            let own = members.get("id").and_then(Value::as_str).is_some_and(|id| id.trim() == person);
            if own {
                let single = TEXTS.iter().filter_map(|name| members.get(*name));
                let listed = members.get(LISTED).and_then(Value::as_array).into_iter().flatten();
                texts.extend(single.chain(listed).filter_map(Value::as_str).map(|text| text.trim().to_owned()));
            }
            each(person, members.values(), texts) || own
        }
        _ => false,
    }
}

/// In all of them, also behind one that names the person.
fn each<'a>(person: &str, values: impl Iterator<Item = &'a Value>, texts: &mut BTreeSet<String>) -> bool {
    let mut met = false;
    for value in values {
        met |= gather(person, value, texts);
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parties_are_told_from_mere_numbers() {
        let body = r#"{"declarant": {"id": "10400000001", "name": "Agencia"}, "parties": [
            {"role": "importer", "id": " 40123456", "name": "Ana Quispe", "contacts": ["ana@example.pe"], "address": "Jr. 1"},
            {"role": "seller", "id": "S", "name": "Other"}], "items": [{"commodityCode": "84713000"}]}"#;
        let mut texts = BTreeSet::new();
        assert!(is_party("40123456", body, &mut texts));
        assert_eq!(texts.iter().map(String::as_str).collect::<Vec<_>>(), ["Ana Quispe", "Jr. 1", "ana@example.pe"]);
        assert!(!is_party("84713000", body, &mut texts) && !is_party("40123456", "no JSON: 40123456", &mut texts));
    }
}
