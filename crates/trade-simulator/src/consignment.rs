//! A consignment before anybody decided to cheat with it: what goods, from where, through whom, on what form.

use customs::Form;

use crate::brokers::Brokers;
use crate::countries;
use crate::draw::{Purpose, Stream};
use crate::goods::{Catalogue, Cell};
use crate::places::{Character, Place};
use crate::spec::FraudKind;
use crate::traders::{Flow, Line, Pick, Profile, Slot};
use crate::{WorldSpec, risk};

/// What no draw changes: the stage on which trade happens.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) spec: WorldSpec,
    pub(crate) places: Vec<Place>,
    pub(crate) goods: Catalogue,
    pub(crate) brokers: Brokers,
    /// Probability of an offence of an honest trader with an average consignment.
    pub(crate) diffuse_rate: f64,
}

/// One item before valuation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemPlan {
    pub(crate) cell: Cell,
    /// Origin going in; national going out.
    pub(crate) origin: u8,
    /// Share of the consignment's value.
    pub(crate) share: f64,
}

/// A consignment before the offence.
#[derive(Clone, Debug)]
pub(crate) struct Consignment {
    pub(crate) pick: Pick,
    pub(crate) regime: &'static str,
    pub(crate) form: Form,
    pub(crate) express_category: Option<u8>,
    pub(crate) broker: u16,
    /// Country at the other end.
    pub(crate) country: u8,
    pub(crate) partner: u32,
    pub(crate) items: Vec<ItemPlan>,
    /// A preference is claimed for the items that can have one.
    pub(crate) claims_preference: bool,
    pub(crate) value: f64,
    pub(crate) containerised: bool,
    pub(crate) habit: Option<FraudKind>,
    /// Before looking at values and masses, the probability that an offence hides here.
    pub(crate) prior: f64,
    /// Relative frequency of the kinds, if it does.
    pub(crate) kinds: Vec<(FraudKind, f64)>,
}

impl Consignment {
    /// The consignment `key` of `slot` at `now`.
    pub(crate) fn draw(scene: &Scene, key: u64, pick: Pick, slot: &Slot, profile: &Profile, now: i64) -> Self {
        let mut stream = Stream::new(scene.spec.seed, Purpose::Content, key, 0);
        let place = &scene.places[usize::from(pick.office)];
        let regime = regime(pick.flow, slot.habit, &mut stream);
        let form = form(pick.flow, place.character, &mut stream);
        let main = main_line(scene, pick.flow, slot, profile, &mut stream);
        let items = items(scene, pick.flow, form, &main, profile, &mut stream);
        let habit = slot.habit;
        let claims_preference = stream.chance(if habit == Some(FraudKind::Origin) { 0.97 } else { 0.7 })
            && regime == "10"
            && items.iter().any(|item| can_claim(scene, item));
        let (express_category, value) = value(form, habit, profile, &mut stream);
        let mut consignment = Self {
            pick,
            regime,
            form,
            express_category,
            broker: if stream.chance(0.85) { profile.broker } else { profile.other_broker },
            country: main.country,
            partner: main.partner,
            items,
            claims_preference,
            value,
            containerised: place.character == Character::Sea && form == Form::Full && stream.chance(0.85),
            habit,
            prior: 0.0,
            kinds: Vec::new(),
        };
        consignment.kinds = risk::kinds(scene, &consignment);
        consignment.prior = risk::prior(scene, &consignment, now - slot.born());
        consignment
    }

    pub(crate) fn is_export(&self) -> bool {
        self.pick.flow == Flow::Export
    }

    /// Whether the item is declared with a preference.
    pub(crate) fn prefers(&self, scene: &Scene, item: &ItemPlan) -> bool {
        self.claims_preference && can_claim(scene, item)
    }
}

fn can_claim(scene: &Scene, item: &ItemPlan) -> bool {
    countries::at(item.origin).preference.is_some() && scene.goods.good(item.cell).ad_valorem > 0.0
}

