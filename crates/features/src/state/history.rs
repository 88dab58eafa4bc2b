//! Declarations, examinations and findings of an entity, in all and in the last months.
//!
//! Everything about a declaration is filed under the day it was accepted, also what is learnt of it later: then a
//! result can be replaced without knowing when the old one came, and the recent tiles are cohorts.

/// Days of a tile.
pub const TILE_DAYS: u16 = 30;
const TILES: usize = 4;

/// How goods came to be examined: random and targeted finding rates are different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Physically, drawn at random.
    Random,
    /// Physically, for a reason.
    Targeted,
    /// By documents.
    Documentary,
}

/// Counts of one period of 30 days. Physical examinations only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// Accepted.
    pub declared: u32,
    /// Examined.
    pub examined: u32,
    /// With a standing finding.
    pub found: u32,
}

/// The history of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// Sum of additional duty of standing findings, hundredths.
    pub duty_cents: i64,
    /// Accepted (items or declarations, as the group counts).
    pub declared: u32,
    /// Examined, by [`Class`].
    pub examined: [u32; 3],
    /// With a standing finding against the trader, by [`Class`].
    pub found: [u32; 3],
    /// With a critical finding.
    pub critical: u32,
    /// The current period of 30 days (that of `last_day`) and the three before it.
    pub tiles: [Tile; TILES],
    /// First day of acceptance since 1970-01-01; [`u16::MAX`] when never seen.
    pub first_day: u16,
    /// Last day of acceptance; 0 when never seen.
    pub last_day: u16,
}

impl Default for History {
    fn default() -> Self {
        Self::NEVER_SEEN
    }
}

impl History {
    /// Nothing was ever seen.
    pub const NEVER_SEEN: Self = Self {
        duty_cents: 0,
        declared: 0,
        examined: [0; 3],
        found: [0; 3],
        critical: 0,
        tiles: [Tile { declared: 0, examined: 0, found: 0 }; TILES],
        first_day: u16::MAX,
        last_day: 0,
    };

    /// A history that has only seen `day`.
    pub fn seen(day: u16) -> Self {
        Self { first_day: day, last_day: day, ..Self::default() }
    }

    /// Adds what `other` knows. Tiles older than the fourth of the result are dropped.
    pub fn merge(&mut self, other: &Self) {
        self.duty_cents = self.duty_cents.wrapping_add(other.duty_cents);
        self.declared = self.declared.wrapping_add(other.declared);
        self.critical = self.critical.wrapping_add(other.critical);
        for class in 0..3 {
            self.examined[class] = self.examined[class].wrapping_add(other.examined[class]);
            self.found[class] = self.found[class].wrapping_add(other.found[class]);
        }
        let (own, others) = (self.last_day / TILE_DAYS, other.last_day / TILE_DAYS);
        if others > own {
            let by = usize::from(others - own);
            let old = std::mem::take(&mut self.tiles);
            for (at, tile) in old.into_iter().enumerate() {
                if let Some(slot) = self.tiles.get_mut(at + by) {
                    *slot = tile;
                }
            }
        }
        let by = usize::from(own.saturating_sub(others));
        for (at, tile) in other.tiles.iter().enumerate() {
            if let Some(slot) = self.tiles.get_mut(at + by) {
                slot.declared = slot.declared.wrapping_add(tile.declared);
                slot.examined = slot.examined.wrapping_add(tile.examined);
                slot.found = slot.found.wrapping_add(tile.found);
            }
        }
        self.first_day = self.first_day.min(other.first_day);
        self.last_day = self.last_day.max(other.last_day);
    }

    /// Counters negated, days kept.
    pub fn negated(&self) -> Self {
        let tile = |tile: Tile| Tile {
            declared: tile.declared.wrapping_neg(),
            examined: tile.examined.wrapping_neg(),
            found: tile.found.wrapping_neg(),
        };
        Self {
            duty_cents: self.duty_cents.wrapping_neg(),
            declared: self.declared.wrapping_neg(),
            examined: self.examined.map(u32::wrapping_neg),
            found: self.found.map(u32::wrapping_neg),
            critical: self.critical.wrapping_neg(),
            tiles: self.tiles.map(tile),
            first_day: self.first_day,
            last_day: self.last_day,
        }
    }

    /// Physically examined.
    pub fn physical(&self) -> u32 {
        self.examined[Class::Random as usize].wrapping_add(self.examined[Class::Targeted as usize])
    }

    /// Found by physical examination.
    pub fn physical_found(&self) -> u32 {
        self.found[Class::Random as usize].wrapping_add(self.found[Class::Targeted as usize])
    }

    /// Whether anything was ever seen of the entity.
    pub fn is_known(&self) -> bool {
        self.first_day != u16::MAX
    }

    /// The tiles that lie within the last four periods on `day`, with their age in periods.
    pub fn recent(&self, day: u16) -> impl Iterator<Item = (usize, &Tile)> {
        let by = usize::from((day / TILE_DAYS).saturating_sub(self.last_day / TILE_DAYS));
        self.tiles.iter().enumerate().map(move |(at, tile)| (at + by, tile)).filter(|(age, _)| *age < TILES)
    }
}
