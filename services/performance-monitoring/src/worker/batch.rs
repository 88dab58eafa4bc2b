//! What a batch of messages writes, as rows.

use std::collections::BTreeMap;

use customs::{Control, Decimal, Extent, ItemOutcome, Measure, Method, ResultStage, ResultVersion, office::local_day};
use events::{Envelope, LabelOrigin, Movement};

use super::message::{Message, Selected};
use crate::{
    metrics::{ByChannel, ByTable, ByTrigger, Metrics},
    store::rows::{
        ControlRow, DutyRow, ExposureRow, FilterRow, FindingRow, MovementRow, PlanRow, ResultRow, RouteRow, SeizureRow,
        SelectionRow, UnitRow, hex, word,
    },
};

/// Time zone by office; an office without a plan is in UTC.
pub type Zones = BTreeMap<String, String>;

/// Rows by table, in message order.
#[derive(Default)]
pub struct Batch {
    pub selections: Vec<SelectionRow>,
    pub units: Vec<UnitRow>,
    pub exposures: Vec<ExposureRow>,
    pub movements: Vec<MovementRow>,
    pub controls: Vec<ControlRow>,
    pub results: Vec<ResultRow>,
    pub findings: Vec<FindingRow>,
    pub duties: Vec<DutyRow>,
    pub seizures: Vec<SeizureRow>,
    pub capacity: Vec<(u64, Vec<PlanRow>)>,
    pub filters: Vec<(u64, Vec<FilterRow>)>,
    pub routes: Option<(u64, Vec<RouteRow>)>,
}

