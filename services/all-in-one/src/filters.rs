//! `aforo filters`: work with the risk filters of a running system.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use rest::Role;
use serde_json::{Map, Value, json};

use crate::cli::Access;

/// How often a search is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// Verbs of `filters`.
#[derive(Debug, Subcommand)]
pub enum Filters {
    /// Search what controls found for conditions worth a filter, and draft them
    Propose(Propose),
}

/// Options of `filters propose`. Roles: analyst, for all offices.
#[derive(Args, Clone, Debug)]
pub struct Propose {
    #[command(flatten)]
    pub access: Access,
    /// Only declarations accepted from this moment, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Only declarations accepted before this moment, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub until: Option<Timestamp>,
    /// Field that conditions may be made of; may be given more than once [default: those usually declared]
    #[arg(long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Fewest examined items that a condition must match, counted as items that weigh alike [default: 30]
    #[arg(long, value_name = "ITEMS")]
    pub least_support: Option<usize>,
    /// Area of risk of the drafts, told to officers
    #[arg(long)]
    pub area: Option<String>,
    /// What the drafts tell officers to verify
    #[arg(long)]
    pub verify: Option<String>,
    /// Who will answer for the drafts [default: unassigned]
    #[arg(long)]
    pub owner: Option<String>,
    /// Code of the risk that the drafts cover
    #[arg(long)]
    pub risk: Option<String>,
    /// Tell the proposals and draft nothing
    #[arg(long)]
    pub no_drafts: bool,
    /// Print the outcome as one JSON object
    #[arg(long)]
    pub json: bool,
    /// No progress bar
    #[arg(long)]
    pub quiet: bool,
}

/// Runs a verb.
pub async fn run(verb: Filters) -> anyhow::Result<()> {
    match verb {
        Filters::Propose(options) => propose(&options).await,
    }
}

async fn propose(options: &Propose) -> anyhow::Result<()> {
    let client = options.access.client("aforo-filters", &[Role::Analyst])?;
    let mut search = client.propose_filters(&request(options)).await.context("the search was refused")?;
    let id = search["id"].as_str().context("the answer names no search")?.to_owned();
    let bar = bar(&search, options.quiet || options.json);
    loop {
        bar.set_position(search["done"].as_u64().unwrap_or_default());
        match search["state"].as_str() {
            Some("queued" | "running") => tokio::time::sleep(ASK_EVERY).await,
            Some("done") => break,
            Some("failed") => anyhow::bail!("the search failed: {}", search["error"].as_str().unwrap_or_default()),
            _ => anyhow::bail!("the search was broken off"),
        }
        search = client.filter_proposals(&id).await?;
    }
    bar.finish_and_clear();
    let result = &search["result"];
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{result}")?;
    } else {
        write!(out, "{}", in_words(result))?;
    }
    Ok(())
}

/// The search as it is asked for; what is not given is left to the service.
fn request(options: &Propose) -> Value {
    let mut body = Map::new();
    body.insert("draft".to_owned(), json!(!options.no_drafts));
    let mut give = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    give("from", options.from.map(|at| json!(at)));
    give("until", options.until.map(|at| json!(at)));
    give("fields", (!options.fields.is_empty()).then(|| json!(options.fields)));
    give("leastSupport", options.least_support.map(|items| json!(items)));
    give("area", options.area.as_ref().map(|text| json!(text)));
    give("verify", options.verify.as_ref().map(|text| json!(text)));
    give("owner", options.owner.as_ref().map(|text| json!(text)));
    give("risk", options.risk.as_ref().map(|text| json!(text)));
    Value::Object(body)
}

fn bar(search: &Value, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(search["expected"].as_u64().unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} declarations  {elapsed}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The outcome for people: one proposal a line, with its draft.
fn in_words(result: &Value) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let proposals = result["proposals"].as_array().map(Vec::as_slice).unwrap_or_default();
    let _ = writeln!(
        text,
        "{} examined items, {} conditions tried, {} left",
        result["rows"],
        result["tried"],
        proposals.len()
    );
    let drafts = result["drafts"].as_array().map(Vec::as_slice).unwrap_or_default();
    for proposal in proposals {
        let share = |name: &str, end: &str| 100.0 * proposal[name][end].as_f64().unwrap_or_default();
        // Not every proposal can be drafted: one with a code that the tariff lacks cannot.
        let draft = drafts.iter().find(|draft| draft["expression"] == proposal["expression"]);
        let code = draft.and_then(|draft| draft["code"].as_str()).unwrap_or("-");
        let _ = writeln!(
            text,
            "{code}  {:.1} % ({:.1}–{:.1}) against {:.1} %, {} items  {}",
            share("yield", "share"),
            share("yield", "low"),
            share("yield", "high"),
            share("yieldOfRest", "share"),
            proposal["support"],
            proposal["expression"].as_str().unwrap_or_default()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_left_to_the_service() {
        let options = Propose {
            access: Access {
                to: "http://127.0.0.1:1".to_owned(),
                ca_file: None,
                token: None,
                data: std::path::PathBuf::new(),
                settings: None,
            },
            from: None,
            until: None,
            fields: Vec::new(),
            least_support: Some(50),
            area: None,
            verify: None,
            owner: Some("textiles desk".to_owned()),
            risk: None,
            no_drafts: true,
            json: false,
            quiet: true,
        };
        assert_eq!(request(&options), json!({"draft": false, "leastSupport": 50, "owner": "textiles desk"}));
    }

    #[test]
    fn a_proposal_is_one_line_with_its_draft_or_none() {
        let result = json!({"rows": 300, "tried": 40, "judged": 2,
            "proposals": [{"expression": "item.hs6 == '870899'", "support": 20,
                "yield": {"share": 0.6, "low": 0.4, "high": 0.8}, "yieldOfRest": {"share": 0.1}}, {"expression": "item.origin == 'JP'", "support": 60,
                "yield": {"share": 0.5, "low": 0.4, "high": 0.6}, "yieldOfRest": {"share": 0.1}}],
            "drafts": [{"code": "MINED-AB", "filter": "x", "expression": "item.origin == 'JP'"}]});
        let told = in_words(&result);
        assert!(told.contains("\n-  60.0 % (40.0–80.0) against 10.0 %, 20 items  item.hs6 == '870899'\n"), "{told}");
        assert!(told.contains("MINED-AB  50.0 % (40.0–60.0) against 10.0 %, 60 items  item.origin == 'JP'"), "{told}");
    }
}
