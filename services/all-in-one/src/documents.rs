//! `aforo openapi`: the contracts of the services, produced without any state.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use utoipa::openapi::OpenApi;

/// The document of every service, by name.
pub fn services() -> BTreeMap<&'static str, OpenApi> {
    BTreeMap::from([
        ("audit", ::audit::openapi()),
        ("controls-tracking", controls_tracking::openapi()),
        ("declaration-intake", declaration_intake::openapi()),
        ("feature-store", feature_store::openapi()),
        ("model-management", model_management::openapi()),
        ("operations", crate::operations::openapi()),
        ("performance-monitoring", performance_monitoring::openapi()),
        ("scoring", scoring::openapi()),
    ])
}

/// Every committed contract: path below `openapi/`, and text.
pub fn committed() -> BTreeMap<String, String> {
    let documents =
        services().into_iter().map(|(name, document)| (format!("{name}.json"), rest::contract::render(&document)));
    let schemas = events::schema::schemas().into_iter().map(|(name, schema)| {
        (
            format!("events/{name}.json"),
            format!("{}\n", serde_json::to_string_pretty(&schema).expect("schemas are JSON")),
        )
    });
    documents.chain(schemas).collect()
}

/// Prints one document, lists the services, or writes all contracts into a folder.
pub fn print(service: Option<&str>, write: Option<&Path>) -> anyhow::Result<()> {
    if let Some(folder) = write {
        for (name, text) in committed() {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    let services = services();
    match service {
        None => writeln!(out, "{}", services.keys().copied().collect::<Vec<_>>().join("\n"))?,
        Some(name) => {
            let document = services.get(name).with_context(|| {
                format!(
                    "there is no service `{name}`; services are {}",
                    services.keys().copied().collect::<Vec<_>>().join(", ")
                )
            })?;
            write!(out, "{}", rest::contract::render(document))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rest::audit::Weight;

    use super::*;

    #[test]
    fn committed_contracts_are_what_the_code_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
        for (name, text) in committed() {
            let on_disk = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
            assert!(on_disk == text, "openapi/{name} is not what the code says; run `cargo xtask generate`");
        }
    }

    #[test]
    fn whatever_puts_something_in_force_or_looks_at_what_is_kept_apart_leaves_a_record() {
        let mut records: BTreeMap<String, Weight> = BTreeMap::new();
        for document in services().values() {
            records.extend(rest::audit::audited(document).into_iter().map(|(_, _, name, weight)| (name, weight)));
        }
        let expected = [
            (Weight::Act, "filters_create filterversions_create filterapprovals_create filteremergencies_create"),
            (Weight::Act, "lists_create listversions_create listapprovals_create"),
            (Weight::Act, "models_import trainingruns_create capacityplans_replace capacityplans_update"),
            (Weight::Act, "risks_create risks_update risks_close offices_replace"),
            (
                Weight::Act,
                "controls_create controls_link assignments_create history_create clock_advance dead_letters_redrive",
            ),
            (Weight::Act, "webhooks_create webhooks_delete webhooks_replay"),
            (Weight::Look, "lists_read listentries_read listevents_list audit_list"),
            (Weight::Look, "selections_list selection_read verifications_list selectionexplanation_read score_create"),
            (Weight::Look, "trainingsets_export artefacts_read history_list"),
        ];
        for (weight, names) in expected {
            for name in names.split(' ') {
                assert_eq!(records.get(name), Some(&weight), "{name}");
            }
        }
        // What the trade brings is its own record.
        assert!(!records.contains_key("declarations_create") && !records.contains_key("results_create"));
    }

    #[test]
    fn every_document_passes_the_lint() {
        let complaints: Vec<_> = services()
            .into_iter()
            .flat_map(|(name, document)| {
                rest::contract::lint(&document).into_iter().map(move |complaint| format!("{name}: {complaint}"))
            })
            .collect();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}
