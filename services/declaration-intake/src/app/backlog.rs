//! How many declarations of each office wait to be decided, so that an office beyond its limit is refused with 503 while
//! all others go on.
//!
//! The queue knows what it holds. What was accepted here and may not have reached it is added, until its relay has come
//! past it; so a queue that does not answer, or is full, cannot let an office grow without end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use customs::OfficeCode;
use events::Service;
use lifecycle::{Worker, WorkerError};
use queue::{Held, Queue};
use rest::Problem;
use store::outbox;

use super::Intake;

/// How often the queue is asked.
const EVERY: Duration = Duration::from_millis(250);
/// After how many seconds a refused declaration may be lodged again.
const RETRY_AFTER: u32 = 5;
/// Groups of accepted declarations that are told apart while they are on their way into the queue.
const MOST_UNDER_WAY: usize = 8;
/// A place of the outbox that is not known yet.
const NOT_YET: i64 = i64::MAX;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Backlog(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// What the queue held when it was asked.
    queued: BTreeMap<String, u64>,
    /// Accepted before the queue was asked, and up to which place of the outbox; it may not have held them.
    under_way: Vec<(i64, HashMap<OfficeCode, u64>)>,
    /// Accepted since.
    since: HashMap<OfficeCode, u64>,
}

impl Backlog {
    /// Counts declarations that were accepted.
    fn count<'a>(&self, offices: impl Iterator<Item = &'a OfficeCode>) {
        let mut counts = self.counts();
        for office in offices {
            match counts.since.get_mut(office) {
                Some(count) => *count += 1,
                None => drop(counts.since.insert(office.clone(), 1)),
            }
        }
    }

    /// How many declarations of `office` wait, at most.
    fn of(&self, office: &OfficeCode) -> u64 {
        let counts = self.counts();
        let own = |accepted: &HashMap<OfficeCode, u64>| accepted.get(office).copied().unwrap_or_default();
        let under_way: u64 = counts.under_way.iter().map(|(_, accepted)| own(accepted)).sum();
        counts.queued.get(office.as_str()).copied().unwrap_or_default() + under_way + own(&counts.since)
    }

    /// What was accepted so far is under way, up to a place of the outbox that [`mark`](Self::mark) tells.
    fn begin(&self) {
        let mut counts = self.counts();
        let since = std::mem::take(&mut counts.since);
        if !since.is_empty() {
            counts.under_way.push((NOT_YET, since));
        }
        if counts.under_way.len() > MOST_UNDER_WAY {
            let (_, oldest) = counts.under_way.remove(0);
            for (office, count) in oldest {
                *counts.under_way[0].1.entry(office).or_default() += count;
            }
        }
    }

    /// What is under way has its messages in the outbox up to `seq`.
    fn mark(&self, seq: i64) {
        self.counts().under_way.iter_mut().filter(|(up_to, _)| *up_to == NOT_YET).for_each(|(up_to, _)| *up_to = seq);
    }

    /// The queue holds these, after it had taken what stands in the outbox up to `published`.
    fn put(&self, queued: BTreeMap<String, u64>, published: i64) {
        let mut counts = self.counts();
        counts.queued = queued;
        counts.under_way.retain(|(seq, _)| *seq > published);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intake {
    /// Counts declarations that were accepted, where an office may have too many.
    pub(crate) fn count_backlog<'a>(&self, offices: impl Iterator<Item = &'a OfficeCode>) {
        if self.settings.office_backlog > 0 {
            self.backlog.count(offices);
        }
    }

    /// Refuses a declaration of an office that has too many undecided ones.
    pub(crate) fn check_backlog(&self, office: &OfficeCode) -> Result<(), Problem> {
        let most = self.settings.office_backlog;
        if most == 0 || self.backlog.of(office) < most {
            return Ok(());
        }
        self.metrics.overloaded.inc();
        Err(Problem::overloaded(RETRY_AFTER)
            .with_detail(format!("{most} declarations of office {office} wait to be decided; lodge it again later")))
    }
}

/// The worker that asks the queue.
pub(crate) struct BacklogWatch {
    pub(crate) intake: Arc<Intake>,
    pub(crate) queue: Arc<dyn Queue>,
}

#[async_trait::async_trait]
impl Worker for BacklogWatch {
    fn name(&self) -> &'static str {
        "intake-backlog"
    }

    async fn step(&self) -> Result<usize, WorkerError> {
        let Self { intake, queue } = self;
        intake.backlog.begin();
        intake.backlog.mark(outbox::last(intake.db.reader()).await?);
        let published = match queue.held(super::RELAY).await? {
            Held::UpTo(place) => place.seq,
            Held::Nothing => 0,
            // It counts nothing that it would not hold.
            Held::Unknown => NOT_YET - 1,
        };
        intake.backlog.put(queue.by_office(Service::Scoring).await?, published);
        Ok(0)
    }

    async fn idle(&self) {
        tokio::time::sleep(EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_accepted_counts_until_the_queue_has_counted_it() {
        let (backlog, office) = (Backlog::default(), OfficeCode::from("118"));
        let accept = |count: usize| backlog.count(std::iter::repeat_n(&office, count));
        accept(3);
        backlog.begin();
        accept(2);
        backlog.put(BTreeMap::new(), 1_000);
        backlog.mark(30);
        assert_eq!(backlog.of(&office), 5);
        backlog.put(BTreeMap::from([("118".to_owned(), 1)]), 29);
        assert_eq!(backlog.of(&office), 6, "the relay has not come past them");
        backlog.put(BTreeMap::from([("118".to_owned(), 2)]), 30);
        assert_eq!(backlog.of(&office), 4, "two in the queue, two since");
        for seq in 31..100 {
            accept(1);
            backlog.begin();
            backlog.mark(seq);
        }
        assert_eq!((backlog.of(&office), backlog.counts().under_way.len()), (73, MOST_UNDER_WAY));
        assert_eq!(backlog.of(&"235".into()), 0);
        backlog.put(BTreeMap::new(), NOT_YET - 1);
        assert_eq!(backlog.of(&office), 0);
    }
}
