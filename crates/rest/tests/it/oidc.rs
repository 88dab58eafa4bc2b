//! Tokens of an identity provider, whose keys are served within the test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clients::Client;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lifecycle::metrics::Metrics;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use rcgen::{KeyPair, PublicKeyData};
use rest::{KeySet, Principal, Role, Server, ServerError, Settings, oidc};
use serde_json::{Value, json};

use crate::sample;

/// A key of the provider.
struct Key {
    kid: &'static str,
    pair: KeyPair,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        Self { kid, pair: KeyPair::generate().unwrap() }
    }

    fn public(&self) -> Value {
        // An uncompressed point: 4, x, y.
        let point = self.pair.der_bytes();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": text(&point[1..33]), "y": text(&point[33..65])})
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.to_owned());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&self.pair.serialize_der())).unwrap()
    }
}

/// What the provider serves, and how often it was asked for its keys.
#[derive(Default)]
struct Provider {
    url: String,
    keys: Vec<Value>,
    down: bool,
    asked: u32,
}

type Shared = Arc<Mutex<Provider>>;

async fn discovery(provider: web::Data<Shared>) -> web::Json<Value> {
    let provider = provider.lock().unwrap();
    web::Json(json!({"issuer": provider.url, "jwks_uri": format!("{}/keys", provider.url)}))
}

async fn keys(provider: web::Data<Shared>) -> Result<web::Json<Value>, actix_web::Error> {
    let mut provider = provider.lock().unwrap();
    provider.asked += 1;
    if provider.down {
        return Err(actix_web::error::ErrorServiceUnavailable("down"));
    }
    Ok(web::Json(json!({"keys": provider.keys})))
}

struct World {
    provider: Shared,
    clock: ProcessClock,
    url: String,
    local: KeySet,
    _tasks: Tasks,
}

impl World {
    #[allow(clippy::unused_async, reason = "spawns on the runtime of the test")]
    async fn new(keys_at_first: &[&Key]) -> Self {
        let shared = Shared::default();
        let data = web::Data::new(Arc::clone(&shared));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", web::get().to(discovery))
                .route("/keys", web::get().to(keys))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", server.addrs()[0]);
        shared.lock().unwrap().url.clone_from(&issuer);
        shared.lock().unwrap().keys = keys_at_first.iter().map(|key| key.public()).collect();
        let tasks = Tasks::new(Shutdown::default());
        tasks.spawn("provider", server.run());

        let clock = ProcessClock::default();
        let local = KeySet::ephemeral(clock.clone()).unwrap();
        let oidc = oidc::Settings {
            issuer,
            audience: "aforo".into(),
            roles_claim: "groups".into(),
            roles: BTreeMap::from([("inspectors".to_owned(), [Role::Officer].into())]),
            ..oidc::Settings::default()
        };
        let settings = Settings { address: "127.0.0.1:0".into(), workers: 1, oidc: Some(oidc), ..Settings::default() };
        let server = Server::new(settings, local.clone(), Metrics::new()).mount(sample::routes).bind().unwrap();
        let url = server.url();
        tasks.spawn::<_, ServerError>("server", server.run(Shutdown::default()));
        Self { provider: shared, clock, url, local, _tasks: tasks }
    }

    fn claims(&self) -> Value {
        let now = self.clock.unix_ms() / 1_000;
        let issuer = self.provider.lock().unwrap().url.clone();
        json!({"iss": issuer, "aud": "aforo", "sub": "rosa", "iat": now, "exp": now + 300, "groups": ["inspectors"]})
    }

    /// The status that a bearer of `token` is answered with.
    async fn status(&self, token: &str) -> u16 {
        let request = clients::http::http().unwrap().get(format!("{}/v1/parcels/7", self.url)).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    }

    fn asked(&self) -> u32 {
        self.provider.lock().unwrap().asked
    }
}

#[actix_web::test]
async fn token_of_the_provider_is_taken_and_its_keys_are_fetched_once() {
    let key = Key::new("a");
    let world = World::new(&[&key]).await;
    for _ in 0..3 {
        assert_eq!(world.status(&key.sign(&world.claims())).await, 200);
    }
    assert_eq!(world.asked(), 1);
    // Tokens of the local key set hold beside them, and need no provider.
    let local = world.local.issue(&Principal::new("service", [Role::Officer]), Duration::from_mins(1));
    assert_eq!(world.status(&local).await, 200);
    let client = Client::new(&world.url, key.sign(&world.claims())).unwrap();
    assert!(client.ready().await.unwrap());
}

