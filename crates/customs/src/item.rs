//! Goods items (Spanish: *series*).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::{CountryCode, HsCode, Money, PortCode};

/// One goods item of a declaration. Amounts, masses and rates travel as decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GoodsItem {
    /// Position in the declaration, from 1; 0 when it is not declared.
    #[serde(default)]
    pub sequence: u32,
    /// National tariff code; empty when it is not declared.
    #[serde(default)]
    pub commodity_code: HsCode,
    /// Edition of the tariff the code belongs to, the administration's own name (`HS2022`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff_edition: Option<String>,
    /// The trader's words for the goods.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Country of origin; empty when it is not declared.
    #[serde(default)]
    pub origin_country: CountryCode,
    /// Where the goods were bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_country: Option<CountryCode>,
    /// Where the goods were loaded, UN/LOCODE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loading_port: Option<PortCode>,
    /// Procedure asked for this item, where it differs from the declaration's regime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Gross mass in kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_mass_kg: Option<Decimal>,
    /// Net mass in kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_mass_kg: Option<Decimal>,
    /// Quantity in the statistical unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistical_quantity: Option<Decimal>,
    /// Statistical unit, UNECE Recommendation 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistical_unit: Option<String>,
    /// What the goods are worth, and how that was established; nothing in no currency when it is not declared.
    #[serde(default)]
    pub valuation: ItemValuation,
    /// Duties and taxes as declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duty_taxes: Vec<DutyTax>,
    /// Container numbers this item travels in; empty when it is not containerised or not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
    /// National additions, text to text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<String, String>,
}

/// The value of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemValuation {
    /// Value free on board.
    pub fob: Money,
    /// Freight to the border.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight: Option<Money>,
    /// Insurance to the border.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<Money>,
    /// Additions and deductions of the valuation agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjustments: Option<Money>,
    /// WTO valuation method, 1 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<u8>,
    /// Incoterm of the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoterm: Option<String>,
}

impl ItemValuation {
    /// Whether no value was declared at all.
    pub fn is_absent(&self) -> bool {
        self.fob.amount.is_zero() && self.fob.currency.0.is_empty()
    }

    /// Only the FOB value is known.
    pub fn fob(amount: Decimal, currency: &str) -> Self {
        Self {
            fob: Money::new(amount, currency),
            freight: None,
            insurance: None,
            adjustments: None,
            method: None,
            incoterm: None,
        }
    }

    /// FOB + freight + insurance + adjustments, when all are in one currency.
    pub fn customs_value(&self) -> Option<Money> {
        let mut total = self.fob.clone();
        for part in [&self.freight, &self.insurance, &self.adjustments].into_iter().flatten() {
            if part.currency != total.currency {
                return None;
            }
            total.amount = total.amount.checked_add(part.amount)?;
        }
        Some(total)
    }
}

/// One duty or tax on an item, as declared and as it developed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DutyTax {
    /// National code of the tax (`ADV` ad valorem, `IGV` value added).
    #[serde(rename = "type")]
    #[schema(example = "ADV")]
    pub kind: String,
    /// Tax base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Money>,
    /// Rate in percent.
    #[schema(example = "6.0")]
    pub rate: Decimal,
    /// As declared by the trader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Money>,
    /// As assessed by customs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed: Option<Money>,
    /// Covered by a guarantee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guaranteed: Option<Money>,
    /// Paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected: Option<Money>,
    /// Preference or regime claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<String>,
}
