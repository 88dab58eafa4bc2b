//! Features of what is remembered: measures of the histories of groups, and of distributions of unit values.

use crate::contract::FeatureType::{self, Count, Flag, Number, Share};
use crate::definitions::{ACCEPTED, CANCELLED, Definition, Lineage, RESULTED, StateSource, Value, groups};
use crate::entity::Group;
use crate::number::ln;
use crate::rates;
use crate::state::{Class, History, TILE_DAYS};
use crate::vector::view::{Seen, Shared, View};

/// Groups of goods, route and tax: each with its rate and count.
const GOODS: &[Group] = &[
    Group::Hs2,
    Group::Hs4,
    Group::Hs6,
    Group::Origin,
    Group::Route,
    Group::Taxes,
    Group::Lane,
    Group::LaneTaxes,
    Group::Hs2Tuple,
    Group::Hs6Taxes,
    Group::Hs4Origin,
    Group::Hs6Origin,
    Group::Hs6Route,
    Group::Hs6RouteOrigin,
    Group::Hs4Tuple,
    Group::Hs6Tuple,
    Group::PricedTuple,
    Group::Article,
    Group::Lot,
    Group::ArticleTuple,
];

/// Groups of those involved: each with its rate and count.
const INVOLVED: &[Group] = &[
    Group::Trader,
    Group::Declarant,
    Group::Counterparty,
    Group::Carrier,
    Group::Location,
    Group::Office,
    Group::TraderHs4,
    Group::TraderOrigin,
    Group::TraderCounterparty,
    Group::DeclarantHs2,
    Group::Contact,
    Group::Address,
];

/// How much riskier than what it is part of.
const LIFTS: &[(Group, Group)] = &[
    (Group::Hs6, Group::Hs2),
    (Group::Hs6Route, Group::Hs6),
    (Group::Hs6Origin, Group::Hs6),
    (Group::Hs6Tuple, Group::Hs6),
    (Group::PricedTuple, Group::Hs6Tuple),
    (Group::Article, Group::Hs6),
    (Group::ArticleTuple, Group::Hs6Tuple),
    (Group::LaneTaxes, Group::Lane),
    (Group::Trader, Group::Everything),
];

const DECLARED: &[Group] = &[
    Group::Hs6,
    Group::Hs6Origin,
    Group::Hs6Tuple,
    Group::PricedTuple,
    Group::Article,
    Group::LaneTaxes,
    Group::Trader,
    Group::Declarant,
    Group::Counterparty,
];

const UNSEEN: &[(&str, Group)] = &[
    ("newTrader", Group::Trader),
    ("newTraderHs4", Group::TraderHs4),
    ("newTraderOrigin", Group::TraderOrigin),
    ("newTraderCounterparty", Group::TraderCounterparty),
    ("newCounterparty", Group::Counterparty),
    ("newDeclarantHs2", Group::DeclarantHs2),
    ("newHs6Origin", Group::Hs6Origin),
    ("newHs6Route", Group::Hs6Route),
    ("newHs6Tuple", Group::Hs6Tuple),
    ("newArticle", Group::Article),
];

const CLASSES: &[(Group, Class)] = &[
    (Group::Hs2, Class::Random),
    (Group::Hs6Origin, Class::Random),
    (Group::Trader, Class::Random),
    (Group::Trader, Class::Documentary),
];

