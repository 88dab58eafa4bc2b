//! A PostgreSQL and a Redis of this machine's packages, on loopback and for a while: for faults that kill them, and for
//! drills that restore them. Makes their folders and the commands that serve; whoever starts a command owns its process.
//! Never touches a server that is there already.

pub mod postgres;
pub mod redis;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

pub use postgres::Postgres;
pub use redis::Redis;

/// What keeps a server from being made.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The package is not there.
    #[error("{0} is not installed here")]
    NotInstalled(&'static str),
    /// A program that makes or asks it does not start.
    #[error("{program} does not start")]
    Program {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program that makes it failed.
    #[error("{program} failed: {told}")]
    Failed {
        /// The program.
        program: String,
        /// What it wrote.
        told: String,
    },
    /// A folder of it cannot be made or given to its user.
    #[error("the folder {} cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody is there to run it: it refuses to be run by root.
    #[error("there is no user {0} on this machine to run it as")]
    User(&'static str),
    /// No port is free.
    #[error("no port of this machine is free")]
    Port(#[source] io::Error),
}

/// A port of this machine that nobody uses.
fn free_port() -> Result<u16, ServerError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ServerError::Port)?;
    Ok(listener.local_addr().map_err(ServerError::Port)?.port())
}
