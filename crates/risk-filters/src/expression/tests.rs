use super::*;
use crate::ExpressionErrorCode as Code;

pub(super) fn catalogue() -> Catalogue {
    Catalogue::standard().with_features(["importer_findings", "price_z"])
}

pub(super) fn first_error(expression: &str) -> ExpressionError {
    check(expression, &catalogue()).expect_err(expression).swap_remove(0)
}

#[test]
fn a_checked_condition_tells_its_fields_and_level() {
    let checked =
        check("item.hs4 in ['6109'] && item.unitValuePerKg < 4 && declaration.office == '118'", &catalogue()).unwrap();
    assert_eq!(checked.level, Level::Item);
    let names: Vec<&str> = checked.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["item.hs4", "item.unitValuePerKg", "declaration.office"]);
    assert_eq!(checked.fields[1].unit.as_deref(), Some("item.currency per kg"));

    let whole = check("declaration.totalValue > 1000.0 && cargo.containerCount == 0", &catalogue()).unwrap();
    assert_eq!(whole.level, Level::Declaration);
    assert_eq!(check("feature.price_z > 2.0", &catalogue()).unwrap().level, Level::Item);
}

#[test]
fn an_unknown_field_is_told_with_its_place_and_the_nearest_name() {
    let error = first_error("item.origin == 'CN' &&\n  item.netMasKg > 3.0");
    assert_eq!((error.code, error.line, error.column), (Code::UnknownField, 2, 3));
    assert_eq!(error.suggestion.as_deref(), Some("item.netMassKg"));
    assert_eq!(first_error("declaration.netMassKg > 1.0").suggestion.as_deref(), Some("item.netMassKg"));
    assert_eq!(first_error("netMassKg > 1.0").suggestion.as_deref(), Some("item.netMassKg"));
    assert_eq!(first_error("feature.prize_z > 1.0").suggestion.as_deref(), Some("feature.price_z"));
    assert_eq!(first_error("declaration.trader.phone == '1'").code, Code::UnknownField);
    assert_eq!(first_error("has(declaration.trader)").code, Code::UnknownField);
    assert_eq!(first_error("quux == 1").suggestion, None);
}

#[test]
fn columns_count_characters_not_bytes() {
    let error = first_error("item.description == 'ñandú ñandú' && item.orijin == 'CN'");
    assert_eq!((error.line, error.column), (1, 38));
    let error = first_error("item.description == 'ñandú ñandú' && && true");
    assert_eq!((error.code, error.line, error.column), (Code::Syntax, 1, 38));
}

#[test]
fn a_type_mismatch_is_told_at_the_operator_with_what_to_write() {
    let error = first_error("declaration.office == 118");
    assert_eq!((error.code, error.line, error.column), (Code::TypeMismatch, 1, 20));
    assert_eq!(error.suggestion.as_deref(), Some("'118'"));
    assert_eq!(first_error("item.netMassKg * 2 > 4.0").suggestion.as_deref(), Some("2.0"));
    assert_eq!(first_error("item.hs4 in [8703]").suggestion.as_deref(), Some("'8703'"));
    for mismatch in [
        "item.origin > 3",
        "item.netMassKg.startsWith('1')",
        "declaration.trader.aeo < true",
        "item.netMassKg in ['1']",
        "size(item.netMassKg) > 1",
        "!item.origin",
        "item.origin && true",
        "has(item.extensions)",
        "(true ? 1 : 'x') == 1",
        "declaration.extensions[1] == 'x'",
        "item.containers.exists(c, c > 3)",
    ] {
        let errors = check(mismatch, &catalogue()).expect_err(mismatch);
        assert!(
            errors.iter().all(|error| matches!(error.code, Code::TypeMismatch | Code::NotACondition)),
            "{mismatch}"
        );
    }
}

#[test]
fn a_value_that_a_field_never_has_is_refused() {
    let error = first_error("declaration.direction == 'import'");
    assert_eq!(error.code, Code::UnknownValue);
    assert!(first_error("declaration.modality in ['advance', 'defered']").suggestion.unwrap().contains("deferred"));
    assert_eq!(first_error("'net-over-gross' in declaration.notes").suggestion.as_deref(), Some("'net-above-gross'"));
}

#[test]
fn what_the_language_has_and_filters_do_not_is_refused_by_name() {
    for unsupported in [
        "item.containers.map(c, c) == ['x']",
        "item.containers.filter(c, true) == ['x']",
        "item.containers.exists_one(c, c == 'x')",
        "item.containers[0] == 'x'",
        "{'a': 1} == {'a': 1}",
        "item.origin == null",
        "declaration.itemCount == 3u",
        "b'x' == b'x'",
        "item.description.matches(item.origin)",
    ] {
        let errors = check(unsupported, &catalogue()).expect_err(unsupported);
        assert!(errors.iter().any(|error| error.code == Code::Unsupported), "{unsupported}: {errors:?}");
    }
    let error = first_error("item.origin.startWith('C')");
    assert_eq!((error.code, error.suggestion.as_deref()), (Code::UnknownFunction, Some("startsWith")));
    assert_eq!(error.column, 13, "where the name begins");
    let error = first_error("item.hs2 == '87' && foo(item.origin)");
    assert_eq!((error.column, error.suggestion), (21, None));
    assert_eq!(first_error("item.description.matches('(')").code, Code::BadPattern);
}

#[test]
fn every_mistake_of_a_condition_is_told_in_the_order_of_the_text() {
    let errors = check("item.orijin == 'CN' && item.netMass > 3.0 && item.hs4 == 8703", &catalogue()).unwrap_err();
    let codes: Vec<Code> = errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, [Code::UnknownField, Code::UnknownField, Code::TypeMismatch]);
    assert!(errors.is_sorted_by_key(|error| error.column));
}

