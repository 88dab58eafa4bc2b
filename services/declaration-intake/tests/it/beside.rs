//! What people and rules order beside the selections, and what the plans say: told, kept, and never taken back.

use std::collections::BTreeMap;
use std::time::Duration;

use customs::{
    Basis, Channel, Control, ControlId, ControlOrder, DeclarationId, Extent, Method, ResultId, ResultStage,
    ResultVersion, Subject, Timestamp, Trigger,
};
use events::{CapacityChanged, ControlOrdered, ControlResulted, Envelope, LabelOrigin};
use selection::CapacityPlan;

use crate::world::{World, numbered};

fn control(declaration: DeclarationId, method: Method, basis: Basis, at: Timestamp) -> Control {
    Control {
        id: ControlId::derive(at, &[declaration.0.as_bytes(), &[method as u8, basis as u8]]),
        office: "118".into(),
        place: "118".to_owned(),
        subject: Subject::Declaration(declaration),
        declaration: Some(declaration),
        declaration_version: Some(1),
        selection: None,
        basis,
        order: ControlOrder {
            method,
            extent: Extent::Full,
            trigger: Trigger::Officer,
            verify: Vec::new(),
            over_plan: false,
            because: Vec::new(),
        },
        ordered_at: at,
    }
}

fn ordered(control: &Control, escalated_from: Option<ControlId>) -> Envelope {
    let body = ControlOrdered { control: control.clone(), escalated_from };
    Envelope::new(&[control.id.0.as_bytes()], control.ordered_at, 0, None, body).into_raw()
}

fn resulted(control: &Control, origin: LabelOrigin) -> Envelope {
    let result = ResultVersion {
        id: ResultId::derive(control.ordered_at, &[control.id.0.as_bytes()]),
        control: control.id,
        known_at: control.ordered_at,
        result: customs::NewResult {
            version: 1,
            stage: ResultStage::Final,
            examined_at: control.ordered_at,
            established_at: control.ordered_at,
            items: Vec::new(),
            remarks: None,
            targeting: None,
        },
    };
    let body = ControlResulted { control: control.clone(), result, origin };
    Envelope::new(&[control.id.0.as_bytes(), b"1"], control.ordered_at, 0, None, body).into_raw()
}

fn escalation(declaration: DeclarationId, at: Timestamp) -> Envelope {
    let documentary = control(declaration, Method::Documentary, Basis::Ordinary, at);
    ordered(&control(declaration, Method::Physical, Basis::Ordinary, at), Some(documentary.id))
}

fn plans(epoch: u64, plans: &[(&str, Channel)]) -> Envelope {
    let plan = |(office, fail_safe): &(&str, Channel)| -> CapacityPlan {
        let plan = serde_json::json!({
            "office": office, "timeZone": "America/Lima", "physicalPerDay": 1.0, "documentaryPerDay": 1.0,
            "declarationsPerDay": 10.0, "randomShare": 0.1, "explorationShare": 0.1, "failSafe": fail_safe,
        });
        serde_json::from_value(plan).unwrap()
    };
    let body = CapacityChanged { epoch, plans: plans.iter().map(plan).collect() };
    Envelope::new(&[&epoch.to_be_bytes()], testkit::noon(), 0, None, body).into_raw()
}

fn methods(orders: &[clients::Order]) -> Vec<Method> {
    orders.iter().map(|order| order.method).collect()
}

#[tokio::test]
async fn escalation_raises_what_was_told_and_is_told_once() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    world.decide(id, 1, Channel::Orange).await;
    let told = escalation(id, world.clock.now());
    world.hear([told.clone(), told]).await;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.reason.as_deref()), (Some(Channel::Red), Some("escalation")));
    assert_eq!(methods(&status.orders), [Method::Documentary, Method::Physical]);
    let page = client.channels(0, None, None).await.unwrap();
    let told: Vec<_> = page.items.iter().map(|entry| (entry.channel, entry.reason.as_deref())).collect();
    assert_eq!(told, [(Channel::Orange, Some("selection")), (Channel::Red, Some("escalation"))]);
    assert_eq!(methods(&page.items[1].orders), [Method::Documentary, Method::Physical]);

    // No later selection takes it back, neither a lower one nor one of a new version.
    let amended = customs::Declaration { packages: Some(77), ..numbered(1) };
    client.amend(id, &amended).await.unwrap();
    world.decide(id, 2, Channel::Orange).await;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.channel_version), (Some(Channel::Red), Some(2)));
    assert_eq!(methods(&status.orders), [Method::Documentary, Method::Physical]);
    world.stop().await;
}

#[tokio::test]
async fn escalation_that_is_heard_of_first_goes_with_the_first_telling() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    world.hear([escalation(id, world.clock.now())]).await;
    assert_eq!(client.declaration(id, None).await.unwrap().channel, None);
    world.decide(id, 1, Channel::Orange).await;
    let page = client.channels(0, None, None).await.unwrap();
    assert_eq!((page.items.len(), page.items[0].channel), (1, Channel::Red));
    world.stop().await;
}

