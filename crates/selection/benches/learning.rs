//! A history in which only the examined have a label: a policy that looks ahead beside greedy weekly refits.
//!
//! The synthetic import declarations of the Korea Customs Service in the order of time. The first 30 days are examined
//! whole; then a tenth of each day's declarations, and the model is trained anew every week on everything examined so
//! far. Both choosers get the same learner, the same features, refreshed with every result at the end of its day, and
//! the same budget each day; they differ in nothing but what they rank by: the model's probability, or the policy
//! `learning` of this crate with its defaults. Everything was chosen on the year `train`, with its own last quarter;
//! `valid` is only reported.
//!
//! The learner of the comparison does not know `lot` (the same goods in the same mass again), which is `withLots`: in
//! this set such rows are copies with the same label, found whoever chooses, and leave nothing to explore.

use std::collections::BTreeMap;
use std::fs::File;

use benchkit::{Report, cpu_seconds, data_folder};
use customs::{ControlId, Declaration, DeclarationId, FindingKind, Method, ResultStage, Trigger};
use declaration_formats::kcs;
use features::{DeclarationKeys, ExaminedItem, Fact, Lodged, MemoryStates, Resulted, baseline_rate, contract};
use risk_model::{Algorithm, Artefact, BoostedParams, TrainError, TrainingSet};
use selection::simulation::learning::{Campaign, Chooser, Chosen, History, Learned, run};
use selection::{DrawSecret, Exploration, Prospect};
use serde_json::{Value, json};

const SEEDS: u64 = 10;
const CAMPAIGN: Campaign = Campaign { labelled_days: 30, share: 0.1, refit_days: 7 };
const OURS: Chooser = Chooser { exploration: Exploration::Learning, share: 0.0, weight: 1.0 };
/// Days of the last quarter: January to March 2021, and October to December 2020 without `valid`.
const QUARTERS: (usize, usize) = (90, 92);
/// Features about goods, route, taxes and values; this set has no history of those involved that tells anything.
const FEATURES: [&str; 10] =
    ["hs", "origin", "route", "everything", "priced", "combined", "value", "log", "tax", "chapter"];
const LOTS: &str = "lot";

/// Fewer trees than the product's, so that 1,200 trainings are bearable; the same for both.
fn algorithm() -> Algorithm {
    Algorithm::Boosted(BoostedParams { trees: 60, learning_rate: 0.1, bags: 1, folds: 2, ..BoostedParams::default() })
}

struct Row {
    declaration: Declaration,
    id: DeclarationId,
    keys: DeclarationKeys,
    lodged: Fact,
    found: bool,
}

/// The rows by day.
fn read(files: &[&str]) -> Vec<Vec<Row>> {
    let folder = data_folder().expect("the folder of public data sets is named by AFORO_BENCH_DATA").join("kcs");
    let mut days: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    let mut number = 0_u64;
    for file in files {
        let file = File::open(folder.join(file)).expect("the KCS set is there");
        for row in kcs::rows(file).expect("it has its columns") {
            let row = row.expect("every row is readable");
            let at = row.declaration.acceptance_date_time;
            // References repeat in the set; the number of the row tells them apart.
            let id = DeclarationId::derive(at, &[row.declaration.reference.as_bytes(), &number.to_le_bytes()]);
            number += 1;
            days.entry(row.date).or_default().push(Row {
                id,
                keys: features::keys(&row.declaration),
                lodged: Fact::Lodged(Lodged::of(id, 1, at, false, &row.declaration)),
                found: row.fraud,
                declaration: row.declaration,
            });
        }
    }
    days.into_values().collect()
}

impl Row {
    fn resulted(&self, by_chance: bool) -> Fact {
        let at = self.declaration.acceptance_date_time;
        Fact::Resulted(Resulted {
            declaration: self.id,
            control: ControlId::derive(at, &[self.id.0.as_bytes()]),
            version: 1,
            stage: ResultStage::Final,
            method: Method::Physical,
            trigger: if by_chance { Trigger::Random } else { Trigger::Model },
            full: true,
            examined_at: at,
            known_at: at,
            history: false,
            items: vec![ExaminedItem {
                sequence: 1,
                found: self.found,
                kinds: if self.found { vec![FindingKind::Contraband] } else { Vec::new() },
                duty_cents: 0,
            }],
        })
    }
}

