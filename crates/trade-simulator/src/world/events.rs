//! What was set in motion and has not happened yet.

use customs::{ControlId, Decimal, Declaration, Method, OfficeCode, ScanVerdict};
use std::collections::BTreeMap;

use crate::calendar::{DAY, HOUR, moment};
use crate::draw::{Purpose, Stream};
use crate::examination::Due;
use crate::traders::Pick;
use crate::{
    Amendment, Cancellation, ControlReport, ExtraordinaryControl, Lodgement, Movement, MovementKind, Scan, TickActions,
    adaptation, transport,
};

use super::{AGAIN, World};

/// Numbers of extraordinary controls lie behind all declarations.
const EXTRAORDINARY: u64 = 1 << 44;

#[derive(Clone, Debug)]
pub(super) enum Event {
    /// The next declaration of a split purchase.
    Lodge {
        key: u64,
        purchase: u64,
        pick: Pick,
    },
    /// A cancelled declaration is lodged again.
    LodgeAgain {
        key: u64,
        original: u64,
        pick: Pick,
        declaration: Box<Declaration>,
    },
    Amend {
        key: u64,
        declaration: Box<Declaration>,
    },
    Cancel {
        key: u64,
        pick: Pick,
        declaration: Box<Declaration>,
    },
    /// Releases carry the round of channels they were due under; others do not.
    Move {
        key: u64,
        kind: MovementKind,
        round: u32,
    },
    Scan {
        key: u64,
        container: String,
    },
    /// An officer wonders.
    Curiosity {
        key: u64,
    },
    Report {
        declaration: Option<u64>,
        report: Box<ControlReport>,
    },
}

/// Events by time, then by the order in which they were set in motion.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    queue: BTreeMap<(i64, u64), Event>,
    sequence: u64,
}

impl Events {
    pub(super) fn push(&mut self, at: i64, event: Event) {
        self.sequence += 1;
        // Whole seconds, as everything on the wire.
        self.queue.insert((at.div_euclid(1_000_000) * 1_000_000, self.sequence), event);
    }

    pub(super) fn next_at(&self) -> Option<i64> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn pop(&mut self) -> Option<(i64, Event)> {
        self.queue.pop_first().map(|((at, _), event)| (at, event))
    }
}

impl World {
    pub(super) fn happen(&mut self, at: i64, event: Event, actions: &mut TickActions) {
        match event {
            Event::Lodge { key, purchase, pick } => self.lodge(key, purchase, pick, at, actions),
            Event::LodgeAgain { key, original, pick, declaration } => {
                self.lodge_again(key, original, pick, *declaration, at, actions);
            }
            Event::Amend { key, declaration } => self.amend(key, *declaration, at, actions),
            Event::Cancel { key, pick, declaration } => self.cancel(key, pick, declaration, at, actions),
            Event::Move { key, kind, round } => self.move_goods(key, kind, round, at, actions),
            Event::Scan { key, container } => self.scan(key, container, at, actions),
            Event::Curiosity { key } => self.wonder(key, at, actions),
            Event::Report { declaration, report } => self.report(declaration, *report, at, actions),
        }
    }

    fn lodge_again(
        &mut self,
        key: u64,
        original: u64,
        pick: Pick,
        mut declaration: Declaration,
        at: i64,
        actions: &mut TickActions,
    ) {
        let Some(record) = self.records.get(&original) else { return };
        let arrival = record.arrival;
        let again = record.again(arrival);
        self.records.insert(key, again);
        declaration.acceptance_date_time = moment(at);
        declaration.reference = format!("{}-{key:08}", moment(at).strftime("%Y"));
        self.set_in_motion(key, pick, &declaration, at, arrival, actions);
        actions.lodgements.push(Lodgement { key, lodged_again_for: Some(original), declaration });
    }

    fn amend(&mut self, key: u64, mut declaration: Declaration, at: i64, actions: &mut TickActions) {
        let mut stream = Stream::new(self.spec().seed, Purpose::Fate, key, 1);
        let Some(record) = self.records.get_mut(&key).filter(|record| Self::is_untouched(record)) else { return };
        record.version += 1;
        declaration.packages = declaration.packages.map(|packages| packages + 1);
        if stream.chance(0.4)
            && let Some(item) = declaration.items.first_mut()
        {
            let old = item.valuation.fob.amount;
            let percent = Decimal::new(95 + stream.below(11) as i64, 2);
            item.valuation.fob.amount = (old * percent).round_dp(2).max(Decimal::new(1, 2));
            let change = item.valuation.fob.amount - old;
            if let Some(total) = &mut declaration.invoice_total {
                total.amount += change;
            }
        }
        actions.amendments.push(Amendment { key, version: record.version, at: moment(at), declaration });
    }

