//! What the world does with what it is told: officers examine, traders are released.

use customs::{Channel, Method};

use crate::calendar::{DAY, HOUR, micros};
use crate::draw::{Purpose, Stream};
use crate::examination::{self, Examined};
use crate::{ChannelTold, ControlOrdered, Feedback, MovementKind};

use super::World;
use super::events::Event;

impl World {
    /// What was told and ordered since the last tick. Orders for keys that nobody knows are ignored.
    pub fn observe(&mut self, feedback: &Feedback) {
        for ordered in &feedback.controls {
            self.examine(ordered);
        }
        for told in &feedback.channels {
            self.release(told);
        }
    }

    fn examine(&mut self, ordered: &ControlOrdered) {
        let at = micros(ordered.at);
        let declaration = match self.extraordinary.get(&ordered.key) {
            Some(declaration) => *declaration,
            None => Some(ordered.key),
        };
        let due = match declaration {
            None => examination::examine_vehicle(&self.scene.spec, ordered.key, ordered.method, at, self.now),
            Some(key) => {
                let Some(record) = self.records.get_mut(&key).filter(|record| !record.cancelled) else { return };
                let number = record.count(ordered.method);
                let examined = Examined {
                    key,
                    items: record.items,
                    arrival: record.arrival,
                    truth: Some(&record.truth),
                    offence: record.offence.as_deref(),
                };
                let due = examination::examine(
                    &self.scene.spec,
                    &examined,
                    ordered.method,
                    &ordered.extent,
                    at,
                    number,
                    self.now,
                );
                let time = examination::examination_time(&due);
                if ordered.method == Method::Physical
                    && let Some(time) = time
                {
                    record.examined = Some(time);
                    let presented = (time - 2 * HOUR).max(record.arrival).max(self.now);
                    self.events.push(presented, Event::Move { key, kind: MovementKind::Presented, round: 0 });
                }
                due
            }
        };
        let officer = self.officer(ordered.key, declaration);
        for version in due {
            self.expect(declaration, ordered.key, ordered.control, &officer, version);
        }
    }

    fn officer(&self, key: u64, declaration: Option<u64>) -> String {
        let mut stream = Stream::new(self.spec().seed, Purpose::Examination, key, 1 << 61);
        let office = declaration
            .and_then(|key| self.records.get(&key))
            .or_else(|| self.records.get(&Self::declaration_behind(key)))
            .map_or(0, |record| usize::from(record.pick.office));
        let officers = &self.scene.places[office].officers;
        officers[stream.below(officers.len())].clone()
    }

    fn release(&mut self, told: &ChannelTold) {
        let mut stream = Stream::new(self.scene.spec.seed, Purpose::Release, told.key, 0);
        let Some(record) = self.records.get_mut(&told.key) else { return };
        record.round += 1;
        record.channel = Some(told.channel);
        let ready = micros(told.at).max(record.arrival);
        let wait = match told.channel {
            Channel::Green => stream.lognormal(5.0 / 24.0, 0.8).min(10.0),
            Channel::Orange => stream.lognormal(1.0, 0.4),
            Channel::Red => stream.lognormal(2.4, 0.35),
        };
        let leaves = (ready + (wait * DAY as f64) as i64).max(record.examined.map_or(0, |time| time + 4 * HOUR));
        let event = Event::Move { key: told.key, kind: MovementKind::Released, round: record.round };
        self.events.push(leaves.max(self.now), event);
    }
}
