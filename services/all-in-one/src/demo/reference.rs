//! The reference data of a simulated world, as the files that an administration would publish.
//!
//! Written before the services start, because they read it then. The same world writes the same files; each is put in
//! place whole, so that a demo killed meanwhile leaves none that is torn.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use trade_simulator::World;

/// Writes tariff and offices of `world` into `folder`.
pub fn write(world: &World, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    put(folder, "tariff.csv", "code", world.subheadings())?;
    put(folder, "offices.csv", "code", world.offices().into_iter().map(|office| office.code.to_string()))
}

fn put(folder: &Path, name: &str, header: &str, records: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
    let path = folder.join(name);
    let mut text = format!("{header}\n");
    for record in records {
        text.push_str(&record);
        text.push('\n');
    }
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.persist(&path).map(drop).map_err(Into::into)
    });
    written.with_context(|| format!("cannot write {}", path.display()))
}
