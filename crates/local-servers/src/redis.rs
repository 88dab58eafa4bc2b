//! A Redis that writes a file every second: what it has not written when it is killed is lost.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{ServerError, free_port};

/// The program, as distributions install it.
const PROGRAM: &str = "redis-server";

/// Where it is, and where it keeps its file.
#[derive(Clone, Debug)]
pub struct Redis {
    folder: PathBuf,
    port: u16,
}

impl Redis {
    /// A place for it: a free port, and a folder that is made.
    pub fn create(folder: &Path) -> Result<Self, ServerError> {
        let there = Command::new(PROGRAM).arg("--version").output().is_ok_and(|output| output.status.success());
        if !there {
            return Err(ServerError::NotInstalled(PROGRAM));
        }
        std::fs::create_dir_all(folder).map_err(|source| ServerError::Folder { path: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), port: free_port()? })
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// What serves, until it is ended.
    pub fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", "", "--appendonly", "yes"]);
        command.args(["--appendfsync", "everysec", "--dir"]).arg(&self.folder);
        command
    }
}
