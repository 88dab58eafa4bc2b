//! Notes on the declaration as a whole: places, parties, cargo, dates, totals.

use customs::{Decimal, Declaration, Direction, Form, Modality, Money, NoteCode, Severity, TransportMode};
use jiff::SignedDuration;
use jiff::civil::date;

use super::{Notes, clip, is_negative, is_well_formed_container};

/// Goods do not travel longer.
const LONGEST_VOYAGE: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// A day of grace before a date contradicts the modality: time zones, and ships that wait.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn check(declaration: &Declaration, notes: &mut Notes) {
    parties(declaration, notes);
    places(declaration, notes);
    procedure(declaration, notes);
    cargo(declaration, notes);
    dates(declaration, notes);
    totals(declaration, notes);
}

fn parties(declaration: &Declaration, notes: &mut Notes) {
    if let Some(country) = &declaration.declarant.country {
        notes.country(country, || "/declarant/country".to_owned());
    }
    for (index, party) in declaration.parties.iter().enumerate() {
        if let Some(country) = &party.country {
            notes.country(country, || format!("/parties/{index}/country"));
        }
    }
    if declaration.trader().is_none_or(|party| party.id.trim().is_empty()) {
        let wanted = if declaration.direction == Direction::Out { "an exporter" } else { "an importer" };
        let message = format!("no party is {wanted} with an identifier");
        notes.push(NoteCode::MissingTrader, Severity::Error, "/parties".to_owned(), message);
    }
}

fn places(declaration: &Declaration, notes: &mut Notes) {
    notes.office(&declaration.office, "/office");
    if let Some(office) = &declaration.entry_exit_office {
        notes.office(office, "/entryExitOffice");
    }
    if let Some(country) = &declaration.route_country {
        notes.country(country, || "/routeCountry".to_owned());
    }
}

fn procedure(declaration: &Declaration, notes: &mut Notes) {
    let regime = declaration.regime.as_str();
    let belongs_to = notes.reference.direction_of(regime);
    if regime.trim().is_empty() {
        notes.missing("/regime".to_owned(), "no regime is declared");
    } else if belongs_to.is_some_and(|direction| direction != declaration.direction) {
        let message = format!("regime {} does not fit the declared direction", clip(regime));
        notes.push(NoteCode::RegimeMismatch, Severity::Error, "/regime".to_owned(), message);
    }
    let problem = match (declaration.form, declaration.express_category) {
        (Form::Express, None) => Some((Severity::Error, "an express declaration needs its category, 1 to 4")),
        (Form::Express, Some(1..=4)) | (_, None) => None,
        (Form::Express, Some(_)) => Some((Severity::Error, "the categories are 1 to 4")),
        (_, Some(_)) => Some((Severity::Notice, "only an express declaration has a category")),
    };
    if let Some((severity, message)) = problem {
        notes.push(NoteCode::BadExpressCategory, severity, "/expressCategory".to_owned(), message);
    }
}

fn cargo(declaration: &Declaration, notes: &mut Notes) {
    let by_mail = declaration.means_of_transport.as_ref().is_some_and(|means| means.mode == TransportMode::Mail);
    let has_document = declaration.transport_documents.iter().any(|document| !document.id.trim().is_empty());
    // An export is declared before its bill of lading exists.
    if declaration.direction != Direction::Out && !by_mail && !has_document {
        let message = "no bill of lading, air waybill or other transport document";
        notes.push(NoteCode::MissingTransportDocument, Severity::Notice, "/transportDocuments".to_owned(), message);
    }
    for (index, container) in declaration.containers.iter().enumerate() {
        if !is_well_formed_container(&container.id) {
            let message = format!("{:?} fails ISO 6346 (letters, digits or check digit)", clip(&container.id));
            let pointer = format!("/containers/{index}/id");
            notes.push(NoteCode::MalformedContainer, Severity::Warning, pointer, message);
        }
    }
}

