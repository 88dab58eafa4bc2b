//! What is known of one declaration: its highest version, whether it was withdrawn, the results that hold.

use std::collections::BTreeMap;

use customs::ControlId;

use crate::fact::{Fact, Resulted};
use crate::outline::Outline;

/// The record of a declaration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclarationRecord {
    version: u32,
    outline: Option<Outline>,
    cancelled: bool,
    results: BTreeMap<ControlId, Resulted>,
}

impl DeclarationRecord {
    /// Takes the fact in. Whether it changed anything: a version that is not the highest does not.
    pub fn absorb(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Lodged(lodged) => {
                let newer = self.outline.is_none() || lodged.version > self.version;
                if newer {
                    self.version = lodged.version;
                    self.outline = Some(lodged.outline.clone());
                }
                newer
            }
            Fact::Resulted(resulted) => {
                let newer = self.results.get(&resulted.control).is_none_or(|known| resulted.version > known.version);
                if newer {
                    self.results.insert(resulted.control, resulted.clone());
                }
                newer
            }
            Fact::Cancelled(_) => !std::mem::replace(&mut self.cancelled, true),
        }
    }

    /// The outline of the highest version; none when only a result or a withdrawal is known yet.
    pub fn outline(&self) -> Option<&Outline> {
        self.outline.as_ref()
    }

    /// Whether it was withdrawn: it no longer counts as declared, but what was established about it stands.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// The results that hold, by control.
    pub fn results(&self) -> impl Iterator<Item = &Resulted> {
        self.results.values()
    }
}
