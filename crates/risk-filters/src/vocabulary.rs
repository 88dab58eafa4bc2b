//! What conditions may name: fields, lists, and the codes that exist.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::FixedState;

use crate::{Catalogue, Codes, Lists};

/// What conditions are typed against.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'a> {
    /// The fields.
    pub catalogue: &'a Catalogue,
    /// The named lists.
    pub lists: &'a Lists,
    /// The reference codes; none: codes are not checked. Only writing a filter needs them.
    pub codes: Option<&'a Codes>,
}

impl<'a> From<&'a Catalogue> for Vocabulary<'a> {
    /// The fields alone.
    fn from(catalogue: &'a Catalogue) -> Self {
        static NONE: Lists = Lists::none();
        Self { catalogue, lists: &NONE, codes: None }
    }
}

impl Vocabulary<'_> {
    /// The same for all vocabularies under which a condition in force compiles to the same program.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = FixedState::with_seed(1).build_hasher();
        for field in self.catalogue.fields() {
            (&field.name, field.field_type, &field.unit, &field.values).hash(&mut hasher);
        }
        for (name, kind) in self.lists.names() {
            (name, kind).hash(&mut hasher);
        }
        hasher.finish()
    }
}
