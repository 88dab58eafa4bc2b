//! The store in Redis. Runs where `AFORO_TEST_REDIS_URL` names a Redis that may be written to; a password stands in
//! `AFORO_TEST_REDIS_PASSWORD`. The same server's address with TLS may stand in `AFORO_TEST_REDIS_TLS_URL`, the file of who
//! signs it in `AFORO_TEST_REDIS_CA_FILE`.

use std::sync::Arc;

use async_trait::async_trait;
use features::{EntityKey, EntityState, Group, History};
use lifecycle::Secret;
use online_store::{OnlineStore, OnlineStoreError, Settings, open};
use redis::aio::MultiplexedConnection;
use testkit::online_contract::Backend;

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|text| !text.is_empty())
}

fn settings(name: &str) -> Settings {
    Settings {
        url: variable("AFORO_TEST_REDIS_URL").expect("the caller has looked"),
        password: Secret::new(variable("AFORO_TEST_REDIS_PASSWORD").unwrap_or_default()),
        prefix: format!("test-{name}"),
        ..Settings::default()
    }
}

async fn connection() -> MultiplexedConnection {
    let settings = settings("control");
    let mut client = redis::Client::open(settings.url.as_str()).expect("an address");
    if !settings.password.is_empty() {
        let info = client.get_connection_info().clone();
        let with_password = info.redis_settings().clone().set_password(settings.password.expose());
        client = redis::Client::open(info.set_redis_settings(with_password)).expect("an address");
    }
    client.get_multiplexed_async_connection().await.expect("Redis answers")
}

async fn keys(name: &str) -> Vec<Vec<u8>> {
    let pattern = format!("{{{}}}:*", settings(name).prefix);
    redis::cmd("KEYS").arg(pattern).query_async(&mut connection().await).await.expect("Redis does it")
}

struct Redis;

#[async_trait]
impl Backend for Redis {
    async fn open(&self, name: &str) -> Arc<dyn OnlineStore> {
        open(&settings(name)).await.expect("the store opens")
    }

    async fn lose_everything(&self, name: &str) -> bool {
        let keys = keys(name).await;
        if !keys.is_empty() {
            redis::cmd("DEL").arg(keys).exec_async(&mut connection().await).await.expect("Redis does it");
        }
        true
    }

    async fn cut_connections(&self, name: &str) {
        let mut connection = connection().await;
        let listed = format!("name={}:online", settings(name).prefix);
        let clients: String =
            redis::cmd("CLIENT").arg("LIST").query_async(&mut connection).await.expect("Redis does it");
        for client in clients.lines().filter(|client| client.contains(&listed)) {
            let id = client.split_whitespace().find_map(|part| part.strip_prefix("id=")).expect("a client has an id");
            let mut kill = redis::cmd("CLIENT");
            kill.arg("KILL").arg("ID").arg(id).exec_async(&mut connection).await.expect("Redis does it");
        }
    }

    fn missing(&self) -> Option<String> {
        variable("AFORO_TEST_REDIS_URL").is_none().then(|| "AFORO_TEST_REDIS_URL names no Redis".to_owned())
    }
}

testkit::online_contract!(Redis);

fn entry(number: u64) -> (EntityKey, EntityState) {
    (EntityKey::new(Group::Trader, &[number]), EntityState::History(History::seen(7)))
}

#[tokio::test]
async fn filling_leaves_no_states_behind() {
    if let Some(reason) = Redis.missing() {
        return eprintln!("skipped: {reason}");
    }
    let name = format!("leftovers-{}", std::process::id());
    let store = Redis.open(&name).await;
    store.fill(1, Box::new((0..500).map(entry))).await.unwrap();
    // A fill that broke off before it was in force.
    let half = format!("{{{}}}:1:online:77:x", settings(&name).prefix);
    redis::cmd("SET").arg(half).arg("H").exec_async(&mut connection().await).await.unwrap();
    store.fill(2, Box::new((0..3).map(entry))).await.unwrap();
    assert_eq!(keys(&name).await.len(), 5, "three states, the place, and the number of the last filling");
    Redis.lose_everything(&name).await;
}

#[tokio::test]
async fn states_that_were_changed_from_outside_are_told() {
    if let Some(reason) = Redis.missing() {
        return eprintln!("skipped: {reason}");
    }
    let name = format!("changed-{}", std::process::id());
    let store = Redis.open(&name).await;
    store.fill(1, Box::new((0..1).map(entry))).await.unwrap();
    for key in keys(&name).await {
        if key.ends_with(b"filling") {
            continue;
        }
        redis::cmd("APPEND").arg(key).arg("?").exec_async(&mut connection().await).await.unwrap();
    }
    assert!(matches!(store.read(&[entry(0).0]).await, Err(OnlineStoreError::Unreadable(_))));
    assert!(matches!(store.write(1, 2, &[]).await, Err(OnlineStoreError::Unreadable(_))));
    // Filling again mends it.
    store.fill(1, Box::new((0..1).map(entry))).await.unwrap();
    assert_eq!(store.read(&[entry(0).0]).await.unwrap().states, [Some(entry(0).1)]);
    Redis.lose_everything(&name).await;
}

#[tokio::test]
async fn password_and_certificate_are_asked_for() {
    let (Some(url), Some(ca)) = (variable("AFORO_TEST_REDIS_TLS_URL"), variable("AFORO_TEST_REDIS_CA_FILE")) else {
        return eprintln!("skipped: AFORO_TEST_REDIS_TLS_URL or AFORO_TEST_REDIS_CA_FILE is not set");
    };
    let name = format!("secured-{}", std::process::id());
    let good = Settings { url, ca_file: Some(ca.into()), ..settings(&name) };
    let store = open(&good).await.unwrap();
    store.fill(1, Box::new((0..1).map(entry))).await.unwrap();
    assert_eq!(store.read(&[]).await.unwrap().sequence, 1);
    let strangers = open(&Settings { ca_file: None, ..good.clone() }).await.unwrap();
    assert!(matches!(strangers.read(&[]).await, Err(OnlineStoreError::Unavailable(_))));
    if !good.password.is_empty() {
        let wrong = open(&Settings { password: Secret::new("wrong"), ..good }).await.unwrap();
        assert!(matches!(wrong.read(&[]).await, Err(OnlineStoreError::Unavailable(_))));
    }
    store.fill(1, Box::new(std::iter::empty())).await.unwrap();
    Redis.lose_everything(&name).await;
}
