//! One field of the index: the conjuncts that each of its values leaves standing.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::bits::and;
use crate::input::Value;

/// What is told by value, a class unless said.
pub(super) type ByKey<K, T = Class> = HashMap<K, T, FixedState>;

/// Most texts that are not hashed.
const FEW: usize = 8;

/// What is told by text, a class unless said; short text, as nearly all codes are, by its bytes in one number.
#[derive(Debug)]
pub(super) struct ByText<T = Class> {
    /// As long as there are few, looking at each is faster than finding one.
    few: Vec<(u128, T)>,
    short: ByKey<u128, T>,
    long: ByKey<Box<[u8]>, T>,
}

impl<T> Default for ByText<T> {
    fn default() -> Self {
        Self { few: Vec::new(), short: ByKey::default(), long: ByKey::default() }
    }
}

impl<T: Copy> ByText<T> {
    pub(super) fn insert(&mut self, text: &[u8], told: T) {
        match packed(text) {
            Some(key) if self.short.is_empty() && self.few.len() < FEW => self.few.push((key, told)),
            Some(key) => {
                self.short.extend(self.few.drain(..));
                self.short.insert(key, told);
            }
            None => {
                self.long.insert(text.into(), told);
            }
        }
    }

    #[inline]
    fn get(&self, text: &[u8]) -> Option<T> {
        match packed(text) {
            Some(key) if self.short.is_empty() => {
                self.few.iter().find(|(known, _)| *known == key).map(|(_, told)| *told)
            }
            Some(key) => self.short.get(&key).copied(),
            None => self.long.get(text).copied(),
        }
    }
}

/// Most bytes of a beginning.
pub(super) const LONGEST: usize = 15;

/// Beginnings of text with their classes: all text, in its order, in pieces of one class each. The shortest beginning
/// tells which pieces can be meant, so that text which begins as none does is looked up once.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    /// Bytes of the shortest.
    shortest: usize,
    /// By the first bytes: which of the spans such text is in.
    after: ByText<u32>,
    /// The first of the pieces that text of the same start can be in, and the first beyond.
    spans: Vec<(u32, u32)>,
    /// Where each piece begins, ascending; it ends where the next begins.
    starts: Vec<u128>,
    classes: Vec<Class>,
}

impl Beginnings {
    /// Of beginnings, each once, in their order, of at most [`LONGEST`] bytes.
    pub(super) fn new(beginnings: &[(&str, Class)]) -> Self {
        let shortest = beginnings.iter().map(|(text, _)| text.len()).min().unwrap_or_default();
        let mut made = Self { shortest, ..Self::default() };
        // The beginnings that the place is within, from the shortest, each with its end.
        let mut within: Vec<(u128, Class)> = Vec::new();
        for (text, class) in beginnings {
            let start = in_order(text.as_bytes());
            made.leave(&mut within, start);
            made.piece(start, *class);
            within.push((end(text.as_bytes()), *class));
        }
        made.leave(&mut within, u128::MAX);
        for (text, _) in beginnings {
            let first = &text.as_bytes()[..shortest];
            let at = |bound| made.starts.partition_point(|start| *start < bound) as u32;
            let span = (at(in_order(first)), at(end(first)));
            if made.spans.last() != Some(&span) {
                made.after.insert(first, made.spans.len() as u32);
                made.spans.push(span);
            }
        }
        made
    }

    /// Ends those of `within` that `to` is beyond.
    fn leave(&mut self, within: &mut Vec<(u128, Class)>, to: u128) {
        while let Some((end, _)) = within.pop_if(|(end, _)| *end <= to) {
            self.piece(end, within.last().map_or(OTHER, |(_, class)| *class));
        }
    }

    fn piece(&mut self, start: u128, class: Class) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.classes.pop();
        }
        self.starts.push(start);
        self.classes.push(class);
    }

    /// The class of the longest beginning of `text`.
    #[inline]
    fn longest(&self, text: &str) -> Option<Class> {
        if self.starts.is_empty() {
            return None;
        }
        let bytes = text.as_bytes();
        let (from, to) = self.spans[self.after.get(bytes.get(..self.shortest)?)? as usize];
        let place = in_order(bytes);
        let before = self.starts[from as usize..to as usize].partition_point(|start| *start <= place);
        (before > 0).then(|| self.classes[from as usize + before - 1])
    }
}

