//! How goods travel: voyages that several declarations share, documents, containers with valid numbers.

use customs::{MeansOfTransport, TransportDocument, TransportMode};

use crate::calendar::{DAY, HOUR, moment};
use crate::draw::{Purpose, Stream};
use crate::places::Character;

const LINES: &[(&str, &str)] =
    &[("MAEU", "MSKU"), ("MSCU", "MSCU"), ("HLCU", "HLXU"), ("COSU", "CSNU"), ("CMDU", "CMAU"), ("ONEY", "ONEU")];
const AIRLINES: &[(&str, &str)] = &[("045", "LA"), ("230", "CM"), ("001", "AA"), ("074", "KL"), ("996", "UX")];

/// One passage of a means of transport.
pub(crate) struct Voyage {
    pub(crate) means: MeansOfTransport,
    /// Microseconds since 1970.
    pub(crate) arrival: i64,
    line: usize,
    number: u64,
}

pub(crate) fn mode(character: Character) -> TransportMode {
    match character {
        Character::Sea => TransportMode::Maritime,
        Character::Air => TransportMode::Air,
        Character::Road => TransportMode::Road,
        Character::River => TransportMode::InlandWaterway,
        Character::Post => TransportMode::Mail,
    }
}

/// The voyage into or out of `place` nearest to `wished`: after it when `later`, before it otherwise. Everyone who asks
/// for the same slot of the timetable gets the same voyage.
pub(crate) fn voyage(seed: u64, place: usize, mode: TransportMode, wished: i64, later: bool, berth: usize) -> Voyage {
    let interval = match mode {
        TransportMode::Maritime | TransportMode::InlandWaterway => DAY,
        TransportMode::Road => 2 * HOUR,
        _ => 4 * HOUR,
    };
    let slot = wished.div_euclid(interval) + if later { 1 } else { -1 };
    let number = (slot.unsigned_abs() * 4 + berth as u64) * 512 + place as u64;
    let mut stream = Stream::new(seed, Purpose::Voyage, number, mode as u64);
    // The slot before or after the wished one, so that the voyage is surely earlier or later.
    let arrival = (slot * interval + (interval / 2) / 64 * stream.below(64) as i64) / 1_000_000 * 1_000_000;
    let line = stream.below(if mode == TransportMode::Air { AIRLINES.len() } else { LINES.len() });
    let (id, voyage) = match mode {
        TransportMode::Air => (format!("{}{}", AIRLINES[line].1, 500 + stream.below(400)), Some(format!("{slot}"))),
        TransportMode::Road => (road_plate(&mut stream), None),
        _ => (imo_number(9_100_000 / 10 + stream.below(60) as u64 * 37), Some(format!("{:03}{}", slot % 1000, place))),
    };
    let means = MeansOfTransport { mode, id, voyage, expected_arrival: Some(moment(arrival)) };
    Voyage { means, arrival, line, number }
}

impl Voyage {
    /// The document of one consignment; `key` makes it the only one of its number.
    pub(crate) fn document(&self, key: u64, stream: &mut Stream) -> TransportDocument {
        let (prefix, house) = match self.means.mode {
            TransportMode::Air => (AIRLINES[self.line].0, 0.9),
            TransportMode::Road => ("CPIC", 0.05),
            TransportMode::Mail => ("CP", 0.0),
            _ => (LINES[self.line].0, 0.55),
        };
        if stream.chance(house) {
            let master = self.number * 16 + stream.below(16) as u64;
            TransportDocument {
                id: format!("H{key:010}"),
                master_id: Some(format!("{prefix}{:09}", master % 1_000_000_000)),
            }
        } else {
            TransportDocument { id: format!("{prefix}{key:09}"), master_id: None }
        }
    }

    /// Who carries.
    pub(crate) fn carrier(&self) -> &'static str {
        if self.means.mode == TransportMode::Air { AIRLINES[self.line].1 } else { LINES[self.line].0 }
    }
}

/// A container number with its ISO 6346 check digit.
pub(crate) fn container_number(stream: &mut Stream) -> String {
    let owner = stream.pick(LINES).1;
    let body = format!("{owner}{:06}", stream.below(1_000_000));
    let check = check_digit(&body);
    format!("{body}{check}")
}

/// The check digit of ISO 6346 for four letters and six digits.
pub(crate) fn check_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(position, byte)| {
            let value = if byte.is_ascii_digit() {
                u32::from(byte - b'0')
            } else {
                // Letters count from 10, leaving out the multiples of 11.
                let letter = u32::from(byte.wrapping_sub(b'A'));
                10 + letter + letter.div_ceil(10)
            };
            value << position
        })
        .sum();
    sum % 11 % 10
}

fn imo_number(body: u64) -> String {
    let digits = format!("{:06}", body % 1_000_000);
    let sum: u64 = digits.bytes().zip((2..=7).rev()).map(|(byte, weight)| u64::from(byte - b'0') * weight).sum();
    format!("{digits}{}", sum % 10)
}

pub(crate) fn road_plate(stream: &mut Stream) -> String {
    let letter = |stream: &mut Stream| char::from(b'A' + stream.below(26) as u8);
    format!("{}{}{}-{:03}", letter(stream), letter(stream), stream.below(10), stream.below(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standard() {
        assert_eq!(check_digit("CSQU305438"), 3);
        assert_eq!(check_digit("MSKU123456"), 5);
    }

    #[test]
    fn consignments_of_one_slot_share_the_voyage() {
        let at = 1_770_000_000_000_000;
        let one = voyage(1, 0, TransportMode::Maritime, at, true, 0);
        let two = voyage(1, 0, TransportMode::Maritime, at + HOUR, true, 0);
        assert_eq!(one.means, two.means);
        assert!(one.arrival > at);
        assert!(voyage(1, 0, TransportMode::Maritime, at, false, 0).arrival <= at + DAY / 2);
    }
}
