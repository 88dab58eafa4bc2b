//! Tests of one number: ranges that do not meet, lists that have nothing in them.

use super::{super::normal::Atom, Reason};

/// Of a whole number, which is never below `minimum` nor above `maximum`.
pub(super) fn whole(name: &str, atoms: &[&Atom<'_>], minimum: Option<i64>, maximum: Option<i64>) -> Option<Reason> {
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    let mut lists: Vec<(&Vec<i64>, bool)> = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Whole { low: from, high: to, .. } => (low, high) = (low.max(*from), high.min(*to)),
            Atom::Among { numbers, inside, .. } => lists.push((numbers, *inside)),
            _ => {}
        }
    }
    let several = atoms.iter().filter(|atom| matches!(atom, Atom::Whole { .. })).nth(1).is_some();
    let crossed = several && low > high && low != i64::MIN && high != i64::MAX;
    let suggestion = crossed.then(|| format!("{name} >= {high} && {name} <= {low}"));
    let asked = lists.iter().find(|(_, inside)| *inside).map(|(numbers, _)| numbers);
    let least_asked = asked.map_or(Some(low), |numbers| numbers.iter().copied().min());
    let most_asked = asked.map_or(Some(high), |numbers| numbers.iter().copied().max());
    low = low.max(minimum.unwrap_or(i64::MIN));
    high = high.min(maximum.unwrap_or(i64::MAX));
    let passes = |number: i64| {
        (low..=high).contains(&number) && lists.iter().all(|(list, inside)| list.contains(&number) == *inside)
    };
    let impossible = match asked {
        Some(candidates) => !candidates.iter().any(|number| passes(*number)),
        None => low > high || (low == high && !passes(low)),
    };
    impossible.then(|| match (minimum, maximum) {
        (Some(least), _) if most_asked.is_some_and(|asked| asked < least) => {
            (format!("{name} is never below {least}"), suggestion)
        }
        (_, Some(most)) if least_asked.is_some_and(|asked| asked > most) => {
            (format!("{name} is never above {most}"), suggestion)
        }
        _ => (format!("no {name} passes all of its tests"), suggestion),
    })
}

/// Of a number, which is none of the `gaps`.
pub(super) fn number(name: &str, atoms: &[&Atom<'_>], gaps: &[f64]) -> Option<Reason> {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for atom in atoms {
        if let Atom::Between { low: from, high: to, .. } = atom {
            (low, high) = (low.max(*from), high.min(*to));
        }
    }
    // One test alone is empty where nothing lies beyond its constant: there is nothing to turn around.
    let several = atoms.iter().filter(|atom| matches!(atom, Atom::Between { .. })).nth(1).is_some();
    let suggestion = (several && low.is_finite() && high.is_finite() && low > high)
        .then(|| format!("{name} >= {:?} && {name} <= {:?}", high as f32, low as f32));
    let nothing_left = low > high || low.to_bits() == high.to_bits() && gaps.contains(&low);
    nothing_left.then(|| (format!("no {name} passes all of its tests"), suggestion))
}
