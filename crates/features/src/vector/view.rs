//! What definitions are computed from: the declaration with its histories, prepared once, and one view per item.

use customs::{Declaration, GoodsItem, Note, Severity, Timestamp};

use crate::entity::Group;
use crate::keys::DeclarationKeys;
use crate::number::{day, float};
use crate::outline::ItemOutline;
use crate::rates::{self, Rates};
use crate::state::{EntityState, History, Values};
use crate::vector::Known;

static NEVER_SEEN: History = History::NEVER_SEEN;

type Slots<'a> = [Option<&'a History>; Group::COUNT];

/// The declaration as a whole.
pub struct Shared<'a> {
    pub declaration: &'a Declaration,
    pub at: Timestamp,
    pub day: u16,
    pub total_value: f64,
    pub headings: usize,
    /// Notices, warnings, errors.
    pub notes: [u32; 3],
    /// Histories of the declaration's groups. Of contacts: the one with the most findings.
    pub slots: Slots<'a>,
    /// The same as of the past: what counts for first sightings, ages and recent periods.
    pub past: Slots<'a>,
    /// Most findings of others under one of the trader's contacts or its address.
    pub others_found: Option<u32>,
    /// First day any contact or the address was seen.
    pub contacts_since: Option<u16>,
    pub container_uses: Option<u32>,
    pub container_found: Option<u32>,
    pub document_uses: Option<u32>,
    /// National additions of the declaration.
    pub additions: Vec<Seen<'a>>,
    pub summary: Summary,
}

/// What is known of an entity of which an item may have several.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub counted: &'a History,
    /// See [`Shared::past`].
    pub past: &'a History,
}

impl<'a> Seen<'a> {
    fn of(known: &Known<'a>, at: usize) -> Self {
        let of = |states| history(states, at).unwrap_or(&NEVER_SEEN);
        Self { counted: of(known.counted), past: of(known.past) }
    }
}

/// Aggregates over the items.
#[derive(Clone, Copy, Default)]
pub struct Summary {
    pub max_rate: f64,
    pub min_value_score: f32,
}

/// One item.
pub struct View<'a> {
    pub item: &'a GoodsItem,
    pub outline: &'a ItemOutline,
    pub slots: Slots<'a>,
    /// See [`Shared::past`].
    pub past: Slots<'a>,
    /// Which groups have a key, whether seen or not.
    pub present: [bool; Group::COUNT],
    pub rates: Rates,
    /// National additions of the declaration and of the item.
    pub additions: Vec<Seen<'a>>,
    pub values_hs6: Option<&'a Values>,
    pub values_hs6_origin: Option<&'a Values>,
}

fn history(states: &[Option<EntityState>], at: usize) -> Option<&History> {
    states.get(at)?.as_ref()?.history()
}

impl<'a> Shared<'a> {
    pub fn of(
        declaration: &'a Declaration,
        keys: &DeclarationKeys,
        known: &Known<'a>,
        notes: &[Note],
        at: Timestamp,
    ) -> Self {
        let items = &keys.outline().items;
        let mut shared = Self {
            declaration,
            at,
            day: day(at),
            total_value: declaration.items.iter().map(|item| float(item.valuation.fob.amount)).sum(),
            headings: distinct(items, |item| item.hs4.0),
            notes: [0; 3],
            slots: [None; Group::COUNT],
            past: [None; Group::COUNT],
            others_found: None,
            contacts_since: None,
            container_uses: None,
            container_found: None,
            document_uses: None,
            additions: Vec::new(),
            summary: Summary::default(),
        };
        for note in notes {
            shared.notes[match note.severity {
                Severity::Notice => 0,
                Severity::Warning => 1,
                Severity::Error => 2,
            }] += 1;
        }
        for at in keys.shared() {
            let at = *at as usize;
            let Some(group) = keys.list()[at].group() else { continue };
            if group == Group::Extension {
                shared.additions.push(Seen::of(known, at));
                continue;
            }
            shared.hold(group, history(known.counted, at));
            shared.remember(group, history(known.past, at));
        }
        shared
    }

    fn hold(&mut self, group: Group, history: Option<&'a History>) {
        let seen = history.unwrap_or(&NEVER_SEEN);
        let found: u32 = seen.found.iter().sum();
        match group {
            Group::Contact | Group::Address => {
                // Trader keys come first, so that its own findings are known here.
                let own: u32 = self.slots[Group::Trader as usize].map_or(0, |trader| trader.found.iter().sum());
                self.others_found = self.others_found.max(Some(found.saturating_sub(own)));
            }
            Group::Container => self.container_found = self.container_found.max(Some(found)),
            _ => {}
        }
        keep_worse(&mut self.slots[group as usize], history);
    }

