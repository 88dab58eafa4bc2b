//! Lists of 48-bit words as text, eight characters each: half the size of decimal numbers, and exact.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes the lowest 48 bits of each word.
pub fn serialize<'a, S: Serializer>(
    words: impl IntoIterator<Item = &'a u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut text = String::new();
    for word in words {
        for place in (0..8).rev() {
            text.push(char::from(ALPHABET[(word >> (6 * place)) as usize & 63]));
        }
    }
    serializer.serialize_str(&text)
}

/// Reads what [`serialize`] wrote.
pub fn deserialize<'de, D: Deserializer<'de>, C: FromIterator<u64>>(deserializer: D) -> Result<C, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    if text.len() % 8 != 0 {
        return Err(D::Error::custom("packed words have eight characters each"));
    }
    text.as_bytes()
        .chunks(8)
        .map(|chunk| {
            chunk.iter().try_fold(0_u64, |word, byte| {
                let digit = match byte {
                    b'A'..=b'Z' => byte - b'A',
                    b'a'..=b'z' => byte - b'a' + 26,
                    b'0'..=b'9' => byte - b'0' + 52,
                    b'-' => 62,
                    b'_' => 63,
                    _ => return Err(D::Error::custom("not a packed word")),
                };
                Ok(word << 6 | u64::from(digit))
            })
        })
        .collect()
}
