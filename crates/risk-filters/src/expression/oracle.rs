//! The interpreter of the `cel` crate as the oracle: generated conditions over generated declarations must hold here
//! exactly when they are true there. An error of the interpreter (a missing key, an overflow) is no match here.

use std::collections::HashMap;

use cel::{Context, Program as Interpreted, Value as Cel};
use customs::{Declaration, Note, NoteCode, Severity};
use proptest::prelude::*;

use super::*;
use crate::{FilterInput, expression::slots::Slots, input::Value, set::tests::declaration};

/// Builds the interpreter's variables from the values of the whole catalogue.
pub(crate) fn context(catalogue: &Catalogue, input: &FilterInput<'_>, item: usize) -> Context<'static, 'static> {
    let mut slots = Slots::default();
    let plain: Vec<_> = catalogue.fields().iter().filter(|field| field.field_type != FieldType::TextMap).collect();
    for field in &plain {
        slots.of_field(field);
    }
    let mut row = slots.empty_row();
    let lists = slots.lists(input);
    slots.read_declaration(input, &lists, &mut row);
    slots.read_item(input, &lists, item, &input.declaration.items[item], &mut row);

    let mut tree = Node::default();
    for (field, value) in plain.iter().zip(&row) {
        let value = match value {
            Value::Missing => None,
            Value::Text(text) => Some(Cel::from(*text)),
            Value::Integer(number) => Some(Cel::from(*number)),
            Value::Number(number) => Some(Cel::from(*number)),
            Value::Boolean(yes) => Some(Cel::from(*yes)),
            Value::Texts(texts) => Some(Cel::from(texts.iter().map(|text| Cel::from(*text)).collect::<Vec<_>>())),
        };
        tree.put(&field.name.split('.').collect::<Vec<_>>(), value);
    }
    let map = |entries: &std::collections::BTreeMap<String, String>| {
        Some(Cel::from(entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<HashMap<_, _>>()))
    };
    tree.put(&["declaration", "extensions"], map(&input.declaration.extensions));
    tree.put(&["item", "extensions"], map(&input.declaration.items[item].extensions));

    let mut context = Context::default();
    for (name, node) in tree.children {
        context.add_variable_from_value(name, node.into_value());
    }
    context
}

#[derive(Default)]
struct Node {
    value: Option<Cel>,
    children: HashMap<String, Node>,
}

impl Node {
    /// Puts a value; without one only the groups on the way are made, as in a message whose field is not set.
    fn put(&mut self, path: &[&str], value: Option<Cel>) {
        match path {
            [] => self.value = value,
            [last] if value.is_none() => drop(self.children.remove(*last)),
            [first, rest @ ..] => self.children.entry((*first).to_owned()).or_default().put(rest, value),
        }
    }

    fn into_value(self) -> Cel {
        self.value.unwrap_or_else(|| {
            Cel::from(self.children.into_iter().map(|(key, node)| (key, node.into_value())).collect::<HashMap<_, _>>())
        })
    }
}

pub(super) fn choose(options: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(options).prop_map(str::to_owned)
}

fn texts() -> BoxedStrategy<String> {
    let leaf = choose(&[
        "item.origin",
        "item.hs4",
        "item.hs6",
        "item.description",
        "item.procedure",
        "item.unit",
        "item.incoterm",
        "declaration.office",
        "declaration.direction",
        "declaration.port",
        "declaration.trader.id",
        "declaration.counterparty.country",
        "declaration.extensions['lane']",
        "declaration.extensions.lane",
        "item.extensions['brand']",
        "cargo.voyage",
        "'CN'",
        "'118'",
        "'8703'",
        "''",
        "'ñandú'",
        "'in'",
    ]);
    leaf.clone()
        .prop_recursive(1, 3, 2, move |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
                (plain_conditions(), inner.clone(), inner).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
            ]
        })
        .boxed()
}

