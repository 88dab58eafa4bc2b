//! A demo that is killed at any point and started again gives the report of one that was not.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{aforo, report, run, small_demo, without_timing};

/// How often the demo is killed.
const KILLS: usize = 20;

#[test]
fn a_demo_killed_twenty_times_reports_what_an_uninterrupted_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let page = ["--report", page.to_str().unwrap()];
    let whole = folder.path().join("whole");
    let started = Instant::now();
    let expected = without_timing(report(&run(&small_demo(&whole, "7", &page))));
    let took = started.elapsed();

    let torn = folder.path().join("torn");
    let mut landed = 0;
    // A fixed sequence of uneven fractions of the whole run, so that kills fall into start-up, posting, stepping and reporting.
    let mut fraction = 0.37_f64;
    for _ in 0..KILLS {
        fraction = (fraction * 7.13 + 0.19).fract();
        let mut child =
            aforo(&small_demo(&torn, "7", &page)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + took.mul_f64(0.04 + 0.12 * fraction);
        while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        landed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(landed >= KILLS / 2, "only {landed} of {KILLS} kills met a running demo");
    let resumed = without_timing(report(&run(&small_demo(&torn, "7", &page))));
    assert_eq!(resumed, expected);
}
