//! Goods: what is traded, what it is usually worth, and where it comes from.
//!
//! The tariff is the same in every world; which origins a subheading has, what its unit value is there, and which
//! combinations are a hot spot of fraud follow from the seed.

mod table;

use crate::countries;
use crate::draw::{Purpose, Stream, Wheel};
use table::{GROUPS, Group};

/// Share of goods on their way in that hot spots make up.
const HOT_SHARE: f64 = 0.06;

/// A subheading.
#[derive(Clone, Debug)]
pub(crate) struct Good {
    pub(crate) code: &'static str,
    pub(crate) words: &'static [&'static str],
    pub(crate) unit: &'static str,
    /// Ad valorem and excise rates in percent.
    pub(crate) ad_valorem: f64,
    pub(crate) excise: f64,
    /// Standard deviation of the logarithm of the unit value.
    pub(crate) sigma: f64,
    pub(crate) sources: Vec<Source>,
    group: usize,
}

/// A subheading from one origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) origin: u8,
    pub(crate) weight: f64,
    /// Median value, US dollars per kilogram.
    pub(crate) usd_per_kg: f64,
    /// A hot spot of fraud.
    pub(crate) hot: bool,
}

/// A subheading and one of its sources, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) good: u16,
    pub(crate) source: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    goods: Vec<Good>,
    imports: Wheel,
    exports: Wheel,
    express: Wheel,
    contaminable: Vec<u16>,
    smuggled: Vec<u16>,
    hot: Vec<Cell>,
    hot_wheel: Wheel,
}

impl Catalogue {
    pub(crate) fn new(seed: u64) -> Self {
        let mut goods: Vec<Good> = Vec::new();
        let mut flows: [Vec<f64>; 3] = Default::default();
        for (number, group) in GROUPS.iter().enumerate() {
            for code in group.codes {
                let own = Stream::new(0, Purpose::Goods, goods.len() as u64, 0);
                let (good, weight) = good(seed, number, group, code, own);
                goods.push(good);
                for (flow, of_group) in flows.iter_mut().zip([group.imports, group.exports, group.express]) {
                    flow.push(weight * of_group / group.codes.len() as f64);
                }
            }
        }
        let hot = mark_hot_spots(seed, &mut goods, &flows[0]);
        let hot_wheel = Wheel::new(hot.iter().map(|cell| {
            let good = &goods[usize::from(cell.good)];
            flows[0][usize::from(cell.good)] * good.sources[usize::from(cell.source)].weight
        }));
        let of_words = |wanted: &[&str]| {
            let has = |good: &Good| wanted.iter().any(|word| good.words.contains(word));
            (0..goods.len()).filter(|index| has(&goods[*index])).map(|index| index as u16).collect::<Vec<_>>()
        };
        Self {
            contaminable: of_words(&["carbon vegetal", "palta hass", "cafe verde", "pota congelada"]),
            smuggled: of_words(&["cigarrillos", "telefono celular", "zapatilla deportiva", "casaca", "whisky"]),
            imports: Wheel::new(flows[0].iter().copied()),
            exports: Wheel::new(flows[1].iter().copied()),
            express: Wheel::new(flows[2].iter().copied()),
            goods,
            hot,
            hot_wheel,
        }
    }

    pub(crate) fn good(&self, cell: Cell) -> &Good {
        &self.goods[usize::from(cell.good)]
    }

    pub(crate) fn source(&self, cell: Cell) -> &Source {
        &self.good(cell).sources[usize::from(cell.source)]
    }

    pub(crate) fn hot_spots(&self) -> &[Cell] {
        &self.hot
    }

    pub(crate) fn codes(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.goods.iter().map(|good| good.code)
    }

    pub(crate) fn goods(&self) -> &[Good] {
        &self.goods
    }

    pub(crate) fn draw_import(&self, stream: &mut Stream) -> Cell {
        let good = self.imports.draw(stream);
        self.any_source(good, stream)
    }

    pub(crate) fn draw_express(&self, stream: &mut Stream) -> Cell {
        let good = self.express.draw(stream);
        self.any_source(good, stream)
    }

    pub(crate) fn draw_hot(&self, stream: &mut Stream) -> Cell {
        if self.hot_wheel.is_empty() { self.draw_import(stream) } else { self.hot[self.hot_wheel.draw(stream)] }
    }

    pub(crate) fn draw_smuggled(&self, stream: &mut Stream) -> Cell {
        let good = usize::from(stream.pick(&self.smuggled));
        self.any_source(good, stream)
    }

