//! All slots, and who trades next.

use super::{Flow, Identity, Slot, lifetime};
use crate::WorldSpec;
use crate::brokers::Brokers;
use crate::calendar::{days, micros};
use crate::draw::{Purpose, Stream, Wheel};
use crate::goods::Catalogue;
use crate::places::{Character, Place};
use crate::spec::FraudKind;

/// Consignments a year of an average honest trader, and of an average habitual one.
const HONEST_CONSIGNMENTS: f64 = 14.0;
const HABITUAL_CONSIGNMENTS: f64 = 32.0;
/// Share of consignments on their way out.
const EXPORT_SHARE: f64 = 0.33;
/// Share of habitual traders who hide behind shells.
const SHELL_SHARE: f64 = 0.45;
/// Declarations that a split purchase is spread over, on average.
const SPLIT_INTO: f64 = 4.0;

/// Slots of one kind, with their sizes.
#[derive(Clone, Debug, Default)]
struct Pool {
    slots: Vec<u32>,
    wheel: Wheel,
}

impl Pool {
    fn draw(&self, stream: &mut Stream) -> Option<u32> {
        if self.slots.is_empty() { None } else { Some(self.slots[self.wheel.draw(stream)]) }
    }
}

/// Who trades, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) slot: u32,
    pub(crate) flow: Flow,
    pub(crate) office: u16,
}

#[derive(Clone, Debug)]
pub(crate) struct Market {
    seed: u64,
    slots: Vec<Slot>,
    imports: Vec<Pool>,
    exports: Vec<Pool>,
    consignees: Pool,
    habitual: Vec<(FraudKind, Pool)>,
    /// Which kind of habitual trader, the last one being none.
    habits: Wheel,
    offices: Wheel,
    per_pick: f64,
}

impl Market {
    pub(crate) fn new(spec: &WorldSpec, places: &[Place]) -> Self {
        let yearly = spec.declarations as f64 / f64::from(spec.days) * 365.0;
        let mut market = Self {
            seed: spec.seed,
            slots: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            consignees: Pool::default(),
            habitual: Vec::new(),
            habits: Wheel::default(),
            offices: Wheel::new(places.iter().map(|place| place.share)),
            per_pick: 1.0,
        };
        for (office, place) in places.iter().enumerate() {
            let volume = yearly * place.share / HONEST_CONSIGNMENTS;
            let imports = market.honest(spec, Flow::Import, office, volume * (1.0 - EXPORT_SHARE));
            let exports = market.honest(spec, Flow::Export, office, volume * EXPORT_SHARE);
            market.imports.push(imports);
            market.exports.push(exports);
        }
        let air = places.iter().position(|place| place.character == Character::Air).unwrap_or(0);
        market.consignees = market.honest(spec, Flow::Express, air, yearly * 0.09 / 3.0);
        let shares = habit_shares(spec);
        for (kind, share) in &shares {
            let pool = market.habitual_pool(spec, *kind, share * yearly / HABITUAL_CONSIGNMENTS, places);
            market.habitual.push((*kind, pool));
        }
        // A pick of a splitter makes several declarations. Shares are of declarations, the wheel is of picks.
        let picks: Vec<f64> = shares.iter().map(|(kind, share)| share / declarations_per_pick(*kind)).collect();
        let none = 1.0 - shares.iter().map(|(_, share)| share).sum::<f64>();
        market.per_pick = 1.0 / (picks.iter().sum::<f64>() + none);
        market.habits = Wheel::new(picks.into_iter().chain([none.max(0.0)]));
        market
    }

    /// Declarations that an average pick makes.
    pub(crate) fn per_pick(&self) -> f64 {
        self.per_pick
    }

    pub(crate) fn slot(&self, index: u32) -> &Slot {
        &self.slots[index as usize]
    }

    pub(crate) fn slot_mut(&mut self, index: u32) -> &mut Slot {
        &mut self.slots[index as usize]
    }

    /// The slot `index` as it stands at `now`, with its way of doing business.
    pub(crate) fn ready(&mut self, index: u32, now: i64, goods: &Catalogue, brokers: &Brokers) -> &Slot {
        let slot = &mut self.slots[index as usize];
        slot.advance(self.seed, index, now);
        slot.settle(self.seed, index, goods, brokers);
        slot
    }

