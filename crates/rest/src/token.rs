//! Bearer tokens of this installation: JSON Web Tokens signed with a local key file.
//!
//! The key is 32 random bytes in hexadecimal, in a file that only its owner may read. Expiry is judged by the real
//! time of the process, never by the domain clock: a simulated year does not lengthen a token.

use std::collections::{BTreeSet, HashMap};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lifecycle::ProcessClock;
use serde::{Deserialize, Serialize};

use crate::{Offices, Principal, Role};

const KEY_BYTES: usize = 32;
/// Clocks of two machines may differ by this much.
const LEEWAY_SECONDS: i64 = 5;
/// Tokens that are remembered; beyond, all are judged anew.
const MOST_KNOWN: usize = 1_024;

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("key file {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file does not hold a key.
    #[error("key file {path} does not hold {KEY_BYTES} bytes in hexadecimal")]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// Others may read the file.
    #[error("key file {path} can be read by others than those it is for (mode {mode:o}); set it to 600")]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Randomness(String),
}

/// A token that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Malformed, or signed by another key.
    #[error("the token is malformed or was not signed here")]
    Invalid(#[source] jsonwebtoken::errors::Error),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    roles: BTreeSet<Role>,
    #[serde(default)]
    offices: Offices,
    iat: i64,
    exp: i64,
}

/// Issues and judges tokens. Cheap to clone.
#[derive(Clone)]
pub struct KeySet(Arc<Keys>);

struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    clock: ProcessClock,
    /// Tokens whose signature was checked, with whom they speak for and until when: the key never changes.
    known: RwLock<HashMap<String, (Principal, i64)>>,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeySet(secret)")
    }
}

impl KeySet {
    /// The key of `path`; a new one, readable by its owner alone, where there is no file yet.
    pub fn open(path: &Path, clock: ProcessClock) -> Result<Self, KeyError> {
        let secret = match read_key(path, 0o077) {
            Err(KeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => create_key(path)?,
            read => read?,
        };
        Ok(Self::from_secret(&secret, clock))
    }

    /// The key of `path`, which somebody else has put there, as a mounted secret is: it is never made here, and the group
    /// that the file belongs to may read it.
    pub fn given(path: &Path, clock: ProcessClock) -> Result<Self, KeyError> {
        Ok(Self::from_secret(&read_key(path, 0o007)?, clock))
    }

    /// A key that is held nowhere else: for tests, and for a server that lives as long as its tokens.
    pub fn ephemeral(clock: ProcessClock) -> Result<Self, KeyError> {
        Ok(Self::from_secret(&random_key()?, clock))
    }

    /// The key made of `secret`.
    pub fn from_secret(secret: &[u8], clock: ProcessClock) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // Judged below, by the process clock.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self(Arc::new(Keys {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            clock,
            known: RwLock::default(),
        }))
    }

    /// The clock that tells when tokens expire.
    pub(crate) fn clock(&self) -> &ProcessClock {
        &self.0.clock
    }

    /// A token for `principal` that holds for `ttl`.
    pub fn issue(&self, principal: &Principal, ttl: Duration) -> String {
        let now = self.0.clock.unix_ms() / 1_000;
        let claims = Claims {
            sub: principal.subject.clone(),
            roles: principal.roles.clone(),
            offices: principal.offices.clone(),
            iat: now,
            exp: now.saturating_add(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX)),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.0.encoding)
            .expect("claims are JSON and the key fits the algorithm")
    }

    /// Who the token speaks for, while it holds.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        let is_new = known.is_none();
        let (principal, until) = match known {
            Some(known) => known,
            None => self.read(token)?,
        };
        if until.saturating_add(LEEWAY_SECONDS) < self.0.clock.unix_ms() / 1_000 {
            return Err(TokenError::Expired);
        }
        if is_new {
            let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(token.to_owned(), (principal.clone(), until));
        }
        Ok(principal)
    }

    /// Who a token that was signed here speaks for, and until when.
    fn read(&self, token: &str) -> Result<(Principal, i64), TokenError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.0.decoding, &self.0.validation)
            .map_err(TokenError::Invalid)?
            .claims;
        Ok((Principal { subject: claims.sub, roles: claims.roles, offices: claims.offices }, claims.exp))
    }
}

