//! Drives a world with a policy that looks at nothing: every so many declarations are examined.

use customs::{Channel, ControlId, Declaration, Extent, Method};
use trade_simulator::{ChannelTold, ControlOrdered, Feedback, TickActions, World, WorldSpec};

pub const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

pub fn small(declarations: u64, seed: u64) -> WorldSpec {
    WorldSpec { declarations, seed, offices: 8, days: 60, ..WorldSpec::default() }
}

/// Every third declaration red, every other third orange.
pub fn examine_many(actions: &TickActions) -> Feedback {
    let mut feedback = Feedback::default();
    for lodgement in &actions.lodgements {
        let Declaration { acceptance_date_time: at, .. } = lodgement.declaration;
        let (channel, method) = match lodgement.key / 16 % 3 {
            0 => (Channel::Red, Some(Method::Physical)),
            1 => (Channel::Orange, Some(Method::Documentary)),
            _ => (Channel::Green, None),
        };
        feedback.channels.push(ChannelTold { key: lodgement.key, channel, at });
        if let Some(method) = method {
            let control = ControlId::derive(at, &[&lodgement.key.to_le_bytes()]);
            feedback.controls.push(ControlOrdered { control, key: lodgement.key, method, extent: Extent::Full, at });
        }
    }
    for control in &actions.extraordinary {
        let id = ControlId::derive(control.at, &[&control.key.to_le_bytes()]);
        let (key, method, at) = (control.key, control.method, control.at);
        feedback.controls.push(ControlOrdered { control: id, key, method, extent: Extent::Full, at });
    }
    feedback
}

/// Runs the world to its end and `days` beyond, in ticks of `step`, and returns what happened with the feedback given.
pub fn run(
    spec: WorldSpec,
    step: jiff::SignedDuration,
    days: i32,
    policy: impl Fn(&TickActions) -> Feedback,
) -> (World, Vec<(TickActions, Feedback)>) {
    let mut world = World::new(spec).expect("a valid specification");
    let mut from = world.start();
    let last = world.end() + DAY * days;
    let mut log = Vec::new();
    while from < last {
        let actions = world.tick(from, from + step);
        let feedback = policy(&actions);
        world.observe(&feedback);
        log.push((actions, feedback));
        from += step;
    }
    (world, log)
}

pub fn silent(_: &TickActions) -> Feedback {
    Feedback::default()
}

pub fn declarations(log: &[(TickActions, Feedback)]) -> impl Iterator<Item = (u64, &Declaration)> {
    log.iter()
        .flat_map(|(actions, _)| actions.lodgements.iter())
        .map(|lodgement| (lodgement.key, &lodgement.declaration))
}
