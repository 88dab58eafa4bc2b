//! Risk filters that an analyst of this administration would write from experience: partly good, partly useless.

use customs::Method;
use std::collections::BTreeSet;

use crate::consignment::Scene;
use crate::countries::{self, CONTAMINATED_ROUTES};

/// A filter as an analyst proposes it.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterProposal {
    /// Short code, unique.
    pub code: String,
    /// The condition, in CEL over the field catalogue.
    pub expression: String,
    /// The risk that it covers, by its code in the register.
    pub risk: &'static str,
    /// The area of risk.
    pub area: String,
    /// What the officer is to verify.
    pub verify: String,
    /// How.
    pub method: Method,
    /// Ordered whatever the capacity.
    pub mandatory: bool,
    /// Added to the value of examining; 1 is the worth of a certain finding.
    pub weight: f64,
    /// Share of matches it acts on.
    pub sampling_share: f64,
}

/// About fifteen filters. Analysts know a few of the hot spots by name and have heard of the usual tricks; some of what they
/// believe is out of date or was never true.
pub(crate) fn proposals(scene: &Scene) -> Vec<FilterProposal> {
    let physical = |code: &str, expression: String, area: &str, verify: &str, weight: f64| FilterProposal {
        code: code.to_owned(),
        expression,
        risk: risk_of(area, code),
        area: area.to_owned(),
        verify: verify.to_owned(),
        method: Method::Physical,
        mandatory: false,
        weight,
        sampling_share: 1.0,
    };
    let documentary = |proposal: FilterProposal| FilterProposal { method: Method::Documentary, ..proposal };
    let sampled = |proposal: FilterProposal, sampling_share: f64| FilterProposal { sampling_share, ..proposal };
    let mut proposals: Vec<FilterProposal> = hot_headings(scene)
        .into_iter()
        .enumerate()
        .map(|(number, (heading, origin))| {
            let expression = format!("item.hs4 == '{heading}' && item.origin == '{origin}'");
            let code = format!("HS-{heading}-{origin}");
            // The older the experience, the less it is trusted.
            physical(&code, expression, "value", "value, quantity and description", 0.08 - 0.01 * number as f64)
        })
        .collect();
    let routes: Vec<String> = CONTAMINATED_ROUTES.iter().map(|code| format!("'{code}'")).collect();
    let smuggling = "declaration.transportMode == 'road' && item.hs2 in ['22', '24', '62', '64', '85']";
    let splitting =
        "declaration.form == 'express' && declaration.expressCategory == 2 && declaration.totalValue > 150.0";
    proposals.extend([
        physical("UV-CLOTHES", low_value(scene, &["61", "62"]), "value", "invoice, payment, brands and sizes", 0.06),
        physical("UV-SHOES", low_value(scene, &["64"]), "value", "invoice, payment, brands and materials", 0.06),
        physical("UV-BAGS", low_value(scene, &["42"]), "value", "invoice, payment and brands", 0.04),
        sampled(
            physical(
                "PREF-DETOUR",
                "has(item.preference) && declaration.routeCountry != item.origin".to_owned(),
                "origin",
                "certificate of origin and direct transport",
                0.05,
            ),
            0.5,
        ),
        sampled(
            physical(
                "EXP-DRUGS",
                format!(
                    "declaration.direction == 'out' && cargo.containerCount > 0 && !declaration.trader.aeo && \
                     item.hs2 in ['03', '08', '09', '44'] && declaration.routeCountry in [{}]",
                    routes.join(", ")
                ),
                "security",
                "structure of the container, seals, pallets",
                0.08,
            ),
            0.5,
        ),
        sampled(physical("SMUGGLING", smuggling.to_owned(), "contraband", "the whole load", 0.04), 0.5),
        physical(
            "TRANSIT-TOBACCO",
            "declaration.regime == '80' && item.hs4 == '2402'".to_owned(),
            "contraband",
            "seals and count",
            0.06,
        ),
        documentary(physical(
            "EER-CEILING",
            splitting.to_owned(),
            "value",
            "other consignments of the same consignee",
            0.05,
        )),
        documentary(physical(
            "HIGH-VALUE",
            "declaration.totalValue > 150000.0".to_owned(),
            "documents",
            "invoice and means of payment",
            0.02,
        )),
        documentary(physical(
            "MANY-ITEMS",
            "declaration.itemCount > 25".to_owned(),
            "classification",
            "codes of the smaller items",
            0.02,
        )),
        physical("EURO", "item.currency == 'EUR'".to_owned(), "value", "exchange rate and invoice", 0.01),
        documentary(physical(
            "HIGH-DUTY",
            "item.taxRate > 60.0 && declaration.regime == '10'".to_owned(),
            "classification",
            "composition and use",
            0.02,
        )),
        FilterProposal {
            mandatory: true,
            ..sampled(
                physical(
                    "GOLD",
                    "item.hs4 in ['7108', '7106'] && declaration.direction == 'out'".to_owned(),
                    "restricted",
                    "assay and permit",
                    0.0,
                ),
                0.05,
            )
        },
    ]);
    proposals
}

