//! Cargo: documents, containers and means of transport, many-to-many with declarations.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the goods travel (UNECE Recommendation 19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum TransportMode {
    /// By sea.
    Maritime,
    /// By rail.
    Rail,
    /// By road.
    Road,
    /// By air.
    Air,
    /// By post.
    Mail,
    /// By inland waterway.
    InlandWaterway,
    /// Pipelines and cables.
    FixedInstallation,
}

impl TransportMode {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Maritime => "maritime",
            Self::Rail => "rail",
            Self::Road => "road",
            Self::Air => "air",
            Self::Mail => "mail",
            Self::InlandWaterway => "inlandWaterway",
            Self::FixedInstallation => "fixedInstallation",
        }
    }
}

/// A bill of lading, air waybill or the like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransportDocument {
    /// The number.
    #[schema(example = "MAEU604338211")]
    pub id: String,
    /// The master document this house document belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_id: Option<String>,
}

/// A container with its seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// ISO 6346 number.
    #[schema(example = "MSKU1234565")]
    pub id: String,
    /// Seal numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<String>,
}

/// The vessel, aircraft or vehicle, with its voyage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeansOfTransport {
    /// How it travels.
    pub mode: TransportMode,
    /// IMO number, registration or flight.
    #[schema(example = "9321483")]
    pub id: String,
    /// Voyage, flight or trip number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voyage: Option<String>,
    /// When it is expected, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::rfc3339::deserialize_option")]
    pub expected_arrival: Option<jiff::Timestamp>,
}
