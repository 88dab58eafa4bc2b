//! Writing, approving, ordering and looking up filters.

use std::collections::BTreeSet;

use customs::FilterId;
use jiff::{SignedDuration, Timestamp};
use risk_filters::{CodeKind, FilterState};
use sea_orm::ConnectionTrait;

use super::{App, publish};
use crate::{
    ManagementError,
    domain::{
        approval::{Target, Verdict, Voice, judge},
        filter::{EMERGENCY_HOURS, NewFilter, Provenance},
        wire_name,
    },
    store::{
        filters::{self, Change, Emergency, FilterVersion, Listing},
        lists, replays,
    },
};

/// What a write came to.
pub struct Written {
    /// The version it concerns, as it stands now.
    pub version: FilterVersion,
    /// Whether anything was written; false for the same content again.
    pub new: bool,
    /// What kinds of codes were not checked, for want of a table.
    pub unchecked: BTreeSet<CodeKind>,
}

impl App {
    /// Drafts a new filter. The same content under the same code again is the same filter.
    pub async fn create_filter(
        &self,
        author: &str,
        provenance: Provenance,
        content: &NewFilter,
    ) -> Result<Written, ManagementError> {
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let unchecked = self.validate(&tx, content).await?;
        if let Some(id) = filters::by_code(&tx, &content.code).await? {
            let first = filters::versions(&tx, id).await?.into_iter().next();
            return match first {
                Some(version) if version.content == *content => Ok(Written { version, new: false, unchecked }),
                _ => Err(ManagementError::FilterCodeTaken(content.code.clone())),
            };
        }
        let id = FilterId::derive(at, &[content.code.as_bytes()]);
        filters::insert(&tx, id, &content.code, at).await?;
        filters::insert_version(&tx, id, 1, author, provenance, content, at).await?;
        self.note(&tx, id, 1, "drafted", author, content.expression.clone(), at, None).await?;
        let version = latest(&tx, id).await?;
        tx.commit().await?;
        Ok(Written { version, new: true, unchecked })
    }

    /// Drafts a new version. The content of the latest version again is that version.
    pub async fn create_version(
        &self,
        author: &str,
        id: FilterId,
        content: &NewFilter,
    ) -> Result<Written, ManagementError> {
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let unchecked = self.validate(&tx, content).await?;
        let before = latest(&tx, id).await?;
        if before.content == *content {
            return Ok(Written { version: before, new: false, unchecked });
        }
        if before.content.code != content.code {
            return Err(ManagementError::FilterCodeTaken(content.code.clone()));
        }
        let number = before.version + 1;
        filters::insert_version(&tx, id, number, author, Provenance::Written, content, at).await?;
        self.note(&tx, id, number, "drafted", author, content.expression.clone(), at, None).await?;
        let version = latest(&tx, id).await?;
        tx.commit().await?;
        Ok(Written { version, new: true, unchecked })
    }

    /// Refuses content that cannot be; tells what kinds of codes were not checked.
    async fn validate(
        &self,
        tx: &impl ConnectionTrait,
        content: &NewFilter,
    ) -> Result<BTreeSet<CodeKind>, ManagementError> {
        let words = self.words(tx).await?;
        let checked = content.validate(&words.vocabulary(&self.catalogue));
        let risk = self.check_risk(tx, content.risk.as_deref()).await?;
        match (checked, risk) {
            (Ok(unchecked), None) => Ok(unchecked),
            (checked, risk) => {
                let mut found = checked.err().unwrap_or_default();
                found.faults.extend(risk);
                Err(ManagementError::FilterInvalid(found))
            }
        }
    }

    /// Refuses to put a version in force that names no open risk, whose lists are not in force, or which was not tried
    /// over the past where it must be. In an emergency a risk is named all the same: registering one takes a minute,
    /// and what is ordered without one is missing from the coverage of every risk.
    async fn check_readiness(
        &self,
        tx: &impl ConnectionTrait,
        version: &FilterVersion,
        in_emergency: bool,
    ) -> Result<(), ManagementError> {
        let risk = version.content.risk.as_deref();
        if risk.is_none() || self.check_risk(tx, risk).await?.is_some() {
            return Err(ManagementError::RiskNeeded {
                id: version.id,
                filter: version.content.code.clone(),
                version: version.version,
                risk: version.content.risk.clone(),
            });
        }
        let used = self.words(tx).await?.lists_of(&self.catalogue, &version.content.expression);
        if !used.is_empty() {
            let in_force = lists::names(tx, true).await?;
            if let Some(missing) = used.into_iter().find(|used| in_force.iter().all(|(name, _)| name != used)) {
                return Err(ManagementError::ListNotInForce(missing));
            }
        }
        let needed = self.replay_before_activation && !in_emergency;
        if needed && replays::last_done(tx, version.id, version.version).await?.is_none() {
            return Err(ManagementError::ReplayNeeded(version.version));
        }
        Ok(())
    }

