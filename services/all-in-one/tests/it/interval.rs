//! The interval of the green non-compliance rate, against the truth that only the simulator knows.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::support::{report, run, world_file};

/// Small worlds that are lived through.
const SEEDS: u64 = 40;
/// At least so many of their 95 % intervals must hold the truth.
const COVERED: usize = 36;
/// At most so much wider than Clopper–Pearson on the same stratum.
const WIDTH: f64 = 1.3;

/// A world in which a week tells enough: more offences, and a stratum that takes half of a large capacity. Most of what
/// a demo costs is its days, so that forty of these take three minutes of processor time without optimisation.
const WORLD: &str = "declarations = 700\noffices = 3\ndays = 6\noffence_rate = 0.08\nphysical_share = 0.4\n\
    random_share_of_physical = 0.5\n";

#[test]
fn the_interval_covers_the_truth_in_small_worlds_and_is_not_much_wider_than_it_must_be() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_file(folder.path(), WORLD);
    let next = AtomicU64::new(1);
    let reports: Vec<Value> = std::thread::scope(|scope| {
        let lives = || {
            let mut lived = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed > SEEDS {
                    return lived;
                }
                lived.push(live(folder.path(), &world, seed));
            }
        };
        let workers = [scope.spawn(lives), scope.spawn(lives)];
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let (mut covered, mut by_half) = (0, 0);
    for report in &reports {
        let green = &report["greenNonCompliance"];
        let figure = |name: &str| green[name].as_f64().unwrap_or_else(|| panic!("no {name} in {green}"));
        let (estimate, lower, upper, truth, n) =
            (figure("estimate"), figure("lower"), figure("upper"), figure("truth"), figure("n"));
        covered += usize::from((lower..=upper).contains(&truth));
        by_half += usize::from((f64::midpoint(lower, estimate)..=f64::midpoint(estimate, upper)).contains(&truth));
        let exact = evidence::clopper_pearson((estimate * n).round(), n, 0.95);
        let width = (upper - lower) / (exact.high - exact.low);
        assert!(width <= WIDTH, "seed {}: {width:.2} times as wide as Clopper–Pearson: {green}", report["seed"]);
    }
    assert!(covered >= COVERED, "{covered} of {SEEDS} intervals hold the truth");
    // Otherwise these worlds could not tell a good interval from a bad one.
    assert!(by_half < COVERED, "of {SEEDS} intervals, {by_half} would hold the truth at half their width");
}

fn live(folder: &Path, world: &str, seed: u64) -> Value {
    let page = folder.join(format!("{seed}.html"));
    let seed = seed.to_string();
    report(&run(&[
        "demo",
        "--world",
        world,
        "--seed",
        &seed,
        "--quiet",
        "--json",
        "--report",
        page.to_str().expect("temporary folders have names in UTF-8"),
    ]))
}
