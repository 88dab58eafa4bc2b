//! What the JSON of a declaration looks like: the fields of `customs::Declaration`, as a table.
//!
//! serde knows the types but stops at the first problem. This table is what lists them all; a test holds it against the
//! types.

use customs::declaration::MAX_ITEMS;

/// What a value must be.
pub enum Shape {
    /// Any text.
    Text,
    /// A text that says something.
    FilledText,
    /// A decimal number in a text.
    Decimal,
    /// A date and time with offset.
    Timestamp,
    /// A whole number from 0 to the maximum.
    Integer(u64),
    /// A whole number, also below zero.
    Signed,
    /// True or false.
    Flag,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// An object of these fields.
    Object(&'static str, &'static [Field]),
    /// A list, of at most so many.
    List(&'static Shape, usize),
    /// An object of texts by any name.
    Texts,
    /// Anything: a field that the format does not know.
    Any,
}

/// A field of an object.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value must be.
    pub shape: &'static Shape,
    /// Whether it may be absent, or null.
    pub presence: Presence,
}

/// Whether a field may be absent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must stand there.
    Required,
    /// It may be absent, but not null.
    Defaulted,
    /// It may be absent or null.
    Optional,
}

use Presence::{Defaulted, Optional, Required};

const fn field(name: &'static str, shape: &'static Shape, presence: Presence) -> Field {
    Field { name, shape, presence }
}

static TEXT: Shape = Shape::Text;
static FILLED: Shape = Shape::FilledText;
static DECIMAL: Shape = Shape::Decimal;
static TIMESTAMP: Shape = Shape::Timestamp;
static U32: Shape = Shape::Integer(u32::MAX as u64);
static U8: Shape = Shape::Integer(u8::MAX as u64);
static COUNT: Shape = Shape::Signed;
static FLAG: Shape = Shape::Flag;
static TEXTS: Shape = Shape::Texts;
static TEXT_LIST: Shape = Shape::List(&TEXT, usize::MAX);
/// A field that the format does not know.
pub static ANY: Shape = Shape::Any;

static DIRECTION: Shape = Shape::OneOf(&["in", "out", "transit"]);
static MODALITY: Shape = Shape::OneOf(&["advance", "urgent", "deferred"]);
static FORM: Shape = Shape::OneOf(&["full", "simplified", "express"]);
static ROLE: Shape = Shape::OneOf(&[
    "declarant",
    "importer",
    "exporter",
    "seller",
    "buyer",
    "consignor",
    "consignee",
    "notifyParty",
    "carrier",
]);
static MODE: Shape = Shape::OneOf(&["maritime", "rail", "road", "air", "mail", "inlandWaterway", "fixedInstallation"]);

static MONEY: Shape = Shape::Object(
    "an amount such as {\"amount\": \"12.50\", \"currency\": \"USD\"}",
    &[field("amount", &DECIMAL, Required), field("currency", &TEXT, Required)],
);

macro_rules! party {
    ($id:expr) => {
        Shape::Object(
            "a party",
            &[
                field("role", &ROLE, Required),
                field("id", $id, Required),
                field("idType", &TEXT, Optional),
                field("name", &TEXT, Optional),
                field("address", &TEXT, Optional),
                field("country", &TEXT, Optional),
                field("contacts", &TEXT_LIST, Defaulted),
                field("authorisedEconomicOperator", &FLAG, Defaulted),
            ],
        )
    };
}
static PARTY: Shape = party!(&TEXT);
static DECLARANT: Shape = party!(&FILLED);
static PARTIES: Shape = Shape::List(&PARTY, usize::MAX);

static DOCUMENT: Shape =
    Shape::Object("a transport document", &[field("id", &TEXT, Required), field("masterId", &TEXT, Optional)]);
static DOCUMENTS: Shape = Shape::List(&DOCUMENT, usize::MAX);

static CONTAINER: Shape =
    Shape::Object("a container", &[field("id", &TEXT, Required), field("seals", &TEXT_LIST, Defaulted)]);
static CONTAINERS: Shape = Shape::List(&CONTAINER, usize::MAX);

static MEANS: Shape = Shape::Object(
    "a means of transport",
    &[
        field("mode", &MODE, Required),
        field("id", &TEXT, Required),
        field("voyage", &TEXT, Optional),
        field("expectedArrival", &TIMESTAMP, Optional),
    ],
);

static VALUATION: Shape = Shape::Object(
    "a valuation",
    &[
        field("fob", &MONEY, Required),
        field("freight", &MONEY, Optional),
        field("insurance", &MONEY, Optional),
        field("adjustments", &MONEY, Optional),
        field("method", &U8, Optional),
        field("incoterm", &TEXT, Optional),
    ],
);

static DUTY_TAX: Shape = Shape::Object(
    "a duty or tax",
    &[
        field("type", &TEXT, Required),
        field("base", &MONEY, Optional),
        field("rate", &DECIMAL, Required),
        field("declared", &MONEY, Optional),
        field("assessed", &MONEY, Optional),
        field("guaranteed", &MONEY, Optional),
        field("collected", &MONEY, Optional),
        field("preference", &TEXT, Optional),
    ],
);
static DUTY_TAXES: Shape = Shape::List(&DUTY_TAX, usize::MAX);

static ITEM: Shape = Shape::Object(
    "a goods item",
    &[
        field("sequence", &U32, Defaulted),
        field("commodityCode", &TEXT, Defaulted),
        field("tariffEdition", &TEXT, Optional),
        field("description", &TEXT, Defaulted),
        field("originCountry", &TEXT, Defaulted),
        field("purchaseCountry", &TEXT, Optional),
        field("loadingPort", &TEXT, Optional),
        field("procedure", &TEXT, Optional),
        field("grossMassKg", &DECIMAL, Optional),
        field("netMassKg", &DECIMAL, Optional),
        field("statisticalQuantity", &DECIMAL, Optional),
        field("statisticalUnit", &TEXT, Optional),
        field("valuation", &VALUATION, Defaulted),
        field("dutyTaxes", &DUTY_TAXES, Defaulted),
        field("containers", &TEXT_LIST, Defaulted),
        field("extensions", &TEXTS, Defaulted),
    ],
);
static ITEMS: Shape = Shape::List(&ITEM, MAX_ITEMS);

/// A declaration.
pub static DECLARATION: Shape = Shape::Object(
    "a declaration",
    &[
        field("reference", &FILLED, Required),
        field("declarant", &DECLARANT, Required),
        field("office", &FILLED, Required),
        field("acceptanceDateTime", &TIMESTAMP, Required),
        field("direction", &DIRECTION, Required),
        field("regime", &TEXT, Defaulted),
        field("modality", &MODALITY, Required),
        field("form", &FORM, Required),
        field("expressCategory", &U8, Optional),
        field("entryExitOffice", &TEXT, Optional),
        field("port", &TEXT, Optional),
        field("warehouse", &TEXT, Optional),
        field("goodsLocation", &TEXT, Optional),
        field("routeCountry", &TEXT, Optional),
        field("parties", &PARTIES, Defaulted),
        field("transportDocuments", &DOCUMENTS, Defaulted),
        field("containers", &CONTAINERS, Defaulted),
        field("meansOfTransport", &MEANS, Optional),
        field("invoiceTotal", &MONEY, Optional),
        field("exchangeRate", &DECIMAL, Optional),
        field("packages", &COUNT, Optional),
        field("items", &ITEMS, Defaulted),
        field("extensions", &TEXTS, Defaulted),
    ],
);