fn random_key() -> Result<[u8; KEY_BYTES], KeyError> {
    let mut secret = [0; KEY_BYTES];
    getrandom::fill(&mut secret).map_err(|error| KeyError::Randomness(error.to_string()))?;
    Ok(secret)
}

/// Refuses a file that those may use whom `exposed` names, bits of a mode.
#[cfg_attr(not(unix), expect(unused_variables, reason = "modes are of Unix"))]
fn read_key(path: &Path, exposed: u32) -> Result<[u8; KEY_BYTES], KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & exposed != 0 {
            return Err(KeyError::Exposed { path: path.to_owned(), mode });
        }
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    parse_key(text.trim()).ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
}

fn parse_key(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * KEY_BYTES {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(key)
}

fn create_key(path: &Path) -> Result<[u8; KEY_BYTES], KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let secret = random_key()?;
    let mut text = String::with_capacity(2 * KEY_BYTES + 1);
    for byte in secret {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    // Written aside and linked, so that two processes starting at once agree on one whole key.
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&aside).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let linked = std::fs::hard_link(&aside, path);
    std::fs::remove_file(&aside).map_err(failed)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_key(path, 0o077),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal() -> Principal {
        Principal::new("officer-7", [Role::Officer, Role::Supervisor]).only_for(["118".into()])
    }

    #[test]
    fn issued_token_tells_who_it_was_issued_to() {
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let token = keys.issue(&principal(), Duration::from_mins(1));
        assert_eq!(keys.verify(&token).unwrap(), principal());
    }

    #[test]
    fn token_of_another_key_or_another_text_is_refused() {
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let other = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let token = other.issue(&principal(), Duration::from_mins(1));
        assert!(matches!(keys.verify(&token), Err(TokenError::Invalid(_))));
        assert!(matches!(keys.verify("nonsense"), Err(TokenError::Invalid(_))));
        // An unsigned token: {"alg":"none"}.
        let body = token.split('.').nth(1).unwrap();
        assert!(keys.verify(&format!("eyJhbGciOiJub25lIn0.{body}.")).is_err());
    }

    #[test]
    fn expired_token_is_refused() {
        let clock = ProcessClock::default();
        let keys = KeySet::ephemeral(clock.clone()).unwrap();
        let token = keys.issue(&principal(), Duration::from_mins(1));
        keys.verify(&token).unwrap();
        keys.verify(&token).unwrap();
        clock.skip(Duration::from_secs(70));
        assert!(matches!(keys.verify(&token), Err(TokenError::Expired)), "also one that is remembered");
    }

    #[test]
    fn key_file_is_created_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.key");
        let first = KeySet::open(&path, ProcessClock::default()).unwrap();
        let again = KeySet::open(&path, ProcessClock::default()).unwrap();
        again.verify(&first.issue(&principal(), Duration::from_mins(1))).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(KeySet::open(&path, ProcessClock::default()), Err(KeyError::Exposed { .. })));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn given_key_is_never_made_and_may_be_read_by_its_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.key");
        let missing = KeySet::given(&path, ProcessClock::default());
        assert!(matches!(missing, Err(KeyError::File { .. })) && !path.exists());
        let first = KeySet::open(&path, ProcessClock::default()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
            assert!(matches!(KeySet::given(&path, ProcessClock::default()), Err(KeyError::Exposed { .. })));
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        }
        let given = KeySet::given(&path, ProcessClock::default()).unwrap();
        given.verify(&first.issue(&principal(), Duration::from_mins(1))).unwrap();
    }
}
