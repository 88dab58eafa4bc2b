//! Lives through the year, tick by tick: clients post, the services settle, the world hears what was decided.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, ensure};
use clients::ChannelEntry;
use customs::{Channel, ControlId, DeclarationId, FilterMatch, Method, OfficeCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use trade_simulator::{
    ChannelTold, Comparison, Considered, ControlOrdered, Evaluation, Feedback, TickActions, World, WorldSpec,
};

use super::api::{Api, Outlived, ResultLine};
use super::journal::Journal;
use super::progress::Progress;
use super::setup;
use crate::administration::Administration;

/// Ticks of the domain clock in a day in which declarations are lodged.
const TICKS_A_DAY: u32 = 6;
/// Days after the last lodgement in which results still come in: one tick each.
const AFTERMATH_DAYS: u32 = 60;
/// Days after which analysts look again at what their filters bring.
const REVIEW_DAYS: u32 = 28;

/// When tick `number` of a year of `days` begins: the end of the one before.
fn tick_begins(spec: &WorldSpec, number: u32) -> Timestamp {
    let lodging = spec.days.saturating_mul(TICKS_A_DAY);
    let hours =
        i64::from(24 / TICKS_A_DAY) * i64::from(number.min(lodging)) + 24 * i64::from(number.saturating_sub(lodging));
    spec.start + SignedDuration::from_hours(hours)
}

/// One journalled tick.
#[derive(Debug, Serialize, Deserialize)]
struct Tick {
    number: u32,
    feedback: Feedback,
    /// Which of `feedback.channels`, by place, were told for another reason than the selection: an escalation or an
    /// extraordinary control.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    beside_selection: Vec<usize>,
    /// Declarations for which an ordinary physical examination within the plan was ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    physical: Vec<u64>,
    /// Declarations that a filter matched which asks for a physical examination.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    matched: Vec<u64>,
    /// Filters that analysts will take out of force in the next tick.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outlived: Vec<Outlived>,
    cursors: Cursors,
}

/// Where the feeds were left.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Cursors {
    channels: u64,
    controls: Option<String>,
    selections: Option<String>,
}

/// What a lived-through year leaves behind for the report.
pub struct Lived {
    /// The judgement of the policies.
    pub comparison: Comparison,
    /// Declarations lodged, by all runs.
    pub declarations: u64,
    /// Declarations that hid an offence.
    pub offences: u64,
    /// Declarations lodged by this process; a resumed run lodges only the rest.
    pub lodged_now: u64,
    /// Filters that were taken out of force, in that order.
    pub filters_given_up: Vec<String>,
}

/// Lives through `spec.days` and the aftermath, resuming from the journal in `data`.
pub async fn live_through(
    spec: &WorldSpec,
    world: World,
    administration: &Administration,
    api: &Api,
    data: &Path,
    quiet: bool,
) -> anyhow::Result<Lived> {
    let digest = blake3::hash(toml::to_string(spec)?.as_bytes()).to_hex().to_string();
    let (mut journal, ticks) = Journal::<Tick>::open(&data.join("demo.journal"), &digest)?;
    let stepper = administration.stepper();
    if ticks.is_empty() {
        setup::install(spec, &world, api).await.context("the administration cannot be set up")?;
    }
    let total = spec.days.saturating_mul(TICKS_A_DAY) + AFTERMATH_DAYS;
    let mut progress = Progress::new(spec.declarations, quiet);
    let mut run = Run::new(spec, world);
    let mut cursors = Cursors::default();
    for number in 0..total {
        let (from, to) = (tick_begins(spec, number), tick_begins(spec, number + 1));
        let actions = run.world.tick(from, to);
        run.note(&actions);
        let replayed = ticks.get(number as usize);
        if let Some(tick) = replayed {
            ensure!(tick.number == number, "the journal skips a tick");
            cursors = tick.cursors.clone();
            run.hear(&actions, tick);
        } else {
            administration.clock().advance_to(to).context("the domain clock cannot advance")?;
            run.post(api, &actions).await.with_context(|| format!("in the tick that ends {to}"))?;
            stepper.settle().await.with_context(|| format!("in the tick that ends {to}"))?;
            let tick = run.ask(api, number, &mut cursors).await?;
            journal.append(&tick)?;
            run.hear(&actions, &tick);
            run.lodged_now += actions.lodgements.len() as u64;
        }
        progress.show(to, run.keys.len() as u64, run.examined, run.findings, replayed.is_some());
    }
    let end = tick_begins(spec, total);
    // A run that was killed after its last tick has not told its services the time yet.
    administration.clock().advance_to(end).context("the domain clock cannot advance")?;
    stepper.settle().await?;
    progress.finish();
    Ok(run.judge(end))
}

