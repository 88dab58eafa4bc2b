//! What can fail.

use clients::ClientError;

/// Why a resource could not be looked after, or the operator not go on.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The API server.
    #[error("the API server refused or did not answer")]
    Kube(#[from] kube::Error),
    /// Another service.
    #[error("a service of the system refused or did not answer")]
    Client(#[from] ClientError),
    /// Nothing came in time.
    #[error("{0} did not answer in time")]
    Late(&'static str),
    /// Another process acts now.
    #[error("the lease is lost: another operator acts")]
    Deposed,
    /// A resource without what every resource has.
    #[error("the resource has no {0}")]
    Incomplete(&'static str),
    /// Something that cannot be written as JSON.
    #[error("a resource cannot be written")]
    Json(#[from] serde_json::Error),
    /// The definitions of the custom resources are not there.
    #[error(
        "the API server does not know {0}: install the definitions first (helm install aforo-crds charts/aforo-crds, or \
         rollout-operator crds | kubectl apply -f -)"
    )]
    NoDefinitions(String),
    /// A setting that cannot work.
    #[error("the setting {0} cannot work: {1}")]
    Setting(&'static str, String),
}

impl OperatorError {
    /// A short stable word for metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Kube(_) => "kubernetes",
            Self::Client(_) => "service",
            Self::Late(_) => "late",
            Self::Deposed => "deposed",
            Self::Incomplete(_) | Self::Json(_) => "resource",
            Self::NoDefinitions(_) | Self::Setting(..) => "setting",
        }
    }
}

/// Whether the API server does not have what was asked for, or its kind. Of a whole group that it never heard of it says so in
/// plain text and without a reason, which `is_not_found` does not know.
pub fn is_absent(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_in_plain_text_is_absent_too() {
        let told = |reason: &str, code| {
            kube::Error::Api(Box::new(kube::core::Status::failure("404 page not found", reason).with_code(code)))
        };
        assert!(is_absent(&told("Failed to parse error data", 404)) && is_absent(&told("NotFound", 404)));
        assert!(!is_absent(&told("Forbidden", 403)));
    }
}
