//! Deciding a batch: one read of features, one transaction, one message out per decision.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use customs::{DeclarationId, Direction, EventId, PackedVectors, Selection, TrialArm};
use events::{
    DeclarationAccepted, DeclarationSelected, DeclarationSummary, Envelope, Payload, RoutingChanged, Service,
    VectorsServed,
};
use features::Counted;
use lifecycle::ProcessClock;
use online_store::{OnlineStore, Snapshot};
use queue::{Delivery, Handler, HandlerError, Relay};
use risk_filters::FilterInput;
use sea_orm::ConnectionTrait;
use selection::{Candidate, CapacityPlan, DrawSecret};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use store::Database;
use store::outbox::OutboxRow;

use super::artefacts::ArtefactSource;
use super::batch::{self, Message, Prepared, Step};
use super::cases::CaseSource;
use super::live::{Live, OnTrial};
use super::tables;
use crate::domain::basis::Basis;
use crate::domain::because::because;
use crate::domain::candidate::{Goods, candidate, filter_orders, sampling_salt};
use crate::domain::declared::{self, DeclaredItem};
use crate::domain::judgement::{Champion, judge, probability};
use crate::domain::novelty::Past;
use crate::domain::record::{Grounds, as_earlier, record, served_vectors};
use crate::error::ServiceError;
use crate::metrics::Metrics;
use crate::store::selections::{self, Decided, Known};
use crate::store::{offices, tables as stored};

/// Decides what it is handed.
pub struct Decider {
    pub(crate) db: Database,
    pub(crate) online: Arc<dyn OnlineStore>,
    pub(crate) source: Arc<dyn ArtefactSource>,
    pub(crate) cases: Arc<dyn CaseSource>,
    pub(crate) secret: DrawSecret,
    pub(crate) live: RwLock<Live>,
    pub(crate) metrics: Metrics,
    pub(crate) process_clock: ProcessClock,
    pub(crate) relay: Arc<Relay>,
    pub(crate) publish_vectors: bool,
    /// One batch at a time: each begins with what the one before left.
    pub(crate) deciding: tokio::sync::Mutex<()>,
}

impl Decider {
    /// What is in force now.
    pub fn live(&self) -> Live {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The states of `keys`; none when the online store does not answer, which makes decisions degraded.
    async fn features(&self, keys: &[features::EntityKey]) -> Option<Snapshot> {
        if keys.is_empty() {
            return Some(Snapshot::default());
        }
        match self.online.read(keys).await {
            Ok(snapshot) => Some(snapshot),
            Err(error) => {
                tracing::error!(%error, "the online store does not answer; deciding by filters and fail-safe");
                None
            }
        }
    }

    /// Takes up what other scorers decided on the same database, so that advice is not of the day before. Returns
    /// whether there was anything.
    pub async fn follow_others(&self) -> Result<bool, ServiceError> {
        if stored::turn(self.db.reader()).await?.0 == self.live().turn {
            return Ok(false);
        }
        let _alone = self.deciding.lock().await;
        let mut live = self.live();
        let before = live.turn;
        let tx = self.db.begin().await?;
        catch_up(&tx, &mut live, &self.metrics).await?;
        tx.rollback().await?;
        let changed = live.turn != before;
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
        Ok(changed)
    }

    async fn decide_batch(&self, deliveries: &[Delivery]) -> Result<(), ServiceError> {
        let mut keys = Vec::new();
        let read = deliveries.iter().map(|delivery| batch::read(&delivery.envelope, &mut keys));
        let messages: Vec<Message> = read.collect::<Result<_, _>>()?;
        let _alone = self.deciding.lock().await;
        let mut live = self.live();
        live.touched.clear();

        // Before the transaction, in which other scorers wait for their turn: what may take a while and changes nothing here.
        let pending: Option<RoutingChanged> = stored::load(self.db.reader(), stored::ROUTING_PENDING).await?;
        let told = messages.iter().filter_map(|message| match message {
            Message::Routing(routing) => Some(routing),
            _ => None,
        });
        let routings: Vec<&RoutingChanged> = pending.iter().chain(told).collect();
        let fetched = tables::fetch(&*self.source, &live.tables, &routings, &self.metrics).await;
        let snapshot = self.features(&keys).await;

        let tx = self.db.begin().await?;
        catch_up(&tx, &mut live, &self.metrics).await?;
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.envelope.id).collect();
        let new = store::inbox::admit(&tx, Service::Scoring, &ids).await?;
        let steps = batch::steps(messages.into_iter().zip(new).filter_map(|(message, new)| new.then_some(message)));
        let mut earlier = EarlierSelections::find(&tx, &steps).await?;
        if let Some(pending) = &pending
            && tables::complete(&live.tables, pending, &fetched)
        {
            tables::apply_routing(&tx, &mut live, pending, &fetched, &self.metrics).await?;
        }

        let mut outcome = Outcome::default();
        let changes = !steps.is_empty();
        for step in steps {
            match step {
                Step::Decide(run) => {
                    for prepared in run {
                        self.decide(&mut live, prepared, snapshot.as_ref(), &mut earlier, &mut outcome)?;
                    }
                }
                Step::Other(Message::Routing(routing)) => {
                    tables::apply_routing(&tx, &mut live, &routing, &fetched, &self.metrics).await?;
                }
                Step::Other(Message::Filters(changed)) => {
                    tables::apply_filters(&tx, &mut live, &changed, &self.metrics).await?;
                }
                Step::Other(Message::Capacity(changed, at)) => {
                    tables::apply_capacity(&tx, &mut live, changed, at, &self.metrics).await?;
                }
                Step::Other(Message::Cancelled(declaration)) => {
                    earlier.cancel(declaration);
                    outcome.cancelled.push(declaration);
                }
                Step::Other(Message::Erased(erased)) => {
                    let rows = selections::erase(&tx, &erased).await?;
                    tracing::info!(erasure = %erased.erasure, rows, "a person was taken out of decisions");
                }
                Step::Other(Message::Accepted(_) | Message::Nothing) => {}
            }
        }
        if changes {
            live.turn += 1;
            stored::store_turn(&tx, live.turn).await?;
        }
        let tells = !outcome.envelopes.is_empty();
        let told = self.store(&tx, &live, &mut outcome).await?;
        tx.commit().await?;

        live.touched.clear();
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
        outcome.decided.iter().for_each(|decided| self.metrics.count(&decided.selection));
        if tells {
            self.relay.wake_with(told);
        }
        Ok(())
    }

