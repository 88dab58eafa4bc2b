//! What serving costs with every service in a process of its own, on the PostgreSQL and the Redis that
//! `AFORO_TEST_POSTGRES_URL` and `AFORO_TEST_REDIS_URL` name: processor time of every process concerned, both servers
//! included, the generator of the load not. The servers must run on this machine and serve nobody else meanwhile.
//!
//! Each bench makes a database of its own beside the one that is named, and keys of its own, and removes them.

mod aggregates;
mod cpu;
mod growth;
mod installation;
mod load;
mod naive;
mod path;
mod receipt;
mod score_now;
mod tables;

use anyhow::bail;

const NAMES: &str = "path, receipt, score-now, aggregates, growth";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["path"] => path::run().await,
        ["receipt"] => receipt::run().await,
        ["score-now"] => score_now::run().await,
        ["aggregates"] => aggregates::run().await,
        ["growth"] => growth::run().await,
        // The peer, started by the bench itself.
        [naive::SERVE, postgres, redis] => naive::serve(postgres, redis).await,
        _ => bail!("name one bench: {NAMES}"),
    }
}
