use std::time::Duration;

use lifecycle::metrics::Metrics;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use rest::{KeySet, Principal, Role, Server, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::sample;

async fn ask(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn get(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n")
}

#[tokio::test]
async fn server_answers_refuses_measures_and_stops() {
    let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
    let settings = Settings { address: "127.0.0.1:0".into(), workers: 1, ..Settings::default() };
    let server = Server::new(settings, keys.clone(), Metrics::new())
        .mount(sample::routes)
        .ready_when("sample", || true)
        .bind()
        .unwrap();
    let address = server.address();
    let shutdown = Shutdown::default();
    let tasks = Tasks::new(shutdown.clone());
    let stop = shutdown.clone();
    tasks.spawn("server", async move { server.run(stop).await });

    assert!(ask(address, &get("/health", "")).await.starts_with("HTTP/1.1 200"));
    assert!(ask(address, &get("/ready", "")).await.contains(r#""sample":true"#));

    let token = keys.issue(&Principal::new("x", [Role::Officer]), Duration::from_mins(1));
    let bearer = format!("authorization: Bearer {token}\r\nx-request-id: abc\r\n");
    let answer = ask(address, &get("/v1/parcels/7", &bearer)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_lowercase().contains("x-request-id: abc"), "{answer}");

    let answer = ask(address, &get("/v1/nothing", &bearer)).await;
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains(r#""code":"not-found""#), "{answer}");
    assert!(answer.contains(r#""instance":"/v1/nothing""#), "{answer}");
    let answer = ask(address, &get("/v1/parcels", &bearer)).await;
    assert!(answer.starts_with("HTTP/1.1 405") && answer.contains(r#""code":"method-not-allowed""#), "{answer}");
    assert!(answer.to_lowercase().contains("allow: post"), "{answer}");
    let answer = ask(address, &get("/v1/parcels/7", "")).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("application/problem+json"), "{answer}");

    let metrics = ask(address, &get("/metrics", "")).await;
    assert!(
        metrics.contains(r#"http_requests_total{method="GET",route="/v1/parcels/{id}",status="200"} 1"#),
        "{metrics}"
    );

    shutdown.trigger();
    tasks.join(Duration::from_secs(10)).await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