fn integers() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        choose(&[
            "declaration.itemCount",
            "declaration.packages",
            "declaration.expressCategory",
            "item.sequence",
            "item.valuationMethod",
            "cargo.containerCount",
            "size(item.description)",
            "item.hs6.size()",
            "size(declaration.notes)",
            "size(['a', 'b'])",
            "int(item.netMassKg)",
            "int(declaration.extensions['lane'])",
            "9223372036854775807",
        ]),
        (-3_i64..4).prop_map(|number| number.to_string()),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), choose(&["+", "-", "*", "/", "%"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (plain_conditions(), inner.clone(), inner).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
        ]
    })
    .boxed()
}

fn numbers() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        choose(&[
            "item.netMassKg",
            "item.grossMassKg",
            "item.customsValue",
            "item.unitValuePerKg",
            "item.taxRate",
            "item.freight",
            "declaration.totalValue",
            "feature.importer_findings",
            "feature.price_z",
            "double(declaration.extensions['lane'])",
            "0.0",
            "-1.5",
            "1e300",
        ]),
        (0_i32..40).prop_map(|number| format!("{:?}", f64::from(number) / 4.0)),
        integers().prop_map(|integer| format!("double({integer})")),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), choose(&["+", "-", "*", "/"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (plain_conditions(), inner.clone(), inner).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
        ]
    })
    .boxed()
}

fn plain_conditions() -> BoxedStrategy<String> {
    choose(&[
        "true",
        "false",
        "declaration.trader.aeo",
        "has(item.netMassKg)",
        "has(item.procedure)",
        "has(declaration.extensions.lane)",
        "has(feature.price_z)",
        "'lane' in declaration.extensions",
        "'net-above-gross' in declaration.notes",
        "item.netMassKg > 5.0",
        "declaration.packages == 2",
    ])
    .boxed()
}

pub(crate) fn conditions() -> BoxedStrategy<String> {
    let compare = || choose(&["==", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        2 => plain_conditions(),
        2 => (texts(), compare(), texts()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        2 => (integers(), compare(), integers()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        3 => (numbers(), compare(), numbers()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        1 => (numbers(), compare(), integers()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        1 => (integers(), compare(), numbers()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        2 => texts().prop_map(|a| format!("({a}) in ['CN', '118', '8703', 'KGM', 'ñandú']")),
        1 => integers().prop_map(|a| format!("({a}) in [1, 2, 4]")),
        1 => numbers().prop_map(|a| format!("({a}) in [0.0, 1.5, 6]")),
        1 => texts().prop_map(|a| format!("({a}) in item.containers")),
        1 => (texts(), choose(&["startsWith", "endsWith", "contains"]), texts())
            .prop_map(|(a, test, b)| format!("({a}).{test}({b})")),
        1 => (texts(), choose(&["^8", "C.$", "(?i)ÑAN", "[0-9]{3}", "x|"]))
            .prop_map(|(a, pattern)| format!("({a}).matches('{pattern}')")),
        1 => (plain_conditions(), choose(&["==", "!="]), plain_conditions())
            .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
    ];
    let looped = leaf.clone();
    let loops = (
        choose(&["item.containers", "declaration.notes", "['87', '61']", "cargo.containers"]),
        choose(&["exists", "all"]),
        choose(&["item.hs4.startsWith(x)", "x == 'MSKU1'", "x.contains('mass')", "size(x) > 2"]),
        choose(&["&&", "||"]),
        looped,
    )
        .prop_map(|(list, quantifier, test, op, other)| format!("{list}.{quantifier}(x, {test} {op} ({other}))"));
    prop_oneof![5 => leaf, 1 => loops]
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(") && ("))),
                prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(") || ("))),
                inner.clone().prop_map(|part| format!("!({part})")),
                (inner.clone(), inner.clone(), inner).prop_map(|(c, a, b)| format!("(({c}) ? ({a}) : ({b}))")),
            ]
        })
        .boxed()
}

