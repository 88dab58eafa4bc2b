//! The world: lodges, moves and reports, tick by tick.
//!
//! Time passes in one loop over two queues, the acceptance times of the day and everything that was set in motion
//! earlier. Each declaration is drawn from streams keyed by its own number, so what it is does not depend on what was
//! examined before, except through traders who react to being caught.

mod events;
mod feedback;
mod record;

use customs::{Channel, CurrencyTable, Decimal, Declaration, ExchangeRate, Office};
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};

use crate::brokers::Brokers;
use crate::calendar::{self, DAY, HOUR, micros, moment};
use crate::consignment::{Consignment, Scene};
use crate::draw::{Purpose, Stream};
use crate::goods::Catalogue;
use crate::lodging::{self, DOLLARS_PER_EURO, Lodged, SOLES_PER_DOLLAR};
use crate::spec::FraudKind;
use crate::traders::{Flow, Market, Pick};
use crate::{
    FilterProposal, Lodgement, MovementKind, OfficeCapacity, RiskProposal, SpecError, TickActions, Truth, WorldSpec,
    filters, places, risk,
};
use events::{Event, Events};
use record::Record;

/// Numbers per planned declaration: itself, the rest of a split purchase, lodged again.
const KEYS: u64 = 16;
/// Where the number of a declaration that is lodged again lies behind that of the first.
const AGAIN: u64 = 8;
/// Consignments looked at to find the average risk.
const PILOT: u64 = 3_000;

/// A world.
#[derive(Clone, Debug)]
pub struct World {
    scene: Scene,
    market: Market,
    /// Declarations to expect per day.
    volumes: Vec<f64>,
    /// The next day to plan.
    day: u32,
    /// Acceptance times left of the planned days.
    today: VecDeque<i64>,
    planned: u64,
    events: Events,
    records: BTreeMap<u64, Record>,
    /// Declarations that extraordinary controls concern.
    extraordinary: BTreeMap<u64, Option<u64>>,
    now: i64,
}

impl World {
    /// The world of `spec`.
    pub fn new(spec: WorldSpec) -> Result<Self, SpecError> {
        spec.validate()?;
        let places = places::places(&spec);
        let market = Market::new(&spec, &places);
        let again = spec.cancellation_share / 2.0;
        let volumes = calendar::daily_volumes(&spec, spec.declarations as f64 / (1.0 + again) / market.per_pick());
        let now = micros(spec.start);
        let scene =
            Scene { places, goods: Catalogue::new(spec.seed), brokers: Brokers::new(&spec), spec, diffuse_rate: 0.0 };
        let mut world = Self {
            scene,
            market,
            volumes,
            day: 0,
            today: VecDeque::new(),
            planned: 0,
            events: Events::default(),
            records: BTreeMap::new(),
            extraordinary: BTreeMap::new(),
            now,
        };
        world.scene.diffuse_rate = world.calibrate();
        Ok(world)
    }

    /// Its specification.
    pub fn spec(&self) -> &WorldSpec {
        &self.scene.spec
    }

    /// First moment of trade.
    pub fn start(&self) -> Timestamp {
        self.scene.spec.start
    }

    /// The moment after the last day of trade; arrivals, releases, results and revisions go on for some weeks.
    pub fn end(&self) -> Timestamp {
        moment(self.last())
    }

    /// The offices, largest first.
    pub fn offices(&self) -> Vec<Office> {
        self.scene.places.iter().map(places::office).collect()
    }

    /// What the offices can do.
    pub fn capacity(&self) -> Vec<OfficeCapacity> {
        self.scene.places.iter().map(|place| places::capacity(self.spec(), place)).collect()
    }

    /// The risk register, which the filters name.
    pub fn risks(&self) -> Vec<RiskProposal> {
        crate::risks::register()
    }

    /// Filters that analysts propose.
    pub fn filters(&self) -> Vec<FilterProposal> {
        filters::proposals(&self.scene)
    }

