//! Lists that filters name, as they are written, and who may see what is on them.
//!
//! A list belongs to a compartment: only its readers see entries, whatever else they may do. That a list exists, and
//! how long it is, is no secret to those who write filters.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rest::{Principal, Role};
use risk_filters::{CodeKind, Codes, FilterList, list::MAX_ENTRIES};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Fault;

/// The most unknown entries that an answer names.
const MAX_FAULTS: usize = 100;

/// Who may see the entries of a list: any of the named people, and anybody with one of the roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Readers {
    /// People, by the subject of their token.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subjects: BTreeSet<String>,
    /// Roles.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<Role>,
}

impl Readers {
    /// Whether `caller` is among them.
    pub fn include(&self, caller: &Principal) -> bool {
        self.subjects.contains(&caller.subject) || self.roles.iter().any(|role| caller.has(*role))
    }
}

/// A list as it is first written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", from = "ListMembers")]
#[schema(example = json!({
    "name": "watch_2026", "kind": "party", "title": "Importers under watch, 2026", "compartment": "intelligence",
    "readers": {"subjects": ["ana", "ben"]}, "validFrom": "2026-01-01T05:00:00Z",
    "entries": ["20123456786", "20555555551"]
}))]
pub struct NewList {
    /// The name in conditions, behind `lists.`: letters, digits and underscores, a letter first.
    pub name: String,
    /// What its entries are.
    pub kind: CodeKind,
    /// What it is for, in a few words.
    pub title: String,
    /// The compartment it belongs to.
    pub compartment: String,
    /// Who may see its entries. They stay with the list.
    pub readers: Readers,
    /// What is on it.
    #[serde(flatten)]
    pub content: ListContent,
}

/// The members of a list side by side, as they travel: read so, one that no list has is refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListMembers {
    name: String,
    kind: CodeKind,
    title: String,
    compartment: String,
    readers: Readers,
    valid_from: Timestamp,
    #[serde(default)]
    valid_to: Option<Timestamp>,
    entries: BTreeSet<String>,
}

impl From<ListMembers> for NewList {
    fn from(members: ListMembers) -> Self {
        let ListMembers { name, kind, title, compartment, readers, valid_from, valid_to, entries } = members;
        let content = ListContent { valid_from, valid_to, entries };
        Self { name, kind, title, compartment, readers, content }
    }
}

/// What a version of a list says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"validFrom": "2026-02-01T05:00:00Z", "entries": ["20123456786", "20666666661"]}))]
pub struct ListContent {
    /// First moment at which it holds.
    pub valid_from: Timestamp,
    /// End of validity, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Entries, compared as they are.
    pub entries: BTreeSet<String>,
}

impl ListContent {
    /// The version as it is distributed.
    pub fn define(&self, name: &str, kind: CodeKind, version: u32) -> FilterList {
        FilterList {
            name: name.to_owned(),
            version,
            kind,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            entries: self.entries.iter().cloned().collect(),
        }
    }