    fn cancel(&mut self, key: u64, pick: Pick, declaration: Box<Declaration>, at: i64, actions: &mut TickActions) {
        let seed = self.spec().seed;
        let Some(record) = self.records.get_mut(&key).filter(|record| Self::is_untouched(record)) else { return };
        record.cancelled = true;
        let mut stream = Stream::new(seed, Purpose::Fate, key, 2);
        let reason = ["datos erróneos", "duplicidad", "mercancía no arribada"][stream.below(3)];
        actions.cancellations.push(Cancellation { key, at: moment(at), reason: reason.to_owned() });
        // Once is enough: what was lodged again is not cancelled again.
        if stream.chance(0.5) && key.is_multiple_of(super::KEYS) {
            let later = at + (stream.between(1.0, 30.0) * HOUR as f64) as i64;
            if later < self.last() {
                self.events.push(later, Event::LodgeAgain { key: key + AGAIN, original: key, pick, declaration });
            }
        }
    }

    fn move_goods(&mut self, key: u64, kind: MovementKind, round: u32, at: i64, actions: &mut TickActions) {
        let Some(record) = self.records.get_mut(&key) else { return };
        let (leaves, presented) = (kind == MovementKind::Released, kind == MovementKind::Presented);
        if record.cancelled || record.released || (leaves && round != record.round) || (presented && record.presented) {
            return;
        }
        record.released = leaves;
        record.presented |= presented;
        actions.movements.push(Movement { key, kind, at: moment(at) });
    }

    fn scan(&mut self, key: u64, container: String, at: i64, actions: &mut TickActions) {
        let mut stream = Stream::new(self.spec().seed, Purpose::Examination, key, 1 << 60);
        let Some(record) = self.records.get(&key).filter(|record| !record.cancelled) else { return };
        let (sees, blurred, mistaken) =
            (stream.chance(record.truth.detection_probability(Method::Scan)), stream.chance(0.05), stream.chance(0.02));
        let verdict = match (blurred, sees || mistaken) {
            (true, _) => ScanVerdict::NotConclusive,
            (false, true) => ScanVerdict::Suspicious,
            (false, false) => ScanVerdict::Conforming,
        };
        let office = OfficeCode(self.scene.places[usize::from(record.pick.office)].code.clone());
        actions.scans.push(Scan { key, container, office, at: moment(at), verdict });
    }

    fn wonder(&mut self, declaration: u64, at: i64, actions: &mut TickActions) {
        let mut stream = Stream::new(self.spec().seed, Purpose::Extraordinary, declaration, 0);
        let Some(record) = self.records.get(&declaration).filter(|record| !record.cancelled) else { return };
        let office = OfficeCode(self.scene.places[usize::from(record.pick.office)].code.clone());
        let of_vehicle = stream.chance(0.25);
        let vehicle = of_vehicle.then(|| transport::road_plate(&mut stream));
        let method = if of_vehicle || stream.chance(0.7) { Method::Physical } else { Method::Documentary };
        let key = EXTRAORDINARY + declaration;
        let declaration = (!of_vehicle).then_some(declaration);
        self.extraordinary.insert(key, declaration);
        let control = ExtraordinaryControl { key, declaration, vehicle, office, method, at: moment(at) };
        actions.extraordinary.push(control);
    }

    fn report(&mut self, declaration: Option<u64>, report: ControlReport, at: i64, actions: &mut TickActions) {
        let record = declaration.and_then(|key| self.records.get(&key));
        // Nobody examines what was withdrawn; what was examined before is reported.
        let examined = report.result.examined_at.as_microsecond();
        if record.is_some_and(|record| record.cancelled && examined + DAY / 24 > at) {
            return;
        }
        if report.result.version == 1
            && report.result.has_finding()
            && let Some(record) = record
        {
            let slot = record.pick.slot;
            adaptation::react(&self.scene.spec, &mut self.market, slot, at);
        }
        actions.results.push(report);
    }

    /// The declaration that made an officer open the extraordinary control `key`.
    pub(super) fn declaration_behind(key: u64) -> u64 {
        key.saturating_sub(EXTRAORDINARY)
    }

    /// Puts the versions of a result on the calendar.
    pub(super) fn expect(&mut self, declaration: Option<u64>, key: u64, control: ControlId, officer: &str, due: Due) {
        let Due { at, result } = due;
        let report = Box::new(ControlReport { control, key, officer: officer.to_owned(), result });
        self.events.push(at, Event::Report { declaration, report });
    }
}
