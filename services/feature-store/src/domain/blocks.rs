//! Declarations as they were lodged, packed in blocks.
//!
//! Neighbours share most of their text (field names, codes), so a block of them takes a fraction of what they take one
//! by one. How a stream is cut into blocks means nothing: what is read back is entry by entry, by its place in the log.

use customs::Timestamp;

/// A block is closed at this size; beyond the codec's window nothing is gained by more.
const BLOCK_BYTES: usize = 256 * 1024;
/// Sequence (8 bytes) and length (4 bytes) before each text, little-endian.
const HEADER_BYTES: usize = 12;

/// A block of lodged declarations that is not packed yet.
#[derive(Debug)]
pub struct Block {
    /// Place in the log of the first entry.
    pub first: u64,
    /// Place of the last one.
    pub last: u64,
    /// The earliest acceptance, microseconds.
    pub from: i64,
    /// The latest one, microseconds.
    pub until: i64,
    /// Number of entries.
    pub declarations: u32,
    bytes: Vec<u8>,
}

impl Block {
    /// The block as it is stored.
    pub fn pack(&self) -> Vec<u8> {
        lz4_flex::block::compress_prepend_size(&self.bytes)
    }
}

/// The blocks of a batch.
#[derive(Debug, Default)]
pub struct Blocks(Vec<Block>);

impl Blocks {
    /// Adds what was lodged at `sequence`.
    pub fn add(&mut self, sequence: u64, accepted_at: Timestamp, text: &str) {
        let at = accepted_at.as_microsecond();
        if self.0.last().is_none_or(|block| block.bytes.len() >= BLOCK_BYTES) {
            let bytes = Vec::new();
            self.0.push(Block { first: sequence, last: sequence, from: at, until: at, declarations: 0, bytes });
        }
        if let Some(block) = self.0.last_mut() {
            block.last = sequence;
            block.from = block.from.min(at);
            block.until = block.until.max(at);
            block.declarations += 1;
            push(&mut block.bytes, sequence, text);
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Block> {
        self.0.iter()
    }
}

fn push(bytes: &mut Vec<u8>, sequence: u64, text: &str) {
    bytes.reserve(HEADER_BYTES + text.len());
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// A stored block, unpacked.
#[derive(Debug)]
pub struct Unpacked(Vec<u8>);

impl Unpacked {
    /// The block in `stored`; none when it is no block.
    pub fn new(stored: &[u8]) -> Option<Self> {
        lz4_flex::block::decompress_size_prepended(stored).ok().map(Self)
    }

    /// The same block with other texts where `other` has one for an entry; none where it has none for any.
    pub fn rewritten(&self, other: impl Fn(u64, &str) -> Option<String>) -> Option<Vec<u8>> {
        let (mut bytes, mut changed) = (Vec::with_capacity(self.0.len()), false);
        for (sequence, text) in self.entries() {
            let other = other(sequence, text);
            changed |= other.is_some();
            push(&mut bytes, sequence, other.as_deref().unwrap_or(text));
        }
        changed.then(|| lz4_flex::block::compress_prepend_size(&bytes))
    }

    /// Its entries with their places in the log; one that is cut off ends it.
    pub fn entries(&self) -> impl Iterator<Item = (u64, &str)> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (sequence, after) = rest.split_first_chunk::<8>()?;
            let (length, after) = after.split_first_chunk::<4>()?;
            let (text, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            Some((u64::from_le_bytes(*sequence), std::str::from_utf8(text).ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_read_back_whatever_the_blocks() {
        let texts: Vec<String> =
            (0..400).map(|n| format!("{{\"number\":{n},\"text\":\"{}\"}}", "ab".repeat(700))).collect();
        let mut blocks = Blocks::default();
        for (sequence, text) in (7_u64..).zip(&texts) {
            blocks.add(sequence, Timestamp::from_second(sequence as i64).unwrap(), text);
        }
        assert!(blocks.iter().count() > 1);
        let packed: Vec<Vec<u8>> = blocks.iter().map(Block::pack).collect();
        assert!(packed.iter().map(Vec::len).sum::<usize>() * 5 < texts.iter().map(String::len).sum::<usize>());
        let read: Vec<(u64, String)> = packed
            .iter()
            .flat_map(|block| {
                let block = Unpacked::new(block).unwrap();
                block.entries().map(|(sequence, text)| (sequence, text.to_owned())).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(read, (7_u64..).zip(texts).collect::<Vec<_>>());
        let (first, last) = (blocks.iter().next().unwrap(), blocks.iter().last().unwrap());
        assert_eq!((first.first, first.from, last.last), (7, 7_000_000, 406));
        assert_eq!(blocks.iter().map(|block| block.declarations).sum::<u32>(), 400);
    }

    #[test]
    fn one_text_is_rewritten_and_its_neighbours_stay() {
        let mut blocks = Blocks::default();
        for sequence in 1..=3 {
            blocks.add(sequence, Timestamp::UNIX_EPOCH, "{\"who\":\"ana\"}");
        }
        let block = Unpacked::new(&blocks.iter().next().unwrap().pack()).unwrap();
        assert!(block.rewritten(|_, _| None).is_none());
        let rewritten = block.rewritten(|sequence, _| (sequence == 2).then(|| "{}".to_owned())).unwrap();
        let rewritten = Unpacked::new(&rewritten).unwrap();
        let texts: Vec<_> = rewritten.entries().collect();
        assert_eq!(texts, [(1, "{\"who\":\"ana\"}"), (2, "{}"), (3, "{\"who\":\"ana\"}")]);
    }

    #[test]
    fn what_is_no_block_is_not_read() {
        assert!(Unpacked::new(b"no").is_none());
    }
}
