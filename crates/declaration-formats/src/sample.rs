//! Declarations for tests: one with every field filled, and a strategy over all of them.

use std::collections::BTreeMap;

use customs::{
    Container, CountryCode, Decimal, Declaration, Direction, DutyTax, Form, GoodsItem, HsCode, ItemValuation,
    MeansOfTransport, Modality, Money, OfficeCode, Party, PartyRole, PortCode, TransportDocument, TransportMode,
};
use proptest::prelude::*;

/// A declaration that uses every field and has no notes.
pub fn full() -> Declaration {
    Declaration {
        reference: "2026-000123".to_owned(),
        declarant: party(PartyRole::Declarant, "20100000001"),
        office: OfficeCode::from("118"),
        acceptance_date_time: "2026-03-02T08:00:00-05:00".parse().unwrap(),
        direction: Direction::In,
        regime: "10".to_owned(),
        modality: Modality::Advance,
        form: Form::Express,
        express_category: Some(4),
        entry_exit_office: Some(OfficeCode::from("118")),
        port: Some(PortCode::from("PECLL")),
        warehouse: Some("3014".to_owned()),
        goods_location: Some("DPW-3".to_owned()),
        route_country: Some(CountryCode::from("CN")),
        parties: vec![
            party(PartyRole::Importer, "20123456786"),
            Party { country: Some(CountryCode::from("CN")), ..Party::new(PartyRole::Seller, "CN-44") },
        ],
        transport_documents: vec![TransportDocument {
            id: "MAEU604338211".to_owned(),
            master_id: Some("MAEU1".to_owned()),
        }],
        containers: vec![Container { id: "CSQU3054383".to_owned(), seals: vec!["S1".to_owned()] }],
        means_of_transport: Some(MeansOfTransport {
            mode: TransportMode::Maritime,
            id: "9321483".to_owned(),
            voyage: Some("611E".to_owned()),
            expected_arrival: Some("2026-03-09T00:00:00Z".parse().unwrap()),
        }),
        invoice_total: Some(Money::new(Decimal::new(125_040, 2), "USD")),
        exchange_rate: Some(Decimal::new(3752, 3)),
        packages: Some(12),
        items: vec![item(1), GoodsItem { valuation: ItemValuation::fob(Decimal::ONE, "USD"), ..item(2) }],
        extensions: BTreeMap::from([("aforo/x~y".to_owned(), "1".to_owned())]),
    }
}

fn party(role: PartyRole, id: &str) -> Party {
    Party {
        role,
        id: id.to_owned(),
        id_type: Some("RUC".to_owned()),
        name: Some("Agencia Ñandú \"Sur\"".to_owned()),
        address: Some("Av. Argentina 123\nCallao".to_owned()),
        country: Some(CountryCode::from("PE")),
        contacts: vec!["+51 1 5550000".to_owned()],
        authorised_economic_operator: true,
    }
}

fn item(sequence: u32) -> GoodsItem {
    let money = |cents| Some(Money::new(Decimal::new(cents, 2), "USD"));
    GoodsItem {
        sequence,
        commodity_code: HsCode::from("8703231000"),
        tariff_edition: Some("HS2022".to_owned()),
        description: "Automóviles".to_owned(),
        origin_country: CountryCode::from("JP"),
        purchase_country: Some(CountryCode::from("CN")),
        loading_port: Some(PortCode::from("CNSHA")),
        procedure: Some("10".to_owned()),
        gross_mass_kg: Some(Decimal::new(1_200_500, 3)),
        net_mass_kg: Some(Decimal::new(1_100, 0)),
        statistical_quantity: Some(Decimal::ONE),
        statistical_unit: Some("C62".to_owned()),
        valuation: ItemValuation {
            fob: Money::new(Decimal::new(124_940, 2), "USD"),
            freight: money(5_000),
            insurance: money(100),
            adjustments: money(-50),
            method: Some(1),
            incoterm: Some("FOB".to_owned()),
        },
        duty_taxes: vec![DutyTax {
            kind: "ADV".to_owned(),
            base: money(124_940),
            rate: Decimal::new(60, 1),
            declared: money(7_496),
            assessed: money(7_496),
            guaranteed: money(0),
            collected: money(7_496),
            preference: Some("TPI 805".to_owned()),
        }],
        containers: vec!["CSQU3054383".to_owned()],
        extensions: BTreeMap::from([("color".to_owned(), "rojo".to_owned())]),
    }
}

/// Declarations with any text, number and time that the format can carry.
pub fn any_declaration() -> impl Strategy<Value = Declaration> {
    let text = || any::<String>();
    let decimal = || (any::<i64>(), 0_u32..=28).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let item = (
        any::<u32>(),
        text(),
        prop::option::of(decimal()),
        decimal(),
        text(),
        prop::collection::btree_map(text(), text(), 0..4),
    )
        .prop_map(|(sequence, code, mass, amount, currency, extensions)| {
            let mut item = item(sequence);
            item.commodity_code = HsCode::from(code);
            item.net_mass_kg = mass;
            item.valuation.fob = Money::new(amount, &currency);
            item.extensions = extensions;
            item
        });
    (
        "\\PC*[a-z0-9]",
        "[ñÑ\"\\\\a-z]{1,20}",
        -60_000_000_000_000_000_i64..=200_000_000_000_000_000,
        text(),
        prop::option::of(any::<u8>()),
        prop::collection::vec(item, 0..4),
        prop::collection::btree_map(text(), text(), 0..4),
    )
        .prop_map(|(reference, declarant, micros, regime, category, items, extensions)| Declaration {
            reference,
            declarant: Party::new(PartyRole::Declarant, declarant),
            acceptance_date_time: jiff::Timestamp::from_microsecond(micros).unwrap(),
            regime,
            express_category: category,
            items,
            extensions,
            ..full()
        })
}
