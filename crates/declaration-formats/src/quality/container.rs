//! Container numbers of ISO 6346: four letters, six digits, a check digit.

/// Whether `number` is four capital letters, the last of them `U`, `J` or `Z`, six digits, and their check digit.
pub fn is_well_formed_container(number: &str) -> bool {
    let bytes = number.as_bytes();
    if bytes.len() != 11 || !bytes[..4].iter().all(u8::is_ascii_uppercase) || !bytes[4..].iter().all(u8::is_ascii_digit)
    {
        return false;
    }
    if !matches!(bytes[3], b'U' | b'J' | b'Z') {
        return false;
    }
    let sum: u32 = bytes[..10].iter().enumerate().map(|(place, byte)| value(*byte) << place).sum();
    sum % 11 % 10 == u32::from(bytes[10] - b'0')
}

/// Letters count from 10 and skip the multiples of 11 (ISO 6346, annex A).
fn value(byte: u8) -> u32 {
    if byte.is_ascii_digit() {
        return u32::from(byte - b'0');
    }
    let letter = u32::from(byte - b'A') + 10;
    letter + u32::from(letter >= 11) + u32::from(letter >= 21) + u32::from(letter >= 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides() {
        // The worked example of the standard.
        assert!(is_well_formed_container("CSQU3054383"));
        assert!(is_well_formed_container("MSKU1234565"));
        assert!(!is_well_formed_container("CSQU3054384"));
        assert!(!is_well_formed_container("CSQX3054383"));
        assert!(!is_well_formed_container("csqu3054383"));
        assert!(!is_well_formed_container("CSQU305438"));
        assert!(!is_well_formed_container("ÑSQU305438"));
        assert!(!is_well_formed_container(""));
    }

    #[test]
    fn letters_skip_the_multiples_of_eleven() {
        let values: Vec<u32> = (b'A'..=b'Z').map(value).collect();
        assert!(values.iter().all(|value| value % 11 != 0));
        assert_eq!(
            (values[0], values[1], values[10], values[11], values[20], values[21], values[25]),
            (10, 12, 21, 23, 32, 34, 38)
        );
    }
}