/// The set with a learner of its own: states, what was examined, and the model made of it.
struct Kcs<'a> {
    days: &'a [Vec<Row>],
    columns: &'a [usize],
    algorithm: Algorithm,
    seed: u64,
    states: MemoryStates,
    examined: TrainingSet,
    model: Option<Artefact>,
    /// The vectors of the day that is being decided.
    today: Vec<Vec<f32>>,
    evidence: (usize, usize),
}

impl<'a> Kcs<'a> {
    fn new(days: &'a [Vec<Row>], columns: &'a [usize], seed: u64) -> Self {
        let names = columns.iter().map(|column| contract().names[*column].to_owned()).collect();
        let position = |name| contract().position(name).expect("the vector has it");
        Self {
            days,
            columns,
            algorithm: algorithm(),
            seed,
            states: MemoryStates::default(),
            examined: TrainingSet { contract_hash: contract().hash.clone(), names, ..TrainingSet::default() },
            model: None,
            today: Vec::new(),
            evidence: (position("pricedTupleExamined"), position("pricedTupleDeclared")),
        }
    }

    fn thin(&self, vector: &[f32]) -> Vec<f32> {
        self.columns.iter().map(|column| vector[*column]).collect()
    }
}

impl History for Kcs<'_> {
    type Error = TrainError;

    fn days(&self) -> usize {
        self.days.len()
    }

    fn arrivals(&mut self, day: usize) -> Result<Vec<(String, Prospect)>, TrainError> {
        let mut arrivals = Vec::with_capacity(self.days[day].len());
        self.today.clear();
        for row in &self.days[day] {
            let states = self.states.read(row.keys.list());
            let at = row.declaration.acceptance_date_time;
            let mut vectors = features::vectors(&row.declaration, &row.keys, &states, &[], at);
            let vector = vectors.remove(0);
            let thin = self.thin(&vector);
            let probability = match &self.model {
                Some(model) => model.score(&thin),
                None => f64::from(baseline_rate(&vector)),
            };
            let prospect = Prospect {
                probability,
                novelty: 0.0,
                examined_alike: f64::from(vector[self.evidence.0]),
                declared_alike: f64::from(vector[self.evidence.1]),
                days: day as f64,
            };
            arrivals.push((row.id.to_string(), prospect));
            self.today.push(thin);
        }
        Ok(arrivals)
    }

    fn examine(&mut self, day: usize, chosen: &[Chosen]) -> Result<Vec<bool>, TrainError> {
        let rows = &self.days[day];
        for row in rows {
            row.lodged.apply(&mut self.states);
        }
        for chosen in chosen {
            let row = &rows[chosen.at];
            let at = row.declaration.acceptance_date_time.as_microsecond();
            let group = (day * 100_000 + chosen.at) as u64;
            self.examined.push(&self.today[chosen.at], row.found, 1.0, group, at);
            row.resulted(chosen.by_chance).apply(&mut self.states);
        }
        Ok(chosen.iter().map(|chosen| rows[chosen.at].found).collect())
    }

    fn refit(&mut self, day: usize) -> Result<(), TrainError> {
        let seed = self.seed * 1_000 + day as u64;
        self.model = Some(risk_model::train(&self.algorithm, &self.examined, seed)?);
        Ok(())
    }
}

/// Precision of the last quarter and of everything after the labelled days.
struct Judged {
    last_quarter: Vec<f64>,
    cumulative: Vec<f64>,
}

impl Judged {
    fn of(runs: &[Learned], quarter: usize) -> Self {
        let days = |learned: &Learned| learned.days.len();
        Self {
            last_quarter: runs.iter().map(|run| run.precision(days(run) - quarter..days(run))).collect(),
            cumulative: runs.iter().map(|run| run.precision(CAMPAIGN.labelled_days..days(run))).collect(),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0).max(1.0)).sqrt()
}

