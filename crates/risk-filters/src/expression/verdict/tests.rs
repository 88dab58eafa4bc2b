use super::{
    super::tests::{catalogue, first_error},
    *,
};
use crate::check;

fn judged(expression: &str) -> (Code, Option<String>) {
    let error = first_error(expression);
    (error.code, error.suggestion)
}

#[test]
fn a_condition_that_can_never_hold_is_told() {
    for impossible in [
        "false",
        "item.origin == 'CN' && item.origin == 'PE'",
        "item.origin == 'CN' && item.hs4 == '8703' && item.origin in ['PE', 'US']",
        "item.origin in []",
        "item.origin == 'CN' && item.origin != 'CN'",
        "item.netMassKg > 5.0 && item.netMassKg < 3.0",
        "item.netMassKg > 5.0 && item.netMassKg <= 5.0",
        "declaration.packages > 3 && declaration.packages < 4",
        "declaration.packages in [1, 2] && declaration.packages > 2",
        "declaration.trader.aeo && !declaration.trader.aeo",
        "!has(item.procedure) && item.procedure == 'X'",
        "item.hs4 == '8703' && item.hs6 == '610910'",
        "item.hs2 == '87' && item.commodityCode.startsWith('61')",
        "item.hs6 in ['870323', '870899'] && item.hs4 in ['6109', '8704']",
        "item.hs4 == '870323'",
        "item.commodityCode == '8703231000' && item.commodityCode.startsWith('870324')",
        "item.description.startsWith('USED') && item.description.startsWith('NEW')",
        "declaration.direction != 'in' && declaration.direction != 'out' && declaration.direction != 'transit'",
        "(item.origin == 'CN' || item.origin == 'PE') && item.origin == 'US'",
        "!(item.origin == 'CN' || item.origin != 'CN')",
        "item.netMassKg != 5.0 && item.netMassKg == 5.0",
        "item.netMassKg in [1.0, 2.0] && !(item.netMassKg in [1.0, 2.0, 3.0])",
        "declaration.packages != 5 && declaration.packages == 5",
        "item.hs6 == '870323' && item.hs2 != '87'",
        "item.hs6 in ['870323', '870899'] && !(item.hs4 in ['8703', '8708'])",
        "item.commodityCode == '8703231000' && !item.commodityCode.startsWith('8703')",
        "item.hs6 == '870323' && item.hs2 == '84'",
        "1 == 2",
        "2.0 * 3.0 < 5.0",
        "'a' == 'b'",
        "'PE' in ['CN', 'US']",
        "size(item.description) > 5 && size(item.description) < 3",
        "size(item.containers) < 0",
        "size(item.containers) == 1 && size(item.containers) == 2",
        "item.netMassKg * 2.0 > 10.0 && item.netMassKg * 2.0 < 4.0",
        "'MSKU1' in item.containers && !('MSKU1' in item.containers)",
        "item.description.contains('USED') && !item.description.contains('USED')",
        "item.description.matches('^A') && !item.description.matches('^A')",
        "item.netMassKg > item.grossMassKg && item.grossMassKg > item.netMassKg",
        "item.netMassKg > item.grossMassKg && item.netMassKg <= item.grossMassKg",
        "item.origin == item.purchaseCountry && item.purchaseCountry != item.origin",
        "item.netMassKg != item.netMassKg",
        "item.origin < item.origin",
        "declaration.trader.aeo ? false : false",
        "declaration.trader.aeo ? item.origin == 'CN' && item.origin == 'PE' : false",
        "declaration.itemCount < 1",
        "cargo.containerCount < 0",
        "cargo.sealCount == -1",
        "item.origin < 'B' && item.origin > 'C'",
        "'B' > item.origin && !(item.origin < 'C')",
        "item.origin >= 'B' && item.origin < 'B'",
        "item.origin >= 'B' && item.origin <= 'B' && item.origin != 'B'",
        "item.description.startsWith('A') && item.description > 'B'",
        "item.description.startsWith('B') && item.description < 'B'",
        "item.description < ''",
        "item.origin == 'CN' && item.origin.size() == 3",
        "item.origin == 'CN' && item.origin.endsWith('C')",
        "item.origin == 'CN' && item.origin < 'CL'",
        "item.origin.startsWith('A') && item.origin == 'B1'",
        "item.origin in ['A', 'B'] && item.origin.matches('^C')",
        "item.origin in ['A', 'B'] && (item.origin + 'X') == 'CX'",
        "item.origin == 'CN' && !item.origin.contains('N')",
        "declaration.packages in [1, 3] && declaration.packages % 2 == 0",
        "declaration.direction.endsWith('x')",
        "declaration.direction == 'in' && size(declaration.direction) > 2",
        "item.description.endsWith('ED') && item.description.endsWith('EW')",
        "item.description.startsWith('USED') && !item.description.contains('SE')",
        "item.description.endsWith('USED') && !item.description.endsWith('D')",
        "item.description.startsWith('USED') && !item.description.startsWith('US')",
        "!item.description.contains('')",
        "item.description.startsWith('USED') && size(item.description) < 4",
        "item.description == ''",
        "item.description in ['']",
        "size(item.description) == 0",
        "size(item.hs4) > 4",
        "size(item.hs2) == 3",
        "!has(item.unit) && item.unit.endsWith('G')",
        "!has(item.sequence)",
        "!has(item.containers) || !has(declaration.direction)",
        "item.containers.exists(c, false)",
        "!item.containers.exists(c, false)",
        "!item.containers.all(c, true)",
        "item.containers.exists(c, item.origin == 'CN' && item.origin == 'PE')",
        "importer.id == '1' && declaration.trader.id == '2'",
        "importer.id != declaration.trader.id",
        "importer.id.endsWith('1') && declaration.trader.id in ['2', '3']",
        "has(importer.id) && !has(declaration.trader.id)",
        "importer.name.startsWith('A') && !declaration.trader.name.startsWith('A')",
        "importer.id == '1' && declaration.direction == 'out'",
        "cargo.mode == 'air' && declaration.transportMode != 'air'",
    ] {
        let codes: Vec<Code> = check(impossible, &catalogue()).expect_err(impossible).iter().map(|e| e.code).collect();
        assert!(
            codes.iter().all(|code| matches!(code, Code::Impossible | Code::AlwaysTrue)),
            "{impossible}: {codes:?}"
        );
    }
    let error = first_error("item.hs4 == '8703' &&\n (item.origin == 'CN' && item.origin == 'PE')");
    assert_eq!((error.code, error.line, error.column), (Code::Impossible, 2, 23));
    assert_eq!(error.suggestion.as_deref(), Some("item.origin in ['CN', 'PE']"));
    let (code, suggestion) = judged("item.netMassKg > 5.0 && item.netMassKg < 3.0");
    assert_eq!(
        (code, suggestion.as_deref()),
        (Code::Impossible, Some("item.netMassKg >= 3.0 && item.netMassKg <= 5.0"))
    );
    assert_eq!(judged("item.netMassKg > 1.0 / 0.0"), (Code::Impossible, None));
    assert_eq!(judged("declaration.packages > 9223372036854775807"), (Code::Impossible, None));
}

