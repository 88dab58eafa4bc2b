//! The hashes: of what is personal, and of a batch with everything before it.

use blake3::Hasher;

use crate::AuditError;
use crate::store::{entry, person};

/// Names this chain, and its version.
const DOMAIN: &str = "aforo audit trail 1";
/// What the first batch goes on from.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Random text that keeps a hash from being guessed.
pub(crate) fn salt() -> Result<String, AuditError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| AuditError::Randomness(error.to_string()))?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// What stands in the chain for who and on what.
pub(crate) fn commitment(person: &person::Model) -> String {
    let mut hasher = Hasher::new_derive_key(DOMAIN);
    for text in [&person.salt, &person.subject, &person.object] {
        add(&mut hasher, text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// The hash of a batch with `entries` behind `previous`.
pub(crate) fn digest(previous: &str, batch: i64, entries: &[entry::Model]) -> String {
    let mut hasher = Hasher::new_derive_key(DOMAIN);
    add(&mut hasher, previous.as_bytes());
    hasher.update(&batch.to_be_bytes());
    hasher.update(&(entries.len() as u64).to_be_bytes());
    for entry in entries {
        hasher.update(&entry.number.to_be_bytes());
        hasher.update(&entry.at_ms.to_be_bytes());
        add(&mut hasher, entry.stage.as_bytes());
        add(&mut hasher, entry.operation.as_bytes());
        hasher.update(&entry.begun.unwrap_or(0).to_be_bytes());
        hasher.update(&entry.status.unwrap_or(0).to_be_bytes());
        add(&mut hasher, entry.commitment.as_deref().unwrap_or_default().as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// With its length before it, so that no two lists of texts give the same bytes.
fn add(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
