//! What the demo's people do over HTTP: each with a token of its own role.

use anyhow::{Context, anyhow, bail, ensure};
use clients::{Client, MovementLine, ReceiptStatus, reports::Report};
use customs::{ControlId, Declaration, DeclarationId, Extent, FilterId, NewResult, Office, Selection};
use jiff::Timestamp;
use rest::Role;
use selection::CapacityPlan;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trade_simulator::{ExtraordinaryControl, FilterProposal, MovementKind, RiskProposal, Scan};

use crate::administration::Administration;
use crate::feed::{FeedPage, follow, page};

/// Goods move and traders write on after they cancelled; the answer that nobody listens any more is a right one.
const CLOSED: &str = "declaration-closed";

/// Clients by role.
pub struct Api {
    customs_system: Client,
    officer: Client,
    supervisor: Client,
    auditor: Client,
    analyst: Client,
    approver: Client,
    model_manager: Client,
}

/// A result to report.
#[derive(Serialize)]
pub struct ResultLine {
    /// The control.
    pub control: ControlId,
    /// Who reports.
    pub officer: String,
    /// What was established.
    pub result: NewResult,
}

/// A filter in force for whose retirement something speaks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outlived {
    filter: FilterId,
    version: u32,
    /// Its code.
    pub code: String,
}

impl Api {
    /// Clients of `administration`.
    pub fn new(administration: &Administration) -> anyhow::Result<Self> {
        let client = |subject: &str, role: Role| -> anyhow::Result<Client> {
            Ok(Client::new(&administration.url(), administration.token(subject, &[role]))?)
        };
        Ok(Self {
            customs_system: client("declaration-system", Role::CustomsSystem)?,
            officer: client("officers", Role::Officer)?,
            supervisor: client("supervisor", Role::Supervisor)?,
            auditor: client("auditor", Role::Auditor)?,
            analyst: client("risk-analyst", Role::Analyst)?,
            approver: client("head-of-risk", Role::Approver)?,
            model_manager: client("model-manager", Role::ModelManager)?,
        })
    }

