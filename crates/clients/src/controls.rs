//! Worklists, controls, results and scans.

use customs::{ControlId, NewResult, Office, OfficeCode};
use serde_json::Value;

use crate::client::segment;
use crate::{Client, ClientError};

impl Client {
    /// An office's open controls, as officers see them.
    pub async fn worklist(&self, office: &OfficeCode, after: Option<&str>) -> Result<Value, ClientError> {
        self.get(&format!("/v1/worklists/{}", segment(office.as_str())), &[("after", after.map(str::to_owned))]).await
    }

    /// A page of controls.
    pub async fn controls(&self, after: Option<&str>) -> Result<Value, ClientError> {
        self.get("/v1/controls", &[("after", after.map(str::to_owned))]).await
    }

    /// One control.
    pub async fn control(&self, id: ControlId) -> Result<Value, ClientError> {
        self.get(&format!("/v1/controls/{id}"), &[]).await
    }

    /// Orders an extraordinary control.
    pub async fn order_control(&self, order: &Value) -> Result<Value, ClientError> {
        self.post("/v1/controls", &[], order).await
    }

    /// Assigns a control.
    pub async fn assign_control(&self, id: ControlId, assignment: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/controls/{id}/assignment"), &[], assignment).await
    }

    /// Reports what a control established.
    pub async fn report_result(&self, id: ControlId, result: &NewResult) -> Result<Value, ClientError> {
        self.post(&format!("/v1/controls/{id}/results"), &[], result).await
    }

    /// Reports many results, one `{control, officer, result}` a line, streamed both ways.
    pub async fn report_results_bulk<L: AsRef<[u8]>>(
        &self,
        lines: impl IntoIterator<Item = L, IntoIter: Send + 'static>,
        on_answer: impl FnMut(Value),
    ) -> Result<u64, ClientError> {
        self.exchange("/v1/results/bulk", &[], lines, on_answer).await
    }

    /// Turns a documentary control into a physical one.
    pub async fn escalate_control(&self, id: ControlId, escalation: &Value) -> Result<Value, ClientError> {
        self.post(&format!("/v1/controls/{id}/escalation"), &[], escalation).await
    }

    /// Reports a scan.
    pub async fn report_scan(&self, scan: &Value) -> Result<Value, ClientError> {
        self.post("/v1/scans", &[], scan).await
    }

    /// Describes an office with its shifts and officers.
    pub async fn put_office(&self, office: &Office) -> Result<Value, ClientError> {
        self.put(&format!("/v1/offices/{}", segment(office.code.as_str())), office).await
    }
}