/// The driver's own bookkeeping around the world.
struct Run {
    world: World,
    evaluation: Evaluation,
    time_zones: HashMap<OfficeCode, String>,
    physical_codes: HashSet<String>,
    /// Those of them that analysts may give up: the law does not ask what it brings.
    by_choice: HashSet<String>,
    /// Filters that are to be taken out of force.
    outlived: Vec<Outlived>,
    /// Those, and those that were before.
    shadowed: Vec<String>,
    /// Declarations by world key.
    ids: HashMap<u64, DeclarationId>,
    /// World keys by declaration.
    keys: HashMap<DeclarationId, u64>,
    /// Extraordinary controls by id.
    extraordinary: HashMap<ControlId, u64>,
    /// Physical controls.
    physical: HashSet<ControlId>,
    offences: u64,
    examined: u64,
    findings: u64,
    lodged_now: u64,
}

impl Run {
    fn new(spec: &WorldSpec, world: World) -> Self {
        let filters = world.filters();
        let physical = filters.iter().filter(|filter| filter.method == Method::Physical);
        let by_choice = physical.clone().filter(|filter| !filter.mandatory);
        Self {
            evaluation: Evaluation::new(spec),
            time_zones: world.offices().into_iter().map(|office| (office.code, office.time_zone)).collect(),
            physical_codes: physical.map(|filter| filter.code.clone()).collect(),
            by_choice: by_choice.map(|filter| filter.code.clone()).collect(),
            outlived: Vec::new(),
            shadowed: Vec::new(),
            world,
            ids: HashMap::new(),
            keys: HashMap::new(),
            extraordinary: HashMap::new(),
            physical: HashSet::new(),
            offences: 0,
            examined: 0,
            findings: 0,
            lodged_now: 0,
        }
    }

    /// Remembers what the actions name, without asking anybody: replayed ticks need it too.
    fn note(&mut self, actions: &TickActions) {
        for lodgement in &actions.lodgements {
            let id = lodgement.declaration.id(lodgement.declaration.acceptance_date_time);
            self.ids.insert(lodgement.key, id);
            self.keys.insert(id, lodgement.key);
        }
        for report in &actions.results {
            if self.physical.contains(&report.control) && report.result.version == 1 {
                self.examined += 1;
                self.findings += u64::from(report.result.has_finding());
            }
        }
    }

    /// Posts everything that happens in a tick, as customs systems, scanners and officers do. Posting again changes nothing.
    async fn post(&mut self, api: &Api, actions: &TickActions) -> anyhow::Result<()> {
        for filter in &self.outlived {
            api.shadow_filter(filter).await?;
        }
        let lodged = api.lodge(actions.lodgements.iter().map(|lodgement| &lodgement.declaration)).await?;
        for (lodgement, id) in actions.lodgements.iter().zip(lodged) {
            ensure!(
                self.ids.get(&lodgement.key) == Some(&id),
                "declaration {} was stored as {id}",
                lodgement.declaration.reference
            );
        }
        let results: Vec<_> = actions
            .results
            .iter()
            .map(|report| ResultLine {
                control: report.control,
                officer: report.officer.clone(),
                result: report.result.clone(),
            })
            .collect();
        api.report_results(&results).await?;
        for amendment in &actions.amendments {
            api.amend(self.id(amendment.key)?, &amendment.declaration).await?;
        }
        for cancellation in &actions.cancellations {
            api.cancel(self.id(cancellation.key)?, &cancellation.reason).await?;
        }
        let movements = actions.movements.iter().map(|one| Ok((self.id(one.key)?, one.kind, one.at)));
        api.move_goods(&movements.collect::<anyhow::Result<Vec<_>>>()?).await?;
        for scan in &actions.scans {
            api.scan(scan).await?;
        }
        for control in &actions.extraordinary {
            let declaration = control.declaration.map(|key| self.id(key)).transpose()?;
            let id = api.open_control(control, declaration).await?;
            self.extraordinary.insert(id, control.key);
        }
        Ok(())
    }

