//! Compiling one filter with its types, and replacing 10,000 while a thread goes on matching.
//!
//! The set in force is exchanged by a pointer: the lock is held for the copy of an `Arc`, never while compiling. The
//! thread that matches takes the set for each declaration, as scoring does for a batch, and measures how long each
//! took, before and during the swap.

#[path = "made/conditions.rs"]
mod conditions;
#[path = "made/definition.rs"]
mod definition;
#[path = "made/goods.rs"]
mod goods;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use benchkit::{Report, Subject, against, cpu_seconds, measure};
use cel::Program;
use customs::Declaration;
use risk_filters::{FilterDefinition, FilterInput, FilterSet, Vocabulary, check, compile};

/// Filters that are compiled one by one.
const COMPILED: usize = 500;

type Items = [(Declaration, Vec<Vec<f32>>)];

/// The longest and the 99.9th percentile, in microseconds.
fn pauses(mut taken: Vec<Duration>) -> (f64, f64) {
    taken.sort_unstable();
    let at = |share: f64| {
        let place = ((taken.len() as f64 * share) as usize).min(taken.len().saturating_sub(1));
        taken.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    };
    (at(1.0), at(0.999))
}

/// Goes on matching until told to stop; the time that each declaration took.
fn match_on(current: &Mutex<Arc<FilterSet>>, items: &Items, stop: &AtomicBool) -> Vec<Duration> {
    let mut taken = Vec::with_capacity(1 << 20);
    for (declaration, features) in items.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let started = Instant::now();
        let set = Arc::clone(&current.lock().expect("nobody panics with the lock"));
        let input = FilterInput { declaration, notes: &[], features };
        set.each_match(&input, declaration.acceptance_date_time, &declaration.office, |matched| {
            std::hint::black_box(matched.reasons().count());
        });
        drop(set);
        taken.push(started.elapsed());
    }
    taken
}

fn beside<T>(current: &Mutex<Arc<FilterSet>>, items: &Items, work: impl FnOnce() -> T) -> (Vec<Duration>, T) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let matching = scope.spawn(|| match_on(current, items, &stop));
        let made = work();
        stop.store(true, Ordering::Relaxed);
        (matching.join().expect("matching does not panic"), made)
    })
}

/// The definitions with every so-many-th condition changed, which is compiled again.
fn changed(definitions: &[FilterDefinition], every: usize) -> Vec<FilterDefinition> {
    let mut changed = definitions.to_vec();
    for definition in changed.iter_mut().step_by(every) {
        definition.version += 1;
        definition.expression = format!("({}) && item.sequence < 9000", definition.expression);
    }
    changed
}

fn main() {
    let mut report = Report::of("filter-swap");
    let mut chance = goods::Chance::new(11);
    report.progress("making conditions");
    let definitions = conditions::definitions(&mut chance, 10_000);
    let items = conditions::items(&mut chance, 2_000);
    let catalogue = definition::catalogue();

    report.progress("compiling one by one");
    let some = &definitions[..COMPILED];
    let ours =
        Subject::new(COMPILED as u64, || some.iter().filter(|filter| compile(filter, &catalogue).is_ok()).count());
    let peer = Subject::new(COMPILED as u64, || {
        some.iter().filter(|filter| Program::compile(&filter.expression).is_ok()).count()
    });
    let (ours, peer) = against(5, ours, peer);
    let checked = Subject::new(COMPILED as u64, || {
        some.iter().filter(|filter| check(&filter.expression, &catalogue).is_ok()).count()
    });
    let checked = measure(3, checked);
    report.figure("compileMicrosPerFilter", ours).figure("checkMicrosPerFilter", checked).compared(ours, peer);

    report.progress("swapping 10,000 while matching goes on");
    let (set, _) = FilterSet::compile_valid(&definitions, &catalogue);
    let current = Mutex::new(Arc::new(set));
    // Beside a thread that is as busy as one that compiles, so that only the swap makes a difference.
    let (before, ()) = beside(&current, &items, || {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(3) {
            std::hint::black_box(FilterSet::compile_valid(&definitions[..10], &catalogue));
        }
    });
    let vocabulary = Vocabulary::from(&catalogue);
    let swap = |definitions: &[FilterDefinition], from: &FilterSet| {
        let (set, errors) = from.succeeded_by(definitions, &vocabulary);
        assert!(errors.is_empty());
        let set = Arc::new(set);
        let before = std::mem::replace(&mut *current.lock().expect("nobody panics with the lock"), set);
        // Whoever lets go of a set last takes it apart: that should not be the thread that matches.
        while Arc::strong_count(&before) > 1 {
            std::thread::yield_now();
        }
    };
    let rate = |taken: &[Duration]| taken.len() as f64 / taken.iter().sum::<Duration>().as_secs_f64();
    let all = changed(&definitions, 1);
    let (during, ()) = beside(&current, &items, || swap(&all, &FilterSet::empty()));
    let (rate_before, rate_during) = (rate(&before), rate(&during));
    let ((longest_before, usual_before), (longest, usual)) = (pauses(before), pauses(during));
    report
        .figure("longestMatchMicrosBefore", longest_before)
        .figure("longestMatchMicrosDuringSwap", longest)
        .figure("p999MatchMicrosBefore", usual_before)
        .figure("p999MatchMicrosDuringSwap", usual)
        .figure("matchedPerSecondBefore", rate_before)
        .figure("matchedPerSecondDuringSwap", rate_during);

    report.progress("swapping 10,000 alone");
    let (seconds, ()) = cpu_seconds(|| swap(&definitions, &FilterSet::empty()));
    report.figure("swapCpuSeconds", seconds);
    let (held, _) = FilterSet::compile_valid(&definitions, &catalogue);
    let one = changed(&definitions, definitions.len());
    let (seconds, ()) = cpu_seconds(|| swap(&one, &held));
    report.figure("swapOneChangedCpuSeconds", seconds);
    report.print();
}
