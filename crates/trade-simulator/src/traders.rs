//! Traders: positions in the market that companies take, leave and take again under other names.
//!
//! A slot is a position (an importer of Callao, a habitual undervaluer); a generation of it is a company with its own
//! number. An honest company that closes is followed by an unrelated one; whoever hides behind shells keeps the address,
//! the telephone and the broker.

mod identity;
mod market;

pub(crate) use identity::{Identity, tax_number};
pub(crate) use market::{Market, Pick};

use crate::brokers::Brokers;
use crate::calendar::days;
use crate::countries::{self, CONTAMINATED_ROUTES, COUNTRIES};
use crate::draw::{Purpose, Stream};
use crate::goods::{Catalogue, Cell};
use crate::spec::FraudKind;

/// What a trader mostly does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Import,
    Export,
    Express,
}

/// One kind of business a trader does again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) cell: Cell,
    /// The country at the other end: the origin going in, the destination going out.
    pub(crate) country: u8,
    /// Number of the supplier or buyer.
    pub(crate) partner: u32,
    pub(crate) weight: f64,
}

/// How a trader does business.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) lines: Vec<Line>,
    pub(crate) broker: u16,
    pub(crate) other_broker: u16,
    /// Logarithm of the median value of a consignment, US dollars.
    pub(crate) log_value: f64,
    pub(crate) advance: f64,
    version: u32,
}

/// A position in the market.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) flow: Flow,
    pub(crate) office: u16,
    pub(crate) habit: Option<FraudKind>,
    pub(crate) authorised: bool,
    /// Microseconds since 1970 until which it trades nothing.
    pub(crate) dormant_until: i64,
    pub(crate) identity: Identity,
    shell: bool,
    person: bool,
    generation: u32,
    until: i64,
    catches: u32,
    goods_version: u32,
    broker_version: u32,
    profile: Option<Box<Profile>>,
}

impl Slot {
    /// When the present company began to trade, microseconds since 1970.
    pub(crate) fn born(&self) -> i64 {
        self.identity.born
    }

    /// Brings the slot to `now`: whoever closed in between is followed by the next.
    fn advance(&mut self, seed: u64, index: u32, now: i64) {
        while self.until <= now {
            let born = self.until;
            self.next_generation(seed, index, born);
        }
    }

    /// Another company takes the position at `born`.
    pub(crate) fn next_generation(&mut self, seed: u64, index: u32, born: i64) {
        self.generation += 1;
        self.until = born + lifetime(seed, index, self.generation, self.shell, self.authorised);
        // Habitual traders only change the name on the door.
        let premises = if self.habit.is_some() { 0 } else { self.generation };
        self.identity = Identity::new(seed, index, self.generation, premises, self.person, self.habit.is_some(), born);
        if self.habit.is_none() {
            self.profile = None;
        }
    }

    /// How many times it was caught, this time included.
    pub(crate) fn count_catch(&mut self) -> u32 {
        self.catches += 1;
        self.catches
    }

    /// Other goods from now on.
    pub(crate) fn switch_goods(&mut self) {
        self.goods_version += 1;
        self.profile = None;
    }

    /// Another broker from now on.
    pub(crate) fn switch_broker(&mut self) {
        self.broker_version += 1;
        self.profile = None;
    }

    /// Finds out how it does business now.
    pub(crate) fn settle(&mut self, seed: u64, index: u32, goods: &Catalogue, brokers: &Brokers) {
        let version = self.goods_version * 1_000 + self.broker_version;
        if self.profile.as_ref().is_none_or(|profile| profile.version != version) {
            self.profile = Some(Box::new(self.new_profile(seed, index, goods, brokers, version)));
        }
    }

    /// How it does business, as [`Slot::settle`] found out.
    pub(crate) fn business(&self) -> &Profile {
        self.profile.as_ref().expect("a slot is made ready before it trades")
    }