    /// Asks what was decided since the cursors, which move on.
    async fn ask(&self, api: &Api, number: u32, cursors: &mut Cursors) -> anyhow::Result<Tick> {
        let mut tick = Tick {
            number,
            feedback: Feedback::default(),
            beside_selection: Vec::new(),
            physical: Vec::new(),
            matched: Vec::new(),
            outlived: Vec::new(),
            cursors: Cursors::default(),
        };
        for entry in api.channels(&mut cursors.channels).await? {
            if let Some(&key) = self.keys.get(&entry.declaration) {
                if !is_of_selection(&entry) {
                    tick.beside_selection.push(tick.feedback.channels.len());
                }
                tick.feedback.channels.push(ChannelTold { key, channel: entry.channel, at: entry.decided_at });
            }
        }
        for control in api.controls(&mut cursors.controls).await? {
            // A scan comes with its verdict: nobody has to examine anything.
            let key = match self.extraordinary.get(&control.id) {
                Some(&key) => Some(key),
                None => control.declaration.and_then(|id| self.keys.get(&id).copied()),
            };
            if let Some(key) = key.filter(|_| control.order.method != Method::Scan) {
                let (method, extent) = (control.order.method, control.order.extent);
                tick.feedback.controls.push(ControlOrdered {
                    control: control.id,
                    key,
                    method,
                    extent,
                    at: control.ordered_at,
                });
            }
        }
        for selection in api.selections(&mut cursors.selections).await? {
            let Some(&key) = self.keys.get(&selection.declaration) else { continue };
            if selection.orders.iter().any(|order| order.method == Method::Physical && !order.over_plan) {
                tick.physical.push(key);
            }
            if selection.matches.iter().any(|one| self.would_act(one)) {
                tick.matched.push(key);
            }
        }
        if (number + 1).is_multiple_of(REVIEW_DAYS * TICKS_A_DAY) {
            tick.outlived = api.outlived_filters().await?;
            tick.outlived.retain(|filter| self.by_choice.contains(&filter.code));
        }
        tick.cursors = cursors.clone();
        Ok(tick)
    }

    /// Whether a filter asks for a physical examination, or did before it was taken out of force: filters alone would have
    /// been left in force.
    fn would_act(&self, matched: &FilterMatch) -> bool {
        self.physical_codes.contains(&matched.code) && (matched.acted || self.shadowed.contains(&matched.code))
    }

    /// Takes in what was decided: the world, the judge, and the bookkeeping.
    fn hear(&mut self, actions: &TickActions, tick: &Tick) {
        let controls = tick.feedback.controls.iter().filter(|control| control.method == Method::Physical);
        self.physical.extend(controls.map(|control| control.control));
        // Officers and scanners raise channels too; the selection is judged by what it told itself.
        let told: HashMap<u64, Channel> = (0..)
            .zip(&tick.feedback.channels)
            .filter(|(place, _)| tick.beside_selection.binary_search(place).is_err())
            .map(|(_, told)| (told.key, told.channel))
            .collect();
        let (mut physical, matched): (HashSet<u64>, HashSet<u64>) =
            (tick.physical.iter().copied().collect(), tick.matched.iter().copied().collect());
        for lodgement in &actions.lodgements {
            let (key, declaration) = (lodgement.key, &lodgement.declaration);
            let Some(truth) = self.world.truth(key) else { continue };
            self.offences += u64::from(truth.is_offence());
            let zone = self.time_zones.get(&declaration.office).map_or("UTC", String::as_str);
            self.evaluation.consider(&Considered {
                key,
                declaration,
                truth,
                local_day: customs::office::local_day(zone, declaration.acceptance_date_time),
                channel: told.get(&key).copied().unwrap_or(Channel::Green),
                ordinary_physical: physical.remove(&key),
                filter_matched: matched.contains(&key),
            });
        }
        // What is left was raised by an amendment of an earlier declaration.
        let mut raised: Vec<_> = physical.into_iter().collect();
        raised.sort_unstable();
        for key in raised {
            self.evaluation.examined_later(key);
        }
        // What officers reported in this tick is known to the decisions of the next.
        for report in &actions.results {
            if self.physical.contains(&report.control) {
                self.evaluation.learn(report.control, report.key, &report.result);
            }
        }
        self.world.observe(&tick.feedback);
        self.outlived.clone_from(&tick.outlived);
        self.shadowed.extend(tick.outlived.iter().map(|filter| filter.code.clone()));
    }

    fn id(&self, key: u64) -> anyhow::Result<DeclarationId> {
        self.ids.get(&key).copied().with_context(|| format!("the world names declaration {key} before it lodges it"))
    }

    fn judge(self, end: Timestamp) -> Lived {
        Lived {
            comparison: self.evaluation.finish(end),
            declarations: self.keys.len() as u64,
            offences: self.offences,
            lodged_now: self.lodged_now,
            filters_given_up: self.shadowed,
        }
    }
}

/// Whether an entry of the feed tells the decision about a declaration, or the fail-safe in its place.
fn is_of_selection(entry: &ChannelEntry) -> bool {
    !matches!(entry.reason.as_deref(), Some("escalation" | "extraordinary"))
}
