//! Customs brokers and couriers: who lodges. Some brokers ask few questions.

use customs::{Party, PartyRole};

use crate::WorldSpec;
use crate::draw::{Purpose, Stream, Wheel};
use crate::traders::tax_number;

/// Share of brokers that ask few questions.
const LOOSE_SHARE: f64 = 0.07;

#[derive(Clone, Debug)]
pub(crate) struct Broker {
    id: String,
    name: String,
    pub(crate) loose: bool,
}

impl Broker {
    pub(crate) fn party(&self) -> Party {
        Party {
            id_type: Some("RUC".to_owned()),
            name: Some(self.name.clone()),
            country: Some("PE".into()),
            ..Party::new(PartyRole::Declarant, self.id.clone())
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Brokers {
    all: Vec<Broker>,
    couriers: usize,
    careful: Wheel,
    loose: Wheel,
    courier: Wheel,
}

impl Brokers {
    pub(crate) fn new(spec: &WorldSpec) -> Self {
        let count = (spec.declarations / 700).clamp(10, 500) as usize;
        let couriers = (count / 12).clamp(3, 12);
        let mut stream = Stream::new(spec.seed, Purpose::Brokers, 0, 0);
        let loose_count = ((count as f64 * LOOSE_SHARE).round() as usize).max(2);
        let all: Vec<Broker> = (0..count + couriers)
            .map(|index| {
                let courier = index >= count;
                let name = if courier {
                    format!("{} COURIER S.A.C.", stream.pick(NAMES))
                } else {
                    format!("{} {} AGENTES DE ADUANA S.A.", stream.pick(NAMES), stream.pick(NAMES))
                };
                // Spread over the ranks, so that neither the largest nor the smallest are the loose ones.
                let loose = !courier && index % (count / loose_count).max(1) == 2 % count;
                Broker { id: tax_number(20, 90_000_000 + index as u64), name, loose }
            })
            .collect();
        let size = |index: usize| ((index + 3) as f64).powf(-0.7);
        let wheel = |wanted: &dyn Fn(usize) -> bool| {
            Wheel::new((0..all.len()).map(|index| if wanted(index) { size(index) } else { 0.0 }))
        };
        Self {
            careful: wheel(&|index| index < count && !all[index].loose),
            loose: wheel(&|index| index < count && all[index].loose),
            courier: wheel(&|index| index >= count),
            couriers: count,
            all,
        }
    }

    pub(crate) fn get(&self, index: u16) -> &Broker {
        &self.all[usize::from(index)]
    }

    pub(crate) fn draw(&self, stream: &mut Stream, loose: bool) -> u16 {
        let wheel = if loose && !self.loose.is_empty() { &self.loose } else { &self.careful };
        wheel.draw(stream) as u16
    }

    pub(crate) fn draw_courier(&self, stream: &mut Stream) -> u16 {
        let drawn = self.courier.draw(stream);
        drawn.max(self.couriers) as u16
    }
}

const NAMES: &[&str] = &[
    "ANDINA",
    "PACIFICO",
    "CALLAO",
    "MERIDIANO",
    "AUSTRAL",
    "CONTINENTAL",
    "SAN MARTIN",
    "TRANSOCEANICA",
    "LIBERTAD",
    "HUASCARAN",
    "INTEGRAL",
    "NAVIERA",
    "DEL SUR",
    "AMAZONICA",
    "VANGUARDIA",
    "CENTENARIO",
    "MERCURIO",
    "ESTRELLA",
];