#[test]
fn a_condition_that_always_holds_is_told() {
    for always in [
        "true",
        "item.origin == 'CN' || item.origin != 'CN'",
        "item.netMassKg < 5.0 || item.netMassKg >= 5.0",
        "has(item.procedure) || !has(item.procedure)",
        "declaration.direction in ['in', 'out', 'transit']",
        "item.hs4 == '8703' && (declaration.trader.aeo || !declaration.trader.aeo)",
        "1 < 2",
        "item.netMassKg == item.netMassKg",
        "item.origin <= item.origin",
        "declaration.itemCount >= 1",
        "size(item.containers) >= 0",
        "'MSKU1' in item.containers || !('MSKU1' in item.containers)",
        "declaration.trader.aeo ? true : true",
        "item.netMassKg > item.grossMassKg || item.netMassKg <= item.grossMassKg",
        "item.origin < 'C' || item.origin > 'B'",
        "item.origin != 'CN' || item.origin.size() == 2",
        "item.description.contains('')",
        "item.description != ''",
        "size(item.description) > 0",
        "size(item.hs6) <= 6",
        "has(item.sequence)",
        "has(item.containers)",
        "item.origin == 'CN' && has(declaration.direction)",
        "item.containers.all(c, true)",
        "importer.id == declaration.trader.id",
        "cargo.mode == declaration.transportMode",
    ] {
        assert_eq!(first_error(always).code, Code::AlwaysTrue, "{always}");
    }
    assert_eq!(judged("item.unit == 'U' || item.unit != 'U'").1.as_deref(), Some("has(item.unit)"));
    let error = first_error("item.origin == 'CN' &&\n has(declaration.form)");
    assert_eq!((error.line, error.suggestion), (2, None));
    assert!(error.message.contains("declaration.form is always there"), "{}", error.message);
    let (_, suggestion) = judged("item.extensions['brand'] != ''");
    assert_eq!(suggestion.as_deref(), Some("'brand' in item.extensions"));
    assert_eq!(judged("has(item.unit) || !has(item.unit)").1, None, "it holds without, too");
}

