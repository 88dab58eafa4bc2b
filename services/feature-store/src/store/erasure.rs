//! Taking a person out of the log, of what was lodged, of cases and of the counts of data quality.
//!
//! Facts hold hashes of what was lodged. Where the person's stands, the hash of the pseudonym stands afterwards, so that
//! what was found of them still counts, for nobody in particular. Vectors and labels are numbers and stay.

use std::collections::BTreeSet;

use customs::DeclarationId;
use events::{Mask, PersonErased};
use features::quality::{SourceKind, Tally};
use features::{Fact, Token};
use sea_orm::ConnectionTrait;
use store::Sql;
use store::erasure::{Erases, Key, Named, Rows};

use crate::ServiceError;
use crate::domain::blocks::Unpacked;
use crate::store::{hex_array, quality, read};

const FINDINGS: Erases = Erases {
    table: "found_case",
    keys: &[Key::Id("control"), Key::Number("version"), Key::Number("item")],
    named: &[Named::Json("findings")],
};
const REWRITE: Sql = Sql::both("UPDATE fact SET body = $1 WHERE sequence = $2");
const BLOCK: Sql = Sql::both("SELECT first, text FROM lodged WHERE first <= $1 AND last >= $1");
const REPACK: Sql = Sql::both("UPDATE lodged SET text = $1 WHERE first = $2");
/// In the profiles of cases of the declarations `$3` puts `$2` for `$1`.
const PROFILES: Sql = Sql {
    sqlite: "UPDATE found_case SET profile = replace(profile, $1, $2) \
        WHERE declaration IN (SELECT unhex(value) FROM json_each($3))",
    postgres: "UPDATE found_case SET profile = replace(profile, $1, $2) \
        WHERE declaration IN (SELECT value::uuid FROM jsonb_array_elements_text($3::jsonb))",
};

/// Takes a person out of everything. Returns one of the facts that read otherwise now, where there is any: then the online
/// features are no longer what the log gives.
pub async fn erase(tx: &impl ConnectionTrait, erased: &PersonErased) -> Result<Option<Fact>, ServiceError> {
    let mask = Mask::of(erased);
    let (person, other) = (Token::of(&erased.person), Token::of(&erased.pseudonym));
    let (mut places, mut last) = (BTreeSet::new(), None);
    for (sequence, fact) in read::facts_of(tx, erased.declarations.iter().copied()).await? {
        let Fact::Lodged(mut lodged) = fact else { continue };
        places.insert(sequence);
        if lodged.outline.replace(person, other) {
            let fact = Fact::Lodged(lodged);
            tx.execute_raw(REWRITE.on(tx, [fact.to_bytes().into(), (sequence as i64).into()])).await?;
            last = Some(fact);
        }
    }
    texts(tx, places, &mask).await?;
    let ids: Vec<_> = erased.declarations.iter().map(|id| id.0).collect();
    store::erase(tx, &FINDINGS, Rows::Of("declaration", &ids), &mask).await?;
    profiles(tx, &erased.declarations, person, other).await?;
    let rename = |tally: &mut Tally| tally.rename(SourceKind::Declarant, &erased.person, &erased.pseudonym);
    quality::rewrite(tx, rename).await?;
    Ok(last)
}

/// Takes the person out of what was lodged at these places of the log.
async fn texts(tx: &impl ConnectionTrait, mut places: BTreeSet<u64>, mask: &Mask) -> Result<(), ServiceError> {
    while let Some(place) = places.first().copied() {
        // What was lodged may be forgotten already.
        if let Some(row) = tx.query_one_raw(BLOCK.on(tx, [(place as i64).into()])).await? {
            let (first, packed): (i64, Vec<u8>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let block = Unpacked::new(&packed).ok_or(ServiceError::Stored("block"))?;
            let without = |sequence, text: &str| places.contains(&sequence).then(|| mask.json(text)).flatten();
            if let Some(rewritten) = block.rewritten(without) {
                tx.execute_raw(REPACK.on(tx, [rewritten.into(), first.into()])).await?;
            }
            block.entries().for_each(|(sequence, _)| {
                places.remove(&sequence);
            });
        }
        places.remove(&place);
    }
    Ok(())
}

async fn profiles(
    tx: &impl ConnectionTrait,
    declarations: &[DeclarationId],
    person: Token,
    other: Token,
) -> Result<(), ServiceError> {
    let trader = |token: Token| format!("\"trader\":{},", token.0);
    let ids = hex_array(declarations.iter().map(|id| id.0));
    tx.execute_raw(PROFILES.on(tx, [trader(person).into(), trader(other).into(), ids.into()])).await?;
    Ok(())
}
