//! One row, 200 trees of 31 leaves, 77 features: ours beside LightGBM's single-row fast call, in turns.
//!
//! The peer is LightGBM's C library, called from Python in a process of its own; what a call from there costs is
//! measured with a call that does nearly nothing, shown, and taken off. Rows change with every call, so that nothing is
//! learned by heart. `exact` is whether every row's margin and probability are LightGBM's to the last bit.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use benchkit::{Report, cpu_seconds, median};
use risk_model::{TrainingSet, import};
use serde_json::{Value, json};

/// What the peer is made of. Pinned, so that figures can be compared.
const PACKAGES: [&str; 4] = ["lightgbm==4.7.0", "xgboost==3.2.0", "numpy==2.2.6", "scipy==1.15.3"];
const ROUNDS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let mut report = Report::of("score");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("score-bench");
    report.progress("making the peer ready (Python packages, two models)");
    let python = python(&folder)?;
    let mut peer = Peer::start(&python, &folder)?;
    let facts: Value = serde_json::from_slice(&fs::read(folder.join("facts.json"))?)?;

    let names: Vec<String> = (0..77).map(|at| format!("feature{at}")).collect();
    let rows: Vec<f32> = numbers(&folder.join("rows.f32"), f32::from_le_bytes)?;
    let rows: Vec<&[f32]> = rows.chunks_exact(names.len()).collect();
    let contract = TrainingSet { contract_hash: "bench".into(), names: names.clone(), ..TrainingSet::default() };
    let text = fs::read_to_string(folder.join("lightgbm.txt"))?;
    let (import_seconds, imported) = cpu_seconds(|| import::lightgbm(&text, &names));
    let model = imported?.into_artefact(&contract, None)?;
    let other =
        import::xgboost(&fs::read_to_string(folder.join("xgboost.json"))?, &names)?.into_artefact(&contract, None)?;

    let theirs: Vec<f64> = numbers(&folder.join("lightgbm.f64"), f64::from_le_bytes)?;
    let same = |ours: &dyn Fn(&[f32]) -> f64, theirs: &[f64]| {
        rows.iter().zip(theirs).filter(|(row, expected)| ours(row).to_bits() == expected.to_bits()).count()
    };
    let margins = same(&|row| model.margin(row), &theirs[..rows.len()]);
    let probabilities = same(&|row| model.score(row), &theirs[rows.len()..]);
    let xgboost: Vec<f64> = numbers(&folder.join("xgboost.f32"), |bytes| f64::from(f32::from_le_bytes(bytes)))?;
    let other_margins = same(&|row| other.margin(row), &xgboost[..rows.len()]);
    let furthest = rows.iter().zip(&xgboost[rows.len()..]).map(|(row, said)| (other.score(row) - said).abs());

    report.progress("measuring, in turns");
    let mut ours = Vec::new();
    let mut margin = Vec::new();
    let mut xgboost_model = Vec::new();
    let mut explained = Vec::new();
    let (mut called, mut idle) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let timed = [
            micros(&rows, |row| model.score(row)),
            micros(&rows, |row| model.margin(row)),
            micros(&rows, |row| other.score(row)),
            micros(&rows[..1024], |row| model.explain(row).0),
        ];
        let (call, nothing) = peer.round()?;
        // The first round warms up.
        if round > 0 {
            ours.push(timed[0]);
            margin.push(timed[1]);
            xgboost_model.push(timed[2]);
            explained.push(timed[3]);
            called.push(call);
            idle.push(nothing);
        }
    }
    let shapley = median((0..5).map(|_| micros(&rows[..64], |row| model.shapley(row).0)).collect());
    peer.stop()?;

    let (called, idle) = (median(called), median(idle));
    report
        .compared(median(ours), called - idle)
        .figure("exact", margins == rows.len() && probabilities == rows.len())
        .figure("rows", rows.len())
        .figure("marginsExact", margins)
        .figure("probabilitiesExact", probabilities)
        .figure("peerCallMicros", called)
        .figure("peerCallOverheadMicros", idle)
        .figure("marginMicros", median(margin))
        .figure("explainMicros", median(explained))
        .figure("shapleyMicros", shapley)
        .figure("importMillis", import_seconds * 1e3)
        .figure("xgboostModelMicros", median(xgboost_model))
        .figure("xgboostMarginsExact", other_margins)
        .figure("xgboostProbabilityMaxDifference", furthest.fold(0.0, f64::max))
        .figure("model", shape(&text))
        .figure("versions", facts);
    report.print();
    Ok(())
}

/// Processor microseconds of `score` over all rows, each once.
fn micros(rows: &[&[f32]], score: impl Fn(&[f32]) -> f64) -> f64 {
    let (seconds, ()) = cpu_seconds(|| {
        for row in rows {
            std::hint::black_box(score(std::hint::black_box(row)));
        }
    });
    seconds * 1e6 / rows.len() as f64
}

/// What the model looks like: trees, leaves, splits by category.
fn shape(text: &str) -> Value {
    let sum =
        |key: &str| -> u64 { text.lines().filter_map(|line| line.strip_prefix(key)?.trim().parse::<u64>().ok()).sum() };
    json!({
        "trees": text.matches("\nTree=").count(), "leaves": sum("num_leaves="), "categoricalSplits": sum("num_cat="),
    })
}

fn numbers<T, const N: usize>(file: &Path, read: impl Fn([u8; N]) -> T) -> Result<Vec<T>, Box<dyn Error>> {
    Ok(fs::read(file)?.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect())
}

/// Python with the peer's packages, in a folder of the build.
fn python(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let environment = folder.join("venv");
    let python = environment.join("bin").join("python");
    let installed = environment.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == PACKAGES.join("\n")) {
        return Ok(python);
    }
    fs::create_dir_all(folder)?;
    let missing = "this bench needs `python3` with its `venv` module and a package index, for LightGBM to compare with";
    let made = Command::new("python3").args(["-m", "venv"]).arg(&environment).status();
    if !made.is_ok_and(|status| status.success()) {
        return Err(missing.into());
    }
    let installing = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES)
        .stdout(Stdio::null())
        .status()?;
    if !installing.success() {
        return Err(format!("pip could not install {}; {missing}", PACKAGES.join(", ")).into());
    }
    fs::write(installed, PACKAGES.join("\n"))?;
    Ok(python)
}

/// The peer's process: a line asks for a round.
struct Peer {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(python: &Path, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peer.py");
        let mut process = Command::new(python)
            .arg(script)
            .arg(folder)
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (ask, answers) = (process.stdin.take(), process.stdout.take());
        let (Some(ask), Some(answers)) = (ask, answers) else { return Err("the peer has no pipes".into()) };
        let mut peer = Self { process, ask, answers: BufReader::new(answers) };
        if peer.line()?.trim() == "ready" { Ok(peer) } else { Err("the peer did not get ready".into()) }
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line)
    }

    /// Processor microseconds of a scoring call, and of a call that does nearly nothing.
    fn round(&mut self) -> Result<(f64, f64), Box<dyn Error>> {
        writeln!(self.ask)?;
        let line = self.line()?;
        let (call, nothing) = line.trim().split_once(' ').ok_or("the peer stopped")?;
        Ok((call.parse()?, nothing.parse()?))
    }

    fn stop(self) -> Result<(), Box<dyn Error>> {
        let Self { mut process, ask, .. } = self;
        drop(ask);
        process.wait()?;
        Ok(())
    }
}
