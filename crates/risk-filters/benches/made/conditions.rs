//! Conditions as analysts write them: goods, origin or trader, then a threshold or two. Each matches between 0.05 and
//! 1 % of items, as filters that are worth having do.

use customs::Declaration;
use risk_filters::{FilterDefinition, FilterInput, FilterSet};

use super::definition::{catalogue, definition};
use super::goods::{Chance, OFFICES, ORIGINS, PORTS, declaration, features, tariff_code, trader};

/// Items that the shares of matches are counted on.
const SAMPLE: usize = 4_000;

fn list(values: impl IntoIterator<Item = String>) -> String {
    let quoted: Vec<String> = values.into_iter().map(|value| format!("'{value}'")).collect();
    format!("[{}]", quoted.join(", "))
}

fn goods(chance: &mut Chance) -> String {
    let code = tariff_code(chance.skewed(1_500));
    match chance.below(6) {
        0 => format!("item.hs2 == '{}'", &code[..2]),
        1 => format!("item.hs4 == '{}'", &code[..4]),
        2 => {
            let others = (0..=chance.below(5)).map(|_| tariff_code(chance.skewed(600))[..4].to_owned());
            format!("item.hs4 in {}", list(std::iter::once(code[..4].to_owned()).chain(others)))
        }
        3 => format!("item.hs6 == '{}'", &code[..6]),
        4 => format!("item.commodityCode.startsWith('{}')", &code[..3 + chance.below(6)]),
        _ => {
            let others = (0..=chance.below(3)).map(|_| tariff_code(chance.skewed(300))[..2].to_owned());
            format!("item.hs2 in {}", list(std::iter::once(code[..2].to_owned()).chain(others)))
        }
    }
}

fn place(chance: &mut Chance) -> String {
    let several = |chance: &mut Chance, of: &[&str]| {
        list((0..2 + chance.below(6)).map(|_| chance.pick(of).to_owned()).collect::<Vec<_>>())
    };
    match chance.below(7) {
        0 => format!("item.origin == '{}'", chance.pick(&ORIGINS)),
        1 => format!("item.origin in {}", several(chance, &ORIGINS)),
        2 => format!("item.origin != '{}'", chance.pick(&ORIGINS)),
        3 => format!("declaration.routeCountry in {}", several(chance, &ORIGINS)),
        4 => format!("item.loadingPort in {}", several(chance, &PORTS)),
        5 => format!("declaration.office in {}", several(chance, &OFFICES)),
        _ => format!("declaration.counterparty.country == '{}'", chance.pick(&ORIGINS)),
    }
}

fn status(chance: &mut Chance) -> String {
    match chance.below(8) {
        0 => format!("declaration.regime == '{}'", chance.pick(&["10", "20", "21", "70"])),
        1 => format!("declaration.modality == '{}'", chance.pick(&["deferred", "advance", "urgent"])),
        2 => format!("declaration.transportMode == '{}'", chance.pick(&["maritime", "air", "road"])),
        3 => "has(item.preference)".to_owned(),
        4 => "!has(item.preference)".to_owned(),
        5 => format!("item.incoterm == '{}'", chance.pick(&["FOB", "CIF", "EXW"])),
        6 => format!("item.unit == '{}'", chance.pick(&["KGM", "U", "LTR"])),
        _ => "declaration.form != 'full'".to_owned(),
    }
}

fn threshold(chance: &mut Chance) -> String {
    match chance.below(9) {
        0 => format!("item.unitValuePerKg < {:.2}", chance.around(4.0)),
        1 => format!("item.customsValue > {:.2}", chance.around(2_000.0)),
        2 => format!("item.netMassKg >= {:.1}", chance.around(300.0)),
        3 => format!("item.quantity > {:.0}", chance.around(200.0)),
        4 => format!("feature.importerRate > {:.3}", chance.unit() * 0.2),
        5 => format!("feature.priceZ < {:.2}", -chance.unit() * 2.0),
        6 => format!("feature.goodsRate >= {:.2} && feature.importerFindings >= 1.0", chance.unit() * 0.5),
        7 => format!("declaration.packages > {}", 1 + chance.below(40)),
        _ => format!("declaration.totalValue > {:.0}", chance.around(2_000.0)),
    }
}

fn condition(chance: &mut Chance) -> String {
    let mut parts = vec![goods(chance)];
    match chance.below(20) {
        0 | 1 => {
            let known = (0..40 + chance.below(60)).map(|_| trader(chance.skewed(20_000)));
            parts = vec![format!("declaration.trader.id in {}", list(known.collect::<Vec<_>>()))];
            parts.push(threshold(chance));
        }
        2 => {
            parts = vec![format!("({} || {})", goods(chance), goods(chance)), place(chance), threshold(chance)];
        }
        3 => {
            parts.push(place(chance));
            parts.push(format!("item.customsValue / item.quantity < {:.2}", chance.around(6.0)));
        }
        4 => parts = vec![threshold(chance), threshold(chance), threshold(chance), place(chance)],
        5 => {
            let alternative = |chance: &mut Chance| format!("({} && {})", goods(chance), place(chance));
            parts = vec![format!("({} || {})", alternative(chance), alternative(chance))];
        }
        _ => {
            parts.push(place(chance));
            if chance.unit() < 0.6 {
                parts.push(status(chance));
            }
            for _ in 0..chance.below(3) {
                parts.push(threshold(chance));
            }
        }
    }
    // Written in any order: the interpreter gives up at the first that does not hold.
    for at in (1..parts.len()).rev() {
        parts.swap(at, chance.below(at + 1));
    }
    parts.join(" && ")
}

/// Items, each a declaration of one with its vector.
pub fn items(chance: &mut Chance, count: usize) -> Vec<(Declaration, Vec<Vec<f32>>)> {
    (0..count).map(|number| (declaration(chance, number, 1), vec![features(chance)])).collect()
}

/// `count` different conditions with a share of matches between 0.05 and 1 %.
pub fn definitions(chance: &mut Chance, count: usize) -> Vec<FilterDefinition> {
    let sample = items(chance, SAMPLE);
    let mut kept = Vec::with_capacity(count);
    while kept.len() < count {
        let tried: Vec<FilterDefinition> = (0..2_000).map(|number| definition(number, condition(chance))).collect();
        let (set, errors) = FilterSet::compile_valid(&tried, &catalogue());
        assert!(errors.is_empty(), "{errors:?}");
        let mut matches = vec![0_usize; tried.len()];
        for (declaration, features) in &sample {
            let input = FilterInput { declaration, notes: &[], features };
            set.each_match(&input, declaration.acceptance_date_time, &declaration.office, |matched| {
                let number: usize = matched.definition().code[1..].parse().expect("codes are numbers");
                matches[number] += 1;
            });
        }
        let bounds = SAMPLE / 2_000..=SAMPLE / 100;
        // Narrow ones are more usual than wide ones.
        let good = tried
            .into_iter()
            .zip(matches)
            .filter(|(_, matches)| bounds.contains(matches) && chance.unit() < 6.0 / (4.0 + *matches as f64));
        let already = kept.len();
        kept.extend(good.map(|(definition, _)| definition.expression).take(count - already));
    }
    kept.into_iter().enumerate().map(|(number, expression)| definition(number, expression)).collect()
}
