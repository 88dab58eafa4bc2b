//! Money: a decimal amount in a currency. Never a float.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An ISO 4217 currency code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
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
