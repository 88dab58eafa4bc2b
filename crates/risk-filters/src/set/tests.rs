use std::cell::Cell;

use customs::{
    Container, Decimal, Declaration, Direction, DutyTax, Form, GoodsItem, ItemValuation, MeansOfTransport, Method,
    Modality, Note, NoteCode, Party, PartyRole, Severity, TransportDocument, TransportMode,
};

use super::*;
use crate::{CodeKind, FilterAction, FilterList, Lists, check};

/// A declaration of two items.
pub(crate) fn declaration() -> Declaration {
    let mut trader = Party::new(PartyRole::Importer, "20123456786");
    trader.country = Some("PE".into());
    let item = |sequence: u32, code: &str, origin: &str, net: i64, value: i64| GoodsItem {
        sequence,
        commodity_code: code.into(),
        tariff_edition: None,
        description: format!("goods {sequence}"),
        origin_country: origin.into(),
        purchase_country: Some("US".into()),
        loading_port: None,
        procedure: None,
        gross_mass_kg: Some(Decimal::from(net + 10)),
        net_mass_kg: Some(Decimal::from(net)),
        statistical_quantity: Some(Decimal::from(50)),
        statistical_unit: Some("KGM".to_owned()),
        valuation: ItemValuation::fob(Decimal::from(value), "USD"),
        duty_taxes: [("ADV", 60), ("IGV", 160)]
            .map(|(kind, rate)| DutyTax {
                kind: kind.to_owned(),
                base: None,
                rate: Decimal::new(rate, 1),
                declared: None,
                assessed: None,
                guaranteed: None,
                collected: None,
                preference: None,
            })
            .to_vec(),
        containers: vec!["MSKU1".to_owned(), "MSKU2".to_owned()],
        extensions: std::collections::BTreeMap::new(),
    };
    Declaration {
        reference: "2026-1".to_owned(),
        declarant: Party::new(PartyRole::Declarant, "20999999991"),
        office: "118".into(),
        acceptance_date_time: at(0),
        direction: Direction::In,
        regime: "10".to_owned(),
        modality: Modality::Advance,
        form: Form::Full,
        express_category: None,
        entry_exit_office: None,
        port: Some("PECLL".into()),
        warehouse: None,
        goods_location: None,
        route_country: Some("CN".into()),
        parties: vec![trader],
        transport_documents: vec![TransportDocument { id: "MAEU1".to_owned(), master_id: None }],
        containers: vec![Container { id: "MSKU1".to_owned(), seals: vec!["S1".to_owned()] }],
        means_of_transport: Some(MeansOfTransport {
            mode: TransportMode::Maritime,
            id: "9321483".to_owned(),
            voyage: Some("V1".to_owned()),
            expected_arrival: None,
        }),
        invoice_total: None,
        exchange_rate: None,
        packages: Some(3),
        items: vec![item(1, "6109100000", "CN", 100, 300), item(2, "8703231000", "JP", 1_000, 20_000)],
        extensions: [("lane".to_owned(), "7".to_owned())].into(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).unwrap()
}

pub(crate) fn definition(code: &str, expression: &str) -> FilterDefinition {
    FilterDefinition {
        id: FilterId::derive(at(0), &[code.as_bytes()]),
        version: 1,
        code: code.to_owned(),
        expression: expression.to_owned(),
        area: "value".to_owned(),
        verify: "Invoice and price list".to_owned(),
        owner: "analyst".to_owned(),
        action: FilterAction { method: Method::Physical, mandatory: false, weight: 0.2 },
        sampling_share: 1.0,
        valid_from: at(0),
        valid_to: None,
        scope: FilterScope::National,
        state: FilterState::Active,
        emergency: false,
        risk: None,
    }
}

fn matches(definitions: &[FilterDefinition]) -> Vec<FilterMatch> {
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    FilterSet::compile(definitions, &Catalogue::standard()).unwrap().matches(&input, at(10), &"118".into(), |_| 0.5)
}

#[test]
fn a_match_does_not_tell_what_was_looked_up_in_a_list() {
    let list = |name: &str, kind, entry: &str| FilterList {
        name: name.to_owned(),
        version: 1,
        kind,
        valid_from: at(0),
        valid_to: None,
        entries: vec![entry.to_owned()],
    };
    let lists = Lists::new([
        list("watch", CodeKind::Party, "20123456786"),
        list("boxes", CodeKind::Container, "MSKU2"),
        list("goods", CodeKind::Tariff, "6109100000"),
    ])
    .unwrap();
    let catalogue = Catalogue::standard();
    let vocabulary = Vocabulary { catalogue: &catalogue, lists: &lists, codes: None };
    let watched = FilterDefinition {
        risk: Some("R-017".to_owned()),
        ..definition("WATCH", "importer.id in lists.watch && declaration.trader.country == 'PE' && item.origin == 'CN'")
    };
    let definitions = [
        watched,
        definition("BOUND", "['20123456786', '1'].exists(one, one in lists.watch && one == importer.id)"),
        definition("BOXES", "item.containers.exists(box, box in lists.boxes) && item.hs2 == '61'"),
        definition("GOODS", "(item.hs2 == '61' ? item.commodityCode : 'none') in lists.goods"),
        definition("OTHERS", "!('Z' + declaration.declarant.id in lists.watch) && declaration.port == 'PECLL'"),
        definition("OPEN", "importer.id == '20123456786'"),
    ];
    let (set, errors) = FilterSet::compile_with(&definitions, &vocabulary);
    assert!(errors.is_empty(), "{errors:?}");
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    let found = set.matches(&input, at(10), &"118".into(), |_| 0.5);
    let told: Vec<(&str, bool, Vec<&str>)> = found
        .iter()
        .map(|matched| {
            (matched.code.as_str(), matched.listed, matched.because.iter().map(|(_, value)| value.as_str()).collect())
        })
        .collect();
    let withheld = "not told, it was looked up in a list";
    let expected = [
        ("BOUND", true, vec![withheld]),
        ("BOXES", true, vec![withheld, "61"]),
        ("GOODS", true, vec![withheld, withheld]),
        ("OPEN", false, vec!["20123456786"]),
        ("OTHERS", true, vec![withheld, "PECLL"]),
        ("WATCH", true, vec![withheld, withheld, "CN"]),
    ];
    assert_eq!(told, expected);
    let risks: Vec<Option<&str>> = found.iter().map(|matched| matched.risk.as_deref()).collect();
    assert_eq!(risks, [None, None, None, None, None, Some("R-017")], "a match names the risk of its filter");
    assert!(set.looks_up(definitions[0].id) && !set.looks_up(definitions[5].id));
}

#[test]
fn a_filter_on_items_matches_per_item_and_one_on_the_declaration_once() {
    let found = matches(&[
        definition("Z-ITEMS", "item.purchaseCountry == 'US'"),
        definition("A-WHOLE", "declaration.totalValue > 1000.0"),
        definition("M-ONE", "item.hs4 == '8703' && item.origin in ['JP', 'KR']"),
    ]);
    let told: Vec<(&str, Option<u32>)> = found.iter().map(|found| (found.code.as_str(), found.item)).collect();
    assert_eq!(told, [("A-WHOLE", None), ("M-ONE", Some(2)), ("Z-ITEMS", Some(1)), ("Z-ITEMS", Some(2))]);
}

#[test]
fn a_match_says_which_values_made_it_hold() {
    let found = matches(&[definition(
        "UV",
        "item.hs4 in ['6109', '6203'] && item.unitValuePerKg < 4.0 && !has(item.procedure) && size(item.containers) > 1",
    )]);
    let because: Vec<(&str, &str)> =
        found[0].because.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
    assert_eq!(
        because,
        [
            ("item.hs4", "6109"),
            ("item.unitValuePerKg", "3"),
            ("item.procedure", "missing"),
            ("item.containers", "MSKU1, MSKU2")
        ]
    );
}

#[test]
fn a_missing_field_makes_neither_a_condition_nor_its_negation_hold() {
    for expression in [
        "item.loadingPort == 'CNSHA'",
        "item.loadingPort != 'CNSHA'",
        "!(item.loadingPort == 'CNSHA')",
        "item.loadingPort in ['CNSHA'] || item.origin == 'XX'",
        "feature.price_z < 1000.0",
    ] {
        let declaration = declaration();
        let features = [vec![f32::NAN], vec![]];
        let input = FilterInput { declaration: &declaration, notes: &[], features: &features };
        let catalogue = Catalogue::standard().with_features(["price_z"]);
        let set = FilterSet::compile(&[definition("M", expression)], &catalogue).unwrap();
        assert_eq!(set.matches(&input, at(1), &"118".into(), |_| 0.0), [], "{expression}");
    }
    assert_eq!(matches(&[definition("H", "!has(item.loadingPort) || item.loadingPort == 'CNSHA'")]).len(), 2);
}

#[test]
fn features_belong_to_the_item_at_the_same_position() {
    let declaration = declaration();
    let features = [vec![0.1, 9.0], vec![0.9, 1.0]];
    let input = FilterInput { declaration: &declaration, notes: &[], features: &features };
    let catalogue = Catalogue::standard().with_features(["importer.finding_rate", "price_z"]);
    let set = FilterSet::compile(&[definition("F", "feature.importer.finding_rate > 0.5")], &catalogue).unwrap();
    let found = set.matches(&input, at(1), &"118".into(), |_| 0.0);
    assert_eq!(found.iter().map(|found| found.item).collect::<Vec<_>>(), [Some(2)]);
    assert_eq!(found[0].because, [("feature.importer.finding_rate".to_owned(), "0.9".to_owned())]);
}

#[test]
fn notes_are_fields() {
    let declaration = declaration();
    let notes = [Note {
        code: NoteCode::NetAboveGross,
        severity: Severity::Error,
        pointer: "/items/0/netMassKg".to_owned(),
        message: "net mass above gross mass".to_owned(),
    }];
    let input = FilterInput { declaration: &declaration, notes: &notes, features: &[] };
    let set = FilterSet::compile(&[definition("N", "'net-above-gross' in declaration.notes")], &Catalogue::standard())
        .unwrap();
    assert_eq!(set.matches(&input, at(1), &"118".into(), |_| 0.0).len(), 1);
}

#[test]
fn the_size_of_text_counts_characters() {
    let mut declaration = declaration();
    declaration.items[0].description = "ñandú".to_owned();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    let set = FilterSet::compile(&[definition("S", "size(item.description) == 5")], &Catalogue::standard()).unwrap();
    assert_eq!(set.matches(&input, at(1), &"118".into(), |_| 0.0).len(), 1);
}

#[test]
fn shadow_matches_do_not_act_and_drafts_do_not_match() {
    let mut shadow = definition("SHADOW", "true");
    shadow.state = FilterState::Shadow;
    let mut draft = definition("DRAFT", "this is not even CEL");
    draft.state = FilterState::Draft;
    let mut retired = definition("RETIRED", "true");
    retired.state = FilterState::Retired;
    let found = matches(&[shadow, draft, retired, definition("ACTIVE", "true")]);
    let told: Vec<(&str, bool)> = found.iter().map(|found| (found.code.as_str(), found.acted)).collect();
    assert_eq!(told, [("ACTIVE", true), ("SHADOW", false)]);
}

#[test]
fn the_sampling_share_decides_once_per_filter_by_the_draw() {
    let mut below = definition("BELOW", "item.sequence > 0");
    below.sampling_share = 0.6;
    let mut above = definition("ABOVE", "true");
    above.sampling_share = 0.4;
    let mut never = definition("NEVER", "true");
    never.sampling_share = 0.0;
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    let set = FilterSet::compile(&[below, above, never, definition("ALWAYS", "true")], &Catalogue::standard()).unwrap();
    let draws = Cell::new(0);
    let found = set.matches(&input, at(1), &"118".into(), |_| {
        draws.set(draws.get() + 1);
        0.5
    });
    let told: Vec<(&str, bool)> = found.iter().map(|found| (found.code.as_str(), found.acted)).collect();
    assert_eq!(told, [("ABOVE", false), ("ALWAYS", true), ("BELOW", true), ("BELOW", true), ("NEVER", false)]);
    assert_eq!(draws.get(), 2);
}

#[test]
fn validity_ends_exclusively_and_scope_names_offices() {
    let mut filter = definition("V", "true");
    filter.valid_from = at(100);
    filter.valid_to = Some(at(200));
    filter.scope = FilterScope::Offices(vec!["118".into(), "235".into()]);
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    let set = FilterSet::compile(&[filter], &Catalogue::standard()).unwrap();
    let count = |second, office: &str| set.matches(&input, at(second), &office.into(), |_| 0.0).len();
    assert_eq!([count(99, "118"), count(100, "118"), count(199, "235"), count(200, "118")], [0, 1, 1, 0]);
    assert_eq!(count(150, "046"), 0);
}

#[test]
fn the_highest_version_of_a_filter_holds() {
    let first = definition("A", "true");
    let mut second = definition("A", "false");
    second.version = 2;
    assert_eq!(matches(&[second.clone(), first.clone()]), []);
    let set = FilterSet::compile(&[first, second], &Catalogue::standard()).unwrap();
    assert_eq!(set.definition(set.definitions().next().unwrap().id).unwrap().version, 2);
}

#[test]
fn a_filter_that_does_not_compile_refuses_the_set_or_is_left_out() {
    let definitions = [definition("BAD", "item.orijin == 'CN'"), definition("GOOD", "true")];
    let errors = FilterSet::compile(&definitions, &Catalogue::standard()).unwrap_err();
    assert_eq!((errors.len(), errors[0].code.as_str()), (1, "BAD"));
    let (set, errors) = FilterSet::compile_valid(&definitions, &Catalogue::standard());
    assert_eq!((set.len(), errors.len()), (1, 1));
    assert_eq!(compile(&definitions[1], &Catalogue::standard()).unwrap().fields(), []);
}

#[test]
fn every_field_of_the_catalogue_reads_what_was_declared() {
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    for expression in [
        "declaration.direction == 'in' && declaration.regime == '10' && declaration.modality == 'advance'",
        "declaration.form == 'full' && declaration.port == 'PECLL' && declaration.routeCountry == 'CN'",
        "declaration.transportMode == 'maritime' && declaration.itemCount == 2 && declaration.packages == 3",
        "declaration.totalValue == 20300.0 && declaration.grossMassKg == 1120.0",
        "declaration.trader.id == '20123456786' && !declaration.trader.aeo && declaration.trader.country == 'PE'",
        "declaration.extensions['lane'] == '7' && declaration.extensions.lane == '7'",
        "cargo.containerCount == 1 && cargo.meansId == '9321483' && cargo.voyage == 'V1' && cargo.documentCount == 1",
        "cargo.sealCount == 1 && cargo.documents.all(d, d.startsWith('MAEU')) && !('x' in cargo.containers)",
        "!has(declaration.counterparty.country) && !has(declaration.expressCategory)",
    ] {
        let set = FilterSet::compile(&[definition("W", expression)], &Catalogue::standard()).unwrap();
        assert_eq!(set.matches(&input, at(1), &"118".into(), |_| 0.0).len(), 1, "{expression}");
    }
    for expression in [
        "item.sequence == 2 && item.hs2 == '87' && item.hs4 == '8703' && item.hs6 == '870323'",
        "item.commodityCode == '8703231000' && item.origin == 'JP' && item.purchaseCountry == 'US'",
        "item.netMassKg == 1000.0 && item.grossMassKg == 1010.0 && item.customsValue == 20000.0",
        "item.unitValuePerKg == 20.0 && item.unitValue == 400.0 && item.taxRate == 22.0 && item.quantity == 50.0",
        "item.unit == 'KGM' && item.currency == 'USD' && item.description == 'goods 2' && item.fobValue == 20000",
    ] {
        assert_eq!(check(expression, &Catalogue::standard()).unwrap().level, crate::Level::Item);
        let set = FilterSet::compile(&[definition("I", expression)], &Catalogue::standard()).unwrap();
        let found = set.matches(&input, at(1), &"118".into(), |_| 0.0);
        assert_eq!(found.iter().filter(|found| found.item == Some(2)).count(), 1, "{expression}");
    }
}

/// Twenty conditions as analysts write them.
const USUAL: [&str; 20] = [
    "item.hs4 in ['6109', '6203'] && item.unitValuePerKg < 4.0",
    "item.hs2 == '87' && item.origin in ['CN', 'JP', 'KR'] && item.customsValue / item.quantity < 500.0",
    "item.origin == 'CN' && item.hs6.startsWith('8517') && feature.price_z < -1.5",
    "declaration.trader.id in ['20123456786', '20555555551', '20666666661']",
    "declaration.form == 'express' && declaration.expressCategory == 2 && item.customsValue > 180.0",
    "declaration.routeCountry == 'HK' && item.origin != 'HK' && item.taxRate == 0.0",
    "has(item.preference) && item.purchaseCountry != item.origin",
    "item.description.matches('(?i)(used|usado|second hand)')",
    "item.netMassKg > item.grossMassKg",
    "declaration.regime == '20' && item.netMassKg > 10000.0 && item.quantity / item.netMassKg > 3.0",
    "feature.importer_findings >= 2.0 && !declaration.trader.aeo",
    "cargo.containerCount > 5 && declaration.packages < 10",
    "declaration.goodsLocation == '3014' && declaration.port == 'PECLL'",
    "item.hs4 == '2402' || item.hs4 == '2403' || item.hs4 == '2208'",
    "item.containers.exists(c, c.startsWith('MSKU')) && item.hs2 in ['61', '62', '64']",
    "'net-above-gross' in declaration.notes",
    "item.incoterm == 'EXW' && !has(item.freight)",
    "declaration.totalValue > 100000.0 && declaration.itemCount > 20",
    "item.valuationMethod > 1 && item.unitValue < 1.0",
    "declaration.extensions['lane'] == '9' && item.origin in ['AF', 'IR']",
];

#[test]
#[ignore = "measures; run with --release --nocapture"]
fn microseconds_per_declaration() {
    let definitions: Vec<FilterDefinition> =
        USUAL.iter().enumerate().map(|(at, expression)| definition(&format!("F{at:02}"), expression)).collect();
    let catalogue = Catalogue::standard().with_features(["importer_findings", "price_z"]);
    let started = std::time::Instant::now();
    let set = FilterSet::compile(&definitions, &catalogue).unwrap();
    let compiled = started.elapsed();
    let mut declaration = declaration();
    declaration.items.push(declaration.items[0].clone());
    let features = vec![vec![1.0, 0.2]; 3];
    let input = FilterInput { declaration: &declaration, notes: &[], features: &features };
    let office = "118".into();
    let rounds = 50_000;
    let started = std::time::Instant::now();
    let mut found = 0;
    for _ in 0..rounds {
        found += set.matches(&input, at(1), &office, |_| 0.5).len();
    }
    let each = started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    println!("20 filters compiled in {compiled:?}; 3 items: {each:.2} us, {} matches", found / rounds as usize);
}

#[test]
fn beginnings_longer_than_columns_go_match_like_shorter_ones() {
    let long = "ÑANDÚ goods of the first quality";
    let definitions = [
        definition("LONG", &format!("item.description.startsWith('{long}')")),
        definition("NOT", &format!("!item.description.startsWith('{long}')")),
        definition("SHORT", "item.description.startsWith('ÑANDÚ goods o')"),
        definition("BOTH", &format!("item.description.startsWith('ÑANDÚ') && item.description.startsWith('{long}, ')")),
    ];
    let set = FilterSet::compile(&definitions, &Catalogue::standard()).unwrap();
    let mut declaration = declaration();
    declaration.items.truncate(1);
    let mut told = |description: &str| {
        declaration.items[0].description = description.to_owned();
        let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
        let found = set.matches(&input, at(1), &"118".into(), |_| 0.0);
        found.iter().map(|matched| matched.code.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(told(long), "LONG SHORT");
    assert_eq!(told(&format!("{long}, boxed")), "BOTH LONG SHORT");
    assert_eq!(told("ÑANDÚ goods of the second"), "NOT SHORT");
    assert_eq!([told("ÑANDÚ"), told("")], ["NOT", ""]);
}

#[test]
fn a_list_holds_in_the_version_in_force_at_the_moment() {
    use crate::{CodeKind, FilterList, Lists, list::tests::list};
    let catalogue = Catalogue::standard();
    let with = |list: FilterList, trader: &str| FilterList { entries: vec![trader.to_owned()], ..list };
    let lists = Lists::new([
        with(list("watch", 1, CodeKind::Party, 100, None), "20123456786"),
        with(list("watch", 2, CodeKind::Party, 200, Some(300)), "20000000001"),
    ])
    .unwrap();
    let vocabulary = Vocabulary { lists: &lists, ..Vocabulary::from(&catalogue) };
    let definitions = [
        definition("IN", "declaration.trader.id in lists.watch"),
        definition("OUT", "!(declaration.trader.id in lists.watch)"),
        definition("OPAQUE", "(declaration.trader.id in lists.watch ? 1 : 2) == 1"),
    ];
    let (set, errors) = FilterSet::compile_with(&definitions, &vocabulary);
    assert_eq!(errors, []);
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    let told = |second| {
        let found = set.matches(&input, at(second), &"118".into(), |_| 0.0);
        found.iter().map(|matched| matched.code.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!([99, 100, 199, 200, 299, 300].map(told), ["OUT", "IN OPAQUE", "IN OPAQUE", "OUT", "OUT", "IN OPAQUE"]);
    assert_eq!(FilterSet::compile(&definitions, &catalogue).unwrap_err().len(), 3);
}

#[test]
fn a_long_list_shared_by_many_filters_matches_like_its_entries() {
    use crate::{CodeKind, FilterList, Lists, list::tests::list};
    let catalogue = Catalogue::standard();
    let entries = (0..20_000).map(|number| format!("20{:09}", number * 7)).chain(["20123456786".to_owned()]).collect();
    let lists = Lists::new([FilterList { entries, ..list("long", 1, CodeKind::Party, -1, None) }]).unwrap();
    let vocabulary = Vocabulary { lists: &lists, ..Vocabulary::from(&catalogue) };
    let definitions: Vec<FilterDefinition> = (0..200)
        .map(|number| {
            let also = if number % 2 == 0 { "!=" } else { "==" };
            let text = format!(
                "declaration.trader.id in lists.long && declaration.trader.id {also} '2000000000{}'",
                number % 10
            );
            definition(&format!("L{number:03}"), &text)
        })
        .collect();
    let (set, _) = FilterSet::compile_with(&definitions, &vocabulary);
    let mut declaration = declaration();
    let mut count = |trader: &str| {
        declaration.parties[0].id = trader.to_owned();
        let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
        set.matches(&input, at(1), &"118".into(), |_| 0.0).len()
    };
    assert_eq!(
        [count("20123456786"), count("20000000007"), count("20000000014"), count("unlisted")],
        [100, 120, 100, 0]
    );
}

#[test]
fn a_set_that_succeeds_another_is_the_set_compiled_anew() {
    let catalogue = Catalogue::standard();
    let vocabulary = Vocabulary::from(&catalogue);
    let first: Vec<FilterDefinition> = USUAL
        .iter()
        .filter(|expression| !expression.contains("feature."))
        .enumerate()
        .map(|(at, expression)| definition(&format!("F{at:02}"), expression))
        .collect();
    let mut second = first.clone();
    second.remove(3);
    second[0].expression = "item.hs4 == '6109' && item.incoterm != 'EXW'".to_owned();
    second[0].version = 2;
    second.push(definition("NEW", "item.purchaseCountry == 'US'"));
    let before = FilterSet::compile(&first, &catalogue).unwrap();
    let (after, errors) = before.succeeded_by(&second, &vocabulary);
    let anew = FilterSet::compile(&second, &catalogue).unwrap();
    assert_eq!((errors.len(), after.len()), (0, anew.len()));
    let declaration = declaration();
    let input = FilterInput { declaration: &declaration, notes: &[], features: &[] };
    let found = |set: &FilterSet| set.matches(&input, at(1), &"118".into(), |_| 0.0);
    assert_eq!(found(&after), found(&anew));
    assert_ne!(found(&before), found(&after));
    let other = Catalogue::standard().with_features(["price_z"]);
    let (moved, _) = before.succeeded_by(&[definition("F", "feature.price_z > 0.0")], &Vocabulary::from(&other));
    let features = [vec![1.0], vec![-1.0]];
    let input = FilterInput { declaration: &declaration, notes: &[], features: &features };
    assert_eq!(moved.matches(&input, at(1), &"118".into(), |_| 0.0).len(), 1);
}

#[test]
fn a_definition_names_its_risk_and_older_ones_load_without() {
    let mut filter = definition("R", "true");
    let without = serde_json::to_value(&filter).unwrap();
    assert!(without.get("risk").is_none());
    assert_eq!(serde_json::from_value::<FilterDefinition>(without).unwrap(), filter);
    filter.risk = Some("R-017".to_owned());
    let with = serde_json::to_string(&filter).unwrap();
    assert_eq!(serde_json::from_str::<FilterDefinition>(&with).unwrap().risk.as_deref(), Some("R-017"));
}
