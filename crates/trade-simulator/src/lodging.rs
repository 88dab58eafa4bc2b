//! Turns a consignment into the declaration that is lodged and the truth behind it.

mod offence;
mod paper;

pub(crate) use offence::{ItemOffence, Offence, Seizure};
pub(crate) use paper::{DOLLARS_PER_EURO, SOLES_PER_DOLLAR, cents};

use customs::Declaration;

use crate::Truth;
use crate::brokers::Broker;
use crate::consignment::{Consignment, Scene};
use crate::draw::{Purpose, Stream};
use crate::posterior::{self, DETOUR, FALSE_ORIGIN_DETOUR, Observation};
use crate::spec::{FraudKind, MethodDetection};
use crate::traders::{Profile, Slot};

/// A consignment as it is lodged, with what only the simulator knows.
pub(crate) struct Lodged {
    pub(crate) declaration: Declaration,
    pub(crate) truth: Truth,
    pub(crate) offence: Option<Offence>,
    /// Microseconds since 1970.
    pub(crate) arrival: i64,
}

/// Amounts of one item, US dollars and kilograms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemAmounts {
    /// What was paid.
    pub(crate) paid: f64,
    /// What is declared.
    pub(crate) declared: f64,
    pub(crate) net_kg: f64,
    pub(crate) gross_kg: f64,
}

/// Lodges `consignment` as `key` at `now`; declarations with the same `purchase` share the decision to offend.
pub(crate) fn lodge(
    scene: &Scene,
    key: u64,
    purchase: u64,
    consignment: &Consignment,
    slot: &Slot,
    profile: &Profile,
    now: i64,
) -> Lodged {
    let seed = scene.spec.seed;
    let mut temptation = Stream::new(seed, Purpose::Offence, purchase, 0);
    let tempted = temptation.chance(consignment.prior);
    let kind = temptation.weighted(consignment.kinds.iter().map(|(_, share)| *share));
    let fraud = consignment.kinds.get(kind).filter(|_| tempted).map(|(kind, _)| *kind);

    // In the null world fraud leaves no trace in what is declared.
    let visible = fraud.filter(|_| !scene.spec.null_world);
    let mut traces = Stream::new(seed, Purpose::Offence, key, 1);
    let concerned = concerned_items(consignment, &mut traces);
    let mut stream = Stream::new(seed, Purpose::Content, key, 1);
    let (amounts, observation) = amounts(scene, consignment, visible, &concerned, &mut stream, &mut traces);
    let offence = fraud.map(|fraud| {
        let mut found = Stream::new(seed, Purpose::Offence, key, 2);
        offence::describe(scene, consignment, fraud, &concerned, &amounts, &mut found)
    });
    let bayes_score = if scene.spec.null_world {
        consignment.prior
    } else {
        posterior::posterior(consignment.prior, &consignment.kinds, consignment.habit, &observation)
    };
    let truth = Truth {
        kind: fraud.map(FraudKind::finding),
        fraud,
        items: offence
            .as_ref()
            .map_or_else(Vec::new, |offence| offence.items.iter().map(|item| item.sequence).collect()),
        duty_at_stake: offence.as_ref().map_or(0.0, Offence::duty),
        detection: fraud.map_or(MethodDetection::NONE, |fraud| scene.spec.detection(fraud)),
        bayes_score,
    };
    let broker: &Broker = scene.brokers.get(consignment.broker);
    let sheet = paper::Sheet { scene, key, consignment, slot, profile, broker, now, detour: observation.detour };
    let (declaration, arrival) = sheet.write(&amounts);
    Lodged { declaration, truth, offence, arrival }
}

/// Which items an offence here would concern.
fn concerned_items(consignment: &Consignment, stream: &mut Stream) -> Vec<bool> {
    let count = consignment.items.len();
    let all = stream.chance(posterior::ALL_ITEMS);
    let one = stream.below(count);
    (0..count).map(|index| all || index == one).collect()
}

fn amounts(
    scene: &Scene,
    consignment: &Consignment,
    fraud: Option<FraudKind>,
    concerned: &[bool],
    stream: &mut Stream,
    traces: &mut Stream,
) -> (Vec<ItemAmounts>, Observation) {
    let habitual = fraud.is_some() && consignment.habit == fraud;
    let (mean, deviation) = posterior::mass_ratio(fraud, habitual);
    let mass_ratio = stream.gauss(mean, deviation).min(-0.01);
    let false_origin = fraud == Some(FraudKind::Origin);
    let detour = stream.chance(if false_origin { FALSE_ORIGIN_DETOUR } else { DETOUR });
    let shift = fraud.and_then(|fraud| posterior::value_shift(fraud, habitual));
    let mut values = Vec::with_capacity(concerned.len());
    let mut amounts = Vec::with_capacity(concerned.len());
    for (item, concerned) in consignment.items.iter().zip(concerned) {
        let good = scene.goods.good(item.cell);
        let norm = scene.goods.source(item.cell).usd_per_kg;
        let usual = stream.gauss(0.0, good.sigma);
        let shift = match shift {
            Some((mean, deviation)) if *concerned => traces.gauss(mean, deviation),
            _ => 0.0,
        };
        values.push((usual + shift, good.sigma));
        let value = consignment.value * item.share;
        // Undervaluation lowers the value of the same goods; another code changes the norm they are compared with.
        let lowers = matches!(fraud, Some(FraudKind::Undervaluation | FraudKind::ExpressSplitting));
        let paid = if lowers { value * (-shift.min(0.0)).exp().sqrt() } else { value };
        let declared = if lowers { paid * shift.exp() } else { value };
        let net_kg = (declared / (norm * (usual + shift).exp())).max(0.002);
        amounts.push(ItemAmounts { paid, declared, net_kg, gross_kg: net_kg / mass_ratio.exp() });
    }
    (amounts, Observation { values, mass_ratio, detour })
}
