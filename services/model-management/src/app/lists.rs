//! Writing, approving and looking at lists. A look is recorded before it is answered, and a refused one as well.

use jiff::Timestamp;
use rest::{Principal, Role};
use risk_filters::FilterState;
use sea_orm::ConnectionTrait;

use super::{App, publish};
use crate::{
    ManagementError,
    domain::{
        Fault,
        approval::{Refusal, Target, Verdict, Voice, judge},
        list::{ListContent, NewList},
    },
    store::{
        filters,
        lists::{self, List, NewEvent},
    },
};

impl App {
    /// Drafts a new list. The same content under the same name again is the same list.
    pub async fn create_list(&self, author: &Principal, new: &NewList) -> Result<(List, bool), ManagementError> {
        new.validate().map_err(ManagementError::ListInvalid)?;
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let words = self.words(&tx).await?;
        new.content.check(new.kind, words.codes()).map_err(ManagementError::ListInvalid)?;
        if let Some(list) = lists::find(&tx, &new.name).await? {
            let same = list.kind == new.kind
                && (&list.title, &list.compartment, &list.readers) == (&new.title, &new.compartment, &new.readers)
                && lists::content(&tx, &new.name, 1).await? == new.content;
            // Whether the entries are the same is as good as a look at them.
            return if same && may_see(&list, 1, author) {
                Ok((list, false))
            } else {
                Err(ManagementError::ListNameTaken(new.name.clone()))
            };
        }
        lists::insert(&tx, new, at).await?;
        lists::insert_version(&tx, &new.name, 1, &author.subject, &new.content, at).await?;
        note(&tx, &new.name, 1, "drafted", &author.subject, None, at, None).await?;
        let list = known(&tx, &new.name).await?;
        tx.commit().await?;
        Ok((list, true))
    }

    /// Drafts a new version. The content of the latest version again is that version.
    pub async fn create_list_version(
        &self,
        author: &Principal,
        name: &str,
        content: &ListContent,
    ) -> Result<(List, bool), ManagementError> {
        content.validate().map_err(ManagementError::ListInvalid)?;
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let list = known(&tx, name).await?;
        let latest = list.versions.last().map_or(0, |version| version.version);
        if !list.readers.include(author) {
            return Err(ManagementError::ListForbidden(name.to_owned()));
        }
        let words = self.words(&tx).await?;
        content.check(list.kind, words.codes()).map_err(ManagementError::ListInvalid)?;
        if lists::content(&tx, name, latest).await? == *content {
            return Ok((list, false));
        }
        lists::insert_version(&tx, name, latest + 1, &author.subject, content, at).await?;
        note(&tx, name, latest + 1, "drafted", &author.subject, None, at, None).await?;
        let list = known(&tx, name).await?;
        tx.commit().await?;
        Ok((list, true))
    }

    /// One person's word for a state of a version. Who approves must be allowed to see what is on the list.
    ///
    /// Versions do not replace each other: where two are in force the higher holds, so that one can be prepared for a
    /// date while another holds until then.
    pub async fn approve_list(
        &self,
        caller: &Principal,
        name: &str,
        number: u32,
        target: Target,
    ) -> Result<(List, bool), ManagementError> {
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let list = known(&tx, name).await?;
        let version = list.version(number)?;
        if target == Target::Shadow {
            let message = "a list is active or retired; what filters make of it is up to their own state";
            return Err(ManagementError::ListInvalid(vec![Fault::new("/state", "unknown-state", message)]));
        }
        if target == Target::Active && version.author != caller.subject && !list.readers.include(caller) {
            return Err(ManagementError::ListForbidden(name.to_owned()));
        }
        let voice = Voice { subject: caller.subject.clone(), approver: caller.has(Role::Approver) };
        let of_target = version.approvals.iter().filter(|(asked, ..)| *asked == target);
        let earlier: Vec<Voice> = of_target.map(|(_, voice, _)| voice.clone()).collect();
        let verdict = match judge(version.state, None, Some(&version.author), target, &earlier, &voice) {
            Err(Refusal::Retired) => return Err(ManagementError::ListRetired(name.to_owned(), number)),
            verdict => verdict?,
        };
        if verdict == Verdict::Unchanged {
            return Ok((list, false));
        }
        lists::record_approval(&tx, name, number, target, &voice, at).await?;
        let mut epoch = None;
        if verdict == Verdict::Effective {
            let was_in_force = version.state == FilterState::Active;
            if was_in_force && target == Target::Retired {
                self.check_unused(&tx, &list).await?;
            }
            lists::set_state(&tx, name, number, target.state()).await?;
            if was_in_force || target == Target::Active {
                epoch = Some(publish::filters(&tx, at, self.process_clock.unix_ms()).await?);
            }
        }
        let action = match (verdict, target) {
            (Verdict::Effective, Target::Active) => "activated",
            (Verdict::Effective, _) => "retired",
            _ => "asked to retire",
        };
        note(&tx, name, number, action, &voice.subject, None, at, epoch).await?;
        let list = known(&tx, name).await?;
        tx.commit().await?;
        self.relay.wake();
        Ok((list, true))
    }