    fn remember(&mut self, group: Group, history: Option<&'a History>) {
        let declared = Some(history.map_or(0, |seen| seen.declared));
        match group {
            Group::Contact | Group::Address => {
                if let Some(seen) = history.filter(|seen| seen.is_known()) {
                    self.contacts_since = Some(self.contacts_since.map_or(seen.first_day, |d| d.min(seen.first_day)));
                }
            }
            Group::Container => self.container_uses = self.container_uses.max(declared),
            Group::Document => self.document_uses = self.document_uses.max(declared),
            _ => {}
        }
        keep_worse(&mut self.past[group as usize], history);
    }
}

/// Of several entities of a group, the one with the most findings.
fn keep_worse<'a>(slot: &mut Option<&'a History>, history: Option<&'a History>) {
    let worse = match (*slot, history) {
        (Some(own), Some(other)) => other.physical_found() > own.physical_found(),
        (None, Some(_)) => true,
        (_, None) => false,
    };
    if worse {
        *slot = history;
    }
}

impl<'a> View<'a> {
    pub fn of(
        shared: &Shared<'a>,
        declaration: &'a Declaration,
        keys: &'a DeclarationKeys,
        known: &Known<'a>,
        position: usize,
    ) -> Self {
        let (mut slots, mut past) = (shared.slots, shared.past);
        let mut present = [false; Group::COUNT];
        for at in keys.shared() {
            if let Some(group) = keys.list()[*at as usize].group() {
                present[group as usize] = true;
            }
        }
        let mut additions = shared.additions.clone();
        let (mut values_hs6, mut values_hs6_origin) = (None, None);
        for (group, at) in keys.item(position) {
            present[group as usize] = true;
            let values = || known.counted.get(at).and_then(|state| state.as_ref()?.values());
            match group {
                Group::ValuesHs6 => values_hs6 = values(),
                Group::ValuesHs6Origin => values_hs6_origin = values(),
                Group::ItemExtension => additions.push(Seen::of(known, at)),
                _ => {
                    slots[group as usize] = history(known.counted, at);
                    past[group as usize] = history(known.past, at);
                }
            }
        }
        Self {
            item: &declaration.items[position],
            outline: &keys.outline().items[position],
            rates: rates::rates(&slots),
            slots,
            past,
            present,
            additions,
            values_hs6,
            values_hs6_origin,
        }
    }

    /// The history of a group; empty when its entity was never seen, none when it has no key.
    pub fn history(&self, group: Group) -> Option<&'a History> {
        self.present[group as usize].then(|| self.slots[group as usize].unwrap_or(&NEVER_SEEN))
    }

    /// The same of the past: see [`Shared::past`].
    pub fn past(&self, group: Group) -> Option<&'a History> {
        self.present[group as usize].then(|| self.past[group as usize].unwrap_or(&NEVER_SEEN))
    }

    /// Standard deviations that the unit value lies above the mean, in logarithms.
    pub fn value_score(&self, values: Option<&Values>) -> f32 {
        /// Deviation of unit values within a subheading before any is known, in octaves.
        const PRIOR: f64 = 1.0;
        let score = || {
            let values = values?;
            let own = f64::from(self.outline.unit_value?) / 65_536.0;
            Some(((own - values.mean()?) / values.deviation(PRIOR)?) as f32)
        };
        score().unwrap_or(f32::NAN)
    }

    /// Share of the values below the item's own.
    pub fn value_quantile(&self, values: Option<&Values>) -> f32 {
        let quantile = || values?.quantile(self.outline.unit_value?);
        quantile().map_or(f32::NAN, |share| share as f32)
    }
}

impl Summary {
    pub fn of(views: &[View]) -> Self {
        let rates = views.iter().map(|view| view.rates[Group::PricedTuple as usize]);
        Self {
            max_rate: rates.fold(0.0, f64::max),
            min_value_score: views.iter().map(|view| view.value_score(view.values_hs6)).fold(f32::NAN, f32::min),
        }
    }
}

fn distinct(items: &[ItemOutline], of: impl Fn(&ItemOutline) -> u64) -> usize {
    if items.len() > 16 {
        return items.iter().map(of).collect::<std::collections::HashSet<_>>().len();
    }
    (0..items.len()).filter(|at| !items[..*at].iter().any(|other| of(other) == of(&items[*at]))).count()
}
