//! Every route that takes a body refuses what is broken: always a problem, with its place, and nothing changes.
//!
//! The routes and their good bodies are those of the committed documents, so that a new route is tried without a word.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use e2e_tests::{Answer, ClockMode, System};
use serde_json::{Value, json};

use crate::documents::{NOBODY, ROLES, documents};

/// A route that takes a body.
struct Route {
    method: reqwest::Method,
    path: String,
    /// One value a line.
    lines: bool,
    /// A declaration, whose unknown fields are noted and kept.
    lodges: bool,
    good: Value,
}

/// A body, and what is wrong with it.
type Broken = (String, Vec<u8>);

/// The value of an example of `schema`, wherever the document keeps it.
fn example(document: &Value, schema: &Value) -> Option<Value> {
    if let Some(given) = schema.get("example").or_else(|| schema.get("examples").and_then(|all| all.get(0))) {
        return Some(given.clone());
    }
    if let Some(target) = schema["$ref"].as_str() {
        return example(document, document.pointer(target.strip_prefix('#')?)?);
    }
    (schema["type"] == "array").then(|| example(document, &schema["items"]).map(|one| json!([one])))?
}

fn routes(documents: &[Value]) -> anyhow::Result<Vec<Route>> {
    let mut routes = Vec::new();
    for document in documents {
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for method in ["post", "put", "patch"] {
                let Some(all) = item.pointer(&format!("/{method}/requestBody/content")).and_then(Value::as_object)
                else {
                    continue;
                };
                // What is no JSON (a model file) has its own reader, and its own tests.
                let Some((media, content)) = all.iter().find(|(media, _)| media.contains("json")) else { continue };
                let lines = media.contains("ndjson");
                let given = content.get("example").cloned().or_else(|| example(document, &content["schema"]));
                let mut good = given.with_context(|| format!("{method} {path} has no example"))?;
                if let (true, Some(text)) = (lines, good.as_str()) {
                    good = serde_json::from_str(text.lines().next().unwrap_or_default())?;
                }
                let schema = content["schema"]["$ref"].as_str().unwrap_or_default();
                routes.push(Route {
                    method: method.to_uppercase().parse()?,
                    path: filled(path),
                    lines,
                    lodges: schema.ends_with("/Declaration") && !path.ends_with("/scores")
                        || path.ends_with("/declarations/bulk")
                        || path.ends_with("/history"),
                    good,
                });
            }
        }
    }
    Ok(routes)
}

fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{id}" => NOBODY.to_owned(),
        part if part.starts_with('{') => "118".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Every place in a value, from the root down.
fn places(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                places(value, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                places(value, &format!("{pointer}/{index}"), all);
            }
        }
        _ => {}
    }
}

/// What a value is certainly not.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(members) => {
            vec![Value::Array(members.values().cloned().collect()), json!([]), json!("x"), json!(7)]
        }
        Value::Array(_) => vec![json!({}), json!("x"), json!(true)],
        Value::String(_) => vec![json!({}), json!(["x"]), json!("x".repeat(20_001))],
        Value::Number(_) => vec![json!("x"), json!({}), json!([1]), json!(true)],
        Value::Bool(_) => vec![json!("x"), json!(7), json!([])],
        Value::Null => vec![json!({"x": []})],
    }
}

/// Whether any text may stand by any name there, or values of several kinds.
fn is_open(pointer: &str) -> bool {
    pointer.contains("/extensions") || pointer.contains("/condition") || pointer.contains("/entries")
}

