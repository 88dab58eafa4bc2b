//! Writes what is committed and made from something else: the contracts, by asking the binary for them, and the plain
//! manifests, by asking the operator for its definitions and rendering the charts.

use anyhow::ensure;

use crate::run::{cargo, run};
use crate::{charts, crds};

/// Contracts, then manifests; or these alone.
pub fn generate(manifests_alone: bool) -> anyhow::Result<()> {
    if !manifests_alone {
        run(cargo().args(["run", "--quiet", "--bin", "aforo", "--", "openapi", "--write", "openapi"]))?;
    }
    ensure!(charts::has_helm(), "k8s/ is rendered with helm, which is not installed");
    charts::write(crds::files()?)?;
    charts::write(charts::manifests()?)
}
