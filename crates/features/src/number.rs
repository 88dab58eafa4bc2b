//! Decimals and times as the numbers that states and vectors hold.

use customs::{Decimal, Timestamp};

const SECONDS_PER_DAY: i64 = 86_400;
const POWERS: [f64; 29] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28,
];

/// The nearest `f64`.
pub fn float(decimal: Decimal) -> f64 {
    decimal.mantissa() as f64 / POWERS[decimal.scale().min(28) as usize]
}

/// Natural logarithm of a positive number; NaN of anything else.
pub fn ln(value: f64) -> f32 {
    if value > 0.0 { value.ln() as f32 } else { f32::NAN }
}

/// Days since 1970-01-01 in UTC; times outside 1970 to 2149 count as the nearest day.
pub fn day(at: Timestamp) -> u16 {
    u16::try_from(at.as_second().div_euclid(SECONDS_PER_DAY).max(0)).unwrap_or(u16::MAX - 1)
}

/// Hundredths of a unit, saturating.
pub fn cents(amount: Decimal) -> i64 {
    let scaled = (float(amount) * 100.0).round();
    scaled.clamp(-9.0e15, 9.0e15) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_the_nearest_float() {
        assert!((float(Decimal::new(125_040, 2)) - 1250.40).abs() < 1e-9);
        assert_eq!(cents(Decimal::new(-1_005, 1)), -10_050);
        assert_eq!(day("1970-01-02T00:00:00Z".parse().unwrap()), 1);
        assert!(ln(-1.0).is_nan());
    }
}
