//! The reference data in use: files that were loaded at the start, and the offices that have a capacity plan.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use customs::OfficeCode;
use declaration_formats::ReferenceData;
use declaration_formats::quality::files::{self, ReferenceError};

/// Reference data that grows with the plans.
pub(crate) struct Reference {
    /// As loaded, without offices.
    loaded: ReferenceData,
    /// Offices that the administration lists.
    listed: BTreeSet<OfficeCode>,
    current: RwLock<Arc<ReferenceData>>,
}

impl Reference {
    fn new(loaded: ReferenceData, listed: BTreeSet<OfficeCode>) -> Self {
        let current = RwLock::new(Arc::new(loaded.clone().with_offices(listed.iter().cloned())));
        Self { loaded, listed, current }
    }

    /// The data to compare with now.
    pub(crate) fn data(&self) -> Arc<ReferenceData> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Also knows `planned` offices. Without any, listed or planned, every office is known.
    pub(crate) fn plan(&self, planned: impl Iterator<Item = OfficeCode>) {
        let offices: BTreeSet<OfficeCode> = self.listed.iter().cloned().chain(planned).collect();
        let data = Arc::new(self.loaded.clone().with_offices(offices));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = data;
    }
}

/// The reference data in `folder`: each file that is there.
pub(crate) fn load(folder: Option<&Path>) -> Result<Reference, ReferenceError> {
    let (mut data, mut listed) = (ReferenceData::standard(), BTreeSet::new());
    let Some(folder) = folder else { return Ok(Reference::new(data, listed)) };
    if let Some(codes) = files::read(&folder.join("tariff.csv"), files::tariff)? {
        data = data.with_codes(codes);
    }
    if let Some(rates) = files::read(&folder.join("exchange-rates.csv"), files::exchange_rates)? {
        data = data.with_rates(rates);
    }
    if let Some(offices) = files::read(&folder.join("offices.csv"), files::offices)? {
        listed.extend(offices);
    }
    Ok(Reference::new(data, listed))
}
