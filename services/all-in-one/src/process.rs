//! What this process has used so far, where the operating system tells.

use std::fs;

/// Clock ticks per second in `/proc`: fixed at 100 for user space on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor seconds of all threads, user and system; zero where `/proc` is absent.
pub fn cpu_seconds() -> f64 {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return 0.0 };
    // The name may hold spaces and parentheses; fields are counted behind its last one.
    let Some((_, fields)) = stat.rsplit_once(')') else { return 0.0 };
    let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_SECOND
}

/// Largest resident memory in MiB; zero where `/proc` is absent.
pub fn peak_memory_mib() -> f64 {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return 0.0 };
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
