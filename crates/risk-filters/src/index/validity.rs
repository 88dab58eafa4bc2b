//! When and where conjuncts hold, without looking at each.

use std::borrow::Cow;
use std::collections::HashMap;

use customs::{OfficeCode, Timestamp};
use foldhash::fast::FixedState;

use super::bits::{Bits, and, none, set};

/// Changes between two copies of the whole.
const STRIDE: usize = 16;

/// Conjuncts in force by time: a copy of all bits every [`STRIDE`] changes, and the changes in between.
#[derive(Debug, Default)]
pub(super) struct Validity {
    /// Moments with the bits that change then, ascending.
    changes: Vec<(Timestamp, u32)>,
    /// Bits before change `n × STRIDE`.
    copies: Vec<Bits>,
}

impl Validity {
    /// Of conjuncts that hold from a moment until, exclusively, another.
    pub(super) fn new(windows: &[(Timestamp, Option<Timestamp>)]) -> Self {
        let mut changes = Vec::with_capacity(windows.len());
        for (at, (from, to)) in windows.iter().enumerate() {
            if to.is_none_or(|to| *from < to) {
                changes.push((*from, at as u32));
                changes.extend(to.map(|to| (to, at as u32)));
            }
        }
        changes.sort_unstable();
        let mut bits = none(windows.len());
        let mut copies = vec![bits.clone()];
        for chunk in changes.chunks(STRIDE) {
            flip(&mut bits, chunk);
            copies.push(bits.clone());
        }
        Self { changes, copies }
    }

    /// Those in force at `at`.
    pub(super) fn at(&self, at: Timestamp) -> Cow<'_, [u64]> {
        // Nearly always everything that is known has already happened.
        if let (Some(last), Some(copy)) = (self.changes.last(), self.copies.last())
            && last.0 <= at
        {
            return Cow::Borrowed(copy);
        }
        let done = self.changes.partition_point(|(moment, _)| *moment <= at);
        let Some(copy) = self.copies.get(done / STRIDE) else { return Cow::default() };
        let mut bits = copy.clone();
        flip(&mut bits, &self.changes[done / STRIDE * STRIDE..done]);
        Cow::Owned(bits)
    }
}

fn flip(bits: &mut [u64], changes: &[(Timestamp, u32)]) {
    for (_, at) in changes {
        bits[*at as usize / 64] ^= 1 << (at % 64);
    }
}

/// Conjuncts by office.
#[derive(Debug, Default)]
pub(super) struct Offices {
    /// Those that hold everywhere; empty when all do.
    national: Bits,
    /// Those that hold in an office that some of them name.
    named: HashMap<OfficeCode, Bits, FixedState>,
}

impl Offices {
    /// Of conjuncts that hold in the named offices; none: everywhere.
    pub(super) fn new(scopes: &[Option<&[OfficeCode]>]) -> Self {
        if scopes.iter().all(Option::is_none) {
            return Self::default();
        }
        let mut national = none(scopes.len());
        for (at, _) in scopes.iter().enumerate().filter(|(_, scope)| scope.is_none()) {
            set(&mut national, at, true);
        }
        let mut named = HashMap::<OfficeCode, Bits, FixedState>::default();
        for (at, offices) in scopes.iter().enumerate() {
            for office in offices.unwrap_or_default() {
                set(named.entry(office.clone()).or_insert_with(|| national.clone()), at, true);
            }
        }
        Self { national, named }
    }

    /// Leaves those that hold in `office`.
    pub(super) fn narrow(&self, office: &OfficeCode, standing: &mut [u64]) {
        if !self.national.is_empty() {
            and(standing, self.named.get(office).unwrap_or(&self.national));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn in_force_is_what_each_window_says(
            windows in prop::collection::vec((0_i64..40, prop::option::of(0_i64..40)), 0..300),
            at in -1_i64..41,
        ) {
            let moment = |second| Timestamp::from_second(second).unwrap();
            let windows: Vec<_> = windows.iter().map(|(from, to)| (moment(*from), to.map(moment))).collect();
            let validity = Validity::new(&windows);
            let bits = validity.at(moment(at));
            for (number, (from, to)) in windows.iter().enumerate() {
                let expected = *from <= moment(at) && to.is_none_or(|to| moment(at) < to);
                prop_assert_eq!(bits[number / 64] >> (number % 64) & 1 == 1, expected);
            }
        }
    }
}
