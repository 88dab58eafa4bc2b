use std::time::Duration;

use clients::{BulkReceipt, ReceiptStatus};
use customs::{Declaration, OfficeCode};
use events::Service as Name;
use rest::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, accepted, line, numbered};

async fn send(client: &clients::Client, lines: Vec<String>) -> Vec<BulkReceipt> {
    let mut receipts = Vec::new();
    client.lodge_bulk(lines, |receipt| receipts.push(receipt)).await.unwrap();
    receipts
}

#[tokio::test]
async fn every_line_is_answered_in_order_and_refused_alone() {
    let world = World::new().await;
    let client = world.client();
    client.lodge(&numbered(3), false).await.unwrap();
    let mut lines: Vec<String> = (0..600).map(|number| line(&numbered(number))).collect();
    lines[10] = "{\"reference\": 7".to_owned();
    lines[20] = line(&numbered(19));
    lines[30] = line(&Declaration { packages: Some(9), ..numbered(29) });
    lines[40] = line(&Declaration { packages: Some(9), ..numbered(3) });
    lines[50] = lines[50].replace("\"office\":", "\"bureau\":");
    let receipts = send(&client, lines).await;
    assert_eq!(receipts.iter().map(|receipt| receipt.line).collect::<Vec<_>>(), (1..=600).collect::<Vec<_>>());
    let refused = |at: usize| receipts[at].problem.as_ref().map(|problem| problem.code.as_str());
    assert_eq!(refused(10), Some("declaration-unreadable"));
    assert_eq!(receipts[20].status, ReceiptStatus::Known);
    assert_eq!(receipts[20].id, receipts[19].id);
    assert_eq!(refused(30), Some("declaration-conflict"));
    assert_eq!(refused(40), Some("declaration-conflict"));
    assert_eq!(refused(50), Some("declaration-unreadable"));
    assert_eq!(receipts[3].status, ReceiptStatus::Known);
    let stored = receipts.iter().filter(|receipt| receipt.status == ReceiptStatus::Accepted).count();
    assert_eq!(stored, 594);
    let announced = accepted(&world.announced(Name::Scoring).await);
    assert_eq!(announced.len(), 595);
    // After the one that was lodged before, in the order of the lines.
    assert!(announced[1..].windows(2).all(|pair| pair[0].declaration.reference < pair[1].declaration.reference));
    assert!(
        send(&client, (0..600).map(|number| line(&numbered(number))).collect())
            .await
            .iter()
            .all(|receipt| { matches!(receipt.status, ReceiptStatus::Known | ReceiptStatus::Accepted) })
    );
    world.stop().await;
}

#[tokio::test]
async fn receipts_come_while_lines_are_still_sent() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.url.trim_start_matches("http://")).await.unwrap();
    let token = world.token(&[Role::CustomsSystem]);
    let head = format!(
        "POST /v1/declarations/bulk HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut read = String::new();
    for number in 1..=3 {
        let line = format!("{}\n", line(&numbered(number)));
        stream.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).await.unwrap();
        // The next line is sent only when this one is answered.
        let receipt = format!("\"line\":{number},\"status\":\"accepted\"");
        while !read.contains(&receipt) {
            let mut part = [0; 4_096];
            let count = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut part)).await.unwrap().unwrap();
            assert!(count > 0, "the connection ended: {read}");
            read.push_str(std::str::from_utf8(&part[..count]).unwrap());
        }
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    drop(stream);
    world.stop().await;
}

#[tokio::test]
async fn body_that_broke_off_can_be_sent_again() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.url.trim_start_matches("http://")).await.unwrap();
    let token = world.token(&[Role::CustomsSystem]);
    let whole = format!("{}\n", line(&numbered(1)));
    let head = format!(
        "POST /v1/declarations/bulk HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n{whole}{{\"refer",
        whole.len() + 500
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    // Sending everything again stores each line once, whatever became of the first attempt.
    let receipts = send(&world.client(), vec![line(&numbered(1)), line(&numbered(2))]).await;
    assert!(receipts.iter().all(|receipt| receipt.status != ReceiptStatus::Refused), "{receipts:?}");
    assert_eq!(accepted(&world.announced(Name::Scoring).await).len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn lines_of_other_offices_are_refused_alone() {
    let world = World::new().await;
    let mine = numbered(1);
    let other = Declaration { office: OfficeCode::from("999"), ..numbered(2) };
    let client = world.client_for(&[mine.office.as_str()]);
    let receipts = send(&client, vec![line(&mine), line(&other)]).await;
    assert_eq!(receipts[0].status, ReceiptStatus::Accepted);
    assert_eq!(receipts[1].problem.as_ref().unwrap().code, "office-forbidden");
    world.stop().await;
}