/// The entry of the register that a filter of this area belongs to.
fn risk_of(area: &str, code: &str) -> &'static str {
    match (area, code) {
        (_, "EER-CEILING") => "R-EXPRESS",
        (_, "TRANSIT-TOBACCO") => "R-TRANSIT",
        ("value", _) => "R-VALUE",
        ("origin", _) => "R-ORIGIN",
        ("classification", _) => "R-CLASS",
        ("security", _) => "R-DRUGS",
        ("contraband", _) => "R-SMUGGLING",
        ("restricted", _) => "R-GOLD",
        _ => "R-PAPERS",
    }
}

/// Heading and origin of three true hot spots and of one that only used to be one.
fn hot_headings(scene: &Scene) -> Vec<(String, &'static str)> {
    let name = |cell| {
        let good: &str = scene.goods.good(cell).code;
        (good[..4].to_owned(), countries::at(scene.goods.source(cell).origin).code)
    };
    let mut known: Vec<_> = scene.goods.hot_spots().iter().take(3).map(|cell| name(*cell)).collect();
    known.push(("8703".to_owned(), "JP"));
    let mut seen = BTreeSet::new();
    known.retain(|heading| seen.insert(heading.clone()));
    known
}

/// Values below half of what goods of the chapters usually cost.
fn low_value(scene: &Scene, chapters: &[&str]) -> String {
    let goods = scene.goods.goods().iter().filter(|good| chapters.contains(&&good.code[..2]));
    let mut usual: Vec<f64> = goods.flat_map(|good| good.sources.iter().map(|source| source.usd_per_kg)).collect();
    usual.sort_by(f64::total_cmp);
    let threshold = usual.get(usual.len() / 2).copied().unwrap_or(8.0) / 2.0;
    let chapters: Vec<String> = chapters.iter().map(|chapter| format!("'{chapter}'")).collect();
    format!("item.hs2 in [{}] && item.unitValuePerKg < {threshold:.1}", chapters.join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{World, WorldSpec};

    #[test]
    fn every_filter_names_a_risk_of_the_register_and_every_risk_has_one() {
        let world = World::new(WorldSpec::default()).unwrap();
        let named: BTreeSet<&str> = world.filters().iter().map(|filter| filter.risk).collect();
        let register: BTreeSet<&str> = world.risks().iter().map(|risk| risk.code).collect();
        assert_eq!(named, register);
        for risk in world.risks() {
            let told = [risk.owner, risk.treatment, risk.likelihood, risk.consequence, risk.description];
            assert!(told.iter().all(|text| !text.is_empty()) && !risk.finding_kinds.is_empty(), "{}", risk.code);
        }
    }

    #[test]
    fn the_tariff_of_a_world_knows_the_headings_of_its_filters() {
        let world = World::new(WorldSpec::default()).unwrap();
        let tariff = world.subheadings();
        for filter in world.filters() {
            // Literals of digits in conditions on the code.
            let (_, of_goods) = filter.expression.split_once("item.hs").unwrap_or_default();
            for literal in of_goods.split('\'').skip(1).step_by(2) {
                let digits = literal.bytes().all(|byte| byte.is_ascii_digit());
                assert!(!digits || tariff.iter().any(|code| code.starts_with(literal)), "{}: {literal}", filter.code);
            }
        }
    }
}
