//! The demo's journal: what the system answered, tick by tick.
//!
//! The simulated world is a pure function of its seed and these answers, so a killed demo rebuilds it by replaying the
//! journal, and goes on with the tick whose answers are not in it yet. One JSON line per tick, synced before the next
//! tick begins; a torn last line is a tick that did not end.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The first line: what the journal belongs to.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Header {
    /// Digest of the world's specification.
    world: String,
}

/// An append-only file of ticks of type `T`.
pub struct Journal<T> {
    file: File,
    kind: std::marker::PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Journal<T> {
    /// Opens the journal of the world with digest `world` and returns its complete ticks.
    ///
    /// A journal of another world is refused: its data folder holds other declarations.
    pub fn open(path: &Path, world: &str) -> anyhow::Result<(Self, Vec<T>)> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .with_context(|| format!("cannot open the demo's journal {}", path.display()))?;
        let (lines, good_bytes) = complete_lines(&file)?;
        // A torn line would run into the next one.
        file.set_len(good_bytes)?;
        file.seek(SeekFrom::End(0))?;
        let mut journal = Self { file, kind: std::marker::PhantomData };
        let Some((first, ticks)) = lines.split_first() else {
            journal.write(&Header { world: world.to_owned() })?;
            return Ok((journal, Vec::new()));
        };
        let header: Header = serde_json::from_str(first).context("the demo's journal has no readable first line")?;
        ensure!(
            header.world == world,
            "{} belongs to a demo with other options; use the same options to resume it, or another --data folder",
            path.display()
        );
        let ticks = ticks
            .iter()
            .enumerate()
            .map(|(at, line)| serde_json::from_str(line).with_context(|| format!("journal line {} is damaged", at + 2)))
            .collect::<anyhow::Result<_>>()?;
        Ok((journal, ticks))
    }

    /// Adds a tick and waits until it is on disk.
    pub fn append(&mut self, tick: &T) -> anyhow::Result<()> {
        self.write(tick)
    }

    fn write(&mut self, line: &impl Serialize) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)?;
        self.file.sync_data()?;
        Ok(())
    }
}

/// The lines that end in a line feed, and how many bytes they take.
fn complete_lines(file: &File) -> anyhow::Result<(Vec<String>, u64)> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0))?;
    let (mut lines, mut bytes) = (Vec::new(), 0_u64);
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line)?;
        if read == 0 || !line.ends_with('\n') {
            return Ok((lines, bytes));
        }
        bytes += read as u64;
        line.pop();
        lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_a_tick_that_did_not_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, ticks) = Journal::<u32>::open(&path, "w").unwrap();
        assert!(ticks.is_empty());
        journal.append(&1).unwrap();
        journal.append(&2).unwrap();
        drop(journal);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"3").unwrap();
        let (mut journal, ticks) = Journal::<u32>::open(&path, "w").unwrap();
        assert_eq!(ticks, [1, 2]);
        journal.append(&4).unwrap();
        drop(journal);
        assert_eq!(Journal::<u32>::open(&path, "w").unwrap().1, [1, 2, 4]);
    }

    #[test]
    fn a_journal_of_another_world_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        Journal::<u32>::open(&path, "w").unwrap();
        let refusal = Journal::<u32>::open(&path, "other").err().unwrap();
        assert!(refusal.to_string().contains("other options"), "{refusal}");
    }
}
