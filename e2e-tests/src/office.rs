//! An office that follows a script: what is lodged there, and what its officers find. Everything through public
//! interfaces, as a customs system and officers have them.
//!
//! A quarter of the traffic has heavy packings, and findings are frequent in it, which a model learns and no rate of goods,
//! prices or traders tells. Per declaration, a candidate finds so many times what its champion finds as the script
//! says, whatever either of them orders: a yield is set here, and measured there.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use clients::Client;
use customs::{
    Control, ControlId, Decimal, DeclarationId, Finding, FindingKind, ItemOutcome, ItemResult, Method, Nature,
    NewResult, OfficeCode, ResultStage, Timestamp, Trigger,
};
use serde_json::{Value, json};
use testkit::{Changes, declaration};
use tokio::task::JoinSet;

/// How much of the traffic is risky, and how often something is found in it and in the rest.
const RISKY: f64 = 0.25;
const FOUND: (f64, f64) = (0.4, 0.04);
/// The most that an examination finds, as a share.
const MOST_FOUND: f64 = 0.95;
/// Findings per declaration of either side that are taken for granted before there are any, times declarations.
const PRIOR: f64 = 5.0;
/// The whole of a share, as records write it.
const WHOLE: f64 = 10_000.0;
/// How many times heavier risky goods are with their packings.
const HEAVIER: u32 = 2;
/// Where goods come from.
const ORIGINS: [&str; 4] = ["US", "DE", "BR", "CL"];
/// Importers that take part.
const TRADERS: u64 = 400;
/// How much of the traffic is examined.
pub const EXAMINED: f64 = 0.25;

/// What a rollout's candidate is to bring.
#[derive(Clone, Debug)]
pub struct Script {
    /// The rollout.
    pub rollout: String,
    /// What the candidate finds per declaration, relative to the champion.
    pub yields: f64,
}

/// The side of a rollout that ordered an examination.
#[derive(Clone, Copy, Debug)]
struct Side {
    candidate: bool,
    /// The candidate's share of the declarations.
    share: f64,
}

/// What both sides of a rollout would have found so far in what they ordered, by their shares of the declarations: one
/// that orders less would find less per declaration, were it not made up for.
#[derive(Debug, Default)]
struct Sides {
    candidate: f64,
    champion: f64,
}

impl Sides {
    /// The chance of a finding in an examination that `side` ordered and that finds something in `usual` of all cases.
    fn chance(&mut self, usual: f64, side: Side, yields: f64) -> f64 {
        if !(side.share > 0.0 && side.share < 1.0) {
            return usual;
        }
        if !side.candidate {
            self.champion += usual / (1.0 - side.share);
            return usual;
        }
        let chance = usual * yields * (self.champion + PRIOR) / (self.candidate + PRIOR);
        self.candidate += usual / side.share;
        chance.min(MOST_FOUND)
    }
}

/// The office.
#[derive(Debug)]
pub struct Office {
    client: Client,
    code: OfficeCode,
    script: Option<Script>,
    sides: Sides,
    cursor: Option<String>,
    risky: HashMap<DeclarationId, bool>,
    chance: u64,
    lodged: u64,
    examined: u64,
    found: u64,
}

impl Office {
    /// The office `code` of the system of `client`, which may lodge, examine, read records, and plan.
    pub fn new(client: Client, code: &str) -> Self {
        Self {
            client,
            code: code.into(),
            script: None,
            sides: Sides::default(),
            cursor: None,
            risky: HashMap::new(),
            chance: 20_261_123,
            lodged: 0,
            examined: 0,
            found: 0,
        }
    }

    /// What it lodged so far.
    pub fn lodged(&self) -> u64 {
        self.lodged
    }

    /// What was examined and found so far, in a line.
    pub fn told(&self) -> String {
        let (lodged, examined, found, relative) = (self.lodged, self.examined, self.found, self.worth());
        format!(
            "{lodged} lodged, {examined} examined, {found} with a finding, the candidate's orders worth {relative:.2}"
        )
    }

    /// What the candidate's orders are worth, times what its champion's are: findings to be expected per declaration, before
    /// the script. A yield can be set in what is ordered, and in nothing else.
    fn worth(&self) -> f64 {
        self.sides.candidate / self.sides.champion.max(1.0)
    }

    /// From now on a rollout's candidate brings what `script` says.
    pub fn follow(&mut self, script: Script) {
        (self.script, self.sides) = (Some(script), Sides::default());
    }

