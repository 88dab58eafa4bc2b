//! A world to plan in: a routing table that compares and sets, scorers that follow late, evidence that anybody may invent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::{
    Action, Approval, Change, Condition, Counts, Dated, Decision, Gate, GateFamily, Measurement, Observed, OnFail,
    OnOpen, Plan, Purpose, Routing, Scorer, Spec, Stage, Status, Step, StepKind, Target, Version, plan,
};

pub const CHAMPION: char = 'a';
pub const CANDIDATE: char = 'b';

pub fn digest(letter: char) -> String {
    std::iter::repeat_n(letter, 64).collect()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).expect("a second of this century")
}

pub fn gate(name: &str, on_fail: OnFail) -> Gate {
    Gate {
        name: name.into(),
        family: GateFamily::Outcome,
        fail: Condition::above(format!("{name}.bad"), 20.0),
        pass: Some(Condition::above(format!("{name}.good"), 20.0)),
        min_observations: 10,
        max_age_seconds: 1_000_000,
        required_from_step: 1,
        on_fail,
        on_inconclusive: OnOpen::Hold,
        on_immature: OnOpen::Hold,
        on_missing: OnOpen::Hold,
    }
}

/// Shadow, 10 %, 25 %, approval, promote; an outcome gate that rolls back and a capacity gate that throttles.
pub fn spec() -> Spec {
    let version = |letter| Version { name: digest(letter)[..8].into(), digest: digest(letter) };
    Spec {
        candidate: version(CANDIDATE),
        champion: None,
        direction: "in".into(),
        scope: rollout::Scope::default(),
        waves: Vec::new(),
        assignment: rollout::Assignment::default(),
        steps: vec![
            Step { min_seconds: 10, ..Step::of(StepKind::Shadow) },
            Step::canary(10.0),
            Step::canary(25.0),
            Step::of(StepKind::Approval),
            Step::of(StepKind::Promote),
        ],
        gates: vec![gate("outcome", OnFail::Rollback), gate("capacity", OnFail::Throttle)],
        outcome: rollout::Outcome::default(),
        rollback: rollout::Rollback { keep_champion_seconds: 100, throttle_seconds: 50, automatic: true },
        concurrency: rollout::Concurrency::Reject,
        requested_by: "ana".into(),
        suspend: false,
        abort: None,
        retry_nonce: String::new(),
        freeze_windows: Vec::new(),
        emergency: None,
    }
}

pub fn approval(approver: &str, step: u32, now: Timestamp) -> Approval {
    Approval {
        approver: approver.into(),
        decision: Decision::Approve,
        purpose: Purpose::Step,
        step,
        run: 0,
        at: now,
        expires_at: now + jiff::SignedDuration::from_hours(1),
        reason: String::new(),
    }
}

/// The world that a driver sees and writes.
pub struct World {
    pub second: i64,
    pub spec: Spec,
    /// The stored status with its version: a write against an older one is refused.
    pub stored: (u64, Status),
    pub history: Vec<Dated>,
    pub epoch: u64,
    pub champion: String,
    pub trial: Option<Target>,
    /// The highest intent that was written.
    pub written: u64,
    /// Every epoch that was ever written, with the share of then.
    pub routed: Vec<(u64, u16)>,
    pub scorers: Vec<u64>,
    pub measurements: BTreeMap<String, Measurement>,
    pub approvals: Vec<Approval>,
    pub counts: Option<Counts>,
    pub artefact_ready: Option<bool>,
    pub other: Option<String>,
}

/// A driver with what it remembers of the status.
#[derive(Clone, Default)]
pub struct Driver {
    seen: Option<(u64, Status)>,
    pending: Vec<Action>,
}

impl World {
    pub fn new(spec: Spec) -> Self {
        Self {
            second: 0,
            spec,
            stored: (0, Status::default()),
            history: Vec::new(),
            epoch: 7,
            champion: digest(CHAMPION),
            trial: None,
            written: 0,
            routed: Vec::new(),
            scorers: vec![7, 7],
            measurements: BTreeMap::new(),
            approvals: Vec::new(),
            counts: Some(Counts { declarations: 1_000_000, examinations: 1_000_000, matured_labels: 1_000_000 }),
            artefact_ready: Some(true),
            other: None,
        }
    }

