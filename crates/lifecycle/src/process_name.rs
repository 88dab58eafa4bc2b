//! The name under which a process shows itself to others.

/// Host and number of this process: on Kubernetes the host is the pod.
pub fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String =
        host.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(*letter)).collect();
    format!("{}-{}", if host.is_empty() { "process" } else { &host }, std::process::id())
}
