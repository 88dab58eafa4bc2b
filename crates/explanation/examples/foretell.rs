//! How well findings are foretold in a simulated trade: `cargo run --release -p explanation --example foretell -- [seed …]`.
//!
//! Every declaration that is examined is explained from what was known when it was lodged; what officers report later
//! judges it. Beside each figure stands the plain answer: overall frequencies, the declared value, the declared duty.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a command line tool for those who judge the arithmetic")]

use std::collections::HashMap;

use customs::{ControlId, Declaration, DeclarationId, Extent, FindingKind, Method, ResultStage};
use explanation::value::FIRST_DEVIATION;
use explanation::{Case, CaseFinding, Declared, KindEstimate, Known, Profile, Typical, backoff, duty, estimate};
use features::{EntityState, Fact, Group, Lodged, MemoryStates, keys};
use rust_decimal::prelude::ToPrimitive;
use trade_simulator::{ControlOrdered, Feedback, World, WorldSpec};

struct Explained {
    profile: Profile,
    declared: Declared,
    kinds: Vec<KindEstimate>,
    plain: [f64; FindingKind::ALL.len()],
    at_stake: f64,
}

#[derive(Default)]
struct Judged {
    kinds: Vec<(f64, f64, bool, bool)>,
    values: Vec<(f64, f64, bool)>,
    codes: Vec<(bool, bool)>,
    origins: Vec<(bool, bool)>,
    duties: Vec<(f64, f64, f64, f64)>,
}

fn main() {
    let seeds: Vec<u64> = std::env::args().skip(1).filter_map(|seed| seed.parse().ok()).collect();
    for seed in if seeds.is_empty() { vec![1, 2, 3] } else { seeds } {
        print(seed, &run(&WorldSpec { seed, ..WorldSpec::default() }));
    }
}

fn run(spec: &WorldSpec) -> Judged {
    let mut world = World::new(spec.clone()).unwrap();
    let (mut states, mut cases) = (MemoryStates::default(), Vec::<Case>::new());
    let mut waiting: HashMap<ControlId, (DeclarationId, HashMap<u32, Explained>)> = HashMap::new();
    let mut judged = Judged::default();
    let day = jiff::SignedDuration::from_hours(24);
    let (mut from, last) = (world.start(), world.end() + day * 45);
    while from < last {
        let actions = world.tick(from, from + day);
        for report in actions.results.iter().filter(|report| report.result.version == 1) {
            let Some((declaration, items)) = waiting.get(&report.control) else { continue };
            for item in &report.result.items {
                let findings: Vec<CaseFinding> = item.findings.iter().filter_map(CaseFinding::of).collect();
                let Some(explained) = items.get(&item.sequence).filter(|_| !findings.is_empty()) else { continue };
                judged.take(explained, &findings);
                cases.push(Case {
                    control: report.control,
                    item: item.sequence,
                    declaration: *declaration,
                    known_at: report.result.established_at,
                    stage: ResultStage::Final,
                    method: Method::Physical,
                    profile: explained.profile,
                    declared_value: Some(explained.declared.value),
                    findings,
                });
            }
        }
        let mut feedback = Feedback::default();
        for lodgement in &actions.lodgements {
            let (declaration, at) = (&lodgement.declaration, lodgement.declaration.acceptance_date_time);
            let id = declaration.id(at);
            let suspicion = world.truth(lodgement.key).unwrap().bayes_score;
            if suspicion > 0.15 || lodgement.key % 25 == 0 {
                let control = ControlId::derive(at, &[&lodgement.key.to_le_bytes()]);
                waiting.insert(control, (id, explain(declaration, &states, &cases)));
                let order =
                    ControlOrdered { control, key: lodgement.key, method: Method::Physical, extent: Extent::Full, at };
                feedback.controls.push(order);
            }
            Fact::Lodged(Lodged::of(id, 1, at, false, declaration)).apply(&mut states);
        }
        world.observe(&feedback);
        from += day;
    }
    judged
}

