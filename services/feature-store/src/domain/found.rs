//! What a result version found, as a case that others can be held against.

use customs::{Control, ControlId, DeclarationId, Method, ResultStage, ResultVersion};
use explanation::CaseFinding;

/// Stands for a later version of a result as a whole.
pub const WHOLE: i64 = -1;

/// The items that a result version found something in.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub control: ControlId,
    pub version: u32,
    pub declaration: DeclarationId,
    pub known_at: i64,
    pub stage: ResultStage,
    pub method: Method,
    /// By item; 0 for goods that belong to none.
    pub items: Vec<(u32, Vec<CaseFinding>)>,
}

impl Found {
    /// What `result` found; nothing where it concerns no declaration, or says nothing that an earlier version could have
    /// said otherwise.
    pub fn of(control: &Control, result: &ResultVersion) -> Option<Self> {
        // An image establishes nothing by itself.
        let stands = result.result.stage != ResultStage::Annulled && control.order.method != Method::Scan;
        let items: Vec<(u32, Vec<CaseFinding>)> = result
            .result
            .items
            .iter()
            .filter(|_| stands)
            .map(|item| (item.sequence, item.findings.iter().filter_map(CaseFinding::of).collect::<Vec<_>>()))
            .filter(|(_, findings)| !findings.is_empty())
            .collect();
        if items.is_empty() && result.result.version <= 1 {
            return None;
        }
        Some(Self {
            control: control.id,
            version: result.result.version,
            declaration: control.declaration?,
            known_at: result.known_at.as_microsecond(),
            stage: result.result.stage,
            method: control.order.method,
            items,
        })
    }
}