#[tokio::test]
async fn extraordinary_control_is_told_and_leaves_the_channel() {
    let world = World::new().await;
    let client = world.client();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    world.decide(id, 1, Channel::Green).await;
    let at = world.clock.now();
    let one = control(id, Method::Physical, Basis::Extraordinary, at);
    let image = control(id, Method::Scan, Basis::Extraordinary, at);
    let unknown = control(numbered(9).id(at), Method::Physical, Basis::Extraordinary, at);
    world.hear([ordered(&one, None), ordered(&image, None), ordered(&unknown, None)]).await;
    let status = client.declaration(id, None).await.unwrap();
    assert_eq!((status.channel, status.reason.as_deref()), (Some(Channel::Green), Some("extraordinary")));
    assert_eq!(methods(&status.orders), [Method::Physical]);
    let page = client.channels(0, None, None).await.unwrap();
    assert_eq!(page.items.len(), 2);
    assert_eq!((page.items[1].channel, page.items[1].reason.as_deref()), (Channel::Green, Some("extraordinary")));
    world.stop().await;
}

#[tokio::test]
async fn release_names_the_controls_that_have_no_result() {
    let world = World::new().await;
    let client = world.client();
    let at = world.clock.now();
    let id = client.lodge(&numbered(1), false).await.unwrap().id;
    let other = client.lodge(&numbered(2), false).await.unwrap().id;
    let physical = control(id, Method::Physical, Basis::Ordinary, at);
    let documentary = control(id, Method::Documentary, Basis::Ordinary, at);
    // The order of messages is not promised: a result may come before its control.
    world.hear([resulted(&documentary, LabelOrigin::Selected), ordered(&documentary, None)]).await;
    world.hear([ordered(&physical, None)]).await;
    assert_eq!(client.declaration(id, None).await.unwrap().open_controls, [Method::Physical]);
    let released = client.release(id, at).await.unwrap();
    assert_eq!((released.open_controls.as_slice(), released.released_at), (&[Method::Physical][..], Some(at)));
    assert_eq!(client.release(other, at).await.unwrap().open_controls, []);
    world.hear([resulted(&physical, LabelOrigin::Selected)]).await;
    assert_eq!(client.declaration(id, None).await.unwrap().open_controls, []);
    world.stop().await;
}

#[tokio::test]
async fn fail_safe_is_that_of_the_plan_also_after_a_restart() {
    let world = World::new().await;
    world.hear([plans(2, &[("118", Channel::Red)]), plans(1, &[("118", Channel::Green)])]).await;
    let clock = world.clock.clone();
    let world = world.restart(clock).await;
    let client = world.client();
    let mut told = BTreeMap::new();
    for (number, office) in [(1, "118"), (2, "235")] {
        let declaration = customs::Declaration { office: office.into(), ..numbered(number) };
        told.insert(client.lodge(&declaration, false).await.unwrap().id, office);
    }
    world.process_clock.skip(Duration::from_secs(3));
    assert_eq!(world.step(2).await, 2);
    for entry in client.channels(0, None, None).await.unwrap().items {
        // Without a plan, the setting's.
        let expected = if told[&entry.declaration] == "118" { Channel::Red } else { Channel::Orange };
        assert_eq!((entry.channel, entry.reason.as_deref()), (expected, Some("failSafe")));
    }
    world.stop().await;
}

#[tokio::test]
async fn office_that_nobody_lists_is_noted_once_there_is_a_list() {
    let world = World::new().await;
    let client = world.client();
    let noted = |notes: &[customs::Note]| notes.iter().any(|note| note.code == customs::NoteCode::UnknownOffice);
    let elsewhere = |number| customs::Declaration { office: "zzz".into(), ..numbered(number) };
    assert!(!noted(&client.lodge(&elsewhere(1), false).await.unwrap().notes));
    world.hear([plans(1, &[("118", Channel::Orange)])]).await;
    let receipt = client.lodge(&elsewhere(2), false).await.unwrap();
    assert!(noted(&receipt.notes), "{receipt:?}");
    assert!(!noted(&client.lodge(&numbered(3), false).await.unwrap().notes));
    // What was answered before is answered alike.
    assert!(!noted(&client.lodge(&elsewhere(1), false).await.unwrap().notes));
    world.stop().await;
}

#[tokio::test]
async fn reference_data_of_the_folder_is_what_declarations_are_compared_with() {
    let folder = testkit::Home::new();
    std::fs::write(folder.path().join("tariff.csv"), "code,validFrom,validTo,description\n0101210000,,,Horses\n")
        .unwrap();
    std::fs::write(folder.path().join("offices.csv"), "code,name\n235,Tacna\n").unwrap();
    let path = folder.path().to_owned();
    let world = World::with(|settings| settings.reference = Some(path)).await;
    let receipt = world.client().lodge(&numbered(1), false).await.unwrap();
    let codes: Vec<_> = receipt.notes.iter().map(|note| (note.code, note.pointer.as_str())).collect();
    assert!(codes.contains(&(customs::NoteCode::UnknownCommodityCode, "/items/0/commodityCode")), "{codes:?}");
    assert!(codes.contains(&(customs::NoteCode::UnknownOffice, "/office")), "{codes:?}");
    world.stop().await;
}
