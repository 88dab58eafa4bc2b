//! Lists, their versions, who asked for what, and the audit trail of changes and looks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use risk_filters::{CodeKind, FilterList, FilterState};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Sql;

use super::{from_name, from_text, time, to_text};
use crate::{
    ManagementError,
    domain::{
        approval::{Target, Voice},
        list::{ListContent, NewList, Readers},
        wire_name,
    },
};

/// A list without what is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its name.
    pub name: String,
    /// What its entries are.
    pub kind: CodeKind,
    /// What it is for.
    pub title: String,
    /// The compartment it belongs to.
    pub compartment: String,
    /// Who may see its entries.
    pub readers: Readers,
    /// When it was first written.
    pub created_at: Timestamp,
    /// Versions, ascending.
    pub versions: Vec<ListVersion>,
}

/// A version without what is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// From 1.
    pub version: u32,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
    /// First moment at which it holds.
    pub valid_from: Timestamp,
    /// End of validity, exclusive.
    pub valid_to: Option<Timestamp>,
    /// Where it stands.
    pub state: FilterState,
    /// Of its entries.
    pub digest: String,
    /// How many entries it has.
    pub size: u64,
    /// Who asked for what.
    pub approvals: Vec<Asked>,
}

/// The state asked for, who asked, and when.
pub type Asked = (Target, Voice, Timestamp);

impl List {
    /// The version with this number.
    pub fn version(&self, number: u32) -> Result<&ListVersion, ManagementError> {
        let found = self.versions.iter().find(|version| version.version == number);
        found.ok_or_else(|| ManagementError::UnknownListVersion(self.name.clone(), number))
    }

    /// The highest version in force, or else the latest.
    pub fn shown(&self) -> Option<&ListVersion> {
        let in_force = self.versions.iter().rev().find(|version| version.state == FilterState::Active);
        in_force.or(self.versions.last())
    }
}

/// One list with its versions.
const ONE: Sql = Sql::both(
    "SELECT l.name, l.kind, l.title, l.compartment, l.readers, l.created_at, v.version, v.author, \
    v.created_at, v.valid_from, v.valid_to, v.state, v.digest, v.size FROM list l \
    JOIN list_version v ON v.name = l.name WHERE l.name = $1 ORDER BY v.version",
);

/// Lists behind `after`, by name, with the versions of each.
const PAGE: Sql = Sql::both(
    "WITH page AS (SELECT * FROM list WHERE name > $1 ORDER BY name LIMIT $2) \
    SELECT l.name, l.kind, l.title, l.compartment, l.readers, l.created_at, v.version, v.author, v.created_at, \
    v.valid_from, v.valid_to, v.state, v.digest, v.size FROM page l JOIN list_version v ON v.name = l.name \
    ORDER BY l.name, v.version",
);

const APPROVALS: Sql = Sql::both(
    "SELECT name, version, target, subject, approver, approved_at FROM list_approval \
    WHERE name >= $1 AND name <= $2 ORDER BY approved_at, subject",
);

async fn gather(db: &impl ConnectionTrait, rows: &[QueryResult]) -> Result<Vec<List>, ManagementError> {
    let mut lists: Vec<List> = Vec::new();
    for row in rows {
        let name: String = row.try_get_by_index(0)?;
        if lists.last().is_none_or(|last| last.name != name) {
            lists.push(List {
                name,
                kind: from_name(&row.try_get_by_index::<String>(1)?)?,
                title: row.try_get_by_index(2)?,
                compartment: row.try_get_by_index(3)?,
                readers: from_text(&row.try_get_by_index::<String>(4)?)?,
                created_at: time(row.try_get_by_index(5)?)?,
                versions: Vec::new(),
            });
        }
        let version = ListVersion {
            version: row.try_get_by_index::<i64>(6)? as u32,
            author: row.try_get_by_index(7)?,
            created_at: time(row.try_get_by_index(8)?)?,
            valid_from: time(row.try_get_by_index(9)?)?,
            valid_to: row.try_get_by_index::<Option<i64>>(10)?.map(time).transpose()?,
            state: from_name(&row.try_get_by_index::<String>(11)?)?,
            digest: row.try_get_by_index(12)?,
            size: row.try_get_by_index::<i64>(13)? as u64,
            approvals: Vec::new(),
        };
        if let Some(list) = lists.last_mut() {
            list.versions.push(version);
        }
    }
    let (Some(first), Some(last)) = (lists.first(), lists.last()) else { return Ok(lists) };
    let range = [first.name.as_str().into(), last.name.as_str().into()];
    let mut approvals: BTreeMap<(String, u32), Vec<Asked>> = BTreeMap::new();
    for row in db.query_all_raw(APPROVALS.on(db, range)).await? {
        let key = (row.try_get_by_index(0)?, row.try_get_by_index::<i64>(1)? as u32);
        let voice = Voice { subject: row.try_get_by_index(3)?, approver: row.try_get_by_index(4)? };
        let target = from_name(&row.try_get_by_index::<String>(2)?)?;
        approvals.entry(key).or_default().push((target, voice, time(row.try_get_by_index(5)?)?));
    }
    for list in &mut lists {
        for version in &mut list.versions {
            version.approvals = approvals.remove(&(list.name.clone(), version.version)).unwrap_or_default();
        }
    }
    Ok(lists)
}

