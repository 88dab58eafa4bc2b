use crate::drive::{DAY, declarations, examine_many, run, silent, small};
use customs::{Decimal, Direction, Form};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_declaration_is_complete_and_consistent() {
    let (_, log) = run(small(6_000, 1), DAY, 0, silent);
    let mut identities = BTreeSet::new();
    for (key, declaration) in declarations(&log) {
        assert!(identities.insert((declaration.declarant.id.clone(), declaration.reference.clone())), "{key}");
        assert!(declaration.trader().is_some() && declaration.counterparty().is_some(), "{key}");
        assert_eq!(declaration.direction == Direction::Out, declaration.regime == "40");
        assert_eq!(declaration.express_category.is_some(), declaration.form == Form::Express);
        assert!(!declaration.transport_documents.is_empty() && !declaration.items.is_empty());
        let total: Decimal = declaration.items.iter().map(|item| item.valuation.fob.amount).sum();
        assert_eq!(declaration.invoice_total.as_ref().unwrap().amount, total);
        for (index, item) in declaration.items.iter().enumerate() {
            assert_eq!(item.sequence as usize, index + 1);
            assert!(item.commodity_code.is_well_formed() && item.commodity_code.as_str().len() == 10);
            assert!(item.origin_country.is_well_formed());
            assert!(item.valuation.fob.amount > Decimal::ZERO);
            assert!(item.net_mass_kg.unwrap() > Decimal::ZERO && item.net_mass_kg <= item.gross_mass_kg);
            for container in &item.containers {
                assert!(declaration.containers.iter().any(|listed| listed.id == *container));
            }
            if declaration.direction != Direction::Out {
                assert!(item.valuation.customs_value().is_some() && item.duty_taxes.len() >= 3);
            }
        }
        for container in &declaration.containers {
            assert!(is_iso_6346(&container.id), "{}", container.id);
        }
    }
}

/// The standard's own arithmetic, written down apart from the generator's.
fn is_iso_6346(number: &str) -> bool {
    const LETTERS: &str = "0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ";
    let mut sum = 0;
    for (position, letter) in number.chars().take(10).enumerate() {
        sum += LETTERS.find(letter).expect("a letter or a digit") << position;
    }
    number.len() == 11 && number.ends_with(&(sum % 11 % 10).to_string())
}

#[test]
fn the_mix_is_that_of_the_administration() {
    let (world, log) = run(small(12_000, 2), DAY, 0, silent);
    let mut regimes = BTreeMap::<&str, f64>::new();
    let mut offices = BTreeMap::<&str, f64>::new();
    let (mut count, mut items, mut express, mut advance) = (0.0, 0.0, 0.0, 0.0);
    for (_, declaration) in declarations(&log) {
        *regimes.entry(declaration.regime.as_str()).or_default() += 1.0;
        *offices.entry(declaration.office.as_str()).or_default() += 1.0;
        count += 1.0;
        items += declaration.items.len() as f64;
        express += f64::from(u8::from(declaration.form == Form::Express));
        advance += f64::from(u8::from(declaration.modality == customs::Modality::Advance));
    }
    assert!((count / 12_000.0 - 1.0_f64).abs() < 0.04, "{count}");
    assert!((0.28..0.37).contains(&(regimes["40"] / count)), "{regimes:?}");
    assert!(["10", "20", "70", "80"].iter().all(|regime| regimes.contains_key(regime)));
    assert!((2.2..3.1).contains(&(items / count)), "{}", items / count);
    assert!((0.04..0.15).contains(&(express / count)), "{}", express / count);
    assert!((0.68..0.85).contains(&(advance / count)), "{}", advance / count);
    let largest = world.offices()[0].code.0.clone();
    assert!((0.35..0.46).contains(&(offices[largest.as_str()] / count)), "{offices:?}");
}

#[test]
fn what_is_lodged_again_is_the_same_consignment() {
    let spec = trade_simulator::WorldSpec { cancellation_share: 0.1, ..small(4_000, 3) };
    let (world, log) = run(spec, DAY, 5, silent);
    let by_key: BTreeMap<u64, _> = declarations(&log).collect();
    let cancelled: BTreeSet<u64> =
        log.iter().flat_map(|(actions, _)| &actions.cancellations).map(|cancellation| cancellation.key).collect();
    let again: Vec<_> = log
        .iter()
        .flat_map(|(actions, _)| &actions.lodgements)
        .filter_map(|lodgement| Some((lodgement.lodged_again_for?, lodgement)))
        .collect();
    assert!(again.len() > 50 && cancelled.len() > again.len());
    for (original, lodgement) in again {
        assert!(cancelled.contains(&original));
        assert_eq!(by_key[&original].consignment_key(), lodgement.declaration.consignment_key());
        assert_ne!(by_key[&original].reference, lodgement.declaration.reference);
        assert_eq!(world.truth(original), world.truth(lodgement.key));
    }
}

#[test]
fn amendments_are_new_versions_of_the_same_declaration() {
    let (_, log) = run(small(4_000, 4), DAY, 5, silent);
    let by_key: BTreeMap<u64, _> = declarations(&log).collect();
    let amendments: Vec<_> = log.iter().flat_map(|(actions, _)| &actions.amendments).collect();
    assert!((40..140).contains(&amendments.len()), "{}", amendments.len());
    for amendment in amendments {
        let first = by_key[&amendment.key];
        assert_eq!(amendment.version, 2);
        assert!(amendment.at > first.acceptance_date_time);
        assert_ne!(*first, amendment.declaration);
        assert_eq!(first.id(first.acceptance_date_time), amendment.declaration.id(first.acceptance_date_time));
        assert_eq!(first.consignment_key(), amendment.declaration.consignment_key());
    }
}

#[test]
fn goods_arrive_before_they_leave_and_red_waits_longest() {
    use trade_simulator::MovementKind::{Arrived, Released};
    let (_, log) = run(small(4_000, 5), DAY, 40, examine_many);
    let mut arrived = BTreeMap::new();
    let mut waits = [(0.0, 0.0); 3];
    for (actions, _) in &log {
        for movement in &actions.movements {
            if movement.kind == Arrived {
                assert!(arrived.insert(movement.key, movement.at).is_none(), "goods arrive once");
            }
            if movement.kind == Released {
                let wait = movement.at.duration_since(arrived[&movement.key]).as_secs_f64();
                assert!(wait >= 0.0);
                let (sum, count) = &mut waits[(movement.key / 16 % 3) as usize];
                *sum += wait;
                *count += 1.0;
            }
        }
    }
    let [red, orange, green] = waits.map(|(sum, count)| sum / count / 3_600.0);
    assert!(red > orange + 12.0 && orange > green + 6.0, "{red} {orange} {green}");
}
