use customs::{Channel, DecisionPoint, Direction, Form, Method, Modality, Selection, SelectionId, Trigger};
use events::DeclarationSummary;
use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + seconds).unwrap()
}

fn declaration(number: u128) -> DeclarationId {
    DeclarationId(uuid::Uuid::from_u128(number))
}

fn order(method: Method, extent: Extent, verify: &[&str]) -> ControlOrder {
    let verify = verify.iter().map(|area| (*area).to_owned()).collect();
    ControlOrder { method, extent, trigger: Trigger::Model, verify, over_plan: false, because: Vec::new() }
}

fn selected(number: u128, version: u32, orders: Vec<ControlOrder>, containers: &[&str]) -> Fact {
    let id = SelectionId::derive(at(0), &[&number.to_le_bytes(), &version.to_le_bytes()]);
    Fact::Selected(Box::new(DeclarationSelected {
        consignment_key: number.to_string(),
        received_at_ms: 0,
        summary: DeclarationSummary {
            accepted_at: at(0),
            direction: Direction::In,
            regime: "10".to_owned(),
            modality: Modality::Advance,
            form: Form::Full,
            declarant: "20100000001".to_owned(),
            trader: None,
            items: vec![1, 2],
            containers: containers.iter().map(|id| (*id).to_owned()).collect(),
            transport_documents: Vec::new(),
            place: "DPW-3".to_owned(),
            arrived_at: None,
        },
        selection: Selection {
            id,
            declaration: declaration(number),
            declaration_version: version,
            office: "118".into(),
            decision_point: DecisionPoint::Lodgement,
            decided_at: at(i64::from(version)),
            channel: Channel::Red,
            channel_without_draw: Channel::Red,
            orders,
            probability: 1.0,
            random_probability: 0.005,
            draw: 0.5,
            matches: Vec::new(),
            scores: Vec::new(),
            probability_of_finding: None,
            value: 0.0,
            price: 0.0,
            learning: None,
            novelty: None,
            vectors: Vec::new(),
            feature_contract: None,
            feature_sequence: None,
            trial: None,
            routing_epoch: 0,
            filters_epoch: 0,
            capacity_epoch: 0,
            degraded: false,
            supersedes: None,
        },
    }))
}

fn cancelled(number: u128) -> Fact {
    Fact::Cancelled(DeclarationCancelled {
        id: declaration(number),
        version: 1,
        cancelled_at: at(9),
        reason: "lodged twice".to_owned(),
    })
}

fn physical(extent: Extent, verify: &[&str]) -> Vec<ControlOrder> {
    vec![order(Method::Physical, extent, verify)]
}

#[test]
fn every_order_opens_one_control() {
    let orders =
        vec![order(Method::Documentary, Extent::Full, &[]), order(Method::Physical, Extent::Full, &["origin"])];
    let outcome = apply(&[selected(1, 1, orders, &[])], Known::default());
    assert_eq!(outcome.opened.len(), 2);
    assert_eq!(outcome.ordered.iter().map(|control| control.id).collect::<Vec<_>>(), outcome.opened);
    assert!(outcome.records.values().all(|record| record.state == ControlState::Open));
}

#[test]
fn a_later_selection_widens_what_stands_and_closes_nothing() {
    let facts = [
        selected(1, 1, physical(Extent::Items(vec![1]), &["origin"]), &[]),
        selected(1, 2, physical(Extent::Items(vec![2]), &["value", "origin"]), &[]),
        selected(1, 3, Vec::new(), &[]),
    ];
    let outcome = apply(&facts, Known::default());
    assert_eq!((outcome.opened.len(), outcome.withdrawn), (1, 0));
    let control = &outcome.records[&outcome.opened[0]].control;
    assert_eq!(control.order.extent, Extent::Items(vec![1, 2]));
    assert_eq!(control.order.verify, ["origin", "value"]);
    assert_eq!(control.declaration_version, Some(2));
    assert_eq!(wider(&Extent::Partial, &Extent::Items(vec![1])), Extent::Full);
}

#[test]
fn cancelling_withdraws_whatever_came_first() {
    let order = || selected(1, 1, physical(Extent::Full, &[]), &[]);
    let outcome = apply(&[order(), cancelled(1)], Known::default());
    assert_eq!(outcome.records[&outcome.opened[0]].state, ControlState::Withdrawn);
    let outcome = apply(&[cancelled(1), order()], Known::default());
    assert!(outcome.opened.is_empty());
}

#[test]
fn a_scan_is_linked_to_the_declaration_of_its_container_unless_it_is_old() {
    let scan = |taken_at| {
        let Fact::Selected(template) = selected(1, 1, physical(Extent::Full, &[]), &[]) else { unreachable!() };
        let opened = apply(&[Fact::Selected(template)], Known::default());
        let mut record = opened.records.into_values().next().unwrap();
        record.control.declaration = None;
        record.control.ordered_at = taken_at;
        record
    };
    let known = |record: Record| Known {
        scans: [("MSKU1234565".to_owned(), vec![record])].into(),
        scan_window: SignedDuration::from_hours(24),
        ..Known::default()
    };
    let facts = [selected(7, 1, Vec::new(), &["MSKU1234565"])];
    let outcome = apply(&facts, known(scan(at(-3_600))));
    assert_eq!(outcome.linked.len(), 1);
    assert_eq!(outcome.ordered[0].declaration, Some(declaration(7)));
    assert!(apply(&facts, known(scan(at(-90_000)))).linked.is_empty());
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let method = prop::sample::select(vec![Method::Physical, Method::Documentary]);
    let orders = prop::collection::vec(method.prop_map(|method| order(method, Extent::Full, &["value"])), 0..3);
    prop_oneof![
        4 => (1_u128..4, 1_u32..4, orders).prop_map(|(number, version, orders)| selected(number, version, orders, &[])),
        1 => (1_u128..4).prop_map(cancelled),
    ]
}

proptest! {
    /// The outcome of one batch is that of its two parts, one after the other.
    #[test]
    fn where_a_batch_ends_does_not_matter(facts in prop::collection::vec(any_fact(), 0..12), cut in 0_usize..12) {
        let whole = apply(&facts, Known::default());
        let (first, second) = facts.split_at(cut.min(facts.len()));
        let before = apply(first, Known::default());
        let mut known = Known::default();
        for id in &before.opened {
            let record = before.records[id].clone();
            if let (true, Some(declaration)) = (record.is_live(), record.control.declaration) {
                known.live.entry(declaration).or_default().push(record);
            }
        }
        known.cancelled = before.cancelled.iter().map(|(id, _)| *id).collect();
        let after = apply(second, known);
        let opened: Vec<ControlId> = before.opened.iter().chain(&after.opened).copied().collect();
        prop_assert_eq!(&whole.opened, &opened);
        let mut records = before.records;
        records.extend(after.records);
        prop_assert_eq!(&whole.records, &records);
        prop_assert_eq!(whole.withdrawn, before.withdrawn + after.withdrawn);
    }
}