#[actix_web::test]
async fn token_that_another_signed_or_for_another_or_that_is_over_is_refused() {
    let (key, thief) = (Key::new("a"), Key::new("a"));
    let world = World::new(&[&key]).await;
    let with = |name: &str, value: Value| {
        let mut claims = world.claims();
        claims[name] = value;
        claims
    };
    let now = world.clock.unix_ms() / 1_000;
    assert_eq!(world.status(&thief.sign(&world.claims())).await, 401);
    assert_eq!(world.status(&key.sign(&with("exp", json!(now - 61)))).await, 401);
    assert_eq!(world.status(&key.sign(&with("exp", json!(now - 5)))).await, 200, "clocks may differ a little");
    assert_eq!(world.status(&key.sign(&with("nbf", json!(now + 120)))).await, 401);
    assert_eq!(world.status(&key.sign(&with("aud", json!("somebody else")))).await, 401);
    assert_eq!(world.status(&key.sign(&with("iss", json!("https://id.example")))).await, 401);
    assert_eq!(world.status(&key.sign(&with("groups", json!(["guests"])))).await, 403);

    // The public key taken for a shared secret, and no signature at all.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("a".into());
    let secret = EncodingKey::from_secret(key.pair.der_bytes());
    let confused = jsonwebtoken::encode(&header, &world.claims(), &secret).unwrap();
    assert_eq!(world.status(&confused).await, 401);
    let signed = key.sign(&world.claims());
    let body = signed.split('.').nth(1).unwrap();
    // {"alg":"none","kid":"a"}
    assert_eq!(world.status(&format!("eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.{body}.")).await, 401);
}

#[actix_web::test]
async fn rotated_key_is_fetched_when_it_is_met_but_not_for_every_name_that_callers_invent() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let world = World::new(&[&old]).await;
    assert_eq!(world.status(&old.sign(&world.claims())).await, 200);
    world.provider.lock().unwrap().keys = vec![new.public()];
    // It was asked just now: names that are not known do not make it be asked again at once.
    for name in ["x", "y", "z"] {
        assert_eq!(world.status(&Key::new(name).sign(&world.claims())).await, 401);
    }
    assert_eq!(world.asked(), 1);
    world.clock.skip(Duration::from_secs(31));
    assert_eq!(world.status(&new.sign(&world.claims())).await, 200);
    assert_eq!(world.asked(), 2);
    // The key that was taken back no longer counts.
    assert_eq!(world.status(&old.sign(&world.claims())).await, 401);
}

#[actix_web::test]
async fn keys_outlive_an_outage_of_the_provider_but_not_for_ever() {
    let key = Key::new("a");
    let world = World::new(&[&key]).await;
    assert_eq!(world.status(&key.sign(&world.claims())).await, 200);
    world.provider.lock().unwrap().down = true;
    world.clock.skip(Duration::from_hours(2));
    assert_eq!(world.status(&key.sign(&world.claims())).await, 200);
    assert!(world.asked() > 1, "it was asked again");
    world.clock.skip(Duration::from_hours(23));
    assert_eq!(world.status(&key.sign(&world.claims())).await, 401);
    world.provider.lock().unwrap().down = false;
    world.clock.skip(Duration::from_mins(1));
    assert_eq!(world.status(&key.sign(&world.claims())).await, 200);
}

#[test]
fn settings_that_would_trust_anybody_are_refused() {
    let good = oidc::Settings {
        issuer: "https://id.example".into(),
        audience: "aforo".into(),
        roles: BTreeMap::from([("inspectors".to_owned(), [Role::Officer].into())]),
        ..oidc::Settings::default()
    };
    let refusal = |change: &dyn Fn(&mut oidc::Settings)| {
        let mut oidc = good.clone();
        change(&mut oidc);
        let settings = Settings { address: "127.0.0.1:0".into(), oidc: Some(oidc), ..Settings::default() };
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        match Server::new(settings, keys, Metrics::new()).bind() {
            Err(ServerError::Oidc(error)) => error.to_string(),
            Err(other) => panic!("{other}"),
            Ok(_) => String::new(),
        }
    };
    assert_eq!(refusal(&|_| {}), "");
    assert!(refusal(&|it| it.issuer = "http://id.example".into()).contains("issuer"));
    assert!(refusal(&|it| it.audience.clear()).contains("audience"));
    assert!(refusal(&|it| it.roles.clear()).contains("roles"));
    assert!(refusal(&|it| it.algorithms = ["HS256".to_owned()].into()).contains("HS256"));
    assert!(refusal(&|it| it.authorities = Some("/absent.pem".into())).contains("cannot be called"));
}