/// The columns of the vector whose names begin with one of `starts`.
fn columns(starts: &[&str]) -> Vec<usize> {
    let named = |name: &str| starts.iter().any(|start| name.starts_with(start));
    (0..contract().names.len()).filter(|at| named(contract().names[*at])).collect()
}

/// Ours and greedy, every seed of both, by a learner that knows `columns`.
fn compare(report: &Report, days: &[Vec<Row>], columns: &[usize], quarter: usize) -> (Judged, Judged) {
    let (mut ours, mut greedy) = (Vec::new(), Vec::new());
    for seed in 1..=SEEDS {
        let secret = DrawSecret::new([seed as u8; 32]);
        for (chooser, runs) in [(&OURS, &mut ours), (&Chooser::GREEDY, &mut greedy)] {
            let mut history = Kcs::new(days, columns, seed);
            runs.push(run(&mut history, chooser, &CAMPAIGN, &secret).expect("there is enough to train on"));
        }
        let last = [&ours, &greedy].map(|runs| Judged::of(&runs[runs.len() - 1..], quarter));
        report.progress(&format!(
            "{} features, seed {seed}: last quarter {:.4} beside {:.4}, cumulative {:.4} beside {:.4}",
            columns.len(),
            last[0].last_quarter[0],
            last[1].last_quarter[0],
            last[0].cumulative[0],
            last[1].cumulative[0],
        ));
    }
    (Judged::of(&ours, quarter), Judged::of(&greedy, quarter))
}

fn last(judged: &Judged) -> &Vec<f64> {
    &judged.last_quarter
}

fn whole(judged: &Judged) -> &Vec<f64> {
    &judged.cumulative
}

/// `of` a part of both.
fn both((ours, greedy): &(Judged, Judged), of: fn(&[f64]) -> f64, part: fn(&Judged) -> &Vec<f64>) -> Value {
    json!({ "ours": of(part(ours)), "greedy": of(part(greedy)) })
}

/// What ours is above greedy.
fn gain((ours, greedy): &(Judged, Judged), part: fn(&Judged) -> &Vec<f64>) -> f64 {
    mean(part(ours)) - mean(part(greedy))
}

fn main() {
    let mut report = Report::of("learning");
    // `train` alone is for developing: its own last quarter is another one.
    let train_only = std::env::args().any(|argument| argument == "--train-only");
    let files = &["df_syn_train_eng.csv", "df_syn_valid_eng.csv"][..if train_only { 1 } else { 2 }];
    let quarter = if train_only { QUARTERS.1 } else { QUARTERS.0 };
    let days = read(files);
    let known = columns(&FEATURES);
    let (seconds, (judged, lots)) = cpu_seconds(|| {
        let judged = compare(&report, &days, &known, quarter);
        let with_lots = columns(&[&FEATURES[..], &[LOTS]].concat());
        (judged, compare(&report, &days, &with_lots, quarter))
    });
    let seeds = |judged: &Judged| json!({ "lastQuarter": judged.last_quarter, "cumulative": judged.cumulative });
    report
        .figure("lastQuarter", both(&judged, mean, last))
        .figure("cumulative", both(&judged, mean, whole))
        .figure("lastQuarterGain", gain(&judged, last))
        .figure("cumulativeGain", gain(&judged, whole))
        .figure("lastQuarterDeviation", both(&judged, deviation, last))
        .figure("cumulativeDeviation", both(&judged, deviation, whole))
        .figure("seeds", json!({ "ours": seeds(&judged.0), "greedy": seeds(&judged.1) }))
        .figure(
            "withLots",
            json!({
                "lastQuarter": both(&lots, mean, last),
                "cumulative": both(&lots, mean, whole),
                "lastQuarterGain": gain(&lots, last),
                "cumulativeGain": gain(&lots, whole),
            }),
        )
        .figure("features", known.len())
        .figure("days", days.len())
        .figure("declarations", days.iter().map(Vec::len).sum::<usize>())
        .figure("trainOnly", train_only)
        .figure("cpuSeconds", seconds);
    report.print();
}
