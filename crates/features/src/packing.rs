//! The vectors of one declaration as they are told and kept: packed, since its items have most of their values in common.
//! What cannot be read, or is no whole number of equally long vectors, is none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use customs::PackedVectors;

/// The longest that packed vectors may say they are, in bytes: many times what any contract gives.
const LONGEST: usize = 16 * 1024 * 1024;

/// Packs the vectors of items (by sequence).
pub fn pack_vectors<'a>(vectors: impl Iterator<Item = (u32, &'a [f32])>) -> PackedVectors {
    let (mut items, mut bytes) = (Vec::new(), Vec::new());
    for (item, vector) in vectors {
        items.push(item);
        bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
    }
    PackedVectors { items, packed: STANDARD.encode(lz4_flex::block::compress_prepend_size(&bytes)) }
}

/// The little-endian values of all items, one vector after the other.
pub fn unpack_vectors(packed: &PackedVectors) -> Option<Vec<u8>> {
    let block = STANDARD.decode(&packed.packed).ok()?;
    let (length, _) = block.split_first_chunk::<4>()?;
    if u32::from_le_bytes(*length) as usize > LONGEST {
        return None;
    }
    let bytes = lz4_flex::block::decompress_size_prepended(&block).ok()?;
    let width = bytes.len().checked_div(packed.items.len()).unwrap_or_default();
    (width > 0 && width % 4 == 0 && width * packed.items.len() == bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_vectors_come_back_to_the_last_bit_and_are_short_where_they_are_alike() {
        let alike: Vec<Vec<f32>> = (0..8)
            .map(|item: u16| (0..168_u16).map(|at| if at == item { f32::NAN } else { f32::from(at) / 7.0 }).collect())
            .collect();
        let packed = pack_vectors((1..).zip(alike.iter().map(Vec::as_slice)));
        assert_eq!(packed.items, (1..=8).collect::<Vec<u32>>());
        let bytes: Vec<u8> = alike.iter().flat_map(|vector| crate::vector_to_bytes(vector)).collect();
        assert!(packed.packed.len() * 4 < bytes.len(), "{} of {}", packed.packed.len(), bytes.len());
        assert_eq!(unpack_vectors(&packed), Some(bytes));
    }

    #[test]
    fn what_holds_no_whole_vectors_is_none() {
        let packed = pack_vectors([(1, [1.0, 2.0].as_slice()), (2, &[3.0])].into_iter());
        assert_eq!(unpack_vectors(&packed), None, "of different lengths, together no whole number");
        assert_eq!(unpack_vectors(&PackedVectors::default()), None);
        assert_eq!(unpack_vectors(&pack_vectors(std::iter::empty())), None);
        for text in ["!", "AAAA", "/////w==", "CAAAAA=="] {
            assert_eq!(unpack_vectors(&PackedVectors { items: vec![1], packed: text.to_owned() }), None, "{text}");
        }
    }
}
