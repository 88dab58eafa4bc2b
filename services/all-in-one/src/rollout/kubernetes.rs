//! Rollouts that the operator drives, through `kubectl`: whoever runs the verb is whom the API server knows, and may do what
//! that person may. Asking for one stays with the resource itself, which has more to say than a file for `rollout start`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::{Rollout, Status};

/// What an address begins with that is a namespace: `kubernetes:aforo`.
const SCHEME: &str = "kubernetes:";
/// The version of the custom resources.
const API: &str = "aforo.io/v1alpha1";
const RESOURCE: &str = "modelrollouts.aforo.io";

/// A namespace with rollouts in it.
pub struct Namespace<'a>(&'a str);

impl<'a> Namespace<'a> {
    /// The namespace that an address names; empty: kubectl's own. None: it is the address of a system.
    pub fn of(to: &'a str) -> Option<Self> {
        to.strip_prefix(SCHEME).map(Self)
    }

    /// Carries out a verb; returns the rollout or rollouts as the system would tell them.
    pub fn run(&self, verb: &Rollout) -> anyhow::Result<Value> {
        match verb {
            Rollout::Start(_) => {
                bail!(
                    "on Kubernetes a rollout is asked for by a ModelRollout (k8s/examples/modelrollout.yaml): kubectl apply"
                )
            }
            Rollout::Status(Status { name: Some(name), .. }) => self.rollout(name),
            Rollout::Status(Status { name: None, .. }) => {
                let list = self.get(&[RESOURCE])?;
                Ok(list["items"].as_array().into_iter().flatten().map(told).collect())
            }
            Rollout::Approve(options) => {
                let rollout = self.rollout(&options.name)?;
                let approver = self.caller()?;
                let decision = if options.deny { "deny" } else { "approve" };
                let approval = json!({
                    "apiVersion": API, "kind": "RolloutApproval",
                    "metadata": {"generateName": format!("{}-", options.name)},
                    "spec": {"rollout": options.name, "step": rollout["status"]["step"], "run": rollout["status"]["run"],
                        "decision": decision, "purpose": options.purpose, "approver": approver, "reason": options.reason},
                });
                self.kubectl(&["create", "--filename", "-"], Some(&approval))?;
                self.rollout(&options.name)
            }
            Rollout::Abort(options) => self.change(&options.name, &json!({"abort": options.reason})),
            // What ended it before would end it again.
            Rollout::Retry(options) => self.change(&options.name, &json!({"retryNonce": options.nonce, "abort": null})),
        }
    }

    fn rollout(&self, name: &str) -> anyhow::Result<Value> {
        self.get(&[RESOURCE, name]).map(|object| told(&object))
    }

    /// Who the API server says that this is: nobody approves in another's name.
    fn caller(&self) -> anyhow::Result<String> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let name =
            ["create", "--validate=false", "--output", "jsonpath={.status.userInfo.username}", "--filename", "-"];
        self.kubectl(&name, Some(&review))
    }

    fn change(&self, name: &str, spec: &Value) -> anyhow::Result<Value> {
        let patch = json!({ "spec": spec }).to_string();
        self.kubectl(&["patch", RESOURCE, name, "--type", "merge", "--patch", &patch], None)?;
        self.rollout(name)
    }

    fn get(&self, what: &[&str]) -> anyhow::Result<Value> {
        let text = self.kubectl(&[&["get", "--output", "json"], what].concat(), None)?;
        serde_json::from_str(&text).context("kubectl writes no JSON")
    }

    /// What kubectl writes when it reads `object`.
    fn kubectl(&self, arguments: &[&str], object: Option<&Value>) -> anyhow::Result<String> {
        let mut command = Command::new("kubectl");
        if !self.0.is_empty() {
            command.args(["--namespace", self.0]);
        }
        let input = if object.is_some() { Stdio::piped() } else { Stdio::null() };
        command.args(arguments).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().context("cannot start kubectl, through which rollouts on Kubernetes are told")?;
        if let (Some(object), Some(mut input)) = (object, child.stdin.take()) {
            input.write_all(object.to_string().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "kubectl: {}", String::from_utf8_lossy(&output.stderr).trim());
        String::from_utf8(output.stdout).context("kubectl writes no text")
    }
}

/// A `ModelRollout` as `GET /v1/rollouts/NAME` tells a rollout.
fn told(object: &Value) -> Value {
    let status = &object["status"];
    json!({
        "name": object["metadata"]["name"], "spec": object["spec"], "status": status["state"],
        "waiting": status["waiting"], "message": status["message"], "gates": status["gates"], "history": status["history"],
    })
}
