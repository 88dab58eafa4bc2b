//! Reading a provider's key set (JWKS): public keys for signatures, by their name. Everything else is left out.

use std::collections::HashMap;
use std::str::FromStr;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::Key;

/// Characters of the shortest RSA modulus that is taken (2,048 bits in base64url).
const SHORTEST_MODULUS: usize = 342;

/// The keys of a document that can be used.
pub(super) fn read(document: &Value) -> HashMap<String, Key> {
    let keys = document["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).filter_map(|key: Jwk| usable(&key)).collect()
}

fn usable(jwk: &Jwk) -> Option<(String, Key)> {
    let name = jwk.common.key_id.clone()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) if rsa.n.len() >= SHORTEST_MODULUS => {}
        AlgorithmParameters::EllipticCurve(_) | AlgorithmParameters::OctetKeyPair(_) => {}
        _ => return None,
    }
    let algorithm = match &jwk.common.key_algorithm {
        Some(named) => Some(Algorithm::from_str(&named.to_string()).ok()?),
        None => None,
    };
    Some((name, Key { key: DecodingKey::from_jwk(jwk).ok()?, algorithm }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_public_keys_for_signatures_are_taken() {
        let point = json!("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY");
        let curve = |kid: &str, purpose: &str| json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": purpose, "x": point, "y": point});
        let document = json!({"keys": [
            curve("good", "sig"),
            curve("for encryption", "enc"),
            {"kty": "EC", "crv": "P-256", "x": point, "y": point},
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
            {"kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB"},
            {"kty": "something new", "kid": "new"},
        ]});
        assert_eq!(read(&document).into_keys().collect::<Vec<_>>(), ["good"]);
        assert!(read(&json!("nothing")).is_empty());
    }
}
