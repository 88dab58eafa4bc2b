//! Several scorers on one database and one stream.

use std::collections::BTreeMap;

use customs::Method;
use events::{Envelope, Service as Name};
use futures_util::future::join_all;
use jiff::{civil::Date, tz::TimeZone};
use lifecycle::Shutdown;
use queue::Stream;

use crate::world::{World, accepted, capacity, filter, filters, lodged};

/// Declarations of four days, at 96 a day.
const DECLARATIONS: u32 = 384;
const PER_DAY: f64 = 6.0;
const SCORERS: usize = 4;

#[tokio::test]
async fn four_scorers_on_one_office_never_exceed_its_capacity() {
    let mut world = World::new().await;
    world.batch = 7;
    // Every declaration is worth an examination: only capacity holds them back.
    let all = filter("ALL", "declaration.regime == '10'", false);
    world.handle(&[capacity(1, PER_DAY), filters(1, vec![all])]).await;
    let mut scorers = Vec::new();
    for _ in 0..SCORERS {
        scorers.push(world.beside().await);
    }
    let lodged: Vec<Envelope> = (0..DECLARATIONS).map(|number| accepted(&lodged(number))).collect();
    world.publish(&lodged).await;

    let shutdown = Shutdown::new();
    let workers: Vec<_> = scorers.iter().map(|scorer| scorer.workers().swap_remove(0)).collect();
    let all_decided = async {
        let stream = Stream::of(Name::Scoring);
        while world.deps.queue.depth(&stream).await.unwrap().unfinished > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        shutdown.trigger();
    };
    let working = join_all(workers.iter().map(|worker| worker.run(shutdown.clone())));
    let (ended, ()) = tokio::join!(working, all_decided);
    for ended in ended {
        ended.unwrap();
    }

    let zone = TimeZone::get("America/Lima").unwrap();
    let mut by_day = BTreeMap::<Date, f64>::new();
    let selections = world.selections().await;
    assert_eq!(selections.len(), DECLARATIONS as usize);
    for selection in &selections {
        let physical = selection.orders.iter().filter(|order| order.method == Method::Physical && !order.over_plan);
        *by_day.entry(selection.decided_at.to_zoned(zone.clone()).date()).or_default() += physical.count() as f64;
    }
    let (mut allowed, mut ordered) = (customs_carry(), 0.0);
    for (day, examined) in &by_day {
        allowed += PER_DAY;
        ordered += examined;
        assert!(ordered <= allowed, "{ordered} of {allowed} until {day}: {by_day:?}");
    }
    assert!(ordered > PER_DAY * 2.0, "capacity was used: {by_day:?}");
    // Everybody knows the end, whoever decided last.
    let others = scorers.iter().filter(|scorer| scorer.ready()).count();
    assert_eq!(others, SCORERS);
}

/// What the plan carries in at the start.
fn customs_carry() -> f64 {
    selection::CapacityPlan::RECOMMENDED_CARRY
}
