//! What cannot be read is refused with its place, and leaves nothing behind; what is merely wrong is accepted.

use std::time::Duration;

use clients::{Client, DeclarationState};

use e2e_tests::{Answer, ClockMode, System};
use serde_json::{Value, json};
use testkit::{Changes, declaration};

use super::feeds;

/// A body, and what is wrong with it.
type Broken = (String, Vec<u8>);

#[tokio::test]
async fn broken_bodies_always_get_a_problem_with_a_pointer_and_store_nothing() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let token = system.token(&["customs-system"], &[])?;
    let client = Client::new(system.url(), token.as_str())?;
    let http = clients::http::http()?;
    let url = format!("{}/v1/declarations", system.url());

    let bodies = broken();
    assert!(bodies.len() >= 120, "only {}", bodies.len());
    let mut wrong = Vec::new();
    for (what, body) in &bodies {
        let request = http.post(&url).bearer_auth(&token).header("content-type", "application/json");
        let answer = Answer::to(request.body(body.clone())).await?;
        if !answer.is_refusal() || answer.pointers().is_empty() {
            wrong.push(format!("{what}: {} {} {}", answer.status, answer.media_type, answer.body));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), bodies.len(), wrong.join("\n"));
    println!("{} broken bodies, each refused with its place", bodies.len());

    system.settled(Duration::from_mins(1)).await?;
    assert_eq!(feeds::channels(&client).await?, []);
    // Every broken body had this identity: had one been stored, this would be known, or a contradiction.
    let request = http.post(&url).bearer_auth(&token).header("content-type", "application/json");
    let answer = Answer::to(request.body(serde_json::to_vec(&declaration())?)).await?;
    assert_eq!((answer.status, &answer.body["status"]), (201, &json!("accepted")), "{}", answer.body);
    system.settled(Duration::from_mins(1)).await?;
    assert_eq!(feeds::channels(&client).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_sent() -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let token = system.token(&["customs-system"], &[])?;
    let address = system.url().trim_start_matches("http://");
    let mut connection = tokio::net::TcpStream::connect(address).await?;
    let head = format!(
        "POST /v1/declarations HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), async {
        while !answer.ends_with(b"}") && connection.read_buf(&mut answer).await? > 0 {}
        std::io::Result::Ok(())
    })
    .await??;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    assert!(head.starts_with("HTTP/1.1 413") && head.contains("application/problem+json"), "{head}");
    assert_eq!(serde_json::from_str::<Value>(body)?["errors"][0]["pointer"], "", "{body}");
    Ok(())
}

#[tokio::test]
async fn what_is_merely_wrong_is_accepted_with_notes() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let token = system.token(&["customs-system"], &[])?;
    let client = Client::new(system.url(), token.as_str())?;
    let http = clients::http::http()?;
    let wrong = [
        ("/items/0/commodityCode", json!("0000000000")),
        ("/items/1/netMassKg", json!("-5")),
        ("/items/1/sequence", json!(3)),
        ("/items/0/originCountry", json!("ZZ")),
        ("/items", json!([])),
        ("/packages", json!(-1)),
        ("/acceptanceDateTime", json!("9999-12-31T23:59:59Z")),
        ("/regime", Value::Null),
        ("/items/0/sequence", Value::Null),
        ("/items/0/commodityCode", Value::Null),
        ("/items/1/originCountry", Value::Null),
        ("/items/1/valuation", Value::Null),
        ("/items", Value::Null),
    ];
    for (number, (pointer, value)) in wrong.iter().enumerate() {
        let mut body = serde_json::to_value(declaration().with_reference(&format!("W-{number}")))?;
        if value.is_null() {
            let (parent, name) = pointer.rsplit_once('/').expect("it starts with a slash");
            let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is an object");
            parent.remove(name).expect("the field is there");
        } else {
            *body.pointer_mut(pointer).expect("the field is there") = value.clone();
        }
        let request = http.post(format!("{}/v1/declarations", system.url())).bearer_auth(&token).json(&body);
        let answer = Answer::to(request).await?;
        assert_eq!(answer.status, 201, "{pointer}: {}", answer.body);
        let notes = answer.body["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let there = notes.iter().filter_map(|note| note["pointer"].as_str()).any(|place| place.starts_with(pointer));
        assert!(there, "{pointer}: {}", answer.body);
        // Accepted is accepted: it gets a channel like any other.
        let id = serde_json::from_value(answer.body["id"].clone())?;
        let status = client.declaration(id, Some(20_000)).await?;
        assert_eq!(status.state, DeclarationState::Lodged);
        assert!(status.channel.is_some(), "{pointer}: {status:?}\n{}", system.written());
    }
    Ok(())
}

