//! Reaching a running system from the command line: its address, whom to trust, and as whom.
//!
//! One group of options for every verb that does (`cli::Access`), and one way to a token: the one that is given, or one made
//! from the key set of the installation, be it in the data folder or mounted where the settings say. No key is ever made
//! here: a folder without one is a mistyped one.

use std::time::Duration;

use anyhow::ensure;
use clients::Client;
use lifecycle::ProcessClock;
use rest::{Principal, Role};

use crate::cli::Access;
use crate::settings::Settings;

/// How long a token lives that is made for one verb.
const TOKEN_LIFE: Duration = Duration::from_hours(24);

impl Access {
    /// A client of the system, as `subject` in `roles` at all offices where no token is given.
    pub fn client(&self, subject: &str, roles: &[Role]) -> anyhow::Result<Client> {
        Ok(Client::trusting(self.ca_file.as_deref(), &self.to, self.bearer(subject, roles)?)?)
    }

    fn bearer(&self, subject: &str, roles: &[Role]) -> anyhow::Result<String> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        let settings = Settings::load(self.settings.as_deref())?;
        ensure!(
            settings.keys.tokens_file.is_some() || self.data.join("tokens.key").exists(),
            "{} has no key set to make a token from: give a token with --token (or AFORO_TOKEN), the running system's \
             folder with --data, or its settings, which name the mounted key, with --settings",
            self.data.display()
        );
        let keys = settings.keys.tokens(&self.data, ProcessClock::default())?;
        Ok(keys.issue(&Principal::new(subject, roles.iter().copied()), TOKEN_LIFE))
    }
}

#[cfg(test)]
mod tests {
    use rest::KeySet;

    use super::*;

    fn access(data: &std::path::Path) -> Access {
        Access {
            to: "http://127.0.0.1:1".to_owned(),
            ca_file: None,
            token: None,
            data: data.to_owned(),
            settings: None,
        }
    }

    #[test]
    fn a_token_is_given_or_made_from_the_folder_or_from_the_mounted_key_and_never_from_a_new_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let refused = access(folder.path()).bearer("a", &[Role::Auditor]).expect_err("no key").to_string();
        assert!(refused.contains("--settings") && std::fs::read_dir(folder.path()).expect("read").next().is_none());

        let path = folder.path().join("mounted.key");
        let mounted = KeySet::open(&path, ProcessClock::default()).expect("a key");
        let settings = folder.path().join("aforo.toml");
        std::fs::write(&settings, format!("[keys]\ntokens_file = {:?}\n", path.display().to_string()))
            .expect("written");
        let token = Access { settings: Some(settings), ..access(folder.path()) }.bearer("a", &[Role::Auditor]);
        let principal = mounted.verify(&token.expect("the mounted key")).expect("signed by it");
        assert_eq!((principal.subject.as_str(), principal.roles), ("a", [Role::Auditor].into()));

        let own = KeySet::open(&folder.path().join("tokens.key"), ProcessClock::default()).expect("a key");
        let token = access(folder.path()).bearer("b", &[Role::Officer]).expect("the folder's key");
        assert!(own.verify(&token).is_ok() && mounted.verify(&token).is_err());
        let given = Access { token: Some("given".to_owned()), ..access(folder.path()) };
        assert_eq!(given.bearer("c", &[]).expect("as it is"), "given");
    }
}
