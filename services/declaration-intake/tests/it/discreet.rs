//! Who lodges learns the channel and the orders: neither words, nor statuses, nor the time that answers take tell more.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use customs::Channel;
use rest::{Principal, Role};
use serde_json::Value;

use crate::world::{World, numbered};

/// Every field that a customs system may see, of a declaration and of the feed.
const SEEN: [&str; 25] = [
    "acceptedAt",
    "arrivedAt",
    "cancelledAt",
    "channel",
    "channelVersion",
    "cursor",
    "decidedAt",
    "declarant",
    "declaration",
    "extent",
    "failSafe",
    "id",
    "items",
    "kind",
    "method",
    "next",
    "office",
    "openControls",
    "orders",
    "presentedAt",
    "reason",
    "reference",
    "state",
    // Of an order's extent: all of the goods, or which items.
    "type",
    "version",
];
/// What `reason` may say: how the channel came about, never why these goods.
const REASONS: [&str; 4] = ["selection", "failSafe", "escalation", "extraordinary"];

fn fields(value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if name == "reason" {
                    assert!(REASONS.contains(&value.as_str().unwrap()), "{value}");
                }
                seen.insert(name.clone());
                fields(value, seen);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, seen)),
        _ => {}
    }
}

struct Trader<'a> {
    world: &'a World,
    http: reqwest::Client,
    token: String,
}

impl<'a> Trader<'a> {
    fn new(world: &'a World) -> Self {
        let token = world.keys.issue(&Principal::new("trader", [Role::CustomsSystem]), Duration::from_mins(10));
        Self { world, http: clients::http::http().unwrap(), token }
    }

    /// The answer: status, headers' names and body.
    async fn get(&self, path: &str) -> (u16, BTreeSet<String>, Value) {
        let answer = self.http.get(format!("{}{path}", self.world.url)).bearer_auth(&self.token).send().await.unwrap();
        let headers = answer.headers().keys().map(ToString::to_string).collect();
        (answer.status().as_u16(), headers, answer.json().await.unwrap())
    }
}

#[tokio::test]
async fn examined_and_released_goods_are_told_apart_by_channel_and_orders_alone() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for (number, channel) in [(1, Channel::Green), (2, Channel::Red)] {
        let id = world.client().lodge(&numbered(number), false).await.unwrap().id;
        world.decide(id, 1, channel).await;
        ids.push(id);
    }
    let trader = Trader::new(&world);
    let green = trader.get(&format!("/v1/declarations/{}", ids[0])).await;
    let red = trader.get(&format!("/v1/declarations/{}", ids[1])).await;
    assert_eq!((green.0, &green.1), (red.0, &red.1));
    let (mut of_green, mut of_red) = (green.2.as_object().unwrap().clone(), red.2.as_object().unwrap().clone());
    for own in ["id", "reference", "channel", "orders"] {
        assert!(of_green.remove(own).is_some() && of_red.remove(own).is_some(), "{own}");
    }
    assert_eq!(of_green, of_red);

    let mut seen = BTreeSet::new();
    for value in [&green.2, &red.2, &trader.get("/v1/channels").await.2] {
        fields(value, &mut seen);
    }
    let unforeseen: Vec<_> = seen.iter().filter(|name| !SEEN.contains(&name.as_str())).collect();
    assert!(unforeseen.is_empty(), "{unforeseen:?}");
    world.stop().await;
}

#[tokio::test]
async fn time_of_an_answer_does_not_tell_the_channel() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        let channel = if number % 2 == 0 { Channel::Green } else { Channel::Red };
        let id = world.client().lodge(&numbered(number), false).await.unwrap().id;
        world.decide(id, 1, channel).await;
        ids.push(id);
    }
    let trader = Trader::new(&world);
    let mut times = [Vec::new(), Vec::new()];
    // In turns, so that whatever else the machine does falls on both.
    for round in 0..400 {
        let started = Instant::now();
        trader.get(&format!("/v1/declarations/{}", ids[round % ids.len()])).await;
        times[round % 2].push(started.elapsed());
    }
    // The least of many tells the work itself: whatever else the machine does only ever adds to it. That leaves room for
    // what a loaded machine does, not for another query or another page of orders.
    let [green, red] = times.map(|times| times.into_iter().min().unwrap());
    let (less, more) = (green.min(red), green.max(red));
    assert!(more < less * 2 + Duration::from_micros(500), "green {green:?}, red {red:?}");
    world.stop().await;
}
