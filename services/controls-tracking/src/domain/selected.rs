//! What selections and cancellations do to controls.
//!
//! Messages are taken one by one, in their order, against everything that is known of their declarations, so that the
//! outcome never depends on where a batch ends. Automation only raises: a later selection of the same declaration opens
//! what is missing and widens what stands, and closes nothing. An image that came before its declaration and is
//! suspicious asks for the goods as soon as there is one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use customs::{
    Basis, Control, ControlId, ControlOrder, ControlState, DeclarationId, Extent, Method, Subject, Timestamp,
};
use events::{DeclarationCancelled, DeclarationSelected};
use jiff::SignedDuration;

use super::record::{Record, control_id};
use super::{names, scan};

/// A message of the stream.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A declaration version has a channel.
    Selected(Box<DeclarationSelected>),
    /// A declaration is withdrawn.
    Cancelled(DeclarationCancelled),
}

/// What is known before a batch.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Live controls of the batch's declarations, oldest first.
    pub live: HashMap<DeclarationId, Vec<Record>>,
    /// Cancelled declarations among the batch's.
    pub cancelled: HashSet<DeclarationId>,
    /// Scans without declaration, by container, oldest first.
    pub scans: BTreeMap<String, Vec<Record>>,
    /// Those of these scans whose image is suspicious.
    pub suspicious: HashSet<ControlId>,
    /// Declarations of the batch with a physical control that is open or done.
    pub physical: HashSet<DeclarationId>,
    /// How far a scan and a declaration of the same container may lie apart.
    pub scan_window: SignedDuration,
}

/// What follows from a batch.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Controls to insert, in order.
    pub opened: Vec<ControlId>,
    /// Controls that stand and changed.
    pub changed: BTreeSet<ControlId>,
    /// Scans that now belong to a declaration, with the time of the selection that told.
    pub linked: Vec<(ControlId, Timestamp)>,
    /// Controls among the opened that a suspicious image asked for, with the scan.
    pub by_rule: BTreeMap<ControlId, Control>,
    /// How many were withdrawn.
    pub withdrawn: usize,
    /// Every control named above, as it stands after the batch.
    pub records: BTreeMap<ControlId, Record>,
    /// `control.ordered` to publish: the controls as they were when ordered, in order.
    pub ordered: Vec<Control>,
    /// Cancellations, in order.
    pub cancelled: Vec<(DeclarationId, Timestamp)>,
}

/// Takes the messages in their order.
pub fn apply(facts: &[Fact], known: Known) -> Outcome {
    let mut batch = Batch { known, outcome: Outcome::default(), fresh: HashSet::new() };
    for fact in facts {
        match fact {
            Fact::Selected(selected) => batch.select(selected),
            Fact::Cancelled(cancelled) => batch.cancel(cancelled),
        }
    }
    batch.outcome
}

struct Batch {
    known: Known,
    outcome: Outcome,
    /// Controls opened by this very batch: they are inserted, not updated.
    fresh: HashSet<ControlId>,
}

impl Batch {
    fn select(&mut self, selected: &DeclarationSelected) {
        let declaration = selected.selection.declaration;
        if self.known.cancelled.contains(&declaration) {
            return;
        }
        for order in &selected.selection.orders {
            let live = self.known.live.entry(declaration).or_default();
            match live.iter_mut().find(|record| is_ordinary(record) && record.control.order.method == order.method) {
                Some(record) => {
                    raise(record, order, selected.selection.declaration_version);
                    let record = record.clone();
                    self.change(record);
                }
                None => self.open(selected, order),
            }
        }
        for container in &selected.summary.containers {
            self.link(selected, container);
        }
    }

    fn open(&mut self, selected: &DeclarationSelected, order: &ControlOrder) {
        let selection = &selected.selection;
        let control = Control {
            id: control_id(selection.decided_at, &[selection.id.0.as_bytes(), names::method(order.method).as_bytes()]),
            office: selection.office.clone(),
            place: selected.summary.place.clone(),
            subject: Subject::Declaration(selection.declaration),
            declaration: Some(selection.declaration),
            declaration_version: Some(selection.declaration_version),
            selection: Some(selection.id),
            basis: Basis::Ordinary,
            order: order.clone(),
            ordered_at: selection.decided_at,
        };
        self.add(selection.declaration, control);
    }