/// Text as a number in the order of text: its first [`LONGEST`] bytes, and how many there are.
fn in_order(bytes: &[u8]) -> u128 {
    let mut first = [0; 16];
    let length = bytes.len().min(LONGEST);
    first[..length].copy_from_slice(&bytes[..length]);
    first[LONGEST] = bytes.len().min(LONGEST + 1) as u8;
    u128::from_be_bytes(first)
}

/// The first number beyond all text that begins so. No byte of text is the highest there is.
fn end(beginning: &[u8]) -> u128 {
    let mut first = [0; 16];
    first[..beginning.len()].copy_from_slice(beginning);
    if let Some(last) = beginning.len().checked_sub(1) {
        first[last] += 1;
    }
    u128::from_be_bytes(first)
}

/// Text of at most 15 bytes as a number that no other text has: its bytes, and its length on top.
fn packed(bytes: &[u8]) -> Option<u128> {
    let length = bytes.len();
    let low = if length >= 8 {
        if length > 15 {
            return None;
        }
        let first = u64::from_le_bytes(*bytes.first_chunk()?);
        let last = u64::from_le_bytes(*bytes.last_chunk()?);
        // The last eight bytes without those that the first eight have.
        let rest = if length == 8 { 0 } else { last >> (8 * (16 - length)) };
        u128::from(first) | u128::from(rest) << 64
    } else if length >= 4 {
        let first = u32::from_le_bytes(*bytes.first_chunk()?);
        let last = u32::from_le_bytes(*bytes.last_chunk()?);
        let rest = if length == 4 { 0 } else { last >> (8 * (8 - length)) };
        u128::from(first) | u128::from(rest) << 32
    } else {
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
    };
    Some(low | (length as u128) << 120)
}

/// A field with what its values leave.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) slot: usize,
    pub(super) keys: Keys,
    pub(super) left: Left,
}

/// Which values have a class of their own.
#[derive(Debug)]
pub(super) enum Keys {
    Text {
        named: ByText,
        /// For text that is not named: by the longest beginning that is.
        beginnings: Box<Beginnings>,
    },
    Whole(ByKey<i64>),
    /// Classes of false and of true.
    Boolean([Class; 2]),
    /// Only whether it is there.
    Presence,
    /// A number: class `n` is for those from bound `n − 1`, below bound `n`. What it leaves has its thresholds compared.
    Ranges(Vec<f64>, Vec<Class>),
    /// A list: each element adds what asks for it to what a value leaves that no conjunct names.
    Elements(ByText),
}

/// Most words in which a sparse class differs from [`OTHER`].
pub(super) const PATCHES: usize = 16;

/// What a value leaves: where that stands in [`Left`]. In two registers, also when there may be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    from: u32,
    /// One beyond the end; the highest for all words.
    beyond: NonZeroU32,
}

/// Where what a class leaves stands.
enum Stands {
    /// All words, from here in [`Left::words`].
    Dense(usize),
    /// As [`OTHER`], except these of [`Left::patches`]: at most [`PATCHES`], or elements of a list.
    Sparse(Range<usize>),
}

impl Class {
    const fn dense(from: u32) -> Self {
        Self { from, beyond: NonZeroU32::MAX }
    }

    fn sparse(from: u32, to: u32) -> Self {
        Self { from, beyond: NonZeroU32::MIN.saturating_add(to) }
    }

    #[inline]
    fn stands(self) -> Stands {
        if self.beyond == NonZeroU32::MAX {
            Stands::Dense(self.from as usize)
        } else {
            Stands::Sparse(self.from as usize..self.beyond.get() as usize - 1)
        }
    }
}

/// What a value leaves that is there and that no conjunct names.
pub(super) const OTHER: Class = Class::dense(0);

/// The bits that classes leave, side by side.
#[derive(Debug)]
pub(super) struct Left {
    /// Words of one class.
    size: usize,
    words: Vec<u64>,
    patches: Vec<(u32, u64)>,
    missing: Class,
}