/// Unit values, goods, those involved, first sightings, shells and reuse, the declaration over all its items, national
/// additions.
pub fn definitions() -> Vec<Definition> {
    let mut all = unit_values();
    all.push(of(Group::Everything, "Rate", (Share, ""), RATE, rate));
    for group in GOODS.iter().chain(INVOLVED) {
        all.push(of(*group, "Rate", (Share, ""), RATE, rate));
        all.push(of(*group, "Examined", (Count, "examinations"), EXAMINED, examined));
    }
    all.extend(LIFTS.iter().map(|(group, base)| lifted(*group, *base)));
    all.extend(DECLARED.iter().map(|group| {
        let unit = if group.counting() == crate::entity::Counting::Items { "items" } else { "declarations" };
        of(*group, "Declared", (Count, unit), DECLARATIONS, declared)
    }));
    for (group, class) in CLASSES {
        all.extend(of_class(*group, *class));
    }
    for group in [Group::Hs6Origin, Group::Hs6Tuple, Group::Trader] {
        all.push(of(group, "RecentRate", (Share, ""), RECENT, recent_rate));
    }
    for group in [Group::Hs6Tuple, Group::Trader] {
        all.push(of(group, "CriticalRate", (Share, ""), CRITICAL, critical_rate));
    }
    for group in [Group::Trader, Group::Declarant] {
        all.push(of(group, "AgeDays", (Number, "days"), AGE, age_days));
    }
    all.push(of(Group::Trader, "IdleDays", (Number, "days"), IDLE, idle_days));
    all.push(of(Group::Trader, "FindingDays", (Number, "days"), FINDING, finding_days));
    all.push(of(Group::Trader, "MeanDuty", (Number, "ln of currency"), DUTY, mean_duty));
    all.push(of(Group::TraderHs4, "Share", (Share, ""), PART, share));
    for (name, group) in UNSEEN {
        all.push(Definition { name: (*name).to_owned(), ..of(*group, "", (Flag, ""), FIRST, unseen) });
    }
    all.extend(shells());
    all.extend(summaries());
    all.extend(additions());
    all
}

/// What is read of a history and how it is said, before the group.
#[derive(Clone, Copy)]
struct Measure {
    en: &'static str,
    es: &'static str,
    reads: &'static [&'static str],
    events: &'static [&'static str],
}

const fn measure(
    en: &'static str,
    es: &'static str,
    reads: &'static [&'static str],
    events: &'static [&'static str],
) -> Measure {
    Measure { en, es, reads, events }
}

const LABELLED: &[&str] = &[ACCEPTED, RESULTED];
const LODGED: &[&str] = &[ACCEPTED, CANCELLED];
const PHYSICAL: &[&str] = &["examined.random", "examined.targeted", "found.random", "found.targeted"];

const RATE: Measure = measure(
    "Smoothed rate of findings by physical examination for",
    "Tasa suavizada de hallazgos en reconocimientos físicos",
    PHYSICAL,
    LABELLED,
);
const EXAMINED: Measure = measure(
    "Physical examinations for",
    "Reconocimientos físicos",
    &["examined.random", "examined.targeted"],
    LABELLED,
);
const DECLARATIONS: Measure = measure("Declared for", "Declaraciones o series", &["declared"], LODGED);
const RECENT: Measure = measure(
    "Smoothed rate of findings of the last 90 to 120 days for",
    "Tasa suavizada de hallazgos de los últimos 90 a 120 días",
    &["tiles.examined", "tiles.found"],
    LABELLED,
);
const CRITICAL: Measure = measure(
    "Smoothed rate of critical findings by any examination for",
    "Tasa suavizada de hallazgos críticos en cualquier reconocimiento",
    &["examined.random", "examined.targeted", "examined.documentary", "critical"],
    LABELLED,
);
const AGE: Measure =
    measure("Days since the first declaration for", "Días desde la primera declaración", &["firstDay"], &[ACCEPTED]);
const IDLE: Measure =
    measure("Days since the last declaration for", "Días desde la última declaración", &["lastDay"], &[ACCEPTED]);
const FINDING: Measure = measure(
    "Days since the last declaration with a finding (0, 30, 60, 90 or 120; missing without one) for",
    "Días desde la última declaración con hallazgo (0, 30, 60, 90 o 120; vacío si no hay)",
    &["tiles.found"],
    LABELLED,
);
const DUTY: Measure = measure(
    "Additional duty per examination for",
    "Tributos adicionales por reconocimiento",
    &["dutyCents", "examined.random", "examined.targeted"],
    LABELLED,
);
const PART: Measure =
    measure("Share of the trader's declarations for", "Parte de las declaraciones del operador", &["declared"], LODGED);
const FIRST: Measure = measure("First sighting of", "Primera aparición", &["firstDay"], &[ACCEPTED]);