/// Regimes of the national procedure: 10 import, 20 temporary admission, 70 deposit, 80 transit, 40 export.
fn regime(flow: Flow, habit: Option<FraudKind>, stream: &mut Stream) -> &'static str {
    let weights = match (flow, habit) {
        (Flow::Export, _) => return "40",
        (Flow::Express, _) => return "10",
        (Flow::Import, Some(FraudKind::Contraband)) => [0.6, 0.0, 0.0, 0.4],
        (Flow::Import, Some(_)) => [0.92, 0.02, 0.05, 0.01],
        (Flow::Import, None) => [0.77, 0.045, 0.125, 0.06],
    };
    ["10", "20", "70", "80"][stream.weighted(weights.into_iter())]
}

fn form(flow: Flow, character: Character, stream: &mut Stream) -> Form {
    let simplified = match character {
        Character::Sea => 0.05,
        Character::Post => 0.8,
        _ => 0.2,
    };
    if flow == Flow::Express {
        Form::Express
    } else if stream.chance(simplified) {
        Form::Simplified
    } else {
        Form::Full
    }
}

fn main_line(scene: &Scene, flow: Flow, slot: &Slot, profile: &Profile, stream: &mut Stream) -> Line {
    let usual = profile.lines[stream.weighted(profile.lines.iter().map(|line| line.weight))];
    if slot.habit.is_some() || !stream.chance(0.12) {
        return usual;
    }
    // Something else for once.
    let cell = match flow {
        Flow::Import => scene.goods.draw_import(stream),
        Flow::Express => scene.goods.draw_express(stream),
        Flow::Export => return Line { cell: scene.goods.draw_export(stream), ..usual },
    };
    Line { cell, country: scene.goods.source(cell).origin, partner: stream.below(1_000_000) as u32, weight: 1.0 }
}

fn items(scene: &Scene, flow: Flow, form: Form, main: &Line, profile: &Profile, stream: &mut Stream) -> Vec<ItemPlan> {
    let count = 1 + match form {
        Form::Full => {
            let many = if stream.chance(0.045) { stream.exponential(15.0) as usize } else { 0 };
            (stream.exponential(1.7) as usize + many).min(80)
        }
        Form::Simplified => stream.below(3),
        Form::Express => usize::from(stream.chance(0.15)),
    };
    let origin_of = |cell: Cell| if flow == Flow::Export { 0 } else { scene.goods.source(cell).origin };
    let mut items = Vec::with_capacity(count);
    for number in 0..count {
        let cell = if number == 0 {
            main.cell
        } else if stream.chance(0.7) {
            profile.lines[stream.weighted(profile.lines.iter().map(|line| line.weight))].cell
        } else {
            match flow {
                Flow::Import => scene.goods.draw_import(stream),
                Flow::Express => scene.goods.draw_express(stream),
                Flow::Export => scene.goods.draw_export(stream),
            }
        };
        items.push(ItemPlan { cell, origin: origin_of(cell), share: 0.2 + stream.exponential(1.0) });
    }
    let total: f64 = items.iter().map(|item| item.share).sum();
    for item in &mut items {
        item.share /= total;
    }
    items
}

/// Express category and value in US dollars.
fn value(form: Form, habit: Option<FraudKind>, profile: &Profile, stream: &mut Stream) -> (Option<u8>, f64) {
    match form {
        Form::Full => (None, (profile.log_value + 0.85 * stream.normal()).exp().max(150.0)),
        Form::Simplified => (None, stream.lognormal(600.0, 0.7).clamp(20.0, 2_000.0)),
        Form::Express if habit == Some(FraudKind::ExpressSplitting) => (Some(2), stream.between(110.0, 199.0)),
        Form::Express => match stream.unit() {
            draw if draw < 0.05 => (Some(1), stream.between(1.0, 20.0)),
            draw if draw < 0.62 => (Some(2), stream.between(10.0, 200.0)),
            draw if draw < 0.97 => (Some(3), stream.lognormal(450.0, 0.6).clamp(200.0, 2_000.0)),
            _ => (Some(4), stream.lognormal(3_200.0, 0.4).clamp(2_000.0, 20_000.0)),
        },
    }
}
