//! The connection, the token, and how answers and refusals are read.

use std::path::Path;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{ClientError, Problem};

/// A caller of one installation. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    /// Calls `base_url` (`https://host` or `http://host:port`) with `token`, trusting the system's authorities.
    pub fn new(base_url: &str, token: impl Into<String>) -> Result<Self, ClientError> {
        Self::trusting(None, base_url, token)
    }

    /// The same, trusting the authorities in the PEM file `authorities` too: those of an administration's own.
    pub fn trusting(authorities: Option<&Path>, base_url: &str, token: impl Into<String>) -> Result<Self, ClientError> {
        let http = if base_url.starts_with("https://") {
            crate::http::https(authorities)?
        } else if base_url.starts_with("http://") {
            crate::http::http()?
        } else {
            let reason = "it must start with https:// or http://";
            return Err(ClientError::Url { url: base_url.to_owned(), reason });
        };
        Ok(Self { http, base: base_url.trim_end_matches('/').to_owned(), token: token.into() })
    }

    /// The same installation with another token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: token.into(), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, Option<String>)],
    ) -> Result<T, ClientError> {
        read(send(self.request(Method::GET, path).query(&given(query))).await?).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, Option<String>)],
        body: &(impl Serialize + ?Sized),
    ) -> Result<T, ClientError> {
        self.send_json(Method::POST, path, query, body).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> Result<T, ClientError> {
        self.send_json(Method::PUT, path, &[], body).await
    }

    async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, Option<String>)],
        body: &(impl Serialize + ?Sized),
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(ClientError::Request)?;
        let request = self.request(method, path).query(&given(query));
        read(send(request.header("content-type", "application/json").body(body)).await?).await
    }

    /// The lines of an answer of lines.
    pub(crate) async fn get_lines<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, Option<String>)],
    ) -> Result<Vec<T>, ClientError> {
        let response = send(self.request(Method::GET, path).query(&given(query))).await?;
        let body = response.bytes().await.map_err(ClientError::Unreachable)?;
        let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.iter().all(u8::is_ascii_whitespace));
        lines.map(|line| serde_json::from_slice(line).map_err(|error| ClientError::Answer(Box::new(error)))).collect()
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        read(send(self.request(Method::DELETE, path)).await?).await
    }

    pub(crate) async fn get_bytes(&self, path: &str) -> Result<Bytes, ClientError> {
        send(self.request(Method::GET, path)).await?.bytes().await.map_err(ClientError::Unreachable)
    }

    /// Whether the process is ready to serve.
    pub async fn ready(&self) -> Result<bool, ClientError> {
        let response = self.request(Method::GET, "/ready").send().await.map_err(ClientError::Unreachable)?;
        Ok(response.status() == StatusCode::OK)
    }

    /// The process's metrics, as text.
    pub async fn metrics(&self) -> Result<String, ClientError> {
        let bytes = self.get_bytes("/metrics").await?;
        String::from_utf8(bytes.to_vec()).map_err(|error| ClientError::Answer(Box::new(error)))
    }
}

fn given<'a>(query: &[(&'a str, Option<String>)]) -> Vec<(&'a str, String)> {
    query.iter().filter_map(|(name, value)| Some((*name, value.clone()?))).collect()
}

/// Sends; a refusal becomes an error.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, ClientError> {
    let response = request.send().await.map_err(ClientError::Unreachable)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.bytes().await.map_err(ClientError::Unreachable)?;
    // A proxy in between may answer without a problem.
    let problem = serde_json::from_slice(&body).unwrap_or_else(|_| Problem {
        title: status.canonical_reason().unwrap_or("refused").to_owned(),
        status: status.as_u16(),
        code: String::new(),
        detail: Some(String::from_utf8_lossy(&body).chars().take(200).collect()),
        errors: Vec::new(),
        retry_after: None,
        more: std::collections::BTreeMap::new(),
    });
    Err(ClientError::Refused(Box::new(problem)))
}

pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ClientError> {
    let body = response.bytes().await.map_err(ClientError::Unreachable)?;
    serde_json::from_slice(&body).map_err(|error| ClientError::Answer(Box::new(error)))
}

/// A code as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stay_within_their_segment() {
        assert_eq!(segment("118"), "118");
        assert_eq!(segment("../a b?ñ"), "..%2Fa%20b%3F%C3%B1");
    }

    #[test]
    fn what_cannot_be_called_is_told_at_once() {
        let absent = Path::new("/absent/authorities.pem");
        let error = Client::trusting(Some(absent), "https://customs.example", "").unwrap_err();
        assert!(error.to_string().contains("/absent/authorities.pem"), "{error}");
        assert!(Client::new("https://customs.example", "").is_ok());
        assert!(Client::new("customs.example", "").is_err());
        assert!(Client::new("http://127.0.0.1:1/", "").is_ok());
    }
}
