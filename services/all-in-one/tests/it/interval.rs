//! The interval of the green non-compliance rate, against the truth that only the simulator knows.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::support::{report, run, world_file};

/// Small worlds that are lived through.
const SEEDS: u64 = 40;
/// At least so many of their 95 % intervals must hold the truth. A correct interval holds fewer than 31 of 40 once in
/// 48,000 times, so that a change that only draws others does not fail here; 36 would fail one change in twenty. What
/// forty worlds cannot tell, an interval that holds the truth a little too seldom, is told by `remainder`'s own tests
/// and by those of the report, over thousands of draws: here the whole way from the draw to the report is walked, and a
/// weight, a channel or a result that is taken for another shows in most of the worlds.
const COVERED: usize = 31;
/// On average over the worlds, the estimate is at most so many standard errors from the truth: once in 15,000 times it is
/// more by chance.
const DEVIATIONS: f64 = 4.0;
/// At most so much wider than Clopper–Pearson on a plain sample that says as much of the released.
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
    let (mut covered, mut by_third, mut errors) = (0, 0, Vec::new());
    for report in &reports {
        let green = &report["greenNonCompliance"];
        let figure = |name: &str| green[name].as_f64().unwrap_or_else(|| panic!("no {name} in {green}"));
        let (estimate, lower, upper, truth, n) =
            (figure("estimate"), figure("lower"), figure("upper"), figure("truth"), figure("n"));
        covered += usize::from((lower..=upper).contains(&truth));
        let narrow = |end: f64| estimate + (end - estimate) / 3.0;
        by_third += usize::from((narrow(lower)..=narrow(upper)).contains(&truth));
        errors.push(estimate - truth);
        // Of those that might have been released, n were drawn and the others left.
        let left = report["channels"]["green"].as_f64().unwrap();
        let n = n * left / (n + left);
        let exact = evidence::clopper_pearson(estimate * n, n, 0.95);
        let width = (upper - lower) / (exact.high - exact.low);
        assert!(width <= WIDTH, "seed {}: {width:.2} times as wide as Clopper–Pearson: {green}", report["seed"]);
    }
    assert!(covered >= COVERED, "{covered} of {SEEDS} intervals hold the truth");
    // Otherwise these worlds could not tell a good interval from a bad one.
    assert!(by_third < COVERED, "of {SEEDS} intervals, {by_third} would hold the truth at a third of their width");
    let worlds = errors.len() as f64;
    let bias = errors.iter().sum::<f64>() / worlds;
    let deviation = (errors.iter().map(|error| (error - bias).powi(2)).sum::<f64>() / (worlds - 1.0)).sqrt();
    assert!(bias.abs() <= DEVIATIONS * deviation / worlds.sqrt(), "on average {bias} from the truth");
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
