//! Asking what became of the declarations that took part in a rollout.

use jiff::Timestamp;
use rollout::{ArmReport, FindingsAtWeight, LetThrough, ScoreCell};
use sea_orm::{ConnectionTrait, Value};
use store::Sql;
use uuid::Uuid;

use crate::ServiceError;

/// What was decided, by side: declarations, degraded, slow, ordered for a physical examination by the model, by anything.
const ARMS: &str = "\
SELECT candidate, count(*), CAST(sum(degraded) AS BIGINT),
    CAST(sum(CASE WHEN latency_ms > $3 THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(by_model) AS BIGINT),
    CAST(sum(physical) AS BIGINT)
FROM trial_exposure WHERE rollout = $1 AND decided_at >= $2 GROUP BY candidate ORDER BY candidate";

/// Final results of physical examinations that the selection itself ordered, of declarations decided until `$3`.
const LABELS: &str = "\
SELECT e.candidate, e.weight, e.by_model, count(*),
    CAST(sum(CASE WHEN c.outcome = 'finding' THEN 1 ELSE 0 END) AS BIGINT)
FROM trial_exposure e JOIN control c ON c.declaration = e.declaration AND c.selection = e.selection
WHERE e.rollout = $1 AND e.decided_at >= $2 AND e.decided_at <= $3 AND c.method = 'physical' AND c.result_version > 0
    AND c.stage <> 'preliminary' AND c.outcome <> 'notExamined'
GROUP BY e.candidate, e.weight, e.by_model ORDER BY e.weight, e.candidate, e.by_model";

/// Declarations that both scored, by their bins.
const CELLS: &str = "\
SELECT cell, count(*) FROM trial_exposure
WHERE rollout = $1 AND decided_at >= $2 AND cell IS NOT NULL GROUP BY cell ORDER BY cell";

/// Declarations that the candidate let through though the champion held them more suspect: by their places among all that both
/// scored, ties in the middle, for a bad candidate may say high probabilities of everything.
const LET_THROUGH: &str = "\
SELECT declaration, office, decided_at, champion_probability, candidate_probability FROM (
    SELECT declaration, office, decided_at, champion_probability, candidate_probability, candidate, physical,
        rank() OVER (ORDER BY champion_probability) - rank() OVER (ORDER BY champion_probability DESC) AS by_champion,
        rank() OVER (ORDER BY candidate_probability) - rank() OVER (ORDER BY candidate_probability DESC) AS by_candidate
    FROM trial_exposure WHERE rollout = $1 AND decided_at >= $2
        AND champion_probability IS NOT NULL AND candidate_probability IS NOT NULL
) AS placed
WHERE candidate = 1 AND physical = 0 AND by_champion > by_candidate
ORDER BY champion_probability DESC, declaration LIMIT $3";

/// Both sides of a rollout since a moment.
#[derive(Debug, Default)]
pub struct Arms {
    /// What the champion decided.
    pub champion: ArmReport,
    /// What the candidate decided.
    pub candidate: ArmReport,
    /// Physical examinations, whatever ordered them.
    pub examinations: u64,
    /// Of these, with a result that counts.
    pub matured: u64,
    /// Findings that a model's order led to, by share.
    pub findings: Vec<FindingsAtWeight>,
}

impl Arms {
    fn of(&mut self, candidate: i64) -> &mut ArmReport {
        if candidate == 1 { &mut self.candidate } else { &mut self.champion }
    }
}

/// What was decided since `from`, and what is known of it: results count of what was decided until `matured`.
pub async fn arms(
    db: &impl ConnectionTrait,
    rollout: &str,
    from: i64,
    matured: i64,
    slow_ms: i64,
) -> Result<Arms, ServiceError> {
    let mut arms = Arms::default();
    let parameters: [Value; 3] = [rollout.into(), from.into(), slow_ms.into()];
    for row in db.query_all_raw(Sql::both(ARMS).on(db, parameters)).await? {
        let count = |at| row.try_get_by_index::<i64>(at).map(|count| count as u64);
        let physical = count(5)?;
        let arm = arms.of(row.try_get_by_index(0)?);
        (arm.declarations, arm.degraded, arm.slow, arm.examined) = (count(1)?, count(2)?, count(3)?, count(4)?);
        arms.examinations += physical;
    }
    let parameters: [Value; 3] = [rollout.into(), from.into(), matured.into()];
    for row in db.query_all_raw(Sql::both(LABELS).on(db, parameters)).await? {
        let (candidate, weight, by_model): (i64, i64, i64) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (labels, found): (i64, i64) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        arms.matured += labels as u64;
        if by_model == 0 {
            continue;
        }
        let arm = arms.of(candidate);
        arm.matured += labels as u64;
        arm.findings += found as u64;
        let weight = weight as u16;
        if arms.findings.last().is_none_or(|last| last.weight != weight) {
            arms.findings.push(FindingsAtWeight { weight, candidate: 0, champion: 0 });
        }
        if let Some(last) = arms.findings.last_mut() {
            *(if candidate == 1 { &mut last.candidate } else { &mut last.champion }) += found as u64;
        }
    }
    Ok(arms)
}

/// The scores of both.
pub async fn cells(db: &impl ConnectionTrait, rollout: &str, from: i64) -> Result<Vec<ScoreCell>, ServiceError> {
    let rows = db.query_all_raw(Sql::both(CELLS).on(db, [rollout.into(), from.into()])).await?;
    rows.iter()
        .map(|row| {
            let (cell, declarations): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok(ScoreCell {
                champion: (cell / 64) as u8,
                candidate: (cell % 64) as u8,
                declarations: declarations as u64,
            })
        })
        .collect()
}

/// What the candidate let through since `from`, the champion's greatest suspicion first, at most `limit`.
pub async fn let_through(
    db: &impl ConnectionTrait,
    rollout: &str,
    from: i64,
    limit: i64,
) -> Result<Vec<LetThrough>, ServiceError> {
    let parameters: [Value; 3] = [rollout.into(), from.into(), limit.into()];
    let rows = db.query_all_raw(Sql::both(LET_THROUGH).on(db, parameters)).await?;
    rows.iter()
        .map(|row| {
            let declaration: Uuid = row.try_get_by_index(0)?;
            let decided_at = Timestamp::from_microsecond(row.try_get_by_index(2)?);
            Ok(LetThrough {
                declaration: declaration.to_string(),
                office: row.try_get_by_index(1)?,
                decided_at: decided_at.map_err(|_| ServiceError::Stored("time"))?,
                champion: row.try_get_by_index(3)?,
                candidate: row.try_get_by_index(4)?,
            })
        })
        .collect()
}
