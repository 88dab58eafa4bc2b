//! Which conjuncts each value of a field leaves standing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{
    ask::{Ask, Asked},
    bits::{none, set},
    column::{Beginnings, ByKey, ByText, Class, Column, Keys, Left, PATCHES},
};
use crate::{FieldType, expression::Entries, list::TextSet};

/// Most spans that the thresholds of a field are cut into.
const SPANS: usize = 32;

/// The column of one field.
pub(super) fn column(slot: usize, asked: &[(usize, Asked<'_>)], field_type: FieldType, count: usize) -> Column {
    let mut missing = none(count);
    missing.fill(u64::MAX);
    let mut other = missing.clone();
    let elements = asked.iter().any(|(_, asked)| matches!(asked.as_slice(), [Ask::Holds(_), ..]));
    for (at, asked) in asked {
        set(&mut missing, *at, asked.iter().all(|ask| matches!(ask, Ask::Present(false))));
        set(&mut other, *at, asked.iter().all(Ask::left_by_other));
    }
    let mut classes = Classes { asked, left: Left::new(&other, &missing) };
    let keys = match field_type {
        _ if elements => Keys::Elements(classes.elements()),
        FieldType::Text | FieldType::TextMap => classes.text(),
        FieldType::Integer => Keys::Whole(classes.whole()),
        FieldType::Boolean => Keys::Boolean([classes.boolean(false), classes.boolean(true)]),
        FieldType::Number | FieldType::TextList => Keys::Presence,
    };
    Column { slot, keys, left: classes.left }
}

/// The column of the thresholds of one field.
pub(super) fn ranged(slot: usize, ranges: &[(usize, f64, f64)], count: usize) -> Column {
    let mut thresholds: Vec<f64> =
        ranges.iter().flat_map(|(_, low, high)| [*low, *high]).filter(|end| end.is_finite()).collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    let spans = SPANS.min(thresholds.len() + 1);
    let mut bounds: Vec<f64> = (1..spans).map(|span| thresholds[thresholds.len() * span / spans]).collect();
    bounds.dedup();
    let mut missing = none(count);
    missing.fill(u64::MAX);
    for (at, ..) in ranges {
        set(&mut missing, *at, false);
    }
    let mut all = Left::new(&missing, &missing);
    let mut classes = Vec::with_capacity(bounds.len() + 1);
    for span in 0..=bounds.len() {
        let from = span.checked_sub(1).map_or(f64::NEG_INFINITY, |before| bounds[before]);
        let to = bounds.get(span).copied();
        let mut left = missing.clone();
        for (at, low, high) in ranges {
            if *high >= from && to.is_none_or(|to| *low < to) {
                set(&mut left, *at, true);
            }
        }
        classes.push(all.dense(&left));
    }
    Column { slot, keys: Keys::Ranges(bounds, classes), left: all }
}

struct Classes<'b, 'c> {
    asked: &'b [(usize, Asked<'c>)],
    left: Left,
}

