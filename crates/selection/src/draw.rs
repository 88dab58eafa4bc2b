//! Keyed draws: chance that can be recomputed by whoever holds the secret, and foreseen by nobody else.
//!
//! The key is the consignment, so that cancelling and lodging again draws the same; each use has a salt of its own, so
//! that the draws of one consignment are independent.

/// The secret under which consignments are drawn. It rotates and is kept sealed.
#[derive(Clone)]
pub struct DrawSecret([u8; 32]);

impl DrawSecret {
    /// A secret of 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The draw of `consignment` for the use that `salt` names: uniform, 0 ≤ u < 1.
    pub fn draw(&self, salt: &str, consignment: &str) -> f64 {
        (self.hash(salt, consignment) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn hash(&self, salt: &str, consignment: &str) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&(salt.len() as u64).to_le_bytes());
        hasher.update(salt.as_bytes());
        hasher.update(consignment.as_bytes());
        let mut bytes = [0_u8; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        u64::from_le_bytes(bytes)
    }
}

impl std::fmt::Debug for DrawSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DrawSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_uniform_repeatable_and_independent_by_salt() {
        let secret = DrawSecret::new([7; 32]);
        let draws: Vec<(f64, f64)> = (0..20_000)
            .map(|n| (secret.draw("stratum", &format!("BL{n}/X")), secret.draw("exploration", &format!("BL{n}/X"))))
            .collect();
        let below = draws.iter().filter(|(stratum, _)| *stratum < 0.25).count();
        assert!((4_700..5_300).contains(&below), "{below}");
        let both = draws.iter().filter(|(stratum, exploration)| *stratum < 0.25 && *exploration < 0.25).count();
        assert!((1_100..1_400).contains(&both), "{both}");
        assert_eq!(secret.draw("stratum", "BL1/X").to_bits(), draws[1].0.to_bits());
        assert!(draws[1].0.to_bits() != DrawSecret::new([8; 32]).draw("stratum", "BL1/X").to_bits());
    }
}
