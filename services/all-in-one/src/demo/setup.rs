//! Sets the administration up before its first day: offices, plans, filters.

use customs::Channel;
use selection::{CapacityPlan, PlanWeights};
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
            CapacityPlan {
                time_zone: office.map_or_else(|| "UTC".to_owned(), |office| office.time_zone.clone()),
                office: capacity.office,
                physical_per_day: capacity.physical_per_day,
                documentary_per_day: capacity.documentary_per_day,
                scans_per_day: 0.0,
                declarations_per_day: capacity.declarations_per_day,
                random_share: spec.random_share_of_physical,
                exploration_share: spec.exploration_share,
                opening_carry: CapacityPlan::RECOMMENDED_CARRY,
                physical_ceiling_percent: None,
                physical_minutes: (90.0, 10.0),
                shifts: Vec::new(),
                exploration: selection::Exploration::default(),
                exploration_weight: 1.0,
                weights: PlanWeights::default(),
                fail_safe: Channel::Orange,
            }
        })
        .collect();
    api.put_plans(&plans).await?;
    api.install_filters(&world.filters(), spec.start).await
}