    fn add(&mut self, declaration: DeclarationId, control: Control) {
        if control.order.method == Method::Physical {
            self.known.physical.insert(declaration);
        }
        let record = Record::open(control.clone());
        self.fresh.insert(control.id);
        self.outcome.opened.push(control.id);
        self.outcome.records.insert(control.id, record.clone());
        self.known.live.entry(declaration).or_default().push(record);
        self.outcome.ordered.push(control);
    }

    /// Scans of the container that came before the declaration belong to it.
    fn link(&mut self, selected: &DeclarationSelected, container: &str) {
        let Some(waiting) = self.known.scans.get_mut(container) else { return };
        let (accepted, window) = (selected.summary.accepted_at, self.known.scan_window);
        let (near, far) = std::mem::take(waiting)
            .into_iter()
            .partition(|scan| scan.control.ordered_at.duration_since(accepted).abs() <= window);
        *waiting = far;
        let near: Vec<Record> = near;
        for mut scan in near {
            scan.control.declaration = Some(selected.selection.declaration);
            scan.control.declaration_version = Some(selected.selection.declaration_version);
            self.outcome.linked.push((scan.control.id, selected.selection.decided_at));
            self.outcome.ordered.push(scan.control.clone());
            let control = scan.control.clone();
            self.change(scan);
            self.open_by_rule(&control, selected.selection.decided_at);
        }
    }

    /// A suspicious image asks for the goods, unless they are examined anyway.
    fn open_by_rule(&mut self, scan: &Control, at: Timestamp) {
        let Some(opening) = scan::opening(scan, at) else { return };
        let Some(declaration) = opening.declaration else { return };
        if self.known.suspicious.contains(&scan.id) && !self.known.physical.contains(&declaration) {
            self.outcome.by_rule.insert(opening.id, scan.clone());
            self.add(declaration, opening);
        }
    }

    fn cancel(&mut self, cancelled: &DeclarationCancelled) {
        self.known.cancelled.insert(cancelled.id);
        self.outcome.cancelled.push((cancelled.id, cancelled.cancelled_at));
        let (ordinary, own): (Vec<Record>, Vec<Record>) =
            self.known.live.remove(&cancelled.id).unwrap_or_default().into_iter().partition(is_ordinary);
        // What an officer ordered on their own account stands: the goods are still there.
        self.known.live.insert(cancelled.id, own);
        for mut record in ordinary {
            record.state = ControlState::Withdrawn;
            self.outcome.withdrawn += 1;
            self.change(record);
        }
    }

    fn change(&mut self, record: Record) {
        let id = record.control.id;
        if !self.fresh.contains(&id) {
            self.outcome.changed.insert(id);
        }
        self.outcome.records.insert(id, record);
    }
}

fn is_ordinary(record: &Record) -> bool {
    record.control.basis == Basis::Ordinary
}

/// The control stands as it was ordered first, looks at more, and judges by the newer version of the declaration.
fn raise(record: &mut Record, order: &ControlOrder, version: u32) {
    let standing = &mut record.control.order;
    standing.extent = wider(&standing.extent, &order.extent);
    for area in &order.verify {
        if !standing.verify.contains(area) {
            standing.verify.push(area.clone());
        }
    }
    record.control.declaration_version = record.control.declaration_version.max(Some(version));
}

fn wider(a: &Extent, b: &Extent) -> Extent {
    match (a, b) {
        (Extent::Items(a), Extent::Items(b)) => Extent::Items(union(a, b)),
        (Extent::Containers(a), Extent::Containers(b)) => Extent::Containers(union(a, b)),
        (Extent::Partial, Extent::Partial) => Extent::Partial,
        // Two different parts are together no part that could be named.
        _ => Extent::Full,
    }
}

fn union<T: Ord + Clone>(a: &[T], b: &[T]) -> Vec<T> {
    a.iter().chain(b).cloned().collect::<BTreeSet<T>>().into_iter().collect()
}

/// The containers and declarations that a batch asks the record about.
pub fn questions(facts: &[Fact]) -> (BTreeSet<DeclarationId>, BTreeSet<&str>) {
    let mut declarations = BTreeSet::new();
    let mut containers = BTreeSet::new();
    for fact in facts {
        match fact {
            Fact::Selected(selected) => {
                if !selected.selection.orders.is_empty() {
                    declarations.insert(selected.selection.declaration);
                }
                containers.extend(selected.summary.containers.iter().map(String::as_str));
            }
            Fact::Cancelled(cancelled) => {
                declarations.insert(cancelled.id);
            }
        }
    }
    (declarations, containers)
}

#[cfg(test)]
mod tests;