impl Batch {
    /// The rows of `messages`. A plan among them changes the zones of those behind it.
    pub fn of<'a>(messages: impl Iterator<Item = (&'a Envelope, Message)>, zones: &mut Zones) -> Self {
        let mut batch = Self::default();
        for (envelope, message) in messages {
            batch.add(envelope, message, zones);
        }
        batch
    }

    fn add(&mut self, envelope: &Envelope, message: Message, zones: &mut Zones) {
        match message {
            Message::Selected(selected) => self.add_selected(envelope, &selected, zones),
            Message::Moved(moved) => {
                let at = Some(moved.at.as_microsecond());
                let mut row = MovementRow { id: hex(moved.id.0), ..MovementRow::default() };
                match moved.movement {
                    Movement::Arrived => row.arrived = at,
                    Movement::Presented => row.presented = at,
                    Movement::Released => row.released = at,
                }
                self.movements.push(row);
            }
            Message::Cancelled(cancelled) => self.movements.push(MovementRow {
                id: hex(cancelled.id.0),
                cancelled: Some(cancelled.cancelled_at.as_microsecond()),
                ..MovementRow::default()
            }),
            Message::Ordered(ordered) => self.controls.push(control(&ordered.control, false, zones)),
            Message::Resulted(resulted) => {
                let history = resulted.origin == LabelOrigin::History;
                self.controls.push(control(&resulted.control, history, zones));
                self.add_result(&resulted.control, &resulted.result);
            }
            Message::Capacity(changed) => {
                let since = envelope.occurred_at.as_microsecond();
                let plans: Vec<PlanRow> = changed.plans.iter().map(|plan| PlanRow::of(plan, since)).collect();
                zones.extend(plans.iter().map(|plan| (plan.office.clone(), plan.time_zone.clone())));
                self.capacity.push((changed.epoch, plans));
            }
            Message::Filters(changed) => {
                let since = envelope.occurred_at.as_microsecond();
                self.filters.push((changed.epoch, FilterRow::in_force(&changed.filters, since)));
            }
            Message::Routing(changed) if self.routes.as_ref().is_none_or(|(epoch, _)| *epoch < changed.epoch) => {
                let since = envelope.occurred_at.as_microsecond();
                self.routes =
                    Some((changed.epoch, changed.routes.iter().map(|route| RouteRow::of(route, since)).collect()));
            }
            Message::Routing(_) | Message::Other => {}
        }
    }

    fn add_selected(&mut self, envelope: &Envelope, selected: &Selected, zones: &Zones) {
        let (summary, selection) = (&selected.summary, &selected.selection);
        let physical = selection.orders.iter().find(|order| order.method == Method::Physical);
        self.selections.push(SelectionRow {
            id: hex(selection.declaration.0),
            selection: hex(selection.id.0),
            version: selection.declaration_version,
            office: selection.office.0.clone(),
            direction: summary.direction,
            regime: summary.regime.clone(),
            modality: summary.modality,
            form: summary.form,
            lodged: summary.accepted_at.as_microsecond(),
            decided: selection.decided_at.as_microsecond(),
            day: day(zones, &selection.office.0, selection.decided_at),
            channel: selection.channel,
            without_draw: selection.channel_without_draw,
            probability: selection.probability,
            random: selection.random_probability,
            trigger: physical.map(|order| order.trigger),
            full: physical.is_some_and(|order| order.extent == Extent::Full),
            degraded: selection.degraded,
            latency: (envelope.recorded_at_ms - selected.received_at_ms).max(0),
            arrived: summary.arrived_at.map(jiff::Timestamp::as_microsecond),
            novelty: selection.novelty.as_ref().map(|novelty| novelty.degree),
            novelty_reasons: selection.novelty.as_ref().map(|novelty| novelty.reasons.join(" ")),
        });
        if let Some(arm) = &selection.trial {
            let latency = (envelope.recorded_at_ms - selected.received_at_ms).max(0);
            self.exposures.push(ExposureRow::of(arm, selection, latency));
        }
        let mut matched: BTreeMap<&str, (u32, bool, bool)> = BTreeMap::new();
        for found in &selection.matches {
            let (version, acted, listed) = matched.entry(&found.code).or_default();
            *version = found.version.max(*version);
            *acted |= found.acted;
            *listed |= found.listed;
        }
        let all_acted = matched.values().filter(|(_, acted, _)| *acted).count();
        self.units.extend(matched.into_iter().map(|(code, (version, acted, listed))| UnitRow {
            declaration: hex(selection.declaration.0),
            selection: hex(selection.id.0),
            code: code.to_owned(),
            version,
            acted,
            listed,
            others_acted: all_acted - usize::from(acted),
        }));
    }

    fn add_result(&mut self, control: &Control, result: &ResultVersion) {
        let (id, version) = (hex(control.id.0), result.result.version);
        let examined = result.result.items.iter().any(|item| item.outcome != ItemOutcome::NotExamined);
        let outcome = if result.result.has_finding() {
            ItemOutcome::Finding
        } else if examined {
            ItemOutcome::Conform
        } else {
            ItemOutcome::NotExamined
        };
        self.results.push(ResultRow {
            id: id.clone(),
            version,
            stage: result.result.stage,
            known: result.known_at.as_microsecond(),
            examined: result.result.examined_at.as_microsecond(),
            outcome,
            targeting: result.result.targeting,
            declaration: control.declaration.map(|id| hex(id.0)),
            trigger: control.order.trigger,
        });
        let (mut duties, mut seizures) = (0, 0);
        for (ordinal, (_, finding)) in result.result.findings().enumerate() {
            self.findings.push(FindingRow {
                control: id.clone(),
                version,
                ordinal,
                kind: finding.kind,
                nature: finding.nature,
                favour: finding.in_traders_favour,
            });
            for measure in &finding.measures {
                match measure {
                    Measure::AdditionalDuty { amount, .. } => {
                        self.duties.push(DutyRow {
                            control: id.clone(),
                            version,
                            ordinal: duties,
                            amount: amount.amount.to_string(),
                            currency: amount.currency.0.clone(),
                        });
                        duties += 1;
                    }
                    Measure::Seizure { quantity, unit, value } => {
                        self.seizures.push(SeizureRow {
                            control: id.clone(),
                            version,
                            ordinal: seizures,
                            kind: finding.kind,
                            quantity: Decimal::to_string(quantity),
                            unit: unit.clone(),
                            amount: value.as_ref().map(|value| value.amount.to_string()),
                            currency: value.as_ref().map(|value| value.currency.0.clone()),
                        });
                        seizures += 1;
                    }
                    Measure::Fine { .. } | Measure::Immobilisation | Measure::Referral { .. } => {}
                }
            }
        }
    }

    /// Counts a committed batch.
    pub fn count(&self, metrics: &Metrics) {
        for row in &self.selections {
            metrics.selections.get_or_create(&ByChannel { channel: row.channel.as_str().to_owned() }).inc();
            metrics.latency.observe(row.latency as f64 / 1_000.0);
        }
        for row in self.results.iter().filter(|row| row.stage != ResultStage::Preliminary) {
            let trigger = ByTrigger { trigger: word(&row.trigger) };
            metrics.results.get_or_create(&trigger).inc();
            if row.outcome == ItemOutcome::Finding {
                metrics.findings.get_or_create(&trigger).inc();
            }
        }
        let epochs = [
            ("capacity", self.capacity.last().map(|(epoch, _)| *epoch)),
            ("filters", self.filters.last().map(|(epoch, _)| *epoch)),
            ("routing", self.routes.as_ref().map(|(epoch, _)| *epoch)),
        ];
        for (table, epoch) in epochs {
            if let Some(epoch) = epoch {
                metrics.epochs.get_or_create(&ByTable { table: table.to_owned() }).set(epoch as i64);
            }
        }
    }
}

fn control(control: &Control, history: bool, zones: &Zones) -> ControlRow {
    ControlRow {
        id: hex(control.id.0),
        declaration: control.declaration.map(|id| hex(id.0)),
        selection: control.selection.map(|id| hex(id.0)),
        office: control.office.0.clone(),
        method: control.order.method,
        trigger: control.order.trigger,
        basis: control.basis,
        full: control.order.extent == Extent::Full,
        over_plan: control.order.over_plan,
        ordered: control.ordered_at.as_microsecond(),
        day: day(zones, &control.office.0, control.ordered_at),
        history,
    }
}

fn day(zones: &Zones, office: &str, at: jiff::Timestamp) -> i32 {
    local_day(zones.get(office).map_or("UTC", String::as_str), at)
}
