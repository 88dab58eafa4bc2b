//! Matching one item against 1,000 and 10,000 filters with the explanation of every match, beside the `cel`
//! interpreter with precompiled programs over the same conditions and the same item.

#[path = "made/conditions.rs"]
mod conditions;
#[path = "made/definition.rs"]
mod definition;
#[path = "made/goods.rs"]
mod goods;
#[path = "made/peer.rs"]
mod peer;

use benchkit::{Report, Subject, against, measure};
use cel::{Program, Value};
use risk_filters::{FilterInput, FilterSet};
use serde_json::{Value as Json, json};

/// Items that ours goes through, as many as scoring decides in one batch.
const ITEMS: usize = 100;
/// How often in a round.
const TIMES: usize = 50;
/// Conditions that the interpreter evaluates in a round, for one item after the other.
const PEER_CONDITIONS: usize = 40_000;
/// Items on which both must match the same before anything is timed.
const CHECKED: usize = 20;

fn main() {
    let mut report = Report::of("filters");
    let mut chance = goods::Chance::new(7);
    report.progress("making conditions");
    let definitions = conditions::definitions(&mut chance, 10_000);
    let items = conditions::items(&mut chance, ITEMS);
    let sizes: Vec<Json> = [1_000, 10_000].into_iter().map(|n| size(&report, &definitions[..n], &items)).collect();
    let last = sizes.last().cloned().unwrap_or_default();
    for name in ["cpuMicrosPerOp", "peerMicrosPerOp", "ratio"] {
        report.figure(name, last[name].clone());
    }
    report.figure("sizes", sizes);
    report.print();
}

fn size(
    report: &Report,
    definitions: &[risk_filters::FilterDefinition],
    items: &[(customs::Declaration, Vec<Vec<f32>>)],
) -> Json {
    let n = definitions.len();
    report.progress(&format!("{n} filters"));
    let (set, errors) = FilterSet::compile_valid(definitions, &definition::catalogue());
    assert!(errors.is_empty());
    let programs: Vec<Program> =
        definitions.iter().map(|filter| Program::compile(&filter.expression).expect("it is an expression")).collect();

    let mut matches = 0;
    for (number, (declaration, features)) in items.iter().enumerate() {
        let input = FilterInput { declaration, notes: &[], features };
        let found = set.matches(&input, declaration.acceptance_date_time, &declaration.office, |_| 0.0);
        matches += found.len();
        if number < CHECKED {
            let context = peer::context(declaration, &features[0]);
            let theirs: Vec<&str> = definitions
                .iter()
                .zip(&programs)
                .filter(|(_, program)| program.execute(&context) == Ok(Value::Bool(true)))
                .map(|(filter, _)| filter.code.as_str())
                .collect();
            let ours: Vec<&str> = found.iter().map(|matched| matched.code.as_str()).collect();
            assert_eq!(ours, theirs, "both must match the same");
        }
    }

    let ours = Subject::new((items.len() * TIMES) as u64, || {
        let mut told = 0;
        for (declaration, features) in std::iter::repeat_n(items, TIMES).flatten() {
            let input = FilterInput { declaration, notes: &[], features };
            set.each_match(&input, declaration.acceptance_date_time, &declaration.office, |matched| {
                let code = matched.definition().code.as_str();
                // Every reason is a field and its value in words.
                told += matched.reasons().map(|reason| std::hint::black_box((code, reason)).1.1.len()).sum::<usize>();
            });
        }
        told
    });
    let kept = Subject::new((items.len() * TIMES) as u64, || {
        let all = std::iter::repeat_n(items, TIMES).flatten().map(|(declaration, features)| {
            let input = FilterInput { declaration, notes: &[], features };
            let found = set.matches(&input, declaration.acceptance_date_time, &declaration.office, |_| 0.0);
            std::hint::black_box(&found).len()
        });
        all.sum::<usize>()
    });
    let peer_items = PEER_CONDITIONS / n;
    let contexts: Vec<_> =
        items[..peer_items].iter().map(|(declaration, features)| peer::context(declaration, &features[0])).collect();
    let theirs = Subject::new(peer_items as u64, || {
        let holds =
            |context| programs.iter().filter(|program| program.execute(context) == Ok(Value::Bool(true))).count();
        contexts.iter().map(holds).sum::<usize>()
    });
    let (ours, theirs) = against(5, ours, theirs);
    let kept = measure(5, kept);
    json!({
        "n": n,
        "recordedMicrosPerOp": kept,
        "cpuMicrosPerOp": ours,
        "peerMicrosPerOp": theirs,
        "ratio": theirs / ours,
        "matchesPerItem": matches as f64 / items.len() as f64,
    })
}
