use proptest::prelude::*;
use serde_json::{Value, json};

use super::shape::{DECLARATION, Presence, Shape};
use super::*;
use crate::sample::{any_declaration, full};

fn codes(text: &str) -> Vec<(String, FaultCode)> {
    read(text.as_bytes()).unwrap_err().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

/// The sample with the value at `pointer` replaced.
fn with(pointer: &str, value: Value) -> String {
    let mut document = serde_json::to_value(full()).unwrap();
    *document.pointer_mut(pointer).unwrap() = value;
    document.to_string()
}

fn message(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().remove(0).message
}

#[test]
fn a_full_declaration_is_read_as_it_was_written() {
    let received = receive(&write(&full())).unwrap();
    assert_eq!(received.declaration, full());
    assert!(received.unknown_fields.is_empty());
}

/// Every object of the sample with its place, so that every field of every type is visited.
fn objects(value: &Value, shape: &'static Shape, pointer: &str, visit: &mut impl FnMut(&Value, &Shape, &str)) {
    visit(value, shape, pointer);
    match (shape, value) {
        (Shape::Object(_, fields), Value::Object(members)) => {
            for field in *fields {
                assert!(members.contains_key(field.name), "the sample lacks {pointer}/{}", field.name);
                let member = &members[field.name];
                objects(member, field.shape, &format!("{pointer}/{}", field.name), visit);
            }
        }
        (Shape::List(shape, _), Value::Array(elements)) => {
            objects(&elements[0], shape, &format!("{pointer}/0"), visit);
        }
        _ => {}
    }
}

#[test]
fn the_shape_is_that_of_the_types() {
    let document = serde_json::to_value(full()).unwrap();
    let accepts = |document: &Value| serde_json::from_value::<Declaration>(document.clone()).is_ok();
    objects(&document, &DECLARATION, "", &mut |value, shape, pointer| {
        let (Shape::Object(_, fields), Value::Object(members)) = (shape, value) else { return };
        for name in members.keys() {
            assert!(fields.iter().any(|field| field.name == name), "{pointer}/{name} is not in the shape");
        }
        for field in *fields {
            let mut without = document.clone();
            without.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(field.name);
            assert_eq!(accepts(&without), field.presence != Presence::Required, "{pointer}/{} absent", field.name);
            let mut null = document.clone();
            null.pointer_mut(pointer).unwrap()[field.name] = Value::Null;
            assert_eq!(accepts(&null), field.presence == Presence::Optional, "{pointer}/{} null", field.name);
        }
    });
}

#[test]
fn the_allowed_values_are_those_of_the_types() {
    let mut document = serde_json::to_value(full()).unwrap();
    let places = document.clone();
    objects(&places, &DECLARATION, "", &mut |value, shape, pointer| {
        let Shape::OneOf(allowed) = shape else { return };
        for name in *allowed {
            *document.pointer_mut(pointer).unwrap() = json!(name);
            assert!(read(document.to_string().as_bytes()).is_ok(), "{pointer} {name}");
        }
        *document.pointer_mut(pointer).unwrap() = json!("other");
        let refusal = serde_json::from_value::<Declaration>(document.clone()).unwrap_err().to_string();
        // serde lists its own names: `expected one of `a`, `b``.
        assert_eq!(refusal.matches('`').count() / 2, allowed.len() + 1, "{refusal}");
        *document.pointer_mut(pointer).unwrap() = value.clone();
    });
}

#[test]
fn every_problem_is_listed_at_once() {
    let mut document = serde_json::to_value(full()).unwrap();
    document["direction"] = json!("inward");
    document["acceptanceDateTime"] = json!("2026-02-30T08:00:00Z");
    document["declarant"]["id"] = json!("  ");
    document["items"][1]["valuation"]["fob"]["amount"] = json!(12.5);
    document["items"][1]["sequence"] = json!(-1);
    document["items"][0]["valuation"].as_object_mut().unwrap().remove("fob");
    document["packages"] = json!(9_223_372_036_854_775_808_u64);
    document["exchangeRate"] = json!("3,75");
    document["extensions"]["aforo/x~y"] = json!(1);
    let mut found = codes(&document.to_string());
    found.sort();
    let mut expected = [
        ("/acceptanceDateTime", FaultCode::BadTimestamp),
        ("/declarant/id", FaultCode::EmptyText),
        ("/direction", FaultCode::UnknownValue),
        ("/exchangeRate", FaultCode::BadDecimal),
        ("/extensions/aforo~1x~0y", FaultCode::WrongType),
        ("/items/0/valuation/fob", FaultCode::MissingField),
        ("/items/1/sequence", FaultCode::WrongType),
        ("/items/1/valuation/fob/amount", FaultCode::WrongType),
        ("/packages", FaultCode::OutOfRange),
    ]
    .map(|(pointer, code)| (pointer.to_owned(), code));
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_fault_says_how_to_write_it() {
    let amount = "/items/0/valuation/fob/amount";
    assert_eq!(
        message(&with(amount, json!(12.5))),
        "expected a decimal number as text, such as \"12.50\", got the number 12.5: put it in quotes, \"12.5\", so that \
         no reader rounds it"
    );
    assert_eq!(message(&with("/direction", json!("IN"))), "\"IN\" is not one of \"in\", \"out\", \"transit\"");
    assert!(message(&with("/acceptanceDateTime", json!("2026-03-02"))).contains("\"2026-03-02T08:00:00-05:00\""));
    assert!(message(&with("/office", json!(118))).ends_with("put it in quotes, \"118\""));
    assert!(message(&with("/items", Value::Null)).starts_with("expected a list, got null"));
}

#[test]
fn what_identifies_is_short_and_on_one_line() {
    assert!(read(with("/reference", json!("ñ".repeat(MAX_IDENTITY))).as_bytes()).is_ok());
    for pointer in ["/reference", "/declarant/id", "/office"] {
        let long = with(pointer, json!("ñ".repeat(MAX_IDENTITY + 1)));
        assert_eq!(codes(&long), [(pointer.to_owned(), FaultCode::TextTooLong)]);
        let controlled = with(pointer, json!("2026\u{0}1"));
        assert_eq!(codes(&controlled), [(pointer.to_owned(), FaultCode::ControlCharacter)]);
    }
}

#[test]
fn dates_are_those_of_rfc_3339() {
    for date in ["-009999-01-02T01:59:59Z", "2026-03-02 08:00:00Z", "2026-03-02T08:00Z", "2026-03-02T08:00:00+05"] {
        for pointer in ["/acceptanceDateTime", "/meansOfTransport/expectedArrival"] {
            assert_eq!(codes(&with(pointer, json!(date))), [(pointer.to_owned(), FaultCode::BadTimestamp)], "{date}");
        }
    }
    let last = read(with("/acceptanceDateTime", json!("9999-12-31T23:59:59Z")).as_bytes()).unwrap();
    assert_eq!(last.acceptance_date_time, customs::rfc3339::LAST);
}

#[test]
fn what_a_declaration_should_have_may_be_absent() {
    let mut document = serde_json::to_value(full()).unwrap();
    let absent =
        [("", "regime"), ("/items/0", "sequence"), ("/items/0", "commodityCode"), ("/items/0", "originCountry")];
    for (parent, name) in absent.into_iter().chain([("/items/0", "valuation")]) {
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    }
    document["packages"] = json!(-1);
    let declaration = read(document.to_string().as_bytes()).unwrap();
    let reference = crate::ReferenceData::standard();
    let notes = crate::notes(&declaration, &reference);
    let pointers: Vec<&str> = notes.iter().map(|note| note.pointer.as_str()).collect();
    for place in ["/regime", "/items/0/sequence", "/items/0/commodityCode", "/items/0/originCountry"] {
        assert!(pointers.contains(&place), "{place}: {pointers:?}");
    }
    assert!(pointers.contains(&"/items/0/valuation") && pointers.contains(&"/packages"), "{pointers:?}");
    document.as_object_mut().unwrap().remove("items");
    let notes = crate::notes(&read(document.to_string().as_bytes()).unwrap(), &reference);
    assert!(notes.iter().any(|note| note.pointer == "/items"));
}

#[test]
fn what_serde_lets_through_is_refused() {
    let text = String::from_utf8(write(&full())).unwrap();
    let twice = |from: &str, to: &str| text.replacen(from, to, 1);
    let cases = [
        (twice("\"color\":\"rojo\"", "\"color\":\"rojo\",\"col\\u006fr\":\"azul\""), "/items/0/extensions/color"),
        (twice("\"color\":\"rojo\"", "\"color\":\"rojo\",\"color\":\"rojo\""), "/items/0/extensions/color"),
        (twice("{\"reference\"", "{\"new\":1,\"new\":2,\"reference\""), "/new"),
        (twice("{\"reference\"", "{\"new\":[{\"a\":1,\"a\":1}],\"reference\""), "/new/0/a"),
        (twice("\"regime\"", "\"office\":\"118\",\"regime\""), "/office"),
    ];
    for (text, pointer) in cases {
        assert_eq!(codes(&text), [(pointer.to_owned(), FaultCode::DuplicateKey)], "{text}");
    }
    // serde takes an object for a variant and a list for an object.
    assert_eq!(codes(&with("/direction", json!({"in": null}))), [("/direction".to_owned(), FaultCode::WrongType)]);
    let fob = "/items/0/valuation/fob";
    assert_eq!(codes(&with(fob, json!(["1.00", "USD"]))), [(fob.to_owned(), FaultCode::WrongType)]);
}

#[test]
fn the_limits_hold_on_both_sides() {
    let long = |count: usize| with("/items/0/description", json!("ñ".repeat(count)));
    assert!(read(long(MAX_TEXT).as_bytes()).is_ok());
    assert_eq!(codes(&long(MAX_TEXT + 1)), [("/items/0/description".to_owned(), FaultCode::TextTooLong)]);

    let mut declaration = full();
    declaration.items = vec![declaration.items[1].clone(); customs::declaration::MAX_ITEMS];
    assert!(read(&write(&declaration)).is_ok());
    declaration.items.push(declaration.items[0].clone());
    let faults = read(&write(&declaration)).unwrap_err();
    assert_eq!((faults[0].pointer.as_str(), faults[0].code, faults.len()), ("/items", FaultCode::TooManyItems, 1));

    let nested = |levels: usize| {
        with("/packages", Value::Null).replacen(
            '{',
            &format!("{{\"deep\":{}{},", "[".repeat(levels), "]".repeat(levels)),
            1,
        )
    };
    assert!(read(nested(MAX_DEPTH - 2).as_bytes()).is_ok());
    assert_eq!(codes(&nested(MAX_DEPTH - 1)), [(String::new(), FaultCode::TooDeep)]);
    assert_eq!(codes(&nested(100_000)), [(String::new(), FaultCode::TooDeep)]);

    let large = with("/items/0/valuation/fob/amount", json!("79228162514264337593543950336"));
    assert_eq!(codes(&large)[0].1, FaultCode::BadDecimal);
    assert_eq!(read(&vec![b' '; MAX_BYTES + 1]).unwrap_err()[0].code, FaultCode::TooLarge);
}

#[test]
fn what_is_no_json_is_placed() {
    let text = "{\n  \"reference\": \"ñ\",\n  \"office\": }";
    let fault = read(text.as_bytes()).unwrap_err().remove(0);
    assert_eq!(fault.code, FaultCode::Syntax);
    assert_eq!(fault.message, "not JSON at byte 35 (line 3, column 13): a value is expected, got '}'");

    let fault = read(b"{\"reference\": \"a\xff\"}").unwrap_err().remove(0);
    assert_eq!(fault.code, FaultCode::NotUtf8);
    assert!(fault.message.starts_with("byte 0xff at byte 16 (line 1, column 17)"), "{}", fault.message);

    for (text, code) in [
        ("", FaultCode::Truncated),
        ("{\"reference\": \"a", FaultCode::Truncated),
        ("{\"a\": tru", FaultCode::Truncated),
        ("{\"a\": 1,}", FaultCode::Syntax),
        ("{'a': 1}", FaultCode::Syntax),
        ("{\"a\": 01}", FaultCode::Syntax),
        ("{\"a\": \"\\ud800\"}", FaultCode::Syntax),
        ("{\"a\": \"\\x\"}", FaultCode::Syntax),
        ("{} {}", FaultCode::Syntax),
        ("\u{feff}{}", FaultCode::Syntax),
    ] {
        assert_eq!(codes(text), [(String::new(), code)], "{text}");
    }
}

#[test]
fn words_that_are_no_numbers_are_pointed_at() {
    let text = String::from_utf8(write(&full())).unwrap();
    for word in ["NaN", "Infinity", "-Infinity", "1e999"] {
        let text = text.replacen("\"packages\":12", &format!("\"packages\":{word}"), 1);
        assert_eq!(codes(&text), [("/packages".to_owned(), FaultCode::NotFinite)]);
    }
}

#[test]
fn unknown_fields_are_noted_with_their_place() {
    let mut document = serde_json::to_value(full()).unwrap();
    document["items"][1]["batería"] = json!({"kWh": [1, 2.5, null, true]});
    document["x/y"] = json!(-3);
    let received = receive(document.to_string().as_bytes()).unwrap();
    assert_eq!(received.declaration, full());
    let mut pointers: Vec<&str> = received.unknown_fields.iter().map(|note| note.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/items/1/batería", "/x~1y"]);
}

#[test]
fn faults_are_listed_up_to_a_bound() {
    let mut declaration = full();
    declaration.items = vec![declaration.items[1].clone(); 2_000];
    let text = String::from_utf8(write(&declaration)).unwrap().replace("\"rate\":\"6.0\"", "\"rate\":6.0");
    let faults = read(text.as_bytes()).unwrap_err();
    assert_eq!(faults.len(), MAX_FAULTS + 1);
    assert_eq!(faults.last().unwrap().code, FaultCode::MoreFaults);
}

/// Broken bodies made from the good one: cut, overwritten, with a byte less, with tokens swapped.
fn broken_bodies() -> Vec<Vec<u8>> {
    let good = write(&full());
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let inserts: [&[u8]; 10] = [b"\"", b"{", b"}", b"\\", b"\x00", b"\xc3", b"NaN", b"1e999", b"\\ud800", b"null,"];
    let mut bodies = Vec::new();
    for _ in 0..50 {
        bodies.push(good[..draw(good.len())].to_vec());
        let mut body = good.clone();
        let at = draw(body.len());
        body.splice(at..at, inserts[draw(inserts.len())].iter().copied());
        bodies.push(body);
        let mut body = good.clone();
        body.remove(draw(good.len()));
        let at = draw(body.len());
        body[at] = u8::try_from(draw(256)).unwrap();
        bodies.push(body);
    }
    bodies
}

#[test]
fn a_corpus_of_broken_bodies_is_refused_with_reasons_or_read_alike() {
    let mut refused = 0;
    for body in broken_bodies() {
        match receive(&body) {
            Ok(received) => assert_eq!(read(&write(&received.declaration)).unwrap(), received.declaration),
            Err(faults) => {
                refused += 1;
                assert_described(&body, &faults);
            }
        }
    }
    // Some mutations fall into texts and stay readable.
    assert!(refused > 100, "{refused}");
}

/// The faults come from the diagnosis, not from the last resort.
fn assert_described(body: &[u8], faults: &[Fault]) {
    assert!(!faults.is_empty());
    if let Ok(text) = std::str::from_utf8(body) {
        assert!(!diagnose::faults(text).is_empty(), "undescribed: {text}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["", "in", "12.50", "2026-03-02T08:00:00Z", "USD"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            any::<String>(),
            prop::sample::select(vec!["reference", "declarant", "id", "items", "amount", "fob", "extensions"])
                .prop_map(str::to_owned),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Every place in the sample.
fn pointers() -> Vec<String> {
    fn visit(value: &Value, pointer: String, all: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    visit(value, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), all);
                }
            }
            Value::Array(elements) => {
                for (index, value) in elements.iter().enumerate() {
                    visit(value, format!("{pointer}/{index}"), all);
                }
            }
            _ => {}
        }
        all.push(pointer);
    }
    let mut all = Vec::new();
    visit(&serde_json::to_value(full()).unwrap(), String::new(), &mut all);
    all
}

proptest! {
    #[test]
    fn any_declaration_survives_writing_and_reading(declaration in any_declaration()) {
        prop_assert_eq!(read(&write(&declaration)).unwrap(), declaration);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(faults) = read(&bytes) {
            assert_described(&bytes, &faults);
        }
    }

    #[test]
    fn no_text_panics(text in "[\\[\\]{}\",:0-9eE.+\\-a-z\\\\u\\s]{0,200}") {
        if let Err(faults) = read(text.as_bytes()) {
            assert_described(text.as_bytes(), &faults);
        }
    }

    #[test]
    fn any_value_at_any_place_is_read_or_described(
        pointer in prop::sample::select(pointers()),
        value in any_json(),
    ) {
        let text = with(&pointer, value);
        if let Err(faults) = read(text.as_bytes()) {
            assert_described(text.as_bytes(), &faults);
        }
    }
}
