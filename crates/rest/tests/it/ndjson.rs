use std::time::Duration;

use actix_web::{FromRequest, test, web};
use rest::ndjson::Lines;

async fn lines(body: &str, max_line: usize) -> Vec<(u64, Option<String>)> {
    let (request, mut payload) = test::TestRequest::default().set_payload(body.to_owned()).to_http_parts();
    let payload = web::Payload::from_request(&request, &mut payload).await.unwrap();
    let mut lines = Lines::new(payload, max_line);
    let mut all = Vec::new();
    loop {
        let batch = lines.batch(2, Duration::from_secs(1)).await.unwrap();
        if batch.is_empty() {
            return all;
        }
        assert!(batch.len() <= 2);
        all.extend(
            batch
                .into_iter()
                .map(|line| (line.number, line.bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))),
        );
    }
}

#[actix_web::test]
async fn lines_keep_their_numbers_and_order() {
    let expected = vec![(1, Some("a".into())), (3, Some("b".into())), (4, Some("c".into()))];
    assert_eq!(lines("a\n\r\nb\r\nc", 100).await, expected);
    assert_eq!(lines("a\n\nb\nc\n\n", 100).await, expected);
    assert_eq!(lines("", 100).await, vec![]);
}

#[actix_web::test]
async fn line_beyond_the_limit_is_skipped_and_the_rest_is_read() {
    let body = format!("a\n{}\nb\n{}", "x".repeat(50), "y".repeat(50));
    assert_eq!(lines(&body, 10).await, vec![(1, Some("a".into())), (2, None), (3, Some("b".into())), (4, None)]);
}