    /// Subheadings that appear in this world's trade, in order.
    pub fn subheadings(&self) -> Vec<String> {
        let mut codes: Vec<String> = self.scene.goods.codes().map(str::to_owned).collect();
        codes.sort_unstable();
        codes
    }

    /// Rates into `PEN` that its declarations use.
    pub fn exchange_rates(&self) -> CurrencyTable {
        let valid_from = jiff::civil::date(2000, 1, 1);
        let rate = |currency: &str, rate: f64| ExchangeRate {
            currency: currency.into(),
            valid_from,
            rate: Decimal::new((rate * 1_000.0).round() as i64, 3),
        };
        let rates = [rate("USD", SOLES_PER_DOLLAR), rate("EUR", SOLES_PER_DOLLAR * DOLLARS_PER_EURO)];
        CurrencyTable::new("PEN".into(), rates)
    }

    /// What a declaration hides; none for a key that was never lodged.
    pub fn truth(&self, key: u64) -> Option<&Truth> {
        self.records.get(&key).map(|record| &record.truth)
    }

    /// Everything that happens from `from` (inclusive) to `to` (exclusive). Ticks follow each other: what lies before
    /// `to` and was not told yet is told now.
    pub fn tick(&mut self, from: Timestamp, to: Timestamp) -> TickActions {
        let until = micros(to.max(from));
        let mut actions = TickActions::default();
        loop {
            self.plan(until);
            let lodgement = self.today.front().copied().filter(|at| *at < until);
            let event = self.events.next_at().filter(|at| *at < until);
            match (lodgement, event) {
                (Some(at), event) if event.is_none_or(|event| at <= event) => {
                    self.today.pop_front();
                    self.planned += 1;
                    let key = self.planned * KEYS;
                    self.lodge_new(key, at, &mut actions);
                }
                (_, Some(_)) => {
                    if let Some((at, event)) = self.events.pop() {
                        self.happen(at, event, &mut actions);
                    }
                }
                _ => break,
            }
        }
        self.now = self.now.max(until);
        actions.movements.sort_by_key(|movement| (movement.at, movement.key, movement.kind));
        actions.scans.sort_by_key(|scan| (scan.at, scan.key));
        actions
    }

    /// Makes the plans of all days that begin before `until`.
    fn plan(&mut self, until: i64) {
        while (self.day as usize) < self.volumes.len() && micros(self.start()) + i64::from(self.day) * DAY < until {
            let times = calendar::times_of(self.spec(), self.day, self.volumes[self.day as usize]);
            self.today.extend(times);
            self.day += 1;
        }
    }

    fn last(&self) -> i64 {
        micros(self.start()) + i64::from(self.spec().days) * DAY
    }

    /// The rate of offences among honest traders that makes the rate of the whole world right.
    fn calibrate(&mut self) -> f64 {
        let now = self.now;
        let (mut honest, mut factors) = (0.0, 0.0);
        for number in 0..PILOT {
            let key = 1 << 60 | number;
            let pick = self.who(key, now);
            let consignment = self.consignment(key, pick, now);
            if consignment.habit.is_none() {
                let age = now - self.market.slot(pick.slot).born();
                factors += risk::diffuse_factor(&self.scene, &consignment, age);
                honest += 1.0;
            }
        }
        let spec = self.spec();
        let diffuse = spec.offence_rate * (1.0 - spec.habitual_share);
        let habitual = spec.offence_rate * spec.habitual_share / spec.habitual_rate;
        if factors > 0.0 { diffuse / (1.0 - habitual) / (factors / honest) } else { 0.0 }
    }

    fn who(&self, key: u64, now: i64) -> Pick {
        let mut stream = Stream::new(self.spec().seed, Purpose::Who, key, 0);
        self.market.pick(&mut stream, &self.scene.places, now)
    }

    fn consignment(&mut self, key: u64, pick: Pick, now: i64) -> Consignment {
        let slot = self.market.ready(pick.slot, now, &self.scene.goods, &self.scene.brokers);
        Consignment::draw(&self.scene, key, pick, slot, slot.business(), now)
    }

