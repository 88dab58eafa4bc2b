//! A person who is erased is found nowhere afterwards: in no table, in no online feature, and what was decided about their
//! goods still stands.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clients::Client;
use customs::{Control, Declaration, DeclarationId, NewResult, Party, PartyRole, Timestamp};
use e2e_tests::{ClockMode, System, until};
use features::Token;
use sea_orm::{ConnectionTrait, Database, DbBackend, QueryResult, Statement};
use serde_json::{Value, json};
use testkit::{Changes, declaration};

use super::conform;

/// The person: an importer, a declarant, and the subject of a control.
const PERSON: &str = "10412345678";
const NAME: &str = "Rosa Ñahui Mamani";
const ADDRESS: &str = "Jr. Las Begonias 812";
const CONTACT: &str = "rosa.nahui@example.pe";
/// Somebody else at the same address.
const OTHER: &str = "20512345678";
const PATIENCE: Duration = Duration::from_mins(1);
/// Offices are asked about a person's declarations at once here.
const SETTINGS: &str = "[intake]\nerasure_rest_hours = 0\n";

fn of_the_person(number: usize, at: Timestamp) -> Declaration {
    declaration().with_reference(&format!("P-{number}")).with_trader(PERSON).with_accepted_at(at).with(|declaration| {
        let importer = &mut declaration.parties[0];
        importer.name = Some(NAME.to_owned());
        importer.address = Some(ADDRESS.to_owned());
        importer.contacts = vec![CONTACT.to_owned()];
        declaration.items[0].description = format!("Muebles usados de {}", NAME.to_uppercase());
    })
}

/// What is lodged: two for the person, one by the person, one of somebody else at the same address.
fn lodged(at: Timestamp) -> Vec<Declaration> {
    let mut lodged: Vec<_> = (0..2).map(|number| of_the_person(number, at)).collect();
    lodged.push(of_the_person(2, at).with_trader(OTHER).with(|declaration| {
        declaration.declarant = Party { name: Some(NAME.to_owned()), ..Party::new(PartyRole::Declarant, PERSON) };
        declaration.parties[0].name = Some("Comercial Andina S.A.C.".to_owned());
        declaration.parties[0].contacts.clear();
        "Sillas".clone_into(&mut declaration.items[0].description);
    }));
    lodged.push(declaration().with_reference("O-1").with_trader(OTHER).with_accepted_at(at));
    lodged
}

/// Every control has a result, but for those without a declaration.
async fn examine(client: &Client, at: Timestamp, own: &[DeclarationId]) -> anyhow::Result<()> {
    let mut page = client.controls(None).await?;
    let controls: Vec<Control> = serde_json::from_value(page["items"].take())?;
    ensure!(controls.len() > 1, "nothing was ordered");
    for control in controls.iter().filter(|control| control.declaration.is_some()) {
        let is_own = control.declaration.is_some_and(|id| own.contains(&id));
        let remarks = is_own.then(|| format!("{NAME} ({PERSON}) was present"));
        client.report_result(control.id, &NewResult { remarks, ..conform(at) }).await?;
    }
    Ok(())
}

async fn list(client: &Client) -> anyhow::Result<Value> {
    let list = json!({
        "name": "once_watched", "kind": "party", "title": "Importers once watched", "compartment": "intelligence",
        "readers": {"subjects": ["ana"]}, "validFrom": "2026-01-01T05:00:00Z", "entries": [PERSON, OTHER],
    });
    Ok(client.create_list(&list).await?)
}

/// How many examinations of the importer the declaration was decided with.
async fn examined(client: &Client, id: DeclarationId) -> anyhow::Result<Option<f64>> {
    match client.features(id).await {
        Err(refusal) if refusal.status() == Some(404) => Ok(None),
        served => Ok(served?["items"][0]["values"]["traderExamined"].as_f64().or(Some(0.0))),
    }
}

