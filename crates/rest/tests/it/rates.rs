//! How many requests a caller may make, as callers meet it; and what is never written to the log.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifecycle::metrics::Metrics;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use reqwest::StatusCode;
use rest::rate::{self, Rate};
use rest::{KeySet, Principal, Role, Server, ServerError, Settings};

use crate::sample;

struct World {
    keys: KeySet,
    url: String,
    _tasks: Tasks,
}

impl World {
    fn new(rates: rate::Settings) -> Self {
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let settings = Settings { address: "127.0.0.1:0".into(), workers: 1, rates, ..Settings::default() };
        let server = Server::new(settings, keys.clone(), Metrics::new()).mount(sample::routes).bind().unwrap();
        let url = server.url();
        let tasks = Tasks::new(Shutdown::default());
        tasks.spawn::<_, ServerError>("server", server.run(Shutdown::default()));
        Self { keys, url, _tasks: tasks }
    }

    async fn ask(&self, token: &str) -> reqwest::Response {
        let request = clients::http::http().unwrap().get(format!("{}/v1/parcels/7", self.url)).bearer_auth(token);
        request.send().await.unwrap()
    }

    fn token(&self, subject: &str) -> String {
        self.keys.issue(&Principal::new(subject, [Role::Officer]), Duration::from_mins(1))
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again_and_nobody_else_is_held_up() {
    let few = Rate { per_second: 1, burst: 3 };
    let world = World::new(rate::Settings { person: few, stranger: few, ..rate::Settings::default() });
    let (often, seldom) = (world.token("often"), world.token("seldom"));
    let mut limited = None;
    for _ in 0..5 {
        let answer = world.ask(&often).await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(answer);
        }
    }
    let limited = limited.expect("the fifth request within a second is too many");
    assert_eq!(limited.headers()["retry-after"], "1");
    assert_eq!(limited.headers()["content-type"], "application/problem+json");
    assert!(limited.text().await.unwrap().contains(r#""code":"rate-limited""#));
    assert_eq!(world.ask(&seldom).await.status(), StatusCode::OK);
    // Guessing tokens is limited by address, and does not use up what its bearers may.
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(world.ask("guess").await.status());
    }
    assert_eq!(statuses[0], StatusCode::UNAUTHORIZED);
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    assert_eq!(world.ask(&seldom).await.status(), StatusCode::OK);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn tokens_are_never_written_to_the_log_whatever_its_level() {
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    // The server's threads are their own: for the whole process, which is this test's where tests run apart.
    let _ = tracing::subscriber::set_global_default(subscriber.with_writer(move || lines.clone()).finish());
    let world = World::new(rate::Settings::default());
    let token = world.token("officer-7");
    assert_eq!(world.ask(&token).await.status(), StatusCode::OK);
    let (body, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(world.ask(&format!("{body}.x{signature}")).await.status(), StatusCode::UNAUTHORIZED);
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("answered"), "requests are logged: {written}");
    assert!(!written.contains(signature), "a token is in the log");
    assert!(!written.contains(body.split('.').nth(1).unwrap()), "a token's claims are in the log");
}
