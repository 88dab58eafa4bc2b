//! The definitions of custom resources, as `rollout-operator crds` prints them: one template each in `charts/aforo-crds`,
//! marked to stay when that is uninstalled, and all in `k8s/crds.yaml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::run::{cargo, output};

/// Where the templates are.
const TEMPLATES: &str = "charts/aforo-crds/templates";
/// What the printed definitions begin their metadata with.
const METADATA: &str = "\nmetadata:\n";
/// Says to helm that they stay.
const KEEP: &str = "  annotations:\n    helm.sh/resource-policy: keep\n";

/// The files by their path in the repository.
pub fn files() -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "rollout-operator", "--", "crds"]);
    let printed = output(&mut command).context("the operator does not print its definitions")?;
    let mut files = BTreeMap::new();
    for definition in printed.split("---\n").filter(|text| !text.trim().is_empty()) {
        let (name, text) = template(definition)?;
        files.insert(PathBuf::from(TEMPLATES).join(format!("{name}.yaml")), text);
    }
    let note = "# Printed by `rollout-operator crds`, written by `cargo xtask generate`.\n";
    files.insert(PathBuf::from("k8s/crds.yaml"), format!("{note}{printed}"));
    Ok(files)
}

/// The template of a definition, and the plural name that it goes by.
fn template(definition: &str) -> anyhow::Result<(String, String)> {
    let (before, after) = definition.split_once(METADATA).context("a definition has metadata")?;
    let name = after.lines().find_map(|line| line.trim().strip_prefix("name: ")).context("a definition has a name")?;
    let (plural, _) = name.split_once('.').context("its name has a group")?;
    // Helm would read what stands in double braces.
    ensure!(!definition.contains("{{"), "{name} speaks in double braces");
    Ok((plural.to_owned(), format!("{before}{METADATA}{KEEP}{after}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn a_definition_is_marked_to_stay_and_goes_by_its_plural() {
        let printed = "apiVersion: v1\nkind: X\nmetadata:\n  name: ports.aforo.io\nspec: {}\n";
        let (name, text) = template(printed).unwrap();
        assert_eq!(name, "ports");
        assert!(
            text.contains("metadata:\n  annotations:\n    helm.sh/resource-policy: keep\n  name: ports.aforo.io\n"),
            "{text}"
        );
        assert!(template(&printed.replace("{}", "{{ x }}")).is_err());
    }

    #[test]
    fn definitions_are_what_the_operator_prints() {
        for (path, text) in files().unwrap() {
            let written = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
            assert!(written == text, "{} is stale: cargo xtask generate", path.display());
        }
    }
}
