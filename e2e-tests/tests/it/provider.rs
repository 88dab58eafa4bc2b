//! An identity provider: one signing key, and its public half served for as long as the test lasts.

use std::io::{Read, Write};
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};

const KEY: &str = "test-key";

/// The provider.
pub struct Provider {
    key: KeyPair,
    issuer: String,
}

impl Provider {
    /// Serves its key set on a free port.
    pub fn start() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let point = key.der_bytes().to_vec();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // An uncompressed point: 4, x, y.
        let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY,
            "x": text(&point[1..33]), "y": text(&point[33..65])}]});
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let discovery = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")});
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let mut request = [0; 2_048];
                let read = connection.read(&mut request).unwrap_or_default();
                let asks_for_keys = request[..read].starts_with(b"GET /keys ");
                let body = if asks_for_keys { &keys } else { &discovery }.to_string();
                let length = body.len();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                // Whoever hangs up asks again.
                let _ = connection.write_all((head + &body).as_bytes());
            }
        });
        Ok(Self { key, issuer })
    }

    /// What a system that trusts it has in its settings: every role under its own name.
    pub fn settings(&self, roles: &[&str]) -> String {
        let roles: Vec<String> = roles.iter().map(|role| format!("\"{role}\" = [\"{role}\"]")).collect();
        format!(
            "[server.oidc]\nissuer = \"{}\"\naudience = \"aforo\"\n[server.oidc.roles]\n{}\n",
            self.issuer,
            roles.join("\n")
        )
    }

    /// A token for `roles` at every office, that ends `seconds` from now.
    pub fn token(&self, roles: &[&str], seconds: i64) -> anyhow::Result<String> {
        self.signed(&self.key, roles, seconds)
    }

    /// The same, signed by somebody else under the same key's name.
    pub fn forged(&self, roles: &[&str]) -> anyhow::Result<String> {
        self.signed(&KeyPair::generate()?, roles, 300)
    }

    fn signed(&self, key: &KeyPair, roles: &[&str], seconds: i64) -> anyhow::Result<String> {
        let now = lifecycle::ProcessClock::default().unix_ms() / 1_000;
        let claims: Value = json!({"iss": self.issuer, "aud": "aforo", "sub": roles.join("-"), "roles": roles,
            "offices": "*", "iat": now.min(now + seconds) - 1, "exp": now + seconds});
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(KEY.to_owned());
        Ok(jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&key.serialize_der()))?)
    }
}