    /// One person's word for a state of a version. It takes effect when four eyes have seen it.
    pub async fn approve(
        &self,
        id: FilterId,
        number: u32,
        target: Target,
        voice: Voice,
    ) -> Result<Written, ManagementError> {
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let versions = filters::versions(&tx, id).await?;
        let version = pick(&versions, id, number)?;
        let newer = versions.iter().find(|other| other.version > number && other.is_in_force());
        if let Some(newer) = newer.filter(|_| target != Target::Retired) {
            return Err(ManagementError::Superseded { asked: number, newer: newer.version });
        }
        let earlier: Vec<Voice> = version
            .approvals
            .iter()
            .filter(|(asked, ..)| *asked == target)
            .map(|(_, voice, _)| voice.clone())
            .collect();
        let in_emergency = version.open_emergency().is_some();
        let ordered_by = version.open_emergency().map(|emergency| emergency.ordered_by.as_str());
        let verdict = judge(version.state, ordered_by, version.writer(), target, &earlier, &voice)?;
        if verdict == Verdict::Unchanged {
            return Ok(Written { version: version.clone(), new: false, unchecked: BTreeSet::new() });
        }
        if target != Target::Retired {
            self.check_readiness(&tx, version, in_emergency).await?;
        }
        filters::record_approval(&tx, id, number, target, &voice, at).await?;
        let was_in_force = version.is_in_force();
        let mut epoch = None;
        if verdict == Verdict::Effective {
            filters::set_state(&tx, id, number, target.state()).await?;
            if in_emergency {
                filters::end_emergency(&tx, id, number, at, Some(&voice.subject)).await?;
            }
            if target != Target::Retired {
                for older in versions.iter().filter(|older| older.version < number && older.is_in_force()) {
                    filters::set_state(&tx, id, older.version, FilterState::Retired).await?;
                    let detail = format!("replaced by version {number}");
                    self.note(&tx, id, older.version, "retired", &voice.subject, detail, at, None).await?;
                }
            }
            if was_in_force || target != Target::Retired {
                epoch = Some(publish::filters(&tx, at, self.process_clock.unix_ms()).await?);
            }
        }
        // What was known of it when it was put in force stays findable.
        let evidence = match replays::last_done(&tx, id, number).await? {
            Some(replay) if target != Target::Retired => format!(" on replay {replay}"),
            _ => String::new(),
        };
        let (action, detail) = match verdict {
            Verdict::Effective => (action_of(target), format!("approved by {}{evidence}", voice.subject)),
            _ => ("asked", format!("asks for {}; another person must agree", wire_name(&target))),
        };
        self.note(&tx, id, number, action, &voice.subject, detail, at, epoch).await?;
        let version = pick(&filters::versions(&tx, id).await?, id, number)?.clone();
        tx.commit().await?;
        self.relay.wake();
        if in_emergency {
            self.show_emergencies().await?;
        }
        Ok(Written { version, new: true, unchecked: BTreeSet::new() })
    }