fn explain(declaration: &Declaration, states: &MemoryStates, cases: &[Case]) -> HashMap<u32, Explained> {
    let keys = keys(declaration);
    let read = states.read(keys.list());
    let everything = |kind: FindingKind, count: &dyn Fn(FindingKind) -> f64| {
        let total: f64 = FindingKind::ALL.iter().map(|kind| count(*kind)).sum();
        (count(kind) + 0.1) / (total + 0.1 * FindingKind::ALL.len() as f64)
    };
    let count =
        |kind: FindingKind| cases.iter().flat_map(|case| &case.findings).filter(|own| own.kind == kind).count() as f64;
    let plain = FindingKind::ALL.map(|kind| everything(kind, &count));
    let explained = declaration.items.iter().enumerate().map(|(position, item)| {
        let (mut hs6, mut narrow) = (None, None);
        for (group, at) in keys.item(position) {
            let Some(EntityState::Values(values)) = &read[at] else { continue };
            let typical = || {
                Some(Typical {
                    mean: values.mean()?,
                    deviation: values.deviation(FIRST_DEVIATION)?,
                    count: values.count,
                })
            };
            match group {
                Group::ValuesHs6 => hs6 = typical(),
                Group::ValuesHs6Origin => narrow = typical(),
                _ => {}
            }
        }
        let value = item.valuation.fob.amount.to_f64().unwrap();
        let taxes: f64 = item.duty_taxes.iter().filter_map(|tax| tax.declared.as_ref()?.amount.to_f64()).sum();
        let declared = Declared {
            commodity_code: item.commodity_code.0.clone(),
            origin: item.origin_country.0.clone(),
            value,
            currency: item.valuation.fob.currency.0.clone(),
            mass_kg: item.net_mass_kg.and_then(|mass| mass.to_f64()),
            rate: if value > 0.0 { taxes / value } else { 0.0 },
            typical: hs6.map(|hs6: Typical| hs6.narrowed(narrow)).or(narrow),
        };
        let outline = keys.outline();
        let profile = Profile::of(outline, &outline.items[position]);
        let known = Known::gather(&profile, cases);
        // As the online states hold it: findings and their duty, of goods ever more like these.
        let like: [fn(&Profile, &Profile) -> bool; 5] = [
            |_, _| true,
            |own, other| own.hs2 == other.hs2,
            |own, other| own.hs4 == other.hs4,
            |own, other| own.hs6 == other.hs6,
            |own, other| own.hs6 == other.hs6 && own.origin == other.origin,
        ];
        let recorded = like.map(|like| {
            let mut sum = backoff::Sum::default();
            for case in cases.iter().filter(|case| case.profile.way == profile.way && like(&profile, &case.profile)) {
                sum.add(case.findings.iter().filter_map(|finding| finding.duty).sum());
            }
            sum
        });
        let at_stake = duty::at_stake(&duty::AtStake {
            value,
            rate: declared.rate,
            unit_value: declared.unit_value(),
            typical: declared.typical,
            recorded: &recorded,
        });
        let kinds = estimate(&declared, None, &known);
        (item.sequence, Explained { profile, declared, kinds, plain, at_stake })
    });
    explained.collect()
}