impl<'c> Classes<'_, 'c> {
    /// A class in which each of the conjuncts `changed` (positions in `asked`) is left when `holds`.
    fn class(&mut self, changed: impl IntoIterator<Item = usize>, holds: impl Fn(&Asked<'c>) -> bool) -> Class {
        let mut words = BTreeMap::<usize, u64>::new();
        for position in changed {
            let (at, asked) = &self.asked[position];
            let word = words.entry(at / 64).or_insert_with(|| self.left.other()[at / 64]);
            let bit = 1_u64 << (at % 64);
            if holds(asked) {
                *word |= bit;
            } else {
                *word &= !bit;
            }
        }
        self.keep(words)
    }

    fn keep(&mut self, words: BTreeMap<usize, u64>) -> Class {
        // Few words are read faster in one go, and take little room.
        if words.len() <= PATCHES && self.left.size() > 2 * PATCHES {
            return self.left.sparse(words.into_iter().map(|(at, word)| (at as u32, word)));
        }
        let mut dense = self.left.other().to_vec();
        for (at, word) in words {
            dense[at] = word;
        }
        self.left.dense(&dense)
    }

    /// Text: a class for each value that a short list names, one for all values of long lists that are in the same
    /// ones, and one for each beginning.
    fn text(&mut self) -> Keys {
        let mut named = BTreeMap::<&str, Vec<usize>>::new();
        let mut begun = BTreeMap::<&str, Vec<usize>>::new();
        let mut long = Vec::<(*const TextSet, &Arc<TextSet>, Vec<usize>)>::new();
        for (position, (_, asked)) in self.asked.iter().enumerate() {
            for ask in asked {
                let Ask::Text { entries, beginnings, .. } = ask else { continue };
                for beginning in beginnings {
                    begun.entry(beginning).or_default().push(position);
                }
                match entries {
                    Entries::Few(few) => {
                        for entry in few {
                            named.entry(entry).or_default().push(position);
                        }
                    }
                    Entries::Many(many) => {
                        let known = long.iter_mut().find(|(pointer, ..)| *pointer == Arc::as_ptr(many));
                        match known {
                            Some((.., positions)) => positions.push(position),
                            None => long.push((Arc::as_ptr(many), many, vec![position])),
                        }
                    }
                }
            }
        }
        let mut lengths: Vec<usize> =
            begun.keys().map(|prefix| prefix.len()).collect::<BTreeSet<_>>().into_iter().collect();
        lengths.reverse();
        let of_beginnings = |text: &str, into: &mut Vec<usize>| {
            let starts = lengths.iter().filter_map(|length| begun.get(text.get(..*length)?));
            into.extend(starts.flatten());
        };
        let longest = |text: &str| {
            lengths.iter().find_map(|length| begun.get_key_value(text.get(..*length)?)).map(|(prefix, _)| *prefix)
        };

        let mut keys = ByText::default();
        for (text, positions) in &named {
            let mut changed = positions.clone();
            changed.extend(long.iter().filter(|(_, many, _)| many.contains(*text)).flat_map(|(.., p)| p));
            of_beginnings(text, &mut changed);
            let class = self.class(changed, |asked| asked.iter().all(|ask| ask.left_by_text(text)));
            keys.insert(text.as_bytes(), class);
        }
        let mut shared = HashMap::<(Vec<usize>, Option<&str>), Class>::new();
        let mut entries: Vec<&str> = long.iter().flat_map(|(_, many, _)| many.iter().map(AsRef::as_ref)).collect();
        entries.sort_unstable();
        entries.dedup();
        for text in entries {
            if named.contains_key(text) {
                continue;
            }
            let within: Vec<usize> =
                long.iter().enumerate().filter(|(_, (_, many, _))| many.contains(text)).map(|(at, _)| at).collect();
            let signature = (within, longest(text));
            let class = if let Some(class) = shared.get(&signature) {
                *class
            } else {
                let mut changed: Vec<usize> = signature.0.iter().flat_map(|at| long[*at].2.iter().copied()).collect();
                of_beginnings(text, &mut changed);
                let class = self.class(changed, |asked| asked.iter().all(|ask| ask.left_by_text(text)));
                shared.insert(signature, class);
                class
            };
            keys.insert(text.as_bytes(), class);
        }
        let mut beginnings = Vec::new();
        for prefix in begun.keys() {
            let mut changed = Vec::new();
            of_beginnings(prefix, &mut changed);
            let class = self.class(changed, |asked| asked.iter().all(|ask| ask.left_by_beginning(prefix)));
            beginnings.push((*prefix, class));
        }
        Keys::Text { named: keys, beginnings: Box::new(Beginnings::new(&beginnings)) }
    }

    fn whole(&mut self) -> ByKey<i64> {
        let mut named = BTreeMap::<i64, Vec<usize>>::new();
        for (position, (_, asked)) in self.asked.iter().enumerate() {
            for ask in asked {
                if let Ask::Among { numbers, .. } = ask {
                    for number in numbers {
                        named.entry(*number).or_default().push(position);
                    }
                }
            }
        }
        let mut keys = ByKey::default();
        for (number, changed) in named {
            let class = self.class(changed, |asked| asked.iter().all(|ask| ask.left_by_number(number)));
            keys.insert(number, class);
        }
        keys
    }

    fn boolean(&mut self, yes: bool) -> Class {
        self.class(0..self.asked.len(), |asked| asked.iter().all(|ask| ask.left_by_truth(yes)))
    }

    /// Elements: a class is what the element adds.
    fn elements(&mut self) -> ByText {
        let mut named = BTreeMap::<&str, BTreeMap<usize, u64>>::new();
        for (at, asked) in self.asked {
            if let [Ask::Holds(element), rest @ ..] = asked.as_slice()
                && rest.iter().all(Ask::left_by_other)
            {
                *named.entry(element).or_default().entry(at / 64).or_default() |= 1 << (at % 64);
            }
        }
        let mut keys = ByText::default();
        for (element, words) in named {
            let class = self.left.sparse(words.into_iter().map(|(at, word)| (at as u32, word)));
            keys.insert(element.as_bytes(), class);
        }
        keys
    }
}
