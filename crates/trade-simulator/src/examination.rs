//! Officers examine: what they see, when they report, and what becomes of it on appeal.

use customs::{
    Extent, Finding, ItemOutcome, ItemResult, Measure, Method, Money, Nature, NewResult, ResultStage, TargetingVerdict,
};

use crate::Truth;
use crate::calendar::{DAY, HOUR, days, moment};
use crate::draw::{Purpose, Stream};
use crate::lodging::{ItemOffence, Offence, cents};
use crate::spec::{FraudKind, WorldSpec};

/// Share of the officers without a finding who say that there was no reason to look.
const DOUBTS: f64 = 0.25;

/// What an examination has before it.
pub(crate) struct Examined<'a> {
    pub(crate) key: u64,
    pub(crate) items: u32,
    /// Goods cannot be examined before; microseconds since 1970.
    pub(crate) arrival: i64,
    pub(crate) truth: Option<&'a Truth>,
    pub(crate) offence: Option<&'a Offence>,
}

/// One version of a result, and when it is due (microseconds since 1970).
pub(crate) struct Due {
    pub(crate) at: i64,
    pub(crate) result: NewResult,
}

/// What becomes of an examination ordered at `ordered`: the first report and its revisions, in order. `number` counts the
/// examinations of the same method of the same declaration; nothing is reported before `now`.
pub(crate) fn examine(
    spec: &WorldSpec,
    examined: &Examined<'_>,
    method: Method,
    extent: &Extent,
    ordered: i64,
    number: u64,
    now: i64,
) -> Vec<Due> {
    let mut stream = Stream::new(spec.seed, Purpose::Examination, examined.key, (method as u64) << 32 | number);
    let sequences = covered(examined.items, extent, &mut stream);
    let detects = stream.chance(detection(examined.truth, method, extent));
    let seen: Vec<&ItemOffence> = match examined.offence {
        Some(offence) if detects => {
            offence.items.iter().filter(|item| item.sequence == 0 || sequences.contains(&item.sequence)).collect()
        }
        _ => Vec::new(),
    };
    let fraud = examined.offence.map_or(FraudKind::Undeclared, |offence| offence.fraud);
    let items = write_items(examined.items, &sequences, &seen, fraud, &mut stream);

    let base = if method == Method::Documentary { ordered } else { ordered.max(examined.arrival) };
    let median = if seen.is_empty() { spec.delays.conform_median_days } else { spec.delays.finding_median_days };
    let delay = days(stream.lognormal(median, spec.delays.sigma)).max(HOUR);
    let latest = ordered + days(spec.delays.longest_days) - HOUR;
    let established = (base + delay).min(latest.max(base + HOUR)).max(now);
    let examined_at = (base + delay.min(3 * DAY) / 2).min(established);
    let (appeals, annuls) = (stream.chance(spec.delays.appealed_share), stream.chance(spec.delays.annulled_share));
    let (appeal, answer) = (stream.between(3.0, 15.0), stream.between(20.0, 40.0));
    // Officers who find something see why they were sent; of the others some say that there was no reason.
    let targeting = match (seen.is_empty(), stream.chance(DOUBTS)) {
        (false, _) => Some(TargetingVerdict::Justified),
        (true, true) => Some(TargetingVerdict::Unjustified),
        (true, false) => None,
    };
    let version = |version, stage, at: i64, items: &[ItemResult]| Due {
        at,
        result: NewResult {
            version,
            stage,
            examined_at: moment(whole(examined_at)),
            established_at: moment(whole(at)),
            items: items.to_vec(),
            remarks: None,
            targeting,
        },
    };
    let mut due = vec![version(1, ResultStage::Final, established, &items)];
    if !seen.is_empty() && appeals {
        let stage = if annuls { ResultStage::Annulled } else { ResultStage::Confirmed };
        due.push(version(2, ResultStage::Appealed, established + days(appeal), &items));
        due.push(version(3, stage, established + days(answer), &items));
    }
    due
}

/// When the examination itself takes place, as far as release and presentation are concerned.
pub(crate) fn examination_time(due: &[Due]) -> Option<i64> {
    due.first().map(|first| first.result.examined_at.as_microsecond())
}

fn whole(micros: i64) -> i64 {
    micros.div_euclid(1_000_000) * 1_000_000
}

fn covered(items: u32, extent: &Extent, stream: &mut Stream) -> Vec<u32> {
    match extent {
        Extent::Full => (1..=items).collect(),
        Extent::Items(named) => (1..=items).filter(|sequence| named.contains(sequence)).collect(),
        // Half of the items, from a random one on.
        Extent::Partial | Extent::Containers(_) => {
            let first = stream.below(items as usize) as u32;
            let count = items.div_ceil(2);
            (1..=items).filter(|sequence| (sequence + items - 1 - first) % items < count).collect()
        }
    }
}

