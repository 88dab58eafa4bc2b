//! Fields of the cargo: documents, containers, means of transport.

use customs::{Declaration, TransportMode};

use super::{Reader, Row, declaration::row};
use Reader::{DeclarationInteger as Integer, DeclarationText as Text, DeclarationTexts as Texts};

/// Wire names of the modes.
pub(super) const MODES: &[&str] = &["maritime", "rail", "road", "air", "mail", "inlandWaterway", "fixedInstallation"];

/// The table.
pub(super) fn rows() -> Vec<Row> {
    vec![
        row!("cargo.mode", Text(mode), "Vía de transporte", "Transport mode", "cargo.mode == 'air'", values MODES),
        row!(
            "cargo.meansId",
            Text(|d| d.means_of_transport.as_ref().map(|means| means.id.as_str())),
            "Medio de transporte",
            "Means of transport",
            "cargo.meansId == '9321483'"
        ),
        row!(
            "cargo.voyage",
            Text(|d| d.means_of_transport.as_ref()?.voyage.as_deref()),
            "Viaje o vuelo",
            "Voyage or flight",
            "has(cargo.voyage)"
        ),
        row!(
            "cargo.containerCount",
            Integer(|d| i64::try_from(d.containers.len()).ok()),
            "Número de contenedores",
            "Number of containers",
            "cargo.containerCount > 10"
        ),
        row!(
            "cargo.containers",
            Texts(|d| d.containers.iter().map(|container| container.id.as_str()).collect()),
            "Contenedores",
            "Containers",
            "'MSKU1234565' in cargo.containers"
        ),
        row!(
            "cargo.sealCount",
            Integer(|d| i64::try_from(d.containers.iter().map(|container| container.seals.len()).sum::<usize>()).ok()),
            "Número de precintos",
            "Number of seals",
            "cargo.sealCount < cargo.containerCount"
        ),
        row!(
            "cargo.documentCount",
            Integer(|d| i64::try_from(d.transport_documents.len()).ok()),
            "Número de documentos de transporte",
            "Number of transport documents",
            "cargo.documentCount == 0"
        ),
        row!(
            "cargo.documents",
            Texts(|d| d.transport_documents.iter().map(|document| document.id.as_str()).collect()),
            "Documentos de transporte",
            "Transport documents",
            "cargo.documents.exists(d, d.startsWith('MAEU'))"
        ),
        row!(
            "cargo.masterDocuments",
            Texts(|d| d.transport_documents.iter().filter_map(|document| document.master_id.as_deref()).collect()),
            "Documentos de transporte máster",
            "Master transport documents",
            "size(cargo.masterDocuments) > 0"
        ),
    ]
}

/// Wire name of the mode, when a means of transport is known.
pub(super) fn mode(declaration: &Declaration) -> Option<&str> {
    Some(match declaration.means_of_transport.as_ref()?.mode {
        TransportMode::Maritime => "maritime",
        TransportMode::Rail => "rail",
        TransportMode::Road => "road",
        TransportMode::Air => "air",
        TransportMode::Mail => "mail",
        TransportMode::InlandWaterway => "inlandWaterway",
        TransportMode::FixedInstallation => "fixedInstallation",
    })
}
