//! Lists that filters name: watched traders, sets of tariff codes. Named, versioned, dated.
//!
//! `declaration.trader.id in lists.watch_2026` holds for the entries of the version in force when the declaration is
//! matched; where none is in force it does not hold. A list is compiled once into a set that all filters share. Who may
//! see a list, and that a look at it is recorded, is for the service that keeps it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use customs::Timestamp;
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CodeKind, catalogue::edit_distance};

/// The most entries a list may have.
pub const MAX_ENTRIES: usize = 1_000_000;

/// One version of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterList {
    /// The name in conditions, behind `lists.`: letters, digits and underscores, a letter first.
    #[schema(example = "watch_2026")]
    pub name: String,
    /// Its version, from 1. Where two are in force the higher holds.
    pub version: u32,
    /// What its entries are.
    pub kind: CodeKind,
    /// First moment at which it holds.
    pub valid_from: Timestamp,
    /// End of validity, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Entries, compared as they are.
    pub entries: Vec<String>,
}

/// What is wrong with a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// A name that conditions cannot spell.
    #[error("{0:?} is no name of a list: letters, digits and underscores, a letter first")]
    Name(String),
    /// The end is not after the beginning.
    #[error("the validity of list {0} ends before it begins")]
    Validity(String),
    /// No entries, too many, or an empty one.
    #[error("list {0} has no entries, an empty one, or more than {MAX_ENTRIES}")]
    Entries(String),
    /// Two versions of one list say different things of its entries.
    #[error("the versions of list {0} are of different kinds")]
    Kinds(String),
    /// The same version twice.
    #[error("list {0} has version {1} twice")]
    Repeated(String, u32),
}

impl FilterList {
    /// Whether the list can be used.
    pub fn validate(&self) -> Result<(), ListError> {
        let mut letters = self.name.chars();
        let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
        if !first || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') || self.name.len() > 64 {
            return Err(ListError::Name(self.name.clone()));
        }
        if self.valid_to.is_some_and(|end| end <= self.valid_from) {
            return Err(ListError::Validity(self.name.clone()));
        }
        if self.entries.is_empty() || self.entries.len() > MAX_ENTRIES || self.entries.iter().any(String::is_empty) {
            return Err(ListError::Entries(self.name.clone()));
        }
        Ok(())
    }
}

/// Entries to look up.
pub(crate) type TextSet = HashSet<Box<str>, FixedState>;

#[derive(Clone, Debug)]
struct Version {
    number: u32,
    from: Timestamp,
    to: Option<Timestamp>,
    entries: Arc<TextSet>,
}

#[derive(Clone, Debug)]
struct Listed {
    kind: CodeKind,
    /// The highest version first.
    versions: Vec<Version>,
}

/// The lists that filters may name.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    by_name: BTreeMap<String, Listed>,
}

impl Lists {
    /// No lists.
    pub(crate) const fn none() -> Self {
        Self { by_name: BTreeMap::new() }
    }

    /// The lists, each version validated; versions of one list may be given in any order.
    pub fn new(lists: impl IntoIterator<Item = FilterList>) -> Result<Self, ListError> {
        let mut by_name = BTreeMap::<String, Listed>::new();
        for list in lists {
            list.validate()?;
            let FilterList { name, version, kind, valid_from, valid_to, entries } = list;
            let listed = by_name.entry(name.clone()).or_insert_with(|| Listed { kind, versions: Vec::new() });
            if listed.kind != kind {
                return Err(ListError::Kinds(name));
            }
            if listed.versions.iter().any(|other| other.number == version) {
                return Err(ListError::Repeated(name, version));
            }
            let entries = Arc::new(entries.into_iter().map(String::into_boxed_str).collect());
            listed.versions.push(Version { number: version, from: valid_from, to: valid_to, entries });
        }
        for listed in by_name.values_mut() {
            listed.versions.sort_by_key(|version| std::cmp::Reverse(version.number));
        }
        Ok(Self { by_name })
    }

    /// Names with what their entries are, in order.
    pub fn names(&self) -> impl Iterator<Item = (&str, CodeKind)> {
        self.by_name.iter().map(|(name, listed)| (name.as_str(), listed.kind))
    }