    /// Refuses to take the last version in force of a list that a filter in force names.
    async fn check_unused(&self, tx: &impl ConnectionTrait, list: &List) -> Result<(), ManagementError> {
        let in_force = list.versions.iter().filter(|version| version.state == FilterState::Active);
        if in_force.count() > 1 {
            return Ok(());
        }
        let words = self.words(tx).await?;
        for filter in filters::in_force(tx).await? {
            if words.lists_of(&self.catalogue, &filter.expression).contains(&list.name) {
                return Err(ManagementError::ListInUse { list: list.name.clone(), filter: filter.code });
            }
        }
        Ok(())
    }

    /// What is on a version of a list: the one asked for, the one in force, or else the latest. Recorded.
    pub async fn look_at_list(
        &self,
        caller: &Principal,
        name: &str,
        version: Option<u32>,
        reason: Option<&str>,
    ) -> Result<(List, u32, ListContent), ManagementError> {
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let list = known(&tx, name).await?;
        let number = version.or(list.shown().map(|shown| shown.version)).unwrap_or(1);
        list.version(number)?;
        if !may_see(&list, number, caller) {
            note(&tx, name, number, "look refused", &caller.subject, reason, at, None).await?;
            tx.commit().await?;
            self.counters.list_looks_refused.inc();
            return Err(ManagementError::ListForbidden(name.to_owned()));
        }
        note(&tx, name, number, "looked", &caller.subject, reason, at, None).await?;
        let content = lists::content(&tx, name, number).await?;
        tx.commit().await?;
        self.counters.list_looks.inc();
        Ok((list, number, content))
    }
}

/// A version of a list, by the list's name.
pub type NamedVersion = (String, u32);

impl App {
    /// Whether `caller` may learn what these lists matched: it tells what is on them. Only readers of all of them may;
    /// with `action` it is written on the trail of each what they did and, in `reason`, with what. A refusal is too.
    pub async fn look_through(
        &self,
        caller: &Principal,
        lists: &[NamedVersion],
        action: Option<&'static str>,
        reason: &str,
    ) -> Result<(), ManagementError> {
        if lists.is_empty() {
            return Ok(());
        }
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let mut refused = None;
        for (name, version) in lists {
            if !known(&tx, name).await?.readers.include(caller) {
                note(&tx, name, *version, "look refused", &caller.subject, Some(reason), at, None).await?;
                refused = refused.or(Some(name));
            }
        }
        if let Some(name) = refused {
            tx.commit().await?;
            self.counters.list_looks_refused.inc();
            return Err(ManagementError::ListForbidden(name.clone()));
        }
        let Some(action) = action else { return Ok(()) };
        for (name, version) in lists {
            note(&tx, name, *version, action, &caller.subject, Some(reason), at, None).await?;
        }
        tx.commit().await?;
        self.counters.list_looks.inc_by(lists.len() as u64);
        Ok(())
    }
}

/// Readers see all versions, and an author what they have written themselves.
fn may_see(list: &List, version: u32, caller: &Principal) -> bool {
    let own = |version: &lists::ListVersion| version.author == caller.subject;
    list.readers.include(caller) || list.version(version).is_ok_and(own)
}

async fn known(db: &impl ConnectionTrait, name: &str) -> Result<List, ManagementError> {
    lists::find(db, name).await?.ok_or_else(|| ManagementError::UnknownList(name.to_owned()))
}

#[expect(clippy::too_many_arguments, reason = "an entry of the audit trail has so many facts")]
async fn note(
    tx: &impl ConnectionTrait,
    name: &str,
    version: u32,
    action: &'static str,
    subject: &str,
    reason: Option<&str>,
    at: Timestamp,
    epoch: Option<u64>,
) -> Result<(), ManagementError> {
    let event = NewEvent { version: Some(version), action, subject, reason, epoch };
    lists::append_event(tx, name, event, at).await
}
