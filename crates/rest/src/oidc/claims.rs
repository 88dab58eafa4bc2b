//! What a provider's token says: for whom, until when, and which roles and offices that means here.

use std::collections::BTreeSet;

use customs::OfficeCode;
use serde_json::{Map, Value};

use super::Settings;
use crate::{Offices, Principal};

/// The bearer of `claims` at `now` (seconds since 1970), or what is wrong with them.
pub(super) fn principal(claims: &Map<String, Value>, settings: &Settings, now: i64) -> Result<Principal, &'static str> {
    if claims.get("iss").and_then(Value::as_str) != Some(&settings.issuer) {
        return Err("it was issued by somebody else");
    }
    if !texts(claims.get("aud"), false).contains(&settings.audience.as_str()) {
        return Err("it was issued for somebody else");
    }
    let seconds = |name: &str| claims.get(name).map(|value| value.as_f64().ok_or("its times are no numbers"));
    let expires = seconds("exp").ok_or("it says no end")??;
    if expires + (settings.skew_seconds as f64) < now as f64 {
        return Err("it has expired");
    }
    for begins in ["nbf", "iat"] {
        if let Some(at) = seconds(begins)
            && at? > now.saturating_add(settings.skew_seconds) as f64
        {
            return Err("it does not hold yet");
        }
    }
    let subject = find(claims, &settings.subject_claim).and_then(Value::as_str).filter(|subject| !subject.is_empty());
    let roles = texts(find(claims, &settings.roles_claim), true);
    let roles = roles.into_iter().filter_map(|value| settings.roles.get(value)).flatten().copied().collect();
    Ok(Principal {
        // Apart from the bearers of local tokens, whatever names the provider gives.
        subject: format!("{}#{}", settings.issuer, subject.ok_or("it does not say for whom it speaks")?),
        roles,
        offices: offices(claims, settings),
    })
}

fn offices(claims: &Map<String, Value>, settings: &Settings) -> Offices {
    let Some(claim) = &settings.offices_claim else { return Offices::All };
    let values = texts(find(claims, claim), true);
    if values.contains(&settings.all_offices.as_str()) {
        return Offices::All;
    }
    let offices: BTreeSet<OfficeCode> = if settings.offices.is_empty() {
        values.into_iter().map(OfficeCode::from).collect()
    } else {
        values.into_iter().filter_map(|value| settings.offices.get(value)).flatten().cloned().collect()
    };
    Offices::Only(offices)
}

/// The claim at `path`: its name as it stands, or names with dots between them.
fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}

/// A text, or a list of texts; `split` takes a text with spaces for several.
fn texts(value: Option<&Value>, split: bool) -> Vec<&str> {
    match value {
        Some(Value::String(text)) if split => text.split_ascii_whitespace().collect(),
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Role;

    const NOW: i64 = 1_772_460_000;

    fn settings() -> Settings {
        Settings {
            issuer: "https://id.example".into(),
            audience: "aforo".into(),
            roles_claim: "realm_access.roles".into(),
            roles: [("inspectors".to_owned(), [Role::Officer].into()), ("heads".into(), [Role::Supervisor].into())]
                .into(),
            ..Settings::default()
        }
    }

    #[allow(clippy::needless_pass_by_value, reason = "written at the call")]
    fn claims(change: Value) -> Map<String, Value> {
        let mut claims = json!({
            "iss": "https://id.example", "aud": ["other", "aforo"], "sub": "rosa", "exp": NOW + 60, "iat": NOW,
            "realm_access": {"roles": ["inspectors", "guests"]}, "offices": "118 235",
        });
        for (name, value) in change.as_object().cloned().unwrap_or_default() {
            claims[name] = value;
        }
        claims.as_object().cloned().unwrap()
    }

    #[test]
    fn claims_mean_roles_and_offices_by_the_settings() {
        let rosa = principal(&claims(json!({})), &settings(), NOW).unwrap();
        assert_eq!(rosa.subject, "https://id.example#rosa");
        assert_eq!(rosa.roles, [Role::Officer].into());
        assert_eq!(rosa.offices, Offices::Only(["118".into(), "235".into()].into()));
        let everywhere = principal(&claims(json!({"offices": ["*"]})), &settings(), NOW).unwrap();
        assert_eq!(everywhere.offices, Offices::All);
        // What a token does not say it does not grant.
        let nobody = json!({"offices": null, "realm_access": null, "roles": ["heads"]});
        let nobody = principal(&claims(nobody), &settings(), NOW).unwrap();
        assert_eq!((nobody.roles.len(), nobody.offices), (0, Offices::Only(BTreeSet::new())));
        let mapped = Settings { offices: [("coast".to_owned(), ["118".into()].into())].into(), ..settings() };
        let coast = principal(&claims(json!({"offices": ["coast", "235"]})), &mapped, NOW).unwrap();
        assert_eq!(coast.offices, Offices::Only(["118".into()].into()));
    }

    #[test]
    fn token_of_another_issuer_audience_or_time_is_refused() {
        for change in [
            json!({"iss": "https://id.example/"}),
            json!({"aud": "aforo2"}),
            json!({"aud": null}),
            json!({"aud": "other aforo"}),
            json!({"exp": NOW - 61}),
            json!({"exp": null}),
            json!({"exp": "never"}),
            json!({"nbf": NOW + 61}),
            json!({"iat": NOW + 61}),
            json!({"sub": ""}),
            json!({"sub": 7}),
        ] {
            assert!(principal(&claims(change.clone()), &settings(), NOW).is_err(), "{change}");
        }
        for change in [json!({"exp": NOW - 59}), json!({"nbf": NOW + 59}), json!({"aud": "aforo"})] {
            assert!(principal(&claims(change.clone()), &settings(), NOW).is_ok(), "{change}");
        }
    }
}
