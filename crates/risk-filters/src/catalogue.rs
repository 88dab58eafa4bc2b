//! The field catalogue: every field a condition may name, with type, unit, example and labels. Served as data.

use std::collections::{BTreeSet, HashMap};

use customs::{Declaration, GoodsItem};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CodeKind, Operator};

mod cargo;
mod declaration;
mod item;
mod notes;

pub(crate) use item::customs_value_of;
pub(crate) use notes::{NOTE_CODES, note_code};

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldType {
    /// Text; CEL `string`.
    Text,
    /// A whole number; CEL `int`.
    Integer,
    /// A number; CEL `double`.
    Number,
    /// True or false; CEL `bool`.
    Boolean,
    /// A list of text; CEL `list(string)`.
    TextList,
    /// Text by key; CEL `map(string, string)`.
    TextMap,
}

impl std::fmt::Display for FieldType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::TextList => "a list of text",
            Self::TextMap => "text by key",
        })
    }
}

/// A name for people, in the two languages of the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Label {
    /// Spanish.
    #[schema(example = "Masa neta")]
    pub es: String,
    /// English.
    #[schema(example = "Net mass")]
    pub en: String,
}

/// One field of the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The name in conditions.
    #[schema(example = "item.netMassKg")]
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Its unit, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "kg")]
    pub unit: Option<String>,
    /// A condition that uses it.
    #[schema(example = "item.netMassKg > 1000.0")]
    pub example: String,
    /// Labels.
    pub label: Label,
    /// What it says, where the label is not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All values it can have, where they are few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The least that it can be, where that is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// Whether every declaration, or item, has it, so that `has()` of it says nothing.
    pub always_there: bool,
    /// What its values stand for, where reference tables and lists of such exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<CodeKind>,
    /// What a test in a tree of conditions can ask of it.
    pub operators: &'static [Operator],
    #[serde(skip)]
    pub(crate) reader: Reader,
}

/// A feature as its contract describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedFeature {
    /// Its name in the contract.
    pub name: String,
    /// Its unit, where it has one.
    pub unit: Option<String>,
    /// Labels.
    pub label: Label,
    /// What it says.
    pub description: Option<String>,
}

impl DescribedFeature {
    /// One of which only the name is known.
    pub fn named(name: &str) -> Self {
        let label = Label { es: format!("feature.{name}"), en: format!("feature.{name}") };
        Self { name: name.to_owned(), unit: None, label, description: None }
    }
}

/// Where a field's value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    DeclarationText(for<'a> fn(&'a Declaration) -> Option<&'a str>),
    DeclarationInteger(fn(&Declaration) -> Option<i64>),
    DeclarationNumber(fn(&Declaration) -> Option<f64>),
    DeclarationBoolean(fn(&Declaration) -> Option<bool>),
    DeclarationTexts(for<'a> fn(&'a Declaration) -> Vec<&'a str>),
    DeclarationExtensions,
    DeclarationExtension(Box<str>),
    NoteCodes,
    ItemText(for<'a> fn(&'a GoodsItem) -> Option<&'a str>),
    /// The first so many digits of the tariff code.
    ItemCode(usize),
    ItemInteger(fn(&GoodsItem) -> Option<i64>),
    ItemNumber(fn(&GoodsItem) -> Option<f64>),
    /// From the item and its customs value, which several fields need.
    ItemValue(fn(&GoodsItem, f64) -> Option<f64>),
    ItemTexts(for<'a> fn(&'a GoodsItem) -> Vec<&'a str>),
    ItemExtensions,
    ItemExtension(Box<str>),
    Feature(usize),
}

impl Reader {
    fn field_type(&self) -> FieldType {
        match self {
            Self::DeclarationText(_)
            | Self::DeclarationExtension(_)
            | Self::ItemText(_)
            | Self::ItemCode(_)
            | Self::ItemExtension(_) => FieldType::Text,
            Self::DeclarationInteger(_) | Self::ItemInteger(_) => FieldType::Integer,
            Self::DeclarationNumber(_) | Self::ItemNumber(_) | Self::ItemValue(_) | Self::Feature(_) => {
                FieldType::Number
            }
            Self::DeclarationBoolean(_) => FieldType::Boolean,
            Self::DeclarationTexts(_) | Self::ItemTexts(_) | Self::NoteCodes => FieldType::TextList,
            Self::DeclarationExtensions | Self::ItemExtensions => FieldType::TextMap,
        }
    }

    /// Whether it is a list of text.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::DeclarationTexts(_) | Self::ItemTexts(_) | Self::NoteCodes)
    }

    /// Whether the value differs between the items of a declaration.
    pub(crate) fn is_of_item(&self) -> bool {
        matches!(
            self,
            Self::ItemText(_)
                | Self::ItemCode(_)
                | Self::ItemInteger(_)
                | Self::ItemNumber(_)
                | Self::ItemValue(_)
                | Self::ItemTexts(_)
                | Self::ItemExtensions
                | Self::ItemExtension(_)
                | Self::Feature(_)
        )
    }
}

/// A row of the built-in table.
struct Row {
    name: &'static str,
    unit: Option<&'static str>,
    example: &'static str,
    es: &'static str,
    en: &'static str,
    values: &'static [&'static str],
    reader: Reader,
}

