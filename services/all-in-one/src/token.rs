//! `aforo token`: tokens from the local key set.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, ensure};
use customs::OfficeCode;
use rest::audit::Deed;
use rest::{Offices, Principal, Role};

use crate::cli::Issue;
use crate::settings::Settings;

/// Prints a token for the asked roles and offices.
pub async fn issue(options: &Issue) -> anyhow::Result<()> {
    let roles = options.role.iter().map(|name| role(name)).collect::<anyhow::Result<BTreeSet<_>>>()?;
    let offices = if options.office.is_empty() {
        Offices::All
    } else {
        Offices::Only(options.office.iter().map(|code| office(code)).collect::<anyhow::Result<_>>()?)
    };
    std::fs::create_dir_all(&options.data).with_context(|| format!("cannot make {}", options.data.display()))?;
    // On record before it is out: whoever holds it can act.
    let settings = Settings::load(options.settings.as_deref())?;
    let keys = settings.keys.tokens(&options.data, lifecycle::ProcessClock::default())?;
    let ledger = crate::audit::ledger(&settings, &options.data).await?;
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let object = format!("a token as {}", names.join(", "));
    let deed = Deed { subject: options.subject.clone(), operation: "token_issue".to_owned(), object };
    ledger.record(deed, 200).await.context("the token is not on record, and not issued")?;
    let principal = Principal { subject: options.subject.clone(), roles, offices };
    let token = keys.issue(&principal, Duration::from_hours(options.hours.into()));
    writeln!(std::io::stdout(), "{token}")?;
    Ok(())
}

/// An office as one may be set up, for no other can ever lodge or examine anything.
fn office(code: &str) -> anyhow::Result<OfficeCode> {
    let office = OfficeCode::from(code);
    ensure!(
        office.is_well_formed(),
        "`{code}` is no office; a code is one to {} letters, digits, dots, dashes or underscores",
        OfficeCode::MAX_LENGTH
    );
    Ok(office)
}

fn role(name: &str) -> anyhow::Result<Role> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(|_| {
        let known: Vec<_> = Role::ALL
            .iter()
            .filter_map(|role| serde_json::to_value(role).ok()?.as_str().map(ToOwned::to_owned))
            .collect();
        anyhow::anyhow!("there is no role `{name}`; roles are {}", known.join(", "))
    })
}
