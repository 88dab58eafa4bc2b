//! Who may do what: offices bound what a token lodges, roles bound what it reads.

use std::time::Duration;

use clients::ReceiptStatus;
use e2e_tests::{Answer, ClockMode, System};
use testkit::{Changes, declaration};

#[tokio::test]
async fn an_office_token_may_not_lodge_elsewhere() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let client = system.client_at(&["customs-system"], &["118"])?;

    let elsewhere = declaration().with_reference("E-1").with_office("235");
    let refusal = client.lodge(&elsewhere, false).await.unwrap_err();
    assert_eq!(refusal.status(), Some(403), "{refusal}");
    let own = declaration().with_reference("E-2");
    let receipt = client.lodge(&own, false).await?;
    assert_eq!(receipt.status, ReceiptStatus::Accepted);

    // Line by line: the foreign one is refused, its neighbours are not.
    let lines = [declaration().with_reference("E-3"), elsewhere.clone(), declaration().with_reference("E-4")];
    let lines = lines.iter().map(serde_json::to_vec).collect::<Result<Vec<_>, _>>()?;
    let mut statuses = Vec::new();
    client.lodge_bulk(lines, |receipt| statuses.push(receipt.status)).await?;
    assert_eq!(statuses, [ReceiptStatus::Accepted, ReceiptStatus::Refused, ReceiptStatus::Accepted]);

    // Nor may it change or see what was lodged there by somebody who may.
    let id = system.client(&["customs-system"])?.lodge(&elsewhere, false).await?.id;
    assert!(matches!(client.cancel(id, "not ours").await.unwrap_err().status(), Some(404)));
    assert!(matches!(client.amend(id, &elsewhere).await.unwrap_err().status(), Some(403 | 404)));
    assert!(matches!(client.declaration(id, None).await.unwrap_err().status(), Some(404)));
    system.settled(Duration::from_mins(1)).await?;
    let seen = super::feeds::channels(&client).await?;
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|entry| entry.office.as_str() == "118"));
    Ok(())
}

#[tokio::test]
async fn who_lodges_never_learns_why() -> anyhow::Result<()> {
    let system = System::start(ClockMode::Driven("2026-03-02T17:00:00Z")).await?;
    let lodger = system.client(&["customs-system"])?;
    let id = lodger.lodge(&declaration(), false).await?.id;
    system.settled(Duration::from_mins(1)).await?;
    let selections = super::feeds::selections(&system.client(&["auditor"])?).await?;
    assert_eq!(selections.len(), 1);

    let http = clients::http::http()?;
    let token = system.token(&["customs-system"], &[])?;
    let body = serde_json::to_vec(&declaration())?;
    let get = |path: String| http.get(format!("{}{path}", system.url()));
    let post = |path: &str| {
        http.post(format!("{}{path}", system.url())).header("content-type", "application/json").body(body.clone())
    };
    let requests = [
        get("/v1/selections".into()),
        get(format!("/v1/selections/{}", selections[0].id)),
        get(format!("/v1/declarations/{id}/selections")),
        get("/v1/controls".into()),
        get("/v1/worklists/118".into()),
        get(format!("/v1/features/{id}")),
        get("/v1/filters".into()),
        get("/v1/models".into()),
        get("/v1/capacity-plans/118".into()),
        get("/v1/reports/summary".into()),
        get("/v1/queues".into()),
        post("/v1/scores"),
        post("/v1/controls"),
    ];
    for request in requests {
        let path = request.try_clone().expect("the body is bytes").build()?.url().path().to_owned();
        let anonymous = Answer::to(request.try_clone().expect("the body is bytes")).await?;
        assert!(anonymous.is_refusal() && anonymous.status == 401, "{path}: {anonymous:?}");
        let forged =
            Answer::to(request.try_clone().expect("the body is bytes").bearer_auth(format!("{token}x"))).await?;
        assert!(forged.is_refusal() && forged.status == 401, "{path}: {forged:?}");
        let answer = Answer::to(request.bearer_auth(&token)).await?;
        assert!(answer.is_refusal() && answer.status == 403, "{path}: {answer:?}");
    }
    // What it may see tells the channel and the orders, and nothing about how they came about.
    let status = Answer::to(get(format!("/v1/declarations/{id}")).bearer_auth(&token)).await?;
    let channels = Answer::to(get("/v1/channels".into()).bearer_auth(&token)).await?;
    for answer in [status, channels] {
        assert_eq!(answer.status, 200);
        let text = answer.body.to_string();
        for word in ["trigger", "probability", "score", "draw", "filter", "value", "price"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    Ok(())
}
