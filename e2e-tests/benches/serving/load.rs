//! The load: declarations of 3 KB with eight items, posted one by one over many connections.

use std::cell::Cell;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// Offices that declarations go to.
pub const OFFICES: [&str; 8] = ["118", "235", "046", "172", "019", "082", "127", "145"];
/// Where goods come from.
pub const ORIGINS: [&str; 8] = ["CN", "US", "DE", "BR", "MX", "JP", "KR", "IN"];
/// The first commodity code.
pub const CODES: u64 = 8_467_210_000;
/// Requests under way at once.
pub const CONCURRENCY: usize = 64;
/// Goods items of a declaration.
const ITEMS: u64 = 8;

/// Importers, the first ones far more active.
const IMPORTERS: f64 = 5_000.0;
/// Different goods that an importer deals in.
const ARTICLES: u64 = 3;

/// A number from `parts`, the same every time.
fn mixed(parts: [u64; 2]) -> u64 {
    let once = (parts[0] ^ 0x5851_F42D_4C95_7F2D).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((once >> 29) ^ once ^ parts[1]).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33
}

/// Who imports: skewed, as trade is.
fn importer(number: u64) -> u64 {
    let unit = mixed([number, 1]) as f64 / f64::from(1_u32 << 31);
    (IMPORTERS.powf(unit) - 1.0) as u64
}

/// The text of declaration `number`: an importer's goods, from one origin, bought from one seller.
pub fn declaration(number: u64) -> Vec<u8> {
    let at = jiff::Zoned::now().timestamp();
    let importer = importer(number);
    let origin = ORIGINS[(mixed([importer, 2]) % ORIGINS.len() as u64) as usize];
    let items: Vec<Value> = (1..=ITEMS)
        .map(|sequence| {
            let article = mixed([importer, 10 + mixed([number, sequence]) % ARTICLES]);
            json!({
                "sequence": sequence, "commodityCode": (CODES + article % 90 * 1_000_000).to_string(),
                "description": format!("Taladros de toda clase, incluidas las perforadoras rotativas, lote {number}"),
                "originCountry": origin, "netMassKg": "12.5", "statisticalQuantity": "40", "statisticalUnit": "U",
                "valuation": {"fob": {"amount": format!("{}.40", 900 + article % 500), "currency": "USD"},
                    "freight": {"amount": "100", "currency": "USD"}, "insurance": {"amount": "15", "currency": "USD"},
                    "method": 1, "incoterm": "FOB"},
            })
        })
        .collect();
    let declaration = json!({
        "reference": format!("B-{number}"),
        "declarant": {"id": format!("20{:09}", mixed([importer, 3]) % 200), "role": "declarant"},
        "office": (OFFICES[(number % OFFICES.len() as u64) as usize]), "acceptanceDateTime": at,
        "direction": "in", "regime": "10", "modality": "deferred", "form": "full",
        "parties": [
            {"id": format!("20{:09}", 1_000 + importer), "role": "importer", "name": "Importadora del Sur S.A.C.",
                "country": "PE"},
            {"id": format!("S-{}", mixed([importer, 4]) % 2_000), "role": "seller", "name": "Lakeside Tools Inc.",
                "country": origin},
        ],
        "transportDocuments": [{"id": format!("BL-{number}")}], "items": items,
    });
    declaration.to_string().into_bytes()
}

/// Posts bodies `from..from + count` to `url`, [`CONCURRENCY`] at a time. Returns the seconds it took.
pub async fn post(
    url: &str,
    token: &str,
    numbers: std::ops::Range<u64>,
    body: impl Fn(u64) -> Vec<u8>,
) -> anyhow::Result<f64> {
    let http = clients::http::http()?;
    let next = Cell::new(numbers.start);
    let started = Instant::now();
    let lane = async || -> anyhow::Result<()> {
        loop {
            let number = next.get();
            if number >= numbers.end {
                return Ok(());
            }
            next.set(number + 1);
            let request = http.post(url).bearer_auth(token).header("content-type", "application/json");
            let response = request.body(body(number)).send().await.context("the service does not answer")?;
            let status = response.status();
            let answer = response.bytes().await?;
            ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&answer));
        }
    };
    for lane in join_all((0..CONCURRENCY).map(|_| lane())).await {
        lane?;
    }
    Ok(started.elapsed().as_secs_f64())
}

/// Posts `rate` bodies a second whether answers come or not. Returns the milliseconds of each answer.
pub async fn post_at(
    url: &str,
    token: &str,
    rate: f64,
    count: u64,
    body: impl Fn(u64) -> Vec<u8>,
) -> anyhow::Result<Vec<f64>> {
    let http = clients::http::http()?;
    let started = Instant::now();
    let asked = (0..count).map(|number| {
        let (http, body) = (&http, &body);
        async move {
            let due = Duration::from_secs_f64(number as f64 / rate);
            tokio::time::sleep(due.saturating_sub(started.elapsed())).await;
            let body = body(number);
            let asked = Instant::now();
            let request = http.post(url).bearer_auth(token).header("content-type", "application/json");
            let response = request.body(body).send().await?;
            ensure!(response.status().is_success(), "{}", response.status());
            response.bytes().await?;
            Ok(asked.elapsed().as_secs_f64() * 1e3)
        }
    });
    join_all(asked).await.into_iter().collect()
}
