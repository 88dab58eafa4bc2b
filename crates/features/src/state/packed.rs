//! States as bytes: counters as variable-length integers, so that the many entities that were seen once take a dozen
//! bytes. The same state always gives the same bytes.

use crate::state::{EntityState, History, Values};

const HISTORY: u8 = b'H';
const VALUES: u8 = b'V';

impl EntityState {
    /// Appends the bytes of the state.
    pub fn pack(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::History(history) => {
                bytes.push(HISTORY);
                signed(bytes, history.duty_cents);
                unsigned(bytes, u64::from(history.first_day));
                unsigned(bytes, u64::from(history.last_day));
                for count in counts(history) {
                    unsigned(bytes, u64::from(count));
                }
            }
            Self::Values(values) => {
                bytes.push(VALUES);
                signed(bytes, values.sum);
                signed(bytes, values.squares);
                unsigned(bytes, u64::from(values.count));
                for bin in values.bins {
                    unsigned(bytes, u64::from(bin));
                }
            }
        }
    }

    /// The state at the beginning of `bytes`, and what follows it; none when it is cut short or no state.
    pub fn unpack(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (form, mut rest) = bytes.split_first()?;
        let rest = &mut rest;
        let state = match *form {
            HISTORY => {
                let mut history = History { duty_cents: take_signed(rest)?, ..History::default() };
                history.first_day = u16::try_from(take(rest)?).ok()?;
                history.last_day = u16::try_from(take(rest)?).ok()?;
                let mut count = || u32::try_from(take(rest)?).ok();
                history.declared = count()?;
                history.critical = count()?;
                for class in 0..3 {
                    history.examined[class] = count()?;
                    history.found[class] = count()?;
                }
                for tile in &mut history.tiles {
                    tile.declared = count()?;
                    tile.examined = count()?;
                    tile.found = count()?;
                }
                Self::History(history)
            }
            VALUES => {
                let mut values = Values { sum: take_signed(rest)?, squares: take_signed(rest)?, ..Values::default() };
                values.count = u32::try_from(take(rest)?).ok()?;
                for bin in &mut values.bins {
                    *bin = u32::try_from(take(rest)?).ok()?;
                }
                Self::Values(values)
            }
            _ => return None,
        };
        Some((state, *rest))
    }
}

fn counts(history: &History) -> impl Iterator<Item = u32> + '_ {
    let classes = (0..3).flat_map(|class| [history.examined[class], history.found[class]]);
    let tiles = history.tiles.iter().flat_map(|tile| [tile.declared, tile.examined, tile.found]);
    [history.declared, history.critical].into_iter().chain(classes).chain(tiles)
}

fn unsigned(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The sign in the lowest bit, so that small negative numbers are short too.
fn signed(bytes: &mut Vec<u8>, value: i64) {
    unsigned(bytes, ((value << 1) ^ (value >> 63)) as u64);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7F);
        if place == 9 && part > 1 {
            return None;
        }
        value |= part << (7 * place);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let value = take(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}
