//! When declarations come: weekdays, seasons, hours of the day.

use jiff::Timestamp;

use crate::WorldSpec;
use crate::draw::{Purpose, Stream};

pub(crate) const DAY: i64 = 86_400_000_000;
pub(crate) const HOUR: i64 = 3_600_000_000;

/// Monday to Sunday.
const WEEKDAYS: [f64; 7] = [1.15, 1.2, 1.2, 1.2, 1.25, 0.65, 0.35];

/// Microseconds since 1970 of a moment; the world counts in them.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The moment of `micros`, at the limits of the calendar if it lies beyond them.
pub(crate) fn moment(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// Some days, in microseconds.
pub(crate) fn days(days: f64) -> i64 {
    (days * DAY as f64) as i64
}

/// How many declarations to expect on each day of the world, for `total` in all.
pub(crate) fn daily_volumes(spec: &WorldSpec, total: f64) -> Vec<f64> {
    let first = micros(spec.start).div_euclid(DAY);
    let weights: Vec<f64> = (0..i64::from(spec.days))
        .map(|day| {
            // 1970-01-01 was a Thursday.
            let weekday = (first + day + 3).rem_euclid(7) as usize;
            let season = (first + day) as f64 / 365.25 * std::f64::consts::TAU;
            WEEKDAYS[weekday] * (1.0 + 0.1 * (season - 4.9).cos())
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum * total).collect()
}

/// Acceptance times of one day, in order; microseconds since 1970.
pub(crate) fn times_of(spec: &WorldSpec, day: u32, expected: f64) -> Vec<i64> {
    let mut stream = Stream::new(spec.seed, Purpose::Day, u64::from(day), 0);
    let count = stream.poisson(expected);
    let midnight = micros(spec.start) + i64::from(day) * DAY;
    let mut times: Vec<i64> = (0..count)
        .map(|_| {
            let hour =
                if stream.chance(0.8) { stream.gauss(12.8, 3.0).clamp(6.0, 22.5) } else { stream.between(0.0, 24.0) };
            // Whole seconds: what declarations carry.
            midnight + ((hour * 3600.0) as i64 + stream.below(60) as i64).min(86_399) * 1_000_000
        })
        .collect();
    times.sort_unstable();
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_its_volume_and_quiet_sundays() {
        let spec = WorldSpec::default();
        let volumes = daily_volumes(&spec, 100_000.0);
        assert!((volumes.iter().sum::<f64>() - 100_000.0).abs() < 1e-6);
        // 2026-01-01 is a Thursday.
        assert!(volumes[3] < volumes[0] / 2.0 && volumes[2] < volumes[1]);
        let times = times_of(&spec, 10, 300.0);
        assert!(times.is_sorted() && times.iter().all(|at| (0..DAY).contains(&(at - micros(spec.start) - 10 * DAY))));
    }
}