    /// Every fault, or that there is none.
    pub fn validate(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.valid_to.is_some_and(|end| end <= self.valid_from) {
            faults.push(Fault::new("/validTo", "out-of-range", "validity ends after it begins"));
        }
        if self.entries.is_empty() || self.entries.len() > MAX_ENTRIES {
            let message = format!("a list has 1 to {MAX_ENTRIES} entries");
            faults.push(Fault::new("/entries", "out-of-range", message));
        }
        if self.entries.iter().any(|entry| entry.trim().is_empty() || entry.len() > 200) {
            faults.push(Fault::new("/entries", "malformed-entry", "an entry has 1 to 200 characters"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Every entry that is no code of `kind` among `codes`. Of what has no table, only
    /// the shape of tariff codes is checked.
    pub fn check(&self, kind: CodeKind, codes: &Codes) -> Result<(), Vec<Fault>> {
        // Entries are a set: which one it is, the words say.
        let unknown = |entry: &String| Some(Fault::unknown_code("/entries", &codes.check(kind, entry).err()?));
        let faults: Vec<Fault> = self.entries.iter().filter_map(unknown).take(MAX_FAULTS).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// BLAKE3 over the sorted entries, hexadecimal.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for entry in &self.entries {
            hasher.update(&(entry.len() as u64).to_le_bytes());
            hasher.update(entry.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

impl NewList {
    /// Every fault, or that there is none.
    pub fn validate(&self) -> Result<(), Vec<Fault>> {
        let mut faults = self.content.validate().err().unwrap_or_default();
        let mut letters = self.name.chars();
        let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
        let rest = letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !first || !rest || self.name.len() > 64 {
            let message = "a name has up to 64 letters, digits and underscores, a letter first";
            faults.push(Fault::new("/name", "malformed-name", message));
        }
        for (pointer, text) in [("/title", &self.title), ("/compartment", &self.compartment)] {
            if text.trim().is_empty() {
                faults.push(Fault::new(pointer, "empty", "a list without it cannot be kept apart"));
            }
        }
        if self.readers == Readers::default() {
            faults.push(Fault::new("/readers", "empty", "a list that nobody may see cannot be approved"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> NewList {
        NewList {
            name: "watch_2026".to_owned(),
            kind: CodeKind::Party,
            title: "Importers under watch".to_owned(),
            compartment: "intelligence".to_owned(),
            readers: Readers { subjects: ["ana".to_owned()].into(), roles: [Role::Approver].into() },
            content: ListContent {
                valid_from: Timestamp::from_second(1_767_225_600).unwrap(),
                valid_to: None,
                entries: ["20123456786".to_owned()].into(),
            },
        }
    }

    #[test]
    fn readers_are_the_named_people_and_roles() {
        let readers = list().readers;
        assert!(readers.include(&Principal::new("ana", [Role::Analyst])));
        assert!(readers.include(&Principal::new("zoe", [Role::Approver])));
        assert!(!readers.include(&Principal::new("zoe", [Role::Analyst, Role::Auditor])));
    }

    #[test]
    fn every_fault_of_a_list_is_told_with_its_pointer() {
        assert_eq!(list().validate(), Ok(()));
        let mut bad = list();
        bad.name = "2026-watch".to_owned();
        bad.compartment = String::new();
        bad.readers = Readers::default();
        bad.content.valid_to = Some(bad.content.valid_from);
        bad.content.entries = [" ".to_owned()].into();
        let pointers: Vec<String> = bad.validate().unwrap_err().into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/validTo", "/entries", "/name", "/compartment", "/readers"]);
    }

    #[test]
    fn an_entry_is_a_code_of_the_kind_of_its_list() {
        let codes = Codes::default().with(CodeKind::Tariff, ["870323", "610910"]).with(CodeKind::Country, ["CN", "PE"]);
        let told = |kind, entries: &[&str]| {
            let content =
                ListContent { entries: entries.iter().map(|&entry| entry.to_owned()).collect(), ..list().content };
            content
                .check(kind, &codes)
                .map_err(|faults| faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>())
        };
        assert_eq!(told(CodeKind::Tariff, &["8703", "6109100031"]), Ok(()));
        let shapes = told(CodeKind::Tariff, &["61.09", "61091"]).unwrap_err();
        assert!(shapes.len() == 2 && shapes[0].contains("digits only"), "{shapes:?}");
        assert_eq!(told(CodeKind::Office, &["whatever"]), Ok(()), "there is no table of offices");
        let refused = told(CodeKind::Country, &["CN", "pe", "XX"]).unwrap_err();
        assert_eq!(refused.len(), 2, "{refused:?}");
        assert!(refused[1].ends_with("did you mean 'PE'?"), "{refused:?}");
    }

    #[test]
    fn the_digest_is_of_the_entries_alone() {
        let mut other = list().content;
        other.valid_to = Some(Timestamp::from_second(1_800_000_000).unwrap());
        assert_eq!(other.digest(), list().content.digest());
        other.entries.insert("2".to_owned());
        assert_ne!(other.digest(), list().content.digest());
    }
}