fn detection(truth: Option<&Truth>, method: Method, extent: &Extent) -> f64 {
    let full = truth.map_or(0.0, |truth| truth.detection_probability(method));
    // Less is seen where less is opened, even of the goods that are looked at.
    if *extent == Extent::Full { full } else { full * 0.85 }
}

fn write_items(
    count: u32,
    sequences: &[u32],
    seen: &[&ItemOffence],
    fraud: FraudKind,
    stream: &mut Stream,
) -> Vec<ItemResult> {
    // Inadvertence is as common as fraud where only a code or an origin is wrong.
    let error = matches!(fraud, FraudKind::Misclassification | FraudKind::Origin | FraudKind::Quantity);
    let nature = if stream.chance(if error { 0.5 } else { 0.1 }) { Nature::Error } else { Nature::SuspectedFraud };
    let mut items: Vec<ItemResult> =
        seen.iter().filter(|offence| offence.sequence == 0).map(|offence| finding(offence, fraud, nature)).collect();
    items.extend((1..=count).map(|sequence| {
        if let Some(offence) = seen.iter().find(|offence| offence.sequence == sequence) {
            return finding(offence, fraud, nature);
        }
        let examined = sequences.contains(&sequence);
        let outcome = if examined { ItemOutcome::Conform } else { ItemOutcome::NotExamined };
        ItemResult { sequence, outcome, findings: Vec::new() }
    }));
    items
}

fn finding(offence: &ItemOffence, fraud: FraudKind, nature: Nature) -> ItemResult {
    let mut measures = Vec::new();
    for (tax, amount) in [("ADV", offence.ad_valorem), ("IGV", offence.value_added)] {
        if amount >= 0.005 {
            measures.push(Measure::AdditionalDuty { tax: tax.to_owned(), amount: dollars(amount) });
        }
    }
    let duty = offence.ad_valorem + offence.value_added;
    if nature == Nature::SuspectedFraud && duty >= 0.005 {
        measures.push(Measure::Fine { amount: dollars(duty * 2.0) });
    }
    if let Some(seizure) = offence.seizure {
        measures.push(Measure::Seizure {
            quantity: cents(seizure.quantity),
            unit: seizure.unit.to_owned(),
            value: seizure.value.map(dollars),
        });
    }
    if fraud == FraudKind::ContaminatedExport {
        measures.push(Measure::Referral { to: "Ministerio Público".to_owned() });
    }
    let stated = |text: &String| if text.is_empty() { None } else { Some(text.clone()) };
    let finding = Finding {
        kind: fraud.finding(),
        national_code: Some(fraud.national_code().to_owned()),
        field: Some(offence.field.to_owned()),
        declared: stated(&offence.declared),
        found: stated(&offence.found),
        nature,
        in_traders_favour: false,
        measures,
    };
    ItemResult { sequence: offence.sequence, outcome: ItemOutcome::Finding, findings: vec![finding] }
}

fn dollars(amount: f64) -> Money {
    Money::new(cents(amount), "USD")
}

/// A vehicle that nobody declared anything for.
pub(crate) fn examine_vehicle(spec: &WorldSpec, key: u64, method: Method, ordered: i64, now: i64) -> Vec<Due> {
    let mut stream = Stream::new(spec.seed, Purpose::Extraordinary, key, 1);
    let hidden = stream.lognormal(3_000.0, 0.9);
    let quantity = (hidden / 20.0).max(1.0);
    let item = ItemOffence {
        sequence: 0,
        field: "description",
        declared: String::new(),
        found: "contrabando".to_owned(),
        ad_valorem: 0.0,
        value_added: 0.0,
        seizure: Some(crate::lodging::Seizure { quantity, unit: "KGM", value: Some(hidden) }),
    };
    let offence = stream.chance(0.12).then(|| Offence { fraud: FraudKind::Contraband, items: vec![item] });
    let truth = offence.as_ref().map(|offence| Truth {
        kind: Some(offence.fraud.finding()),
        fraud: Some(offence.fraud),
        items: vec![0],
        duty_at_stake: 0.0,
        detection: spec.detection(offence.fraud),
        bayes_score: 0.0,
    });
    let examined = Examined { key, items: 0, arrival: ordered, truth: truth.as_ref(), offence: offence.as_ref() };
    let mut due = examine(spec, &examined, method, &Extent::Full, ordered, 0, now);
    for version in &mut due {
        if version.result.items.is_empty() {
            let outcome = ItemOutcome::Conform;
            version.result.items.push(ItemResult { sequence: 0, outcome, findings: Vec::new() });
        }
    }
    due
}