fn dates(declaration: &Declaration, notes: &mut Notes) {
    // The Harmonized System is in force since that day.
    if notes.day < date(1988, 1, 1) {
        let message = format!("accepted on {}, before there was a tariff to declare by", notes.day);
        notes.push(NoteCode::ImpossibleDate, Severity::Error, "/acceptanceDateTime".to_owned(), message);
    }
    let Some(arrival) = declaration.means_of_transport.as_ref().and_then(|means| means.expected_arrival) else {
        return;
    };
    let ahead = arrival.duration_since(declaration.acceptance_date_time);
    let is_import = declaration.direction == Direction::In;
    let problem = if ahead.abs() > LONGEST_VOYAGE {
        Some("expected more than two years from the acceptance")
    } else if is_import && declaration.modality == Modality::Advance && ahead < -GRACE {
        Some("expected before the acceptance, yet declared in advance")
    } else if is_import && declaration.modality == Modality::Deferred && ahead > GRACE {
        Some("expected after the acceptance, yet declared as deferred")
    } else {
        None
    };
    if let Some(message) = problem {
        let pointer = "/meansOfTransport/expectedArrival".to_owned();
        notes.push(NoteCode::ImpossibleDate, Severity::Warning, pointer, message);
    }
}

fn totals(declaration: &Declaration, notes: &mut Notes) {
    if let Some(packages) = declaration.packages.filter(|packages| *packages < 0) {
        let message = format!("{packages} is below zero");
        notes.push(NoteCode::NegativeQuantity, Severity::Error, "/packages".to_owned(), message);
    }
    if let Some(rate) = declaration.exchange_rate.filter(|rate| is_negative(*rate)) {
        let message = format!("{rate} is below zero");
        notes.push(NoteCode::NegativeAmount, Severity::Error, "/exchangeRate".to_owned(), message);
    }
    let Some(total) = &declaration.invoice_total else { return };
    exchange_rate(declaration, total, notes);
    notes.money(total, false, || "/invoiceTotal".to_owned());
    if declaration.items.is_empty() {
        return;
    }
    let fob = sum(declaration, total, |item| Some(item.valuation.fob.clone()));
    let with_costs = sum(declaration, total, |item| item.valuation.customs_value());
    // An invoice may include freight and insurance or not: it fits when it fits either sum.
    let (Some(fob), with_costs) = (fob, with_costs.unwrap_or_default()) else { return };
    if !is_close(fob, total.amount) && !is_close(with_costs, total.amount) {
        let message = format!("the invoice total is {}, the items add up to {fob}", total.amount);
        notes.push(NoteCode::TotalMismatch, Severity::Warning, "/invoiceTotal/amount".to_owned(), message);
    }
}

/// The declared rate against the published one: banks and customs differ, but not by a twentieth.
fn exchange_rate(declaration: &Declaration, total: &Money, notes: &mut Notes) {
    let published = notes.reference.rate(&total.currency, notes.day);
    let (Some(declared), Some(published)) = (declaration.exchange_rate, published) else { return };
    let tolerance = published.abs().checked_div(Decimal::from(20)).unwrap_or_default();
    if declared.checked_sub(published).is_none_or(|difference| difference.abs() > tolerance) {
        let message = format!("{declared} is declared; {published} is published for {}", notes.day);
        notes.push(NoteCode::ExchangeRateMismatch, Severity::Warning, "/exchangeRate".to_owned(), message);
    }
}

/// The sum of a value over all items; none when one has it in another currency than `total`, or on overflow.
fn sum(
    declaration: &Declaration,
    total: &Money,
    value: impl Fn(&customs::GoodsItem) -> Option<Money>,
) -> Option<Decimal> {
    declaration.items.iter().try_fold(Decimal::ZERO, |sum, item| {
        let value = value(item).filter(|value| value.currency == total.currency)?;
        sum.checked_add(value.amount)
    })
}

/// Equal up to one percent or one unit, whichever is more.
fn is_close(a: Decimal, b: Decimal) -> bool {
    let Some(difference) = a.checked_sub(b) else { return false };
    let tolerance = b.abs().checked_div(Decimal::ONE_HUNDRED).unwrap_or_default().max(Decimal::ONE);
    difference.abs() <= tolerance
}