    fn decide(
        &self,
        live: &mut Live,
        prepared: Prepared,
        snapshot: Option<&Snapshot>,
        earlier: &mut EarlierSelections,
        outcome: &mut Outcome,
    ) -> Result<(), ServiceError> {
        let office = prepared.office().clone();
        let Prepared { accepted, keys, states } = prepared;
        let before = match earlier.before(&accepted) {
            Before::Decided => return Ok(()),
            Before::Nothing => None,
            Before::Selection(selection) => Some((selection.id, as_earlier(&selection))),
        };
        let declaration = &accepted.declaration;
        let at = accepted.accepted_at;
        let states = snapshot.and_then(|snapshot| snapshot.states.get(states));
        let vectors =
            states.map_or_else(Vec::new, |states| features::vectors(declaration, &keys, states, &accepted.notes, at));
        let mut champion =
            if snapshot.is_some() { live.tables.champion(declaration.direction) } else { Champion::Unusable };
        let sequences: Vec<u32> = declaration.items.iter().map(|item| item.sequence).collect();
        let on_trial = live.tables.on_trial(declaration).filter(|_| snapshot.is_some());
        let trial = on_trial.map(|on_trial| {
            let arm = compare(&champion, on_trial, &vectors, on_trial.decides(declaration, &accepted.consignment_key));
            if arm.candidate {
                champion = on_trial.candidate.clone();
            }
            arm
        });
        let counted = states.map_or_else(Counted::default, |states| features::counted(&keys, states, at));
        let past = Past::of(counted);
        let mut judgement = judge(&champion, &vectors, &sequences, past);
        let goods = Goods::of(declaration, &keys, states, &vectors, &judgement, counted.days);

        let filters = Arc::clone(&live.tables.filters);
        let input = FilterInput { declaration, notes: &accepted.notes, features: &vectors };
        let key = accepted.consignment_key.as_str();
        let matches = filters.matches(&input, at, &office, |filter| self.secret.draw(&sampling_salt(filter), key));
        let epochs = live.tables.epochs;
        let unplanned = !live.tables.plans.contains_key(&office);
        let desk = live.desk(&office, at);
        let when = (at, accepted.arrived_at);
        let asked = Candidate {
            consignment_key: key,
            told_channel: accepted.told_channel,
            earlier: before.as_ref().map(|(_, before)| before),
            arrival: accepted.version == 1,
            trial: trial.as_ref().filter(|arm| arm.champion_probability.is_some()),
            ..candidate(declaration, &desk.plan, when, &judgement, goods, filter_orders(&filters, &matches))
        };
        let mut decision = selection::decide(&desk.plan, desk.state, desk.nation, &asked, at, &self.secret);
        let basis = Basis::of(&asked, past, decision.standing, unplanned.then(|| &*desk.plan));
        let mut driving = Vec::new();
        if !decision.orders.is_empty() {
            judgement.explain(&champion, &vectors);
            // What an earlier selection ordered keeps the reasons for which it did.
            for order in decision.orders.iter_mut().filter(|order| order.because.is_empty()) {
                order.because = because(order, &matches, &judgement, &vectors);
            }
            let known = states.unwrap_or_default();
            let items = judgement.driving().iter();
            driving.extend(items.filter_map(|at| declared::declared(declaration, &keys, known, *at)));
        }
        let served = served_vectors(&accepted, &judgement, &vectors);
        let grounds = Grounds {
            accepted: &accepted,
            judgement,
            vectors: &vectors,
            matches,
            feature_sequence: snapshot.map(|snapshot| snapshot.sequence),
            trial,
            epochs,
            supersedes: before.as_ref().map(|(id, _)| *id),
        };
        let selection = Arc::new(record(grounds, decision));
        earlier.add(&selection, key);
        let now_ms = self.process_clock.unix_ms();
        if let Some(vectors) = served.as_ref().filter(|_| self.publish_vectors).cloned() {
            outcome.envelopes.push(told_vectors(&selection, vectors, declaration.direction, now_ms));
        }
        outcome.add(selection, accepted, (driving, basis), served, now_ms)
    }

