//! Sets the administration up before its first day: offices, plans, risks, filters.

use selection::CapacityPlan;
use trade_simulator::{World, WorldSpec};

use super::api::Api;

/// Puts everything in place. Doing it again changes nothing.
pub async fn install(spec: &WorldSpec, world: &World, api: &Api) -> anyhow::Result<()> {
    let offices = world.offices();
    for office in &offices {
        api.put_office(office).await?;
    }
    let plans: Vec<_> = world
        .capacity()
        .into_iter()
        .map(|capacity| {
            let office = offices.iter().find(|office| office.code == capacity.office);
            let time_zone = office.map_or("UTC", |office| office.time_zone.as_str());
            CapacityPlan {
                physical_per_day: capacity.physical_per_day,
                documentary_per_day: capacity.documentary_per_day,
                declarations_per_day: capacity.declarations_per_day,
                random_share: spec.random_share_of_physical,
                exploration_share: spec.exploration_share,
                ..CapacityPlan::of(capacity.office, time_zone)
            }
        })
        .collect();
    api.put_plans(&plans).await?;
    api.put_risks(&world.risks(), spec.start).await?;
    api.install_filters(&world.filters(), spec.start).await
}