    /// A planned declaration; one of a splitter is followed by others.
    fn lodge_new(&mut self, key: u64, at: i64, actions: &mut TickActions) {
        let pick = self.who(key, at);
        let splits = self.market.slot(pick.slot).habit == Some(FraudKind::ExpressSplitting);
        if splits && pick.flow == Flow::Express {
            let mut stream = Stream::new(self.spec().seed, Purpose::Who, key, 1);
            // Three to five in all: four on average.
            let more = 2 + stream.below(3) as u64;
            for number in 1..=more {
                let later = at + (number as i64 * 60 + stream.below(1_500) as i64) * 1_000_000;
                if later < self.last() {
                    self.events.push(later, Event::Lodge { key: key + number, purchase: key, pick });
                }
            }
        }
        self.lodge(key, key, pick, at, actions);
    }

    fn lodge(&mut self, key: u64, purchase: u64, pick: Pick, at: i64, actions: &mut TickActions) {
        let consignment = self.consignment(key, pick, at);
        let slot = self.market.slot(pick.slot);
        let lodged = lodging::lodge(&self.scene, key, purchase, &consignment, slot, slot.business(), at);
        let Lodged { declaration, truth, offence, arrival } = lodged;
        let record = Record::new(pick, &declaration, truth, offence, arrival);
        self.records.insert(key, record);
        self.set_in_motion(key, pick, &declaration, at, arrival, actions);
        actions.lodgements.push(Lodgement { key, lodged_again_for: None, declaration });
    }

    /// What follows from a lodgement: arrival, scan, amendment, cancellation, an officer's curiosity.
    fn set_in_motion(
        &mut self,
        key: u64,
        pick: Pick,
        declaration: &Declaration,
        at: i64,
        arrival: i64,
        actions: &mut TickActions,
    ) {
        let spec = &self.scene.spec;
        let mut fate = Stream::new(spec.seed, Purpose::Fate, key, 0);
        let (amends, cancels) = (fate.chance(spec.amendment_share), fate.chance(spec.cancellation_share));
        let (scans, interests) = (fate.chance(spec.scan_share), fate.chance(spec.extraordinary_share));
        let hours = |low: f64, high: f64, fate: &mut Stream| (fate.between(low, high) * HOUR as f64) as i64;
        let (amended, cancelled) = (at + hours(1.0, 60.0, &mut fate), at + hours(3.0, 40.0, &mut fate));
        let looked_at = arrival.max(at) + hours(1.0, 12.0, &mut fate);
        self.happen_or_wait(arrival, at, Event::Move { key, kind: MovementKind::Arrived, round: 0 }, actions);
        let place = &self.scene.places[usize::from(pick.office)];
        if scans && place.share >= 0.03 && !declaration.containers.is_empty() {
            let container = declaration.containers[0].id.clone();
            let scanned = arrival + hours(2.0, 20.0, &mut fate);
            self.happen_or_wait(scanned, at, Event::Scan { key, container }, actions);
        }
        if amends && at + HOUR < amended {
            self.events.push(amended, Event::Amend { key, declaration: Box::new(declaration.clone()) });
        }
        if cancels && !amends {
            self.events.push(cancelled, Event::Cancel { key, pick, declaration: Box::new(declaration.clone()) });
        }
        if interests {
            self.events.push(looked_at, Event::Curiosity { key });
        }
    }

    /// What lies before the declaration it comes with happens with it, at its own time.
    fn happen_or_wait(&mut self, at: i64, lodged: i64, event: Event, actions: &mut TickActions) {
        if at <= lodged {
            self.happen(at, event, actions);
        } else {
            self.events.push(at, event);
        }
    }

    /// Whether the trader still believes nobody looked.
    fn is_untouched(record: &Record) -> bool {
        !record.cancelled && !record.released && record.channel != Some(Channel::Red)
    }
}
