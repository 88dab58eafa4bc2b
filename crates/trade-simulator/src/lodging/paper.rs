//! Writes the declaration.

use customs::{
    Container, CountryCode, Currency, Decimal, Declaration, Direction, DutyTax, GoodsItem, HsCode, ItemValuation,
    Modality, Money, OfficeCode, Party, PartyRole, PortCode, TransportMode,
};
use std::collections::BTreeMap;

use crate::brokers::Broker;
use crate::calendar::{DAY, HOUR, days, moment};
use crate::consignment::{Consignment, ItemPlan, Scene};
use crate::countries::{self, Country, HUBS};
use crate::draw::{Purpose, Stream};
use crate::traders::{Flow, Profile, Slot};
use crate::transport::{self, Voyage};

use super::ItemAmounts;
use super::offence::{MUNICIPAL, VALUE_ADDED};

/// Euros cost this many dollars all year long.
pub(crate) const DOLLARS_PER_EURO: f64 = 1.1;
/// Units of the national currency per dollar.
pub(crate) const SOLES_PER_DOLLAR: f64 = 3.75;

pub(super) struct Sheet<'a> {
    pub(super) scene: &'a Scene,
    pub(super) key: u64,
    pub(super) consignment: &'a Consignment,
    pub(super) slot: &'a Slot,
    pub(super) profile: &'a Profile,
    pub(super) broker: &'a Broker,
    /// Acceptance, microseconds since 1970.
    pub(super) now: i64,
    pub(super) detour: bool,
}

/// When the goods come, in relation to the declaration.
struct Passage {
    modality: Modality,
    arrival: i64,
    voyage: Voyage,
}