    /// Writes everything down. Returns the rows for the relay.
    async fn store(
        &self,
        tx: &impl ConnectionTrait,
        live: &Live,
        outcome: &mut Outcome,
    ) -> Result<Vec<OutboxRow>, ServiceError> {
        selections::insert(tx, &outcome.decided).await?;
        selections::cancel(tx, &outcome.cancelled).await?;
        if !live.touched.is_empty() {
            let touched = live.touched.iter().filter_map(|office| Some((office, &**live.offices.get(office)?)));
            offices::store(tx, &live.nation, touched).await?;
        }
        Ok(store::outbox::append_handed(tx, std::mem::take(&mut outcome.envelopes)).await?)
    }
}

/// Takes up what others decided on the same database since. Within a transaction nobody else decides.
async fn catch_up(tx: &impl ConnectionTrait, live: &mut Live, metrics: &Metrics) -> Result<(), ServiceError> {
    let (turn, epochs) = stored::turn(tx).await?;
    if turn == live.turn {
        return Ok(());
    }
    if epochs != live.tables.epochs {
        live.tables = tables::load(tx, CapacityPlan::clone(&live.tables.unplanned)).await?;
        metrics.show_epochs(live.tables.epochs);
    }
    let (nation, offices) = offices::load(tx).await?;
    live.nation = Arc::new(nation);
    live.offices = offices;
    live.turn = turn;
    Ok(())
}

#[async_trait]
impl Handler for Decider {
    async fn handle(&self, deliveries: &[Delivery]) -> Result<(), HandlerError> {
        Ok(self.decide_batch(deliveries).await?)
    }
}

/// What champion and candidate make of the same vectors, and which of them decides: never one that cannot be used.
fn compare(champion: &Champion, on_trial: &OnTrial, vectors: &[Vec<f32>], drawn: bool) -> TrialArm {
    let candidate_probability = probability(&on_trial.candidate, vectors);
    let same = on_trial.trial.target.stage == rollout::Stage::Champion;
    TrialArm {
        rollout: on_trial.trial.rollout.clone(),
        candidate: drawn && candidate_probability.is_some(),
        weight: on_trial.trial.target.weight,
        champion_probability: if same { None } else { probability(champion, vectors) },
        candidate_probability,
    }
}

/// What is told to those who learn from the vectors of `selection`.
fn told_vectors(selection: &Selection, packed: PackedVectors, direction: Direction, now_ms: i64) -> Envelope {
    let body = VectorsServed {
        declaration: selection.declaration,
        version: selection.declaration_version,
        selection: selection.id,
        direction,
        decided_at: selection.decided_at,
        probability: selection.probability,
        feature_contract: selection.feature_contract.clone().unwrap_or_default(),
        feature_sequence: selection.feature_sequence.unwrap_or_default(),
        packed: Some(packed),
        vectors: Vec::new(),
    };
    let (id, at, office) = (selection.id.0.as_bytes(), selection.decided_at, selection.office.clone());
    Envelope::new(&[id], at, now_ms, Some(office), body).into_raw()
}

