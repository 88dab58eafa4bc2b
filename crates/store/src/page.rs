//! Pages of long lists, by key instead of by offset: stable while rows are added, and as cheap at the end as at the start.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The place after which a page begins. Callers see an opaque text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cursor {
    /// After a sequence or a time.
    Number(i64),
    /// After a time (or any number) and, among equals, an id.
    Pair(i64, Uuid),
}

/// A text that is not a cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct CursorError;

impl Cursor {
    /// The number of a cursor over numbers.
    pub fn number(self) -> Result<i64, CursorError> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Pair(..) => Err(CursorError),
        }
    }

    /// The number and id of a cursor over pairs.
    pub fn pair(self) -> Result<(i64, Uuid), CursorError> {
        match self {
            Self::Pair(number, id) => Ok((number, id)),
            Self::Number(_) => Err(CursorError),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, id) = match self {
            Self::Number(number) => (number, None),
            Self::Pair(number, id) => (number, Some(id)),
        };
        let mut bytes = number.to_be_bytes().to_vec();
        bytes.extend_from_slice(id.map_or(&[], |id| id.as_bytes()));
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let (number, id) = bytes.split_first_chunk::<8>().ok_or(CursorError)?;
        let number = i64::from_be_bytes(*number);
        match id.len() {
            0 => Ok(Self::Number(number)),
            16 => Ok(Self::Pair(number, Uuid::from_slice(id).map_err(|_| CursorError)?)),
            _ => Err(CursorError),
        }
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How many rows a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// `asked` rows, or `default` when nothing was asked; at least 1, at most `most`.
    pub fn new(asked: Option<u32>, default: u32, most: u32) -> Self {
        Self(asked.unwrap_or(default).clamp(1, most.max(1)))
    }

    /// Rows per page.
    pub fn rows(self) -> usize {
        self.0 as usize
    }

    /// Rows to select: one more than the page holds, which tells whether another page follows.
    pub fn select(self) -> u64 {
        u64::from(self.0) + 1
    }
}

/// Some rows of a list, and where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page of the selected `rows` (of which there may be one more than `limit` holds); `cursor` tells a row's place.
    pub fn of(mut rows: Vec<T>, limit: Limit, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next = rows.last().filter(|_| more).map(cursor);
        Self { items: rows, next }
    }

    /// The page with every row turned into something else.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_survive_their_text(number: i64, id: Option<u128>) {
            let cursor = match id {
                Some(id) => Cursor::Pair(number, Uuid::from_u128(id)),
                None => Cursor::Number(number),
            };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        }

        #[test]
        fn any_text_is_a_cursor_or_an_error(text: String) {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn last_page_has_no_next() {
        let limit = Limit::new(Some(2), 50, 100);
        let cursor = |number: &i64| Cursor::Number(*number);
        assert_eq!(Page::of(vec![1, 2, 3], limit, cursor), Page { items: vec![1, 2], next: Some(Cursor::Number(2)) });
        assert_eq!(Page::of(vec![1, 2], limit, cursor).next, None);
    }

    #[test]
    fn limits_are_kept_within_bounds() {
        assert_eq!(Limit::new(Some(0), 50, 100).rows(), 1);
        assert_eq!(Limit::new(Some(9_999), 50, 100).rows(), 100);
        assert_eq!(Limit::new(None, 50, 100).select(), 51);
    }
}
