//! Killing everything at random, Redis and PostgreSQL included, for two minutes.

use std::process::Command;

use e2e_tests::binary;
use serde_json::Value;

#[test]
fn two_minutes_of_faults_lose_nothing_and_repeat_nothing() -> anyhow::Result<()> {
    if !Command::new("redis-server").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: faults: there is no redis-server to start and kill");
        return Ok(());
    }
    let mut command = Command::new(binary::aforo()?);
    command.args(["faults", "--minutes", "2", "--json"]);
    if local_servers::postgres::is_installed() {
        command.arg("--own-postgres");
    } else {
        eprintln!("faults: there is no PostgreSQL to start and kill; tables are in files");
    }
    let output = command.output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}:\n{told}"));
    assert!(output.status.success(), "{outcome:#}\n{told}");
    assert!(outcome["kills"].as_u64() >= Some(5) && outcome["declarations"].as_u64() >= Some(500), "{outcome:#}");
    for figure in ["lost", "twice", "untold", "deadLetters"] {
        assert_eq!(outcome[figure], 0, "{figure}: {outcome:#}\n{told}");
    }
    assert_eq!(outcome["aggregatesEqual"], true);
    Ok(())
}
