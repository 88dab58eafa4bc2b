//! A model in ONNX is brought, put on trial, and decides. Skipped, in words, where no `libonnxruntime` is named.

use std::time::Duration;

use anyhow::{Context, ensure};
use e2e_tests::office::{self, Office};
use e2e_tests::{ClockMode, System};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(2);
const HOURLY: u64 = 120;
/// The most hours until there is a champion, and then until the brought model is.
const MOST_HOURS: u32 = 24;
/// The probability that the brought model gives everything.
const PROBABILITY: f32 = 0.25;

/// Protocol buffers, as far as a small model needs them: a message is its fields, one after another.
mod proto {
    fn varint(mut value: u64, out: &mut Vec<u8>) {
        while value > 0x7f {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }

    /// A field that is a number.
    pub fn number(field: u64, value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        varint(field << 3, &mut out);
        varint(value, &mut out);
        out
    }

    /// A field that is text, bytes or a message.
    pub fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
        let value = value.as_ref();
        let mut out = Vec::new();
        varint(field << 3 | 2, &mut out);
        varint(value.len() as u64, &mut out);
        out.extend_from_slice(value);
        out
    }
}

use proto::{bytes, number};

/// A linear model of `width` features, of which missing ones count nothing: every weight is 0, so that it gives
/// [`PROBABILITY`] whatever it is asked.
fn model(width: usize) -> Vec<u8> {
    let node = |kind: &str, inputs: &[&str], output: &str| {
        let mut node: Vec<u8> = inputs.iter().flat_map(|input| bytes(1, input)).collect();
        node.extend([bytes(2, output), bytes(4, kind)].concat());
        bytes(1, node)
    };
    let constant = |name: &str, dims: &[usize], values: &[f32]| {
        let mut tensor: Vec<u8> = dims.iter().flat_map(|dim| number(1, *dim as u64)).collect();
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensor.extend([number(2, 1), bytes(8, name), bytes(9, raw)].concat());
        bytes(5, tensor)
    };
    let value = |field: u64, name: &str, columns: usize| {
        let rows_and_columns = [bytes(1, bytes(2, "rows")), bytes(1, number(1, columns as u64))].concat();
        let tensor = [number(1, 1), bytes(2, rows_and_columns)].concat();
        bytes(field, [bytes(1, name), bytes(2, bytes(1, tensor))].concat())
    };
    let graph = [
        node("IsNaN", &["row"], "missing"),
        node("Where", &["missing", "nothing", "row"], "known"),
        node("MatMul", &["known", "weights"], "sum"),
        node("Add", &["sum", "bias"], "margin"),
        node("Sigmoid", &["margin"], "probability"),
        bytes(2, "linear"),
        constant("nothing", &[1], &[0.0]),
        constant("weights", &[width, 1], &vec![0.0; width]),
        constant("bias", &[1], &[(PROBABILITY / (1.0 - PROBABILITY)).ln()]),
        value(11, "row", width),
        value(12, "probability", 1),
    ];
    let opset = [bytes(1, ""), number(2, 15)].concat();
    [number(1, 8), bytes(8, opset), bytes(7, graph.concat())].concat()
}

#[tokio::test]
async fn a_model_in_onnx_is_brought_and_decides() -> anyhow::Result<()> {
    let Some(library) = std::env::var_os("AFORO_ONNX_LIBRARY") else {
        println!("skipped: AFORO_ONNX_LIBRARY does not name a libonnxruntime");
        return Ok(());
    };
    let settings = format!(
        "[onnx]\nlibrary = {library:?}\n\
         [models.training]\nfirst_training_after_days = 3650\nevidence_errors = 1.0\ncandidates = [\"boosted\"]\n"
    );
    let system = System::start_with(ClockMode::Driven("2026-03-02T00:00:00Z"), &settings).await?;
    let all = ["customs-system", "officer", "auditor", "service", "data-scientist", "model-manager", "supervisor"];
    let client = system.client(&all)?;
    let mut office = Office::new(system.client(&all)?, "118");
    office.plan((HOURLY * 24) as f64, 1.0).await?;
    let hour = async |office: &mut Office| -> anyhow::Result<()> {
        office.lodge(HOURLY).await?;
        system.settled(PATIENCE).await?;
        office.examine().await?;
        system.settled(PATIENCE).await?;
        let now = client.clock().await?;
        Ok(client.advance_clock(now.checked_add(jiff::SignedDuration::from_hours(1))?).await?)
    };
    for hours in 1.. {
        ensure!(hours <= MOST_HOURS, "no champion after {}", office.told());
        hour(&mut office).await?;
        if hours % 4 == 0 {
            office.train().await?;
            if !office::champion(&client).await?.is_empty() {
                break;
            }
        }
    }

    let until = client.clock().await?.as_microsecond();
    let features = client.feature_catalogue().await?;
    let width = features["features"].as_array().context("a list of features")?.len();
    let bring = async |name: &str, body: Vec<u8>| -> anyhow::Result<(u16, Value)> {
        let url = format!("{}/v1/models/imports", system.url());
        let query = [("name", name), ("format", "onnx"), ("direction", "in"), ("trainedUntil", &until.to_string())];
        let answer = clients::http::http()?
            .post(url)
            .query(&query)
            .bearer_auth(system.token(&["data-scientist"], &[])?)
            .header("content-type", "application/octet-stream")
            .body(body)
            .send()
            .await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    };
    let (status, narrow) = bring("narrow", model(3)).await?;
    ensure!(status == 422, "a model of three features is refused: {narrow}");
    let (status, brought) = bring("linear", model(width)).await?;
    ensure!(status == 201, "{brought}");
    let digest = brought["version"]["digest"].as_str().context("a digest")?;

    let rollout = json!({
        "name": "onnx", "direction": "in", "requestedBy": "", "candidate": {"name": "linear", "digest": digest},
        "steps": [{"kind": "shadow", "minDeclarations": 10}, {"kind": "promote"}],
        "rollback": {"automatic": true, "keepChampionSeconds": 3_600, "throttleSeconds": 3_600},
    });
    client.create_rollout(&rollout).await?;
    for hours in 1.. {
        hour(&mut office).await?;
        let rollout = client.rollout("onnx").await?;
        if rollout["status"]["phase"] == "settled" {
            break;
        }
        ensure!(hours <= MOST_HOURS, "{rollout}");
    }
    ensure!(office::champion(&client).await? == digest, "the model in ONNX is champion");

    let at = client.clock().await?;
    let one = testkit::declaration();
    let one = testkit::Changes::with_accepted_at(testkit::Changes::with_office(one, "118"), at);
    let receipt = client.lodge(&one, false).await?;
    system.settled(PATIENCE).await?;
    let records = client.declaration_selections(receipt.id).await?;
    let record = &records["items"][0];
    let probability = record["probability"].as_f64().context("a probability")?;
    ensure!((probability - f64::from(PROBABILITY)).abs() < 1e-6, "{record}");
    ensure!(record["scores"][0]["model"] == brought["version"]["id"], "the model in ONNX has scored: {record}");
    let selection = serde_json::from_value(record["id"].clone())?;
    let verified = client.verify_selection(selection).await?;
    ensure!(verified["verdict"] == "equal", "{verified}");
    Ok(())
}
