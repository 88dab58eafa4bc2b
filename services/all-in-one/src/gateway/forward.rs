//! Passing a request on and its answer back, both as streams: a bulk request is answered while it is still being sent.
//!
//! A service that is just being replaced takes no connection for a moment: the request waits for it, for nothing of it
//! was sent. What only reads is also sent again when the connection broke.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use events::Service;
use futures_util::{StreamExt as _, stream};
use reqwest::header::HeaderName;
use rest::Problem;
use tokio::sync::{Mutex, mpsc};

use super::Gateway;

/// How often a request is sent again to a service that takes no connection: for ten seconds.
const TRIES: u32 = 50;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(200);
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

/// Passes a request to the service that has its path, and counts it.
pub async fn forward(request: HttpRequest, body: web::Payload, gateway: web::Data<Gateway>) -> HttpResponse {
    let began = gateway.clock.instant();
    let service = gateway.paths.service(request.method(), request.path());
    let answer = match service {
        Some(service) => pass_on(&request, body, &gateway, service).await,
        None => Err(Problem::not_found(format!("path {}", request.path()))),
    };
    let answer = answer.unwrap_or_else(HttpResponse::from_error);
    gateway.counts.answered(service, answer.status(), gateway.clock.instant().duration_since(began));
    answer
}

async fn pass_on(
    request: &HttpRequest,
    body: web::Payload,
    gateway: &Gateway,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let method = reqwest::Method::from_str(request.method().as_str())
        .map_err(|_| Problem::bad_request("method-unknown", "The method is none of HTTP"))?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let url = format!("{}{target}", gateway.peers.url(service).trim_end_matches('/'));
    let only_reads = method == reqwest::Method::GET || method == reqwest::Method::HEAD;
    let mut onward = gateway.http.request(method, url);
    for (name, value) in request.headers() {
        if name != "host" && !OF_ONE_CONNECTION.contains(&name.as_str()) {
            onward = onward.header(name.as_str(), value.as_bytes());
        }
    }
    let has_body =
        request.headers().contains_key("content-length") || request.headers().contains_key("transfer-encoding");
    let body = has_body.then(|| taken_elsewhere(body));
    let mut tries = 0;
    let answer = loop {
        let sent = onward.try_clone().ok_or_else(|| Problem::overloaded(1))?;
        let sent = match &body {
            Some(body) => sent.body(onward_body(Arc::clone(body))),
            None => sent,
        };
        match sent.send().await {
            Ok(answer) => break answer,
            Err(error) if tries < TRIES && (error.is_connect() || only_reads && error.is_request()) => tries += 1,
            Err(error) => {
                tracing::warn!(%service, %error, "a service does not answer");
                return Err(Problem::overloaded(1).with_detail(format!("{service} does not answer; try again")));
            }
        }
        gateway.counts.again();
        actix_web::rt::time::sleep(PAUSE).await;
    };
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

/// The pieces of a body, for another thread.
type Pieces = Arc<Mutex<mpsc::Receiver<Result<Bytes, std::io::Error>>>>;

/// A body that the other connection can take to another thread.
fn taken_elsewhere(mut body: web::Payload) -> Pieces {
    let (pieces, taken) = mpsc::channel(PIECES);
    actix_web::rt::spawn(async move {
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| std::io::Error::other(error.to_string()));
            let broken = piece.is_err();
            if pieces.send(piece).await.is_err() || broken {
                break;
            }
        }
    });
    Arc::new(Mutex::new(taken))
}

/// The same as the body of a request. Nothing is taken from it before there is a connection.
fn onward_body(pieces: Pieces) -> reqwest::Body {
    reqwest::Body::wrap_stream(stream::unfold(pieces, |pieces| async move {
        let piece = pieces.lock().await.recv().await?;
        Some((piece, pieces))
    }))
}