    /// Goods on their way out are of national origin; the source only tells their value.
    pub(crate) fn draw_export(&self, stream: &mut Stream) -> Cell {
        Cell { good: self.exports.draw(stream) as u16, source: 0 }
    }

    pub(crate) fn draw_contaminable(&self, stream: &mut Stream) -> Cell {
        Cell { good: stream.pick(&self.contaminable), source: 0 }
    }

    /// Similar goods, as a trader who confuses codes on purpose would pick them: of the same group, at the highest duty.
    pub(crate) fn dearer_neighbour(&self, cell: Cell, stream: &mut Stream) -> &Good {
        let own = self.good(cell);
        let group: Vec<&Good> =
            self.goods.iter().filter(|good| good.group == own.group && good.code != own.code).collect();
        let highest = group.iter().map(|good| good.ad_valorem).fold(0.0, f64::max);
        let dearest: Vec<&Good> = group.into_iter().filter(|good| good.ad_valorem >= highest).collect();
        if dearest.is_empty() { own } else { stream.pick(&dearest) }
    }

    fn any_source(&self, good: usize, stream: &mut Stream) -> Cell {
        let source = stream.weighted(self.goods[good].sources.iter().map(|source| source.weight));
        Cell { good: good as u16, source: source as u8 }
    }
}

fn good(seed: u64, number: usize, group: &Group, code: &'static str, mut own: Stream) -> (Good, f64) {
    let (low, high) = group.usd_per_kg;
    let usual = own.between(low.ln(), high.ln()).exp();
    let ad_valorem = f64::from(own.pick(group.ad_valorem));
    let sigma = own.between(0.28, 0.5);
    let weight = own.lognormal(1.0, 0.8);
    let mut norms = Stream::new(seed, Purpose::Norms, code.parse().unwrap_or(0), 0);
    let mut sources: Vec<Source> = Vec::new();
    for (origin, of_group) in group.origins {
        // A subheading has some of the origins of its group, in its own proportions.
        let weight = of_group * norms.lognormal(1.0, 0.6);
        let usd_per_kg = usual * norms.lognormal(1.0, 0.22);
        if sources.is_empty() || norms.chance(0.7) {
            sources.push(Source { origin: countries::index(origin), weight, usd_per_kg, hot: false });
        }
    }
    let total: f64 = sources.iter().map(|source| source.weight).sum();
    for source in &mut sources {
        source.weight /= total;
    }
    let good = Good {
        code,
        words: group.words,
        unit: group.unit,
        ad_valorem,
        excise: f64::from(group.excise),
        sigma,
        sources,
        group: number,
    };
    (good, weight)
}

/// Marks sources that bear duty and are neither rare nor everyday, until they make up their share of the trade.
fn mark_hot_spots(seed: u64, goods: &mut [Good], imports: &[f64]) -> Vec<Cell> {
    let total: f64 = imports.iter().sum();
    let mut stream = Stream::new(seed, Purpose::Norms, 0, 1);
    let mut candidates: Vec<(f64, Cell, f64)> = Vec::new();
    for (index, good) in goods.iter().enumerate() {
        for (number, source) in good.sources.iter().enumerate() {
            let share = imports[index] * source.weight / total;
            let rank = stream.unit() / (1.0 + good.ad_valorem / 6.0);
            if (0.0003..0.006).contains(&share) && good.ad_valorem > 0.0 {
                candidates.push((rank, Cell { good: index as u16, source: number as u8 }, share));
            }
        }
    }
    candidates.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut marked = Vec::new();
    let mut covered = 0.0;
    for (_, cell, share) in candidates {
        if covered >= HOT_SHARE {
            break;
        }
        covered += share;
        goods[usize::from(cell.good)].sources[usize::from(cell.source)].hot = true;
        marked.push(cell);
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subheading_has_sources_and_stands_once() {
        let catalogue = Catalogue::new(1);
        let mut codes: Vec<_> = catalogue.codes().collect();
        assert!(codes.len() >= 300);
        assert!(catalogue.goods().iter().all(|good| !good.sources.is_empty() && good.code.len() == 6));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), catalogue.goods().len());
    }

    #[test]
    fn hot_spots_are_a_small_part_of_the_trade() {
        let catalogue = Catalogue::new(3);
        let mut stream = Stream::new(3, Purpose::Content, 1, 0);
        let hot = (0..20_000).filter(|_| {
            let cell = catalogue.draw_import(&mut stream);
            catalogue.source(cell).hot
        });
        let share = hot.count() as f64 / 20_000.0;
        assert!((0.05..0.08).contains(&share), "{share}");
    }
}