    pub(crate) fn kind(&self, name: &str) -> Option<CodeKind> {
        self.by_name.get(name).map(|listed| listed.kind)
    }

    /// The list that was probably meant.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        self.by_name
            .keys()
            .map(|known| (edit_distance(known, name), known.as_str()))
            .min()
            .filter(|(distance, _)| *distance <= 1 + name.len() / 3)
            .map(|(_, known)| known)
    }

    /// Moments after `from` and before `to` at which another version of one of `names` begins to hold.
    pub(crate) fn changes(&self, names: &[Box<str>], from: Timestamp, to: Option<Timestamp>) -> Vec<Timestamp> {
        let versions = names.iter().filter_map(|name| self.by_name.get(name.as_ref())).flat_map(|list| &list.versions);
        let mut moments: Vec<Timestamp> = versions
            .flat_map(|version| std::iter::once(version.from).chain(version.to))
            .filter(|moment| *moment > from && to.is_none_or(|end| *moment < end))
            .collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Entries of `name` in force at `at`.
    pub(crate) fn at(&self, name: &str, at: Timestamp) -> Option<&Arc<TextSet>> {
        let listed = self.by_name.get(name)?;
        let version =
            listed.versions.iter().find(|version| version.from <= at && version.to.is_none_or(|end| at < end))?;
        Some(&version.entries)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn list(name: &str, version: u32, kind: CodeKind, from: i64, to: Option<i64>) -> FilterList {
        let at = |second| Timestamp::from_second(1_767_225_600 + second).unwrap();
        FilterList {
            name: name.to_owned(),
            version,
            kind,
            valid_from: at(from),
            valid_to: to.map(at),
            entries: vec![format!("entry{version}")],
        }
    }

    #[test]
    fn the_highest_version_in_force_holds() {
        let lists = Lists::new([
            list("watch", 1, CodeKind::Party, 0, None),
            list("watch", 3, CodeKind::Party, 50, Some(60)),
            list("watch", 2, CodeKind::Party, 20, None),
        ])
        .unwrap();
        let at = |second: i64| {
            let at = Timestamp::from_second(1_767_225_600 + second).unwrap();
            lists.at("watch", at).map(|entries| entries.iter().next().unwrap().to_string())
        };
        let held = [-1, 0, 20, 50, 59, 60].map(at);
        let told: Vec<Option<&str>> = held.iter().map(Option::as_deref).collect();
        assert_eq!(told, [None, Some("entry1"), Some("entry2"), Some("entry3"), Some("entry3"), Some("entry2")]);
        let from = Timestamp::from_second(1_767_225_600).unwrap();
        assert_eq!(lists.changes(&["watch".into()], from, None).len(), 3);
    }

    #[test]
    fn a_list_that_cannot_be_used_is_refused() {
        let good = list("watch", 1, CodeKind::Party, 0, Some(1));
        assert_eq!(good.validate(), Ok(()));
        for name in ["", "2026", "a-b", "_a", "ñ"] {
            let bad = FilterList { name: name.to_owned(), ..good.clone() };
            assert_eq!(bad.validate(), Err(ListError::Name(name.to_owned())));
        }
        let empty = FilterList { entries: vec![String::new()], ..good.clone() };
        assert!(matches!(empty.validate(), Err(ListError::Entries(_))));
        let backwards = FilterList { valid_to: Some(good.valid_from), ..good.clone() };
        assert!(matches!(backwards.validate(), Err(ListError::Validity(_))));
        assert!(matches!(Lists::new([good.clone(), good.clone()]), Err(ListError::Repeated(_, 1))));
        let other = list("watch", 2, CodeKind::Country, 0, None);
        assert!(matches!(Lists::new([good, other]), Err(ListError::Kinds(_))));
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let lists = Lists::new([list("watch_2026", 1, CodeKind::Party, 0, None)]).unwrap();
        assert_eq!(lists.nearest("watch_2025"), Some("watch_2026"));
        assert_eq!(lists.nearest("dual_use"), None);
    }
}
