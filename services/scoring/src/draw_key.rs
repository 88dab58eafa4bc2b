//! The secret of the keyed draws: 32 bytes in hexadecimal, in a file that only its owner may read.
//!
//! Once made it is never replaced by itself: another secret would draw other consignments.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use selection::DrawSecret;

/// A secret that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DrawKeyError {
    /// The file cannot be read or made.
    #[error("the draw key {path} cannot be read or made")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("the draw key {0} is not 64 hexadecimal digits")]
    Malformed(PathBuf),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Randomness(String),
}

/// The secret in `path`; where there is none yet, one made from `seed` or from chance.
pub fn open(path: &Path, seed: Option<u64>) -> Result<DrawSecret, DrawKeyError> {
    let refuse = |source| DrawKeyError::File { path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let hash = blake3::Hash::from_hex(text.trim()).map_err(|_| DrawKeyError::Malformed(path.to_owned()))?;
            Ok(DrawSecret::new(*hash.as_bytes()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = make(seed)?;
            match write(path, &secret) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => open(path, seed),
                written => written.map(|()| DrawSecret::new(secret)).map_err(refuse),
            }
        }
        Err(error) => Err(refuse(error)),
    }
}

fn make(seed: Option<u64>) -> Result<[u8; 32], DrawKeyError> {
    if let Some(seed) = seed {
        return Ok(blake3::derive_key("aforo scoring draw secret v1", &seed.to_le_bytes()));
    }
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret).map_err(|error| DrawKeyError::Randomness(error.to_string()))?;
    Ok(secret)
}

/// Written aside and linked, so that there is a whole key or none, and the first of two processes wins.
fn write(path: &Path, secret: &[u8; 32]) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(blake3::Hash::from_bytes(*secret).to_hex().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&aside, path);
    std::fs::remove_file(&aside)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys/draw.key");
        let made = open(&path, Some(7)).unwrap().draw("stratum", "A");
        assert!((open(&path, Some(8)).unwrap().draw("stratum", "A") - made).abs() < 1e-15);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "short").unwrap();
        assert!(matches!(open(&path, None), Err(DrawKeyError::Malformed(_))));
    }
}
