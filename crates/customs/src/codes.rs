//! Codes as they are lodged. A code that no table knows is still a code: it is noted, never refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

code!(
    /// A customs office, by the administration's own code (Peru: three digits, `118` is Callao).
    OfficeCode);
code!(
    /// A country, ISO 3166-1 alpha-2.
    CountryCode);
code!(
    /// A port or airport, UN/LOCODE without the space.
    PortCode);
code!(
    /// A national tariff code: 6 digits of the Harmonized System and the national ones behind them (Peru: 10).
    HsCode);

impl OfficeCode {
    /// The most characters of a code that an office can be set up under.
    pub const MAX_LENGTH: usize = 20;

    /// One to twenty letters, digits, dots, dashes or underscores: what an office can be set up under. A declaration
    /// may name anything, and is noted for it.
    pub fn is_well_formed(&self) -> bool {
        (1..=Self::MAX_LENGTH).contains(&self.0.len())
            && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    }
}

impl CountryCode {
    /// Two capital letters. Whether the country exists is the tariff's business, not the type's.
    pub fn is_well_formed(&self) -> bool {
        self.0.len() == 2 && self.0.bytes().all(|byte| byte.is_ascii_uppercase())
    }
}

impl HsCode {
    /// Digits only, at least six.
    pub fn is_well_formed(&self) -> bool {
        self.0.len() >= 6 && self.0.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The chapter: two digits, or what there is of them.
    pub fn chapter(&self) -> &str {
        self.first(2)
    }

    /// The heading: four digits, or what there is of them.
    pub fn heading(&self) -> &str {
        self.first(4)
    }

    /// The subheading: six digits, or what there is of them.
    pub fn subheading(&self) -> &str {
        self.first(6)
    }

    /// The first digits, or what there is of them.
    #[inline]
    pub fn first(&self, digits: usize) -> &str {
        if digits >= self.0.len() {
            return &self.0;
        }
        match self.0.get(..digits) {
            Some(first) if first.is_ascii() => first,
            // Lodged text may hold anything, so the cut must fall on a character.
            _ => self.0.char_indices().nth(digits).map_or(self.0.as_str(), |(at, _)| &self.0[..at]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_never_split_a_character() {
        assert_eq!(HsCode::from("8703231000").subheading(), "870323");
        assert_eq!(HsCode::from("87").heading(), "87");
        assert_eq!(HsCode::from("ñañaña").chapter(), "ña");
        assert_eq!(HsCode::from("87ñañ").heading(), "87ña");
        assert_eq!(HsCode::from("ña").heading(), "ña");
    }
}
