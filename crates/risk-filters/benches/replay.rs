//! Replaying a filter over stored history: declarations as JSON lines are parsed, matched and tallied. The peer does
//! the same with the `cel` interpreter, item by item.

#[path = "made/definition.rs"]
mod definition;
#[path = "made/goods.rs"]
mod goods;
#[path = "made/peer.rs"]
mod peer;

use benchkit::{Report, Subject, against};
use cel::{Program, Value};
use customs::Declaration;
use risk_filters::FilterInput;
use risk_filters::replay::{Capacity, Examined, Replay, ReplayRow, Tally};

/// Declarations of a round.
const DECLARATIONS: usize = 2_000;
const ITEMS: u32 = 8;
const CONDITION: &str = "item.hs2 in ['38', '75', '01'] && item.origin in ['CN', 'US'] && feature.importerRate > 0.02";

fn examined(number: usize) -> Option<Examined> {
    number.is_multiple_of(12).then_some(Examined { found: number.is_multiple_of(5), probability: Some(0.08) })
}

fn main() {
    let mut report = Report::of("replay");
    let mut chance = goods::Chance::new(13);
    let lines: Vec<String> = (0..DECLARATIONS)
        .map(|number| {
            let declaration = goods::declaration(&mut chance, number, ITEMS);
            serde_json::to_string(&declaration).expect("a declaration is JSON")
        })
        .collect();
    let vectors: Vec<Vec<Vec<f32>>> =
        lines.iter().map(|_| (0..ITEMS).map(|_| goods::features(&mut chance)).collect()).collect();
    let bytes = lines.iter().map(String::len).sum::<usize>() / lines.len();
    let catalogue = definition::catalogue();
    let replay = Replay::new(&definition::definition(1, CONDITION.to_owned()), &catalogue).expect("it compiles");
    let program = Program::compile(CONDITION).expect("it is an expression");

    let run = || {
        let mut tally = Tally::default();
        for (number, (line, features)) in lines.iter().zip(&vectors).enumerate() {
            let declaration: Declaration = serde_json::from_str(line).expect("it was written as one");
            let input = FilterInput { declaration: &declaration, notes: &[], features };
            replay.row(&mut tally, &ReplayRow { input, ..ReplayRow::of(&declaration, examined(number)) });
        }
        tally
    };
    let interpreted = || {
        let mut matches = 0;
        for (line, features) in lines.iter().zip(&vectors) {
            let mut declaration: Declaration = serde_json::from_str(line).expect("it was written as one");
            for (item, features) in std::mem::take(&mut declaration.items).into_iter().zip(features) {
                declaration.items = vec![item];
                matches += u64::from(program.execute(&peer::context(&declaration, features)) == Ok(Value::Bool(true)));
            }
        }
        matches
    };
    let said = replay.report(&run(), &Capacity::default());
    assert_eq!(said.matches, interpreted(), "both must match the same");

    let each = DECLARATIONS as u64 * u64::from(ITEMS);
    let (ours, theirs) = against(7, Subject::new(each, run), Subject::new(each, interpreted));
    report
        .compared(ours, theirs)
        .figure("bytesPerDeclaration", bytes)
        .figure("itemsPerDeclaration", ITEMS)
        .figure("matchedShare", said.matches as f64 / said.items as f64)
        .figure("cpuSecondsPerMillionItems", ours);
    report.print();
}
