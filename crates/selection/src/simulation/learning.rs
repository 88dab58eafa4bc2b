//! Learning from one's own selections: a labelled history walked in time order, where only the examined have a label.
//!
//! The history brings what arrives each day with what is known of it by then, and learns the results of what was
//! examined; the campaign decides how many are examined and when the model is trained anew. Policies are compared on
//! the same history, each with a memory of its own.

use crate::{DrawSecret, Exploration, Prospect};

/// A labelled history with the learner that reads it.
pub trait History {
    /// Why it cannot go on.
    type Error;

    /// How many days it has.
    fn days(&self) -> usize;

    /// What arrives on `day`, judged by what was learned before it: a key for the draws, and the prospect.
    fn arrivals(&mut self, day: usize) -> Result<Vec<(String, Prospect)>, Self::Error>;

    /// Examines these of the day's arrivals, by position, remembers the results, and returns whether each has a
    /// finding. Also called when none is examined: the day has arrived all the same.
    fn examine(&mut self, day: usize, chosen: &[Chosen]) -> Result<Vec<bool>, Self::Error>;

    /// Trains the model anew on everything that has been examined.
    fn refit(&mut self, day: usize) -> Result<(), Self::Error>;
}

/// One of the day's arrivals that is examined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// Position among the day's arrivals.
    pub at: usize,
    /// By chance alone: at random, or because everything is examined.
    pub by_chance: bool,
    /// Probability with which it was chosen.
    pub probability: f64,
}

/// How many are examined, and how often the model is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Campaign {
    /// Days at the beginning on which everything is examined.
    pub labelled_days: usize,
    /// Share of each later day's arrivals that is examined; the fraction is carried.
    pub share: f64,
    /// Days between trainings.
    pub refit_days: usize,
}

/// Who chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chooser {
    /// What it explores by.
    pub exploration: Exploration,
    /// Share of what is examined that is drawn by chance, for policies that draw.
    pub share: f64,
    /// What learning weighs against a finding, for policies that add to the value.
    pub weight: f64,
}

impl Chooser {
    /// The highest probabilities of a finding, and nothing else.
    pub const GREEDY: Self = Self { exploration: Exploration::Random, share: 0.0, weight: 0.0 };
}

/// What one day came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Examined.
    pub examined: usize,
    /// Of these with a finding.
    pub found: usize,
    /// Examined by chance.
    pub by_chance: usize,
}

/// What a campaign came to, day by day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Every day, the labelled ones included.
    pub days: Vec<Day>,
}

impl Learned {
    /// Share of the examined with a finding, of the days in `range`; NaN when nothing was examined.
    pub fn precision(&self, range: std::ops::Range<usize>) -> f64 {
        let days = &self.days[range.start.min(self.days.len())..range.end.min(self.days.len())];
        let examined: usize = days.iter().map(|day| day.examined).sum();
        days.iter().map(|day| day.found).sum::<usize>() as f64 / examined as f64
    }
}

/// Walks `history`: each day the best of that day, as many as the campaign's share allows.
pub fn run<H: History>(
    history: &mut H,
    chooser: &Chooser,
    campaign: &Campaign,
    secret: &DrawSecret,
) -> Result<Learned, H::Error> {
    let mut learned = Learned::default();
    let mut carry = 0.0;
    for day in 0..history.days() {
        let arrivals = history.arrivals(day)?;
        let labelled = day < campaign.labelled_days;
        let chosen = if labelled {
            (0..arrivals.len()).map(|at| Chosen { at, by_chance: true, probability: 1.0 }).collect()
        } else {
            carry += campaign.share * arrivals.len() as f64;
            let count = (carry as usize).min(arrivals.len());
            carry -= count as f64;
            choose(chooser, &arrivals, count, secret)
        };
        let found = history.examine(day, &chosen)?;
        learned.days.push(Day {
            examined: chosen.len(),
            found: found.iter().filter(|found| **found).count(),
            by_chance: chosen.iter().filter(|chosen| chosen.by_chance).count(),
        });
        let since = (day + 1).checked_sub(campaign.labelled_days.max(1));
        if since.is_some_and(|days| days % campaign.refit_days.max(1) == 0) {
            history.refit(day)?;
        }
    }
    Ok(learned)
}