/// A declaration in which every optional field may be missing.
pub(crate) fn declarations() -> impl Strategy<Value = (Declaration, Vec<Note>, Vec<Vec<f32>>)> {
    let quarter = || prop::option::of((0_i64..40).prop_map(|number| customs::Decimal::new(number * 25, 2)));
    (
        (quarter(), quarter(), quarter(), quarter()),
        (
            prop::option::of(choose(&["7", "CN", "x1"])),
            prop::option::of(choose(&["ACME", "CN"])),
            prop::option::of(0_u32..4),
            prop::option::of(1_u8..4),
            any::<bool>(),
            any::<bool>(),
        ),
        (
            choose(&["CN", "PE", "US"]),
            choose(&["8703231000", "611020", "87"]),
            choose(&["", "ñandú usado", "shoes"]),
            prop::option::of(choose(&["KGM", "118"])),
            prop::option::of(choose(&["CN", "118"])),
        ),
        (prop::option::of(-4_i8..8), prop::option::of(0_i8..8), any::<bool>(), any::<bool>()),
    )
        .prop_map(|((net, gross, freight, rate), national, words, (findings, price, noted, contained))| {
            let mut declaration = declaration();
            declaration.items.truncate(1);
            let (lane, brand, packages, method, aeo, traded) = national;
            declaration.packages = packages.map(i64::from);
            declaration.express_category = method;
            declaration.extensions.extend(lane.map(|lane| ("lane".to_owned(), lane)));
            if traded {
                declaration.parties[0].authorised_economic_operator = aeo;
            } else {
                declaration.parties.clear();
            }
            if !contained {
                declaration.containers.clear();
                declaration.means_of_transport = None;
            }
            let (origin, code, description, unit, procedure) = words;
            let item = &mut declaration.items[0];
            item.net_mass_kg = net;
            item.gross_mass_kg = gross;
            item.valuation.freight = freight.map(|amount| customs::Money::new(amount, "USD"));
            item.valuation.method = method;
            item.duty_taxes.truncate(usize::from(rate.is_some()));
            for (tax, rate) in item.duty_taxes.iter_mut().zip(rate) {
                tax.rate = rate;
            }
            item.origin_country = origin.into();
            item.commodity_code = code.into();
            item.description = description;
            item.statistical_unit = unit;
            item.procedure = procedure;
            item.extensions.extend(brand.map(|brand| ("brand".to_owned(), brand)));
            if !contained {
                item.containers.clear();
            }
            let feature = |value: Option<i8>| value.map_or(f32::NAN, |value| f32::from(value) / 2.0);
            let note = Note {
                code: NoteCode::NetAboveGross,
                severity: Severity::Error,
                pointer: "/items/0".to_owned(),
                message: String::new(),
            };
            let notes = if noted { vec![note] } else { Vec::new() };
            (declaration, notes, vec![vec![feature(findings), feature(price)]])
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_holds_exactly_when_the_interpreter_says_true(
        expression in conditions(),
        (declaration, notes, features) in declarations(),
    ) {
        let catalogue = Catalogue::standard().with_features(["importer_findings", "price_z"]);
        let input = FilterInput { declaration: &declaration, notes: &notes, features: &features };
        let mut slots = Slots::default();
        let program = match compile_condition(&expression, &Vocabulary::from(&catalogue), &mut slots) {
            Ok(program) => program,
            Err(errors) => {
                // The generator may compare a field with a literal it can never have; nothing else may be refused.
                prop_assert!(
                    errors.iter().all(|error| error.code == crate::ExpressionErrorCode::UnknownValue),
                    "{expression}: {errors:?}"
                );
                return Ok(());
            }
        };
        let mut row = slots.empty_row();
        let lists = slots.lists(&input);
        slots.read_declaration(&input, &lists, &mut row);
        slots.read_item(&input, &lists, 0, &declaration.items[0], &mut row);

        let truth = Interpreted::compile(&expression).unwrap().execute(&context(&catalogue, &input, 0));
        let ours = program.condition.evaluate(&Scope::new(&row, &[]));
        prop_assert_eq!(ours == Some(true), truth == Ok(Cel::Bool(true)), "{} gave {:?}", expression, truth);
        // The negation must not turn what is unknown into a match either.
        let negated = ours == Some(false);
        prop_assert_eq!(negated, truth == Ok(Cel::Bool(false)), "!({}) where it gave {:?}", expression, truth);
        // What is refused as impossible does not hold here, and what is refused as always true does not fail.
        if let Some(verdict) = verdict::verdict(&program.condition, &slots, true) {
            let otherwise = verdict.code == crate::ExpressionErrorCode::Impossible;
            prop_assert_ne!(ours, Some(otherwise), "{} is refused: {}", expression, verdict.message);
        }
    }

    #[test]
    fn what_came_of_a_division_by_zero_has_no_order(
        compared in choose(&["<", "<=", ">", ">=", "==", "!="]),
        (declaration, notes, features) in declarations(),
    ) {
        let expression = format!("0.0 / double(cargo.containerCount - cargo.containerCount) {compared} 1.0");
        let catalogue = Catalogue::standard();
        let input = FilterInput { declaration: &declaration, notes: &notes, features: &features };
        let mut slots = Slots::default();
        let program = compile_condition(&expression, &Vocabulary::from(&catalogue), &mut slots).unwrap();
        let mut row = slots.empty_row();
        let lists = slots.lists(&input);
        slots.read_declaration(&input, &lists, &mut row);
        let truth = Interpreted::compile(&expression).unwrap().execute(&context(&catalogue, &input, 0));
        let ours = program.condition.evaluate(&Scope::new(&row, &[]));
        prop_assert_eq!(ours.map(Cel::Bool), truth.ok());
    }

    #[test]
    fn no_text_makes_the_parser_or_the_compiler_panic(text in "[a-z0-9.'\"!&|<>=()\\[\\]{}?:, ñ+*/%\\\\`-]{0,60}") {
        let _checked = check(&text, &Catalogue::standard());
    }
}

/// Conditions of the shapes that the index takes apart, over fields that declarations here differ in.
fn indexed_conditions() -> BoxedStrategy<String> {
    let text = || {
        choose(&[
            "item.origin",
            "item.hs2",
            "item.hs4",
            "item.hs6",
            "item.commodityCode",
            "item.procedure",
            "item.unit",
            "declaration.port",
            "declaration.trader.id",
            "declaration.counterparty.country",
            "declaration.extensions['lane']",
            "item.extensions['brand']",
        ])
    };
    let literal =
        || choose(&["'CN'", "'PE'", "'87'", "'8703'", "'870323'", "'61'", "'118'", "'KGM'", "'7'", "'20123456786'"]);
    let number = || {
        choose(&["item.netMassKg", "item.taxRate", "item.customsValue", "feature.importer_findings", "feature.price_z"])
    };
    let whole = || choose(&["declaration.packages", "item.valuationMethod", "cargo.containerCount"]);
    let compare = || choose(&["==", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        4 => (text(), choose(&["==", "!="]), literal()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        3 => (text(), prop::collection::vec(literal(), 1..4)).prop_map(|(a, of)| format!("{a} in [{}]", of.join(", "))),
        3 => (text(), choose(&["'8'", "'87'", "'8703'", "'870323'", "'6'", "'C'", "''", "'201'"]))
            .prop_map(|(a, start)| format!("{a}.startsWith({start})")),
        3 => (text(), choose(&["watch", "goods", "gone"])).prop_map(|(a, list)| format!("{a} in lists.{list}")),
        3 => (number(), compare(), -6_i32..20).prop_map(|(a, op, b)| format!("{a} {op} {:?}", f64::from(b) / 4.0)),
        2 => (whole(), compare(), -1_i64..4).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => whole().prop_map(|a| format!("{a} in [0, 2, 3]")),
        1 => number().prop_map(|a| format!("{a} in [0.0, 2.5]")),
        1 => prop_oneof![text(), number(), whole()]
            .prop_filter("presence of a key is asked with in", |field| !field.contains('['))
            .prop_map(|a| format!("has({a})")),
        1 => choose(&["declaration.trader.aeo", "'lane' in declaration.extensions", "true", "false"]),
        1 => choose(&["'MSKU1' in item.containers", "'MSKU2' in item.containers", "'net-above-gross' in declaration.notes"]),
        1 => choose(&["item.netMassKg > item.grossMassKg", "item.containers.exists(c, c in lists.watch)",
            "(has(item.unit) ? item.unit : 'KGM') == 'KGM'", "item.description.contains('ñ')"]),
        1 => choose(&["(declaration.trader.aeo ? item.hs2 == '87' : item.origin == 'CN')", "item.origin >= 'CN'",
            "item.netMassKg == item.netMassKg", "item.procedure < item.procedure", "1 + 1 == 2", "'CN' in ['PE']",
            "item.netMassKg > 2.0 * 0.5"]),
    ];
    combined(leaf.boxed(), 4, 20, 4)
}

/// Conditions made of others, of at most `parts` at a time: up to `depth` deep, about `size` in all.
pub(super) fn combined(leaf: BoxedStrategy<String>, depth: u32, size: u32, parts: usize) -> BoxedStrategy<String> {
    leaf.prop_recursive(depth, size, parts as u32, move |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..=parts).prop_map(|of| format!("({})", of.join(" && "))),
            2 => prop::collection::vec(inner.clone(), 2..=parts).prop_map(|of| format!("({})", of.join(" || "))),
            1 => inner.clone().prop_map(|part| format!("!({part})")),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(asked, yes, no)| format!("({asked} ? {yes} : {no})")),
        ]
    })
    .boxed()
}