/// Lists with names behind `after`, at most `limit`.
pub async fn page(db: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<List>, ManagementError> {
    let rows = db.query_all_raw(PAGE.on(db, [after.into(), (limit as i64).into()])).await?;
    gather(db, &rows).await
}

/// The list with this name.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<List>, ManagementError> {
    let rows = db.query_all_raw(ONE.on(db, [name.into()])).await?;
    Ok(gather(db, &rows).await?.pop())
}

/// Adds a list without versions.
pub async fn insert(tx: &impl ConnectionTrait, list: &NewList, at: Timestamp) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO list (name, kind, title, compartment, readers, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let values = [
        list.name.as_str().into(),
        wire_name(&list.kind).into(),
        list.title.as_str().into(),
        list.compartment.as_str().into(),
        to_text(&list.readers)?.into(),
        at.as_microsecond().into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// Adds a version, as a draft.
pub async fn insert_version(
    tx: &impl ConnectionTrait,
    name: &str,
    version: u32,
    author: &str,
    content: &ListContent,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO list_version (name, version, author, created_at, valid_from, valid_to, state, digest, size, \
        entries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let values = [
        name.into(),
        version.into(),
        author.into(),
        at.as_microsecond().into(),
        content.valid_from.as_microsecond().into(),
        content.valid_to.map(Timestamp::as_microsecond).into(),
        wire_name(&FilterState::Draft).into(),
        content.digest().into(),
        (content.entries.len() as i64).into(),
        to_text(&content.entries)?.into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// What a version says.
pub async fn content(db: &impl ConnectionTrait, name: &str, version: u32) -> Result<ListContent, ManagementError> {
    let sql = Sql::both("SELECT valid_from, valid_to, entries FROM list_version WHERE name = $1 AND version = $2");
    let row = db.query_one_raw(sql.on(db, [name.into(), version.into()])).await?;
    let row = row.ok_or_else(|| ManagementError::UnknownListVersion(name.to_owned(), version))?;
    Ok(ListContent {
        valid_from: time(row.try_get_by_index(0)?)?,
        valid_to: row.try_get_by_index::<Option<i64>>(1)?.map(time).transpose()?,
        entries: from_text(&row.try_get_by_index::<String>(2)?)?,
    })
}

/// Moves a version to a state.
pub async fn set_state(
    tx: &impl ConnectionTrait,
    name: &str,
    version: u32,
    state: FilterState,
) -> Result<(), ManagementError> {
    let sql = Sql::both("UPDATE list_version SET state = $1 WHERE name = $2 AND version = $3");
    tx.execute_raw(sql.on(tx, [wire_name(&state).into(), name.into(), version.into()])).await?;
    Ok(())
}

/// Records one person's word; saying it again changes nothing.
pub async fn record_approval(
    tx: &impl ConnectionTrait,
    name: &str,
    version: u32,
    target: Target,
    voice: &Voice,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO list_approval (name, version, target, subject, approver, approved_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    );
    let values = [
        name.into(),
        version.into(),
        wire_name(&target).into(),
        voice.subject.as_str().into(),
        voice.approver.into(),
        at.as_microsecond().into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// The versions in force, as they are distributed.
pub async fn in_force(db: &impl ConnectionTrait) -> Result<Vec<FilterList>, ManagementError> {
    let sql = Sql::both(
        "SELECT l.name, l.kind, v.version, v.valid_from, v.valid_to, v.entries FROM list l \
        JOIN list_version v ON v.name = l.name WHERE v.state = 'active' ORDER BY l.name, v.version",
    );
    db.query_all_raw(sql.on(db, [])).await?.iter().map(read_definition).collect()
}

/// Of each named list the highest version in force, or else the latest.
pub async fn latest(db: &impl ConnectionTrait, names: &[String]) -> Result<Vec<FilterList>, ManagementError> {
    let sql = Sql {
        sqlite: "SELECT l.name, l.kind, v.version, v.valid_from, v.valid_to, v.entries FROM list l \
            JOIN list_version v ON v.name = l.name AND v.version = (SELECT version FROM list_version \
            WHERE name = l.name ORDER BY state = 'active' DESC, version DESC LIMIT 1) \
            WHERE l.name IN (SELECT value FROM json_each($1)) ORDER BY l.name",
        postgres: "SELECT l.name, l.kind, v.version, v.valid_from, v.valid_to, v.entries FROM list l \
            JOIN list_version v ON v.name = l.name AND v.version = (SELECT version FROM list_version \
            WHERE name = l.name ORDER BY state = 'active' DESC, version DESC LIMIT 1) \
            WHERE l.name IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY l.name",
    };
    db.query_all_raw(sql.on(db, [to_text(&names)?.into()])).await?.iter().map(read_definition).collect()
}

fn read_definition(row: &QueryResult) -> Result<FilterList, ManagementError> {
    Ok(FilterList {
        name: row.try_get_by_index(0)?,
        kind: from_name(&row.try_get_by_index::<String>(1)?)?,
        version: row.try_get_by_index::<i64>(2)? as u32,
        valid_from: time(row.try_get_by_index(3)?)?,
        valid_to: row.try_get_by_index::<Option<i64>>(4)?.map(time).transpose()?,
        entries: from_text(&row.try_get_by_index::<String>(5)?)?,
    })
}

/// Names and kinds of the lists that have a version which is not retired; of those in force alone when `in_force`.
pub async fn names(db: &impl ConnectionTrait, in_force: bool) -> Result<Vec<(String, CodeKind)>, ManagementError> {
    let sql = Sql::both(
        "SELECT name, kind FROM list l WHERE EXISTS (SELECT 1 FROM list_version v WHERE v.name = l.name \
        AND (v.state = 'active' OR (v.state = 'draft' AND NOT $1))) ORDER BY name",
    );
    let rows = db.query_all_raw(sql.on(db, [in_force.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, from_name(&row.try_get_by_index::<String>(1)?)?))).collect()
}

/// An entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the trail.
    pub sequence: i64,
    /// The version it concerns, where it concerns one.
    pub version: Option<u32>,
    /// What was done.
    pub action: String,
    /// By whom.
    pub subject: String,
    /// Why, where that was said.
    pub reason: Option<String>,
    /// When (domain time).
    pub at: Timestamp,
    /// The epoch it led to; none when nothing in force changed.
    pub epoch: Option<u64>,
}

/// What happened to a list.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// The version it concerns, where it concerns one.
    pub version: Option<u32>,
    /// What was done.
    pub action: &'static str,
    /// By whom.
    pub subject: &'a str,
    /// Why, where that was said.
    pub reason: Option<&'a str>,
    /// The epoch it led to; none when nothing in force changed.
    pub epoch: Option<u64>,
}

/// Appends to the audit trail.
pub async fn append_event(
    tx: &impl ConnectionTrait,
    name: &str,
    event: NewEvent<'_>,
    at: Timestamp,
) -> Result<(), ManagementError> {
    let sql = Sql::both(
        "INSERT INTO list_event (name, version, action, subject, reason, happened_at, epoch) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let values = [
        name.into(),
        event.version.into(),
        event.action.into(),
        event.subject.into(),
        event.reason.map(str::to_owned).into(),
        at.as_microsecond().into(),
        event.epoch.map(|epoch| epoch as i64).into(),
    ];
    tx.execute_raw(sql.on(tx, values)).await?;
    Ok(())
}

/// The audit trail of a list behind `after`, at most `limit`.
pub async fn events(
    db: &impl ConnectionTrait,
    name: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<Event>, ManagementError> {
    let sql = Sql::both(
        "SELECT seq, version, action, subject, reason, happened_at, epoch FROM list_event \
        WHERE name = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    );
    let rows = db.query_all_raw(sql.on(db, [name.into(), after.into(), (limit as i64).into()])).await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                sequence: row.try_get_by_index(0)?,
                version: row.try_get_by_index::<Option<i64>>(1)?.map(|version| version as u32),
                action: row.try_get_by_index(2)?,
                subject: row.try_get_by_index(3)?,
                reason: row.try_get_by_index(4)?,
                at: time(row.try_get_by_index(5)?)?,
                epoch: row.try_get_by_index::<Option<i64>>(6)?.map(|epoch| epoch as u64),
            })
        })
        .collect()
}