/// [`DeclarationSelected`] on the wire, with the selection as text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SelectedText<'a> {
    consignment_key: &'a str,
    summary: DeclarationSummary,
    received_at_ms: i64,
    selection: &'a RawValue,
}

/// What a batch brings about.
#[derive(Default)]
struct Outcome {
    decided: Vec<Decided>,
    envelopes: Vec<Envelope>,
    cancelled: Vec<DeclarationId>,
}

impl Outcome {
    /// The selection is written as text once, for who is told and for the record.
    fn add(
        &mut self,
        selection: Arc<Selection>,
        accepted: DeclarationAccepted,
        (declared, basis): (Vec<DeclaredItem>, Basis),
        vectors: Option<PackedVectors>,
        now_ms: i64,
    ) -> Result<(), ServiceError> {
        let json = |error| ServiceError::Json("a decision", error);
        let record = to_raw_value(&*selection).map_err(json)?;
        let body = SelectedText {
            consignment_key: &accepted.consignment_key,
            summary: DeclarationSummary::of(&accepted),
            received_at_ms: accepted.received_at_ms,
            selection: &record,
        };
        let name = DeclarationSelected::NAME;
        self.envelopes.push(Envelope {
            id: EventId::derive(selection.decided_at, &[name.as_bytes(), selection.id.0.as_bytes()]),
            name: name.to_owned(),
            version: DeclarationSelected::VERSION,
            occurred_at: selection.decided_at,
            recorded_at_ms: now_ms,
            office: Some(selection.office.clone()),
            trace: None,
            body: to_raw_value(&body).map_err(json)?,
        });
        let consignment = accepted.consignment_key;
        self.decided.push(Decided { selection, record, vectors, consignment, declared, basis });
        Ok(())
    }
}

/// Decisions that those of this batch replace or inherit from.
struct EarlierSelections {
    by_declaration: HashMap<DeclarationId, Known>,
    cancelled: HashMap<String, Arc<Selection>>,
    decided: HashSet<(DeclarationId, u32)>,
}

enum Before {
    /// This very version was decided.
    Decided,
    Nothing,
    Selection(Arc<Selection>),
}

impl EarlierSelections {
    async fn find(tx: &impl ConnectionTrait, steps: &[Step]) -> Result<Self, ServiceError> {
        let (mut declarations, mut consignments) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Decide(run) => {
                    declarations.extend(run.iter().map(|prepared| prepared.accepted.id));
                    consignments.extend(run.iter().map(|prepared| prepared.accepted.consignment_key.as_str()));
                }
                Step::Other(Message::Cancelled(declaration)) => declarations.push(*declaration),
                Step::Other(_) => {}
            }
        }
        let known = selections::find_earlier(tx, &declarations, &consignments).await?;
        let mut earlier = Self { by_declaration: HashMap::new(), cancelled: HashMap::new(), decided: HashSet::new() };
        for known in known {
            earlier.learn(known);
        }
        Ok(earlier)
    }

    fn learn(&mut self, known: Known) {
        let selection = &known.selection;
        self.decided.insert((selection.declaration, selection.declaration_version));
        if known.cancelled {
            self.cancelled.insert(known.consignment.clone(), Arc::clone(selection));
        }
        let version = selection.declaration_version;
        let held = self.by_declaration.get(&selection.declaration);
        if held.is_none_or(|held| held.selection.declaration_version <= version) {
            self.by_declaration.insert(selection.declaration, known);
        }
    }

    fn add(&mut self, selection: &Arc<Selection>, consignment: &str) {
        self.learn(Known { selection: Arc::clone(selection), consignment: consignment.to_owned(), cancelled: false });
    }

    fn cancel(&mut self, declaration: DeclarationId) {
        if let Some(known) = self.by_declaration.get_mut(&declaration) {
            known.cancelled = true;
            self.cancelled.insert(known.consignment.clone(), Arc::clone(&known.selection));
        }
    }

    /// What came before this version: its own earlier version, or a cancelled declaration of the same consignment.
    fn before(&self, accepted: &DeclarationAccepted) -> Before {
        if self.decided.contains(&(accepted.id, accepted.version)) {
            return Before::Decided;
        }
        let own = self.by_declaration.get(&accepted.id).map(|known| &known.selection);
        match own.or_else(|| self.cancelled.get(&accepted.consignment_key)) {
            Some(selection) => Before::Selection(Arc::clone(selection)),
            None => Before::Nothing,
        }
    }
}