fn broken(route: &Route) -> Vec<Broken> {
    let good = &route.good;
    let text = good.to_string();
    let mut bodies: Vec<Broken> = Vec::new();
    let mut all = Vec::new();
    places(good, "", &mut all);
    for pointer in all.iter().filter(|pointer| !is_open(pointer)) {
        let Some(value) = good.pointer(pointer) else { continue };
        for other in others(value) {
            let mut body = good.clone();
            let Some(place) = body.pointer_mut(pointer) else { continue };
            let shown: String = other.to_string().chars().take(40).collect();
            *place = other;
            bodies.push((format!("{pointer:?} is {shown}"), body.to_string().into_bytes()));
        }
        if let (Value::Object(members), false) = (value, route.lodges) {
            let mut body = good.clone();
            body.pointer_mut(pointer).and_then(Value::as_object_mut).map(|it| it.insert("zzz".to_owned(), json!(1)));
            bodies.push((format!("{pointer:?} has an unknown field"), body.to_string().into_bytes()));
            assert!(!members.contains_key("zzz"));
        }
    }
    let mut add = |what: &str, body: Vec<u8>| bodies.push((what.to_owned(), body));
    for part in 1..8 {
        let mut end = text.len() * part / 8;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        add(&format!("ends after {end} bytes"), text.as_bytes()[..end].to_vec());
    }
    for whole in ["null", "true", "12", "\"x\"", "NaN", "a=1&b=2", "<a/>", "{'a': 1}", "{/**/}"] {
        add(whole, whole.as_bytes().to_vec());
    }
    add("twice", [text.as_bytes(), text.as_bytes()].concat());
    add("a comma behind it", format!("{text},").into_bytes());
    add(
        "a byte that is no UTF-8",
        [&text.as_bytes()[..text.len() - 1], b"\xff", &text.as_bytes()[text.len() - 1..]].concat(),
    );
    for depth in [200, 100_000] {
        add(&format!("{depth} levels"), format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes());
        add(&format!("{depth} open objects"), "{\"a\":".repeat(depth).into_bytes());
    }
    let (head, one) = match good {
        Value::Array(elements) => ("[", elements.first().cloned().unwrap_or_default()),
        _ => ("", good.clone()),
    };
    let tail = if head.is_empty() { "" } else { "]" };
    let object = one.to_string();
    let rest = &object[1..];
    let deep = format!("\"zzz\":{}{}", "[".repeat(200), "]".repeat(200));
    add("200 levels in an unknown field", format!("{head}{{{deep},{rest}{tail}").into_bytes());
    for name in one.as_object().into_iter().flatten().map(|(name, _)| name) {
        let value = &one[name];
        add(&format!("{name} twice"), format!("{head}{{\"{name}\":{value},{rest}{tail}").into_bytes());
        let mut without = one.clone();
        without.as_object_mut().map(|it| it.remove(name));
        let without = without.to_string();
        let without = if without == "{}" { "}".to_owned() } else { format!(",{}", &without[1..]) };
        for literal in ["NaN", "-Infinity", "1e999", "\"\\ud800\"", "\"\\x41\"", "\"a\u{1}b\""] {
            add(&format!("{name} is {literal:?}"), format!("{head}{{\"{name}\":{literal}{without}{tail}").into_bytes());
        }
    }
    if !route.lines {
        add("nothing", Vec::new());
        add("zeros", vec![0; 64]);
        add("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        add("40 MB", vec![b' '; 40_000_000]);
    }
    bodies
}

/// Where what is refused is on record too, by design.
const TRAIL: &str = "/v1/audit";

/// What can be read without naming anything, but for the trail: it must be the same before and after.
async fn state(
    system: &System,
    http: &reqwest::Client,
    token: &str,
    documents: &[Value],
) -> anyhow::Result<Vec<Value>> {
    system.settled(Duration::from_mins(1)).await?;
    let mut state = Vec::new();
    for document in documents {
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            if path.contains('{') || path == TRAIL || item.get("get").is_none() {
                continue;
            }
            let answer = Answer::to(http.get(format!("{}{path}", system.url())).bearer_auth(token)).await?;
            state.push(json!({"path": path, "status": answer.status, "body": answer.body}));
        }
    }
    Ok(state)
}

#[tokio::test]
async fn every_route_refuses_every_broken_body_with_its_place_and_changes_nothing() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let token = system.token(&ROLES, &[])?;
    let http = clients::http::http()?;
    let documents = documents()?;
    let routes = routes(&documents)?;
    assert!(routes.len() >= 25, "only {} routes take a body", routes.len());
    let before = state(&system, &http, &token, &documents).await?;

    let (mut wrong, mut tried) = (Vec::new(), 0);
    for route in &routes {
        let kind = if route.lines { "application/x-ndjson" } else { "application/json" };
        let bodies = broken(route);
        assert!(bodies.len() >= 40, "{} {}: only {}", route.method, route.path, bodies.len());
        for (what, body) in bodies {
            tried += 1;
            let url = format!("{}{}", system.url(), route.path);
            let request = http.request(route.method.clone(), url).bearer_auth(&token).header("content-type", kind);
            let answer = match Answer::to(request.body(body)).await {
                Ok(answer) => answer,
                // A body beyond the limit is refused while it is being sent.
                Err(_) if what == "40 MB" => continue,
                Err(error) => return Err(error.context(format!("{} {}: {what}", route.method, route.path))),
            };
            let refused = if route.lines { refused_line(&answer) } else { refused(&answer) };
            if !refused {
                wrong.push(format!("{} {}: {what}: {} {}", route.method, route.path, answer.status, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{tried} broken bodies on {} routes, each refused", routes.len());

    let after = state(&system, &http, &token, &documents).await?;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "something was stored");
    }
    let dead: BTreeSet<u64> = system.client(&["service"])?.queues().await?.iter().map(|depth| depth.dead).collect();
    assert!(dead.iter().all(|dead| *dead == 0), "{}", system.written());
    Ok(())
}

/// A refusal; what cannot be read names its place.
fn refused(answer: &Answer) -> bool {
    answer.is_refusal() && (answer.status != 400 || !answer.pointers().is_empty())
}

/// The same of the one line of an answer.
fn refused_line(answer: &Answer) -> bool {
    let problem = &answer.body["problem"];
    let status = problem["status"].as_u64().unwrap_or_default();
    let places = problem["errors"].as_array().map_or(0, Vec::len);
    answer.status == 200 && (400..500).contains(&status) && (status != 400 || places > 0)
}
