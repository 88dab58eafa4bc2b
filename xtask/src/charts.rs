//! Renders the charts: the plain manifests of `k8s/`, for those without helm, and the test renderings of each mode.
//! Nothing in `k8s/` is edited by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::run::{output, root};

/// The release that plain manifests are of.
const RELEASE: &str = "aforo";
/// Where a hook begins: plain manifests have none.
const HOOK: &str = "helm.sh/hook:";

/// What is rendered into `k8s/`: the file, the chart, and the values that are set.
const MANIFESTS: &[(&str, &str, &[&str])] = &[
    ("aforo-demo.yaml", "aforo", &["demo.enabled=true"]),
    (
        "aforo.yaml",
        "aforo",
        &[
            "database.host=postgresql.example",
            "database.existingSecret=aforo-database",
            "redis.host=redis.example",
            "redis.existingSecret=aforo-redis",
            "keys.existingSecret=aforo-keys",
        ],
    ),
];

/// Whether helm is there; without it nothing can be rendered.
pub fn has_helm() -> bool {
    output(Command::new("helm").arg("version")).is_ok()
}

/// What `helm template` makes of `chart` with `values` (`a.b=c`).
pub fn render(chart: &str, values: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new("helm");
    command.args(["template", RELEASE]).arg(root().join("charts").join(chart)).args(["--namespace", "aforo"]);
    for value in values {
        command.args(["--set", value]);
    }
    output(&mut command)
}

/// The plain manifests by their path in the repository.
pub fn manifests() -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    for (file, chart, values) in MANIFESTS {
        let text = render(chart, values).with_context(|| format!("k8s/{file}"))?;
        files.insert(PathBuf::from("k8s").join(file), plain(&text));
    }
    Ok(files)
}

/// The documents that are no hooks, without what speaks of helm.
fn plain(rendered: &str) -> String {
    let mut text = String::from("# Rendered by `cargo xtask generate` from charts/aforo; not edited by hand.\n");
    for document in rendered.split("\n---\n").map(|document| document.trim_start_matches("---\n")) {
        let lines = document.lines().filter(|line| {
            let line = line.trim_start();
            !line.starts_with("# Source:") && !line.starts_with("helm.sh/chart:") && !line.is_empty()
        });
        let document = lines.map(|line| line.replace("managed-by: Helm", "managed-by: kubectl")).collect::<Vec<_>>();
        if document.iter().any(|line| line.trim_start().starts_with(HOOK))
            || document.iter().all(|line| line.starts_with('#'))
        {
            continue;
        }
        text.push_str("---\n");
        for line in document {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Writes generated files.
pub fn write(files: BTreeMap<PathBuf, String>) -> anyhow::Result<()> {
    for (path, text) in files {
        let path = root().join(path);
        let folder = path.parent().context("a file is in a folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