fn source(group: Group, reads: &[&'static str]) -> StateSource {
    StateSource { group: group.name(), reads: reads.to_vec() }
}

/// Fields that name the entities of `groups`, each once.
fn naming(groups_read: &[Group]) -> Vec<&'static str> {
    let mut fields = Vec::new();
    for field in groups_read.iter().flat_map(|group| groups::of(*group).fields) {
        if !fields.contains(field) {
            fields.push(*field);
        }
    }
    fields
}

fn lineage(group: Group, reads: &[&'static str], events: &[&'static str], with_ancestors: bool) -> Lineage {
    let mut read = vec![group];
    if with_ancestors {
        read.extend(rates::ancestors(group));
    }
    Lineage {
        events: events.to_vec(),
        states: read.iter().map(|group| source(*group, reads)).collect(),
        fields: naming(&read),
    }
}

fn of(
    group: Group,
    suffix: &str,
    kind: (FeatureType, &'static str),
    measure: Measure,
    compute: fn(&Shared, &View, Group) -> f32,
) -> Definition {
    let about = groups::of(group);
    let labels = (format!("{} {}", measure.en, about.en), format!("{} {}", measure.es, about.es));
    let lineage = lineage(group, measure.reads, measure.events, suffix == "Rate");
    Definition::new(format!("{}{suffix}", group.name()), kind, labels, lineage, Value::Of(compute, group))
}

fn lifted(group: Group, base: Group) -> Definition {
    let (own, of) = (groups::of(group), groups::of(base));
    let en = format!("Log odds of the rate for {} above those for {}", own.en, of.en);
    let es = format!("Logaritmo de la razón entre la tasa {} y la tasa {}", own.es, of.es);
    let lineage = lineage(group, PHYSICAL, LABELLED, true);
    Definition::new(format!("{}Lift", group.name()), (Number, "log odds"), (en, es), lineage, Value::Lift(group, base))
}

fn of_class(group: Group, class: Class) -> [Definition; 2] {
    let (word, en, es) = match class {
        Class::Random => ("Random", "random", "aleatorios"),
        Class::Targeted => ("Targeted", "targeted", "dirigidos"),
        Class::Documentary => ("Documentary", "documentary", "documentarios"),
    };
    let (examined, found): (&'static str, &'static str) = match class {
        Class::Random => ("examined.random", "found.random"),
        Class::Targeted => ("examined.targeted", "found.targeted"),
        Class::Documentary => ("examined.documentary", "found.documentary"),
    };
    let about = groups::of(group);
    let definition = |suffix: &str, kind, labels, reads: &[&'static str], value| {
        let name = format!("{}{word}{suffix}", group.name());
        Definition::new(name, kind, labels, lineage(group, reads, LABELLED, false), value)
    };
    let labels = |noun: &str, sustantivo: &str| {
        (format!("{noun} {en} examination for {}", about.en), format!("{sustantivo} {es} {}", about.es))
    };
    [
        definition(
            "Rate",
            (Share, ""),
            labels("Smoothed rate of findings by", "Tasa suavizada de hallazgos en reconocimientos"),
            &[examined, found],
            Value::OfClass(class_rate, group, class),
        ),
        definition(
            "Examined",
            (Count, "examinations"),
            labels("Number of", "Número de reconocimientos"),
            &[examined],
            Value::OfClass(class_examined, group, class),
        ),
    ]
}

type Compute = fn(&Shared, &View) -> f32;

fn plain(
    name: &str,
    kind: (FeatureType, &'static str),
    (en, es): (&str, &str),
    (groups_read, reads): (&[Group], &[&'static str]),
    events: &[&'static str],
    compute: Compute,
) -> Definition {
    let states = groups_read.iter().map(|group| source(*group, reads)).collect();
    let lineage = Lineage { events: events.to_vec(), states, fields: naming(groups_read) };
    Definition::new(name, kind, (en.to_owned(), es.to_owned()), lineage, Value::Plain(compute))
}

#[rustfmt::skip]
fn unit_values() -> Vec<Definition> {
    const HS6: &[Group] = &[Group::ValuesHs6];
    const ORIGIN: &[Group] = &[Group::ValuesHs6Origin];
    const MOMENTS: &[&str] = &["sum", "squares", "count"];
    const BINS: &[&str] = &["bins", "sum", "count"];
    vec![
        plain("valueScoreHs6", (Number, "deviations"), ("Distance of the unit value from the mean of its subheading, in logarithms", "Distancia del valor unitario a la media de su subpartida, en logaritmos"), (HS6, MOMENTS), LODGED, |_, view| view.value_score(view.values_hs6)),
        plain("valueQuantileHs6", (Share, ""), ("Share of unit values of its subheading below this one", "Parte de los valores unitarios de su subpartida por debajo de este"), (HS6, BINS), LODGED, |_, view| view.value_quantile(view.values_hs6)),
        plain("valuesHs6", (Count, "values"), ("Unit values known of its subheading", "Valores unitarios conocidos de su subpartida"), (HS6, &["count"]), LODGED, |_, view| view.values_hs6.map_or(0.0, |values| values.count as f32)),
        plain("valueScoreHs6Origin", (Number, "deviations"), ("Distance of the unit value from the mean of its subheading and origin, in logarithms", "Distancia del valor unitario a la media de su subpartida y origen, en logaritmos"), (ORIGIN, MOMENTS), LODGED, |_, view| view.value_score(view.values_hs6_origin)),
        plain("valueQuantileHs6Origin", (Share, ""), ("Share of unit values of its subheading and origin below this one", "Parte de los valores unitarios de su subpartida y origen por debajo de este"), (ORIGIN, BINS), LODGED, |_, view| view.value_quantile(view.values_hs6_origin)),
        plain("valuesHs6Origin", (Count, "values"), ("Unit values known of its subheading and origin", "Valores unitarios conocidos de su subpartida y origen"), (ORIGIN, &["count"]), LODGED, |_, view| view.values_hs6_origin.map_or(0.0, |values| values.count as f32)),
    ]
}

#[rustfmt::skip]
fn shells() -> Vec<Definition> {
    const REACHED: &[Group] = &[Group::Contact, Group::Address, Group::Trader];
    vec![
        plain("othersFound", (Count, "findings"), ("Findings of other traders with the same contact or address", "Hallazgos de otros operadores con el mismo contacto o domicilio"), (REACHED, &["found"]), LABELLED, |shared, _| shared.others_found.map_or(f32::NAN, |found| found as f32)),
        plain("contactsOlderDays", (Number, "days"), ("How much longer the contacts are known than the trader", "Cuánto más tiempo se conocen los contactos que el operador"), (REACHED, &["firstDay"]), &[ACCEPTED], contacts_older_days),
        plain("containerUses", (Count, "declarations"), ("Earlier declarations with one of the containers", "Declaraciones anteriores con uno de los contenedores"), (&[Group::Container], &["declared"]), LODGED, |shared, _| shared.container_uses.map_or(f32::NAN, |uses| uses as f32)),
        plain("containerFound", (Count, "findings"), ("Findings in one of the containers", "Hallazgos en uno de los contenedores"), (&[Group::Container], &["found"]), LABELLED, |shared, _| shared.container_found.map_or(f32::NAN, |found| found as f32)),
        plain("documentUses", (Count, "declarations"), ("Earlier declarations with one of the transport documents", "Declaraciones anteriores con uno de los documentos de transporte"), (&[Group::Document], &["declared"]), LODGED, |shared, _| shared.document_uses.map_or(f32::NAN, |uses| uses as f32)),
    ]
}

#[rustfmt::skip]
fn summaries() -> Vec<Definition> {
    const ALL: &[Group] = &[Group::PricedTuple, Group::Trader, Group::TraderHs4, Group::Contact, Group::Address, Group::Everything];
    vec![
        plain("combinedRate", (Share, ""), ("The best guess from rates alone: goods, route and tax, moved by what is known of the trader", "La mejor estimación solo con tasas: mercancía, ruta y tributos, movida por lo que se sabe del operador"), (ALL, PHYSICAL), LABELLED, |_, view| rates::combined(&view.rates) as f32),
        plain("combinedLogOdds", (Number, "log odds"), ("Log odds of the combined rate", "Logaritmo de la razón de la tasa combinada"), (ALL, PHYSICAL), LABELLED, |_, view| rates::logit(rates::combined(&view.rates)) as f32),
        plain("hs6TupleLogOdds", (Number, "log odds"), ("Log odds of the rate for subheading, route, origin and taxes", "Logaritmo de la razón de la tasa de la subpartida, la ruta, el origen y los tributos"), (&[Group::Hs6Tuple], PHYSICAL), LABELLED, |_, view| rates::logit(view.rates[Group::Hs6Tuple as usize]) as f32),
        plain("articleTupleLogOdds", (Number, "log odds"), ("Log odds of the rate for subheading, unit value, route, origin and taxes", "Logaritmo de la razón de la tasa de la subpartida, el valor unitario, la ruta, el origen y los tributos"), (&[Group::ArticleTuple], PHYSICAL), LABELLED, |_, view| rates::logit(view.rates[Group::ArticleTuple as usize]) as f32),
        plain("maxItemRate", (Share, ""), ("Highest back-off rate of an item", "Mayor tasa de una serie"), (&[Group::PricedTuple], PHYSICAL), LABELLED, |shared, _| shared.summary.max_rate as f32),
        plain("minValueScore", (Number, "deviations"), ("Lowest distance of an item from the unit values of its subheading", "Menor distancia de una serie a los valores unitarios de su subpartida"), (&[Group::ValuesHs6], &["sum", "squares", "count"]), LODGED, |shared, _| shared.summary.min_value_score),
    ]
}

/// Whatever the keys are called: an administration's additions are not known here, and a vector has a fixed length.
#[rustfmt::skip]
fn additions() -> Vec<Definition> {
    const BOTH: &[Group] = &[Group::Extension, Group::ItemExtension];
    const RATED: &[Group] = &[Group::Extension, Group::ItemExtension, Group::Everything];
    vec![
        plain("extensions", (Count, "additions"), ("National additions of the declaration and the item", "Datos nacionales adicionales de la declaración y la serie"), (BOTH, &["declared"]), &[ACCEPTED], |_, view| view.additions.len() as f32),
        plain("extensionRate", (Share, ""), ("Highest smoothed rate of findings by physical examination for one of the national additions", "Mayor tasa suavizada de hallazgos en reconocimientos físicos de uno de los datos nacionales adicionales"), (RATED, PHYSICAL), LABELLED, |_, view| of_riskiest(view, |rate, _| rate)),
        plain("extensionExamined", (Count, "examinations"), ("Physical examinations for the national addition with the highest rate", "Reconocimientos físicos del dato nacional adicional de mayor tasa"), (RATED, PHYSICAL), LABELLED, |_, view| of_riskiest(view, |_, history| f64::from(history.physical()))),
        plain("extensionLift", (Number, "log odds"), ("Log odds of the rates for all national additions above those for all goods, added up", "Logaritmo de la razón de las tasas de todos los datos nacionales adicionales sobre la de toda la mercancía, sumado"), (RATED, PHYSICAL), LABELLED, additions_lift),
        plain("extensionDeclared", (Count, "declarations or items"), ("Declared with the rarest of the national additions", "Declaraciones o series con el más raro de los datos nacionales adicionales"), (BOTH, &["declared"]), LODGED, |_, view| view.additions.iter().map(|seen| seen.counted.declared).min().map_or(f32::NAN, |declared| declared as f32)),
        plain("newExtension", (Flag, ""), ("First sighting of one of the national additions", "Primera aparición de uno de los datos nacionales adicionales"), (BOTH, &["firstDay"]), &[ACCEPTED], |_, view| if view.additions.is_empty() { f32::NAN } else { f32::from(u8::from(view.additions.iter().any(|seen| !seen.past.is_known()))) }),
    ]
}

/// Of the national addition with the highest rate, the first in their order; missing without any.
fn of_riskiest(view: &View, say: fn(f64, &History) -> f64) -> f32 {
    let prior = view.rates[Group::Everything as usize];
    let rated = view.additions.iter().map(|seen| (rates::of_one(seen.counted, prior), seen.counted));
    let riskiest = rated.reduce(|a, b| if b.0 > a.0 { b } else { a });
    riskiest.map_or(f32::NAN, |(rate, history)| say(rate, history) as f32)
}

fn additions_lift(_: &Shared, view: &View) -> f32 {
    if view.additions.is_empty() {
        return f32::NAN;
    }
    let prior = view.rates[Group::Everything as usize];
    let over = |seen: &Seen| rates::logit(rates::of_one(seen.counted, prior)) - rates::logit(prior);
    view.additions.iter().map(over).sum::<f64>() as f32
}

fn rate(_: &Shared, view: &View, group: Group) -> f32 {
    if view.present[group as usize] { view.rates[group as usize] as f32 } else { f32::NAN }
}

pub(super) fn lift(view: &View, group: Group, base: Group) -> f32 {
    if view.present[group as usize] { rates::lift(&view.rates, group, base) as f32 } else { f32::NAN }
}

fn examined(_: &Shared, view: &View, group: Group) -> f32 {
    view.history(group).map_or(f32::NAN, |history| history.physical() as f32)
}

fn declared(_: &Shared, view: &View, group: Group) -> f32 {
    view.history(group).map_or(f32::NAN, |history| history.declared as f32)
}

fn class_rate(view: &View, group: Group, class: Class) -> f32 {
    let prior = view.rates[Group::Everything as usize];
    view.history(group).map_or(f32::NAN, |history| rates::of_class(history, class, prior) as f32)
}

fn class_examined(view: &View, group: Group, class: Class) -> f32 {
    view.history(group).map_or(f32::NAN, |history| history.examined[class as usize] as f32)
}

fn critical_rate(_: &Shared, view: &View, group: Group) -> f32 {
    view.history(group).map_or(f32::NAN, |history| rates::critical(history) as f32)
}

fn recent_rate(shared: &Shared, view: &View, group: Group) -> f32 {
    let prior = view.rates[group as usize];
    view.past(group).map_or(f32::NAN, |history| rates::recent(history, shared.day, prior) as f32)
}

fn age_days(shared: &Shared, view: &View, group: Group) -> f32 {
    let known = view.past(group).filter(|history| history.is_known());
    known.map_or(f32::NAN, |history| f32::from(shared.day.saturating_sub(history.first_day)))
}

fn idle_days(shared: &Shared, view: &View, group: Group) -> f32 {
    let known = view.past(group).filter(|history| history.is_known());
    known.map_or(f32::NAN, |history| f32::from(shared.day.saturating_sub(history.last_day)))
}

fn finding_days(shared: &Shared, view: &View, group: Group) -> f32 {
    let Some(history) = view.past(group).filter(|history| history.physical_found() > 0) else { return f32::NAN };
    let periods = history.recent(shared.day).find(|(_, tile)| tile.found > 0).map_or(4, |(age, _)| age);
    (periods * usize::from(TILE_DAYS)) as f32
}

fn mean_duty(_: &Shared, view: &View, group: Group) -> f32 {
    let history = view.history(group).filter(|history| history.physical() > 0);
    history.map_or(f32::NAN, |h| ln((h.duty_cents.max(0) as f64 / 100.0 / f64::from(h.physical())) + 1.0))
}

fn share(_: &Shared, view: &View, group: Group) -> f32 {
    let whole = view.history(Group::Trader).filter(|trader| trader.declared > 0);
    match (view.history(group), whole) {
        (Some(part), Some(whole)) => part.declared as f32 / whole.declared as f32,
        _ => f32::NAN,
    }
}

fn unseen(_: &Shared, view: &View, group: Group) -> f32 {
    view.past(group).map_or(f32::NAN, |history| f32::from(u8::from(!history.is_known())))
}

fn contacts_older_days(shared: &Shared, view: &View) -> f32 {
    let trader = view.past(Group::Trader).filter(|history| history.is_known()).map_or(shared.day, |h| h.first_day);
    shared.contacts_since.map_or(f32::NAN, |since| f32::from(trader.saturating_sub(since)))
}