    /// Lodges declarations; their ids come back in the same order.
    pub async fn lodge<'a>(
        &self,
        declarations: impl Iterator<Item = &'a Declaration>,
    ) -> anyhow::Result<Vec<DeclarationId>> {
        let lines = declarations.map(serde_json::to_vec).collect::<Result<Vec<_>, _>>()?;
        let expected = lines.len();
        let (mut ids, mut refused) = (Vec::with_capacity(expected), None);
        if expected == 0 {
            return Ok(ids);
        }
        self.customs_system
            .lodge_bulk(lines, |receipt| match (receipt.id, receipt.status) {
                (Some(id), ReceiptStatus::Accepted | ReceiptStatus::Known) => ids.push(id),
                _ => refused = Some(receipt),
            })
            .await
            .context("lodging failed")?;
        if let Some(receipt) = refused {
            bail!("a declaration was refused: {receipt:?}");
        }
        ensure!(ids.len() == expected, "{expected} declarations were lodged and {} answered", ids.len());
        Ok(ids)
    }

    /// Corrects a declaration.
    pub async fn amend(&self, id: DeclarationId, declaration: &Declaration) -> anyhow::Result<()> {
        match self.customs_system.amend(id, declaration).await {
            Err(refusal) if refusal.code() == Some(CLOSED) => Ok(()),
            answer => answer.map(|_| ()).with_context(|| format!("amending {id} failed")),
        }
    }

    /// Withdraws a declaration.
    pub async fn cancel(&self, id: DeclarationId, reason: &str) -> anyhow::Result<()> {
        self.customs_system.cancel(id, reason).await.with_context(|| format!("cancelling {id} failed"))?;
        Ok(())
    }

    /// Reports what happened to goods.
    pub async fn move_goods(&self, movements: &[(DeclarationId, MovementKind, Timestamp)]) -> anyhow::Result<()> {
        if movements.is_empty() {
            return Ok(());
        }
        let lines = movements
            .iter()
            .map(|(declaration, kind, at)| {
                let movement = match kind {
                    MovementKind::Arrived => "arrived",
                    MovementKind::Presented => "presented",
                    MovementKind::Released => "released",
                };
                serde_json::to_vec(&MovementLine::Declaration {
                    declaration: *declaration,
                    movement: movement.to_owned(),
                    at: *at,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut refused = None;
        let send = self.customs_system.move_bulk(lines, |receipt| {
            if receipt.problem.as_ref().is_some_and(|problem| problem.code != CLOSED) {
                refused = Some(receipt);
            }
        });
        send.await.context("reporting movements failed")?;
        refused.map_or(Ok(()), |receipt| Err(anyhow!("a movement was refused: {receipt:?}")))
    }

    /// Reports results.
    pub async fn report_results(&self, results: &[ResultLine]) -> anyhow::Result<()> {
        if results.is_empty() {
            return Ok(());
        }
        let lines = results.iter().map(serde_json::to_vec).collect::<Result<Vec<_>, _>>()?;
        let mut refused = None;
        let send = self.officer.report_results_bulk(lines, |receipt: Value| {
            if receipt.get("problem").is_some_and(|problem| !problem.is_null()) {
                refused = Some(receipt);
            }
        });
        send.await.context("reporting results failed")?;
        refused.map_or(Ok(()), |receipt| Err(anyhow!("a result was refused: {receipt}")))
    }

    /// Reports a scanner image.
    pub async fn scan(&self, scan: &Scan) -> anyhow::Result<()> {
        let body = json!({
            "office": scan.office, "scanner": format!("SC-{}", scan.office), "container": scan.container,
            "takenAt": scan.at, "verdict": scan.verdict,
        });
        self.customs_system.report_scan(&body).await.context("reporting a scan failed")?;
        Ok(())
    }

    /// Opens an extraordinary control.
    pub async fn open_control(
        &self,
        control: &ExtraordinaryControl,
        declaration: Option<DeclarationId>,
    ) -> anyhow::Result<ControlId> {
        let subject = match (declaration, &control.vehicle) {
            (Some(id), _) => json!({"type": "declaration", "id": id}),
            (None, Some(vehicle)) => json!({"type": "vehicle", "id": vehicle}),
            (None, None) => bail!("an extraordinary control of nothing"),
        };
        let body = json!({
            "office": control.office, "subject": subject, "declaration": declaration, "method": control.method,
            "extent": Extent::Full, "reason": "officer's observation on the spot", "openedAt": control.at,
        });
        let answer = self.officer.order_control(&body).await.context("opening an extraordinary control failed")?;
        Ok(serde_json::from_value(answer["id"].clone())?)
    }

    /// The channels told after `cursor`, which moves on.
    pub async fn channels(&self, cursor: &mut u64) -> anyhow::Result<Vec<clients::ChannelEntry>> {
        let mut entries = Vec::new();
        loop {
            let page =
                self.customs_system.channels(*cursor, None, Some(1_000)).await.context("the feed of channels fails")?;
            *cursor = page.next;
            if page.items.is_empty() {
                return Ok(entries);
            }
            entries.extend(page.items);
        }
    }

    /// The controls ordered after `cursor`, which moves on.
    pub async fn controls(&self, cursor: &mut Option<String>) -> anyhow::Result<Vec<customs::Control>> {
        follow(cursor, async |after| self.supervisor.controls(after).await).await
    }

    /// The selections made after `cursor`, which moves on.
    pub async fn selections(&self, cursor: &mut Option<String>) -> anyhow::Result<Vec<Selection>> {
        follow(cursor, async |after| self.auditor.selections(after, Some(1_000)).await).await
    }

    /// A report of performance-monitoring.
    pub async fn report(
        &self,
        report: Report,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> anyhow::Result<Value> {
        self.auditor.report(report, from, to).await.with_context(|| format!("the report {} fails", report.as_str()))
    }

    /// Training runs so far and how many promoted a version.
    pub async fn training(&self) -> anyhow::Result<(u64, u64)> {
        let (mut runs, mut promotions, mut cursor) = (0, 0, None::<String>);
        loop {
            let page: FeedPage<Value> = page(self.model_manager.training_runs(cursor.as_deref()).await)?;
            runs += page.items.len() as u64;
            promotions += page.items.iter().filter(|run| run["record"]["outcome"] == "promoted").count() as u64;
            match page.next {
                Some(next) if !page.items.is_empty() => cursor = Some(next),
                _ => return Ok((runs, promotions)),
            }
        }
    }

    /// Describes an office.
    pub async fn put_office(&self, office: &Office) -> anyhow::Result<()> {
        self.supervisor
            .put_office(office)
            .await
            .with_context(|| format!("describing office {} failed", office.code))?;
        Ok(())
    }

    /// Sets every office's plan.
    pub async fn put_plans(&self, plans: &[CapacityPlan]) -> anyhow::Result<()> {
        self.model_manager.put_capacity_plans(plans).await.context("setting the capacity plans failed")?;
        Ok(())
    }

    /// Adds risks to the register, by an analyst.
    pub async fn put_risks(&self, risks: &[RiskProposal], identified_at: Timestamp) -> anyhow::Result<()> {
        for risk in risks {
            let body = json!({
                "code": risk.code, "title": risk.title, "description": risk.description, "likelihood": risk.likelihood,
                "consequence": risk.consequence, "owner": risk.owner, "treatment": risk.treatment,
                "findingKinds": risk.finding_kinds, "direction": risk.direction, "identifiedAt": identified_at,
            });
            self.analyst
                .create_risk(&body)
                .await
                .with_context(|| format!("adding risk {} to the register failed", risk.code))?;
        }
        Ok(())
    }

    /// Brings filters into force: written by an analyst, approved by somebody else.
    pub async fn install_filters(&self, filters: &[FilterProposal], from: Timestamp) -> anyhow::Result<()> {
        for filter in filters {
            let body = json!({
                "code": filter.code, "expression": filter.expression, "area": filter.area, "verify": filter.verify,
                "action": {"method": filter.method, "mandatory": filter.mandatory, "weight": filter.weight},
                "risk": filter.risk, "samplingShare": filter.sampling_share, "validFrom": from, "scope": {"type": "national"},
            });
            let created = self
                .analyst
                .create_filter(&body)
                .await
                .with_context(|| format!("writing filter {} failed", filter.code))?;
            let id = serde_json::from_value(created["id"].clone())?;
            let approval = json!({"version": 1, "state": "active"});
            self.approver
                .approve_filter(id, &approval)
                .await
                .with_context(|| format!("approving filter {} failed", filter.code))?;
        }
        Ok(())
    }

    /// The filters in force for whose retirement something speaks.
    pub async fn outlived_filters(&self) -> anyhow::Result<Vec<Outlived>> {
        let page: FeedPage<Value> = page(self.analyst.filter_statistics(None).await)?;
        let outlived = page.items.iter().filter(|filter| {
            filter["state"] == "active" && filter["retire"].as_array().is_some_and(|reasons| !reasons.is_empty())
        });
        outlived
            .map(|filter| {
                Ok(Outlived {
                    filter: serde_json::from_value(filter["filter"].clone())?,
                    version: serde_json::from_value(filter["version"].clone())?,
                    code: serde_json::from_value(filter["code"].clone())?,
                })
            })
            .collect()
    }

    /// Leaves a filter to the shadow: it goes on being counted and selects nothing any more.
    pub async fn shadow_filter(&self, filter: &Outlived) -> anyhow::Result<()> {
        let approval = json!({"version": filter.version, "state": "shadow"});
        self.approver
            .approve_filter(filter.filter, &approval)
            .await
            .with_context(|| format!("taking filter {} out of force failed", filter.code))?;
        Ok(())
    }
}