    /// Puts a version in force by one approver's order, for at most 48 hours.
    pub async fn order_emergency(
        &self,
        approver: &str,
        id: FilterId,
        number: u32,
        hours: u32,
        reason: &str,
    ) -> Result<Written, ManagementError> {
        if !(1..=EMERGENCY_HOURS).contains(&hours) {
            return Err(ManagementError::EmergencyInvalid("an emergency order holds for 1 to 48 hours"));
        }
        if reason.trim().is_empty() {
            return Err(ManagementError::EmergencyInvalid("an emergency order gives its reason"));
        }
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let versions = filters::versions(&tx, id).await?;
        let version = pick(&versions, id, number)?;
        if let Some(open) = version.open_emergency()
            && open.ordered_by == approver
            && open.reason == reason
        {
            return Ok(Written { version: version.clone(), new: false, unchecked: BTreeSet::new() });
        }
        // One order until two people have agreed: a chain of orders would be an activation by one.
        let approved = filters::approved(&tx, id).await?;
        if versions.iter().any(|version| version.emergency.is_some() && !approved.contains(&version.version)) {
            return Err(ManagementError::EmergencyRepeated);
        }
        if !matches!(version.state, FilterState::Draft | FilterState::Shadow) {
            return Err(ManagementError::EmergencyState { version: number, state: version.state });
        }
        if let Some(newer) = versions.iter().find(|other| other.version > number && other.is_in_force()) {
            return Err(ManagementError::Superseded { asked: number, newer: newer.version });
        }
        self.check_readiness(&tx, version, true).await?;
        let until = at
            .checked_add(SignedDuration::from_hours(i64::from(hours)))
            .map_err(|error| ManagementError::Unreadable(error.to_string()))?;
        let order = Emergency {
            ordered_by: approver.to_owned(),
            reason: reason.to_owned(),
            ordered_at: at,
            until,
            ended_at: None,
            ended_by: None,
        };
        filters::insert_emergency(&tx, id, number, &order).await?;
        filters::set_state(&tx, id, number, FilterState::Active).await?;
        let epoch = publish::filters(&tx, at, self.process_clock.unix_ms()).await?;
        let detail = format!("until {until}: {reason}");
        self.note(&tx, id, number, "emergency", approver, detail, at, Some(epoch)).await?;
        let version = pick(&filters::versions(&tx, id).await?, id, number)?.clone();
        tx.commit().await?;
        self.relay.wake();
        self.counters.emergency_orders.inc();
        self.show_emergencies().await?;
        Ok(Written { version, new: true, unchecked: BTreeSet::new() })
    }

    /// The version of each listed filter that is in force, or else its latest, by code; and the code to go on after.
    pub async fn list_filters(
        &self,
        listing: Listing,
    ) -> Result<(Vec<FilterVersion>, Option<String>), ManagementError> {
        let size = listing.limit as usize;
        let rows = filters::list(self.db.reader(), &Listing { limit: listing.limit + 1, ..listing.clone() }).await?;
        let next = (rows.len() > size).then(|| rows[size - 1].code.clone());
        let ids: Vec<FilterId> = rows.iter().take(size).map(|row| FilterId(row.id)).collect();
        let mut versions = filters::versions_of(self.db.reader(), &ids).await?;
        let shown = |versions: &[FilterVersion]| {
            let of_state = |version: &&FilterVersion| listing.state.is_some_and(|state| version.state == state);
            let ordered = |version: &&FilterVersion| listing.emergency && version.emergency.is_some();
            let wanted = versions.iter().rev().find(of_state).or_else(|| versions.iter().rev().find(ordered));
            wanted.or_else(|| versions.iter().rev().find(|version| version.is_in_force())).or(versions.last()).cloned()
        };
        let found = ids.iter().filter_map(|id| versions.remove(id)).filter_map(|versions| shown(&versions)).collect();
        Ok((found, next))
    }

    #[expect(clippy::too_many_arguments, reason = "an entry of the audit trail has so many facts")]
    pub(super) async fn note(
        &self,
        tx: &impl ConnectionTrait,
        id: FilterId,
        version: u32,
        action: &'static str,
        subject: &str,
        detail: String,
        at: Timestamp,
        epoch: Option<u64>,
    ) -> Result<(), ManagementError> {
        self.counters.filter_changes.inc();
        let change = Change { id, version, action, subject: subject.to_owned(), detail };
        filters::append_change(tx, change, at, epoch).await
    }
}

fn action_of(target: Target) -> &'static str {
    match target {
        Target::Active => "activated",
        Target::Shadow => "shadowed",
        Target::Retired => "retired",
    }
}

async fn latest(db: &impl ConnectionTrait, id: FilterId) -> Result<FilterVersion, ManagementError> {
    filters::versions(db, id).await?.pop().ok_or(ManagementError::UnknownFilter(id))
}

fn pick(versions: &[FilterVersion], id: FilterId, number: u32) -> Result<&FilterVersion, ManagementError> {
    versions.iter().find(|version| version.version == number).ok_or(ManagementError::UnknownFilterVersion(id, number))
}
