//! The field catalogue: every field a condition may name, with type, unit, example and labels. Served as data.

use std::collections::{BTreeSet, HashMap};

use customs::{Declaration, GoodsItem, NoteCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod cargo;
mod declaration;
mod item;

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
    /// All values it can have, where they are few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    #[serde(skip)]
    pub(crate) reader: Reader,
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
    ItemInteger(fn(&GoodsItem) -> Option<i64>),
    ItemNumber(fn(&GoodsItem) -> Option<f64>),
    ItemTexts(for<'a> fn(&'a GoodsItem) -> Vec<&'a str>),
    ItemExtensions,
    ItemExtension(Box<str>),
    Feature(usize),
}

impl Reader {
    fn field_type(&self) -> FieldType {
        match self {
            Self::DeclarationText(_) | Self::DeclarationExtension(_) | Self::ItemText(_) | Self::ItemExtension(_) => {
                FieldType::Text
            }
            Self::DeclarationInteger(_) | Self::ItemInteger(_) => FieldType::Integer,
            Self::DeclarationNumber(_) | Self::ItemNumber(_) | Self::Feature(_) => FieldType::Number,
            Self::DeclarationBoolean(_) => FieldType::Boolean,
            Self::DeclarationTexts(_) | Self::ItemTexts(_) | Self::NoteCodes => FieldType::TextList,
            Self::DeclarationExtensions | Self::ItemExtensions => FieldType::TextMap,
        }
    }

    /// Whether the value differs between the items of a declaration.
    pub(crate) fn is_of_item(&self) -> bool {
        matches!(
            self,
            Self::ItemText(_)
                | Self::ItemInteger(_)
                | Self::ItemNumber(_)
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
            catalogue.add(Field {
                name: row.name.to_owned(),
                field_type: row.reader.field_type(),
                unit: row.unit.map(str::to_owned),
                example: row.example.to_owned(),
                label: Label { es: row.es.to_owned(), en: row.en.to_owned() },
                values: row.values.iter().map(|&value| value.to_owned()).collect(),
                reader: row.reader,
            });
        }
        catalogue
    }

    /// The catalogue with `feature.<name>` for every name of the feature contract, in the contract's order: the
    /// position is the column of [`FilterInput::features`](crate::FilterInput::features).
    pub fn with_features<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for (column, name) in names.into_iter().enumerate() {
            let name = format!("feature.{}", name.as_ref());
            self.add(Field {
                field_type: FieldType::Number,
                unit: None,
                example: format!("{name} > 0.5"),
                label: Label { es: name.clone(), en: name.clone() },
                values: Vec::new(),
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

/// The wire name of a note's code.
pub(crate) fn note_code(code: NoteCode) -> &'static str {
    match code {
        NoteCode::UnknownCommodityCode => "unknown-commodity-code",
        NoteCode::MalformedCommodityCode => "malformed-commodity-code",
        NoteCode::UnknownCountry => "unknown-country",
        NoteCode::UnknownCurrency => "unknown-currency",
        NoteCode::ImpossibleDate => "impossible-date",
        NoteCode::NegativeMass => "negative-mass",
        NoteCode::NetAboveGross => "net-above-gross",
        NoteCode::NegativeAmount => "negative-amount",
        NoteCode::NegativeQuantity => "negative-quantity",
        NoteCode::SequenceGap => "sequence-gap",
        NoteCode::DuplicateSequence => "duplicate-sequence",
        NoteCode::ZeroValue => "zero-value",
        NoteCode::MissingTrader => "missing-trader",
        NoteCode::MissingTransportDocument => "missing-transport-document",
        NoteCode::BadExpressCategory => "bad-express-category",
        NoteCode::BadValuationMethod => "bad-valuation-method",
        NoteCode::MalformedContainer => "malformed-container",
        NoteCode::UnlistedContainer => "unlisted-container",
        NoteCode::RegimeMismatch => "regime-mismatch",
        NoteCode::TotalMismatch => "total-mismatch",
        NoteCode::UnknownOffice => "unknown-office",
        NoteCode::NoItems => "no-items",
        NoteCode::BadRate => "bad-rate",
        NoteCode::UnknownField => "unknown-field",
    }
}

/// Values of `declaration.notes`.
pub(crate) const NOTE_CODES: &[&str] = &[
    "unknown-commodity-code",
    "malformed-commodity-code",
    "unknown-country",
    "unknown-currency",
    "impossible-date",
    "negative-mass",
    "net-above-gross",
    "negative-amount",
    "negative-quantity",
    "sequence-gap",
    "duplicate-sequence",
    "zero-value",
    "missing-trader",
    "missing-transport-document",
    "bad-express-category",
    "bad-valuation-method",
    "malformed-container",
    "unlisted-container",
    "regime-mismatch",
    "total-mismatch",
    "unknown-office",
    "no-items",
    "bad-rate",
    "unknown-field",
];
