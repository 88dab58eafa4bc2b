//! Packs the images: the binaries are built once on this machine, and go into the `Dockerfile`'s last stages with
//! whatever tool is here. Refuses a machine whose C library is newer than the base image's: what it links does not start
//! there.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::run::{cargo, output, root, run};

/// The C library of the base image, Debian 12.
const BASE_GLIBC: (u32, u32) = (2, 36);
/// Tools that pack, in the order in which they are looked for, with what comes before the arguments of a build.
const TOOLS: [(&str, &[&str]); 3] =
    [("docker", &["build"]), ("podman", &["build"]), ("buildah", &["bud", "--layers=false"])];
/// Every image: its name, and the package that has a binary of that name.
const IMAGES: &[(&str, &str)] = &[("aforo", "all-in-one"), ("rollout-operator", "rollout-operator")];

/// How images are packed.
#[derive(clap::Args)]
pub struct Images {
    /// Where images go: `REGISTRY/NAME` without the last part
    #[arg(long, default_value_t = Self::default().registry)]
    pub registry: String,
    /// Tag [default: the version]
    #[arg(long)]
    pub tag: Option<String>,
    /// The base image
    #[arg(long, default_value_t = Self::default().base)]
    pub base: String,
    /// Profile of the build
    #[arg(long, default_value_t = Self::default().profile)]
    pub profile: String,
}

impl Default for Images {
    fn default() -> Self {
        Self {
            registry: "localhost".to_owned(),
            tag: None,
            base: "gcr.io/distroless/cc-debian12:nonroot".to_owned(),
            profile: "image".to_owned(),
        }
    }
}

/// Builds the binaries and packs the images; returns their names.
pub fn pack(options: &Images) -> anyhow::Result<Vec<String>> {
    let host = host_glibc()?;
    ensure!(
        host <= BASE_GLIBC,
        "this machine has glibc {}.{}, the base image has {}.{}: binaries that are linked here would not start there. \
         Build from source instead: docker build --target aforo .",
        host.0,
        host.1,
        BASE_GLIBC.0,
        BASE_GLIBC.1
    );
    let (tool, build) = tool()?;
    let binaries = build_binaries(&options.profile)?;
    let context = BuildContext::new(&binaries)?;
    let version = env!("CARGO_PKG_VERSION");
    let revision = output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root()));
    let revision = revision.unwrap_or_else(|_| "unknown".to_owned());
    let tag = options.tag.as_deref().unwrap_or(version);
    let mut names = Vec::new();
    for (image, _) in IMAGES {
        let name = format!("{}/{image}:{tag}", options.registry.trim_end_matches('/'));
        let mut command = Command::new(tool);
        command.args(build).arg("--file").arg(root().join("Dockerfile"));
        for argument in [
            "BINARIES=host".to_owned(),
            format!("BASE={}", options.base),
            format!("VERSION={version}"),
            format!("REVISION={}", revision.trim()),
        ] {
            command.args(["--build-arg", &argument]);
        }
        run(command.args(["--target", image, "--tag", &name]).arg(context.path()))?;
        names.push(name);
    }
    Ok(names)
}

/// The C library of this machine.
fn host_glibc() -> anyhow::Result<(u32, u32)> {
    let told = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .context("this machine does not tell its glibc; build from source instead: docker build --target aforo .")?;
    version(&told).with_context(|| format!("{told:?} is no version of glibc"))
}

/// The version in `glibc 2.36`.
fn version(told: &str) -> Option<(u32, u32)> {
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The tool that packs here: one that is installed and answers (a docker without its daemon does not).
fn tool() -> anyhow::Result<(&'static str, &'static [&'static str])> {
    let answers = |name: &str| output(Command::new(name).arg("info")).is_ok();
    TOOLS.into_iter().find(|(name, _)| answers(name)).with_context(|| {
        let names: Vec<_> = TOOLS.iter().map(|(name, _)| *name).collect();
        format!("images need one of {} that answers to `info`", names.join(", "))
    })
}

fn build_binaries(profile: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut command = cargo();
    command.args(["build", "--locked", "--profile", profile]);
    for (image, package) in IMAGES {
        command.args(["--package", package, "--bin", image]);
    }
    run(&mut command)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = target.join(if profile == "dev" { "debug" } else { profile });
    let built: Vec<_> = IMAGES.iter().map(|(image, _)| folder.join(image)).collect();
    match built.iter().find(|path| !path.is_file()) {
        Some(missing) => bail!("the build did not make {}", missing.display()),
        None => Ok(built),
    }
}

/// A build context with the binaries in `out/`, removed when dropped.
struct BuildContext(PathBuf);

impl BuildContext {
    fn new(binaries: &[PathBuf]) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("aforo-images-{}", std::process::id()));
        let context = Self(folder);
        let out = context.0.join("out");
        std::fs::create_dir_all(out.join("data")).with_context(|| format!("cannot make {}", out.display()))?;
        for binary in binaries {
            let name = binary.file_name().context("a binary has a name")?;
            run(Command::new("strip").arg("-o").arg(out.join(name)).arg(binary))?;
        }
        Ok(context)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for BuildContext {
    fn drop(&mut self) {
        // A temporary folder that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_glibc_is_known_by_its_number_and_not_its_text() {
        assert_eq!(version("glibc 2.36\n"), Some((2, 36)));
        assert!(version("glibc 2.9") < Some(BASE_GLIBC) && version("glibc 2.41") > Some(BASE_GLIBC));
        assert_eq!(version("musl"), None);
    }

    #[test]
    fn every_image_is_a_stage_of_the_dockerfile_that_runs_without_rights() {
        let dockerfile = std::fs::read_to_string(root().join("Dockerfile")).unwrap();
        for (image, package) in IMAGES {
            let stage =
                dockerfile.split_once(&format!(" AS {image}\n")).unwrap_or_else(|| panic!("no stage {image}")).1;
            let stage = stage.split("\nFROM ").next().unwrap();
            for needed in ["USER 65532:65532", "org.opencontainers.image.version", "org.opencontainers.image.revision"]
            {
                assert!(stage.contains(needed), "{image} lacks {needed}");
            }
            assert!(dockerfile.contains(&format!("--package {package} --bin {image}")), "{image} is not built");
        }
    }
}
