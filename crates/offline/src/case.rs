//! A labelled declaration of the past, and the facts it leaves in the feature log.

use std::io::Read;
use std::time::Duration;

use customs::{ControlId, Declaration, DeclarationId, FindingKind, Method, ResultStage, Trigger};
use declaration_formats::kcs::{self, KcsError};
use features::{ExaminedItem, Fact, Lodged, Resulted};

/// From acceptance to the result, where the file does not tell.
const UNTIL_KNOWN: Duration = Duration::from_hours(24);

/// A declaration whose goods were examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Identity, from when it was accepted, who lodged it and its reference.
    pub id: DeclarationId,
    /// What was lodged.
    pub declaration: Declaration,
    /// Whether the examination found something. The file does not say in which item: all of them count.
    pub found: bool,
}

/// The cases of a KCS file, in the order of the file.
pub fn kcs_cases(reader: impl Read) -> Result<Vec<Case>, KcsError> {
    let case = |row: kcs::KcsRow| {
        let declaration = row.declaration;
        let parts = [declaration.declarant.id.as_bytes(), declaration.reference.as_bytes()];
        let id = DeclarationId::derive(declaration.acceptance_date_time, &parts);
        Case { id, declaration, found: row.fraud }
    };
    kcs::rows(reader)?.map(|row| row.map(case)).collect()
}

impl Case {
    /// That it was lodged.
    pub fn lodged(&self) -> Fact {
        Fact::Lodged(Lodged::of(self.id, 1, self.declaration.acceptance_date_time, true, &self.declaration))
    }

    /// What its examination established, known a day after acceptance.
    pub fn resulted(&self) -> Fact {
        let known_at = self.declaration.acceptance_date_time + UNTIL_KNOWN;
        let item = |item: &customs::GoodsItem| ExaminedItem {
            sequence: item.sequence,
            found: self.found,
            kinds: if self.found { vec![FindingKind::Other] } else { Vec::new() },
            duty_cents: 0,
        };
        Fact::Resulted(Resulted {
            declaration: self.id,
            control: ControlId::derive(known_at, &[self.id.0.as_bytes()]),
            version: 1,
            stage: ResultStage::Final,
            method: Method::Physical,
            trigger: Trigger::IncumbentSystem,
            full: true,
            examined_at: known_at,
            known_at,
            history: true,
            items: self.declaration.items.iter().map(item).collect(),
        })
    }
}
