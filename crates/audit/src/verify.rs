//! Whether the trail is what was written: every link recomputed from the records, from the first to the last.

use sea_orm::ConnectionTrait;
use serde::Serialize;

use crate::chain::{self, GENESIS};
use crate::store::{self as tables, Record, batch};
use crate::{AuditError, Ledger};

/// Links that are read at a time.
const LINKS: u64 = 256;

/// What the trail is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Records that are what was written, up to the fault if there is one.
    pub records: u64,
    /// Links of the chain, likewise.
    pub batches: u64,
    /// Records of which who and on what was erased.
    pub erased: u64,
    /// Acts that began and of which no end is on record: the process stopped in between, or they are under way.
    pub open: u64,
    /// The hash of the last link. Noted elsewhere, it later proves that nothing before it was changed or taken away.
    pub head: String,
    /// Whether the noted head was met; none where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noted_head_met: Option<bool>,
    /// Where the trail is no longer what was written; none when it is intact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

impl Verdict {
    /// Whether everything holds that was asked.
    pub fn is_intact(&self) -> bool {
        self.fault.is_none() && self.noted_head_met != Some(false)
    }
}

/// The first place where the trail is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The link.
    pub batch: i64,
    /// The record, where one can be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<i64>,
    /// What is wrong there.
    pub message: String,
}

impl Ledger {
    /// Recomputes the whole chain. `noted` is the head of an earlier verification, kept elsewhere: it must be a link.
    pub async fn verify(&self, noted: Option<&str>) -> Result<Verdict, AuditError> {
        let mut verdict = Verdict {
            records: 0,
            batches: 0,
            erased: 0,
            open: 0,
            head: GENESIS.to_owned(),
            noted_head_met: noted.map(|noted| noted == GENESIS),
            fault: None,
        };
        let (mut batch, mut last, mut begun, mut ended) = (0, 0, 0_u64, 0_u64);
        loop {
            let links = tables::links(self.db.reader(), batch, LINKS).await?;
            let (Some(first), Some(end)) = (links.first(), links.last()) else { break };
            let mut records = tables::records(self.db.reader(), first.batch, end.batch).await?.into_iter().peekable();
            for link in &links {
                let mut own: Vec<Record> = Vec::new();
                while let Some(record) = records.next_if(|(entry, _)| entry.batch == link.batch) {
                    own.push(record);
                }
                if let Some(fault) = fault(link, &own, (batch, last), &verdict.head) {
                    verdict.fault = Some(fault);
                    return Ok(verdict);
                }
                (batch, last) = (link.batch, link.last);
                verdict.head.clone_from(&link.digest);
                verdict.batches += 1;
                verdict.records += own.len() as u64;
                for (entry, person) in &own {
                    verdict.erased += u64::from(entry.commitment.is_some() && person.is_none());
                    begun += u64::from(entry.stage == crate::ledger::BEGUN);
                    ended += u64::from(entry.stage == crate::ledger::ENDED);
                }
                if noted == Some(link.digest.as_str()) {
                    verdict.noted_head_met = Some(true);
                }
            }
        }
        verdict.open = begun.saturating_sub(ended);
        verdict.fault = self.strays(&verdict, batch).await?;
        Ok(verdict)
    }

    /// Records that no link knows of.
    async fn strays(&self, verdict: &Verdict, batch: i64) -> Result<Option<Fault>, AuditError> {
        let (records, persons) = count(self.db.reader()).await?;
        let known = verdict.records;
        let stray = records > known || persons > known;
        // What was written since the last link was read is not a fault.
        let went_on = tables::head(self.db.reader()).await?.is_some_and(|head| head.batch > batch);
        let message = format!("there are {records} records, and the chain knows of {known}");
        Ok((stray && !went_on).then_some(Fault { batch, record: None, message }))
    }
}

async fn count(db: &impl ConnectionTrait) -> Result<(u64, u64), AuditError> {
    Ok(tables::count(db).await?)
}

/// What is wrong with `link` behind the link and record that came `before`.
fn fault(link: &batch::Model, records: &[Record], before: (i64, i64), previous: &str) -> Option<Fault> {
    let at =
        |record: Option<i64>, message: &str| Some(Fault { batch: link.batch, record, message: message.to_owned() });
    if link.batch != before.0 + 1 {
        return at(None, "links before this one are missing");
    }
    if link.first != before.1 + 1 {
        return at(Some(before.1 + 1), "records before this link are missing");
    }
    for (expected, (entry, person)) in (link.first..).zip(records) {
        if entry.number != expected {
            return at(Some(expected), "a record is missing");
        }
        if let Some(person) = person
            && entry.commitment.as_ref() != Some(&chain::commitment(person))
        {
            return at(Some(entry.number), "who did it, or on what, was changed");
        }
    }
    if link.last != link.first + records.len() as i64 - 1 {
        return at(Some(link.first + records.len() as i64), "records of this link are missing or were added");
    }
    let entries: Vec<_> = records.iter().map(|(entry, _)| entry.clone()).collect();
    if chain::digest(previous, link.batch, &entries) != link.digest {
        return at(None, "a record of this link, or the link before it, was changed");
    }
    None
}
