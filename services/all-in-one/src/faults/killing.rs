//! Killing processes at random, one at a time, and noting how long each was gone.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::cli::Faults;
use crate::stack::Stack;
use crate::stack::supervisor::Supervised;

use super::server::Server;

/// How often a killed process is asked whether it is back.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// A process that is gone longer keeps the next kill waiting no more.
const LONGEST_OUTAGE: Duration = Duration::from_mins(1);

/// What was killed.
#[derive(Debug, Default)]
pub struct Outages {
    /// How often, by name.
    pub kills: BTreeMap<String, u64>,
    /// From the kill until the process was ready again.
    pub spans: Vec<(Instant, Instant)>,
}

impl Outages {
    /// How long something was gone between two moments.
    pub fn between(&self, from: Instant, to: Instant) -> Duration {
        let parts = self.spans.iter().map(|(gone, back)| (*back).min(to).saturating_duration_since((*gone).max(from)));
        parts.sum()
    }
}

/// Kills until `until`. The same seed kills the same processes in the same order.
pub async fn kill(options: &Faults, stack: &Stack, servers: &[Server], until: Instant) -> Outages {
    let mut outages = Outages::default();
    let victims: Vec<&Supervised> = stack.processes().iter().chain(servers.iter().map(Server::process)).collect();
    for number in 0_u64.. {
        let (chance, pause) = chances(options.seed, number);
        let wait = Duration::from_secs_f64(options.kill_every * (0.5 + pause));
        if Instant::now() + wait >= until {
            break;
        }
        tokio::time::sleep(wait).await;
        let victim = victims[(chance % victims.len() as u64) as usize];
        let starts = victim.starts();
        let gone = Instant::now();
        if !victim.kill() {
            continue;
        }
        eprintln!("killed {}", victim.name());
        *outages.kills.entry(victim.name().to_owned()).or_default() += 1;
        let mut back = Instant::now();
        while back.duration_since(gone) < LONGEST_OUTAGE {
            let is_back = victim.starts() > starts
                && match servers.iter().find(|server| server.process().name() == victim.name()) {
                    Some(server) => server.answers().await,
                    None => stack.is_ready(victim.name()).await,
                };
            back = Instant::now();
            if is_back {
                break;
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        outages.spans.push((gone, back));
    }
    outages
}

/// Who, and after what share of the pause.
fn chances(seed: u64, number: u64) -> (u64, f64) {
    let hash = blake3::hash(&[seed.to_le_bytes(), number.to_le_bytes()].concat());
    let part = |from: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash.as_bytes()[from..from + 8]);
        u64::from_le_bytes(bytes)
    };
    (part(0), part(8) as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_count_where_they_overlap_a_span() {
        let start = Instant::now();
        let at = |second: u64| start + Duration::from_secs(second);
        let outages = Outages { kills: BTreeMap::new(), spans: vec![(at(1), at(3)), (at(10), at(12))] };
        assert_eq!(outages.between(at(2), at(11)), Duration::from_secs(2));
        assert_eq!(outages.between(at(4), at(9)), Duration::ZERO);
    }

    #[test]
    fn a_seed_kills_the_same_again_and_another_one_others() {
        let kills = |seed| (0..50).map(|number| chances(seed, number).0 % 8).collect::<Vec<_>>();
        assert_eq!(kills(1), kills(1));
        assert_ne!(kills(1), kills(2));
        assert!((0..50).all(|number| (0.0..=1.0).contains(&chances(3, number).1)));
    }
}
