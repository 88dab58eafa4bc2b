//! Declarations and facts of a small invented trade, by numbers.

use std::time::Duration;

use customs::{
    Container, ControlId, CountryCode, Decimal, Declaration, DeclarationId, Direction, DutyTax, FindingKind, Form,
    GoodsItem, HsCode, ItemValuation, Method, Modality, OfficeCode, Party, PartyRole, ResultStage, Timestamp,
    TransportDocument, Trigger,
};
use features::{Cancelled, ExaminedItem, Fact, Lodged, Resulted};

pub const DAY: u64 = 86_400;

pub fn at(day: u64) -> Timestamp {
    let start: Timestamp = "2026-01-01T12:00:00Z".parse().expect("a time");
    start + Duration::from_secs(day * DAY)
}

/// Declaration `number`, of one of three traders, accepted on `day`.
pub fn declaration(number: u64, day: u64, items: u32) -> Declaration {
    let mut trader = Party::new(PartyRole::Importer, format!("20{:09}", number % 3));
    trader.contacts = vec![format!("+51 1 {}", number % 2)];
    trader.address = Some("Av. Argentina 3093".to_owned());
    Declaration {
        reference: format!("2026-{number}"),
        declarant: Party::new(PartyRole::Declarant, format!("agent-{}", number % 2)),
        office: OfficeCode::from("118"),
        acceptance_date_time: at(day),
        direction: Direction::In,
        regime: "10".to_owned(),
        modality: Modality::Deferred,
        form: Form::Full,
        express_category: None,
        entry_exit_office: None,
        port: None,
        warehouse: None,
        goods_location: Some("3014".to_owned()),
        route_country: Some(CountryCode::from(["CN", "US"][(number % 2) as usize])),
        parties: vec![trader, Party::new(PartyRole::Seller, format!("seller-{}", number % 4))],
        transport_documents: vec![TransportDocument { id: format!("BL{number}"), master_id: None }],
        containers: vec![Container { id: format!("MSKU{:07}", number % 5), seals: Vec::new() }],
        means_of_transport: None,
        invoice_total: None,
        exchange_rate: None,
        packages: Some(3),
        items: (1..=items).map(|sequence| item(sequence, number)).collect(),
        extensions: std::collections::BTreeMap::default(),
    }
}

fn item(sequence: u32, number: u64) -> GoodsItem {
    GoodsItem {
        sequence,
        commodity_code: HsCode::from(["6109100000", "8517120000"][(u64::from(sequence) + number) as usize % 2]),
        tariff_edition: None,
        description: String::new(),
        origin_country: CountryCode::from("CN"),
        purchase_country: None,
        loading_port: None,
        procedure: None,
        gross_mass_kg: Some(Decimal::from(120)),
        net_mass_kg: Some(Decimal::from(100)),
        statistical_quantity: None,
        statistical_unit: None,
        valuation: ItemValuation::fob(Decimal::from(1_000 + 100 * number), "USD"),
        duty_taxes: vec![DutyTax {
            kind: "ADV".to_owned(),
            base: None,
            rate: Decimal::from(6),
            declared: None,
            assessed: None,
            guaranteed: None,
            collected: None,
            preference: None,
        }],
        containers: Vec::new(),
        extensions: std::collections::BTreeMap::default(),
    }
}

pub fn id(number: u64) -> DeclarationId {
    DeclarationId::derive(at(0), &[&number.to_le_bytes()])
}

pub fn lodged(number: u64, version: u32, day: u64, items: u32) -> Fact {
    Fact::Lodged(Lodged::of(id(number), version, at(day), false, &declaration(number, day, items)))
}

pub fn resulted(number: u64, control: u8, version: u32, day: u64, found: bool, trigger: Trigger) -> Fact {
    let items = [1, 2].map(|sequence| ExaminedItem {
        sequence,
        found: found && sequence == 1,
        kinds: if found && sequence == 1 { vec![FindingKind::Contraband] } else { Vec::new() },
        duty_cents: if found && sequence == 1 { 12_345 } else { 0 },
    });
    Fact::Resulted(Resulted {
        declaration: id(number),
        control: ControlId::derive(at(0), &[&number.to_le_bytes(), &[control]]),
        version,
        stage: ResultStage::Final,
        method: if control == 0 { Method::Physical } else { Method::Documentary },
        trigger,
        full: true,
        examined_at: at(day),
        known_at: at(day),
        history: false,
        items: items.to_vec(),
    })
}

pub fn cancelled(number: u64, day: u64) -> Fact {
    Fact::Cancelled(Cancelled { declaration: id(number), cancelled_at: at(day) })
}
