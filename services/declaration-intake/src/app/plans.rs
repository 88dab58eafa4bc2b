//! What intake needs of the capacity plans: the fail-safe of each office, and which offices there are.

use std::collections::BTreeMap;

use customs::{Channel, OfficeCode};
use events::CapacityChanged;

/// The plans in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans {
    fail_safes: BTreeMap<OfficeCode, Channel>,
}

impl Plans {
    pub(crate) fn new(fail_safes: BTreeMap<OfficeCode, Channel>) -> Self {
        Self { fail_safes }
    }

    /// The plans of a message.
    pub(crate) fn of(changed: &CapacityChanged) -> Self {
        Self::new(changed.plans.iter().map(|plan| (plan.office.clone(), plan.fail_safe)).collect())
    }

    /// The fail-safe channel of `office`; none where it has no plan.
    pub(crate) fn fail_safe(&self, office: &str) -> Option<Channel> {
        self.fail_safes.get(&OfficeCode::from(office)).copied()
    }

    /// Every fail-safe channel.
    pub(crate) fn fail_safes(&self) -> &BTreeMap<OfficeCode, Channel> {
        &self.fail_safes
    }

    /// Offices that have a plan.
    pub(crate) fn offices(&self) -> impl Iterator<Item = OfficeCode> + '_ {
        self.fail_safes.keys().cloned()
    }
}