/// The best `count` by value with what there is to learn; of these, the chooser's share goes to chance.
fn choose(chooser: &Chooser, arrivals: &[(String, Prospect)], count: usize, secret: &DrawSecret) -> Vec<Chosen> {
    let policy = chooser.exploration.policy();
    let mut ranked: Vec<(f64, f64, usize)> = arrivals
        .iter()
        .enumerate()
        .map(|(at, (key, prospect))| {
            let learning = policy.learning(prospect, secret.draw("learning", key));
            (prospect.probability + chooser.weight * learning, prospect.probability, at)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    let chance = if policy.draws() { chooser.share * count as f64 } else { 0.0 };
    let whole: f64 = arrivals.iter().map(|(_, prospect)| policy.interest(prospect)).sum();
    // Drawn first, each on its own, so that the probability of each is known; the rest is for the best.
    let mut chosen = Vec::with_capacity(count);
    for (at, (key, prospect)) in arrivals.iter().enumerate() {
        let probability = if whole > 0.0 { (chance * policy.interest(prospect) / whole).min(1.0) } else { 0.0 };
        if chosen.len() < count && secret.draw("exploration", key) < probability {
            chosen.push(Chosen { at, by_chance: true, probability });
        }
    }
    let price = ranked.get(count.saturating_sub(1)).map_or(0.0, |last| last.0);
    for (value, probability, at) in ranked {
        if chosen.len() == count {
            break;
        }
        if !chosen.iter().any(|drawn| drawn.at == at) {
            let needed = (price - probability) / chooser.weight.max(1e-9);
            let likely = policy.probability_of(&arrivals[at].1, needed).filter(|_| chooser.weight > 0.0);
            chosen.push(Chosen {
                at,
                by_chance: false,
                probability: likely.unwrap_or(f64::from(u8::from(value >= price))),
            });
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::simulation::Chance;

    /// Goods of many kinds; every kind always has a finding, or never. What was found of a kind is its probability.
    struct Kinds {
        days: usize,
        today: Vec<usize>,
        known: BTreeMap<usize, (u32, u32)>,
        refits: usize,
        chance: Chance,
    }

    impl Kinds {
        fn new(seed: u64) -> Self {
            Self { days: 120, today: Vec::new(), known: BTreeMap::new(), refits: 0, chance: Chance::of(seed) }
        }
    }

    impl History for Kinds {
        type Error = std::convert::Infallible;

        fn days(&self) -> usize {
            self.days
        }

        fn arrivals(&mut self, day: usize) -> Result<Vec<(String, Prospect)>, Self::Error> {
            self.today = (0..40).map(|_| (self.chance.uniform() * 400.0) as usize).collect();
            let arrival = |(n, kind): (usize, &usize)| {
                let (found, examined) = self.known.get(kind).copied().unwrap_or_default();
                // Kinds divisible by ten look suspicious and are not.
                let prior = if kind % 10 == 0 { 0.6 } else { 0.2 };
                let probability = (prior + f64::from(found)) / (1.0 + f64::from(examined));
                let prospect =
                    Prospect { probability, novelty: 0.5, examined_alike: f64::from(examined), ..Prospect::default() };
                (format!("{day}-{n}"), prospect)
            };
            Ok(self.today.iter().enumerate().map(arrival).collect())
        }

        fn examine(&mut self, _: usize, chosen: &[Chosen]) -> Result<Vec<bool>, Self::Error> {
            let examined = chosen.iter().map(|chosen| {
                let kind = self.today[chosen.at];
                let found = kind % 10 == 3 || kind % 10 == 7;
                let entry = self.known.entry(kind).or_default();
                *entry = (entry.0 + u32::from(found), entry.1 + 1);
                found
            });
            Ok(examined.collect())
        }

        fn refit(&mut self, _: usize) -> Result<(), Self::Error> {
            self.refits += 1;
            Ok(())
        }
    }

    const CAMPAIGN: Campaign = Campaign { labelled_days: 5, share: 0.1, refit_days: 7 };

    fn learned(chooser: &Chooser, seed: u64) -> Learned {
        run(&mut Kinds::new(seed), chooser, &CAMPAIGN, &DrawSecret::new([1; 32])).expect("it cannot fail")
    }

    #[test]
    fn the_budget_is_the_campaigns_whoever_chooses() {
        for exploration in Exploration::ALL {
            let learned = learned(&Chooser { exploration, share: 0.3, weight: 1.0 }, 1);
            assert_eq!(learned.days[..5].iter().map(|day| day.examined).sum::<usize>(), 200);
            assert_eq!(learned.days[5..].iter().map(|day| day.examined).sum::<usize>(), 115 * 4);
            let drawn: usize = learned.days[5..].iter().map(|day| day.by_chance).sum();
            assert_eq!(drawn > 60 && drawn < 220, exploration.policy().draws(), "{exploration:?}: {drawn}");
        }
    }

    #[test]
    fn training_begins_with_the_last_labelled_day() {
        let mut history = Kinds::new(1);
        run(&mut history, &Chooser::GREEDY, &CAMPAIGN, &DrawSecret::new([1; 32])).expect("it cannot fail");
        assert_eq!(history.refits, 115 / 7 + 1);
    }

    #[test]
    fn the_same_seed_learns_the_same() {
        let chooser = Chooser { exploration: Exploration::Thompson, share: 0.0, weight: 1.0 };
        assert_eq!(learned(&chooser, 4), learned(&chooser, 4));
    }
}