fn broken() -> Vec<Broken> {
    let good = serde_json::to_value(declaration()).expect("a declaration is JSON");
    let text = good.to_string();
    let mut bodies = Vec::new();
    wrong_types(&good, &mut bodies);
    missing(&good, &mut bodies);
    let mut add = |what: &str, body: Vec<u8>| bodies.push((what.to_owned(), body));

    for part in 0..20 {
        let end = text.len() * part / 20;
        add(&format!("ends after {end} bytes"), text.as_bytes()[..end].to_vec());
    }
    for (what, whole) in [
        ("nothing but spaces", " \n\t "),
        ("null", "null"),
        ("true", "true"),
        ("a number", "12"),
        ("a text", "\"2026-000001\""),
        ("an empty list", "[]"),
        ("an empty object", "{}"),
        ("no JSON", "reference=2026-000001&office=118"),
        ("XML", "<declaration><reference>2026-000001</reference></declaration>"),
        ("a comment", "{/* nothing */}"),
        ("single quotes", "{'reference': '2026-000001'}"),
        ("NaN alone", "NaN"),
    ] {
        add(what, whole.as_bytes().to_vec());
    }
    add("a list around it", format!("[{text}]").into_bytes());
    add("something behind it", format!("{text}{text}").into_bytes());
    add("a comma at the end", format!("{},}}", &text[..text.len() - 1]).into_bytes());
    for (what, name, value) in [
        ("the reference twice", "reference", "\"2026-000002\""),
        ("the items twice", "items", "[]"),
        ("the extensions twice", "extensions\":{},\"extensions", "{}"),
        ("a number beyond every range", "packages", "1e999"),
        ("NaN", "packages", "NaN"),
        ("minus infinity", "exchangeRate", "-Infinity"),
        ("a lone surrogate", "warehouse", "\"\\ud800\""),
        ("a bad escape", "warehouse", "\"\\x41\""),
        ("a raw control character", "warehouse", "\"a\u{1}b\""),
    ] {
        // Where the field is there already it is replaced, unless it shall stand twice.
        let mut rest = good.clone();
        if !what.ends_with("twice") {
            rest.as_object_mut().expect("an object").remove(name);
        }
        add(what, format!("{{\"{name}\":{value},{}", &rest.to_string()[1..]).into_bytes());
    }
    for depth in [200, 100_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        add(&format!("{depth} levels"), deep.clone().into_bytes());
        add(&format!("{depth} levels in a field"), format!("{{\"deep\":{deep},{}", &text[1..]).into_bytes());
        let open = "{\"a\":".repeat(depth);
        add(&format!("{depth} open objects"), open.into_bytes());
    }
    for length in [10_001, 5_000_000] {
        let mut long = good.clone();
        long["items"][0]["description"] = "x".repeat(length).into();
        add(&format!("a text of {length}"), long.to_string().into_bytes());
    }
    let mut many = good.clone();
    many["items"] = vec![good["items"][0].clone(); 10_000].into();
    add("10,000 items", many.to_string().into_bytes());

    for (what, bytes) in [
        ("a byte that is no UTF-8", &b"\xff"[..]),
        ("an overlong encoding", &b"\xc0\xaf"[..]),
        ("a surrogate in UTF-8", &b"\xed\xa0\x80"[..]),
        ("half a character", &b"\xe2\x82"[..]),
    ] {
        let place = text.find("2026-000001").expect("the reference is there");
        add(what, [&text.as_bytes()[..place], bytes, &text.as_bytes()[place..]].concat());
    }
    add("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    add("zeros", vec![0; 64]);
    bodies
}

/// Fields with values of other types.
fn wrong_types(good: &Value, bodies: &mut Vec<Broken>) {
    let texts =
        ["/reference", "/declarant/id", "/office", "/regime", "/items/0/commodityCode", "/items/1/originCountry"];
    let enums = ["/direction", "/modality", "/form", "/parties/0/role", "/meansOfTransport/mode"];
    let times = ["/acceptanceDateTime"];
    let decimals = ["/exchangeRate", "/invoiceTotal/amount", "/items/0/netMassKg", "/items/1/valuation/fob/amount"];
    let counts = ["/items/0/sequence", "/items/1/valuation/method"];
    let objects = ["/declarant", "/items/0", "/items/1/valuation", "/meansOfTransport", "/parties/1", "/containers/0"];
    let lists = ["/items", "/parties", "/containers", "/transportDocuments", "/items/0/dutyTaxes"];
    let mut each = |pointers: &[&str], values: &[Value]| {
        for pointer in pointers {
            for value in values {
                let mut body = good.clone();
                *body.pointer_mut(pointer).expect("the field is there") = value.clone();
                bodies.push((format!("{pointer} is {value}"), body.to_string().into_bytes()));
            }
        }
    };
    each(&texts, &[json!(7), json!({"id": 1}), json!(["a"]), json!(null)]);
    each(&enums, &[json!("sideways"), json!(1), json!([])]);
    each(
        &times,
        &[json!("yesterday"), json!("2026-13-45T99:00:00Z"), json!("2026-03-02T12:00:00"), json!(1_772_470_800)],
    );
    each(&decimals, &[json!("a lot"), json!(true), json!([]), json!("1e400"), json!("NaN")]);
    each(&counts, &[json!(-1), json!("three"), json!(1.5), json!(99_999_999_999_i64), json!({})]);
    each(&["/packages"], &[json!("three"), json!(1.5), json!(1e30), json!({})]);
    each(&objects, &[json!([]), json!("text"), json!(1)]);
    each(&lists, &[json!({}), json!("text"), json!(1)]);
}

/// Without each of the fields that must be there.
fn missing(good: &Value, bodies: &mut Vec<Broken>) {
    let required = [
        ("", "reference"),
        ("", "declarant"),
        ("", "office"),
        ("", "acceptanceDateTime"),
        ("", "direction"),
        ("", "modality"),
        ("", "form"),
        ("/declarant", "id"),
        ("/parties/0", "role"),
        ("/items/0/valuation", "fob"),
        ("/items/0/valuation/fob", "amount"),
        ("/items/0/valuation/fob", "currency"),
    ];
    for (parent, name) in required {
        let mut body = good.clone();
        let fields = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is an object");
        assert!(fields.remove(name).is_some(), "{parent}/{name} is there");
        bodies.push((format!("no {parent}/{name}"), body.to_string().into_bytes()));
    }
}
