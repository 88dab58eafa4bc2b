use proptest::prelude::*;

use super::*;
use crate::{FilterSet, expression::oracle::declarations, set::tests::definition};

fn catalogue() -> Catalogue {
    Catalogue::standard().with_features(["importer_findings", "price_z"])
}

fn tree(json: &str) -> ConditionTree {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn a_tree_is_written_as_an_analyst_would() {
    for (json, expected) in [
        (r#"{"field": "item.hs4", "op": "oneOf", "value": ["6109", "6203"]}"#, "item.hs4 in ['6109', '6203']"),
        (r#"{"field": "item.netMassKg", "op": "less", "value": 4}"#, "item.netMassKg < 4.0"),
        (
            r#"{"field": "item.netMassKg", "op": "between", "value": [1, 2.5]}"#,
            "item.netMassKg >= 1.0 && item.netMassKg <= 2.5",
        ),
        (r#"{"field": "declaration.trader.aeo", "op": "equal", "value": false}"#, "!declaration.trader.aeo"),
        (r#"{"field": "item.extensions['it''s']", "op": "missing"}"#, r"!('it\'\'s' in item.extensions)"),
        (
            r#"{"field": "item.description", "op": "contains", "value": "d'or \\ x"}"#,
            r"item.description.contains('d\'or \\ x')",
        ),
        (
            r#"{"field": "declaration.trader.id", "op": "notListed", "value": "watch"}"#,
            "!(declaration.trader.id in lists.watch)",
        ),
        (
            r#"{"all": [{"field": "item.origin", "op": "notEqual", "value": "CN"},
                {"any": [{"field": "declaration.notes", "op": "includes", "value": "zero-value"},
                         {"expression": "item.netMassKg > item.grossMassKg"}]}]}"#,
            "item.origin != 'CN' && ('zero-value' in declaration.notes || (item.netMassKg > item.grossMassKg))",
        ),
    ] {
        let written = tree(json).to_expression(&catalogue()).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(written, expected);
    }
}

#[test]
fn what_is_wrong_with_a_tree_is_told_with_its_pointer() {
    for (json, pointer) in [
        (r#"{"all": [{"field": "item.orijin", "op": "equal", "value": "CN"}]}"#, "/all/0/field"),
        (r#"{"not": {"field": "item.origin", "op": "less", "value": "CN"}}"#, "/not/op"),
        (r#"{"field": "item.netMassKg", "op": "less", "value": "4"}"#, "/value"),
        (r#"{"field": "item.netMassKg", "op": "less"}"#, "/value"),
        (r#"{"field": "item.hs4", "op": "oneOf", "value": []}"#, "/value"),
        (r#"{"field": "item.hs4", "op": "present", "value": "x"}"#, "/value"),
        (r#"{"field": "declaration.trader.id", "op": "listed", "value": "a b"}"#, "/value"),
        (r#"{"any": [{"all": []}]}"#, "/any/0"),
        (r#"{"expression": " "}"#, ""),
    ] {
        assert_eq!(tree(json).to_expression(&catalogue()).unwrap_err().pointer, pointer, "{json}");
    }
    let error = tree(r#"{"field": "item.orijin", "op": "present"}"#).to_expression(&catalogue()).unwrap_err();
    assert_eq!(error.suggestion.as_deref(), Some("item.origin"));
    let refused = serde_json::from_str::<ConditionTree>(r#"{"fild": "item.origin"}"#).unwrap_err().to_string();
    assert!(refused.starts_with("a condition is"), "{refused}");
}

#[test]
fn text_is_read_as_a_tree() {
    for (text, json) in [
        ("'CN' == item.origin", r#"{"field": "item.origin", "op": "equal", "value": "CN"}"#),
        ("3.0 < item.netMassKg", r#"{"field": "item.netMassKg", "op": "greater", "value": 3.0}"#),
        ("!(item.origin in ['CN'])", r#"{"field": "item.origin", "op": "noneOf", "value": ["CN"]}"#),
        ("has(item.extensions.brand)", r#"{"field": "item.extensions['brand']", "op": "present"}"#),
        ("item.extensions['brand'] == 'x'", r#"{"field": "item.extensions['brand']", "op": "equal", "value": "x"}"#),
        ("feature.price_z > -1.5", r#"{"field": "feature.price_z", "op": "greater", "value": -1.5}"#),
        (
            "declaration.packages >= 1 && declaration.packages <= 3",
            r#"{"field": "declaration.packages", "op": "between", "value": [1, 3]}"#,
        ),
        ("declaration.trader.aeo != true", r#"{"field": "declaration.trader.aeo", "op": "equal", "value": false}"#),
    ] {
        let read = ConditionTree::of_expression(text, &catalogue()).unwrap();
        assert_eq!(read, tree(json), "{text}");
        assert!(read.is_formal());
    }
    assert!(ConditionTree::of_expression("item.origin ==", &catalogue()).is_err());
}

#[test]
fn what_is_outside_of_the_form_stays_text() {
    for (text, kept) in [
        ("item.netMassKg / item.quantity < 3.0", "(item.netMassKg / item.quantity) < 3.0"),
        ("item.containers.exists(c, c.startsWith('MSKU'))", "item.containers.exists(c, c.startsWith('MSKU'))"),
        ("size(item.description) > 3", "size(item.description) > 3"),
        ("item.purchaseCountry != item.origin", "item.purchaseCountry != item.origin"),
        ("(has(item.unit) ? item.unit : 'x') == 'x'", "(has(item.unit) ? item.unit : 'x') == 'x'"),
    ] {
        let whole = format!("item.origin == 'CN' && {text}");
        let ConditionTree::All { all } = ConditionTree::of_expression(&whole, &catalogue()).unwrap() else {
            panic!("{whole} has two parts")
        };
        assert_eq!(all[1], ConditionTree::Expression { expression: kept.to_owned() });
    }
}

#[test]
fn every_field_of_the_catalogue_can_be_tested_by_a_form() {
    for field in catalogue().fields().iter().filter(|field| field.field_type != FieldType::TextMap) {
        for op in field.operators {
            let text = field.values.first().map_or("87", String::as_str);
            let value = match (op, field.field_type) {
                (Operator::Present | Operator::Missing, _) => None,
                (Operator::Between | Operator::OneOf | Operator::NoneOf, FieldType::Text) => {
                    Some(Operand::Several(vec![Scalar::Text(text.to_owned())]))
                }
                (Operator::Between, _) => Some(Operand::Several(vec![Scalar::Integer(1), Scalar::Integer(2)])),
                (Operator::OneOf | Operator::NoneOf, _) => Some(Operand::Several(vec![Scalar::Integer(1)])),
                (Operator::Listed | Operator::NotListed, _) => Some("watch".into()),
                (_, FieldType::Boolean) => Some(Operand::One(Scalar::Boolean(true))),
                (_, FieldType::Integer | FieldType::Number) => Some(Operand::One(Scalar::Integer(3))),
                _ => Some(text.into()),
            };
            let tree = ConditionTree::Test(FieldTest { field: field.name.clone(), op: *op, value });
            let written = tree.to_expression(&catalogue()).unwrap_or_else(|error| panic!("{}: {error}", field.name));
            assert!(ConditionTree::of_expression(&written, &catalogue()).unwrap().is_formal(), "{written}");
        }
    }
}

#[test]
fn what_a_field_is_not_asked_is_told_as_it_is_written_in_a_tree() {
    for (tree, says) in [
        (r#"{"field": "item.origin", "op": "between", "value": ["A", "B"]}"#, "between is not asked of text; what is"),
        (r#"{"field": "item.netMassKg", "op": "startsWith", "value": "1"}"#, "greaterOrEqual, between, equal"),
        (r#"{"field": "item.netMassKg", "op": "lessOrEqual"}"#, "lessOrEqual of item.netMassKg takes one value"),
        (r#"{"field": "item.extensions", "op": "present"}"#, "ask it of one of its keys"),
    ] {
        let tree: ConditionTree = serde_json::from_str(tree).unwrap();
        let error = tree.to_expression(&catalogue()).unwrap_err();
        assert!(error.message.contains(says), "{}", error.message);
    }
}

fn scalar_texts() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["CN", "PE", "8703", "61", "870323", "KGM", "118", "ñandú", "d'or", "a\\b"])
        .prop_map(str::to_owned)
}

fn tests() -> BoxedStrategy<ConditionTree> {
    let text_fields = prop::sample::select(vec![
        "item.origin",
        "item.hs4",
        "item.hs6",
        "item.commodityCode",
        "item.procedure",
        "item.description",
        "item.unit",
        "declaration.port",
        "declaration.trader.id",
        "declaration.extensions['lane']",
        "item.extensions['brand']",
    ]);
    let number_fields =
        prop::sample::select(vec!["item.netMassKg", "item.taxRate", "feature.price_z", "declaration.totalValue"]);
    let whole_fields =
        prop::sample::select(vec!["declaration.packages", "item.valuationMethod", "cargo.containerCount"]);
    let make = |field: &str, op, value| ConditionTree::Test(FieldTest { field: field.to_owned(), op, value });
    let one = |text: String| Some(Operand::One(Scalar::Text(text)));
    prop_oneof![
        (
            text_fields.clone(),
            prop::sample::select(vec![
                Operator::Equal,
                Operator::NotEqual,
                Operator::StartsWith,
                Operator::EndsWith,
                Operator::Contains,
            ]),
            scalar_texts()
        )
            .prop_map(move |(field, op, text)| make(field, op, one(text))),
        (
            text_fields.clone(),
            prop::sample::select(vec![Operator::OneOf, Operator::NoneOf]),
            prop::collection::vec(scalar_texts(), 1..4)
        )
            .prop_map(move |(field, op, texts)| {
                make(field, op, Some(Operand::Several(texts.into_iter().map(Scalar::Text).collect())))
            }),
        (prop_oneof![text_fields, number_fields.clone()], any::<bool>()).prop_map(move |(field, there)| {
            make(field, if there { Operator::Present } else { Operator::Missing }, None)
        }),
        (
            number_fields.clone(),
            prop::sample::select(vec![
                Operator::Less,
                Operator::LessOrEqual,
                Operator::Greater,
                Operator::GreaterOrEqual,
                Operator::Equal,
                Operator::NotEqual,
            ]),
            -8_i32..40
        )
            .prop_map(move |(field, op, n)| make(field, op, Some((f64::from(n) / 4.0).into()))),
        (number_fields, -8_i32..20, 0_i32..20).prop_map(move |(field, low, width)| {
            let ends = [f64::from(low) / 4.0, f64::from(low + width) / 4.0].map(Scalar::Number);
            make(field, Operator::Between, Some(Operand::Several(ends.to_vec())))
        }),
        (
            whole_fields,
            prop::sample::select(vec![
                Operator::Less,
                Operator::LessOrEqual,
                Operator::Greater,
                Operator::GreaterOrEqual,
                Operator::Equal,
                Operator::NotEqual,
            ]),
            -2_i64..4
        )
            .prop_map(move |(field, op, n)| make(field, op, Some(Operand::One(Scalar::Integer(n))))),
        any::<bool>().prop_map(move |value| {
            make("declaration.trader.aeo", Operator::Equal, Some(Operand::One(Scalar::Boolean(value))))
        }),
        Just(make("declaration.notes", Operator::Includes, Some("net-above-gross".into()))),
        Just(make("item.containers", Operator::Includes, Some("MSKU1".into()))),
    ]
    .boxed()
}

/// Trees in the form.
pub(crate) fn trees() -> BoxedStrategy<ConditionTree> {
    tests()
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|all| ConditionTree::All { all }),
                prop::collection::vec(inner.clone(), 1..4).prop_map(|any| ConditionTree::Any { any }),
                inner.prop_map(|not| ConditionTree::Not { not: Box::new(not) }),
            ]
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_there_and_back_matches_the_same(
        tree in trees(),
        (declaration, notes, features) in declarations(),
    ) {
        let catalogue = catalogue();
        let written = tree.to_expression(&catalogue).unwrap();
        let read = ConditionTree::of_expression(&written, &catalogue).unwrap();
        prop_assert!(read.is_formal(), "{}", written);
        let json = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(&serde_json::from_str::<ConditionTree>(&json).unwrap(), &read);
        let again = read.to_expression(&catalogue).unwrap();
        let reread = ConditionTree::of_expression(&again, &catalogue).unwrap();
        prop_assert_eq!(&reread.to_expression(&catalogue).unwrap(), &again);

        let input = crate::FilterInput { declaration: &declaration, notes: &notes, features: &features };
        let count = |expression: &str| {
            let set = FilterSet::compile(&[definition("T", expression)], &catalogue).unwrap();
            set.matches(&input, declaration.acceptance_date_time, &declaration.office, |_| 0.0).len()
        };
        prop_assert_eq!(count(&written), count(&again), "{} and {}", written, again);
    }
}
