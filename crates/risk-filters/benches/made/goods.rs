//! Declarations as a customs service sees them: skewed in goods, origins and traders. Seeded.

use customs::{
    Decimal, Declaration, Direction, DutyTax, Form, GoodsItem, ItemValuation, MeansOfTransport, Modality, Money, Party,
    PartyRole, Timestamp, TransportDocument, TransportMode,
};
use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{RngCore, SeedableRng},
};

/// Names of the features that vectors have here.
pub const FEATURES: [&str; 6] = ["importerRate", "importerFindings", "priceZ", "routeRate", "goodsRate", "newParty"];
pub const ORIGINS: [&str; 40] = [
    "CN", "US", "BR", "DE", "MX", "IN", "JP", "KR", "CO", "CL", "AR", "ES", "IT", "EC", "VN", "TH", "FR", "TW", "CA",
    "GB", "BO", "ID", "MY", "NL", "TR", "BE", "PL", "SE", "CH", "PT", "BD", "PK", "HK", "PA", "UY", "ZA", "EG", "AE",
    "RU", "SG",
];
pub const OFFICES: [&str; 12] = ["118", "235", "046", "019", "172", "082", "127", "145", "154", "163", "181", "217"];
pub const PORTS: [&str; 20] = [
    "CNSHA", "CNNGB", "USMIA", "BRSSZ", "DEHAM", "MXZLO", "INNSA", "JPYOK", "KRPUS", "COCTG", "CLVAP", "ARBUE",
    "ESBCN", "ITGOA", "ECGYE", "VNSGN", "THLCH", "NLRTM", "HKHKG", "SGSIN",
];

/// A seeded source of choices.
pub struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// From 0, below 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    /// Below `count`, the first ones far more often.
    pub fn skewed(&mut self, count: usize) -> usize {
        let spread = (count as f64).ln();
        (((self.unit() * spread).exp() - 1.0) as usize).min(count - 1)
    }

    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.skewed(of.len())]
    }

    /// Around `scale`, log-normal.
    pub fn around(&mut self, scale: f64) -> f64 {
        let normal = (-2.0 * self.unit().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos();
        scale * (normal * 1.2).exp()
    }
}

/// One of 1,500 national tariff codes.
pub fn tariff_code(number: usize) -> String {
    let chapter = 1 + (number * 37) % 96;
    let heading = 1 + (number / 7) % 20;
    let subheading = 10 + (number / 3) % 80;
    format!("{chapter:02}{heading:02}{subheading:02}{:04}", number % 10 * 1_000)
}

pub fn trader(number: usize) -> String {
    format!("20{:09}", 100_000_000 + number * 7_919 % 900_000_000)
}

fn decimal(value: f64) -> Decimal {
    Decimal::new((value * 100.0) as i64, 2)
}

fn item(chance: &mut Chance, sequence: u32) -> GoodsItem {
    let code = tariff_code(chance.skewed(1_500));
    let net = chance.around(400.0);
    let value = net * chance.around(6.0);
    let mut valuation = ItemValuation::fob(decimal(value), "USD");
    valuation.freight = Some(Money::new(decimal(value * 0.06), "USD"));
    valuation.insurance = Some(Money::new(decimal(value * 0.01), "USD"));
    valuation.incoterm = Some(chance.pick(&["FOB", "CIF", "EXW", "CFR", "FCA"]).to_owned());
    valuation.method = Some(1 + chance.skewed(6) as u8);
    let preferred = chance.unit() < 0.3;
    let duties = [("ADV", 6.0), ("IGV", 16.0), ("IPM", 2.0)].map(|(kind, rate)| DutyTax {
        kind: kind.to_owned(),
        base: Some(Money::new(decimal(value), "USD")),
        rate: decimal(if preferred && kind == "ADV" { 0.0 } else { rate }),
        declared: Some(Money::new(decimal(value * rate / 100.0), "USD")),
        assessed: None,
        guaranteed: None,
        collected: None,
        preference: (preferred && kind == "ADV").then(|| "338".to_owned()),
    });
    GoodsItem {
        sequence,
        commodity_code: code.as_str().into(),
        tariff_edition: Some("HS2022".to_owned()),
        description: format!("GOODS OF HEADING {} MODEL {}", &code[..4], chance.below(900)),
        origin_country: chance.pick(&ORIGINS).into(),
        purchase_country: Some(chance.pick(&ORIGINS).into()),
        loading_port: Some(chance.pick(&PORTS).into()),
        procedure: None,
        gross_mass_kg: Some(decimal(net * 1.08)),
        net_mass_kg: Some(decimal(net)),
        statistical_quantity: Some(decimal(chance.around(300.0))),
        statistical_unit: Some(chance.pick(&["KGM", "U", "LTR", "MTR"]).to_owned()),
        valuation,
        duty_taxes: duties.to_vec(),
        containers: vec![format!("MSKU{:07}", chance.below(9_999_999))],
        extensions: std::collections::BTreeMap::new(),
    }
}