#[test]
fn what_may_hold_or_not_is_left_alone() {
    for fine in [
        "item.hs4 == '8703' && item.hs6 in ['870323', '870899']",
        "item.hs2 == '87' && item.hs4 == '8703' && item.commodityCode.startsWith('87032')",
        "item.netMassKg >= 5.0 && item.netMassKg <= 5.0",
        "declaration.packages > 3 && declaration.packages < 5",
        "item.origin != 'CN' && item.origin != 'PE'",
        "!has(item.procedure) || item.procedure == 'X'",
        "'MSKU1' in item.containers && 'MSKU2' in item.containers",
        "item.netMassKg > item.grossMassKg && item.netMassKg < 3.0",
        "(item.origin == 'CN' || item.hs4 == '8703') && (item.origin == 'PE' || item.hs4 == '6109')",
        "declaration.direction != 'in' && declaration.direction != 'out'",
        "item.description.startsWith('USED') && item.description.startsWith('USED CAR')",
        "item.origin >= 'A'",
        "item.origin >= 'A' && item.origin < 'C'",
        "item.netMassKg != 5.0 && item.netMassKg >= 5.0",
        "item.hs6 == '870323' && item.hs4 != '8704'",
        "item.hs2 == '87' && !item.commodityCode.startsWith('8703')",
        "size(item.description) > 3 && size(item.description) < 5",
        "size(item.description) > 5 && size(item.unit) < 3",
        "item.netMassKg >= item.grossMassKg && item.grossMassKg >= item.netMassKg",
        "item.netMassKg / item.grossMassKg != item.netMassKg / item.grossMassKg",
        "'MSKU1' in item.containers && !('MSKU2' in item.containers)",
        "declaration.trader.aeo ? item.origin == 'CN' : false",
        "declaration.trader.aeo ? item.origin == 'CN' : item.origin == 'PE'",
        "declaration.itemCount < 2",
        "declaration.packages < 0",
        "item.netMassKg > 2.0 * 3.0",
        "item.origin > 'B' && item.origin < 'C'",
        "item.origin >= 'B' && item.origin <= 'B'",
        "item.description.startsWith('A') && item.description > 'AB'",
        "item.description.startsWith('AB') && item.description > 'A'",
        "item.description.startsWith('A') && item.description.endsWith('B')",
        "item.description.startsWith('A') && !item.description.startsWith('AB')",
        "item.description.contains('A') && !item.description.startsWith('A')",
        "item.origin in ['CN', 'CHN'] && item.origin.size() == 3",
        "size(item.hs4) == 3",
        "size(item.hs4) < 4",
        "!has(item.unit) && (has(item.unit) ? item.unit : 'KGM') == 'KGM'",
        "(has(cargo.mode) ? cargo.mode : 'none') == 'none'",
        "declaration.direction.endsWith('t')",
        "declaration.packages in [1, 2] && declaration.packages % 2 == 0",
        "item.containers.exists(c, true)",
        "item.containers.all(c, false)",
        "item.containers.exists(c, c == 'A') && item.containers.exists(c, c == 'B')",
        "importer.id == '1' && declaration.trader.id == '1'",
        "!has(importer.id) && declaration.trader.id == '1'",
        "!has(importer.id) && has(declaration.trader.id)",
        "declaration.trader.id == '1' && declaration.direction == 'out'",
        "importer.id in ['1', '2'] && declaration.trader.id != '1'",
        "has(item.description)",
        "has(declaration.totalValue)",
    ] {
        assert!(check(fine, &catalogue()).is_ok(), "{fine}: {:?}", check(fine, &catalogue()));
    }
}