/// Named lists, of which one has been in force only until before every declaration here.
fn lists() -> crate::Lists {
    use crate::{CodeKind, list::tests::list};
    let entries = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let filled = |list, texts: &[&str]| crate::FilterList { entries: entries(texts), ..list };
    crate::Lists::new([
        filled(list("watch", 1, CodeKind::Text, -900, Some(-5)), &["PE"]),
        filled(list("watch", 2, CodeKind::Text, -5, None), &["20123456786", "CN", "MSKU1", "8703"]),
        filled(list("goods", 1, CodeKind::Text, -900, None), &["8703", "870323", "8703231000", "87", "CN"]),
        filled(list("gone", 1, CodeKind::Text, -900, Some(-1)), &["CN", "PE", "8703", "87"]),
    ])
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_index_matches_exactly_what_the_interpreter_says(
        indexed in prop::collection::vec(indexed_conditions(), 1..80),
        anything in prop::collection::vec(conditions(), 0..5),
        many in prop::collection::vec(declarations(), 1..6),
    ) {
        let catalogue = Catalogue::standard().with_features(["importer_findings", "price_z"]);
        let lists = lists();
        let vocabulary = Vocabulary { lists: &lists, ..Vocabulary::from(&catalogue) };
        let definitions: Vec<crate::FilterDefinition> = indexed
            .iter()
            .chain(&anything)
            .enumerate()
            .map(|(at, expression)| crate::FilterDefinition {
                valid_from: jiff::Timestamp::MIN,
                ..crate::set::tests::definition(&format!("F{at:03}"), expression)
            })
            .collect();
        // What no catalogue value can equal is refused; everything else must have compiled.
        let (set, errors) = crate::FilterSet::compile_with(&definitions, &vocabulary);
        for error in &errors {
            prop_assert!(error.error.code == crate::ExpressionErrorCode::UnknownValue, "{}", error);
        }
        let programs: Vec<Interpreted> =
            set.definitions().map(|filter| Interpreted::compile(&filter.expression).unwrap()).collect();
        for (declaration, notes, features) in &many {
            let input = FilterInput { declaration, notes, features };
            let mut context = context(&catalogue, &input, 0);
            let in_force = |name: &str| match name {
                "watch" => vec!["20123456786", "CN", "MSKU1", "8703"],
                "goods" => vec!["8703", "870323", "8703231000", "87", "CN"],
                _ => Vec::new(),
            };
            let named: HashMap<String, Cel> = ["watch", "goods", "gone"]
                .iter()
                .map(|name| {
                    let entries: Vec<Cel> = in_force(name).into_iter().map(Cel::from).collect();
                    ((*name).to_owned(), Cel::from(entries))
                })
                .collect();
            context.add_variable_from_value("lists", Cel::from(named));
            let theirs: Vec<&str> = set
                .definitions()
                .zip(&programs)
                .filter(|(_, program)| program.execute(&context) == Ok(Cel::Bool(true)))
                .map(|(filter, _)| filter.code.as_str())
                .collect();
            let at = declaration.acceptance_date_time;
            let found = set.matches(&input, at, &declaration.office, |_| 0.0);
            let ours: Vec<&str> = found.iter().map(|matched| matched.code.as_str()).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