impl Sheet<'_> {
    /// The declaration, and when the goods arrive (microseconds since 1970).
    pub(super) fn write(&self, amounts: &[ItemAmounts]) -> (Declaration, i64) {
        let mut stream = Stream::new(self.scene.spec.seed, Purpose::Transport, self.key, 0);
        let place = &self.scene.places[usize::from(self.consignment.pick.office)];
        let passage = self.passage(&mut stream);
        let partner_country = countries::at(self.consignment.country);
        let route = if self.detour && !self.consignment.is_export() {
            let hub = stream.pick(HUBS);
            if hub == partner_country.code { "PA" } else { hub }
        } else {
            partner_country.code
        };
        let euros = !self.consignment.is_export() && self.consignment.partner.is_multiple_of(14);
        let (currency, dollars) = if euros { ("EUR", DOLLARS_PER_EURO) } else { ("USD", 1.0) };
        let containers = self.containers(amounts, &mut stream);
        let numbers: Vec<String> = containers.iter().map(|container| container.id.clone()).collect();
        let items: Vec<GoodsItem> = self
            .consignment
            .items
            .iter()
            .zip(amounts)
            .enumerate()
            .map(|(index, (plan, amounts))| {
                let container = numbers.get(index % numbers.len().max(1)).cloned();
                self.item(index, plan, amounts, (currency, dollars), container, &passage, &mut stream)
            })
            .collect();
        let total: Decimal = items.iter().map(|item| item.valuation.fob.amount).sum();
        let declaration = Declaration {
            reference: format!("{}-{:08}", moment(self.now).strftime("%Y"), self.key),
            declarant: self.broker.party(),
            office: OfficeCode(place.code.clone()),
            acceptance_date_time: moment(self.now),
            direction: match self.consignment.regime {
                "40" => Direction::Out,
                "80" => Direction::Transit,
                _ => Direction::In,
            },
            regime: self.consignment.regime.to_owned(),
            modality: passage.modality,
            form: self.consignment.form,
            express_category: self.consignment.express_category,
            entry_exit_office: None,
            port: Some(PortCode::from(place.port)),
            warehouse: (self.consignment.regime == "70").then(|| format!("{}-D{:02}", place.code, stream.below(6) + 1)),
            goods_location: Some(format!("{}-T{}", place.code, stream.below(4) + 1)),
            route_country: Some(CountryCode::from(route)),
            parties: self.parties(partner_country, &passage.voyage),
            transport_documents: vec![passage.voyage.document(self.key, &mut stream)],
            containers,
            means_of_transport: Some(passage.voyage.means.clone()),
            invoice_total: Some(Money { amount: total, currency: Currency::from(currency) }),
            exchange_rate: Some(Decimal::new((SOLES_PER_DOLLAR * dollars * 1_000.0).round() as i64, 3)),
            packages: Some(i64::from(packages(amounts, &mut stream))),
            items,
            extensions: BTreeMap::new(),
        };
        (declaration, passage.arrival)
    }

    fn passage(&self, stream: &mut Stream) -> Passage {
        let office = usize::from(self.consignment.pick.office);
        let seed = self.scene.spec.seed;
        let mode = transport::mode(self.scene.places[office].character);
        let berth = stream.below(4);
        if self.consignment.is_export() {
            let wait = (stream.exponential(18.0) * HOUR as f64) as i64;
            let before = stream.chance(self.profile.advance);
            let arrival = whole_seconds(if before { self.now + wait } else { self.now - wait.min(3 * DAY) });
            let voyage = transport::voyage(seed, office, mode, self.now.max(arrival) + DAY, true, berth);
            let modality = if before { Modality::Advance } else { Modality::Deferred };
            return Passage { modality, arrival, voyage };
        }
        let long = matches!(mode, TransportMode::Maritime | TransportMode::InlandWaterway);
        let draw = stream.unit();
        let lag =
            if long { days(0.5 + stream.exponential(2.6).min(13.0)) } else { days(stream.exponential(0.5).min(6.0)) };
        let (modality, wished, later) = if draw < 0.05 {
            (Modality::Urgent, self.now + HOUR, true)
        } else if draw < 0.05 + self.profile.advance || self.consignment.pick.flow == Flow::Express {
            (Modality::Advance, self.now + lag, true)
        } else {
            (Modality::Deferred, self.now - lag, false)
        };
        let voyage = transport::voyage(seed, office, mode, wished, later, berth);
        Passage { modality, arrival: voyage.arrival, voyage }
    }

    fn parties(&self, country: &Country, voyage: &Voyage) -> Vec<Party> {
        let partner = |role| Party {
            id_type: Some("FOREIGN".to_owned()),
            name: Some(format!("{} TRADING {:06}", country.code, self.consignment.partner)),
            country: Some(CountryCode::from(country.code)),
            ..Party::new(role, format!("{}{:06}", country.code, self.consignment.partner))
        };
        let carrier = Party { id_type: Some("SCAC".to_owned()), ..Party::new(PartyRole::Carrier, voyage.carrier()) };
        let own = |role| self.slot.identity.party(role, self.slot.authorised);
        if self.consignment.is_export() {
            vec![own(PartyRole::Exporter), partner(PartyRole::Buyer), carrier]
        } else {
            vec![own(PartyRole::Importer), partner(PartyRole::Seller), carrier]
        }
    }

    fn containers(&self, amounts: &[ItemAmounts], stream: &mut Stream) -> Vec<Container> {
        if !self.consignment.containerised {
            return Vec::new();
        }
        let tonnes = amounts.iter().map(|amounts| amounts.gross_kg).sum::<f64>() / 1_000.0;
        let count = ((tonnes / 22.0).ceil() as usize).clamp(1, 6);
        (0..count)
            .map(|_| Container {
                id: transport::container_number(stream),
                seals: vec![format!("PE{:07}", stream.below(10_000_000))],
            })
            .collect()
    }

    #[expect(clippy::too_many_arguments, reason = "one line of a form has as many boxes")]
    fn item(
        &self,
        index: usize,
        plan: &ItemPlan,
        amounts: &ItemAmounts,
        (currency, dollars): (&str, f64),
        container: Option<String>,
        passage: &Passage,
        stream: &mut Stream,
    ) -> GoodsItem {
        let good = self.scene.goods.good(plan.cell);
        let air = passage.voyage.means.mode == TransportMode::Air;
        let fob = amounts.declared / dollars;
        let freight = fob * stream.between(0.02, if air { 0.14 } else { 0.08 });
        let insurance = fob * stream.between(0.003, 0.012);
        let money = |amount: f64| Money { amount: cents(amount), currency: Currency::from(currency) };
        let out = self.consignment.is_export();
        let units =
            (amounts.net_kg * if good.unit == "KGM" { 1.0 } else { 1.0 + f64::from(plan.cell.good % 5) }).max(0.001);
        let partner = countries::at(self.consignment.country);
        let loading = if out {
            None
        } else {
            let origin = countries::at(plan.origin);
            Some(PortCode::from(if air { origin.airport } else { origin.seaport }))
        };
        GoodsItem {
            sequence: index as u32 + 1,
            commodity_code: HsCode(format!(
                "{}{}",
                good.code,
                ["0000", "1000", "9000"][(self.consignment.partner % 3) as usize]
            )),
            tariff_edition: Some("HS2022".to_owned()),
            description: format!("{} {}", stream.pick(good.words), &good.code[2..]).to_uppercase(),
            origin_country: CountryCode::from(if out { "PE" } else { countries::at(plan.origin).code }),
            purchase_country: (!out).then(|| CountryCode::from(partner.code)),
            loading_port: loading,
            procedure: None,
            gross_mass_kg: Some(grams(amounts.gross_kg)),
            net_mass_kg: Some(grams(amounts.net_kg)),
            statistical_quantity: Some(grams(units)),
            statistical_unit: Some(good.unit.to_owned()),
            valuation: ItemValuation {
                fob: money(fob.max(0.01)),
                freight: (!out).then(|| money(freight)),
                insurance: (!out).then(|| money(insurance)),
                adjustments: None,
                method: Some(1),
                incoterm: Some(if out || !air { "FOB" } else { "FCA" }.to_owned()),
            },
            duty_taxes: if out { Vec::new() } else { self.taxes(plan, fob + freight + insurance, currency) },
            containers: container.into_iter().collect(),
            extensions: BTreeMap::new(),
        }
    }

    fn taxes(&self, plan: &ItemPlan, base: f64, currency: &str) -> Vec<DutyTax> {
        let good = self.scene.goods.good(plan.cell);
        let preference = self.consignment.prefers(self.scene, plan);
        let tax = |kind: &str, base: f64, percent: f64| {
            let amount = Money { amount: cents(base * percent / 100.0), currency: Currency::from(currency) };
            let suspended = self.consignment.regime != "10";
            DutyTax {
                kind: kind.to_owned(),
                base: Some(Money { amount: cents(base), currency: Currency::from(currency) }),
                rate: Decimal::new((percent * 10.0).round() as i64, 1),
                guaranteed: suspended.then(|| amount.clone()),
                declared: Some(amount),
                assessed: None,
                collected: None,
                preference: None,
            }
        };
        let percent = if preference { 0.0 } else { good.ad_valorem };
        let mut ad_valorem = tax("ADV", base, percent);
        if preference {
            ad_valorem.preference = countries::at(plan.origin).preference.map(str::to_owned);
        }
        let taxed = base * (1.0 + percent / 100.0);
        let mut taxes = vec![ad_valorem];
        if good.excise > 0.0 {
            taxes.push(tax("ISC", taxed, good.excise));
        }
        let taxed = taxed * (1.0 + good.excise / 100.0);
        taxes.push(tax("IGV", taxed, VALUE_ADDED));
        taxes.push(tax("IPM", taxed, MUNICIPAL));
        taxes
    }
}

fn packages(amounts: &[ItemAmounts], stream: &mut Stream) -> u32 {
    let kilograms: f64 = amounts.iter().map(|amounts| amounts.gross_kg).sum();
    ((kilograms / stream.between(12.0, 40.0)).ceil() as u32).clamp(1, 50_000).max(amounts.len() as u32)
}

/// An amount with two decimals.
pub(crate) fn cents(amount: f64) -> Decimal {
    Decimal::new((amount * 100.0).round() as i64, 2)
}

/// A mass in kilograms with three decimals.
fn grams(kilograms: f64) -> Decimal {
    Decimal::new((kilograms * 1_000.0).round() as i64, 3)
}

fn whole_seconds(micros: i64) -> i64 {
    micros.div_euclid(1_000_000) * 1_000_000
}