    /// Plans for so many declarations a day, of which a quarter can be examined, `random` of these by lot.
    pub async fn plan(&self, declarations_per_day: f64, random: f64) -> anyhow::Result<()> {
        let plan = json!({
            "office": self.code, "timeZone": "UTC", "physicalPerDay": declarations_per_day * EXAMINED,
            "documentaryPerDay": 0.0, "declarationsPerDay": declarations_per_day, "randomShare": random,
            "explorationShare": 0.0, "failSafe": "green",
        });
        self.client.put_capacity_plan(&self.code, &plan).await.context("the plan is refused")?;
        Ok(())
    }

    /// Lodges so many declarations.
    pub async fn lodge(&mut self, count: u64) -> anyhow::Result<()> {
        let at = self.client.clock().await?;
        let mut lines = Vec::new();
        let mut risks = Vec::new();
        for _ in 0..count {
            let risky = self.draw() < RISKY;
            let origin = ORIGINS[(self.draw() * ORIGINS.len() as f64) as usize];
            let trader = format!("20{:09}", (self.draw() * TRADERS as f64) as u64);
            let one = declaration()
                .with_reference(&format!("{}-{}", self.code, self.lodged))
                .with_office(self.code.as_str())
                .with_accepted_at(at)
                .with_items(1)
                .with_origin(origin)
                .with_trader(&trader)
                .with(|declaration| {
                    if risky {
                        declaration.items[0].gross_mass_kg =
                            declaration.items[0].gross_mass_kg.map(|mass| mass * Decimal::from(HEAVIER));
                    }
                });
            self.lodged += 1;
            risks.push(risky);
            lines.push(serde_json::to_vec(&one)?);
        }
        let mut receipts = Vec::new();
        self.client.lodge_bulk(lines, |receipt| receipts.push(receipt)).await?;
        ensure!(receipts.len() == risks.len(), "{} of {} lines are answered", receipts.len(), risks.len());
        for (receipt, risky) in receipts.into_iter().zip(risks) {
            let id = receipt.id.with_context(|| format!("a declaration is refused: {:?}", receipt.problem))?;
            self.risky.insert(id, risky);
        }
        Ok(())
    }

    /// Examines everything that was ordered and not examined yet; returns how much that was.
    pub async fn examine(&mut self) -> anyhow::Result<u64> {
        let (mut done, code) = (0, self.code.clone());
        loop {
            let page = self.client.controls(self.cursor.as_deref()).await?;
            let ordered: Vec<Control> =
                serde_json::from_value(page["items"].clone()).context("controls have another shape")?;
            if ordered.is_empty() {
                return Ok(done);
            }
            if let Some(next) = page["next"].as_str() {
                self.cursor = Some(next.to_owned());
            }
            let physical = |control: &&Control| control.office == code && control.order.method == Method::Physical;
            let physical: Vec<&Control> = ordered.iter().filter(physical).collect();
            let tried = self.tried(&physical).await?;
            let at = self.client.clock().await?;
            let mut lines = Vec::new();
            for control in physical {
                let Some(declaration) = control.declaration else { continue };
                let risky = self.risky.get(&declaration).copied().unwrap_or_default();
                let usual = if risky { FOUND.0 } else { FOUND.1 };
                let chance = match (&self.script, tried.get(&control.id)) {
                    (Some(script), Some(side)) => self.sides.chance(usual, *side, script.yields),
                    _ => usual,
                };
                let finds = self.draw() < chance;
                self.found += u64::from(finds);
                lines.push(serde_json::to_vec(
                    &json!({"control": control.id, "officer": "ana", "result": result(finds, at)}),
                )?);
            }
            let count = lines.len() as u64;
            let mut answers = Vec::new();
            self.client.report_results_bulk(lines, |answer| answers.push(answer)).await?;
            let refused = answers.iter().find(|answer| answer["problem"].is_object());
            ensure!(refused.is_none() && answers.len() as u64 == count, "results are refused: {refused:?}");
            done += count;
            self.examined += count;
        }
    }

    /// Those of these controls that a model on either side of the rollout ordered, whose script is followed.
    async fn tried(&self, controls: &[&Control]) -> anyhow::Result<HashMap<ControlId, Side>> {
        let (Some(script), mut asked) = (&self.script, JoinSet::new()) else { return Ok(HashMap::new()) };
        let by_model = controls.iter().filter(|control| control.order.trigger == Trigger::Model);
        for (control, selection) in by_model.filter_map(|control| Some((control.id, control.selection?))) {
            let client = self.client.clone();
            asked.spawn(async move { (control, client.selection(selection).await) });
        }
        let mut tried = HashMap::new();
        while let Some(answer) = asked.join_next().await {
            let (control, record) = answer?;
            if let Some(trial) = record?.trial.filter(|trial| trial.rollout == script.rollout) {
                let share = f64::from(trial.weight) / WHOLE;
                tried.insert(control, Side { candidate: trial.candidate, share });
            }
        }
        Ok(tried)
    }

