//! What habitual traders do when they are caught: lie low, change the name, the goods or the broker, or go on.

use crate::WorldSpec;
use crate::calendar::days;
use crate::draw::{Purpose, Stream};
use crate::traders::Market;

/// The trader in `index` learns at `now` that he was caught.
pub(crate) fn react(spec: &WorldSpec, market: &mut Market, index: u32, now: i64) {
    let slot = market.slot_mut(index);
    if slot.habit.is_none() || spec.null_world {
        return;
    }
    let catches = slot.count_catch();
    let mut stream = Stream::new(spec.seed, Purpose::Adaptation, u64::from(index), u64::from(catches));
    if !stream.chance(spec.adaptation) {
        return;
    }
    match stream.weighted([0.25, 0.35, 0.2, 0.2].into_iter()) {
        0 => slot.dormant_until = now + days(stream.between(30.0, 120.0)),
        1 => slot.next_generation(spec.seed, index, now),
        2 => slot.switch_goods(),
        _ => slot.switch_broker(),
    }
}