#[tokio::test]
async fn an_erased_person_is_found_nowhere_and_decisions_still_stand() -> anyhow::Result<()> {
    let mut system = System::start_with(ClockMode::Real, SETTINGS).await?;
    let roles = [
        "customs-system",
        "officer",
        "supervisor",
        "analyst",
        "auditor",
        "service",
        "data-scientist",
        "data-protection",
    ];
    let client = system.client(&roles)?;
    let at = client.clock().await?;
    let all = lodged(at);
    for declaration in &all {
        client.lodge(declaration, false).await?;
    }
    system.settled(PATIENCE).await?;
    list(&client).await?;
    for (reference, subject) in [
        ("P-0", json!({"type": "declaration", "id": all[0].id(at)})),
        ("visit", json!({"type": "person", "id": PERSON})),
    ] {
        let order = json!({
            "reference": reference, "office": "118", "method": "physical", "subject": subject,
            "reason": format!("a call about {NAME}, {PERSON}"), "openedAt": at,
        });
        client.order_control(&order).await?;
    }
    system.settled(PATIENCE).await?;
    let own: Vec<DeclarationId> = all[..3].iter().map(|declaration| declaration.id(at)).collect();
    examine(&client, at, &own).await?;
    system.settled(PATIENCE).await?;
    let folder = system.data();
    // The queue's file belongs to the running process alone.
    let mut shared = databases(&folder)?;
    shared.retain(|file| file.file_stem().is_none_or(|name| name != "queue"));
    let before = search(&shared).await?;
    for place in [
        "declarations.db declaration_version.body",
        "scoring.db selection.consignment",
        "controls.db results.content",
        "controls.db controls.record",
        "features.db fact.body",
        "features.db lodged.text",
        "features.db quality_part.body",
        "models.db list_version.entries",
    ] {
        ensure!(before.iter().any(|found| found == place), "the person never was in {place}: {before:#?}");
    }

    // Who may not, may not; who asks twice has it done once.
    let refused = system.client(&["auditor", "supervisor"])?.erase(PERSON).await;
    ensure!(refused.is_err_and(|error| error.status() == Some(403)), "anybody may erase");
    let url = system.url().to_owned();
    let erase = ["erase", "--person", PERSON, "--to", &url];
    let (done, told) = system.verb(&erase)?;
    ensure!(done && told.contains("taken out of 3 declarations"), "{told}");
    let (done, told) = system.verb(&erase)?;
    ensure!(done && told.contains("taken out of 0 declarations"), "{told}");
    system.settled(PATIENCE).await?;

    let (done, told) = system.verb(&["decisions", "verify", "--to", &url, "--json"])?;
    let told: Value = serde_json::from_str(told.trim()).with_context(|| told.clone())?;
    ensure!(done && told["different"] == 0 && told["unknown"] == 0, "{told}");
    ensure!(told["erased"] == 2 && told["equal"] == 2, "two draws hashed the person: {told}");
    let asked = client.audit("aforo-erase", "erasures_create").await?;
    ensure!(asked["items"].as_array().is_some_and(|records| records.len() == 2), "{asked}");
    let again = client.lodge(&all[2], false).await;
    ensure!(again.is_err_and(|error| error.status() == Some(409)), "the declarant's declaration is lodged anew");
    ensure!(client.lodge(&all[0], false).await?.id == all[0].id(at), "a trader's declaration is no longer known");

    system.kill();
    forget_messages(&folder).await?;
    let places = search(&databases(&folder)?).await?;
    ensure!(places.is_empty(), "the person is still in {places:#?}");

    // The online features of the person begin anew.
    system.restart().await?;
    let client = system.client(&roles)?;
    let next = declaration().with_reference("N-1").with_trader(PERSON).with_accepted_at(at);
    let id = client.lodge(&next, false).await?.id;
    let seen = until("it is decided", PATIENCE, async || examined(&client, id).await).await?;
    ensure!(seen == 0.0, "the person was examined {seen} times");
    let (intact, told) = system.verb(&["audit", "verify"])?;
    ensure!(intact, "{told}");
    Ok(())
}

/// What relays do after three days, and the queue's file with its next block of finished messages.
async fn forget_messages(folder: &Path) -> anyhow::Result<()> {
    for file in databases(folder)? {
        let db = Database::connect(format!("sqlite:{}", file.display())).await?;
        for table in tables(&db).await?.iter().filter(|table| ["outbox", "log"].contains(&table.as_str())) {
            db.execute_unprepared(&format!("DELETE FROM {table}")).await?;
        }
        db.close().await?;
    }
    Ok(())
}

/// Everything in which the person stands: tables with the column.
async fn search(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let token = Token::of(PERSON).0;
    let texts = [PERSON.to_owned(), NAME.to_lowercase(), CONTACT.to_owned(), token.to_string()];
    let mut places = Vec::new();
    for file in files {
        let db = Database::connect(format!("sqlite:{}?mode=ro", file.display())).await?;
        for table in tables(&db).await? {
            let columns = columns(&db, &table).await?;
            for row in rows(&db, &format!("SELECT * FROM \"{table}\"")).await? {
                for column in &columns {
                    let bytes = bytes(&row, column);
                    let unpacked = lz4_flex::block::decompress_size_prepended(&bytes).unwrap_or_default();
                    let stands = |bytes: &[u8]| {
                        let text = String::from_utf8_lossy(bytes).to_lowercase();
                        texts.iter().any(|known| text.contains(known.as_str()))
                            || bytes.windows(8).any(|eight| eight == token.to_le_bytes())
                    };
                    let place = format!("{} {table}.{column}", file.file_name().unwrap_or_default().display());
                    if (stands(&bytes) || stands(&unpacked)) && !places.contains(&place) {
                        places.push(place);
                    }
                }
            }
        }
        db.close().await?;
    }
    Ok(places)
}

fn databases(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "db")).collect())
}

async fn rows(db: &impl ConnectionTrait, sql: &str) -> anyhow::Result<Vec<QueryResult>> {
    Ok(db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?)
}

async fn tables(db: &impl ConnectionTrait) -> anyhow::Result<Vec<String>> {
    let found = rows(db, "SELECT name FROM sqlite_master WHERE type = 'table'").await?;
    found.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

async fn columns(db: &impl ConnectionTrait, table: &str) -> anyhow::Result<Vec<String>> {
    let found = rows(db, &format!("SELECT name FROM pragma_table_info('{table}')")).await?;
    found.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// A value, whatever it is; nothing of a number.
fn bytes(row: &QueryResult, column: &str) -> Vec<u8> {
    let text = row.try_get::<Option<String>>("", column).ok().flatten().map(String::into_bytes);
    text.or_else(|| row.try_get::<Option<Vec<u8>>>("", column).ok().flatten()).unwrap_or_default()
}
