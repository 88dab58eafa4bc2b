//! Sets of conjuncts, a bit each.

/// A bit for each conjunct, in words of 64.
pub(super) type Bits = Vec<u64>;

/// No bits of `count`.
pub(super) fn none(count: usize) -> Bits {
    vec![0; count.div_ceil(64)]
}

pub(super) fn set(bits: &mut [u64], at: usize, value: bool) {
    let bit = 1_u64 << (at % 64);
    if value {
        bits[at / 64] |= bit;
    } else {
        bits[at / 64] &= !bit;
    }
}

pub(super) fn and(bits: &mut [u64], other: &[u64]) {
    for (word, other) in bits.iter_mut().zip(other) {
        *word &= other;
    }
}
