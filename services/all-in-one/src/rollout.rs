//! `aforo rollout`: rollouts of a running system, for those who prefer a command line. `--to kubernetes:NAMESPACE` means those
//! that the operator drives there.

mod kubernetes;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use clients::Client;
use rest::Role;
use serde_json::{Value, json};

use crate::cli::Access;

/// Verbs of `rollout`.
#[derive(Debug, Subcommand)]
pub enum Rollout {
    /// Ask for a rollout
    Start(Start),
    /// Tell where rollouts stand
    Status(Status),
    /// Approve the present step, or deny it
    Approve(Approve),
    /// End a rollout: the champion decides everything again
    Abort(Abort),
    /// Begin a rollout again that was rolled back or ended
    Retry(Retry),
}

impl Rollout {
    fn caller(&self) -> &Caller {
        match self {
            Self::Start(options) => &options.caller,
            Self::Status(options) => &options.caller,
            Self::Approve(options) => &options.caller,
            Self::Abort(options) => &options.caller,
            Self::Retry(options) => &options.caller,
        }
    }
}

/// Where (`--to kubernetes:NAMESPACE`: through kubectl), and as whom. Roles: model-manager.
#[derive(Args, Clone, Debug)]
pub struct Caller {
    #[command(flatten)]
    access: Access,
    /// Without a token: as whom, for a rollout wants to know who asked and who approved
    #[arg(long = "as", id = "as_whom", value_name = "NAME")]
    pub as_whom: Option<String>,
}

/// Options of `rollout start`.
#[derive(Args, Clone, Debug)]
pub struct Start {
    #[command(flatten)]
    caller: Caller,
    /// The rollout, JSON, as `POST /v1/rollouts` takes it
    pub file: PathBuf,
}

/// Options of `rollout status`.
#[derive(Args, Clone, Debug)]
pub struct Status {
    #[command(flatten)]
    caller: Caller,
    /// One rollout with its history; all when absent
    pub name: Option<String>,
    /// Print what the system answers
    #[arg(long)]
    pub json: bool,
}

/// Options of `rollout approve`.
#[derive(Args, Clone, Debug)]
pub struct Approve {
    #[command(flatten)]
    caller: Caller,
    /// The rollout
    pub name: String,
    /// Deny instead
    #[arg(long)]
    pub deny: bool,
    /// What for: step, resume or emergency
    #[arg(long, default_value = "step", value_parser = ["step", "resume", "emergency"])]
    pub purpose: String,
    /// Why
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// Options of `rollout abort`.
#[derive(Args, Clone, Debug)]
pub struct Abort {
    #[command(flatten)]
    caller: Caller,
    /// The rollout
    pub name: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Options of `rollout retry`.
#[derive(Args, Clone, Debug)]
pub struct Retry {
    #[command(flatten)]
    caller: Caller,
    /// The rollout
    pub name: String,
    /// Anything that was not named before
    #[arg(long)]
    pub nonce: String,
}

/// Runs a verb.
pub async fn run(verb: Rollout) -> anyhow::Result<()> {
    let json = matches!(&verb, Rollout::Status(Status { json: true, .. }));
    let told = match kubernetes::Namespace::of(&verb.caller().access.to) {
        Some(namespace) => namespace.run(&verb)?,
        None => ask(verb).await?,
    };
    let mut out = std::io::stdout().lock();
    if json { writeln!(out, "{told}") } else { write!(out, "{}", in_words(&told)) }?;
    Ok(())
}

/// What the system answers to a verb.
async fn ask(verb: Rollout) -> anyhow::Result<Value> {
    match verb {
        Rollout::Start(options) => {
            let text = std::fs::read_to_string(&options.file)
                .with_context(|| format!("{} cannot be read", options.file.display()))?;
            let body: Value =
                serde_json::from_str(&text).with_context(|| format!("{} is not JSON", options.file.display()))?;
            client(&options.caller)?.create_rollout(&body).await.context("the rollout was refused")
        }
        Rollout::Status(options) => {
            let client = client(&options.caller)?;
            Ok(match &options.name {
                Some(name) => client.rollout(name).await?,
                None => client.rollouts().await?,
            })
        }
        Rollout::Approve(options) => {
            let decision = if options.deny { "deny" } else { "approve" };
            let body = json!({"decision": decision, "purpose": options.purpose, "reason": options.reason});
            tell(&options.caller, &options.name, "approvals", &body).await
        }
        Rollout::Abort(options) => {
            tell(&options.caller, &options.name, "abort", &json!({"reason": options.reason})).await
        }
        Rollout::Retry(options) => {
            tell(&options.caller, &options.name, "retry", &json!({"nonce": options.nonce})).await
        }
    }
}

async fn tell(caller: &Caller, name: &str, what: &str, body: &Value) -> anyhow::Result<Value> {
    client(caller)?.tell_rollout(name, what, body).await.context("it was refused")
}

fn client(caller: &Caller) -> anyhow::Result<Client> {
    let subject = match (&caller.access.token, &caller.as_whom) {
        (Some(_), _) => "",
        (None, Some(name)) => name.as_str(),
        (None, None) => anyhow::bail!("give --token (or AFORO_TOKEN), or say with --as NAME who you are"),
    };
    caller.access.client(subject, &[Role::ModelManager])
}

/// One line for each rollout; of a single one also its gates and what was decided.
fn in_words(answer: &Value) -> String {
    let Some(one) = answer.as_object() else {
        return answer.as_array().into_iter().flatten().map(line).collect();
    };
    let mut text = line(answer);
    for gate in one.get("gates").and_then(Value::as_array).into_iter().flatten() {
        let word = |key: &str| gate[key].as_str().unwrap_or_default();
        let _ = writeln!(text, "  gate {:<20} {:<13} {}", word("name"), word("state"), word("message"));
    }
    for dated in one.get("history").and_then(Value::as_array).into_iter().flatten() {
        let word = |key: &str| dated[key].as_str().unwrap_or_default();
        let _ = writeln!(text, "  {}  {}", word("at"), word("change"));
    }
    text
}

/// Name, phase, step, share, and what it waits for.
fn line(rollout: &Value) -> String {
    let status = &rollout["status"];
    let steps = rollout["spec"]["steps"].as_array().map_or(0, Vec::len);
    let share = status["served"]["weight"].as_f64().unwrap_or_default() / 100.0;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let step = status["step"].as_u64().unwrap_or_default() + 1;
    let waits = if word(&rollout["waiting"]).is_empty() { word(&status["reason"]) } else { word(&rollout["message"]) };
    format!("{:<24} {:<12} step {step}/{steps}  {share} %  {waits}\n", word(&rollout["name"]), word(&status["phase"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_is_told_in_a_line() {
        let rollout = json!({
            "name": "second", "spec": {"steps": [{}, {}]}, "waiting": "AwaitingApproval", "message": "one more",
            "status": {"phase": "progressing", "step": 1, "served": {"weight": 1250}},
            "gates": [{"name": "harm", "state": "pass", "message": "fine"}],
        });
        let text = in_words(&rollout);
        assert!(text.starts_with("second ") && text.contains("step 2/2  12.5 %  one more"), "{text}");
        assert!(text.contains("gate harm"), "{text}");
        assert_eq!(in_words(&json!([rollout])).lines().count(), 1);
    }
}