/// A declaration of `items` items.
pub fn declaration(chance: &mut Chance, number: usize, items: u32) -> Declaration {
    let mut importer = Party::new(PartyRole::Importer, trader(chance.skewed(20_000)));
    importer.name = Some("IMPORTADORA DEL SUR S.A.C.".to_owned());
    importer.country = Some("PE".into());
    let mut seller = Party::new(PartyRole::Seller, format!("S{}", chance.skewed(5_000)));
    seller.country = Some(chance.pick(&ORIGINS).into());
    let accepted = 1_767_225_600 + number as i64 * 53;
    Declaration {
        reference: format!("2026-{number:06}"),
        declarant: Party::new(PartyRole::Declarant, format!("20{:09}", 900_000_000 + chance.skewed(400))),
        office: chance.pick(&OFFICES).into(),
        acceptance_date_time: Timestamp::from_second(accepted).expect("a moment of this era"),
        direction: Direction::In,
        regime: chance.pick(&["10", "20", "21", "70", "80"]).to_owned(),
        modality: [Modality::Deferred, Modality::Advance, Modality::Urgent][chance.skewed(3)],
        form: [Form::Full, Form::Simplified, Form::Express][chance.skewed(3)],
        express_category: None,
        entry_exit_office: None,
        port: Some(chance.pick(&["PECLL", "PEPAI", "PEMRI", "PEILQ"]).into()),
        warehouse: Some(format!("30{}", chance.skewed(40))),
        goods_location: Some("3014".to_owned()),
        route_country: Some(chance.pick(&ORIGINS).into()),
        parties: vec![importer, seller],
        transport_documents: vec![TransportDocument { id: format!("MAEU{number}"), master_id: None }],
        containers: Vec::new(),
        means_of_transport: Some(MeansOfTransport {
            mode: [TransportMode::Maritime, TransportMode::Air, TransportMode::Road][chance.skewed(3)],
            id: "9321483".to_owned(),
            voyage: Some("V1".to_owned()),
            expected_arrival: None,
        }),
        invoice_total: None,
        exchange_rate: None,
        packages: Some(1 + chance.skewed(900) as i64),
        items: (1..=items).map(|sequence| item(chance, sequence)).collect(),
        extensions: std::collections::BTreeMap::new(),
    }
}

/// A vector; about one value in ten is missing.
pub fn features(chance: &mut Chance) -> Vec<f32> {
    let values = [
        chance.unit() * chance.unit() * 0.4,
        chance.skewed(30) as f64,
        chance.around(1.0).ln() * 1.5,
        chance.unit() * 0.2,
        chance.unit() * chance.unit(),
        f64::from(u8::from(chance.unit() < 0.05)),
    ];
    values.map(|value| if chance.unit() < 0.1 { f32::NAN } else { value as f32 }).to_vec()
}
