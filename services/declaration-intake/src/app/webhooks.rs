//! Webhooks: made, listed, replayed and deleted by the customs systems they tell. Delivering them is `deliver`.

mod deliver;

use std::collections::BTreeSet;

use customs::OfficeCode;
use lifecycle::ProcessClock;
use reqwest::Url;
use rest::{Offices, Principal, Problem, Role};
use tokio::sync::watch;
use uuid::Uuid;

pub(crate) use deliver::Deliverer;

use super::Intake;
use crate::domain::webhook::SHORTEST_SECRET;
use crate::error::IntakeError;
use crate::settings::WebhookSettings;
use crate::store::webhooks::{self as stored, Webhook, dead_letter};

/// The most dead letters that are listed.
const MOST_DEAD: u64 = 1_000;

/// What delivering needs beside the feed.
pub(crate) struct Webhooks {
    http: reqwest::Client,
    /// Tells this process from others that deliver.
    holder: String,
    /// Rung when webhooks were made, deleted or set anew.
    changed: watch::Sender<()>,
}

impl Webhooks {
    pub(crate) fn new(settings: &WebhookSettings, clock: &ProcessClock) -> Result<Self, IntakeError> {
        let failed = |error: clients::http::HttpError| IntakeError::Webhooks(error.to_string());
        let http = if settings.origins.is_empty() {
            // Nobody is called: no authority is read.
            clients::http::http().map_err(failed)?
        } else {
            clients::http::outward(settings.authorities.as_deref()).map_err(failed)?
        };
        let holder = format!("{}-{:x}", std::process::id(), clock.unix_ms());
        Ok(Self { http, holder, changed: watch::Sender::new(()) })
    }
}

/// A webhook as its owner wants it.
#[derive(Clone, Debug)]
pub(crate) struct NewWebhook {
    pub(crate) url: String,
    pub(crate) secret: Option<lifecycle::Secret>,
    pub(crate) offices: Option<BTreeSet<OfficeCode>>,
    pub(crate) after: Option<i64>,
}

/// A webhook with what was put aside of it.
pub(crate) type Counted = (Webhook, u64);

impl Intake {
    /// Makes a webhook, or gives the one that the caller has for this URL other offices and another secret. Returns the
    /// secret where it was made here.
    pub(crate) async fn put_webhook(
        &self,
        caller: &Principal,
        new: NewWebhook,
    ) -> Result<(Counted, Option<lifecycle::Secret>), Problem> {
        let url = self.check_url(&new.url)?;
        let offices = covered(caller, new.offices)?;
        if new.secret.as_ref().is_some_and(|secret| secret.expose().chars().count() < SHORTEST_SECRET) {
            return Err(invalid("/secret", "too-short", format!("a secret has {SHORTEST_SECRET} characters or more")));
        }
        if new.after.is_some_and(|after| after < 0) {
            return Err(invalid("/after", "out-of-range", "cursors begin at 0".to_owned()));
        }
        let made = match &new.secret {
            Some(_) => None,
            None => Some(random_secret()?),
        };
        let tx = self.db.begin().await.map_err(IntakeError::from)?;
        let after = match new.after {
            Some(after) => after,
            None => stored::end_of_feed(&tx).await?,
        };
        let digest = blake3::hash(format!("{}\n{url}", caller.subject).as_bytes());
        let id = Uuid::from_slice(&digest.as_bytes()[..16]).expect("16 bytes are an id");
        let own = stored::list(&tx, Some(&caller.subject)).await?;
        let most = self.settings.webhooks.per_owner;
        if own.len() as u64 >= most && own.iter().all(|other| other.id != id) {
            return Err(Problem::unprocessable("webhook-invalid", "The webhook cannot be made")
                .with_detail(format!("a customs system has at most {most} webhooks; delete one first")));
        }
        let row = Webhook {
            id,
            owner: caller.subject.clone(),
            url,
            offices: match &offices {
                Offices::All => None,
                Offices::Only(offices) => Some(serde_json::to_string(offices).map_err(IntakeError::from)?),
            },
            created_at_ms: self.process_clock.unix_ms(),
            cursor: after,
            revision: 0,
            failures: 0,
            refusals: 0,
            last_error: None,
            next_at_ms: 0,
            holder: None,
            held_until_ms: 0,
        };
        let secret = made.as_ref().or(new.secret.as_ref()).map(lifecycle::Secret::expose).unwrap_or_default();
        stored::put(&tx, row, secret).await?;
        let row = stored::find(&tx, id).await?.ok_or_else(|| unknown(id))?;
        tx.commit().await.map_err(IntakeError::from)?;
        self.webhooks.changed.send_replace(());
        let dead = stored::count_dead(self.db.reader(), id).await?;
        Ok(((row, dead), made))
    }

