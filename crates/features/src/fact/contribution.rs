//! What one declaration adds to the states of its entities.

use customs::{FindingKind, Method};

use crate::entity::{Counting, EntityKey};
use crate::fact::{DeclarationRecord, ExaminedItem, Resulted};
use crate::keys::DeclarationKeys;
use crate::state::{Class, EntityState, History, Values};

/// What the record contributes now; nothing before the declaration itself is known.
pub fn of(record: &DeclarationRecord) -> Option<Vec<(EntityKey, EntityState)>> {
    let keys = DeclarationKeys::of(record.outline()?.clone());
    let outline = keys.outline();
    let declared = u32::from(!record.is_cancelled());
    let seen = History::seen(outline.day);
    let mut states: Vec<EntityState> = keys
        .list()
        .iter()
        .map(|key| match EntityState::empty(*key) {
            EntityState::History(_) => EntityState::History(seen),
            values @ EntityState::Values(_) => values,
        })
        .collect();
    for at in keys.shared() {
        declare(&mut states[*at as usize], declared);
    }
    let mut counted = vec![false; states.len()];
    for (position, item) in outline.items.iter().enumerate() {
        for (group, at) in keys.item(position) {
            match group.counting() {
                Counting::Items => declare(&mut states[at], declared),
                Counting::Declarations if !std::mem::replace(&mut counted[at], true) => {
                    declare(&mut states[at], declared);
                }
                Counting::Declarations => {}
                Counting::Values => {
                    if let (EntityState::Values(values), Some(value), 1) = (&mut states[at], item.unit_value, declared)
                    {
                        values.merge(&Values::of(value));
                    }
                }
            }
        }
    }
    for result in record.results() {
        examine(&keys, result, &mut states);
    }
    Some(keys.list().iter().copied().zip(states).collect())
}

fn declare(state: &mut EntityState, declared: u32) {
    if let EntityState::History(history) = state {
        history.declared += declared;
        history.tiles[0].declared += declared;
    }
}

fn examine(keys: &DeclarationKeys, result: &Resulted, states: &mut [EntityState]) {
    if result.items.is_empty() || result.method == Method::Scan {
        // An image establishes nothing by itself.
        return;
    }
    let class = result.class();
    let all = Examined::of(&result.items);
    for at in keys.shared() {
        all.count(class, &mut states[*at as usize]);
    }
    // Keys that count once per declaration gather what was examined under them first.
    let mut gathered: Vec<(usize, Examined)> = Vec::new();
    for (position, item) in keys.outline().items.iter().enumerate() {
        let Some(examined) = result.items.iter().find(|examined| examined.sequence == item.sequence) else { continue };
        let own = Examined::of(std::slice::from_ref(examined));
        for (group, at) in keys.item(position) {
            match group.counting() {
                Counting::Items => own.count(class, &mut states[at]),
                Counting::Declarations => match gathered.iter_mut().find(|(other, _)| *other == at) {
                    Some((_, sum)) => sum.join(&own),
                    None => gathered.push((at, own)),
                },
                Counting::Values => {}
            }
        }
    }
    for (at, examined) in gathered {
        examined.count(class, &mut states[at]);
    }
}

#[derive(Clone, Copy)]
struct Examined {
    found: bool,
    critical: bool,
    duty_cents: i64,
}

impl Examined {
    fn of(items: &[ExaminedItem]) -> Self {
        Self {
            found: items.iter().any(|item| item.found),
            critical: items.iter().any(|item| item.kinds.iter().copied().any(FindingKind::is_critical)),
            duty_cents: items.iter().map(|item| item.duty_cents).fold(0, i64::wrapping_add),
        }
    }

    fn join(&mut self, other: &Self) {
        self.found |= other.found;
        self.critical |= other.critical;
        self.duty_cents = self.duty_cents.wrapping_add(other.duty_cents);
    }

    fn count(&self, class: Class, state: &mut EntityState) {
        let EntityState::History(history) = state else { return };
        let found = u32::from(self.found);
        history.examined[class as usize] += 1;
        history.found[class as usize] += found;
        history.critical += u32::from(self.critical);
        history.duty_cents = history.duty_cents.wrapping_add(self.duty_cents);
        if class != Class::Documentary {
            history.tiles[0].examined += 1;
            history.tiles[0].found += found;
        }
    }
}
