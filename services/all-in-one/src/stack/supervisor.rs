//! A process that is started, watched, and started again when it ends: at once, and after a growing wait when it ends again.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::log::Log;

/// The first wait before a process is started again; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
/// The longest such wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);
/// A process that lived for so long begins with the first wait again.
const LIVED: Duration = Duration::from_secs(20);
/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is started: makes the command anew for each start.
pub type Starting = Box<dyn Fn() -> Command + Send>;

/// A supervised process.
pub struct Supervised {
    name: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    child: Mutex<Option<Child>>,
    stopping: AtomicBool,
    starts: AtomicU32,
}

impl Shared {
    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is no process any more; tells how it ended.
    fn ended(&self) -> Option<String> {
        let mut child = self.child();
        let ended = match child.as_mut()?.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) => status.to_string(),
            Err(error) => error.to_string(),
        };
        *child = None;
        Some(ended)
    }
}

impl Supervised {
    /// Starts a process and keeps it running. Its lines go to `log` under `name`.
    pub fn start(name: &str, starting: Starting, log: &Log) -> Self {
        let shared =
            Arc::new(Shared { child: Mutex::default(), stopping: AtomicBool::new(false), starts: AtomicU32::new(0) });
        let (of, own, log) = (Arc::clone(&shared), name.to_owned(), log.clone());
        let thread = std::thread::spawn(move || keep_running(&own, &of, &starting, &log));
        Self { name: name.to_owned(), shared, thread: Some(thread) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a process runs now.
    pub fn is_running(&self) -> bool {
        self.shared.child().is_some()
    }

    /// How often it was started.
    pub fn starts(&self) -> u32 {
        self.shared.starts.load(Ordering::Acquire)
    }

    /// Kills the process (`kill -9`); it is started again. Returns whether there was one.
    pub fn kill(&self) -> bool {
        self.shared.child().as_mut().is_some_and(|child| child.kill().is_ok())
    }

    /// Asks the process to stop by closing its input.
    pub fn ask_to_stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        if let Some(child) = self.shared.child().as_mut() {
            drop(child.stdin.take());
        }
    }

    /// Waits until the process has stopped; kills it after `grace`. Returns whether it stopped by itself.
    pub fn stop(mut self, grace: Duration) -> bool {
        self.ask_to_stop();
        let asked = Instant::now();
        let mut by_itself = true;
        while self.is_running() {
            if asked.elapsed() > grace && by_itself {
                by_itself = false;
                self.kill();
            }
            std::thread::sleep(LOOK_EVERY);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        by_itself
    }
}

/// Whoever forgets to stop it leaves nothing running.
impl Drop for Supervised {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.kill();
    }
}

fn keep_running(name: &str, shared: &Arc<Shared>, starting: &Starting, log: &Log) {
    let mut back_off = FIRST_BACK_OFF;
    while !shared.stopping.load(Ordering::Acquire) {
        let started = Instant::now();
        let ended = match start(name, shared, starting, log) {
            Err(error) => format!("it does not start: {error}"),
            Ok(()) => loop {
                if let Some(status) = shared.ended() {
                    break status;
                }
                std::thread::sleep(LOOK_EVERY);
            },
        };
        if shared.stopping.load(Ordering::Acquire) {
            log.line(name, &format!("stopped ({ended})"));
            return;
        }
        if started.elapsed() >= LIVED {
            back_off = FIRST_BACK_OFF;
        }
        log.line(name, &format!("ended ({ended}); starting again in {} ms", back_off.as_millis()));
        let until = Instant::now() + back_off;
        while Instant::now() < until && !shared.stopping.load(Ordering::Acquire) {
            std::thread::sleep(LOOK_EVERY);
        }
        back_off = (back_off * 2).min(LONGEST_BACK_OFF);
    }
}

fn start(name: &str, shared: &Shared, starting: &Starting, log: &Log) -> std::io::Result<()> {
    let mut command = starting();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut slot = shared.child();
    let mut child = command.spawn()?;
    log.line(name, &format!("started (process {})", child.id()));
    for output in [child.stdout.take().map(boxed), child.stderr.take().map(boxed)].into_iter().flatten() {
        let (name, log) = (name.to_owned(), log.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                log.line(&name, &String::from_utf8_lossy(&line));
            }
        });
    }
    *slot = Some(child);
    shared.starts.fetch_add(1, Ordering::AcqRel);
    Ok(())
}

fn boxed(output: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(what: &str, mut holds: impl FnMut() -> bool) {
        let started = Instant::now();
        while !holds() {
            assert!(started.elapsed() < Duration::from_secs(10), "{what}");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn cat() -> Starting {
        Box::new(|| Command::new("cat"))
    }

    #[test]
    fn killed_process_is_started_again_and_told() {
        let log = Log::kept();
        let process = Supervised::start("cat", cat(), &log);
        until("it runs", || process.is_running());
        assert!(process.kill());
        until("it was started again", || process.starts() == 2 && process.is_running());
        assert!(process.stop(Duration::from_secs(10)), "its input was closed");
        let told = log.text();
        assert!(told.contains("ended (signal: 9") && told.contains("stopped (exit status: 0)"), "{told}");
    }

    #[test]
    fn process_that_does_not_stop_is_killed() {
        let deaf = Box::new(|| {
            let mut command = Command::new("sleep");
            command.arg("60");
            command
        });
        let process = Supervised::start("deaf", deaf, &Log::kept());
        until("it runs", || process.is_running());
        assert!(!process.stop(Duration::from_millis(100)));
    }

    #[test]
    fn process_that_never_starts_is_tried_less_and_less_often() {
        let log = Log::kept();
        let process = Supervised::start("absent", Box::new(|| Command::new("/absent/program")), &log);
        until("the wait has grown", || log.text().contains("starting again in 400 ms"));
        process.stop(Duration::ZERO);
    }
}
