//! Runs whole worlds against simple policies, to see how hard they are: `cargo run --release --example tune -- [seed …]`.
//!
//! The policies are `random`, `table` (its own smoothed rates), `learner` (a logistic regression over histories, retrained
//! every two weeks on what its own examinations found) and `bayes` (the best possible score).
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a command line tool for those who tune the world")]

mod policies;

use customs::{Channel, ControlId, Extent, Method};
use policies::{Policy, Row};
use std::collections::BTreeMap;
use std::time::Instant;
use trade_simulator::{
    ChannelTold, Comparison, Considered, ControlOrdered, Evaluation, Feedback, FraudKind, World, WorldSpec,
};

const NAMES: [&str; 4] = ["random", "table", "learner", "bayes"];

fn main() {
    let seeds: Vec<u64> = std::env::args().skip(1).filter_map(|seed| seed.parse().ok()).collect();
    let seeds = if seeds.is_empty() { vec![1, 2, 3] } else { seeds };
    for seed in seeds {
        let spec = WorldSpec { seed, ..WorldSpec::default() };
        for name in NAMES {
            run(&spec, name);
        }
        run(&WorldSpec { null_world: true, ..spec }, "learner");
    }
}

fn run(spec: &WorldSpec, name: &str) {
    let mut policy = Policy::new(name, spec.seed);
    let mut evaluation = Evaluation::new(spec);
    let started = Instant::now();
    let mut spent = std::time::Duration::ZERO;
    let mut world = World::new(spec.clone()).unwrap();
    let set_up = started.elapsed();
    let capacity: BTreeMap<String, (f64, f64)> = world
        .capacity()
        .into_iter()
        .map(|office| (office.office.0, (office.physical_per_day, office.documentary_per_day)))
        .collect();
    let mut accounts: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let (mut declarations, mut items, mut findings, mut revisions) = (0_u64, 0_usize, 0_u64, 0_u64);
    let mut kinds: BTreeMap<FraudKind, u64> = BTreeMap::new();
    let day = jiff::SignedDuration::from_hours(24);
    let mut from = world.start();
    let last = world.end() + day * 45;
    while from < last {
        let to = from + day;
        let clock = Instant::now();
        let actions = world.tick(from, to);
        spent += clock.elapsed();
        for report in &actions.results {
            evaluation.learn(report.control, report.key, &report.result);
            policy.learn(report.key, &report.result);
            findings += u64::from(report.result.version == 1 && report.result.has_finding());
            revisions += u64::from(report.result.version > 1);
        }
        let mut by_office: BTreeMap<&str, Vec<(Row, usize)>> = BTreeMap::new();
        for (index, lodgement) in actions.lodgements.iter().enumerate() {
            let truth = world.truth(lodgement.key).unwrap();
            declarations += 1;
            items += lodgement.declaration.items.len();
            if let Some(fraud) = truth.fraud {
                *kinds.entry(fraud).or_default() += 1;
            }
            let row = policy.look(lodgement.key, &lodgement.declaration, truth.bayes_score);
            by_office.entry(lodgement.declaration.office.as_str()).or_default().push((row, index));
        }
        let mut feedback = Feedback::default();
        let mut channels = vec![Channel::Green; actions.lodgements.len()];
        for (office, mut rows) in by_office {
            let (physical, documentary) = capacity[office];
            let share = rows.len() as f64 / (physical / spec.physical_share);
            let account = accounts.entry(office.to_owned()).or_default();
            account.0 += physical * share;
            account.1 += documentary * share;
            let take = |left: &mut f64| {
                let whole = left.floor().max(0.0);
                *left -= whole;
                whole as usize
            };
            let (physical, documentary) = (take(&mut account.0), take(&mut account.1));
            rows.sort_by(|left, right| right.0.score.total_cmp(&left.0.score));
            let random = rows.iter().filter(|(row, _)| row.draw < spec.random_probability()).count().min(physical);
            let mut left = (physical - random, documentary);
            for (row, index) in &rows {
                let drawn = row.draw < spec.random_probability();
                channels[*index] = match (drawn, left) {
                    (true, _) => Channel::Red,
                    (false, (1.., _)) => {
                        left.0 -= 1;
                        Channel::Red
                    }
                    (false, (0, 1..)) => {
                        left.1 -= 1;
                        Channel::Orange
                    }
                    _ => Channel::Green,
                };
            }
        }
        for (lodgement, channel) in actions.lodgements.iter().zip(&channels) {
            let at = lodgement.declaration.acceptance_date_time;
            feedback.channels.push(ChannelTold { key: lodgement.key, channel: *channel, at });
            let method = match channel {
                Channel::Green => None,
                Channel::Orange => Some(Method::Documentary),
                Channel::Red => Some(Method::Physical),
            };
            if let Some(method) = method {
                let control = ControlId::derive(at, &[&lodgement.key.to_le_bytes()]);
                feedback.controls.push(ControlOrdered {
                    control,
                    key: lodgement.key,
                    method,
                    extent: Extent::Full,
                    at,
                });
            }
            evaluation.consider(&Considered {
                key: lodgement.key,
                declaration: &lodgement.declaration,
                truth: world.truth(lodgement.key).unwrap(),
                local_day: customs::office::local_day("America/Lima", at),
                channel: *channel,
                ordinary_physical: *channel == Channel::Red,
                filter_matched: false,
            });
        }
        let clock = Instant::now();
        world.observe(&feedback);
        spent += clock.elapsed();
        policy.end_of_day();
        from = to;
    }
    let comparison = evaluation.finish(last);
    print(name, spec, &comparison);
    if name == "bayes" {
        let per = spent.as_secs_f64() * 1e6 / declarations as f64;
        println!(
            "         {declarations} declarations, {:.2} items, {per:.1} µs each, set up {set_up:?}",
            items as f64 / declarations as f64
        );
        println!("         findings {findings}, revisions {revisions}, kinds {kinds:?}");
    }
}

fn print(name: &str, spec: &WorldSpec, comparison: &Comparison) {
    println!(
        "seed {:2} {:5} {name:8} auc {:.3} rate {:.4} | lift {:5.2} table {:4.2} ratio {:4.2} of oracle {:.2} | duty lift {:5.2} | green {:.4} undetected {:.2}",
        spec.seed,
        if spec.null_world { "null" } else { "" },
        comparison.bayes_auc,
        comparison.offences as f64 / comparison.declarations as f64,
        comparison.lift,
        comparison.table_lift,
        comparison.ratio_to_table,
        comparison.share_of_oracle,
        comparison.additional_duty.system / comparison.additional_duty.random,
        comparison.green_non_compliance,
        comparison.undetected_share,
    );
}
