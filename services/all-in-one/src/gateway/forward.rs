//! Passing a request on and its answer back, both as streams: a bulk request is answered while it is still being sent.

use std::str::FromStr as _;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::header::HeaderName;
use rest::Problem;
use tokio::sync::mpsc;

use super::Gateway;

/// Pieces of a body under way between the two connections.
const PIECES: usize = 16;
/// Headers of one connection, which do not go on to the next.
const OF_ONE_CONNECTION: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
];

/// Passes a request to the service that has its path.
pub async fn forward(
    request: HttpRequest,
    body: web::Payload,
    gateway: web::Data<Gateway>,
) -> Result<HttpResponse, Problem> {
    let Some(service) = gateway.paths.service(request.method(), request.path()) else {
        return Err(Problem::not_found(format!("path {}", request.path())));
    };
    let method = reqwest::Method::from_str(request.method().as_str())
        .map_err(|_| Problem::bad_request("method-unknown", "The method is none of HTTP"))?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let url = format!("{}{target}", gateway.peers.url(service).trim_end_matches('/'));
    let mut onward = gateway.http.request(method, url);
    for (name, value) in request.headers() {
        if name != "host" && !OF_ONE_CONNECTION.contains(&name.as_str()) {
            onward = onward.header(name.as_str(), value.as_bytes());
        }
    }
    if request.headers().contains_key("content-length") || request.headers().contains_key("transfer-encoding") {
        onward = onward.body(onward_body(body));
    }
    let answer = onward.send().await.map_err(|error| {
        tracing::warn!(%service, %error, "a service does not answer");
        Problem::overloaded(1).with_detail(format!("{service} does not answer; try again"))
    })?;
    let status = StatusCode::from_u16(answer.status().as_u16()).map_err(|error| Problem::internal(&error))?;
    let mut response = HttpResponse::build(status);
    let length = answer.content_length();
    for (name, value) in answer.headers() {
        if !own_header(name) {
            response.append_header((name.as_str(), value.as_bytes()));
        }
    }
    let pieces = answer.bytes_stream();
    Ok(match length {
        Some(length) => response.body(SizedStream::new(length, pieces)),
        None => response.streaming(pieces),
    })
}

/// Whether the connection to the client says it itself.
fn own_header(name: &HeaderName) -> bool {
    name == "content-length" || OF_ONE_CONNECTION.contains(&name.as_str())
}

/// A body that the other connection can take to another thread.
fn onward_body(mut body: web::Payload) -> reqwest::Body {
    let (pieces, taken) = mpsc::channel::<Result<Bytes, std::io::Error>>(PIECES);
    actix_web::rt::spawn(async move {
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| std::io::Error::other(error.to_string()));
            let broken = piece.is_err();
            if pieces.send(piece).await.is_err() || broken {
                break;
            }
        }
    });
    reqwest::Body::wrap_stream(stream::unfold(taken, |mut taken| async move { Some((taken.recv().await?, taken)) }))
}
