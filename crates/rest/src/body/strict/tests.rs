use std::collections::BTreeMap;

use serde::Deserialize;

use crate::body::parse;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Parcel {
    office: String,
    kind: Kind,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    size: Option<(f64, f64)>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    extent: Option<Extent>,
    #[serde(default)]
    duty: Option<customs::Decimal>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Letter,
    Crate { planks: u8 },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Line {
    weight: u32,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", tag = "type", content = "of")]
enum Extent {
    Full,
    Lines(Vec<u32>),
}

fn refused(text: &str) -> (String, String, String) {
    let problem = parse::<Parcel>(text.as_bytes()).expect_err(text);
    let error = problem.errors[0].clone();
    (error.pointer, error.code, error.message)
}

#[test]
fn what_is_right_is_read() {
    let text = r#"{"office": "118", "kind": {"crate": {"planks": 7}}, "lines": [{"weight": 3}], "size": [1, 2.5],
        "labels": {"any": "thing"}, "extent": {"of": [1, 2], "type": "lines"}}"#;
    let parcel: Parcel = parse(text.as_bytes()).unwrap();
    assert_eq!(parcel.kind, Kind::Crate { planks: 7 });
    assert_eq!((parcel.size, parcel.extent), (Some((1.0, 2.5)), Some(Extent::Lines(vec![1, 2]))));
    let letter: Parcel = parse(br#"{"office":"118","kind":"letter","size":null,"extent":{"type":"full"}}"#).unwrap();
    assert_eq!((letter.kind, letter.extent), (Kind::Letter, Some(Extent::Full)));
}

#[test]
fn list_is_no_object_and_an_object_is_no_name() {
    for (text, pointer) in [
        (r#"["118", "letter"]"#, ""),
        (r#"{"office": "118", "kind": "letter", "lines": [[3]]}"#, "/lines/0"),
        (r#"{"office": "118", "kind": {"letter": null}}"#, "/kind"),
        (r#"{"office": "118", "kind": ["crate"]}"#, "/kind"),
        (r#"{"office": "118", "kind": {"crate": [7]}}"#, "/kind/crate"),
        (r#"{"office": "118", "kind": "letter", "lines": {"weight": 3}}"#, "/lines"),
        (r#"{"office": "118", "kind": "letter", "labels": []}"#, "/labels"),
        (r#"{"office": "118", "kind": "letter", "extent": ["full"]}"#, "/extent"),
        (r#"{"office": "118", "kind": "letter", "size": [1, 2, 3]}"#, "/size"),
        (r#"{"office": "118", "kind": "letter", "size": [1]}"#, "/size"),
        (r#"{"office": "118", "kind": "letter", "duty": 12.5}"#, "/duty"),
        (r#"{"office": 118, "kind": "letter"}"#, "/office"),
        (r#"{"office": "118", "kind": "letter", "lines": [{"weight": "3"}]}"#, "/lines/0/weight"),
    ] {
        let (place, code, message) = refused(text);
        assert_eq!((place.as_str(), code.as_str()), (pointer, "wrong-shape"), "{text}: {message}");
    }
}

#[test]
fn unknown_field_is_refused_with_the_name_that_was_meant() {
    let (pointer, code, message) = refused(r#"{"ofice": "118", "kind": "letter"}"#);
    assert_eq!((pointer.as_str(), code.as_str()), ("/ofice", "unknown-field"));
    assert!(message.contains("\"office\""), "{message}");
    let (pointer, _, message) = refused(r#"{"office": "118", "kind": "letter", "lines": [{"weight": 1, "zzz": 1}]}"#);
    assert_eq!(pointer, "/lines/0/zzz");
    assert!(message.contains("known are weight"), "{message}");
    let (pointer, _, message) = refused(r#"{"office": "118", "kind": "leter"}"#);
    assert_eq!(pointer, "/kind");
    assert!(message.contains("\"letter\""), "{message}");
}

#[test]
fn missing_field_is_told_by_its_own_place() {
    let (pointer, code, _) = refused(r#"{"office": "118", "kind": "letter", "lines": [{}]}"#);
    assert_eq!((pointer.as_str(), code.as_str()), ("/lines/0/weight", "missing-field"));
    assert_eq!(refused(r#"{"office": "118", "kind": {"crate": {}}}"#).0, "/kind/crate/planks");
}

#[test]
fn what_no_type_looks_at_is_looked_at() {
    let (pointer, code, _) = refused(r#"{"office": "118", "kind": "letter", "labels": {"a": "1", "a": "2"}}"#);
    assert_eq!((pointer.as_str(), code.as_str()), ("/labels/a", "duplicate-key"));
    let deep = format!("{{\"zz\": {}1{}, \"office\": \"118\"}}", "[".repeat(200), "]".repeat(200));
    let (pointer, code, _) = refused(&deep);
    assert_eq!(code, "too-deep");
    assert!(pointer.starts_with("/zz/0/0"), "{pointer}");
    let long = format!(r#"{{"office": "{}", "kind": "letter"}}"#, "ñ".repeat(10_001));
    assert_eq!(refused(&long).1, "text-too-long");
    let long = format!(r#"{{"{}": 1}}"#, "x".repeat(10_001));
    assert_eq!(refused(&long).1, "text-too-long");
    assert_eq!(refused(r#"{"office": "118", "kind": "letter", "lines": [{"weight": 1e999}]}"#).0, "/lines/0/weight");
    assert_eq!(refused(r#"{"office": "118", "#).1, "truncated");
}

#[test]
fn nesting_below_the_limit_is_read() {
    let text = format!("{}{}", "[".repeat(126), "]".repeat(126));
    assert!(parse::<serde_json::Value>(text.as_bytes()).is_ok());
    let text = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert!(parse::<serde_json::Value>(text.as_bytes()).is_err());
}
