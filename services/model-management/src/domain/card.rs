//! What a model's card says beyond what the model knows of itself: name, label cutoff, limits, and how good the rows
//! were that it learned from.

use customs::Direction;
use jiff::{Timestamp, tz::TimeZone};
use risk_model::{Artefact, CardNotes, TrainingSet};

use super::wire_name;

/// Features that are named with the share of rows in which they are missing.
const NAMED: usize = 8;
/// Where the plot stands, seen from the card.
const PLOT: &str = "calibration.svg";

/// How good the rows are: subjects with what was found. Empty for no rows.
pub fn quality(set: &TrainingSet) -> Vec<(String, String)> {
    let (rows, width) = (set.len(), set.width());
    if rows == 0 {
        return Vec::new();
    }
    let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / rows as f64);
    let sum: f64 = set.weights.iter().map(|weight| f64::from(*weight)).sum();
    let squares: f64 = set.weights.iter().map(|weight| f64::from(*weight).powi(2)).sum();
    let most = set.weights.iter().copied().fold(0.0, f32::max);
    let unweighted = set.weights.iter().filter(|weight| **weight <= 1.0).count();
    let mut found = vec![
        ("rows that count once: examined for certain, or with what probability is not known".into(), share(unweighted)),
        ("largest weight of a row".into(), format!("{most:.1}")),
    ];
    if squares > 0.0 {
        found.push(("rows that as many equal ones would be worth".into(), format!("{:.0}", sum * sum / squares)));
    }
    let (mut missing, mut varies) = (vec![0_usize; width], vec![false; width]);
    let first = set.row(0);
    for values in set.rows.chunks_exact(width) {
        for (at, value) in values.iter().enumerate() {
            missing[at] += usize::from(value.is_nan());
            varies[at] |= value.to_bits() != first[at].to_bits();
        }
    }
    let constant = varies.iter().filter(|varies| !**varies).count();
    found.push(("features that say the same in every row".into(), format!("{constant} of {width}")));
    let mut order: Vec<usize> = (0..width).filter(|at| missing[*at] > 0).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(missing[*at]), *at));
    found.push(("features missing in some row".into(), format!("{} of {width}", order.len())));
    for at in order.into_iter().take(NAMED) {
        found.push((format!("{} missing", set.names[at]), share(missing[at])));
    }
    found
}

/// The notes of a model of `direction` that was made at `made_at` from results known at `cutoff`, of declarations at
/// least `maturity_days` old.
pub fn notes(
    name: &str,
    direction: Direction,
    (made_at, cutoff): (Timestamp, Timestamp),
    maturity_days: u32,
    mut quality: Vec<(String, String)>,
    artefact: &Artefact,
) -> CardNotes {
    let summary = artefact.summary();
    if summary.rows > 0 {
        let query = format!("`GET /v1/data-quality?from={}&until={}`", day(summary.from), day(summary.to));
        quality.push(("what was lodged in that time, by source and field".to_owned(), query));
    }
    let left_out = match maturity_days {
        0 => String::new(),
        days => format!("; declarations lodged less than {days} days before it were left out"),
    };
    let direction = wire_name(&direction);
    CardNotes {
        name: format!("{name}, direction {direction}, {}", made_at.to_zoned(TimeZone::UTC).date()),
        label_cutoff: format!("{cutoff}{left_out}"),
        limits: vec![format!("It scores declarations of direction {direction}, and no others.")],
        data_quality: quality,
        plot: PLOT.to_owned(),
    }
}

/// A moment as a parameter: the second it lies in.
fn day(micros: i64) -> String {
    Timestamp::from_second(micros.div_euclid(1_000_000)).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quality_of_rows_is_what_they_miss_and_how_they_weigh() {
        let mut set = TrainingSet { names: ["a", "b", "c"].map(str::to_owned).to_vec(), ..TrainingSet::default() };
        assert!(quality(&set).is_empty());
        set.push(&[1.0, f32::NAN, 3.0], true, 1.0, 1, 0);
        set.push(&[2.0, f32::NAN, 3.0], false, 3.0, 2, 0);
        set.push(&[2.0, 5.0, 3.0], false, 1.0, 3, 0);
        let told = quality(&set);
        let of = |subject: &str| told.iter().find(|(name, _)| name.starts_with(subject)).unwrap().1.as_str();
        assert_eq!(of("rows that count once"), "66.7 %");
        assert_eq!(of("largest weight"), "3.0");
        assert_eq!(of("rows that as many"), "2");
        assert_eq!(of("features that say the same"), "1 of 3");
        assert_eq!(of("b missing"), "66.7 %");
        assert!(!told.iter().any(|(name, _)| name.starts_with("a missing")));
    }
}