    pub fn now(&self) -> Timestamp {
        at(self.second)
    }

    pub fn status(&self) -> &Status {
        &self.stored.1
    }

    /// Sets what the gate `name` sees: how bad, how good, on how many observations.
    pub fn measure(&mut self, name: &str, bad: f64, good: f64, n: u64) {
        let as_of = self.now();
        for (kind, value) in [("bad", bad), ("good", good)] {
            let measured = Measurement { value, lower: None, upper: None, observations: n, as_of };
            self.measurements.insert(format!("{name}.{kind}"), measured);
        }
    }

    pub fn observe(&self) -> Observed {
        Observed {
            routing: Some(Routing {
                epoch: self.epoch,
                champion: Some(self.champion.clone()),
                trial: self.trial.clone(),
                written: self.written,
            }),
            scorers: self
                .scorers
                .iter()
                .enumerate()
                .map(|(at, epoch)| Scorer { name: at.to_string(), epoch: *epoch })
                .collect(),
            artefact_ready: self.artefact_ready,
            features_ready: Some(true),
            counts: self.counts,
            measurements: self.measurements.clone(),
            approvals: self.approvals.clone(),
            other_active: self.other.clone(),
            superseded_by: None,
        }
    }

    /// Writes a route, unless the epoch moved meanwhile or a later intent came before.
    pub fn route(&mut self, target: &Target, expected: u64, number: u64) -> bool {
        if self.epoch != expected || number < self.written {
            return false;
        }
        self.written = number;
        self.epoch += 1;
        self.routed.push((self.epoch, target.weight));
        let (champion, trial) = match target.stage {
            Stage::Withdrawn => (CHAMPION, None),
            Stage::Shadow | Stage::Canary => (CHAMPION, Some(target.clone())),
            Stage::Champion => (CANDIDATE, Some(target.clone())),
            Stage::Settled => (CANDIDATE, None),
        };
        self.champion = digest(champion);
        self.trial = trial;
        true
    }

    /// The scorers take up what is routed.
    pub fn serve(&mut self) {
        self.scorers.fill(self.epoch);
    }

    /// One driver looks, decides, stores, acts; everything at once.
    pub fn step(&mut self, driver: &mut Driver) -> Plan {
        driver.look(self);
        driver.decide(self)
    }
}

impl Driver {
    /// Reads the stored status.
    pub fn look(&mut self, world: &World) {
        self.seen = Some(world.stored.clone());
        self.pending.clear();
    }

    /// Decides on what it has seen, stores it unless another was faster, and acts.
    pub fn decide(&mut self, world: &mut World) -> Plan {
        let (version, status) = self.seen.clone().unwrap_or_default();
        let observed = world.observe();
        let plan = plan("r", &world.spec, &status, &observed, world.now());
        if !plan.changes.is_empty() {
            if world.stored.0 != version {
                return plan;
            }
            world.stored = (version + 1, plan.status.clone());
            world.history.extend(plan.changes.iter().cloned());
            self.seen = Some(world.stored.clone());
        }
        self.pending.clone_from(&plan.actions);
        plan
    }

    /// Carries out what it last decided, however late.
    pub fn act(&mut self, world: &mut World) {
        for action in std::mem::take(&mut self.pending) {
            if let Action::Route { target, expected_epoch, number } = action {
                world.route(&target, expected_epoch, number);
            }
        }
    }
}

impl World {
    /// Steps, with the scorers following and a second passing, until nothing changes any more.
    pub fn run(&mut self) -> Plan {
        let mut driver = Driver::default();
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds <= 200, "it never comes to rest: {:?}", self.stored.1);
            self.serve();
            driver.look(self);
            let plan = driver.decide(self);
            let routes = plan.actions.iter().any(|action| matches!(action, Action::Route { .. }));
            driver.act(self);
            self.second += 1;
            if plan.changes.is_empty() && !routes {
                return plan;
            }
        }
    }

    /// The shares that were intended, in order.
    pub fn intended(&self) -> Vec<u16> {
        let weight = |dated: &Dated| match &dated.change {
            Change::Intended { target, .. } => Some(target.weight),
            _ => None,
        };
        self.history.iter().filter_map(weight).collect()
    }
}
