//! Money: a decimal amount in a currency. Never a float.

use rust_decimal::Decimal;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An ISO 4217 currency code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Currency(pub String);

impl Currency {
    /// Three capital letters.
    pub fn is_well_formed(&self) -> bool {
        self.0.len() == 3 && self.0.bytes().all(|byte| byte.is_ascii_uppercase())
    }
}

impl From<&str> for Currency {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// An amount in a currency; the amount travels as text (`"1250.40"`), so that no reader rounds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// The amount, in units of the currency.
    #[schema(example = "1250.40")]
    pub amount: Decimal,
    /// ISO 4217 code.
    #[schema(example = "USD")]
    pub currency: Currency,
}

impl Money {
    /// `amount` in `currency`.
    pub fn new(amount: Decimal, currency: &str) -> Self {
        Self { amount, currency: Currency::from(currency) }
    }
}

/// Reads an object and nothing else, wherever it stands: a list of two texts is no amount.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Money", &["amount", "currency"], Members)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    Amount,
    Currency,
    #[serde(other)]
    Other,
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Money;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("an amount with its currency")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Money, A::Error> {
        let (mut amount, mut currency) = (None, None);
        while let Some(member) = access.next_key::<Member>()? {
            match member {
                Member::Amount if amount.is_some() => return Err(A::Error::duplicate_field("amount")),
                Member::Amount => amount = Some(access.next_value()?),
                Member::Currency if currency.is_some() => return Err(A::Error::duplicate_field("currency")),
                Member::Currency => currency = Some(access.next_value()?),
                Member::Other => {
                    access.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        Ok(Money {
            amount: amount.ok_or_else(|| A::Error::missing_field("amount"))?,
            currency: currency.ok_or_else(|| A::Error::missing_field("currency"))?,
        })
    }
}
