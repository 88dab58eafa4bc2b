//! Declarations that are valid until a test changes them.

use customs::{
    Container, CountryCode, Declaration, Direction, DutyTax, Form, GoodsItem, HsCode, ItemValuation, MeansOfTransport,
    Modality, Money, Party, PartyRole, PortCode, TransportDocument, TransportMode,
};
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::noon;

/// A full import declaration at office 118, accepted at [`noon`]: one container, two goods items, nothing wrong.
pub fn declaration() -> Declaration {
    let mut importer = Party::new(PartyRole::Importer, "20100000009");
    importer.id_type = Some("RUC".to_owned());
    importer.name = Some("Importadora del Sur S.A.C.".to_owned());
    importer.country = Some("PE".into());
    let mut seller = Party::new(PartyRole::Seller, "US-555123");
    seller.name = Some("Lakeside Tools Inc.".to_owned());
    seller.country = Some("US".into());
    Declaration {
        reference: "2026-000001".to_owned(),
        declarant: Party::new(PartyRole::Declarant, "20200000001"),
        office: "118".into(),
        acceptance_date_time: noon(),
        direction: Direction::In,
        regime: "10".to_owned(),
        modality: Modality::Deferred,
        form: Form::Full,
        express_category: None,
        entry_exit_office: None,
        port: Some(PortCode::from("PECLL")),
        warehouse: Some("3014".to_owned()),
        goods_location: Some("3014".to_owned()),
        route_country: Some(CountryCode::from("US")),
        parties: vec![importer, seller],
        transport_documents: vec![TransportDocument { id: "MAEU604338211".to_owned(), master_id: None }],
        containers: vec![Container { id: "MSKU1234565".to_owned(), seals: vec!["ML-PE0042".to_owned()] }],
        means_of_transport: Some(MeansOfTransport {
            mode: TransportMode::Maritime,
            id: "9321483".to_owned(),
            voyage: Some("612N".to_owned()),
            expected_arrival: None,
        }),
        invoice_total: Some(Money::new(Decimal::new(375_000, 2), "USD")),
        exchange_rate: Some(Decimal::new(3_750, 3)),
        packages: Some(30),
        items: vec![item(1), item(2)],
        extensions: std::collections::BTreeMap::new(),
    }
}

/// Goods item number `sequence`: power tools from the United States, worth 1,250 USD per sequence number.
pub fn item(sequence: u32) -> GoodsItem {
    let value = Decimal::from(1_250 * sequence);
    let mut valuation = ItemValuation::fob(value, "USD");
    valuation.freight = Some(Money::new(Decimal::from(100), "USD"));
    valuation.insurance = Some(Money::new(Decimal::from(15), "USD"));
    valuation.method = Some(1);
    valuation.incoterm = Some("FOB".to_owned());
    let base = valuation.customs_value();
    GoodsItem {
        sequence,
        commodity_code: HsCode::from("8467210000"),
        tariff_edition: None,
        description: "Taladros de toda clase, incluidas las perforadoras rotativas".to_owned(),
        origin_country: CountryCode::from("US"),
        purchase_country: Some(CountryCode::from("US")),
        loading_port: Some(PortCode::from("USMIA")),
        procedure: None,
        gross_mass_kg: Some(Decimal::from(110 * sequence)),
        net_mass_kg: Some(Decimal::from(100 * sequence)),
        statistical_quantity: Some(Decimal::from(50 * sequence)),
        statistical_unit: Some("U".to_owned()),
        valuation,
        duty_taxes: vec![DutyTax {
            kind: "IGV".to_owned(),
            declared: base.clone().map(|base| Money { amount: base.amount * Decimal::new(16, 2), ..base }),
            base,
            rate: Decimal::from(16),
            assessed: None,
            guaranteed: None,
            collected: None,
            preference: None,
        }],
        containers: vec!["MSKU1234565".to_owned()],
        extensions: std::collections::BTreeMap::new(),
    }
}

/// Changes to a declaration, one after the other: `declaration().with_reference("2026-7").with_office("235")`.
pub trait Changes: Sized {
    /// Any change.
    fn with(self, change: impl FnOnce(&mut Declaration)) -> Self;

    /// The declarant's reference. The transport document follows, so that the consignment is another one too.
    fn with_reference(self, reference: &str) -> Self {
        self.with(|declaration| {
            reference.clone_into(&mut declaration.reference);
            declaration.transport_documents[0].id = format!("BL-{reference}");
        })
    }

    /// The office.
    fn with_office(self, office: &str) -> Self {
        self.with(|declaration| declaration.office = office.into())
    }

    /// When the customs system accepted it.
    fn with_accepted_at(self, at: Timestamp) -> Self {
        self.with(|declaration| declaration.acceptance_date_time = at)
    }

    /// Which way the goods go; the importer becomes the exporter and the seller the buyer on the way out.
    fn with_direction(self, direction: Direction) -> Self {
        self.with(|declaration| {
            declaration.direction = direction;
            if direction == Direction::Out {
                "40".clone_into(&mut declaration.regime);
                for party in &mut declaration.parties {
                    party.role = match party.role {
                        PartyRole::Importer => PartyRole::Exporter,
                        PartyRole::Seller => PartyRole::Buyer,
                        other => other,
                    };
                }
            }
        })
    }

    /// Identifier of the importer or exporter.
    fn with_trader(self, id: &str) -> Self {
        self.with(|declaration| id.clone_into(&mut declaration.parties[0].id))
    }

    /// The commodity code of every item.
    fn with_commodity(self, code: &str) -> Self {
        self.with(|declaration| declaration.items.iter_mut().for_each(|item| item.commodity_code = code.into()))
    }

    /// The origin of every item.
    fn with_origin(self, country: &str) -> Self {
        self.with(|declaration| declaration.items.iter_mut().for_each(|item| item.origin_country = country.into()))
    }

    /// `count` items instead of two.
    fn with_items(self, count: u32) -> Self {
        self.with(|declaration| declaration.items = (1..=count).map(item).collect())
    }
}

impl Changes for Declaration {
    fn with(mut self, change: impl FnOnce(&mut Declaration)) -> Self {
        change(&mut self);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_survives_json_and_its_changes_apply() {
        let export = declaration().with_reference("2026-000077").with_direction(Direction::Out).with_items(3);
        let text = serde_json::to_string(&export).unwrap();
        assert_eq!(serde_json::from_str::<Declaration>(&text).unwrap(), export);
        assert_eq!(export.trader().map(|party| party.id.as_str()), Some("20100000009"));
        assert_eq!((export.items.len(), export.consignment_key().as_str()), (3, "BL-2026-000077/20100000009"));
    }
}
