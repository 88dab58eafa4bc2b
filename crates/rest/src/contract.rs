//! API documents: made without any state, linted, rendered for comparison, and held against what the code refuses.

mod denials;
mod exact;
mod lint;

use std::path::Path;

use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

pub use denials::denials;
pub use lint::lint;

use crate::{Problem, ProblemError, ServiceConfig};

/// The document of `routes`. Nothing is opened and nothing is served.
pub fn document(title: &str, description: &str, routes: impl FnOnce(&mut ServiceConfig<'_>)) -> OpenApi {
    let (_, mut document) = actix_web::App::new().into_utoipa_app().configure(routes).split_for_parts();
    document.info = InfoBuilder::new()
        .title(title)
        .description(Some(description))
        .version(concat!("v", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR")))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert("Problem".to_owned(), Problem::schema());
    components.schemas.insert(ProblemError::name().into_owned(), ProblemError::schema());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token of this installation. The names listed at an operation are the roles, any of which is enough.",
        ))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document
}

/// The document as committed: exact, and indented JSON with sorted keys, so that the same routes give the same bytes.
pub fn render(document: &OpenApi) -> String {
    let value = sorted(exact::exact(serde_json::to_value(document).expect("API documents are JSON")));
    let mut text = serde_json::to_string_pretty(&value).expect("API documents are JSON");
    text.push('\n');
    text
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> = object.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries.into_iter().map(|(key, value)| (key, sorted(value))).collect()
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// A committed document that cannot be written, or is not what the code says.
#[derive(Debug, thiserror::Error)]
pub enum DriftError {
    /// The file cannot be read or written.
    #[error("{path}")]
    File {
        /// Which file.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file says something else.
    #[error(
        "{path} is not what the code says; run `cargo xtask generate`. First difference in line {line}:\n- {committed}\n+ {current}"
    )]
    Drift {
        /// Which file.
        path: String,
        /// Where they part, from 1.
        line: usize,
        /// What the file says there.
        committed: String,
        /// What the code says there.
        current: String,
    },
}

/// Writes the document to `path`, for `cargo xtask generate`.
pub fn write(path: &Path, document: &OpenApi) -> Result<(), DriftError> {
    std::fs::write(path, render(document))
        .map_err(|source| DriftError::File { path: path.display().to_string(), source })
}

/// Holds the committed document at `path` against the code. Never writes.
pub fn compare(path: &Path, document: &OpenApi) -> Result<(), DriftError> {
    let committed = std::fs::read_to_string(path)
        .map_err(|source| DriftError::File { path: path.display().to_string(), source })?;
    let current = render(document);
    if committed == current {
        return Ok(());
    }
    let (mut before, mut now) = (committed.lines(), current.lines());
    let mut line = 1;
    loop {
        let (committed, current) = (before.next(), now.next());
        if committed != current || committed.is_none() {
            return Err(DriftError::Drift {
                path: path.display().to_string(),
                line,
                committed: committed.unwrap_or("(end)").to_owned(),
                current: current.unwrap_or("(end)").to_owned(),
            });
        }
        line += 1;
    }
}
