//! What deciding needs at hand: the tables in force and what offices remember.
//!
//! Cheap to copy; a batch works on a copy of its own and puts it in force when its transaction is committed, so that a
//! batch that fails leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use customs::{Declaration, Direction, OfficeCode, Timestamp};
use events::{Route, Trial};
use risk_filters::FilterSet;
use risk_model::Artefact;
use rollout::AssignmentKey;
use selection::{CapacityPlan, NationalState, OfficeState, Rerouted};

use crate::domain::judgement::Champion;
use crate::domain::record::Epochs;

/// The tables in force.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Their epochs.
    pub epochs: Epochs,
    /// The routing as told.
    pub routes: Arc<Vec<Route>>,
    /// Who decides, by direction.
    pub champions: Arc<BTreeMap<Direction, Champion>>,
    /// Who is on trial, by direction.
    pub trials: Arc<BTreeMap<Direction, Vec<OnTrial>>>,
    /// Every artefact that the routing names, by digest: ready to take over.
    pub loaded: Arc<BTreeMap<String, Arc<Artefact>>>,
    /// The compiled filters.
    pub filters: Arc<FilterSet>,
    /// Plans by office.
    pub plans: Arc<BTreeMap<OfficeCode, Arc<CapacityPlan>>>,
    /// The plan of an office for which there is none.
    pub unplanned: Arc<CapacityPlan>,
}

impl Tables {
    /// The plan of `office`.
    pub fn plan(&self, office: &OfficeCode) -> Arc<CapacityPlan> {
        Arc::clone(self.plans.get(office).unwrap_or(&self.unplanned))
    }

    /// The candidate that `declaration` takes part in the trial of.
    pub fn on_trial(&self, declaration: &Declaration) -> Option<&OnTrial> {
        let mode = declaration.means_of_transport.as_ref().map(|means| means.mode.as_str());
        self.trials
            .get(&declaration.direction)?
            .iter()
            .find(|candidate| candidate.trial.has(declaration.office.as_str(), &declaration.regime, mode))
    }

    /// Who decides for `direction`.
    pub fn champion(&self, direction: Direction) -> Champion {
        self.champions.get(&direction).cloned().unwrap_or_default()
    }
}

/// A candidate with its artefact.
#[derive(Clone, Debug)]
pub struct OnTrial {
    /// What it does, and where.
    pub trial: Trial,
    /// What scores.
    pub candidate: Champion,
}

impl OnTrial {
    /// Whether the candidate decides `declaration`, whose draws hash `consignment`.
    pub fn decides(&self, declaration: &Declaration, consignment: &str) -> bool {
        let assignment = &self.trial.assignment;
        let value = match assignment.key {
            AssignmentKey::Consignment => consignment,
            AssignmentKey::Importer => declaration.trader().map_or(consignment, |trader| trader.id.as_str()),
            AssignmentKey::Declarant => declaration.declarant.id.as_str(),
        };
        rollout::assignment::bucket(&assignment.salt, value) < self.trial.target.weight
    }
}

/// Everything deciding needs at hand.
#[derive(Clone, Debug)]
pub struct Live {
    /// The last batch that this is the outcome of, whoever decided it.
    pub turn: u64,
    /// The tables in force.
    pub tables: Tables,
    /// What all offices have in common.
    pub nation: Arc<NationalState>,
    /// What each office remembers.
    pub offices: BTreeMap<OfficeCode, Arc<OfficeState>>,
    /// Offices that changed since the copy was made.
    pub touched: BTreeSet<OfficeCode>,
}

impl Live {
    /// Plan, office and nation for a decision at `at`; an office that nobody knows yet begins then.
    pub fn desk(&mut self, office: &OfficeCode, at: Timestamp) -> Desk<'_> {
        let plan = self.tables.plan(office);
        if !self.touched.contains(office) {
            self.touched.insert(office.clone());
        }
        if !self.offices.contains_key(office) {
            self.offices.insert(office.clone(), Arc::new(OfficeState::open(&plan, at)));
        }
        let state = self.offices.get_mut(office).map(Arc::make_mut).expect("it was inserted");
        Desk { plan, state, nation: Arc::make_mut(&mut self.nation) }
    }

    /// Lets prices follow who decides and who is on trial.
    pub fn reroute(&mut self, rerouted: &Rerouted<'_>) {
        let changed = Arc::make_mut(&mut self.nation).reroute(self.offices.iter_mut(), rerouted);
        self.touched.extend(changed.into_iter().cloned());
    }

    /// Puts plans in force; offices that begin with them begin at `at`.
    pub fn plan(&mut self, epoch: u64, plans: Vec<CapacityPlan>, at: Timestamp) {
        for plan in &plans {
            if !self.offices.contains_key(&plan.office) {
                self.offices.insert(plan.office.clone(), Arc::new(OfficeState::open(plan, at)));
                self.touched.insert(plan.office.clone());
            }
        }
        self.tables.epochs.capacity = epoch;
        self.tables.plans = Arc::new(plans.into_iter().map(|plan| (plan.office.clone(), Arc::new(plan))).collect());
    }
}

/// Where one declaration is decided.
pub struct Desk<'a> {
    /// The office's plan.
    pub plan: Arc<CapacityPlan>,
    /// The office's memory.
    pub state: &'a mut OfficeState,
    /// The nation's memory.
    pub nation: &'a mut NationalState,
}
