use customs::{ControlId, DeclarationId, FindingKind, Method, ResultStage, Timestamp};
use explanation::{Case, CaseFinding, Declared, Profile, Typical};
use features::Token;

pub fn at(day: u32) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + 86_400 * i64::from(day)).unwrap()
}

/// An item of `code` from `origin` of `trader`, at four US dollars per kilogram.
pub fn profile(code: &str, origin: &str, trader: &str) -> Profile {
    let token = |text: &str| Token::of(text).0;
    Profile {
        way: 0,
        hs2: token(&code[..2]),
        hs4: token(&code[..4]),
        hs6: token(&code[..6]),
        origin: token(origin),
        route: token(origin),
        taxes: token("IGV 16"),
        trader: token(trader),
        currency: token("USD"),
        unit_value: Some(2 * 65_536),
    }
}

/// A finding of `kind` in `number`, that says `found` instead of `declared` and brings `duty`.
pub fn case(number: u32, profile: Profile, kind: FindingKind, declared: &str, found: &str, duty: f64) -> Case {
    let field = match kind {
        FindingKind::Misclassification => "commodityCode",
        FindingKind::Origin => "originCountry",
        FindingKind::Quantity => "netMassKg",
        _ => "valuation",
    };
    Case {
        control: ControlId::derive(at(number), &[&number.to_be_bytes()]),
        item: 1,
        declaration: DeclarationId::derive(at(number), &[&number.to_be_bytes()]),
        known_at: at(number),
        stage: ResultStage::Final,
        method: Method::Physical,
        profile,
        declared_value: Some(1_000.0),
        findings: vec![CaseFinding {
            kind,
            field: Some(field.to_owned()),
            declared: Some(declared.to_owned()),
            found: Some(found.to_owned()),
            duty: Some(duty),
            currency: Some("USD".to_owned()),
        }],
    }
}

/// 1,000 kg of power tools from China for 4,000 US dollars, taxed at a fifth.
pub fn tools() -> Declared {
    Declared {
        commodity_code: "8467210000".to_owned(),
        origin: "CN".to_owned(),
        value: 4_000.0,
        currency: "USD".to_owned(),
        mass_kg: Some(1_000.0),
        rate: 0.2,
        typical: Some(Typical { mean: 3.0, deviation: 0.3, count: 200 }),
    }
}
