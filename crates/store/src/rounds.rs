//! Rows for statements that may change a stored row only once.

use std::collections::HashMap;
use std::hash::Hash;

/// `rows` in rounds within which every key stands once, each row after those of its key that stood before it: one
/// statement per round does what one statement per row would. Nearly always there is one round.
pub fn rounds<T, K: Eq + Hash>(rows: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<Vec<T>> {
    let mut rounds: Vec<Vec<T>> = Vec::new();
    let mut next: HashMap<K, usize> = HashMap::new();
    for row in rows {
        let round = next.entry(key(&row)).or_default();
        match rounds.get_mut(*round) {
            Some(rows) => rows.push(row),
            None => rounds.push(vec![row]),
        }
        *round += 1;
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_once_in_a_round_and_in_its_order() {
        let rows = [("a", 1), ("b", 2), ("a", 3), ("a", 4), ("b", 5), ("c", 6)];
        let rounds = rounds(rows, |row| row.0);
        assert_eq!(rounds, [vec![("a", 1), ("b", 2), ("c", 6)], vec![("a", 3), ("b", 5)], vec![("a", 4)]]);
    }

    #[test]
    fn no_rows_are_no_rounds() {
        assert!(rounds::<u8, u8>([], |row| *row).is_empty());
    }
}
