//! The arrows between crates: services → crates, and nothing that waits or stores below the pure ones.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::run::cargo;

/// Crates without runtime, database, web or clock.
const PURE: [&str; 12] = [
    "customs",
    "declaration-formats",
    "events",
    "evidence",
    "explanation",
    "features",
    "offline",
    "risk-filters",
    "risk-model",
    "rollout",
    "selection",
    "trade-simulator",
];
/// What a pure crate may not use.
const IMPURE: [&str; 8] = ["kube", "tokio", "actix-web", "sea-orm", "sqlx", "reqwest", "async-trait", "tracing"];
/// Libraries that are services; only the binary puts them together.
const SERVICES: [&str; 6] = [
    "controls-tracking",
    "declaration-intake",
    "feature-store",
    "model-management",
    "performance-monitoring",
    "scoring",
];

pub fn run() -> anyhow::Result<()> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo metadata failed");
    let broken = violations(&serde_json::from_slice(&output.stdout)?);
    if broken.is_empty() {
        return Ok(());
    }
    bail!("layers are broken:\n  {}", broken.join("\n  "))
}

fn violations(metadata: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for (package, dependencies) in dependencies(metadata) {
        if PURE.contains(&package.as_str()) {
            for name in IMPURE.iter().filter(|name| dependencies.contains(**name)) {
                broken.push(format!("{package} is pure and uses {name}"));
            }
        }
        if SERVICES.contains(&package.as_str()) {
            for name in SERVICES.iter().filter(|name| dependencies.contains(**name)) {
                broken.push(format!("service {package} depends on service {name}"));
            }
        }
        if package != "rollout-operator" && dependencies.contains("kube") {
            broken.push(format!("{package} uses kube, which is the operator's alone"));
        }
        if package != "aforo" && package != "all-in-one" && dependencies.contains("trade-simulator") {
            broken.push(format!("{package} knows the simulator, and with it the truth"));
        }
    }
    broken
}

/// Direct dependencies that are compiled into the package, by package.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages
        .iter()
        .map(|package| {
            let direct = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
            let names = direct.iter().filter(|one| one["kind"].is_null()).map(|one| text(&one["name"])).collect();
            (text(&package["name"]), names)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pure_crate_with_a_runtime_and_a_service_on_a_service_are_reported() {
        let metadata = json!({"packages": [
            {"name": "features", "dependencies": [{"name": "tokio", "kind": null}, {"name": "sqlx", "kind": "dev"}]},
            {"name": "scoring", "dependencies": [{"name": "feature-store", "kind": null}]},
            {"name": "queue", "dependencies": [{"name": "tokio", "kind": null}]},
        ]});
        assert_eq!(violations(&metadata).len(), 2);
    }
}