impl Judged {
    fn take(&mut self, explained: &Explained, findings: &[CaseFinding]) {
        let declared = &explained.declared;
        for finding in findings {
            let own = explained.kinds.iter().find(|kind| kind.kind == finding.kind);
            let share = own.and_then(|own| own.share).unwrap_or(0.002);
            let at = FindingKind::ALL.iter().position(|kind| *kind == finding.kind).unwrap();
            let best = explained.plain.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            let first = explained.kinds.first().is_some_and(|kind| kind.kind == finding.kind);
            self.kinds.push((-share.ln(), -explained.plain[at].ln(), first, best == at));
            if let (Some(uplift), FindingKind::Undervaluation, Some(likely)) =
                (finding.uplift(), finding.kind, own.and_then(|own| own.likely.first()))
            {
                let right = declared.value * uplift.exp2();
                let number = |text: &str| text.parse::<f64>().unwrap();
                let (lower, upper) = (number(likely.lower.as_ref().unwrap()), number(likely.upper.as_ref().unwrap()));
                self.values.push((
                    (number(&likely.value) / right).ln().abs(),
                    uplift * 2_f64.ln(),
                    (lower..=upper).contains(&right),
                ));
            }
            if let (Some(code), Some(own)) = (finding.corrected_code(), own) {
                let first = own.likely.first().is_some_and(|likely| likely.value == code);
                let any = own.likely.iter().any(|likely| likely.value == code);
                let told = if finding.kind == FindingKind::Origin { &mut self.origins } else { &mut self.codes };
                told.push((first, any));
            }
            if let (Some(duty), Some(expected)) =
                (finding.duty.filter(|duty| *duty > 0.0), own.and_then(|own| own.duty_if_found.as_ref()))
                && finding.currency.as_ref() == Some(&declared.currency)
            {
                let taxes = (declared.value * declared.rate).max(1.0);
                let expected = expected.amount.to_f64().unwrap().max(1.0);
                self.duties.push((duty.ln(), expected.ln(), explained.at_stake.max(1.0).ln(), taxes.ln()));
            }
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    sum / f64::max(count, 1.0)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let (a, b) = (mean(pairs.iter().map(|pair| pair.0)), mean(pairs.iter().map(|pair| pair.1)));
    let of = |f: &dyn Fn(f64, f64) -> f64| mean(pairs.iter().map(|pair| f(pair.0 - a, pair.1 - b)));
    of(&|x, y| x * y) / (of(&|x, _| x * x) * of(&|_, y| y * y)).sqrt()
}

fn print(seed: u64, judged: &Judged) {
    let yes = |flag: bool| f64::from(u8::from(flag));
    let kinds = &judged.kinds;
    println!("seed {seed}: {} findings", kinds.len());
    let (ours, plain) = (mean(kinds.iter().map(|it| it.0)), mean(kinds.iter().map(|it| it.1)));
    let (first, best) = (mean(kinds.iter().map(|it| yes(it.2))), mean(kinds.iter().map(|it| yes(it.3))));
    println!("  kind: log loss {ours:.3} (frequencies {plain:.3}), first is right {first:.3} (frequencies {best:.3})");
    let values = &judged.values;
    let (off, away) = (median(values.iter().map(|it| it.0)), median(values.iter().map(|it| it.1)));
    let within = mean(values.iter().map(|it| yes(it.2)));
    println!(
        "  value: {} findings, median factor off {:.3} (declared {:.3}), within 80 % limits {within:.3}",
        values.len(),
        off.exp(),
        away.exp()
    );
    for (name, codes) in [("code", &judged.codes), ("origin", &judged.origins)] {
        let (first, any) = (mean(codes.iter().map(|it| yes(it.0))), mean(codes.iter().map(|it| yes(it.1))));
        println!("  {name}: {} findings, first is right {first:.3}, one of three {any:.3}", codes.len());
    }
    let duties = &judged.duties;
    let with = |of: fn(&(f64, f64, f64, f64)) -> f64| {
        let pairs: Vec<(f64, f64)> = duties.iter().map(|it| (it.0, of(it))).collect();
        (correlation(&pairs), median(pairs.iter().map(|it| (it.0 - it.1).abs())).exp())
    };
    let (kind, stake, taxes) = (with(|it| it.1), with(|it| it.2), with(|it| it.3));
    println!("  duty: {} findings; correlation of logarithms, median factor off:", duties.len());
    println!(
        "    if the kind is known {:.3} {:.2}, at stake {:.3} {:.2}, declared duty {:.3} {:.2}",
        kind.0, kind.1, stake.0, stake.1, taxes.0, taxes.1
    );
}