    /// The next of a fixed sequence of numbers between 0 and 1.
    fn draw(&mut self) -> f64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Trains now on everything that is known; returns what the run says.
    pub async fn train(&self) -> anyhow::Result<String> {
        let run = self.client.start_training(&json!({"direction": "in", "maturityDays": 0})).await?;
        Ok(format!("{}: {}", run["record"]["outcome"].as_str().unwrap_or_default(), run["record"]["reasons"]))
    }

    /// So many versions that do not decide beside one that does; none while there are not so many.
    pub async fn candidates_to_try<const COUNT: usize>(&self) -> anyhow::Result<Option<[String; COUNT]>> {
        let models = self.client.models().await?;
        let versions: Vec<&Value> = models
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|model| model["versions"].as_array())
            .flatten()
            .collect();
        let has_champion = versions.iter().any(|version| version["state"] == "champion");
        let others = versions.iter().filter(|version| version["state"] == "candidate");
        let digests = others.filter_map(|version| version["digest"].as_str()).map(ToOwned::to_owned).take(COUNT);
        Ok(<[String; COUNT]>::try_from(digests.collect::<Vec<_>>()).ok().filter(|_| has_champion))
    }
}

/// A rollout of `candidate`, in the words of either kind of driver: a shadow, a quarter until the evidence is in, an
/// approval, promotion.
pub fn rollout(candidate: &str, requested_by: &str) -> Value {
    json!({
        "direction": "in", "requestedBy": requested_by,
        "candidate": {"name": format!("v{}", &candidate[..12.min(candidate.len())]), "digest": candidate},
        "steps": [
            {"kind": "shadow", "minDeclarations": 200},
            {"kind": "canary", "weightPercent": 25.0, "minMaturedLabels": 50},
            {"kind": "approval"},
            {"kind": "promote"},
        ],
        "gates": [
            {"name": "harm", "family": "outcome", "requiredFromStep": 1, "maxAgeSeconds": 86_400,
                "fail": {"metric": "outcome.harm", "above": 20.0}, "pass": {"metric": "outcome.benefit", "above": 20.0}},
            {"name": "degraded", "family": "service", "requiredFromStep": 1, "minObservations": 50, "maxAgeSeconds": 86_400,
                "fail": {"metric": "service.degradedShare", "above": 0.05}},
            {"name": "capacity", "family": "capacity", "requiredFromStep": 1, "minObservations": 50, "maxAgeSeconds": 86_400,
                "onFail": "throttle",
                "fail": {"metric": "capacity.examinedRatio", "above": 2.0}},
        ],
        "rollback": {"automatic": true, "keepChampionSeconds": 3_600, "throttleSeconds": 86_400},
    })
}

/// The version that decides.
pub async fn champion(client: &Client) -> anyhow::Result<String> {
    let routing = client.routing().await?;
    Ok(routing["routes"][0]["championDigest"].as_str().unwrap_or_default().to_owned())
}

/// Where the gates of a rollout stand.
pub fn gates(rollout: &Value) -> String {
    let gates = rollout["gates"].as_array().into_iter().flatten();
    gates.map(|gate| format!("{}: {}", gate["name"], gate["message"])).collect::<Vec<_>>().join(", ")
}

/// A value found four times too low.
pub fn undervaluation() -> Finding {
    Finding {
        kind: FindingKind::Undervaluation,
        national_code: None,
        field: Some("valuation".to_owned()),
        declared: Some("1250.00".to_owned()),
        found: Some("4800.00".to_owned()),
        nature: Nature::SuspectedFraud,
        in_traders_favour: false,
        measures: Vec::new(),
    }
}

fn result(finds: bool, at: Timestamp) -> NewResult {
    let (outcome, findings) =
        if finds { (ItemOutcome::Finding, vec![undervaluation()]) } else { (ItemOutcome::Conform, Vec::new()) };
    NewResult {
        version: 1,
        stage: ResultStage::Final,
        examined_at: at,
        established_at: at,
        items: vec![ItemResult { sequence: 1, outcome, findings }],
        remarks: None,
        targeting: None,
    }
}
