use super::*;
use crate::{FilterInput, expression::Slots, input::Value, set::tests::declaration};

/// What is always there is in the barest declaration, and nothing else is.
#[test]
fn the_barest_declaration_has_what_is_always_there() {
    let mut bare = declaration();
    bare.reference.clear();
    bare.declarant.id.clear();
    bare.declarant.name = None;
    bare.office = "".into();
    bare.regime.clear();
    bare.port = None;
    bare.route_country = None;
    bare.parties.clear();
    bare.transport_documents.clear();
    bare.containers.clear();
    bare.means_of_transport = None;
    bare.packages = None;
    bare.extensions.clear();
    bare.items.truncate(1);
    let item = &mut bare.items[0];
    item.commodity_code = "".into();
    item.description.clear();
    item.origin_country = "".into();
    item.purchase_country = None;
    item.gross_mass_kg = None;
    item.net_mass_kg = None;
    item.statistical_quantity = None;
    item.statistical_unit = None;
    item.duty_taxes.clear();
    item.containers.clear();
    item.valuation.fob = customs::Money::new(customs::Decimal::MAX, "");
    item.valuation.freight = Some(customs::Money::new(customs::Decimal::ONE, "USD"));

    let catalogue = Catalogue::standard().with_features(["price_z"]);
    let fields: Vec<_> = catalogue.fields().iter().filter(|field| field.field_type != FieldType::TextMap).collect();
    let mut slots = Slots::default();
    for field in &fields {
        slots.of_field(field);
    }
    let mut row = slots.empty_row();
    let input = FilterInput { declaration: &bare, notes: &[], features: &[] };
    let lists = slots.lists(&input);
    slots.read_declaration(&input, &lists, &mut row);
    slots.read_item(&input, &lists, 0, &bare.items[0], &mut row);
    let there = |always: &dyn Fn(usize) -> bool| -> Vec<&str> {
        fields.iter().enumerate().filter(|(at, _)| always(*at)).map(|(_, field)| field.name.as_str()).collect()
    };
    // Only a freight in another currency takes the customs value away.
    let by_catalogue = there(&|at| fields[at].always_there);
    assert_eq!(there(&|at| row[at] != Value::Missing && fields[at].name != "item.freight"), by_catalogue);
    assert!(fields.iter().all(|field| field.operators.contains(&Operator::Missing) != field.always_there));
}
