//! What the world remembers of a declaration.

use customs::{Channel, Declaration, Method};

use crate::Truth;
use crate::lodging::Offence;
use crate::traders::Pick;

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) pick: Pick,
    pub(super) items: u32,
    /// Microseconds since 1970.
    pub(super) arrival: i64,
    pub(super) truth: Truth,
    pub(super) offence: Option<Box<Offence>>,
    pub(super) channel: Option<Channel>,
    /// How many channels were told: a release that was due under an earlier one does not happen.
    pub(super) round: u32,
    pub(super) cancelled: bool,
    pub(super) released: bool,
    /// Its goods were presented for examination: once, however often they are examined.
    pub(super) presented: bool,
    /// When the goods were, or will be, examined last; microseconds since 1970.
    pub(super) examined: Option<i64>,
    pub(super) version: u32,
    examinations: [u8; 5],
}

impl Record {
    pub(super) fn new(
        pick: Pick,
        declaration: &Declaration,
        truth: Truth,
        offence: Option<Offence>,
        arrival: i64,
    ) -> Self {
        Self {
            pick,
            items: declaration.items.len() as u32,
            arrival,
            truth,
            offence: offence.map(Box::new),
            channel: None,
            round: 0,
            cancelled: false,
            released: false,
            presented: false,
            examined: None,
            version: 1,
            examinations: [0; 5],
        }
    }

    /// The same consignment, lodged again.
    pub(super) fn again(&self, arrival: i64) -> Self {
        Self {
            arrival,
            channel: None,
            round: 0,
            cancelled: false,
            released: false,
            presented: false,
            examined: None,
            version: 1,
            examinations: [0; 5],
            ..self.clone()
        }
    }

    /// How many examinations by `method` there were before this one.
    pub(super) fn count(&mut self, method: Method) -> u64 {
        let count = &mut self.examinations[method as usize];
        *count = count.saturating_add(1);
        u64::from(*count - 1)
    }
}
