//! The progress bar: date, declarations per second, finding rate so far.

use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

/// A bar over the declarations to come; silent when asked or when nobody looks.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    replayed: u64,
}

impl Progress {
    /// A bar over `declarations`.
    pub fn new(declarations: u64, quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(declarations) };
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{wide_bar}] {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("█▌ "));
        }
        Self { bar, started: Instant::now(), replayed: 0 }
    }

    /// Shows where the year stands.
    pub fn show(&mut self, at: Timestamp, lodged: u64, examined: u64, findings: u64, replayed: bool) {
        if replayed {
            self.replayed = lodged;
        }
        self.bar.set_prefix(at.strftime("%Y-%m-%d").to_string());
        self.bar.set_position(lodged);
        let speed = (lodged - self.replayed) as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
        let rate = if examined == 0 { 0.0 } else { 100.0 * findings as f64 / examined as f64 };
        self.bar.set_message(format!("{speed:.0}/s, finding rate {rate:.1} %"));
    }

    /// Leaves the terminal clean.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