/// The fields that conditions may name.
#[derive(Clone, Debug)]
pub struct Catalogue {
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    groups: BTreeSet<String>,
}

impl Catalogue {
    /// The fields of declaration, item and cargo. Features are added by [`Catalogue::with_features`].
    pub fn standard() -> Self {
        let mut catalogue = Self { fields: Vec::new(), by_name: HashMap::new(), groups: BTreeSet::new() };
        for row in declaration::rows().into_iter().chain(item::rows()).chain(cargo::rows()) {
            let field_type = row.reader.field_type();
            let always_there = is_always_there(row.name, field_type);
            let operators = Operator::of(field_type);
            let without_presence = operators.strip_suffix(&[Operator::Present, Operator::Missing]);
            catalogue.add(Field {
                name: row.name.to_owned(),
                field_type,
                unit: row.unit.map(str::to_owned),
                example: row.example.to_owned(),
                label: Label { es: row.es.to_owned(), en: row.en.to_owned() },
                description: None,
                values: row.values.iter().map(|&value| value.to_owned()).collect(),
                minimum: least(row.name),
                always_there,
                codes: CodeKind::of_field(row.name),
                operators: without_presence.filter(|_| always_there).unwrap_or(operators),
                reader: row.reader,
            });
        }
        catalogue
    }

    /// The catalogue with `feature.<name>` for every name of the feature contract, in the contract's order: the
    /// position is the column of [`FilterInput::features`](crate::FilterInput::features).
    pub fn with_features<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.with_described_features(names.into_iter().map(|name| DescribedFeature::named(name.as_ref())))
    }

    /// As [`Catalogue::with_features`], with what the contract says of each.
    pub fn with_described_features(mut self, features: impl IntoIterator<Item = DescribedFeature>) -> Self {
        for (column, feature) in features.into_iter().enumerate() {
            let name = format!("feature.{}", feature.name);
            self.add(Field {
                field_type: FieldType::Number,
                unit: feature.unit.filter(|unit| !unit.is_empty()),
                example: format!("{name} > 0.5"),
                label: feature.label,
                description: feature.description.filter(|description| !description.is_empty()),
                values: Vec::new(),
                minimum: None,
                always_there: false,
                codes: None,
                operators: Operator::of(FieldType::Number),
                reader: Reader::Feature(column),
                name,
            });
        }
        self
    }

    fn add(&mut self, field: Field) {
        for (at, _) in field.name.match_indices('.') {
            self.groups.insert(field.name[..at].to_owned());
        }
        self.by_name.insert(field.name.clone(), self.fields.len());
        self.fields.push(field);
    }

    /// All fields, in the order in which they are served.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name).map(|&at| &self.fields[at])
    }

    /// Whether fields stand under this name (`declaration.trader`).
    pub(crate) fn is_group(&self, name: &str) -> bool {
        self.groups.contains(name)
    }

    /// The field that was probably meant by `name`.
    pub(crate) fn nearest(&self, name: &str) -> Option<&Field> {
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_lowercase();
        let wanted = name.to_lowercase();
        self.fields
            .iter()
            .map(|field| {
                let whole = edit_distance(&wanted, &field.name.to_lowercase());
                // `netMassKg` or `declaration.netMassKg` for `item.netMassKg`: the last word counts, the place little.
                let word = 1 + edit_distance(&last(name), &last(&field.name));
                (whole.min(word), field)
            })
            .min_by_key(|(distance, field)| (*distance, field.name.len()))
            .filter(|(distance, _)| *distance <= 1 + last(name).len() / 3)
            .map(|(_, field)| field)
    }
}

/// The least that a field can be: only of what is counted here. What is declared may be below zero, and is noted as such.
fn least(name: &str) -> Option<i64> {
    match name {
        "declaration.itemCount" => Some(1),
        "item.sequence" | "cargo.containerCount" | "cargo.sealCount" | "cargo.documentCount" => Some(0),
        _ => None,
    }
}

/// Whether every declaration, or item, has a field. Text may be lodged empty, which is missing.
fn is_always_there(name: &str, field_type: FieldType) -> bool {
    matches!(field_type, FieldType::TextList | FieldType::TextMap)
        || matches!(
            name,
            "declaration.direction"
                | "declaration.modality"
                | "declaration.form"
                | "declaration.itemCount"
                | "declaration.declarant.aeo"
                | "item.sequence"
                | "item.fobValue"
                | "cargo.containerCount"
                | "cargo.sealCount"
                | "cargo.documentCount"
        )
}

/// The double nearest to a decimal.
fn number(decimal: Decimal) -> f64 {
    let (mantissa, scale) = (decimal.mantissa(), decimal.scale());
    // Both are doubles without loss, so that one division rounds once; this is what is lodged in practice.
    if mantissa.unsigned_abs() < 1 << 53 && scale <= 22 {
        return mantissa as i64 as f64 / POWERS[scale as usize];
    }
    decimal.to_f64().unwrap_or(f64::NAN)
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// How many characters to insert, delete or replace (Levenshtein).
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut current = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = previous[j] + usize::from(from != *to);
            current.push(replaced.min(previous[j + 1] + 1).min(current[j] + 1));
        }
        previous = current;
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests;