impl Left {
    /// With what an unnamed value leaves, and what a missing one does.
    pub(super) fn new(other: &[u64], missing: &[u64]) -> Self {
        let mut left = Self { size: other.len(), words: other.to_vec(), patches: Vec::new(), missing: OTHER };
        left.missing = left.dense(missing);
        left
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn other(&self) -> &[u64] {
        &self.words[..self.size]
    }

    pub(super) fn dense(&mut self, words: &[u64]) -> Class {
        let from = self.words.len() as u32;
        self.words.extend_from_slice(words);
        Class::dense(from)
    }

    /// Words by their position, ascending.
    pub(super) fn sparse(&mut self, words: impl IntoIterator<Item = (u32, u64)>) -> Class {
        let from = self.patches.len() as u32;
        self.patches.extend(words);
        Class::sparse(from, self.patches.len() as u32)
    }

    fn narrow(&self, class: Class, standing: &mut [u64]) {
        match class.stands() {
            Stands::Dense(from) => and(standing, &self.words[from..][..self.size]),
            Stands::Sparse(patches) => {
                let words = &self.patches[patches];
                let mut kept = [0; PATCHES];
                for (kept, (at, word)) in kept.iter_mut().zip(words) {
                    *kept = standing[*at as usize] & word;
                }
                and(standing, self.other());
                for (kept, (at, _)) in kept.iter().zip(words) {
                    standing[*at as usize] = *kept;
                }
            }
        }
    }
}

/// Leaves of `standing` what the values in `row` do. All classes are looked up before any is read, so that what is not
/// in the caches is fetched at once.
pub(super) fn narrow(columns: &[Column], row: &[Value<'_>], standing: &mut [u64]) {
    const TOGETHER: usize = 16;
    for columns in columns.chunks(TOGETHER) {
        let mut classes = [OTHER; TOGETHER];
        for (class, column) in classes.iter_mut().zip(columns) {
            *class = column.class(&row[column.slot]);
        }
        for (class, column) in classes.iter().zip(columns) {
            match (&column.keys, &row[column.slot]) {
                (Keys::Elements(named), Value::Texts(texts)) => column.narrow_by_elements(named, texts, standing),
                _ => column.left.narrow(*class, standing),
            }
        }
    }
}

impl Column {
    fn class(&self, value: &Value<'_>) -> Class {
        let class = match (&self.keys, value) {
            (_, Value::Missing) => return self.left.missing,
            (Keys::Text { named, beginnings }, Value::Text(text)) => {
                named.get(text.as_bytes()).or_else(|| beginnings.longest(text))
            }
            (Keys::Whole(named), Value::Integer(number)) => named.get(number).copied(),
            (Keys::Boolean(classes), Value::Boolean(yes)) => Some(classes[usize::from(*yes)]),
            (Keys::Ranges(bounds, classes), Value::Number(number)) => Some(classes[span(bounds, *number)]),
            (Keys::Ranges(bounds, classes), Value::Integer(number)) => Some(classes[span(bounds, *number as f64)]),
            _ => None,
        };
        class.unwrap_or(OTHER)
    }

    fn narrow_by_elements(&self, named: &ByText, texts: &[&str], standing: &mut [u64]) {
        let mut known = texts.iter().filter_map(|text| named.get(text.as_bytes())).peekable();
        if known.peek().is_none() {
            return and(standing, self.left.other());
        }
        let mut left = self.left.other().to_vec();
        for class in known {
            if let Stands::Sparse(patches) = class.stands() {
                for (at, more) in &self.left.patches[patches] {
                    left[*at as usize] |= more;
                }
            }
        }
        and(standing, &left);
    }
}

fn span(bounds: &[f64], number: f64) -> usize {
    bounds.partition_point(|bound| *bound <= number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_longest_beginning_is_found(
            named in prop::collection::btree_set("[ab\\x00ñ]{1,6}|[ab]{12,15}", 0..60),
            text in "[ab\\x00ñ]{0,8}|[ab]{12,17}",
        ) {
            let beginnings: Vec<(&str, Class)> =
                named.iter().enumerate().map(|(at, text)| (text.as_str(), Class::dense(at as u32 + 1))).collect();
            let found = Beginnings::new(&beginnings).longest(&text).filter(|class| *class != OTHER);
            let known = beginnings.iter().filter(|(beginning, _)| text.starts_with(beginning));
            let longest = known.max_by_key(|(beginning, _)| beginning.len()).map(|(_, class)| *class);
            prop_assert_eq!(found, longest);
        }

        #[test]
        fn no_two_short_texts_have_one_number(a in "[ab\\x00ñ]{0,9}", b in "[ab\\x00ñ]{0,9}") {
            let one = packed(a.as_bytes());
            prop_assert_eq!(one == packed(b.as_bytes()) && one.is_some(), a == b && a.len() <= 15);
        }
    }
}
