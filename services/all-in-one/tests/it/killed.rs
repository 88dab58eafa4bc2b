//! A demo that is killed at any point and started again gives the report of one that was not.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{aforo, report, run, without_timing, world_file};

/// How often a running demo is killed.
const KILLS: usize = 20;
/// Starts after which the demo is too fast to be killed so often.
const STARTS: usize = 80;

/// A world in which models are trained and promoted, and much is found, within six weeks.
const WORLD: &str = "declarations = 1500\noffices = 2\ndays = 42\noffence_rate = 0.2\nphysical_share = 0.4\n\
    random_share_of_physical = 0.3\n";

#[test]
fn a_demo_killed_twenty_times_reports_what_an_uninterrupted_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (world, page) = (world_file(folder.path(), WORLD), path("report.html"));
    let demo = |data: &str| {
        let data = path(data);
        let options =
            ["demo", "--world", &world, "--data", &data, "--report", &page, "--seed", "7", "--quiet", "--json"];
        options.map(ToOwned::to_owned)
    };
    let started = Instant::now();
    let whole = report(&run(&demo("whole").each_ref().map(String::as_str)));
    let took = started.elapsed();
    // Otherwise no kill would meet a training, a promotion or a revised result.
    for figure in ["promotions", "findings"] {
        assert!(whole[figure].as_u64().unwrap() > 0, "no {figure}: {whole}");
    }
    let expected = without_timing(whole);

    let mut landed = 0;
    // Uneven fractions of the whole run, others in every run of the test, so that kills fall into start-up, posting,
    // stepping, training and reporting.
    let mut fraction = f64::from(started.elapsed().subsec_nanos()) / 1e9;
    eprintln!("the first fraction is {fraction}");
    for _ in 0..STARTS {
        if landed == KILLS {
            break;
        }
        fraction = (fraction * 7.13 + 0.19).fract();
        let mut child = aforo(&demo("torn").each_ref().map(String::as_str))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + took.mul_f64(0.01 + 0.07 * fraction);
        while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        landed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(landed, KILLS, "too few kills met a running demo");
    let resumed = without_timing(report(&run(&demo("torn").each_ref().map(String::as_str))));
    assert_eq!(resumed, expected);
}
