//! The path with many declarations stored against the path with few.

use anyhow::Context;
use benchkit::Report;
use serde_json::json;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::installation::Installation;
use crate::path::{self, SERVICES};
use crate::tables;

const WARM: u64 = 4_000;
const MEASURED: u64 = 12_000;
const FEW: u64 = 100_000;

pub async fn run() -> anyhow::Result<()> {
    let mut report = Report::of("growth");
    let many = stored().unwrap_or(10_000_000);
    let mut installation = Installation::prepare().await?;
    installation.start(&SERVICES).await?;
    tables::tell(&installation, &SERVICES).await?;
    let mut cursor = 0;
    path::measure(&mut installation, &mut cursor, 0..WARM).await?;
    let mut figures = Vec::new();
    let (mut there, mut lodged) = (WARM, WARM);
    for wanted in [FEW, many] {
        report.progress(&format!("storing {wanted}"));
        fill(&installation, there..wanted).await?;
        there = wanted;
        report.progress("warming up and measuring");
        path::measure(&mut installation, &mut cursor, lodged..lodged + WARM).await?;
        lodged += WARM;
        figures.push(path::measure(&mut installation, &mut cursor, lodged..lodged + MEASURED).await?);
        lodged += MEASURED;
    }
    let (few, many_figure) = (figures[0].micros(), figures[1].micros());
    report
        .figure("cpuMicrosPerOp", many_figure)
        .figure("fewMicrosPerOp", few)
        .figure("ratio", many_figure / few)
        .figure("stored", many)
        .figure("byProcess", json!(figures[1].by_process))
        .figure("fewByProcess", json!(figures[0].by_process));
    report.print();
    installation.remove().await
}

/// `--stored=N`: fewer than ten million, where there is no room for them.
fn stored() -> Option<u64> {
    std::env::args().find_map(|argument| argument.strip_prefix("--stored=")?.parse().ok())
}

/// Tables that grow by a row for a declaration, and what of the row is its own (a column, and what it is). Numbers of rows
/// are negative, so that they come before all others; large texts are left out: their pages are written once and never read
/// again.
const GROWING: [(&str, &[(&str, &str)]); 9] = [
    (
        "declaration_intake.declaration",
        &[("id", "own.id"), ("reference", REFERENCE), ("consignment_key", CONSIGNMENT), ("awaiting", "false")],
    ),
    (
        "declaration_intake.declaration_version",
        &[("declaration", "own.id"), ("body", "'{}'"), ("received_at_ms", "own.ms")],
    ),
    ("declaration_intake.declaration_key", &[("declaration", "own.id"), ("reference", REFERENCE)]),
    (
        "declaration_intake.channel_feed",
        &[("cursor", "-own.number"), ("declaration", "own.id"), ("reference", REFERENCE)],
    ),
    (
        "scoring.selection",
        &[
            ("seq", "-own.number"),
            ("id", "own.other"),
            ("declaration", "own.id"),
            ("consignment", CONSIGNMENT),
            ("record", "'{}'"),
            ("vectors", "NULL"),
            ("declared", "NULL"),
        ],
    ),
    ("feature_store.fact", &[("sequence", "-own.number"), ("declaration", "own.id"), ("body", "'\\x00'")]),
    ("feature_store.served", &[("declaration", "own.id"), ("selection", "own.other"), ("vectors", "'\\x00'")]),
    ("controls_tracking.declarations", &[("id", "own.id")]),
    ("performance_monitoring.declaration", &[("id", "own.id"), ("selection", "own.other")]),
];
const REFERENCE: &str = "'G-' || own.number";
const CONSIGNMENT: &str = "md5(own.number::text)";
/// Schemas whose inbox remembers messages about declarations.
const LISTENING: [&str; 5] =
    ["declaration_intake", "scoring", "feature_store", "controls_tracking", "performance_monitoring"];
/// Messages that were admitted together.
const AT_A_TIME: u64 = 100;
/// Declarations that are made by one statement.
const AT_ONCE: u64 = 50_000;

/// Makes declarations of these numbers, an hour apart for each ten thousand, in every table that keeps one.
async fn fill(installation: &Installation, numbers: std::ops::Range<u64>) -> anyhow::Result<()> {
    let db = installation.connect().await?;
    for from in numbers.clone().step_by(AT_ONCE as usize) {
        let until = (from + AT_ONCE).min(numbers.end) - 1;
        // Ids begin with a time, like those that are derived.
        let own = format!(
            "(SELECT n AS number, ms, (lpad(to_hex(ms), 12, '0') || substr(md5('d' || n), 13))::uuid AS id, \
             (lpad(to_hex(ms), 12, '0') || substr(md5('s' || n), 13))::uuid AS other \
             FROM (SELECT n, 1700000000000 + n * 360 AS ms FROM generate_series({from}::bigint, {until}) n) AS made) AS own"
        );
        for (table, changes) in GROWING {
            let (schema, name) = table.split_once('.').context("a table has a schema")?;
            let asked = format!(
                "SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns \
                 WHERE table_schema = '{schema}' AND table_name = '{name}'"
            );
            let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, asked)).await?;
            let columns: String = row.context("a table has columns")?.try_get_by_index(0)?;
            let made = columns.split(',').map(|column| {
                let own = changes.iter().find(|(changed, _)| *changed == column);
                own.map_or_else(|| format!("like_it.{column}"), |(_, own)| (*own).to_owned())
            });
            let made: Vec<String> = made.collect();
            db.execute_unprepared(&format!(
                "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {} FROM (SELECT * FROM {table} LIMIT 1) AS \
                 like_it CROSS JOIN {own}",
                made.join(", ")
            ))
            .await?;
        }
        for schema in LISTENING {
            db.execute_unprepared(&format!(
                "INSERT INTO {schema}.inbox (subscriber, last, first, mark, events) SELECT like_it.subscriber, (max(own.other::text))::uuid, \
                 (min(own.other::text))::uuid, like_it.mark, string_agg(uuid_send(own.other), '' ORDER BY own.other) FROM \
                 (SELECT subscriber, mark FROM {schema}.inbox LIMIT 1) AS like_it CROSS JOIN {own} \
                 GROUP BY like_it.subscriber, like_it.mark, own.number / {AT_A_TIME}"
            ))
            .await?;
        }
    }
    db.execute_unprepared("VACUUM ANALYZE").await?;
    db.execute_unprepared("CHECKPOINT").await?;
    Ok(db.close().await?)
}
