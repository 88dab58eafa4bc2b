//! Every operation of every committed document: who may not is refused, whoever he is.
//!
//! The operations and their roles are those of the documents in `openapi`, so that a new route is tried without a word.

use e2e_tests::{Answer, ClockMode, System};
use serde_json::Value;

use crate::documents::{NOBODY, ROLES, documents};
use crate::provider::Provider;

struct Operation {
    method: reqwest::Method,
    path: String,
    roles: Vec<String>,
}

fn operations() -> anyhow::Result<Vec<Operation>> {
    let mut operations = Vec::new();
    for document in documents()? {
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let requirements = operation["security"].as_array().into_iter().flatten();
                let roles = requirements.flat_map(|it| it["bearer"].as_array().into_iter().flatten());
                let parts: Vec<_> =
                    path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
                operations.push(Operation {
                    method: method.to_uppercase().parse()?,
                    path: parts.join("/"),
                    roles: roles.filter_map(Value::as_str).map(str::to_owned).collect(),
                });
            }
        }
    }
    Ok(operations)
}

#[tokio::test]
async fn every_operation_denies_who_is_not_known_and_every_role_that_it_does_not_name() -> anyhow::Result<()> {
    let provider = Provider::start()?;
    let system = System::start_with(ClockMode::Driven("2026-03-02T17:00:00Z"), &provider.settings(&ROLES)).await?;
    let elsewhere = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let unknown = [
        ("no token", None),
        ("a broken token", Some("x".to_owned())),
        ("a token of another system", Some(elsewhere.token(&ROLES, &[])?)),
        ("an expired token", Some(provider.token(&ROLES, -3_600)?)),
        ("a token that somebody else signed", Some(provider.forged(&ROLES)?)),
    ];
    drop(elsewhere);
    let mut roles = Vec::new();
    for role in ROLES {
        roles.push((role, system.token(&[role], &[])?));
        // The identity provider's word counts for as much.
        roles.push((role, provider.token(&[role], 3_600)?));
    }
    let http = clients::http::http()?;
    let ask = async |operation: &Operation, token: Option<&String>| {
        let request = http.request(operation.method.clone(), format!("{}{}", system.url(), operation.path));
        Answer::to(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    };
    let operations = operations()?;
    assert!(operations.len() > 80, "{} operations", operations.len());
    let mut faults = Vec::new();
    for operation in &operations {
        let name = format!("{} {}", operation.method, operation.path);
        if operation.roles.is_empty() {
            faults.push(format!("{name} names no role"));
        }
        for (who, token) in &unknown {
            let answer = ask(operation, token.as_ref()).await?;
            if answer.status != 401 || !answer.is_refusal() {
                faults.push(format!("{name} with {who}: {}", answer.status));
            }
        }
        for (role, token) in &roles {
            let named = operation.roles.iter().any(|named| named == role);
            let answer = ask(operation, Some(token)).await?;
            let denied = answer.status == 401 || answer.code() == "role-missing";
            if denied == named || (denied && (answer.status != 403 || !answer.is_refusal())) {
                faults.push(format!("{name} as {role}: {} {}", answer.status, answer.code()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    // All of that is on record, unbroken, with nothing of what makes a token.
    let (intact, text) = system.verb(&["audit", "verify"])?;
    assert!(intact && text.starts_with("intact: "), "{text}");
    let head = text.lines().find_map(|line| line.strip_prefix("head ")).unwrap_or_default().to_owned();
    assert!(system.verb(&["audit", "verify", "--head", &head])?.0);
    assert!(!system.verb(&["audit", "verify", "--head", &head.replace(|c: char| c.is_ascii_digit(), "f")])?.0);
    let written = system.written();
    for (_, token) in &roles {
        let signature = token.rsplit('.').next().unwrap_or_default();
        assert!(!written.contains(signature), "a token is in the log");
    }
    Ok(())
}
