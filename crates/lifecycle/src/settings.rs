//! Reading settings: the defaults, then a TOML file, then the environment.
//!
//! A nested key `store.url` with the prefix `AFORO` is `AFORO_STORE__URL` in the environment. A key that no setting has
//! is an error that names it, wherever it was written: a misspelt setting must not be silently ignored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Provider};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The named file does not exist.
    #[error("settings file {0} does not exist")]
    MissingFile(PathBuf),
    /// Keys that no setting has.
    #[error("unknown settings: {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// A value is missing or has another type.
    #[error(transparent)]
    Value(#[from] Box<figment::Error>),
}

/// The settings `T`: `T::default()`, overridden by `file`, overridden by the environment under `env_prefix` (without
/// the trailing underscore).
///
/// Keys are checked against what `T::default()` serialises to. An optional setting must therefore serialise as null
/// when absent; a map (serialised as empty) takes any key. Where the default is a text, the environment's value is taken
/// as it stands; elsewhere it is read like a TOML value.
pub fn load<T>(file: Option<&Path>, env_prefix: &str) -> Result<T, SettingsError>
where
    T: Default + Serialize + DeserializeOwned,
{
    let defaults = dict(&Serialized::defaults(T::default()))?;
    let mut given = Figment::new();
    if let Some(file) = file {
        if !file.is_file() {
            return Err(SettingsError::MissingFile(file.to_owned()));
        }
        given = given.merge(Toml::file_exact(file));
    }
    for (key, text) in Env::prefixed(&format!("{}_", env_prefix.trim_end_matches('_'))).split("__").iter() {
        let path = key.as_str().to_lowercase();
        let value = match find(&defaults, &path) {
            Some(Value::String(..)) => Value::from(text),
            _ => text.parse::<Value>().unwrap_or_else(|_| Value::from(text)),
        };
        given = given.merge(Serialized::default(&path, value));
    }
    merge(defaults, given)
}

/// The settings `T` from TOML text alone, over the defaults.
pub fn from_toml<T>(text: &str) -> Result<T, SettingsError>
where
    T: Default + Serialize + DeserializeOwned,
{
    merge(dict(&Serialized::defaults(T::default()))?, Figment::new().merge(Toml::string(text)))
}

fn merge<T: DeserializeOwned>(defaults: Dict, given: Figment) -> Result<T, SettingsError> {
    let mut unknown = BTreeSet::new();
    find_unknown(&dict(&given)?, &defaults, "", &mut unknown);
    if !unknown.is_empty() {
        return Err(SettingsError::Unknown(unknown.into_iter().collect()));
    }
    // A masked secret would come back as its mask: it is left to the default of its type.
    let mut known = defaults;
    remove_masked(&mut known);
    let figment = Figment::new().merge(Serialized::defaults(known)).merge(given);
    figment.extract().map_err(|error| SettingsError::Value(Box::new(error)))
}

fn find<'a>(values: &'a Dict, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => values.get(path),
        Some((key, rest)) => values.get(key)?.as_dict().and_then(|values| find(values, rest)),
    }
}

fn dict(provider: &impl Provider) -> Result<Dict, SettingsError> {
    let mut data = provider.data().map_err(Box::new)?;
    Ok(data.remove(&figment::Profile::Default).unwrap_or_default())
}

fn find_unknown(given: &Dict, known: &Dict, path: &str, unknown: &mut BTreeSet<String>) {
    for (key, value) in given {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (value, known.get(key)) {
            (_, None) => {
                unknown.insert(path);
            }
            (Value::Dict(_, given), Some(Value::Dict(_, known))) if !known.is_empty() => {
                find_unknown(given, known, &path, unknown);
            }
            _ => {}
        }
    }
}

fn remove_masked(values: &mut Dict) {
    values.retain(|_, value| match value {
        Value::String(_, text) => text != crate::secret::MASK,
        Value::Dict(_, dict) => {
            remove_masked(dict);
            true
        }
        _ => true,
    });
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's test jail wants its own error")]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::Secret;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Settings {
        name: String,
        store: Store,
        limit: Option<u32>,
        labels: BTreeMap<String, String>,
    }

    impl Default for Settings {
        fn default() -> Self {
            Self { name: "aforo".to_owned(), store: Store::default(), limit: None, labels: BTreeMap::new() }
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Store {
        url: String,
        password: Secret,
        token: Secret,
    }

    impl Default for Store {
        fn default() -> Self {
            Self { url: "sqlite::memory:".to_owned(), password: Secret::new("initial"), token: Secret::default() }
        }
    }

    #[test]
    fn environment_wins_over_file_and_file_over_defaults() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("aforo.toml", "name = \"file\"\nlimit = 3\n[store]\nurl = \"sqlite:a.db\"\n")?;
            jail.set_env("LIFECYCLETEST_STORE__URL", "sqlite:b.db");
            jail.set_env("LIFECYCLETEST_STORE__TOKEN", "007");
            jail.set_env("LIFECYCLETEST_LIMIT", "4");
            let settings: Settings = load(Some(Path::new("aforo.toml")), "LIFECYCLETEST").expect("settings load");
            assert_eq!((settings.name.as_str(), settings.limit), ("file", Some(4)));
            assert_eq!(settings.store.token.expose(), "007");
            assert_eq!(settings.store.url, "sqlite:b.db");
            assert_eq!(settings.store.password.expose(), "initial");
            Ok(())
        });
    }

    #[test]
    fn unknown_keys_are_errors_that_name_the_key() {
        let error = from_toml::<Settings>("nam = 1\n[store]\nulr = \"x\"\n").unwrap_err();
        assert_eq!(error.to_string(), "unknown settings: nam, store.ulr");
        figment::Jail::expect_with(|jail| {
            jail.set_env("LIFECYCLETEST_STORE__ULR", "x");
            let error = load::<Settings>(None, "LIFECYCLETEST").expect_err("misspelt");
            assert_eq!(error.to_string(), "unknown settings: store.ulr");
            Ok(())
        });
    }

    #[test]
    fn optional_settings_and_maps_take_values() {
        let settings: Settings = from_toml("limit = 5\n[labels]\nport = \"118\"\n").unwrap();
        assert_eq!(settings.limit, Some(5));
        assert_eq!(settings.labels["port"], "118");
    }

    #[test]
    fn value_of_another_type_is_an_error_that_names_the_key() {
        let error = from_toml::<Settings>("limit = \"many\"").unwrap_err().to_string();
        assert!(error.contains("limit"), "{error}");
    }

    #[test]
    fn missing_file_is_an_error() {
        assert!(matches!(load::<Settings>(Some(Path::new("/nowhere.toml")), "X"), Err(SettingsError::MissingFile(_))));
    }
}
