//! Tests of one text: its beginning, its end, what is within it, its place in the order.

use super::{
    super::{
        normal::Atom,
        tree::{Comparison, Condition, Text, TextTest},
    },
    Reason,
};

/// Of tests that exclude one another whatever the text is.
pub(super) fn contradiction(name: &str, atoms: &[&Atom<'_>]) -> Option<Reason> {
    of_parts(name, atoms).or_else(|| Range::of(atoms).contradiction(name, atoms))
}

/// What is asked of a part of a field's text: the field, what, of which part, and whether it is to be so.
fn part<'a>(atom: &Atom<'a>) -> Option<(usize, TextTest, &'a str, bool)> {
    match atom {
        Atom::Begins { slot, prefix, inside } => Some((*slot, TextTest::StartsWith, prefix, *inside)),
        Atom::Opaque { condition: Condition::Test(test, Text::Field(slot), Text::Constant(part)), truth } => {
            Some((*slot, *test, part, *truth))
        }
        _ => None,
    }
}

/// The fewest characters of a text that passes these tests; one without parts has nothing and is missing.
pub(super) fn least_size(slot: usize, atoms: &[Atom<'_>]) -> i64 {
    let sizes = atoms.iter().filter_map(part).filter(|(of, _, _, so)| *of == slot && *so);
    sizes.map(|(_, _, part, _)| part.chars().count() as i64).fold(1, i64::max)
}

fn of_parts(name: &str, atoms: &[&Atom<'_>]) -> Option<Reason> {
    let parts = || atoms.iter().filter_map(|atom| part(atom));
    let asked =
        |wanted: TextTest| parts().filter(move |(_, test, _, so)| *test == wanted && *so).map(|(.., part, _)| part);
    for (test, verb) in [(TextTest::StartsWith, "begin"), (TextTest::EndsWith, "end")] {
        let all: Vec<&str> = asked(test).collect();
        let longest = all.iter().copied().max_by_key(|part| part.len()).unwrap_or_default();
        if let Some(other) = all.iter().find(|other| !test.holds(longest, other)) {
            return Some((format!("{name} cannot {verb} with '{other}' and with '{longest}'"), None));
        }
    }
    for (_, test, part, _) in parts().filter(|(.., so)| !so) {
        if part.is_empty() {
            return Some(("'' is a part of every text".to_owned(), None));
        }
        let sure = parts().any(|(_, other, longer, so)| {
            so && (test == other || test == TextTest::Contains) && test.holds(longer, part)
        });
        if sure {
            return Some((format!("{name} has '{part}' by its other tests"), None));
        }
    }
    None
}

/// Where a text can stand in the order: the bounds, each with whether it may be the bound itself.
pub(super) struct Range<'a> {
    low: (&'a str, bool),
    high: Option<(&'a str, bool)>,
}

impl<'a> Range<'a> {
    pub(super) fn of(atoms: &[&'a Atom<'_>]) -> Self {
        // A text that is there is not empty.
        let mut range = Self { low: ("", false), high: None };
        for atom in atoms {
            match atom {
                // What begins so stands at it or behind it.
                Atom::Begins { prefix, inside: true, .. } => range.above(prefix, true),
                Atom::Opaque { condition: Condition::Texts(how, a, b), truth } => {
                    let (how, bound) = match (a, b) {
                        (Text::Field(_), Text::Constant(bound)) => (*how, bound),
                        (Text::Constant(bound), Text::Field(_)) => (how.turned(), bound),
                        _ => continue,
                    };
                    match if *truth { how } else { how.negated() } {
                        Comparison::Less => range.below(bound, false),
                        Comparison::LessOrEqual => range.below(bound, true),
                        Comparison::Greater => range.above(bound, false),
                        Comparison::GreaterOrEqual => range.above(bound, true),
                        Comparison::Equal | Comparison::NotEqual => {}
                    }
                }
                _ => {}
            }
        }
        range
    }

    fn above(&mut self, bound: &'a str, itself: bool) {
        let (low, low_itself) = self.low;
        if bound > low || bound == low && low_itself && !itself {
            self.low = (bound, itself);
        }
    }

    fn below(&mut self, bound: &'a str, itself: bool) {
        if self.high.is_none_or(|(high, high_itself)| bound < high || bound == high && high_itself && !itself) {
            self.high = Some((bound, itself));
        }
    }

    /// The only text within, if there is one.
    pub(super) fn only(&self) -> Option<&'a str> {
        let ((low, _), (high, _)) = (self.low, self.high?);
        (low == high && !self.is_empty()).then_some(low)
    }

    fn is_empty(&self) -> bool {
        let (low, low_itself) = self.low;
        self.high.is_some_and(|(high, high_itself)| low > high || low == high && !(low_itself && high_itself))
    }

    fn contradiction(&self, name: &str, atoms: &[&Atom<'_>]) -> Option<Reason> {
        let (low, _) = self.low;
        if self.is_empty() {
            let (high, _) = self.high.unwrap_or_default();
            return Some((format!("no {name} is behind '{low}' and before '{high}' in the order of text"), None));
        }
        // What begins so is before a bound that is behind the beginning itself and does not begin so.
        let before = |prefix: &str| low > prefix && !low.starts_with(prefix);
        atoms.iter().find_map(|atom| match atom {
            Atom::Begins { prefix, inside: true, .. } if before(prefix) => {
                Some((format!("what begins with '{prefix}' is before '{low}' in the order of text"), None))
            }
            _ => None,
        })
    }
}