#[test]
fn a_syntax_error_has_its_place() {
    let error = first_error("item.origin ==\n  && true");
    assert_eq!((error.code, error.line, error.column), (Code::Syntax, 2, 3));
    assert_eq!(first_error("  ").code, Code::Syntax);
    assert_eq!(first_error(&"1".repeat(MAX_LENGTH + 1)).code, Code::TooLarge);
}

#[test]
fn a_condition_must_be_true_or_false() {
    assert_eq!(first_error("item.netMassKg").code, Code::NotACondition);
    assert_eq!(first_error("'yes'").code, Code::NotACondition);
}

#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    let deep = format!("{}true{}", "(".repeat(2_000), ")".repeat(2_000));
    let wide = vec!["item.origin == 'CN'"; 300].join(" || ");
    let refused = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || (check(&deep, &catalogue()).is_err(), check(&wide, &catalogue()).is_ok()))
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(refused, (true, true));
}

#[test]
fn every_example_of_the_catalogue_is_well_typed_and_uses_its_field() {
    let catalogue = catalogue();
    for field in catalogue.fields() {
        let checked =
            check(&field.example, &catalogue).unwrap_or_else(|errors| panic!("{}: {errors:?}", field.example));
        assert!(checked.fields.iter().any(|used| used.name.starts_with(&field.name)), "{}", field.example);
    }
}

#[test]
fn codes_that_no_table_has_are_told_where_they_stand() {
    let catalogue = catalogue();
    let codes = crate::Codes::default()
        .with(crate::CodeKind::Tariff, ["870323", "610910"])
        .with(crate::CodeKind::Country, ["CN", "PE"])
        .with(crate::CodeKind::Office, ["118", "235"]);
    let vocabulary = Vocabulary { codes: Some(&codes), ..Vocabulary::from(&catalogue) };
    let errors = vocabulary
        .check("item.hs4 == '8704' && item.origin in ['CN', 'PR'] && declaration.office == '119' && item.commodityCode.startsWith('99')")
        .unwrap_err();
    let told: Vec<(Code, u32, Option<&str>)> =
        errors.iter().map(|error| (error.code, error.column, error.suggestion.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Code::UnknownCode, 13, Some("'8703'")),
            (Code::UnknownCode, 45, None),
            (Code::UnknownCode, 76, Some("'118'")),
            (Code::UnknownCode, 115, None),
        ]
    );
    let known = vocabulary.check("item.hs4 == '8703' && item.origin == 'CN' && item.unit == 'ANY'").unwrap();
    assert_eq!(known.unchecked, [].into());
    let ported = "declaration.port == 'PECLL' && importer.id == '1' && item.hs2.startsWith('8')";
    assert_eq!(
        vocabulary.check(ported).unwrap().unchecked,
        [crate::CodeKind::Port].into(),
        "there is no table of ports"
    );
}

#[test]
fn tariff_codes_that_no_tariff_can_have_are_told_without_a_table() {
    let (catalogue, codes) = (catalogue(), crate::Codes::default());
    let vocabulary = Vocabulary { codes: Some(&codes), ..Vocabulary::from(&catalogue) };
    for (expression, column, suggestion) in [
        ("item.hs4 == '00AB'", 13, None),
        ("item.hs6 in ['610910', '6109.20']", 24, Some("'610920'")),
        ("item.hs4 in ['6109', '62.03']", 22, Some("'6203'")),
        ("item.hs2 == '77'", 13, None),
        ("item.commodityCode.startsWith('00')", 31, None),
        ("item.commodityCode != '6109'", 23, None),
    ] {
        let error = vocabulary.check(expression).expect_err(expression).swap_remove(0);
        let told = (error.code, error.column, error.suggestion.as_deref());
        assert_eq!(told, (Code::UnknownCode, column, suggestion), "{expression}: {}", error.message);
    }
    let checked = vocabulary.check("item.hs4 == '6109' && item.commodityCode.startsWith('61091')").unwrap();
    assert_eq!(checked.unchecked, [crate::CodeKind::Tariff].into(), "whether the tariff has it nobody knows");
    assert!(check("item.hs4 == '00AB'", &catalogue).is_ok(), "what is in force keeps its meaning");
}

#[test]
fn lists_are_typed_by_name_and_kind() {
    use crate::{CodeKind, Lists, list::tests::list};
    let catalogue = catalogue();
    let lists = Lists::new([
        list("watch_2026", 1, CodeKind::Party, 0, None),
        list("hot_goods", 1, CodeKind::Tariff, 0, None),
        list("words", 1, CodeKind::Text, 0, None),
    ])
    .unwrap();
    let vocabulary = Vocabulary { lists: &lists, ..Vocabulary::from(&catalogue) };
    assert!(vocabulary.check("importer.id in lists.watch_2026").is_ok());
    let checked = vocabulary.check("declaration.trader.id in lists.watch_2026 && item.hs6 in lists.hot_goods").unwrap();
    assert_eq!(checked.lists, ["watch_2026", "hot_goods"]);
    assert!(vocabulary.check("item.origin in lists.words || item.containers.exists(c, c in lists.words)").is_ok());
    for (expression, code, suggestion) in [
        ("declaration.trader.id in lists.watch_2025", Code::UnknownList, Some("lists.watch_2026")),
        ("item.hs4 in lists.watch_2026", Code::TypeMismatch, Some("lists.hot_goods")),
        ("item.netMassKg in lists.words", Code::TypeMismatch, None),
        ("size(lists.words) > 1", Code::TypeMismatch, None),
    ] {
        let error = vocabulary.check(expression).expect_err(expression).swap_remove(0);
        assert_eq!((error.code, error.suggestion.as_deref()), (code, suggestion), "{expression}");
    }
}
