//! Starting the binary.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The `aforo` binary with `arguments`.
pub fn aforo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aforo"));
    command.args(arguments);
    command
}

/// Runs to the end and returns what it printed.
pub fn run(arguments: &[&str]) -> Output {
    aforo(arguments).output().expect("the binary starts")
}

/// Writes a world file into `folder` and returns its path.
pub fn world_file(folder: &Path, world: &str) -> String {
    let path = folder.join("world.toml");
    std::fs::write(&path, world).expect("the temporary folder is writable");
    path.to_str().expect("temporary paths are text").to_owned()
}

/// The options of a small world whose data is in `folder`.
pub fn small_demo<'a>(folder: &'a Path, seed: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let data = folder.to_str().expect("temporary paths are text");
    let mut arguments = vec![
        "demo",
        "--declarations",
        "900",
        "--offices",
        "4",
        "--days",
        "30",
        "--seed",
        seed,
        "--quiet",
        "--json",
        "--data",
        data,
    ];
    arguments.extend_from_slice(more);
    arguments
}

/// The JSON object of a demo that ran to the end.
pub fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}

/// The report without what depends on the machine and its load.
pub fn without_timing(mut report: Value) -> Value {
    let object = report.as_object_mut().expect("the report is an object");
    for field in ["seconds", "cpuSeconds", "peakMemoryMib", "declarationsPerSecond", "timeToChannelMs"] {
        assert!(object.remove(field).is_some(), "the report has no {field}");
    }
    report
}
