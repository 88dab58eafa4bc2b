//! What every bench needs: processor time per operation as a median of repeats, and one way to print the outcome.
//!
//! A bench is a `harness = false` target of the crate that it measures, started by `cargo xtask bench NAME`. Time is the
//! processor time of this process, all its threads, so that a busy machine changes the figures little; peers are
//! measured in the same run, alternating with ours. No bar is checked here: a figure is reported as it was seen.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};

/// Processor time of this process so far, all threads.
pub fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), spent.tv_nsec.unsigned_abs() as u32)
}

/// Processor seconds that `work` takes, with what it returns.
pub fn cpu_seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = cpu_time();
    let made = work();
    (cpu_time().saturating_sub(before).as_secs_f64(), made)
}

/// Something to measure: `operations` calls in one go.
pub struct Subject<'a> {
    operations: u64,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Subject<'a> {
    /// `run` does `operations` operations; what it returns is kept from the optimiser.
    pub fn new<T>(operations: u64, mut run: impl FnMut() -> T + 'a) -> Self {
        Self {
            operations,
            run: Box::new(move || {
                black_box(run());
            }),
        }
    }

    fn micros(&mut self) -> f64 {
        let (seconds, ()) = cpu_seconds(|| (self.run)());
        seconds * 1e6 / self.operations as f64
    }
}

/// Median processor microseconds per operation over `repeats` rounds, after one unmeasured round.
pub fn measure(repeats: usize, mut subject: Subject<'_>) -> f64 {
    subject.micros();
    median((0..repeats).map(|_| subject.micros()).collect())
}

/// As [`measure`], for ours and a peer in turns, so that both see the same machine.
pub fn against(repeats: usize, mut ours: Subject<'_>, mut peer: Subject<'_>) -> (f64, f64) {
    ours.micros();
    peer.micros();
    let (ours, peer) = (0..repeats).map(|_| (ours.micros(), peer.micros())).unzip();
    (median(ours), median(peer))
}

/// The middle of `values`; NaN for none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

/// What a bench found, by name, with the machine it ran on.
pub struct Report {
    name: &'static str,
    json: bool,
    figures: Map<String, Value>,
}

impl Report {
    /// Of the bench `name`; `--json` among the arguments of the process asks for JSON.
    pub fn of(name: &'static str) -> Self {
        Self { name, json: std::env::args().any(|argument| argument == "--json"), figures: Map::new() }
    }

    /// Tells on standard error what is being done, so that a long bench is not silent.
    pub fn progress(&self, what: &str) {
        eprintln!("{}: {what}", self.name);
    }

    /// Adds a figure.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.figures.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the three that every comparison has: ours, the peer's, and how many times the peer's is ours.
    pub fn compared(&mut self, ours: f64, peer: f64) -> &mut Self {
        self.figure("cpuMicrosPerOp", ours).figure("peerMicrosPerOp", peer).figure("ratio", peer / ours)
    }

    /// Prints it: one JSON object, or a line for each figure.
    #[expect(clippy::print_stdout, reason = "printing is what it is for")]
    pub fn print(self) {
        let machine = machine();
        if self.json {
            let mut object = Map::from_iter([("bench".to_owned(), json!(self.name))]);
            object.extend(self.figures);
            object.insert("machine".to_owned(), json!(machine));
            println!("{}", Value::Object(object));
            return;
        }
        println!("{} on {machine}", self.name);
        let widest = self.figures.keys().map(String::len).max().unwrap_or(0);
        for (name, value) in &self.figures {
            println!("  {name:widest$}  {}", readable(value));
        }
    }
}

fn readable(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if number.fract() != 0.0 => format!("{number:.4}"),
        _ => value.to_string(),
    }
}

/// The folder of public data sets for benches: `AFORO_BENCH_DATA`, or `../shared/data` beside the project.
pub fn data_folder() -> Option<PathBuf> {
    let named = std::env::var_os("AFORO_BENCH_DATA").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    Some(named.unwrap_or_else(beside)).filter(|folder| folder.is_dir())
}

/// The processor and the number of cores, where the operating system tells.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, name)| name.trim());
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_processor_time_and_waiting_does_not() {
        let (waited, ()) = cpu_seconds(|| std::thread::sleep(Duration::from_millis(50)));
        let (worked, sum) = cpu_seconds(|| (0..20_000_000_u64).fold(0_u64, |sum, n| black_box(sum ^ n)));
        assert!(worked > waited, "{worked} {waited} {sum}");
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
