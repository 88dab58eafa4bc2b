//! Writing and closing risks, and what covers them.

use std::collections::BTreeMap;

use customs::{Direction, ModelVersionId};
use risk_filters::FilterState;

use super::{App, source::FilterFigures};
use crate::{
    ManagementError,
    domain::{Fault, risk::NewRisk},
    store::{
        models,
        risks::{self, NamingFilter, RiskVersion},
    },
};

/// Risks read at a time.
const CHUNK: u64 = 500;

/// What covers a risk.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The risk.
    pub risk: RiskVersion,
    /// The filters that name it, by state and code: of each the version in force, or else the latest.
    pub filters: Vec<NamingFilter>,
    /// The models that decide where it may happen.
    pub models: Vec<(Direction, ModelVersionId)>,
    /// What its filters brought together; none when performance monitoring does not answer.
    pub figures: Option<FilterFigures>,
}

impl App {
    /// Adds a risk. The same content under the same code again is the same risk.
    pub async fn create_risk(&self, author: &str, content: &NewRisk) -> Result<(RiskVersion, bool), ManagementError> {
        content.validate().map_err(ManagementError::RiskInvalid)?;
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let mut versions = risks::versions(&tx, &content.code).await?;
        if !versions.is_empty() {
            let first = versions.swap_remove(0);
            return if first.content == *content {
                Ok((first, false))
            } else {
                Err(ManagementError::RiskCodeTaken(content.code.clone()))
            };
        }
        risks::insert(&tx, &content.code, at).await?;
        risks::insert_version(&tx, 1, author, content, at).await?;
        let written = last(&content.code, risks::versions(&tx, &content.code).await?)?;
        tx.commit().await?;
        Ok((written, true))
    }

    /// Writes a new version of a risk. The content of the latest version again is that version.
    pub async fn update_risk(
        &self,
        author: &str,
        code: &str,
        content: &NewRisk,
    ) -> Result<(RiskVersion, bool), ManagementError> {
        content.validate().map_err(ManagementError::RiskInvalid)?;
        if content.code != code {
            let fault = Fault::new("/code", "code-fixed", format!("the code of risk {code} stays"));
            return Err(ManagementError::RiskInvalid(vec![fault]));
        }
        let at = self.clock.now();
        let tx = self.db.begin().await?;
        let before = last(code, risks::versions(&tx, code).await?)?;
        if before.closed.is_some() {
            return Err(ManagementError::RiskClosed(code.to_owned()));
        }
        if before.content == *content {
            return Ok((before, false));
        }
        risks::insert_version(&tx, before.version + 1, author, content, at).await?;
        let written = last(code, risks::versions(&tx, code).await?)?;
        tx.commit().await?;
        Ok((written, true))
    }

    /// Closes a risk that no filter in force names. Closing it again changes nothing.
    pub async fn close_risk(&self, by: &str, code: &str) -> Result<RiskVersion, ManagementError> {
        let tx = self.db.begin().await?;
        last(code, risks::versions(&tx, code).await?)?;
        let naming = risks::naming(&tx, Some(code)).await?;
        if let Some(filter) = naming.into_iter().find(|filter| is_in_force(filter.state)) {
            return Err(ManagementError::RiskInUse { risk: code.to_owned(), filter: filter.filter });
        }
        risks::close(&tx, code, by, self.clock.now()).await?;
        let closed = last(code, risks::versions(&tx, code).await?)?;
        tx.commit().await?;
        Ok(closed)
    }

    /// Every open risk with what covers it, by code.
    pub async fn risk_coverage(&self) -> Result<Vec<Covered>, ManagementError> {
        let db = self.db.reader();
        let mut all: Vec<RiskVersion> = Vec::new();
        loop {
            let after = all.last().map_or("", |risk| risk.content.code.as_str()).to_owned();
            let page = risks::latest(db, &after, CHUNK).await?;
            let ended = (page.len() as u64) < CHUNK;
            all.extend(page);
            if ended {
                break;
            }
        }
        let naming = shown(risks::naming(db, None).await?);
        let routes = models::routes(db).await?;
        // What was measured is another service's; coverage itself does not depend on it.
        let measured: Option<BTreeMap<String, FilterFigures>> =
            if naming.is_empty() { Some(BTreeMap::new()) } else { self.sources.statistics.figures().await.ok() };
        let covered = all.into_iter().filter(|risk| risk.closed.is_none()).map(|risk| {
            let code = &risk.content.code;
            let filters: Vec<NamingFilter> = naming.iter().filter(|filter| filter.risk == *code).cloned().collect();
            let models = routes
                .iter()
                .filter(|route| risk.content.direction.is_none_or(|direction| direction == route.direction))
                .filter(|_| !risk.content.finding_kinds.is_empty())
                .map(|route| (route.direction, route.champion))
                .collect();
            let figures = measured.as_ref().map(|measured| {
                filters
                    .iter()
                    .filter_map(|filter| measured.get(&filter.filter))
                    .fold(FilterFigures::default(), FilterFigures::plus)
            });
            Covered { risk, filters, models, figures }
        });
        Ok(covered.collect())
    }

    /// Refuses a filter that names a risk which is not in the register.
    pub(super) async fn check_risk(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        risk: Option<&str>,
    ) -> Result<Option<Fault>, ManagementError> {
        let Some(code) = risk else { return Ok(None) };
        let known = risks::versions(db, code).await?.pop().is_some_and(|risk| risk.closed.is_none());
        let message = format!("the risk register has no open risk {code}");
        Ok((!known).then(|| Fault::new("/risk", "unknown-risk", message)))
    }
}

fn is_in_force(state: FilterState) -> bool {
    matches!(state, FilterState::Active | FilterState::Shadow)
}

/// Of each filter the version in force, or else the latest; the active ones first.
fn shown(naming: Vec<NamingFilter>) -> Vec<NamingFilter> {
    let mut of_filter: BTreeMap<(String, String), NamingFilter> = BTreeMap::new();
    for filter in naming {
        let key = (filter.risk.clone(), filter.filter.clone());
        match of_filter.get(&key) {
            Some(held) if is_in_force(held.state) && !is_in_force(filter.state) => {}
            _ => {
                of_filter.insert(key, filter);
            }
        }
    }
    let mut shown: Vec<NamingFilter> = of_filter.into_values().collect();
    let order = |state| match state {
        FilterState::Active => 0,
        FilterState::Shadow => 1,
        FilterState::Draft => 2,
        FilterState::Retired => 3,
    };
    shown.sort_by_key(|filter| order(filter.state));
    shown
}

fn last(code: &str, mut versions: Vec<RiskVersion>) -> Result<RiskVersion, ManagementError> {
    versions.pop().ok_or_else(|| ManagementError::UnknownRisk(code.to_owned()))
}
