//! Data quality: what is missing, unseen, out of range, late.

use customs::{CountryCode, Declaration};
use features::quality::{Counts, Field, Reference, SourceKind, Tally, Usual, observe, sources};
use proptest::prelude::*;

use crate::world::declaration;

fn usual() -> Usual {
    let mut reference = Reference::default();
    for number in 0..300 {
        reference.learn(&observe(&declaration(number % 40, number, 1)));
    }
    reference.into()
}

fn tally(declarations: &[Declaration], usual: &Usual) -> Tally {
    let mut tally = Tally::default();
    for declaration in declarations {
        tally.declaration(sources(declaration, "json"), &observe(declaration), usual);
    }
    tally
}

#[test]
fn what_the_reference_knows_is_no_flaw() {
    let usual = usual();
    let tally = tally(&[declaration(7, 400, 1)], &usual);
    for field in [Field::CommodityCode, Field::OriginCountry, Field::Fob, Field::UnitValue, Field::TaxRate] {
        let counts = tally.counts(SourceKind::Office, "118", field);
        assert_eq!(counts, Counts { observed: 1, ..Counts::default() }, "{field:?}");
    }
    assert_eq!(tally.counts(SourceKind::Profile, "json", Field::GrossMass).observed, 1);
    assert_eq!(tally.counts(SourceKind::Profile, "xml", Field::GrossMass), Counts::default());
}

#[test]
fn each_flaw_is_counted_for_each_source_in_its_field() {
    let usual = usual();
    let mut odd = declaration(7, 400, 1);
    odd.items[0].origin_country = CountryCode::from("KP");
    odd.items[0].valuation.fob.amount = 900_000_000.into();
    odd.items[0].net_mass_kg = None;
    odd.route_country = None;
    let agent = odd.declarant.id.clone();
    let mut tally = tally(&[odd.clone(), declaration(7, 401, 1)], &usual);
    tally.arrival(sources(&odd, "json"), Field::Result, true);
    tally.arrival(sources(&odd, "json"), Field::Result, false);
    for (kind, source) in
        [(SourceKind::Declarant, agent.as_str()), (SourceKind::Office, "118"), (SourceKind::Profile, "json")]
    {
        let counts = |field| tally.counts(kind, source, field);
        assert_eq!((counts(Field::OriginCountry).unseen, counts(Field::OriginCountry).observed), (1, 2));
        assert_eq!(counts(Field::Fob).out_of_range, 1);
        assert_eq!(counts(Field::NetMass).missing, 1);
        assert_eq!(counts(Field::RouteCountry).missing, 1);
        assert_eq!((counts(Field::Result).late, counts(Field::Result).observed), (1, 2));
        assert_eq!(counts(Field::CommodityCode).unseen, 0);
    }
    // Rows with every value flawed come first; too few observations are no row.
    let rows = tally.rows(1);
    assert!(rows.windows(2).all(|pair| share(&pair[0].counts) >= share(&pair[1].counts)));
    assert!(rows.iter().any(|row| row.field == Field::NetMass && row.source == "118"));
    assert!(tally.rows(3).is_empty());
}

fn share(counts: &Counts) -> f64 {
    (counts.missing + counts.unseen + counts.out_of_range + counts.late) as f64 / counts.observed as f64
}

#[test]
fn before_there_is_a_reference_nothing_is_unseen_or_out_of_range() {
    let tally = tally(&[declaration(7, 400, 3)], &Usual::default());
    let all: Vec<Counts> = Field::ALL.iter().map(|field| tally.counts(SourceKind::Office, "118", *field)).collect();
    assert!(all.iter().all(|counts| counts.unseen == 0 && counts.out_of_range == 0));
    assert!(all.iter().any(|counts| counts.missing > 0));
}

#[test]
fn sources_beyond_the_most_count_together() {
    let mut tally = Tally::default();
    let usual = Usual::default();
    for number in 0..5_000 {
        let mut one = declaration(1, 1, 1);
        one.declarant.id = format!("agent {number:05}");
        tally.declaration(sources(&one, "json"), &observe(&one), &usual);
    }
    assert_eq!(tally.counts(SourceKind::Declarant, "agent 00001", Field::Fob).observed, 1);
    assert_eq!(tally.counts(SourceKind::Declarant, "agent 04999", Field::Fob).observed, 0);
    assert_eq!(tally.counts(SourceKind::Declarant, "*", Field::Fob).observed, 5_000 - 4_096);
    assert_eq!(tally.counts(SourceKind::Profile, "json", Field::Fob).observed, 5_000);
}

proptest! {
    #[test]
    fn parts_merge_to_the_whole_in_any_order_and_survive_their_bytes(
        numbers in prop::collection::vec(0..60_u64, 0..30), at in 0..30_usize,
    ) {
        let declarations: Vec<Declaration> = numbers.iter().map(|number| declaration(*number, 1, 2)).collect();
        let (first, second) = declarations.split_at(at.min(declarations.len()));
        let learn = |declarations: &[Declaration]| {
            let mut reference = Reference::default();
            for declaration in declarations {
                reference.learn(&observe(declaration));
            }
            reference
        };
        let (mut one, mut other) = (learn(first), learn(second));
        let whole = learn(&declarations);
        let early = one.clone();
        one.merge(&other);
        other.merge(&early);
        prop_assert_eq!(&one, &whole);
        prop_assert_eq!(&other, &whole);
        let usual = Usual::from(early);
        let (mut left, mut right) = (tally(first, &usual), tally(second, &usual));
        let all = tally(&declarations, &usual);
        let kept = left.clone();
        left.merge(&right);
        right.merge(&kept);
        prop_assert_eq!(&left, &all);
        prop_assert_eq!(&right, &all);
        let bytes = serde_json::to_vec(&(&all, &whole)).unwrap();
        prop_assert_eq!(serde_json::from_slice::<(Tally, Reference)>(&bytes).unwrap(), (all, whole));
    }
}
