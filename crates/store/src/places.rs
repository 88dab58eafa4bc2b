//! Many texts in one parameter: one blob, and the place of each text in it.
//!
//! Escaping long texts into a JSON array costs more than writing them. So they go beside it, and the array holds one
//! number per text: where it starts, shifted by 28 bits, plus its length in bytes.

/// Bits of a place that hold the length: a text may have 268,435,455 bytes.
const LENGTH_BITS: u32 = 28;

/// Texts on their way into one statement, which finds them by
/// `substr(blob, (place >> 28) + 1, place & 268435455)`.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    bytes: Vec<u8>,
}

/// A text that is longer than a place can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text of {0} bytes is too long to be stored")]
pub struct TooLong(pub usize);

impl Texts {
    /// No texts, with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Adds what `write` writes as one text and returns its place.
    pub fn add<E: From<TooLong>>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<i64, E> {
        let start = self.bytes.len();
        write(&mut self.bytes)?;
        let length = self.bytes.len() - start;
        if length >> LENGTH_BITS != 0 {
            return Err(TooLong(length).into());
        }
        Ok((start as i64) << LENGTH_BITS | length as i64)
    }

    /// The blob.
    pub fn into_blob(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_tells_start_and_length() {
        let mut texts = Texts::default();
        let mut add = |text: &str| {
            texts.add::<TooLong>(|bytes| {
                bytes.extend_from_slice(text.as_bytes());
                Ok(())
            })
        };
        let places = [add("señal"), add(""), add("x")].map(Result::unwrap);
        assert_eq!(places, [6, 6 << 28, 6 << 28 | 1]);
        assert_eq!(texts.into_blob(), "señalx".as_bytes());
    }
}
