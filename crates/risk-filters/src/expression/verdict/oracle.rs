//! The interpreter of the `cel` crate as the oracle of verdicts: what is refused as impossible holds for no declaration,
//! and what is refused as always true fails for none.

use std::cell::Cell;

use cel::{Context, Program as Interpreted, Value as Cel};
use customs::{Declaration, Direction, PartyRole};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{
    super::{
        compile_condition,
        oracle::{choose, combined, context},
        tests::catalogue,
    },
    *,
};
use crate::{FilterInput, Vocabulary, set::tests::declaration};

/// All texts of two letters with at most three characters, the empty one included.
fn texts() -> Vec<String> {
    let mut texts = vec![String::new()];
    for at in 0..7 {
        let longer: Vec<String> = ["A", "B"].iter().map(|letter| format!("{}{letter}", texts[at])).collect();
        texts.extend(longer);
    }
    texts
}

/// Declarations in which the text fields of one item, of its declaration and its cargo have every such text.
fn every_declaration() -> Vec<Declaration> {
    let mut all = Vec::new();
    for text in texts() {
        for unit in [None, Some(text.clone()), Some("BA".to_owned())] {
            for (direction, traded) in [(Direction::In, true), (Direction::Out, true), (Direction::Transit, false)] {
                let mut of = declaration();
                of.direction = direction;
                of.packages = (!text.is_empty()).then_some(text.len() as i64 - 1);
                let mut trader = of.parties.swap_remove(0);
                trader.id.clone_from(&text);
                trader.role = if direction == Direction::Out { PartyRole::Exporter } else { PartyRole::Importer };
                of.parties = if traded { vec![trader] } else { Vec::new() };
                of.means_of_transport = of.means_of_transport.filter(|_| unit.is_some());
                of.items.truncate(1);
                let item = &mut of.items[0];
                item.containers = unit.iter().cloned().chain(traded.then(|| text.clone())).collect();
                item.commodity_code = text.as_str().into();
                item.description.clone_from(&text);
                item.statistical_unit.clone_from(&unit);
                all.push(of);
            }
        }
    }
    all
}

const FIELDS: &[&str] = &["item.description", "item.unit", "item.hs2", "declaration.trader.id", "importer.id"];

fn comparisons() -> impl Strategy<Value = String> + Clone {
    choose(&["==", "!=", "<", "<=", ">", ">="])
}

/// Tests of one field with few short literals.
fn tests_of(field: &'static str) -> impl Strategy<Value = String> + Clone {
    let literal = || choose(&["''", "'A'", "'A'", "'B'", "'AB'", "'BA'", "'BAB'", "'C'", "'AAAA'"]);
    prop_oneof![
        6 => (comparisons(), literal()).prop_map(move |(how, text)| format!("{field} {how} {text}")),
        1 => (comparisons(), literal()).prop_map(move |(how, text)| format!("{text} {how} {field}")),
        2 => prop::collection::vec(literal(), 1..4).prop_map(move |of| format!("{field} in [{}]", of.join(", "))),
        4 => (choose(&["startsWith", "endsWith", "contains"]), literal())
            .prop_map(move |(test, text)| format!("{field}.{test}({text})")),
        1 => choose(&["^A", "B$", "^.{2}$", "^$"]).prop_map(move |of| format!("{field}.matches('{of}')")),
        2 => (comparisons(), 0..5).prop_map(move |(how, size)| format!("size({field}) {how} {size}")),
        1 => Just(format!("has({field})")),
        1 => literal().prop_map(move |text| format!("(has({field}) ? {field} : 'A') == {text}")),
        1 => (comparisons(), prop::sample::select(FIELDS)).prop_map(move |(how, other)| format!("{field} {how} {other}")),
        1 => literal().prop_map(move |text| format!("({field} + 'B') == {text}")),
    ]
}

/// Conditions whose parts often exclude one another: few fields, several tests of each.
fn narrow_conditions() -> BoxedStrategy<String> {
    let of_one_field = (prop::sample::select(FIELDS), choose(&[" && ", " || "])).prop_flat_map(|(field, bond)| {
        prop::collection::vec(tests_of(field), 1..4).prop_map(move |tests| format!("({})", tests.join(&bond)))
    });
    let other = prop_oneof![
        (choose(&["exists", "all"]), choose(&["true", "false", "c == 'A'", "c.startsWith('B')", "c < 'B' && c > 'C'"]))
            .prop_map(|(how, of)| format!("item.containers.{how}(c, {of})")),
        choose(&["declaration.direction", "cargo.mode", "declaration.transportMode"]).prop_flat_map(|field| choose(&[
            "== 'in'",
            "!= 'out'",
            "== 'maritime'",
            ".endsWith('t')",
            "> 'm'"
        ])
        .prop_map(move |test| format!("{field}{}{test}", if test.starts_with('.') { "" } else { " " }))),
        choose(&["cargo.mode == declaration.transportMode", "!has(cargo.mode)", "has(declaration.transportMode)"]),
        choose(&["has(item.sequence)", "has(item.containers)", "has(declaration.direction)", "item.sequence > 0"]),
        (comparisons(), -1..4).prop_map(|(how, number)| format!("declaration.packages {how} {number}")),
        choose(&["declaration.packages in [0, 2]", "declaration.packages % 2 == 0", "declaration.packages * 2 == 3"]),
    ];
    combined(prop_oneof![4 => of_one_field, 1 => other].boxed(), 3, 8, 3)
}

#[test]
fn nothing_that_can_hold_and_fail_is_refused() {
    let catalogue = catalogue();
    let all = every_declaration();
    let contexts: Vec<Context<'_, '_>> = all
        .iter()
        .map(|declaration| context(&catalogue, &FilterInput { declaration, notes: &[], features: &[] }, 0))
        .collect();
    let mut runner = TestRunner::new(ProptestConfig { cases: 4_000, max_shrink_iters: 4_000, ..Default::default() });
    let (refused, looked_at) = (Cell::new(0), Cell::new(0));
    let outcome = runner.run(&narrow_conditions(), |expression| {
        let mut slots = Slots::default();
        let Ok(program) = compile_condition(&expression, &Vocabulary::from(&catalogue), &mut slots) else {
            return Ok(());
        };
        looked_at.set(looked_at.get() + 1);
        let Some(verdict) = verdict(&program.condition, &slots, true) else { return Ok(()) };
        refused.set(refused.get() + 1);
        let otherwise = Ok(Cel::Bool(verdict.code == Code::Impossible));
        let interpreted = Interpreted::compile(&expression).unwrap();
        for (context, declaration) in contexts.iter().zip(&all) {
            prop_assert_ne!(
                interpreted.execute(context),
                otherwise.clone(),
                "{}: {} of {:?}",
                expression,
                verdict.message,
                declaration
            );
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(refused.get() * 10 > looked_at.get(), "{} of {} refused", refused.get(), looked_at.get());
    assert!(refused.get() * 10 < looked_at.get() * 9, "{} of {} refused", refused.get(), looked_at.get());
}