    /// Who trades next. Habitual traders who keep quiet are replaced by others of their kind, if there are any.
    pub(crate) fn pick(&self, stream: &mut Stream, places: &[Place], now: i64) -> Pick {
        if let Some((_, pool)) = self.habitual.get(self.habits.draw(stream)) {
            for _ in 0..4 {
                let Some(slot) = pool.draw(stream) else { break };
                if self.slot(slot).dormant_until <= now {
                    let flow = self.slot(slot).flow;
                    let home = self.slot(slot).office;
                    return Pick { slot, flow, office: home };
                }
            }
        }
        let office = self.offices.draw(stream);
        let export = stream.chance(EXPORT_SHARE);
        let express = stream.chance(match places[office].character {
            Character::Air => 0.5,
            Character::Post => 0.6,
            _ => 0.01,
        });
        let (pool, flow) = if export {
            (&self.exports, Flow::Export)
        } else if express {
            let slot = self.consignees.draw(stream).unwrap_or(0);
            return Pick { slot, flow: Flow::Express, office: office as u16 };
        } else {
            (&self.imports, Flow::Import)
        };
        // Larger traders use other offices now and then.
        let home = if stream.chance(0.08) { self.offices.draw(stream) } else { office };
        let slot = pool[home].draw(stream).or_else(|| pool[0].draw(stream)).unwrap_or(0);
        Pick { slot, flow, office: office as u16 }
    }

    fn honest(&mut self, spec: &WorldSpec, flow: Flow, office: usize, expected: f64) -> Pool {
        let count = (expected.ceil() as usize).max(3);
        // Consignees of express consignments are many and small.
        let exponent = if flow == Flow::Express { 0.35 } else { 0.85 };
        let weight = |rank: usize| ((rank + 2) as f64).powf(-exponent);
        let slots = (0..count)
            .map(|rank| {
                let authorised = flow != Flow::Express && rank < count / 12 && rank % 2 == 0;
                self.add(spec, flow, office, None, authorised)
            })
            .collect();
        Pool { slots, wheel: Wheel::new((0..count).map(weight)) }
    }

    fn habitual_pool(&mut self, spec: &WorldSpec, kind: FraudKind, expected: f64, places: &[Place]) -> Pool {
        let count = (expected.round() as usize).max(2);
        let fits = |place: &Place| match (kind, place.character) {
            (FraudKind::Contraband, Character::Road | Character::River) => 3.0 * place.share,
            (FraudKind::ContaminatedExport, Character::Sea) | (FraudKind::ExpressSplitting, Character::Air) => {
                10.0 * place.share
            }
            (FraudKind::ContaminatedExport | FraudKind::ExpressSplitting, _) => 0.02 * place.share,
            _ => place.share,
        };
        let wheel = Wheel::new(places.iter().map(fits));
        let flow = match kind {
            FraudKind::ContaminatedExport => Flow::Export,
            FraudKind::ExpressSplitting => Flow::Express,
            _ => Flow::Import,
        };
        let mut stream = Stream::new(spec.seed, Purpose::Traders, 1 << 40, kind as u64);
        let slots = (0..count)
            .map(|_| {
                let office = wheel.draw(&mut stream);
                self.add(spec, flow, office, Some(kind), false)
            })
            .collect();
        Pool { slots, wheel: Wheel::new((0..count).map(|rank| ((rank + 3) as f64).powf(-0.6))) }
    }

    fn add(&mut self, spec: &WorldSpec, flow: Flow, office: usize, habit: Option<FraudKind>, authorised: bool) -> u32 {
        let index = self.slots.len() as u32;
        let mut stream = Stream::new(spec.seed, Purpose::Traders, u64::from(index), 0);
        let shell = habit.is_some() && stream.chance(SHELL_SHARE);
        let person = flow == Flow::Express && stream.chance(0.75);
        let start = micros(spec.start);
        let whole = lifetime(spec.seed, index, 0, shell, authorised);
        // The world is found in the middle of things: some of the first life is over.
        let born = start - if authorised { days(3_000.0) } else { (whole as f64 * stream.unit()) as i64 };
        self.slots.push(Slot {
            flow,
            office: office as u16,
            habit,
            authorised,
            dormant_until: i64::MIN,
            identity: Identity::new(spec.seed, index, 0, 0, person, habit.is_some(), born),
            shell,
            person,
            generation: 0,
            until: born + whole,
            catches: 0,
            goods_version: 0,
            broker_version: 0,
            profile: None,
        });
        index
    }
}

/// Share of declarations lodged by the habitual traders of each kind.
fn habit_shares(spec: &WorldSpec) -> Vec<(FraudKind, f64)> {
    let total: f64 = spec.fraud.values().sum();
    let all = spec.offence_rate * spec.habitual_share / spec.habitual_rate;
    spec.fraud.iter().map(|(kind, weight)| (*kind, all * weight / total)).collect()
}

/// Declarations that one pick of a habitual trader makes.
fn declarations_per_pick(kind: FraudKind) -> f64 {
    if kind == FraudKind::ExpressSplitting { SPLIT_INTO } else { 1.0 }
}