    /// The webhooks that the caller may see: an auditor all, others their own.
    pub(crate) async fn list_webhooks(&self, caller: &Principal) -> Result<Vec<Counted>, IntakeError> {
        let owner = (!caller.has(Role::Auditor)).then_some(caller.subject.as_str());
        let mut counted = Vec::new();
        for row in stored::list(self.db.reader(), owner).await? {
            let dead = stored::count_dead(self.db.reader(), row.id).await?;
            counted.push((row, dead));
        }
        Ok(counted)
    }

    /// One of them.
    pub(crate) async fn read_webhook(&self, caller: &Principal, id: Uuid) -> Result<Counted, Problem> {
        let row = stored::find(self.db.reader(), id).await?;
        let row = row.filter(|row| caller.has(Role::Auditor) || row.owner == caller.subject);
        let row = row.ok_or_else(|| unknown(id))?;
        let dead = stored::count_dead(self.db.reader(), id).await?;
        Ok((row, dead))
    }

    /// Deletes the caller's webhook.
    pub(crate) async fn delete_webhook(&self, caller: &Principal, id: Uuid) -> Result<Counted, Problem> {
        let counted = self.read_webhook(caller, id).await?;
        let tx = self.db.begin().await.map_err(IntakeError::from)?;
        stored::delete(&tx, id).await?;
        tx.commit().await.map_err(IntakeError::from)?;
        self.webhooks.changed.send_replace(());
        Ok(counted)
    }

    /// Tells the caller's webhook everything after `after` once more.
    pub(crate) async fn replay_webhook(&self, caller: &Principal, id: Uuid, after: i64) -> Result<Counted, Problem> {
        self.read_webhook(caller, id).await?;
        if after < 0 {
            return Err(invalid("/after", "out-of-range", "cursors begin at 0".to_owned()));
        }
        let tx = self.db.begin().await.map_err(IntakeError::from)?;
        stored::replay(&tx, id, after).await?;
        tx.commit().await.map_err(IntakeError::from)?;
        self.webhooks.changed.send_replace(());
        self.read_webhook(caller, id).await
    }

    /// What was put aside of the caller's webhook.
    pub(crate) async fn webhook_dead_letters(
        &self,
        caller: &Principal,
        id: Uuid,
    ) -> Result<Vec<dead_letter::Model>, Problem> {
        self.read_webhook(caller, id).await?;
        Ok(stored::dead_letters(self.db.reader(), id, MOST_DEAD).await?)
    }

    /// The URL as it is called; refused unless the settings allow its origin.
    fn check_url(&self, text: &str) -> Result<String, Problem> {
        let refuse = |message: String| invalid("/url", "invalid", message);
        let url = Url::parse(text).map_err(|error| refuse(format!("not an address: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(refuse("an address without a name, a password or a fragment is needed".to_owned()));
        }
        let origin = url.origin().ascii_serialization();
        if self.settings.webhooks.origins.contains(&origin) {
            return Ok(url.into());
        }
        Err(invalid(
            "/url",
            "origin-not-allowed",
            format!("webhooks may not lead to {origin}; the operator allows it in the setting intake.webhooks.origins"),
        ))
    }
}

/// The offices asked for, or all of the caller's; refused when the token does not cover them.
fn covered(caller: &Principal, asked: Option<BTreeSet<OfficeCode>>) -> Result<Offices, Problem> {
    let Some(asked) = asked else { return Ok(caller.offices.clone()) };
    if asked.is_empty() {
        return Err(invalid("/offices", "empty", "leave it out for every office of the token".to_owned()));
    }
    asked.iter().try_for_each(|office| caller.check_office(office))?;
    Ok(Offices::Only(asked))
}

fn random_secret() -> Result<lifecycle::Secret, Problem> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| IntakeError::Randomness(error.to_string()))?;
    Ok(lifecycle::Secret::new(bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })))
}

fn unknown(id: Uuid) -> Problem {
    Problem::not_found(format!("webhook {id}"))
}

fn invalid(pointer: &str, code: &str, message: String) -> Problem {
    Problem::unprocessable("webhook-invalid", "The webhook cannot be made").with_error(pointer, code, message)
}