    fn new_profile(&self, seed: u64, index: u32, goods: &Catalogue, brokers: &Brokers, version: u32) -> Profile {
        // An honest newcomer has a profile of its own; a habitual trader keeps his until he switches.
        let era = if self.habit.is_some() { 0 } else { u64::from(self.generation) };
        let mut stream =
            Stream::new(seed, Purpose::Profile, u64::from(index), era << 32 | u64::from(self.goods_version));
        let count = if self.flow == Flow::Express { 2 } else { 1 + stream.below(4) };
        let lines = (0..count).map(|number| self.line(number, goods, &mut stream)).collect();
        let log_value = match self.flow {
            Flow::Express => 4.8,
            _ => stream.gauss(if self.habit.is_some() { 9.3 } else { 9.0 }, 0.8),
        };
        let advance = stream.between(0.55, 0.95);
        let mut chooser =
            Stream::new(seed, Purpose::Profile, u64::from(index), era << 32 | 1 << 31 | u64::from(self.broker_version));
        let (broker, other_broker) = if self.flow == Flow::Express {
            (brokers.draw_courier(&mut chooser), brokers.draw_courier(&mut chooser))
        } else {
            let loose = chooser.chance(if self.habit.is_some() { HABITUAL_LOOSE } else { HONEST_LOOSE });
            (brokers.draw(&mut chooser, loose), brokers.draw(&mut chooser, false))
        };
        Profile { lines, broker, other_broker, log_value, advance, version }
    }

    fn line(&self, number: usize, goods: &Catalogue, stream: &mut Stream) -> Line {
        let weight = ((number + 1) as f64).powf(-1.0) * stream.between(0.6, 1.4);
        let partner = stream.below(1_000_000) as u32;
        let (cell, country) = match (self.habit, self.flow) {
            (Some(FraudKind::ContaminatedExport), _) => {
                (goods.draw_contaminable(stream), countries::index(stream.pick(CONTAMINATED_ROUTES)))
            }
            (Some(FraudKind::Contraband), _) => at_origin(goods, goods.draw_smuggled(stream)),
            (Some(FraudKind::Origin), _) => at_origin(
                goods,
                draw_until(
                    stream,
                    |stream| habitual_cell(goods, stream),
                    |cell| {
                        countries::at(goods.source(cell).origin).preference.is_some()
                            && goods.good(cell).ad_valorem > 0.0
                    },
                ),
            ),
            (Some(FraudKind::Misclassification), _) => at_origin(goods, habitual_cell(goods, stream)),
            (_, Flow::Express) => at_origin(goods, goods.draw_express(stream)),
            (Some(_), _) => at_origin(
                goods,
                draw_until(stream, |stream| habitual_cell(goods, stream), |cell| goods.good(cell).ad_valorem > 0.0),
            ),
            (None, Flow::Import) => at_origin(goods, goods.draw_import(stream)),
            (None, Flow::Export) => {
                let destination = stream.weighted(COUNTRIES.iter().map(|country| country.destination));
                (goods.draw_export(stream), destination as u8)
            }
        };
        Line { cell, country, partner, weight }
    }
}

/// Share of traders with a broker that asks few questions.
const HABITUAL_LOOSE: f64 = 0.5;
const HONEST_LOOSE: f64 = 0.05;
/// Share of the business of habitual traders that lies in hot spots.
const HABITUAL_HOT: f64 = 0.35;

fn habitual_cell(goods: &Catalogue, stream: &mut Stream) -> Cell {
    if stream.chance(HABITUAL_HOT) { goods.draw_hot(stream) } else { goods.draw_import(stream) }
}

fn at_origin(goods: &Catalogue, cell: Cell) -> (Cell, u8) {
    (cell, goods.source(cell).origin)
}

/// Draws until it fits, or gives up with the last draw.
fn draw_until(stream: &mut Stream, draw: impl Fn(&mut Stream) -> Cell, fits: impl Fn(Cell) -> bool) -> Cell {
    let mut cell = draw(stream);
    for _ in 0..12 {
        if fits(cell) {
            break;
        }
        cell = draw(stream);
    }
    cell
}

fn lifetime(seed: u64, index: u32, generation: u32, shell: bool, authorised: bool) -> i64 {
    let mut stream = Stream::new(seed, Purpose::Lifetime, u64::from(index), u64::from(generation));
    if authorised {
        return days(20_000.0);
    }
    days(if shell { stream.between(50.0, 150.0) } else { 60.0 + stream.exponential(1_400.0) })
}
